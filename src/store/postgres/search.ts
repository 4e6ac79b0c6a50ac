/** What a search finds: from the postings of an audience's segments, and from what was written since these were made. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ContactFilter } from '../../core/store.ts';
import type { Query } from './database.ts';
import { EVER_BEFORE } from './ids.ts';
import { findSlots, isWanted, termsOf, type Wanted, wanted } from './postings.ts';
import type { WrittenLine } from './segments.ts';

/** Most parts of a search whose statement is prepared once a connection: of longer ones there would be too many. */
const MOST_PREPARED = 2;
/** Segments that are looked into before others have their turn. */
const TURN = 64;

/** The contacts of one segment that are wanted, as far as its postings say. */
export interface SegmentMatches {
  segment: number;
  /** Its contacts have ids from this on. */
  first_id: string;
  /** Places among its ids, rising. */
  slots: Int32Array;
}

/** Contacts that match at one moment: those in the segments without those that have left, and those that have come. */
export interface Matches {
  /** In the order of their contacts' ids. */
  segments: SegmentMatches[];
  left: Set<string>;
  /** In the order of ids. */
  come: string[];
}

/** How many there are. */
export function countMatches({ segments, left, come }: Matches): number {
  return segments.reduce((sum, { slots }) => sum + slots.length, 0) - left.size + come.length;
}

/**
 * Finds an audience's contacts, in a transaction that sees one moment.
 * @param position an id: segments before the one it belongs to are not looked at, nor changes up to it. @param most segments that
 *   are looked at; all when it is null.
 */
export async function findMatches(
  query: Query,
  audienceId: string,
  filter: ContactFilter,
  position: string = EVER_BEFORE,
  most: number | null = null,
): Promise<Matches> {
  const asked = wanted(filter);
  const [rows, changes] = await Promise.all([
    query<PostingRow>(POSTINGS, [audienceId, termsOf(asked), position, most]),
    readChanges(query, audienceId, asked, position),
  ]);
  return { segments: await findInSegments(rows, asked), ...netChanges(changes, asked) };
}

interface PostingRow {
  segment: number;
  first_id: string;
  term: string;
  list: Uint8Array;
}

const POSTINGS = `
  SELECT part.segment, part.first_id, posting.term, posting.list
  FROM (
    SELECT segment, first_id FROM contact_segments WHERE audience_id = $1 AND first_id >= coalesce((
      SELECT first_id FROM contact_segments WHERE audience_id = $1 AND first_id <= $3 ORDER BY first_id DESC LIMIT 1
    ), $3)
    ORDER BY first_id LIMIT $4
  ) AS part, unnest($2::text[]) AS wanted (term), LATERAL (
    SELECT term, list FROM contact_postings WHERE audience_id = $1 AND segment = part.segment AND term = wanted.term COLLATE "C"
    OFFSET 0
  ) AS posting
  ORDER BY part.first_id`;

/** @param rows those of a segment together. */
async function findInSegments(rows: PostingRow[], asked: Wanted): Promise<SegmentMatches[]> {
  const found: SegmentMatches[] = [];
  let looked = 0;
  for (let from = 0, to = 0; from < rows.length; from = to) {
    const { segment, first_id } = rows[from]!;
    const lists = new Map<string, Uint8Array>();
    for (; rows[to]?.segment === segment; to++) lists.set(rows[to]!.term, rows[to]!.list);
    const slots = findSlots(lists, asked);
    if (++looked % TURN === 0) await nextTurn();
    if (slots.length > 0) found.push({ segment, first_id, slots });
  }
  return found;
}

/** Changes behind a position of contacts that are wanted, or were, and perhaps of others. */
function readChanges(
  query: Query,
  audienceId: string,
  { needles, tags }: Wanted,
  position: string,
): Promise<WrittenLine[]> {
  const parts = [...needles, ...tags];
  const hasAll = (line: string) => parts.map((_, index) => `strpos(${line}, $${index + 3}) > 0`).join(' AND ');
  const text = `
    SELECT id, before, after FROM contact_changes
    WHERE audience_id = $1 AND id > $2 AND (${hasAll('before')} OR ${hasAll('after')})`;
  return query<WrittenLine>(text, [audienceId, position, ...parts], { isPlannedAnew: parts.length > MOST_PREPARED });
}

/**
 * What the changes come to. Of a contact that was written several times, in whatever order, all but the first line it was found
 * by and the last one cancel out.
 */
function netChanges(changes: WrittenLine[], asked: Wanted): Pick<Matches, 'left' | 'come'> {
  const net = new Map<string, number>();
  for (const { id, before, after } of changes) {
    const more = Number(after !== null && isWanted(after, asked)) - Number(before !== null && isWanted(before, asked));
    net.set(id, (net.get(id) ?? 0) + more);
  }
  const left = new Set<string>();
  const come: string[] = [];
  for (const [id, more] of net) {
    if (more < 0) left.add(id);
    if (more > 0) come.push(id);
  }
  return { left, come: come.sort() };
}
