import type { DatabaseSync } from './database.ts';

/** Fewer contacts wait to be indexed than this. A search looks at each of those: 0.1 to 0.2 µs a contact. */
const MAX_UNINDEXED = 4000;
/** A transaction that changes so many contacts does not let its new ones wait: that would write each of them twice. */
const AT_ONCE = 500;

/** What becomes of a contact in the index: another text, or none. New is what it has nothing of. */
interface Change {
  text: string | undefined;
  isNew: boolean;
}

/**
 * Keeps what contacts are found by, inside transactions that the caller makes. FTS5 writes a piece of index for every
 * transaction, and to merge so many small ones is most of what a single create costs: new contacts wait in a table of their
 * own, where searches look too, and go into the index thousands at a time, or when there is nothing else to do.
 * @param maxUnindexed fewer contacts wait than this: for tests.
 */
export function makeIndexWriter(db: DatabaseSync, maxUnindexed = MAX_UNINDEXED) {
  const sql = {
    index: db.prepare('INSERT INTO contacts_search (rowid, text) VALUES (?, ?)'),
    reindex: db.prepare('INSERT OR REPLACE INTO contacts_search (rowid, text) VALUES (?, ?)'),
    unindex: db.prepare('DELETE FROM contacts_search WHERE rowid = ?'),
    count: db.prepare('SELECT count(*) AS waiting FROM contacts_unindexed'),
    move: db.prepare('INSERT INTO contacts_search (rowid, text) SELECT no, text FROM contacts_unindexed ORDER BY no'),
    wait: db.prepare('INSERT INTO contacts_unindexed (no, text) VALUES (?, ?)'),
    change: db.prepare('UPDATE contacts_unindexed SET text = ? WHERE no = ?'),
    leave: db.prepare('DELETE FROM contacts_unindexed WHERE no = ?'),
    clear: db.prepare('DELETE FROM contacts_unindexed'),
  };
  const changes = new Map<number, Change>();
  /** How many contacts wait; undefined when that has to be looked up. */
  let waiting: number | undefined;
  /** Whether this transaction indexes its new contacts, and those that wait. */
  let isIndexing = false;

  function countWaiting(): number {
    waiting ??= (sql.count.get() as { waiting: number }).waiting;
    return waiting;
  }

  /** Indexes all contacts that wait. */
  function moveWaiting(): void {
    if (countWaiting() === 0) return;
    sql.move.run();
    sql.clear.run();
    waiting = 0;
  }

  function write(no: number, { text, isNew }: Change): void {
    if (text === undefined) {
      if (countWaiting() > 0 && sql.leave.run(no).changes > 0) waiting = countWaiting() - 1;
      else sql.unindex.run(BigInt(no));
    } else if (!isNew) {
      if (countWaiting() === 0 || sql.change.run(text, no).changes === 0) sql.reindex.run(BigInt(no), text);
    } else if (isIndexing) {
      sql.index.run(BigInt(no), text);
    } else {
      waiting = countWaiting() + 1;
      sql.wait.run(no, text);
    }
  }

  return {
    /** Lets this transaction index all contacts that wait. */
    indexWaiting(): void {
      isIndexing = true;
    },

    /** Whether contacts wait, whoever has written them. */
    hasWaiting: () => (sql.count.get() as { waiting: number }).waiting > 0,

    add(no: number, text: string): void {
      // One that was removed in this transaction is still there.
      changes.set(no, { text, isNew: !changes.has(no) });
    },

    change(no: number, text: string): void {
      changes.set(no, { text, isNew: changes.get(no)?.isNew ?? false });
    },

    remove(no: number): void {
      if (changes.get(no)?.isNew) changes.delete(no);
      else changes.set(no, { text: undefined, isNew: false });
    },

    /**
     * Writes it all, before the transaction ends: what is new last, and each part in row order, or FTS5 would write out what it
     * holds again and again.
     */
    flush(): void {
      isIndexing ||= changes.size >= AT_ONCE || countWaiting() + changes.size >= maxUnindexed;
      const rows = [...changes].sort(([one], [other]) => one - other);
      for (const [no, change] of rows) if (!change.isNew) write(no, change);
      if (isIndexing) moveWaiting();
      for (const [no, change] of rows) if (change.isNew) write(no, change);
      changes.clear();
      isIndexing = false;
    },

    /** Forgets what it holds: the transaction failed, or somebody else has written. */
    forget(): void {
      changes.clear();
      isIndexing = false;
      waiting = undefined;
    },
  };
}
