import { DatabaseSync, type StatementSync } from 'node:sqlite';

export { DatabaseSync, type StatementSync };

/** How long a writer waits for another process that holds the write lock, in milliseconds. */
const BUSY_TIMEOUT = 5000;

/** A connection that writes: durable at each commit. */
export function openForWriting(file: string): DatabaseSync {
  const db = new DatabaseSync(file, { timeout: BUSY_TIMEOUT });
  useWal(db);
  db.exec(`
    PRAGMA synchronous = FULL;
    PRAGMA foreign_keys = ON;
    PRAGMA temp_store = MEMORY;
    PRAGMA cache_size = -16384;
    PRAGMA wal_autocheckpoint = 4000;
    PRAGMA journal_size_limit = 67108864; -- what a long read made it grow to is given back
  `);
  return db;
}

/**
 * Puts the file into WAL mode, where it stays. The first to do so needs the file alone for a moment, and SQLite does not wait
 * for that: of several processes that open a new store at once all but one are told that it is locked.
 */
function useWal(db: DatabaseSync): void {
  const deadline = Date.now() + BUSY_TIMEOUT;
  for (;;) {
    try {
      db.exec('PRAGMA journal_mode = WAL');
      return;
    } catch (error) {
      if ((error as { errcode?: number }).errcode !== 5 || Date.now() > deadline) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
    }
  }
}

/**
 * A connection that only reads, and never waits for the writer.
 * @param isMapped whether it reads through a map of the file: a page that is not in its cache takes less, but the map is made
 * anew after every commit, which takes 40 µs.
 */
export function openForReading(file: string, isMapped = true): DatabaseSync {
  const db = new DatabaseSync(file, { timeout: BUSY_TIMEOUT });
  db.exec(`
    PRAGMA query_only = ON;
    PRAGMA temp_store = MEMORY;
    PRAGMA cache_size = -8192;
    PRAGMA mmap_size = ${isMapped ? 2 ** 34 : 0};
  `);
  return db;
}

/**
 * The end of a query that gives as many rows as the parameter says. SQLite plans for the value of a bare parameter, and so
 * compiles the statement anew each time one is bound: half the cost of a page.
 */
export function limitTo(parameter: string): string {
  return `LIMIT ${parameter} + 0`;
}

export type InTransaction = <T>(work: () => T) => T;

/**
 * Runs work in one transaction: what it wrote stands whole when this returns, and not at all when it throws.
 * @param kind IMMEDIATE to write, DEFERRED to read one snapshot.
 */
export function makeTransaction(db: DatabaseSync, kind: 'IMMEDIATE' | 'DEFERRED'): InTransaction {
  // Prepared: every page and every group of writes runs them.
  const begin = db.prepare(`BEGIN ${kind}`);
  const commit = db.prepare('COMMIT');
  return (work) => {
    begin.run();
    try {
      const result = work();
      commit.run();
      return result;
    } catch (error) {
      if (db.isTransaction) db.exec('ROLLBACK');
      throw error;
    }
  };
}

// A row number holds the audience in its upper bits, so that an audience's contacts lie together, in creation order.
const SEQUENCES = 2 ** 32;

/**
 * The row number of an audience's contact. Both parts fit a safe integer up to two million audiences; beyond that, or beyond
 * four billion contacts made in one audience, rows would lie among another audience's, so nothing is written any more.
 */
export function contactNo(audienceNo: number, sequence: number): number {
  const no = audienceNo * SEQUENCES + sequence;
  if (sequence >= SEQUENCES || !Number.isSafeInteger(no)) throw new RangeError('the store has no row numbers left');
  return no;
}

/** The lowest and the highest row number an audience's contacts can have. */
export function contactRange(audienceNo: number): [low: number, high: number] {
  return [contactNo(audienceNo, 0), contactNo(audienceNo, SEQUENCES - 1)];
}

/** An id as it is stored: 16 bytes. */
export function idBytes(id: string): Uint8Array {
  return Buffer.from(id.replaceAll('-', ''), 'hex');
}

/** An id of 16 bytes as text. */
export function idText(bytes: Uint8Array): string {
  const hex = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** A contact's document as it is stored: without its closing brace, so that a page can be joined of them as they are. */
export function openDocument(document: string): string {
  return document.slice(0, -1);
}

/** The FTS5 query for needles: each a phrase of trigrams, so nothing in it is an operator. */
export function matchQuery(needles: string[]): string {
  return needles.map((needle) => `"${needle.replaceAll('"', '""')}"`).join(' AND ');
}
