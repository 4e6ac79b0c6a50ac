import { documentId, listedEnd } from '../../core/contact-document.ts';
import { failure } from '../../core/errors.ts';
import type { ContactPage, ContactQuery, Store, TagCount } from '../../core/store.ts';
import { type Database, reading } from './database.ts';
import { countOf, havingTags, IS_KNOWN, likePatterns, matching } from './fragments.ts';
import { EVER_AFTER, EVER_BEFORE, idOrNobody } from './ids.ts';
import { makeSearchEdges } from './search-edges.ts';

/** Most needles of a search whose statement is prepared once a connection: of longer ones there would be too many. */
const MOST_PREPARED = 2;

export function makePages(database: Database): Pick<Store['contacts'], 'page' | 'tags'> {
  const { query } = database;
  const edges = makeSearchEdges(database);
  return {
    page: (accountId, audienceId, asked) =>
      reading(async () => {
        const isBack = asked.direction === 'before';
        const { needles, tags = [] } = asked;
        const audience = idOrNobody(audienceId);
        // Behind a page one more is read, to know whether there is one.
        const values = [
          audience,
          idOrNobody(accountId),
          isFirst(asked) ? edges.of(audience) : (asked.position ?? (isBack ? EVER_AFTER : EVER_BEFORE)),
          isBack ? asked.size : asked.size + 1,
          ...likePatterns(needles),
          ...tags,
          ...(isNearby(asked) ? [asked.total] : []),
        ];
        const isPlannedAnew = needles.length > MOST_PREPARED || tags.length > 0;
        const [row] = await query<PageRow>(pageStatement(asked), values, { isPlannedAnew });
        if (!row!.is_known) throw failure(1301);
        const page = pageOf(row!, asked, listedEnd(accountId, audienceId));
        if (isFirst(asked)) edges.learn(audience, row!.total!);
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
 * One statement, so that page and total are of one moment. A search collects the ids of all that match once, counts them when that
 * is asked for, and takes the first. What has a tag lies in order already, and is only counted.
 */
function pageStatement(asked: ContactQuery): string {
  if (isFirst(asked)) return firstPage(asked);
  const { direction, needles, tags = [], count } = asked;
  const isBack = direction === 'before';
  const collects = needles.length > 0;
  const of = matchesOf(needles, tags, 5);
  const matches = `matches AS MATERIALIZED (SELECT id FROM ${of.source} WHERE ${of.condition}),`;
  const looksNear = isNearby(asked);
  const source = collects ? 'matches' : of.source;
  const condition = collects ? 'true' : of.condition;
  const isBare = of.source !== 'contacts';
  const counted = collects ? 'matches' : `${of.source} WHERE ${of.condition}`;
  const total = !count ? 'NULL' : isBare ? `(SELECT count(*)::float8 FROM ${counted})` : countOf('$1');
  return `
    WITH ${looksNear ? near(needles) : ''} ${collects ? matches : ''} places AS (
      SELECT id${isBare ? '' : ', document'} FROM ${source}
      WHERE ${condition} AND id ${isBack ? '<' : '>'} $3${looksNear ? ' AND NOT (SELECT yes FROM is_near)' : ''}
      ORDER BY id ${isBack ? 'DESC' : 'ASC'} LIMIT $4
    ), page AS (
      SELECT id, ${isBare ? DOCUMENT : 'document'} AS document FROM places
      ${looksNear ? 'UNION ALL SELECT id, document FROM near WHERE (SELECT yes FROM is_near)' : ''}
    )
    SELECT ${IS_KNOWN} AS is_known, ${PAGE},
      ${isBack ? `EXISTS (SELECT FROM ${source} WHERE ${condition} AND id >= $3)` : 'NULL::boolean'} AS has_next,
      ${total} AS total
    FROM page`;
}

/** Of a contact whose place is known. */
const DOCUMENT = '(SELECT document FROM contacts WHERE audience_id = $1 AND contacts.id = places.id)';
const PAGE = `string_agg(document, E'\\n' ORDER BY id) AS documents, count(*)::int AS count`;

/** Whether it is the page that a search begins with. */
function isFirst({ direction, position, needles, count }: ContactQuery): boolean {
  return direction === 'after' && position === undefined && needles.length > 0 && count;
}

/**
 * Reads all that match once: counts them, and gathers those up to the edge, $3. When these do not make the page, they are read again.
 *
 * The first of 100,000 contacts for `mar`, which 6,119 have, takes the database 3.2 ms this way, most of it for reading the texts of
 * those 6,119. Ways that were tried: all matches gathered as rows, 4.5 (as an array in order 4.3, with a window's count 4.6);
 * besides, the nearest contacts looked at one by one before the others are counted, 5.0; all gathered, with the texts among the
 * documents, 8.3, and planned for its words, 9; the audience before the words in the index, 0.2 more. Where the planner chose
 * to read the whole audience, because it knew nothing of a table that had just been filled, 20.
 */
function firstPage({ needles, tags = [] }: ContactQuery): string {
  const { source, condition } = matchesOf(needles, tags, 5);
  return `
    WITH met AS MATERIALIZED (
      SELECT count(*) AS total, coalesce(array_agg(id) FILTER (WHERE id <= $3), '{}') AS ids
      FROM ${source} WHERE ${condition}
    ), is_short AS MATERIALIZED (
      SELECT cardinality(ids) < least(total, $4) AS yes FROM met
    ), candidates AS (
      SELECT unnest(ids) AS id FROM met WHERE NOT (SELECT yes FROM is_short)
      UNION ALL SELECT id FROM ${source} WHERE ${condition} AND (SELECT yes FROM is_short)
    ), places AS (
      SELECT id FROM candidates ORDER BY id LIMIT $4
    ), page AS (
      SELECT id, ${DOCUMENT} AS document FROM places
    )
    SELECT ${IS_KNOWN} AS is_known, ${PAGE}, NULL::boolean AS has_next, (SELECT total::float8 FROM met) AS total
    FROM page`;
}

/** Whether a page is first looked for among the contacts next to it: when the walk tells how many it will meet there. */
function isNearby({ direction, needles, tags = [], count, total }: ContactQuery): boolean {
  return direction === 'after' && needles.length > 0 && tags.length === 0 && !count && total !== undefined;
}

/**
 * Looks at the next contacts one by one until the page is full, where that is less work than collecting all that match: where
 * many do. They may lie unevenly: it goes four times as far as they should reach, and leaves it at that.
 */
function near(needles: string[]): string {
  const total = `$${5 + needles.length}::float8`;
  const reach = `CASE WHEN ${total} * ${total} > 100 * count THEN ceil(4 * $4 * count / ${total}) ELSE 0 END`;
  return `near AS MATERIALIZED (
      SELECT next.id, next.document FROM (
        SELECT id, document FROM contacts WHERE audience_id = $1 AND id > $3 ORDER BY id
        LIMIT (SELECT (${reach})::bigint FROM (SELECT ${countOf('$1')} AS count) AS whole)
      ) AS next, LATERAL (
        SELECT FROM contact_search
        WHERE audience_id = $1 AND contact_search.id = next.id${matching(needles, 5)} OFFSET 0
      ) AS its
      ORDER BY next.id LIMIT $4
    ), is_near AS MATERIALIZED (SELECT count(*) = $4 AS yes FROM near),`;
}

const utf8 = new TextEncoder();

/** Where contacts that match come from: without a search all that have a tag lie together, in their order. */
export function matchesOf(needles: string[], tags: string[], first: number): { source: string; condition: string } {
  if (needles.length > 0 || tags.length === 0) {
    const source = needles.length > 0 ? 'contact_search' : 'contacts';
    const match = matching(needles, first) + havingTags(source, tags, first + needles.length);
    return { source, condition: `audience_id = $1${match}` };
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
