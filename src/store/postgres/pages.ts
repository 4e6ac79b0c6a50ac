import { documentId, listedEnd } from '../../core/contact-document.ts';
import { failure } from '../../core/errors.ts';
import type { ContactPage, ContactQuery, Store } from '../../core/store.ts';
import { type Database, reading } from './database.ts';
import { countOf, IS_KNOWN, likePatterns, matching } from './fragments.ts';
import { EVER_AFTER, EVER_BEFORE, idOrNobody } from './ids.ts';

export function makePages({ query }: Database): Pick<Store['contacts'], 'page'> {
  return {
    page: (accountId, audienceId, asked) =>
      reading(async () => {
        const isBack = asked.direction === 'before';
        const isSearch = asked.needles.length > 0;
        // Behind a page one more is read, to know whether there is one.
        const values = [
          idOrNobody(audienceId),
          idOrNobody(accountId),
          asked.position ?? (isBack ? EVER_AFTER : EVER_BEFORE),
          isBack ? asked.size : asked.size + 1,
          ...likePatterns(asked.needles),
        ];
        const [row] = await query<PageRow>(pageStatement(asked), values, { isPlannedAnew: isSearch });
        if (!row!.is_known) throw failure(1301);
        const page = pageOf(row!, asked, listedEnd(accountId, audienceId));
        return asked.count ? { ...page, total: row!.total! } : page;
      }),
  };
}

interface PageRow {
  is_known: boolean;
  /** One a line: a document holds no line break, it is escaped there. */
  documents: string | null;
  count: number;
  /** Of a page read backwards. */
  has_next: boolean | null;
  total: number | null;
}

/**
 * One statement, so that page and total are of one moment. With the total asked for, a search collects all that match once,
 * counts them and takes the first.
 */
function pageStatement({ direction, needles, count }: Pick<ContactQuery, 'direction' | 'needles' | 'count'>): string {
  const isBack = direction === 'before';
  const match = matching(needles, 5);
  const collects = count && needles.length > 0;
  const matches = `matches AS MATERIALIZED (SELECT id FROM contacts WHERE audience_id = $1${match}),`;
  // Sorting what was collected takes less room without documents.
  const source = collects ? 'matches' : 'contacts';
  const condition = collects ? 'true' : `audience_id = $1${match}`;
  const document = collects
    ? '(SELECT document FROM contacts WHERE audience_id = $1 AND contacts.id = places.id)'
    : 'document';
  const total = collects ? '(SELECT count(*)::float8 FROM matches)' : count ? countOf('$1') : 'NULL';
  return `
    WITH ${collects ? matches : ''} places AS (
      SELECT id${collects ? '' : ', document'} FROM ${source}
      WHERE ${condition} AND id ${isBack ? '<' : '>'} $3
      ORDER BY id ${isBack ? 'DESC' : 'ASC'} LIMIT $4
    ), page AS (
      SELECT id, ${document} AS document FROM places
    )
    SELECT ${IS_KNOWN} AS is_known, string_agg(document, E'\\n' ORDER BY id) AS documents, count(*)::int AS count,
      ${isBack ? `EXISTS (SELECT FROM ${source} WHERE ${condition} AND id >= $3)` : 'NULL::boolean'} AS has_next,
      ${total} AS total
    FROM page`;
}

const utf8 = new TextEncoder();

function pageOf({ documents, count, has_next }: PageRow, asked: ContactQuery, end: string): ContactPage {
  const hasNext = has_next ?? count > asked.size;
  if (documents === null) return { documents: new Uint8Array(0), count: 0, first: undefined, last: undefined, hasNext };
  const isOver = count > asked.size;
  const taken = isOver ? documents.slice(0, documents.lastIndexOf('\n')) : documents;
  const last = taken.lastIndexOf('\n') + 1;
  return {
    documents: utf8.encode(taken.slice(0, -1).replaceAll('}\n', `${end},`) + end),
    count: Math.min(count, asked.size),
    first: documentId(taken),
    last: documentId(taken.slice(last, last + 43)),
    hasNext,
  };
}
