import type { TagCount } from '../../core/store.ts';
import { contactRange, type DatabaseSync } from './database.ts';

/** Fewer pairs of contact and tag wait than this. The last page of a tag's contacts looks at each of those. */
const MAX_WAITING = 4000;
/** Tags to hold between transactions; more of them are looked up again. */
const MAX_HELD = 10_000;
/** Tags to tell of. */
const MAX_LISTED = 1000;

/**
 * Keeps which contacts of an audience have a tag, and how many they are, inside transactions that the caller makes. The counts
 * are written by `flush`, at a transaction's end. Each tag's contacts lie together, so that a contact's tags are written into as
 * many pages: a third of what a create wrote. New pairs wait in a table of their own, where all who read tags look too, and are
 * moved in their order, thousands at a time.
 * @param maxWaiting fewer pairs wait than this: for tests.
 */
export function makeTagWriter(db: DatabaseSync, maxWaiting = MAX_WAITING) {
  const sql = {
    find: db.prepare('SELECT no FROM tags WHERE audience_no = ? AND tag = ?'),
    add: db.prepare('INSERT INTO tags (audience_no, tag, contacts_count) VALUES (?, ?, 0)'),
    count: db.prepare('UPDATE tags SET contacts_count = contacts_count + ? WHERE no = ?'),
    forget: db.prepare('DELETE FROM tags WHERE no = ? AND contacts_count = 0'),
    mark: db.prepare('INSERT INTO contact_tags_waiting (no, tag_no) VALUES (?, ?)'),
    unmark: db.prepare('DELETE FROM contact_tags WHERE tag_no = ? AND no = ?'),
    unmarkWaiting: db.prepare('DELETE FROM contact_tags_waiting WHERE no = ? AND tag_no = ?'),
    countWaiting: db.prepare('SELECT count(*) AS waiting FROM contact_tags_waiting'),
    move: db.prepare(
      'INSERT OR IGNORE INTO contact_tags (tag_no, no) SELECT tag_no, no FROM contact_tags_waiting ORDER BY 1, 2',
    ),
    clear: db.prepare('DELETE FROM contact_tags_waiting'),
    dropWaiting: db.prepare('DELETE FROM contact_tags_waiting WHERE no BETWEEN ? AND ?'),
    some: db.prepare('SELECT no FROM tags WHERE audience_no = ? LIMIT 1'),
    unmarkSome: db.prepare(
      'DELETE FROM contact_tags WHERE tag_no = ?1 AND no IN (SELECT no FROM contact_tags WHERE tag_no = ?1 LIMIT ?2)',
    ),
    drop: db.prepare('DELETE FROM tags WHERE no = ?'),
  };
  const held = new Map<string, number>();
  const counted = new Map<number, { key: string; change: number }>();
  /** How many pairs wait; undefined when that has to be looked up. */
  let waiting: number | undefined;

  function countWaiting(): number {
    waiting ??= (sql.countWaiting.get() as { waiting: number }).waiting;
    return waiting;
  }

  /** Moves all pairs that wait. */
  function moveWaiting(): void {
    sql.move.run();
    sql.clear.run();
    waiting = 0;
  }

  function mark(tagNo: number, no: number): void {
    waiting = countWaiting() + 1;
    sql.mark.run(no, tagNo);
  }

  function unmark(tagNo: number, no: number): void {
    if (countWaiting() > 0 && sql.unmarkWaiting.run(no, tagNo).changes > 0) waiting = countWaiting() - 1;
    else sql.unmark.run(tagNo, no);
  }

  function noOf(audienceNo: number, tag: string): { no: number; key: string } {
    const key = `${audienceNo} ${tag}`;
    let no = held.get(key);
    if (no === undefined) {
      const found = sql.find.get(audienceNo, tag) as { no: number } | undefined;
      no = found?.no ?? Number(sql.add.run(audienceNo, tag).lastInsertRowid);
      held.set(key, no);
    }
    return { no, key };
  }

  function count({ no, key }: { no: number; key: string }, change: number): void {
    const entry = counted.get(no);
    if (entry === undefined) counted.set(no, { key, change });
    else entry.change += change;
  }

  return {
    /** Gives a contact other tags. */
    retag(audienceNo: number, no: number, before: string[], after: string[]): void {
      for (const tag of before) {
        if (after.includes(tag)) continue;
        const its = noOf(audienceNo, tag);
        unmark(its.no, no);
        count(its, -1);
      }
      for (const tag of after) {
        if (before.includes(tag)) continue;
        const its = noOf(audienceNo, tag);
        mark(its.no, no);
        count(its, 1);
      }
    },

    /** Whether pairs wait, whoever has written them. */
    hasWaiting: () => (sql.countWaiting.get() as { waiting: number }).waiting > 0,

    moveWaiting,

    /** Writes the counts, and moves what waits when that is too much, before the transaction ends. */
    flush(): void {
      if (counted.size > 0 && countWaiting() >= maxWaiting) moveWaiting();
      for (const [no, { key, change }] of counted) {
        if (change !== 0) sql.count.run(change, no);
        // A tag that nobody has any more goes; one of its name is made anew.
        if (change <= 0 && sql.forget.run(no).changes > 0) held.delete(key);
      }
      counted.clear();
      if (held.size > MAX_HELD) held.clear();
    },

    forget(): void {
      held.clear();
      counted.clear();
      waiting = undefined;
    },

    /** Removes up to so many rows of a deleted audience; whether there may be more. */
    purge(audienceNo: number, most: number): boolean {
      if (countWaiting() > 0)
        waiting = countWaiting() - Number(sql.dropWaiting.run(...contactRange(audienceNo)).changes);
      for (let left = most; left > 0; ) {
        const tag = sql.some.get(audienceNo) as { no: number } | undefined;
        if (tag === undefined) return false;
        const removed = Number(sql.unmarkSome.run(tag.no, left).changes);
        if (removed < left) sql.drop.run(tag.no);
        left -= removed + 1;
      }
      return true;
    },
  };
}

/** What can be asked of tags. @param findAudience raises 1301. */
export function makeTagReader(
  db: DatabaseSync,
  findAudience: (accountId: string, audienceId: string) => { no: number },
) {
  const list = db.prepare(
    `SELECT tag, contacts_count FROM tags WHERE audience_no = ?
     ORDER BY contacts_count DESC, tag LIMIT ${MAX_LISTED}`,
  );
  return {
    listTags: (accountId: string, audienceId: string) =>
      list.all(findAudience(accountId, audienceId).no) as unknown as TagCount[],
  };
}
