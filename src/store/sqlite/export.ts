import { failure } from '../../core/errors.ts';
import type { ContactFilter } from '../../core/store.ts';
import { contactRange, openForReading } from './database.ts';
import { defineFound, documentsOf, makeFilter, type Source } from './filter.ts';
import { startThread, type Thread } from './thread.ts';

/** Documents in a batch: turning them into a file's rows takes the event loop a few milliseconds at the most. */
const BATCH = 250;
/** Each holds a connection and a snapshot, and their readers share one thread. */
const MAX_EXPORTS = 8;
/**
 * How long an export waits for its reader, in milliseconds. While it lasts no checkpoint passes its snapshot and the log of
 * writes grows; a client behind a slow line still reads many times in this.
 */
const LONGEST_WAIT = 10 * 60_000;

/** A walk through the contacts of an audience as they are at its beginning. */
export interface Cursor {
  /** The next documents; none at the end. */
  next(): string[];
  close(): void;
}

/**
 * Reads the documents of a source in order, each as it is asked for: SQLite merges what lies in two places only by a column of the
 * result, and would sort all documents in memory by any other.
 */
export function exportStatement(source: Source): string {
  return `SELECT c.document, ${source.place} AS place, ?3, ?4 ${documentsOf(source)} ORDER BY place`;
}

/** Opens a walk on a connection of its own, whose transaction is the snapshot. Raises 1301. */
export function openCursor(file: string, accountId: string, audienceId: string, filter: ContactFilter): Cursor {
  const db = openForReading(file);
  try {
    db.exec('BEGIN');
    defineFound(db);
    const audience = db
      .prepare('SELECT no, contacts_count FROM audiences WHERE id = ? AND account_id = ? AND delete_date IS NULL')
      .get(audienceId, accountId) as { no: number; contacts_count: number } | undefined;
    if (audience === undefined) throw failure(1301);
    const source = makeFilter(db)(audience, filter);
    if (source === undefined) return { next: () => [], close: () => db.close() };
    const select = db.prepare(exportStatement(source));
    select.setReturnArrays(true);
    const values = [...contactRange(audience.no), null, null, ...source.values];
    const rows = select.iterate(...values) as unknown as Iterator<[string]>;
    return {
      next() {
        const documents: string[] = [];
        while (documents.length < BATCH) {
          const row = rows.next();
          if (row.done) break;
          documents.push(row.value[0]);
        }
        return documents;
      },
      close: () => db.close(),
    };
  } catch (error) {
    db.close();
    throw error;
  }
}

export interface Exporter {
  /** As the port's `contacts.export`. */
  export(
    accountId: string,
    audienceId: string,
    needles: string[],
    tags?: string[],
  ): AsyncGenerator<string[], void, undefined>;
  /** Ends the exports that are under way. */
  close(): Promise<void>;
}

/** Exports of a store's file. @param longestWait for a reader, in milliseconds. */
export function makeExporter(
  file: string,
  onDeath: (error: Error) => void,
  longestWait: number = LONGEST_WAIT,
): Exporter {
  let thread: Thread | undefined;
  let isClosed = false;
  let underWay = 0;
  let made = 0;

  async function* walk(
    accountId: string,
    audienceId: string,
    needles: string[],
    tags: string[] = [],
  ): AsyncGenerator<string[], void, undefined> {
    if (underWay >= MAX_EXPORTS) throw failure(9503, undefined, 'Too many exports at once: try again shortly');
    if (isClosed) throw failure(9503);
    thread ??= startThread('export-thread', file, 1, onDeath);
    const { call } = thread;
    const id = ++made;
    let isOpen = true;
    underWay++;
    const end = async () => {
      if (!isOpen) return;
      isOpen = false;
      underWay--;
      // A thread that has ended has closed everything by itself.
      await call('close', [id]).catch(() => {});
    };
    /** The next batch is read while this one is written. */
    const read = () => {
      const batch = call('next', [id]) as Promise<string[]>;
      const told = batch.catch((error) => {
        throw isClosed ? failure(9503, undefined, 'Muster stops: begin the export again') : error;
      });
      // It may fail before anybody waits for it.
      told.catch(() => {});
      return told;
    };
    try {
      await call('open', [id, accountId, audienceId, { needles, tags }]);
      for (let next = read(); ; ) {
        const batch = await next;
        if (batch.length === 0) return;
        next = read();
        const late = setTimeout(end, longestWait).unref();
        try {
          yield batch;
        } finally {
          clearTimeout(late);
        }
        if (!isOpen) throw failure(9503, undefined, 'The export stood still for too long: begin again');
      }
    } finally {
      await end();
    }
  }

  return {
    export: walk,
    async close() {
      isClosed = true;
      await thread?.close();
    },
  };
}
