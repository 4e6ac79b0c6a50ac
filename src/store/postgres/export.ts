import { failure } from '../../core/errors.ts';
import type { Store } from '../../core/store.ts';
import { type Cursor, type Database, type Query, reading, type Statement } from './database.ts';
import { fromLines, havingTags, IS_KNOWN } from './fragments.ts';
import { idOrNobody } from './ids.ts';
import { findMatches } from './search.ts';

/** Documents in a batch: turning them into a file's rows takes the event loop a few milliseconds at the most. */
const BATCH = 250;
/** Each holds a connection and a snapshot. */
const MAX_EXPORTS = 8;
/**
 * How long an export waits for its reader, in milliseconds. While it lasts nothing is vacuumed that its snapshot sees; a client
 * behind a slow line still reads many times in this.
 */
const LONGEST_WAIT = 10 * 60_000;

interface Row {
  document: string;
}

export interface Exporter extends Pick<Store['contacts'], 'export'> {
  /** Ends the exports that are under way. */
  close(): Promise<void>;
}

/** @param longestWait for a reader, in milliseconds. */
export function makeExporter(database: Database, longestWait: number = LONGEST_WAIT): Exporter {
  const underWay = new Set<() => Promise<void>>();
  let opening = 0;
  let isClosed = false;

  async function open(accountId: string, audienceId: string, needles: string[], tags: string[]): Promise<Cursor<Row>> {
    if (underWay.size + opening >= MAX_EXPORTS) {
      throw failure(9503, undefined, 'Too many exports at once: try again shortly');
    }
    if (isClosed) throw failure(9503);
    opening++;
    try {
      const ids: [string, string] = [idOrNobody(audienceId), idOrNobody(accountId)];
      return await database.cursor<Row>((query) => prepare(query, ids, needles, tags));
    } finally {
      opening--;
    }
  }

  async function requireAudience(accountId: string, audienceId: string): Promise<void> {
    const values = [idOrNobody(audienceId), idOrNobody(accountId)];
    const [row] = await reading(() => database.query<{ is_known: boolean }>(`SELECT ${IS_KNOWN} AS is_known`, values));
    if (!row!.is_known) throw failure(1301);
  }

  async function* walk(
    accountId: string,
    audienceId: string,
    needles: string[],
    tags: string[] = [],
  ): AsyncGenerator<string[], void, undefined> {
    const cursor = await open(accountId, audienceId, needles, tags);
    let isOpen = true;
    const end = async () => {
      if (!isOpen) return;
      isOpen = false;
      underWay.delete(end);
      await cursor.close();
    };
    underWay.add(end);
    /** The next batch is read while this one is written. */
    const read = () => {
      const batch = cursor.next(BATCH);
      // It may fail before anybody waits for it.
      batch.catch(() => {});
      return batch;
    };
    try {
      let isBegun = false;
      for (let next = read(); ; ) {
        const rows = await next;
        if (isClosed) throw failure(9503, undefined, 'Muster stops: begin the export again');
        isBegun ||= rows.length > 0;
        if (rows.length === 0) break;
        next = read();
        const late = setTimeout(end, longestWait).unref();
        try {
          yield rows.map(({ document }) => document);
        } finally {
          clearTimeout(late);
        }
        if (!isOpen && !isClosed) throw failure(9503, undefined, 'The export stood still for too long: begin again');
      }
      if (!isBegun) await requireAudience(accountId, audienceId);
    } finally {
      await end();
    }
  }

  return {
    export: walk,
    async close() {
      isClosed = true;
      await Promise.all([...underWay].map((end) => end()));
    },
  };
}

/** No row when the audience is not there. */
async function prepare(
  query: Query,
  ids: [audienceId: string, accountId: string],
  needles: string[],
  tags: string[],
): Promise<Statement> {
  if (needles.length === 0) {
    const text = `
      SELECT document FROM contacts WHERE audience_id = $1 AND ${IS_KNOWN}${havingTags('contacts', tags, 3)} ORDER BY id`;
    return { text, values: [...ids, ...tags] };
  }
  const { segments, left, come } = await findMatches(query, ids[0], { needles, tags });
  const values = [
    ...ids,
    segments.map(({ segment }) => segment).join('\n'),
    segments.map(({ slots }) => slots.join(',')).join('\n'),
    [...left],
    come,
  ];
  return { text: MATCHES, values };
}

/** All ids of a segment are read at once, which is less than one by one. */
const MATCHES = `
  WITH matches AS (
    SELECT encode(substr(its.ids, slot * 16 + 1, 16), 'hex')::uuid AS id
    FROM unnest(${fromLines(3, 'int')}, ${fromLines(4, 'text')}) AS place (segment, slots),
      LATERAL (
        SELECT ids || ''::bytea AS ids FROM contact_segments WHERE audience_id = $1 AND segment = place.segment OFFSET 0
      ) AS its,
      unnest(string_to_array(place.slots, ',')::int[]) AS slot
    UNION ALL SELECT unnest($6::uuid[])
  )
  SELECT its.document FROM (SELECT id FROM matches WHERE id <> ALL ($5::uuid[]) ORDER BY id) AS matches,
    LATERAL (
      SELECT document FROM contacts WHERE audience_id = $1 AND contacts.id = matches.id AND ${IS_KNOWN} OFFSET 0
    ) AS its
  ORDER BY matches.id`;
