import type { TagCount } from '../../core/store.ts';
import type { DatabaseSync } from './database.ts';

/** Tags to hold between transactions; more of them are looked up again. */
const MAX_HELD = 10_000;
/** Tags to tell of. */
const MAX_LISTED = 1000;

/**
 * Keeps which contacts of an audience have a tag, and how many they are, inside transactions that the caller makes. The counts
 * are written by `flush`, at a transaction's end.
 */
export function makeTagWriter(db: DatabaseSync) {
  const sql = {
    find: db.prepare('SELECT no FROM tags WHERE audience_no = ? AND tag = ?'),
    add: db.prepare('INSERT INTO tags (audience_no, tag, contacts_count) VALUES (?, ?, 0)'),
    count: db.prepare('UPDATE tags SET contacts_count = contacts_count + ? WHERE no = ?'),
    forget: db.prepare('DELETE FROM tags WHERE no = ? AND contacts_count = 0'),
    mark: db.prepare('INSERT INTO contact_tags (tag_no, no) VALUES (?, ?)'),
    unmark: db.prepare('DELETE FROM contact_tags WHERE tag_no = ? AND no = ?'),
    some: db.prepare('SELECT no FROM tags WHERE audience_no = ? LIMIT 1'),
    unmarkSome: db.prepare(
      'DELETE FROM contact_tags WHERE tag_no = ?1 AND no IN (SELECT no FROM contact_tags WHERE tag_no = ?1 LIMIT ?2)',
    ),
    drop: db.prepare('DELETE FROM tags WHERE no = ?'),
  };
  const held = new Map<string, number>();
  const counted = new Map<number, { key: string; change: number }>();

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
        sql.unmark.run(its.no, no);
        count(its, -1);
      }
      for (const tag of after) {
        if (before.includes(tag)) continue;
        const its = noOf(audienceNo, tag);
        sql.mark.run(its.no, no);
        count(its, 1);
      }
    },

    flush(): void {
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
    },

    /** Removes up to so many rows of a deleted audience; whether there may be more. */
    purge(audienceNo: number, most: number): boolean {
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
