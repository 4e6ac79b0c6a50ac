/**
 * Takes what was written into posting lists, a segment at a time: a part of an audience that lies together in the order of ids.
 * Everything happens in one transaction that sees one moment. What is written meanwhile stays among the changes, for it says what
 * a contact was found by before and is after, whatever the postings have.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Database, Query } from './database.ts';
import { fromLines } from './fragments.ts';
import { EVER_AFTER, EVER_BEFORE } from './ids.ts';
import { changeLists, gatherPostings, type LineChange, termsOfChanges } from './postings.ts';

export interface SegmentSizes {
  /** Contacts of a segment. */
  contacts: number;
  /** So many changes of an audience are taken in; a search looks at each: 0.3 µs. Of a large audience more may wait. */
  changes: number;
  /**
   * Of a smaller part of a segment's contacts that changed the terms they have and had are changed, 0.4 ms each; of more the whole
   * segment is made anew, 10 µs each of its contacts.
   */
  fewChanged: number;
  /**
   * Fewer changes than make a segment wait so long for more, in milliseconds: an import fills a segment in a third of a second, and each
   * is then made once.
   */
  patience: number;
}

export const SEGMENT_SIZES: SegmentSizes = { contacts: 8192, changes: 1000, fewChanged: 1 / 30, patience: 500 };

/** Of a large audience this part of its contacts may wait, and so many at the most. */
const WAITING = 1 / 100;
const MOST_WAITING = 8000;
/** Contacts whose terms are gathered before others have their turn. */
const TURN = 256;
/** Changes that are counted at once. */
const LOOK = 50_000;
const ID_BYTES = 16;

export interface Segment {
  segment: number;
  first_id: string;
  /** The last contact of its postings; of none an id before all. */
  last_id: string;
  /** Where the next one begins. */
  end: string;
  contacts: number;
  changes: number;
}

/**
 * Takes an audience's changes in one of its segments in, where there are enough; about how many. Undefined when another
 * process is at it.
 * @param least so many changes of the audience are enough; of a large one more may wait.
 */
export function takeIn(
  { transaction }: Database,
  audienceId: string,
  sizes: SegmentSizes,
  least: number = sizes.changes,
): Promise<number | undefined> {
  return transaction(async (query) => {
    const [lock] = await query<{ is_held: boolean }>(HOLD, [audienceId]);
    if (lock === undefined) return 0;
    if (!lock.is_held) return undefined;
    const segments = await readSegments(query, audienceId);
    const waiting = segments.reduce((sum, { changes }) => sum + changes, 0);
    const mayWait = Math.min(MOST_WAITING, segments.length * sizes.contacts * WAITING);
    if (waiting < Math.max(least, mayWait)) return 0;
    const segment = segments.reduce((most, each) => (each.changes > most.changes ? each : most));
    const isDone =
      segment.changes < segment.contacts * sizes.fewChanged && (await changePostings(query, audienceId, segment));
    if (!isDone) await makePostings(query, audienceId, segment, segments, sizes);
    return Math.min(segment.changes, sizes.contacts);
  }, 'derive');
}

/** In a deleted audience nothing is searched any more. */
const HOLD = `
  SELECT pg_try_advisory_xact_lock(hashtextextended($1::text, 7768847253)) AS is_held
  FROM audiences WHERE id = $1::uuid AND deleted_at IS NULL`;

/** An audience's segments, in their order; of one that has none the first as it will be. */
export async function readSegments(query: Query, audienceId: string): Promise<Segment[]> {
  const stored = await query<Omit<Segment, 'end' | 'changes'>>(SEGMENTS, [audienceId]);
  const segments =
    stored.length > 0 ? stored : [{ segment: 1, first_id: EVER_BEFORE, last_id: EVER_BEFORE, contacts: 0 }];
  const counts = await query<{ nth: number; count: number }>(CHANGES, [
    audienceId,
    segments.map((each) => each.first_id),
  ]);
  const changes = new Map(counts.map(({ nth, count }) => [nth - 1, count]));
  return segments.map((each, nth) => ({
    ...each,
    end: segments[nth + 1]?.first_id ?? EVER_AFTER,
    changes: changes.get(nth) ?? 0,
  }));
}

const SEGMENTS = `
  SELECT segment, first_id, length(ids) / ${ID_BYTES} AS contacts,
    CASE WHEN length(ids) = 0 THEN '${EVER_BEFORE}'
      ELSE encode(substr(ids, length(ids) - ${ID_BYTES - 1}, ${ID_BYTES}), 'hex')::uuid END AS last_id
  FROM contact_segments WHERE audience_id = $1 ORDER BY first_id`;

const CHANGES = `
  SELECT width_bucket(id, $2::uuid[]) AS nth, count(*)::int AS count
  FROM (SELECT id FROM contact_changes WHERE audience_id = $1 ORDER BY id LIMIT ${LOOK}) AS oldest GROUP BY 1`;

/** Makes a segment's postings anew. The last one ends where it is full, and another one begins. */
async function makePostings(
  query: Query,
  audienceId: string,
  { segment, first_id, last_id, end }: Segment,
  segments: Segment[],
  sizes: SegmentSizes,
): Promise<void> {
  const isLast = end === EVER_AFTER;
  const rows = isLast
    ? await query<Line>(LAST_LINES, [audienceId, first_id, last_id, sizes.contacts - 1])
    : await query<Line>(LINES, [audienceId, first_id, end]);
  const isFull = isLast && rows.length >= sizes.contacts;
  // Not before the last contact of the former postings, which may be gone.
  const cut = isFull ? idBehind(rows.at(-1)!.id > last_id ? rows.at(-1)!.id : last_id) : end;
  let next = Math.max(...segments.map((each) => each.segment)) + 1;

  await query('DELETE FROM contact_postings WHERE audience_id = $1 AND segment = $2', [audienceId, segment]);
  if (rows.length === 0 && !isLast && first_id !== EVER_BEFORE) {
    // The one before reaches to its end now.
    await query('DELETE FROM contact_segments WHERE audience_id = $1 AND segment = $2', [audienceId, segment]);
  } else {
    // An undo puts contacts back where others were made segments of meanwhile: there may be many more of them.
    const size = rows.length > 2 * sizes.contacts ? sizes.contacts : Math.max(1, rows.length);
    for (let from = 0; from === 0 || from < rows.length; from += size) {
      const own = from === 0 ? { segment, first_id } : { segment: next++, first_id: rows[from]!.id };
      await keepSegment(query, audienceId, own, rows.slice(from, from + size));
    }
  }
  if (isFull) await query(KEEP_SEGMENT, [audienceId, next, cut, Buffer.alloc(0)]);
  await query(DROP_CHANGES, [audienceId, first_id, cut]);
}

async function keepSegment(
  query: Query,
  audienceId: string,
  { segment, first_id }: Pick<Segment, 'segment' | 'first_id'>,
  rows: Line[],
): Promise<void> {
  const postings = gatherPostings();
  for (const [slot, { found_by }] of rows.entries()) {
    if (slot % TURN === TURN - 1) await nextTurn();
    postings.add(slot, found_by);
  }
  const ids = Buffer.from(rows.map(({ id }) => id.replaceAll('-', '')).join(''), 'hex');
  await query(KEEP_SEGMENT, [audienceId, segment, first_id, ids]);
  await keepLists(query, audienceId, segment, postings.lists());
}

/** What a contact is found by. */
export interface Line {
  id: string;
  found_by: string;
}

export const LINES = `
  SELECT id, found_by FROM contacts WHERE audience_id = $1 AND id >= $2 AND id < $3 ORDER BY id`;

/** As many as make it full, and in any case those that its postings have already. */
const LAST_LINES = `
  SELECT id, found_by FROM contacts WHERE audience_id = $1 AND id >= $2 AND id <= greatest($3, coalesce(
    (SELECT id FROM contacts WHERE audience_id = $1 AND id >= $2 ORDER BY id OFFSET $4 LIMIT 1), '${EVER_AFTER}'))
  ORDER BY id`;

const KEEP_SEGMENT = `
  INSERT INTO contact_segments (audience_id, segment, first_id, ids) VALUES ($1, $2, $3, $4)
  ON CONFLICT (audience_id, segment) DO UPDATE SET ids = excluded.ids`;

const DROP_CHANGES = 'DELETE FROM contact_changes WHERE audience_id = $1 AND id >= $2 AND id < $3';

/** Changes the lists of those terms that changed contacts have or had; whether that is enough. */
async function changePostings(query: Query, audienceId: string, { segment, first_id, end }: Segment): Promise<boolean> {
  const range = [audienceId, first_id, end];
  const [[stored], rows] = await Promise.all([
    query<{ ids: Uint8Array }>('SELECT ids FROM contact_segments WHERE audience_id = $1 AND segment = $2', [
      audienceId,
      segment,
    ]),
    query<WrittenLine>(READ_CHANGES, range),
  ]);
  const ids = Buffer.from(stored!.ids);
  const changes: LineChange[] = [];
  for (const [id, { before, after }] of netLines(rows)) {
    if (before === after) continue;
    const slot = slotOf(ids, id);
    // One that came late, and has no slot yet.
    if (slot === undefined && after !== undefined) return false;
    if (slot !== undefined) changes.push({ slot, before, after });
  }
  const terms = termsOfChanges(changes);
  const found = await query<{ term: string; list: Uint8Array }>(LISTS, [audienceId, segment, terms]);
  const lists = changeLists(new Map(found.map(({ term, list }) => [term, list])), changes);
  await keepLists(query, audienceId, segment, lists);
  await query('DELETE FROM contact_postings WHERE audience_id = $1 AND segment = $2 AND list = $3', [
    audienceId,
    segment,
    Buffer.alloc(0),
  ]);
  await query(DROP_CHANGES, range);
  return true;
}

/** What a contact was found by before a write, and after it. */
export interface WrittenLine {
  id: string;
  before: string | null;
  after: string | null;
}

/** What writes come to for each contact: lines between the first and the last are in two of them, and cancel out. */
export function netLines(rows: WrittenLine[]): Map<string, Pick<LineChange, 'before' | 'after'>> {
  const counts = new Map<string, Map<string, number>>();
  const count = (id: string, line: string | null, more: number) => {
    if (line === null) return;
    const lines = counts.get(id) ?? new Map<string, number>();
    counts.set(id, lines.set(line, (lines.get(line) ?? 0) + more));
  };
  for (const { id, before, after } of rows) {
    count(id, before, -1);
    count(id, after, 1);
  }
  return new Map(
    [...counts].map(([id, lines]) => {
      const lineOf = (wanted: number) => [...lines].find(([, sum]) => sum === wanted)?.[0];
      return [id, { before: lineOf(-1), after: lineOf(1) }];
    }),
  );
}

/** A contact's place among the ids of a segment; undefined when it is not there. */
function slotOf(ids: Buffer, id: string): number | undefined {
  const wanted = Buffer.from(id.replaceAll('-', ''), 'hex');
  let low = 0;
  let high = ids.length / ID_BYTES;
  while (low < high) {
    const middle = (low + high) >> 1;
    const order = ids.compare(wanted, 0, ID_BYTES, middle * ID_BYTES, (middle + 1) * ID_BYTES);
    if (order === 0) return middle;
    if (order < 0) low = middle + 1;
    else high = middle;
  }
  return undefined;
}

export const READ_CHANGES =
  'SELECT id, before, after FROM contact_changes WHERE audience_id = $1 AND id >= $2 AND id < $3';

const LISTS = `
  SELECT its.* FROM unnest($3::text[]) AS wanted (term), LATERAL (
    SELECT term, list FROM contact_postings WHERE audience_id = $1 AND segment = $2 AND term = wanted.term COLLATE "C"
    OFFSET 0
  ) AS its`;

async function keepLists(
  query: Query,
  audienceId: string,
  segment: number,
  lists: Map<string, Uint8Array>,
): Promise<void> {
  if (lists.size === 0) return;
  const entries = [...lists];
  let length = 0;
  const starts = entries.map(([, list]) => {
    length += list.length;
    return length - list.length + 1;
  });
  await query(KEEP_LISTS, [
    audienceId,
    segment,
    entries.map(([term]) => term).join('\n'),
    starts.join('\n'),
    entries.map(([, list]) => list.length).join('\n'),
    Buffer.concat(entries.map(([, list]) => list)),
  ]);
}

const KEEP_LISTS = `
  INSERT INTO contact_postings (audience_id, segment, term, list)
  SELECT $1, $2, term, substr($6::bytea, start, length)
  FROM unnest(${fromLines(3, 'text')}, ${fromLines(4, 'int')}, ${fromLines(5, 'int')}) AS its (term, start, length)
  ON CONFLICT (audience_id, segment, term) DO UPDATE SET list = excluded.list`;

/** The id right behind another. */
function idBehind(id: string): string {
  const hex = (BigInt(`0x${id.replaceAll('-', '')}`) + 1n).toString(16).padStart(32, '0');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}
