import { contactNo, type DatabaseSync } from './database.ts';

/** Writes all numbers that wait, of every audience. */
export function writeNumbers(db: DatabaseSync): void {
  db.exec(`
    INSERT INTO contact_numbers (audience_no, number, no)
    SELECT c.audience_no, c.number, c.no FROM audiences AS a
    JOIN contacts AS c ON c.no BETWEEN (a.no << 32) + a.numbered_sequence + 1 AND (a.no << 32) + a.last_sequence
    ORDER BY c.audience_no, c.number;
    UPDATE audiences SET numbered_sequence = last_sequence;
  `);
}

/** Fewer numbers of an audience wait than this: to write them is one step for all, and what comes meanwhile waits for it. */
const MAX_WAITING = 4000;
/** Most audiences that have numbers waiting: a number that waits takes 100 bytes of memory. */
const MAX_AUDIENCES = 16;

/** What the writer holds of an audience's numbers. */
export interface NumberedAudience {
  no: number;
  /** The last contact made. */
  sequence: number;
  /** Contacts up to this one are found in `contact_numbers`, those behind it by `waiting`. */
  numbered: number;
  /** Number → row number. */
  waiting: Map<string, number>;
  /** Numbers that are known not to be in `contact_numbers`. */
  absent: Set<string>;
}

/**
 * Keeps which contact has a number, inside transactions that the caller makes. Numbers come in no order, so that each is written
 * into a page of its own: this was more than half of what a create wrote, and a third of a bulk call. Those of the newest
 * contacts are only held, read again from the contacts themselves when need be, and written in their order, thousands at a time.
 * @param maxWaiting fewer numbers of an audience wait than this: for tests.
 */
export function makeNumberWriter(db: DatabaseSync, maxWaiting = MAX_WAITING) {
  const sql = {
    find: db.prepare('SELECT no FROM contact_numbers WHERE audience_no = ? AND number = ?'),
    findSome: db.prepare(
      `SELECT n.number FROM json_each(?) AS j CROSS JOIN contact_numbers AS n
       ON n.audience_no = ? AND n.number = j.value`,
    ),
    add: db.prepare('INSERT INTO contact_numbers (audience_no, number, no) VALUES (?, ?, ?)'),
    remove: db.prepare('DELETE FROM contact_numbers WHERE audience_no = ? AND number = ?'),
    waiting: db.prepare('SELECT number, no FROM contacts WHERE no BETWEEN ? AND ?'),
    numbered: db.prepare('UPDATE audiences SET numbered_sequence = ? WHERE no = ?'),
    write: db.prepare(
      `INSERT INTO contact_numbers (audience_no, number, no)
       SELECT audience_no, number, no FROM contacts WHERE no BETWEEN ? AND ? ORDER BY number`,
    ),
    removeSome: db.prepare(
      `DELETE FROM contact_numbers WHERE audience_no = ?1 AND number IN
       (SELECT number FROM contact_numbers WHERE audience_no = ?1 LIMIT ?2)`,
    ),
  };
  /** Audiences that have numbers waiting. */
  const audiences = new Set<NumberedAudience>();

  const waitingRange = ({ no, numbered, sequence }: NumberedAudience) =>
    [contactNo(no, numbered + 1), contactNo(no, sequence)] as const;

  function add(audience: NumberedAudience, number: string, no: number): void {
    if (no <= contactNo(audience.no, audience.numbered)) {
      sql.add.run(audience.no, number, no);
      audience.absent.delete(number);
    } else {
      audience.waiting.set(number, no);
      audiences.add(audience);
    }
  }

  function remove(audience: NumberedAudience, number: string): void {
    if (!audience.waiting.delete(number)) sql.remove.run(audience.no, number);
  }

  /** Writes an audience's numbers that wait. */
  function write(audience: NumberedAudience): void {
    sql.write.run(...waitingRange(audience));
    sql.numbered.run(audience.sequence, audience.no);
    audience.numbered = audience.sequence;
    audience.waiting.clear();
    audience.absent.clear();
    audiences.delete(audience);
  }

  return {
    /** Reads the numbers that wait, of an audience that was not held. */
    hold(audience: NumberedAudience): void {
      for (const { number, no } of sql.waiting.all(...waitingRange(audience)) as { number: string; no: number }[]) {
        add(audience, number, no);
      }
    },

    /** Looks for many numbers at once, those that `find` is about to be asked for: half a microsecond for each instead of two. */
    findSome(audience: NumberedAudience, numbers: string[]): void {
      audience.absent = new Set(numbers);
      const found = sql.findSome.all(JSON.stringify(numbers), audience.no) as { number: string }[];
      for (const { number } of found) audience.absent.delete(number);
    },

    /** The row number of the contact that has a number. */
    find(audience: NumberedAudience, number: string): number | undefined {
      const found = audience.waiting.get(number);
      if (found !== undefined || audience.absent.has(number)) return found;
      return (sql.find.get(audience.no, number) as { no: number } | undefined)?.no;
    },

    add,
    remove,

    change(audience: NumberedAudience, no: number, before: string, after: string): void {
      if (before === after) return;
      remove(audience, before);
      add(audience, after, no);
    },

    /** Whether numbers wait. */
    hasWaiting: () => audiences.size > 0,

    writeWaiting(): void {
      for (const audience of audiences) write(audience);
    },

    /** Writes the audience's numbers when too many wait, or those of another when too many have some, before the transaction ends. */
    flush(audience: NumberedAudience): void {
      if (audience.waiting.size >= maxWaiting) write(audience);
      for (const longest of audiences) if (audiences.size > MAX_AUDIENCES) write(longest);
    },

    /** Forgets an audience, or all it holds: the transaction failed, or somebody else has written. */
    forget(audience?: NumberedAudience): void {
      if (audience === undefined) audiences.clear();
      else audiences.delete(audience);
    },

    /** Removes up to so many numbers of a deleted audience; whether there may be more. */
    purge: (audienceNo: number, most: number) => sql.removeSome.run(audienceNo, most).changes === most,
  };
}
