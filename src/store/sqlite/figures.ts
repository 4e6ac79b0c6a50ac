import { PREFIX } from '../../core/calling-codes.ts';
import { failure } from '../../core/errors.ts';
import type { Created, PrefixCount } from '../../core/store.ts';
import { contactNo, contactRange, type DatabaseSync, type InTransaction, idBytes } from './database.ts';

interface AudienceRow {
  no: number;
  contacts_count: number;
  numbered_sequence: number;
}

interface NumberRow {
  number: string;
}

/** Sorts behind every id, and behind every number. */
const NO_END = Buffer.alloc(17, 0xff);
const BEHIND_DIGITS = ':';

/** Counts by ranges of indexes: of what nobody asks about nothing is read. */
export function makeFigureReader(db: DatabaseSync, inTransaction: InTransaction) {
  const audiences = db.prepare(
    `SELECT no, contacts_count, numbered_sequence FROM audiences
     WHERE account_id = ?1 AND delete_date IS NULL AND (?2 IS NULL OR id = ?2)`,
  );
  const byId = db.prepare('SELECT count(*) AS count FROM contacts WHERE audience_no = ? AND id >= ? AND id < ?');
  const anyId = db.prepare('SELECT 1 FROM contacts WHERE audience_no = ? AND id >= ? LIMIT 1');
  const nextNumber = db.prepare(
    'SELECT number FROM contact_numbers WHERE audience_no = ? AND number >= ? ORDER BY number LIMIT 1',
  );
  const byNumber = db.prepare(
    'SELECT count(*) AS count FROM contact_numbers WHERE audience_no = ? AND number >= ? AND number < ?',
  );
  const waiting = db.prepare('SELECT number FROM contacts WHERE no BETWEEN ? AND ?');

  function findAudiences(accountId: string, audienceId: string | undefined): AudienceRow[] {
    const rows = audiences.all(accountId, audienceId ?? null) as unknown as AudienceRow[];
    if (audienceId !== undefined && rows.length === 0) throw failure(1301);
    return rows;
  }

  const countIds = (no: number, from: Uint8Array, to: Uint8Array) =>
    (byId.get(no, from, to) as { count: number }).count;

  return {
    countCreated(accountId: string, audienceId: string | undefined, from: string[]): Created {
      const bounds = [...from.map(idBytes), NO_END];
      const counts = from.map(() => 0);
      let total = 0;
      inTransaction(() => {
        for (const { no, contacts_count } of findAudiences(accountId, audienceId)) {
          total += contacts_count;
          if (anyId.get(no, bounds[0]!) === undefined) continue;
          for (const [index, bound] of bounds.slice(0, -1).entries()) {
            counts[index]! += countIds(no, bound, bounds[index + 1]!);
          }
        }
      });
      return { total, counts };
    },

    countPrefixes(accountId: string, audienceId?: string): PrefixCount[] {
      const counts = new Map<string, number>();
      const add = (prefix: string, count: number) => counts.set(prefix, (counts.get(prefix) ?? 0) + count);
      inTransaction(() => {
        for (const { no, numbered_sequence } of findAudiences(accountId, audienceId)) {
          // From one prefix that is there to the next one.
          for (let from = ''; ; ) {
            const next = nextNumber.get(no, from) as NumberRow | undefined;
            if (next === undefined) break;
            const prefix = next.number.slice(0, PREFIX);
            from = next.number.length < PREFIX ? `${prefix}\0` : prefix + BEHIND_DIGITS;
            const { count } = byNumber.get(no, prefix, from) as { count: number };
            add(prefix, count);
          }
          const rest = waiting.all(contactNo(no, numbered_sequence + 1), contactRange(no)[1]) as unknown as NumberRow[];
          for (const { number } of rest) add(number.slice(0, PREFIX), 1);
        }
      });
      return [...counts].sort(([one], [other]) => (one < other ? -1 : 1));
    },
  };
}
