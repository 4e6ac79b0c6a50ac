/** Writes of the model that take effect once. */
import { failure, MusterError } from '../../src/core/errors.ts';
import { isKept, KEPT_FOR, type WriteOutcome } from '../../src/core/idempotency.ts';
import type { Store, Terms } from '../../src/core/store.ts';

/** The writes that a client can name, each with the place of its terms among its arguments. */
const WRITES = {
  audiences: { create: 2, rename: 3, delete: 2 },
  contacts: { create: 3, update: 4, delete: 3, upsert: 4 },
  imports: { queue: 3, run: 3, undo: 3, cancel: 3 },
};

interface Kept {
  fingerprint: string;
  note: string;
  outcome: Promise<WriteOutcome>;
  made: number;
}

type Operation = (...args: unknown[]) => Promise<unknown>;

/** A store whose writes take effect once where their terms say so. */
export function carryingOutOnce(store: Store): Store {
  const kept = new Map<string, Kept>();

  async function once(idempotency: NonNullable<Terms['idempotency']>, work: () => Promise<unknown>): Promise<unknown> {
    const { account_id, key, fingerprint, note, onRepeat } = idempotency;
    const id = JSON.stringify([account_id, key]);
    const found = kept.get(id);
    const isRepeat = found !== undefined && found.made > Date.now() - KEPT_FOR;
    if (isRepeat && found.fingerprint !== fingerprint) throw failure(9014);
    const first = isRepeat ? found : { fingerprint, note, outcome: outcomeOf(work), made: Date.now() };
    kept.set(id, first);
    const outcome = await first.outcome;
    if (!isKept(outcome)) kept.delete(id);
    if (isRepeat) onRepeat(first.note);
    if ('problems' in outcome) throw new MusterError(outcome.problems);
    return structuredClone(outcome.value);
  }

  const wrapped = { ...store } as unknown as Record<string, Record<string, Operation>>;
  for (const [group, names] of Object.entries(WRITES)) {
    wrapped[group] = { ...wrapped[group] };
    for (const [name, place] of Object.entries(names)) {
      const operation = wrapped[group]![name]!;
      wrapped[group]![name] = (...args) => {
        const { idempotency } = (args[place] as Terms | undefined) ?? {};
        return idempotency === undefined ? operation(...args) : once(idempotency, () => operation(...args));
      };
    }
  }
  return wrapped as unknown as Store;
}

async function outcomeOf(work: () => Promise<unknown>): Promise<WriteOutcome> {
  try {
    return { value: await work() };
  } catch (error) {
    if (error instanceof MusterError) return { problems: error.problems };
    throw error;
  }
}
