import { MusterError } from '../core/errors.ts';
import type { JobSignal } from '../core/import-job.ts';

/** Batches of an import on their way into the store. */
export interface HandOver {
  /** Hands a batch over as soon as there is room for it; false when one of those before it did not go on. */
  send(apply: () => Promise<JobSignal>): Promise<boolean>;
  /** Whether all that are under way go on. Raises what one of them raised. */
  hasGoneOn(): Promise<boolean>;
  /** When none is under way any more, whatever became of it. */
  isEmpty(): Promise<void>;
}

/**
 * Hands batches over before those in front have answered, up to so many at once.
 * @param surely asks again while the store has no time.
 */
export function makeHandOver(most: number, surely: (work: () => Promise<JobSignal>) => Promise<JobSignal>): HandOver {
  const underWay: Promise<JobSignal>[] = [];

  /** Asks once more when the one in front is through: that it was not may be all that was in the way. */
  async function behind(front: Promise<JobSignal>, apply: () => Promise<JobSignal>): Promise<JobSignal> {
    try {
      if ((await apply()) === 'go on') return 'go on';
    } catch (error) {
      if (!isBusy(error)) throw error;
    }
    const signal = await front;
    return signal === 'go on' ? surely(apply) : signal;
  }

  return {
    async send(apply) {
      if (underWay.length === most && (await underWay.shift()) !== 'go on') return false;
      const front = underWay.at(-1);
      const signal = front === undefined ? surely(apply) : behind(front, apply);
      // Its failure is met with a later batch; until then it must not count as unhandled.
      signal.catch(() => {});
      underWay.push(signal);
      return true;
    },
    async hasGoneOn() {
      for (const signal of underWay) if ((await signal) !== 'go on') return false;
      return true;
    },
    async isEmpty() {
      await Promise.allSettled(underWay);
    },
  };
}

export function isBusy(error: unknown): boolean {
  return error instanceof MusterError && error.problems[0]?.code === 9503;
}
