/** Pages of what a search finds. */
import { failure } from '../../core/errors.ts';
import type { ContactPage, ContactQuery } from '../../core/store.ts';
import type { Database, Query } from './database.ts';
import { fromLines, IS_KNOWN, toLines } from './fragments.ts';
import { EVER_AFTER, EVER_BEFORE } from './ids.ts';
import { countMatches, findMatches, type Matches, type SegmentMatches } from './search.ts';

/** Segments that a page in the middle of a walk is looked for in, before all behind it are. */
const NEAR_SEGMENTS = 4;
/** Ids of a segment that lie no further apart are read together. */
const NEAR_SLOTS = 256;
/** Contacts that are read besides at the most, for those that have left. */
const SPARE = 200;

/** A page of a search, and its total, as they are at one moment. Raises 1301. @param end what a list adds to each document. */
export function searchPage(
  database: Database,
  [audienceId, accountId]: [audienceId: string, accountId: string],
  asked: ContactQuery,
  end: string,
): Promise<ContactPage> {
  return database.transaction(async (query) => {
    const isBack = asked.direction === 'before';
    const position = asked.position ?? (isBack ? EVER_AFTER : EVER_BEFORE);
    const isNear = !asked.count && !isBack;
    const [[start], matches] = await Promise.all([
      query<Start>(START, [audienceId, accountId, position]),
      findMatches(query, audienceId, asked, isNear ? position : EVER_BEFORE, isNear ? NEAR_SEGMENTS : null),
    ]);
    if (!start!.is_known) throw failure(1301);
    const read = (from: Matches) => readPage(query, audienceId, asked, position, start!, from);
    let page = await read(matches);
    // Where the near segments do not fill it by themselves others come before what the changes have.
    if (isNear && !page.isFull && start!.first_id !== null) {
      page = await read(await findMatches(query, audienceId, asked, position));
    }
    const { contacts, hasNext } = page;
    return {
      documents: utf8.encode(contacts.map(({ document }) => document.slice(0, -1) + end).join(',')),
      count: contacts.length,
      first: contacts[0]?.id,
      last: contacts.at(-1)?.id,
      hasNext,
      ...(asked.count && { total: countMatches(matches) }),
    };
  }, 'snapshot');
}

const utf8 = new TextEncoder();

/** Of the segment that a position belongs to; null where the audience has none. */
interface Start {
  is_known: boolean;
  first_id: string | null;
  /** How many of its contacts come up to the position, the position's own among them. */
  slot: number | null;
}

const START = `
  SELECT ${IS_KNOWN} AS is_known, segment.* FROM (VALUES (0)) AS always LEFT JOIN (
    SELECT first_id, muster_slot(ids, $3) AS slot FROM contact_segments
    WHERE audience_id = $1 AND first_id <= $3 ORDER BY first_id DESC LIMIT 1
  ) AS segment ON true`;

interface Row {
  id: string;
  document: string;
}

/**
 * Whether the segments alone fill it is told too.
 * @param matches from the position's segment on for a page forwards, and all for one backwards.
 */
async function readPage(
  query: Query,
  audienceId: string,
  { direction, size }: ContactQuery,
  position: string,
  start: Start,
  { segments, left, come }: Matches,
): Promise<{ contacts: Row[]; hasNext: boolean; isFull: boolean }> {
  const isBack = direction === 'before';
  const isAhead = (id: string) => (isBack ? id < position : id > position);
  const inWalk = <Items extends unknown[] | Int32Array>(items: Items) =>
    isBack ? (items.toReversed() as Items) : items;
  const parts = splitAt(segments, start);
  const most = size + 1;

  const found: Row[] = [];
  let isOwnThere = come.includes(position);
  const places = placesIn(inWalk(isBack ? parts.upTo : parts.behind), inWalk);
  for (let isOver = false; !isOver && found.length < most; ) {
    const runs = takeRuns(places, most + 1 + Math.min(left.size, SPARE));
    isOver = runs.length === 0;
    for (const row of isOver ? [] : await query<Row>(IN_RUNS, [audienceId, ...runColumns(runs)])) {
      if (left.has(row.id)) continue;
      isOwnThere ||= row.id === position;
      if (isAhead(row.id)) found.push(row);
    }
  }
  const isFull = found.length >= most;
  const coming = inWalk(come.filter(isAhead)).slice(0, most);
  if (coming.length > 0) found.push(...(await query<Row>(WITH_IDS, [audienceId, coming])));
  found.sort((one, other) => (one.id < other.id === isBack ? 1 : -1));

  const contacts = inWalk(found.slice(0, size));
  if (!isBack) return { contacts, hasNext: found.length > size, isFull };
  const isBehind = (id: string) => id > position;
  const count = parts.behind.reduce((sum, { slots }) => sum + slots.length, 0) - [...left].filter(isBehind).length;
  return { contacts, hasNext: isOwnThere || count > 0 || come.some(isBehind), isFull };
}

/** Matches up to a position, and those behind it. */
function splitAt(segments: SegmentMatches[], { first_id, slot: end }: Start) {
  const upTo: SegmentMatches[] = [];
  const behind: SegmentMatches[] = [];
  for (const each of segments) {
    if (each.first_id < first_id!) upTo.push(each);
    else if (each.first_id > first_id!) behind.push(each);
    else {
      const cut = each.slots.findIndex((slot) => slot >= end!);
      const at = cut < 0 ? each.slots.length : cut;
      upTo.push({ ...each, slots: each.slots.subarray(0, at) });
      behind.push({ ...each, slots: each.slots.subarray(at) });
    }
  }
  return { upTo, behind };
}

interface Place {
  segment: number;
  slot: number;
}

function* placesIn(segments: SegmentMatches[], inWalk: (slots: Int32Array) => Int32Array): Generator<Place> {
  for (const { segment, slots } of segments) for (const slot of inWalk(slots)) yield { segment, slot };
}

/** Slots of a segment that lie near each other. */
interface Run {
  segment: number;
  slots: number[];
}

/** Takes so many places, or what there is, in runs. */
function takeRuns(places: Generator<Place>, most: number): Run[] {
  const runs: Run[] = [];
  for (let count = 0; count < most; count++) {
    const place = places.next().value as Place | undefined;
    if (place === undefined) break;
    const last = runs.at(-1);
    if (last?.segment === place.segment && Math.abs(place.slot - last.slots.at(-1)!) <= NEAR_SLOTS) {
      last.slots.push(place.slot);
    } else {
      runs.push({ segment: place.segment, slots: [place.slot] });
    }
  }
  return runs;
}

function runColumns(runs: Run[]): string[] {
  const low = runs.map(({ slots }) => Math.min(slots[0]!, slots.at(-1)!));
  return [
    toLines(runs, ({ segment }) => segment),
    low.join('\n'),
    toLines(runs, ({ slots }) => Math.abs(slots[0]! - slots.at(-1)!) + 1),
    runs.map(({ slots }, index) => slots.map((slot) => slot - low[index]!).join(',')).join('\n'),
  ];
}

const IN_RUNS = `
  SELECT its.id, its.document
  FROM unnest(${fromLines(2, 'int')}, ${fromLines(3, 'int')}, ${fromLines(4, 'int')}, ${fromLines(5, 'text')})
      AS run (segment, low, length, slots),
    LATERAL (
      SELECT substr(ids, run.low * 16 + 1, run.length * 16) AS ids FROM contact_segments
      WHERE audience_id = $1 AND segment = run.segment OFFSET 0
    ) AS part,
    unnest(string_to_array(run.slots, ',')::int[]) AS slot,
    LATERAL (
      SELECT id, document FROM contacts
      WHERE audience_id = $1 AND contacts.id = encode(substr(part.ids, slot * 16 + 1, 16), 'hex')::uuid OFFSET 0
    ) AS its`;

const WITH_IDS = `
  SELECT its.id, its.document FROM unnest($2::uuid[]) AS wanted (id),
    LATERAL (SELECT id, document FROM contacts WHERE audience_id = $1 AND contacts.id = wanted.id OFFSET 0) AS its`;
