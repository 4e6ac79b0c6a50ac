import type { Finding } from '../../core/store.ts';
import type { DatabaseSync } from './database.ts';

/** Checks numbers while contacts are walked through: that each is found by its own, alone, and at the end that nothing else is. */
export function makeNumberCheck(db: DatabaseSync) {
  const find = db.prepare('SELECT no FROM contact_numbers WHERE audience_no = ? AND number = ?');
  /** Numbers that wait, of the audience that is walked through. */
  const waiting = new Set<string>();
  let audience = -1;

  return {
    /** What is wrong with a contact. @param isWaiting whether its number waits to be written, see number-writer.ts. */
    wrongWith(audienceNo: number, no: number, number: string, isWaiting: boolean): string | undefined {
      const found = find.get(audienceNo, number) as { no: number } | undefined;
      if (!isWaiting) return found?.no === no ? undefined : 'it is not found by its number';
      if (found?.no === no) return 'its number waits to be written and is there';
      // Contacts come audience by audience.
      if (audience !== audienceNo) waiting.clear();
      audience = audienceNo;
      if (found !== undefined || waiting.has(number)) return 'another contact has its number';
      waiting.add(number);
      return undefined;
    },

    /** After all contacts: numbers of contacts that are not there, or have another one. */
    rest(most: number): Finding[] {
      const strays = db.prepare(
        `SELECT n.no, n.number FROM contact_numbers AS n LEFT JOIN contacts AS c ON c.no = n.no
         WHERE c.no IS NULL OR c.number <> n.number LIMIT ?`,
      );
      return (strays.all(most) as { no: number; number: string }[]).map(({ no, number }) => ({
        what: `the number ${number} is not that of its contact`,
        where: `contact row ${no}`,
      }));
    },
  };
}
