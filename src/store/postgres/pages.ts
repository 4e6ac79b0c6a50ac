import { documentId, listedEnd } from '../../core/contact-document.ts';
import { failure } from '../../core/errors.ts';
import type { ContactPage, ContactQuery, Store, TagCount } from '../../core/store.ts';
import { type Database, reading } from './database.ts';
import { countOf, havingTags, IS_KNOWN } from './fragments.ts';
import { EVER_AFTER, EVER_BEFORE, idOrNobody } from './ids.ts';
import { searchPage } from './search-page.ts';

export function makePages(database: Database): Pick<Store['contacts'], 'page' | 'tags'> {
  const { query } = database;
  return {
    page: (accountId, audienceId, asked) =>
      reading(async () => {
        const ids: [string, string] = [idOrNobody(audienceId), idOrNobody(accountId)];
        if (asked.needles.length > 0) return searchPage(database, ids, asked, listedEnd(accountId, audienceId));
        const { tags = [], count } = asked;
        const isBack = asked.direction === 'before';
        // Behind a page one more is read, to know whether there is one.
        const values = [
          ...ids,
          asked.position ?? (isBack ? EVER_AFTER : EVER_BEFORE),
          isBack ? asked.size : asked.size + 1,
          ...tags,
        ];
        const [row] = await query<PageRow>(pageStatement(asked), values, { isPlannedAnew: tags.length > 0 });
        if (!row!.is_known) throw failure(1301);
        const page = pageOf(row!, asked, listedEnd(accountId, audienceId));
        return count ? { ...page, total: row!.total! } : page;
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

/** One statement, so that page and total are of one moment. What has a tag lies in order already, and is only counted. */
function pageStatement({ direction, tags = [], count }: ContactQuery): string {
  const isBack = direction === 'before';
  const isTagged = tags.length > 0;
  const source = isTagged ? 'contact_tags' : 'contacts';
  const condition = `audience_id = $1${isTagged ? ` AND tag = $5${havingTags(source, tags.slice(1), 6)}` : ''}`;
  const all = isTagged ? `(SELECT count(*)::float8 FROM ${source} WHERE ${condition})` : countOf('$1');
  return `
    WITH places AS (
      SELECT id${isTagged ? '' : ', document'} FROM ${source}
      WHERE ${condition} AND id ${isBack ? '<' : '>'} $3 ORDER BY id ${isBack ? 'DESC' : 'ASC'} LIMIT $4
    ), page AS (
      SELECT id, ${isTagged ? DOCUMENT : 'document'} AS document FROM places
    )
    SELECT ${IS_KNOWN} AS is_known,
      string_agg(document, E'\\n' ORDER BY id) AS documents, count(*)::int AS count,
      ${isBack ? `EXISTS (SELECT FROM ${source} WHERE ${condition} AND id >= $3)` : 'NULL::boolean'} AS has_next,
      ${count ? all : 'NULL'} AS total
    FROM page`;
}

/** Of a contact whose place is known. */
const DOCUMENT = '(SELECT document FROM contacts WHERE audience_id = $1 AND contacts.id = places.id)';

const utf8 = new TextEncoder();

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
