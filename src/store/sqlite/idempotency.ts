import { problem } from '../../core/errors.ts';
import {
  type Idempotent,
  idempotencyId,
  isKept,
  KEPT_FOR,
  packOutcome,
  unpackOutcome,
  type WriteOutcome,
} from '../../core/idempotency.ts';
import type { DatabaseSync, InTransaction } from './database.ts';

/** Most outcomes to forget in one transaction, and how long to leave in peace those that are young, in milliseconds. */
const PURGE_ROWS = 500;
const LOOK = 60_000;

/** What became of a write that is carried out once; of a repeat also what the first one noted. */
export interface OnceOutcome {
  outcome: WriteOutcome;
  note?: string;
}

interface Kept {
  fingerprint: string;
  note: string;
  outcome: Uint8Array;
}

/** Keeps the outcomes of writes, inside transactions that the caller makes. */
export function makeIdempotency(db: DatabaseSync, inTransaction: InTransaction) {
  const sql = {
    find: db.prepare('SELECT fingerprint, note, outcome FROM idempotency_keys WHERE id = ? AND made > ?'),
    // One that is too old to count goes, and this one comes last.
    keep: db.prepare(
      'INSERT OR REPLACE INTO idempotency_keys (id, fingerprint, note, outcome, made) VALUES (?, ?, ?, ?, ?)',
    ),
    oldest: db.prepare('SELECT made FROM idempotency_keys ORDER BY no LIMIT 1'),
    forget: db.prepare(
      'DELETE FROM idempotency_keys WHERE no IN (SELECT no FROM idempotency_keys ORDER BY no LIMIT ?) AND made <= ?',
    ),
  };
  let nextLook = 0;

  return {
    /** Carries a write out, unless it was: then it gives what became of it. */
    once({ fingerprint, note, ...named }: Idempotent, carryOut: () => WriteOutcome): OnceOutcome {
      const id = idempotencyId(named);
      const now = Date.now();
      const kept = sql.find.get(id, now - KEPT_FOR) as Kept | undefined;
      if (kept !== undefined) {
        if (kept.fingerprint !== fingerprint) return { outcome: { problems: [problem(9014)] } };
        return { outcome: unpackOutcome(kept.outcome), note: kept.note };
      }
      const outcome = carryOut();
      if (isKept(outcome)) sql.keep.run(id, fingerprint, note, packOutcome(outcome), now);
      return { outcome };
    },

    /** Forgets some outcomes that are too old; whether there may be more of them. */
    purge(): boolean {
      const now = Date.now();
      if (now < nextLook) return false;
      nextLook = now + LOOK;
      const oldest = sql.oldest.get() as { made: number } | undefined;
      if (oldest === undefined || oldest.made > now - KEPT_FOR) return false;
      const { changes } = inTransaction(() => sql.forget.run(PURGE_ROWS, now - KEPT_FOR));
      if (changes < PURGE_ROWS) return false;
      nextLook = 0;
      return true;
    },
  };
}
