import { failure, MusterError } from '../../core/errors.ts';
import {
  type Idempotency,
  idempotencyId,
  isKept,
  KEPT_FOR,
  packOutcome,
  unpackOutcome,
  type WriteOutcome,
} from '../../core/idempotency.ts';
import type { Terms } from '../../core/store.ts';
import type { Database, Query } from './database.ts';

/** Most outcomes to forget in one statement. */
const ROWS = 500;

/** A transaction of a write, in which it takes effect once where its terms say so. */
export type Write = <T>(terms: Terms | undefined, work: (query: Query) => Promise<T>) => Promise<T>;

/** What became of a write that is carried out once; of a repeat also what the first one noted. */
interface OnceOutcome {
  outcome: WriteOutcome;
  note?: string;
}

/** Makes writes that keep their outcomes. */
export function makeWrite({ transaction }: Database): Write {
  // What this process has in hand, so that repeats wait here and hold no connections.
  const underWay = new Map<string, Promise<unknown>>();

  async function inTurn<T>(id: string, work: () => Promise<T>): Promise<T> {
    const done = (underWay.get(id) ?? Promise.resolve()).then(work);
    const ended = done.catch(() => {});
    underWay.set(id, ended);
    try {
      return await done;
    } finally {
      if (underWay.get(id) === ended) underWay.delete(id);
    }
  }

  return (terms, work) => {
    const { idempotency } = terms ?? {};
    if (idempotency === undefined) return transaction(work);
    const id = idempotencyId(idempotency);
    return inTurn(id, async () => {
      const { outcome, note } = await transaction((query) => once(query, id, idempotency, work));
      if (note !== undefined) idempotency.onRepeat(note);
      if ('problems' in outcome) throw new MusterError(outcome.problems);
      return outcome.value as never;
    });
  };
}

/** Carries a write out, unless it was: then it gives what became of it. Raises 9014. */
async function once(
  query: Query,
  id: string,
  { fingerprint, note }: Idempotency,
  work: (query: Query) => Promise<unknown>,
): Promise<OnceOutcome> {
  const now = Date.now();
  // Whoever takes the key holds it to the end of the transaction, and a repeat in another process waits here for that.
  const [taken] = await Promise.all([
    query(TAKE, [id, fingerprint, note, now, now - KEPT_FOR]),
    query('SAVEPOINT work'),
  ]);
  if (taken.length === 0) {
    const [kept] = await query<{ fingerprint: string; note: string; outcome: Uint8Array }>(FIND, [id]);
    if (kept!.fingerprint !== fingerprint) throw failure(9014);
    return { outcome: unpackOutcome(kept!.outcome), note: kept!.note };
  }
  const outcome = await attempt(query, work);
  await query(KEEP, [id, packOutcome(outcome)]);
  return { outcome };
}

/** What becomes of the work; of a refusal that is kept nothing is left but that. */
async function attempt(query: Query, work: (query: Query) => Promise<unknown>): Promise<WriteOutcome> {
  try {
    return { value: await work(query) };
  } catch (error) {
    const outcome = error instanceof MusterError && { problems: error.problems };
    if (!outcome || !isKept(outcome)) throw error;
    await query('ROLLBACK TO SAVEPOINT work');
    return outcome;
  }
}

/** Forgets outcomes that are too old; whether there may be more of them. */
export function forgetOutcomes({ query }: Pick<Database, 'query'>): () => Promise<boolean> {
  return async () => {
    const old = await query<{ id: string }>(OLD, [Date.now() - KEPT_FOR, ROWS]);
    if (old.length > 0) await query(FORGET, [old.map(({ id }) => id), Date.now() - KEPT_FOR]);
    return old.length === ROWS;
  };
}

const TAKE = `
  INSERT INTO idempotency_keys (id, fingerprint, note, made) VALUES ($1, $2, $3, $4)
  ON CONFLICT (id) DO UPDATE SET
    fingerprint = excluded.fingerprint, note = excluded.note, made = excluded.made, outcome = NULL
  WHERE idempotency_keys.made <= $5
  RETURNING id`;

const FIND = 'SELECT fingerprint, note, outcome FROM idempotency_keys WHERE id = $1';
const KEEP = 'UPDATE idempotency_keys SET outcome = $2 WHERE id = $1';
const OLD = 'SELECT id FROM idempotency_keys WHERE made <= $1 LIMIT $2';
const FORGET = 'DELETE FROM idempotency_keys WHERE id = ANY($1::uuid[]) AND made <= $2';
