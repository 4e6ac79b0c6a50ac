import { documentId, listedEnd } from '../../core/contact-document.ts';
import { failure } from '../../core/errors.ts';
import type { ContactPage, ContactQuery, Store, TagCount } from '../../core/store.ts';
import { type Database, reading } from './database.ts';
import { countOf, havingTags, IS_KNOWN, likePatterns, matching } from './fragments.ts';
import { EVER_AFTER, EVER_BEFORE, idOrNobody } from './ids.ts';

export function makePages({ query }: Database): Pick<Store['contacts'], 'page' | 'tags'> {
  return {
    page: (accountId, audienceId, asked) =>
      reading(async () => {
        const isBack = asked.direction === 'before';
        const { needles, tags = [] } = asked;
        // Behind a page one more is read, to know whether there is one.
        const values = [
          idOrNobody(audienceId),
          idOrNobody(accountId),
          asked.position ?? (isBack ? EVER_AFTER : EVER_BEFORE),
          isBack ? asked.size : asked.size + 1,
          ...likePatterns(needles),
          ...tags,
        ];
        const [row] = await query<PageRow>(pageStatement(asked), values, {
          isPlannedAnew: needles.length + tags.length > 0,
        });
        if (!row!.is_known) throw failure(1301);
        const page = pageOf(row!, asked, listedEnd(accountId, audienceId));
        return asked.count ? { ...page, total: row!.total! } : page;
      }),

    tags: (accountId, audienceId) =>
      reading(async () => {
        const rows = await query<TagCount & { is_known: boolean }>(TAGS, [
          idOrNobody(audienceId),
          idOrNobody(accountId),
        ]);
        if (!rows[0]!.is_known) throw failure(1301);
        return rows.filter(({ tag }) => tag !== null).map(({ tag, contacts_count }) => ({ tag, contacts_count }));
      }),
  };
}

/** Tags to tell of. */
const MAX_TAGS_LISTED = 1000;

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
 * counts them and takes the first. What has a tag lies in order already, and is only counted.
 */
function pageStatement({ direction, needles, tags = [], count }: ContactQuery): string {
  const isBack = direction === 'before';
  const collects = count && needles.length > 0;
  const of = matchesOf(needles, tags, 5);
  const matches = `matches AS MATERIALIZED (SELECT id FROM ${of.source} WHERE ${of.condition}),`;
  // Sorting what was collected takes less room without documents.
  const source = collects ? 'matches' : of.source;
  const condition = collects ? 'true' : of.condition;
  const isTagged = of.source !== 'contacts';
  const isBare = collects || isTagged;
  const document = isBare
    ? '(SELECT document FROM contacts WHERE audience_id = $1 AND contacts.id = places.id)'
    : 'document';
  const counted = collects ? 'matches' : `${of.source} WHERE ${of.condition}`;
  const total = !count ? 'NULL' : collects || isTagged ? `(SELECT count(*)::float8 FROM ${counted})` : countOf('$1');
  return `
    WITH ${collects ? matches : ''} places AS (
      SELECT id${isBare ? '' : ', document'} FROM ${source}
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

/** Where contacts that match come from: without a search all that have a tag lie together, in their order. */
export function matchesOf(needles: string[], tags: string[], first: number): { source: string; condition: string } {
  if (needles.length > 0 || tags.length === 0) {
    const match = matching(needles, first) + havingTags('contacts', tags, first + needles.length);
    return { source: 'contacts', condition: `audience_id = $1${match}` };
  }
  const others = havingTags('contact_tags', tags.slice(1), first + 1);
  return { source: 'contact_tags', condition: `audience_id = $1 AND tag = $${first}${others}` };
}

const TAGS = `
  WITH counted AS (
    SELECT tag, count(*)::float8 AS contacts_count FROM contact_tags WHERE audience_id = $1
    GROUP BY tag ORDER BY 2 DESC, tag LIMIT ${MAX_TAGS_LISTED}
  )
  SELECT whole.is_known, counted.*
  FROM (SELECT ${IS_KNOWN} AS is_known) AS whole LEFT JOIN counted ON whole.is_known
  ORDER BY contacts_count DESC, tag`;

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
