import { Worker } from 'node:worker_threads';
import { MusterError, type Problem } from '../../core/errors.ts';

/** What goes to a worker thread in one message, and what comes back: an outcome for each call, in order. */
export interface ThreadCall {
  operation: string;
  args: unknown[];
}
export type ThreadOutcome = { value: unknown } | { problems: Problem[] } | { crash: string };

interface Waiting extends ThreadCall {
  weight: number;
  resolve(value: unknown): void;
  reject(error: Error): void;
}

export interface Thread {
  /** Runs an operation on the thread. @param weight how long it takes, in rows; a message carries up to `maxWeight`. */
  call(operation: string, args: unknown[], weight?: number): Promise<unknown>;
  /** How many calls wait for an answer. */
  pending(): number;
  /** What these weigh together. */
  load(): number;
  /** Finishes what waits, then ends the thread. */
  close(): Promise<void>;
}

/** What a message brings is soon garbage: collected often, it takes little room. */
const YOUNG_MB = 16;

/**
 * A worker thread with a queue. One message is under way at a time: whatever arrives meanwhile goes together in the
 * next one, which is what makes a group commit.
 * @param onDeath called when the thread dies by itself; every waiting call has then been rejected.
 */
export function startThread(module: URL, data: unknown, maxWeight: number, onDeath: (error: Error) => void): Thread {
  const worker = new Worker(module, { workerData: data, resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB } });
  const queue: Waiting[] = [];
  let underWay: Waiting[] = [];
  let death: Error | undefined;
  let isClosing = false;
  let idle: (() => void) | undefined;
  let isScheduled = false;
  let waitingWeight = 0;

  function post(): void {
    isScheduled = false;
    if (underWay.length > 0 || death !== undefined) return;
    if (queue.length === 0) {
      idle?.();
      return;
    }
    let weight = 0;
    let count = 0;
    while (count < queue.length && (count === 0 || weight + queue[count]!.weight <= maxWeight)) {
      weight += queue[count++]!.weight;
    }
    underWay = queue.splice(0, count);
    worker.postMessage(underWay.map(({ operation, args }): ThreadCall => ({ operation, args })));
  }

  worker.on('message', (outcomes: ThreadOutcome[]) => {
    const answered = underWay;
    underWay = [];
    for (const { weight } of answered) waitingWeight -= weight;
    post();
    for (const [index, { resolve, reject }] of answered.entries()) {
      const outcome = outcomes[index]!;
      if ('value' in outcome) resolve(outcome.value);
      else if ('problems' in outcome) reject(new MusterError(outcome.problems));
      else reject(new Error(outcome.crash));
    }
  });

  function die(error: Error): void {
    if (death !== undefined) return;
    death = error;
    for (const { reject } of underWay.concat(queue.splice(0))) reject(error);
    underWay = [];
    idle?.();
    if (!isClosing) onDeath(error);
  }
  worker.on('error', (error) => die(error as Error));
  worker.on('exit', (code) => die(new Error(`the thread ended with code ${code}`)));

  return {
    call(operation, args, weight = 1) {
      return new Promise((resolve, reject) => {
        if (death !== undefined || isClosing) return reject(death ?? new Error('the store is closed'));
        queue.push({ operation, args, weight, resolve, reject });
        waitingWeight += weight;
        // Requests that arrive in one turn of the event loop leave in one message.
        if (!isScheduled && underWay.length === 0) {
          isScheduled = true;
          setImmediate(post);
        }
      });
    },
    pending: () => queue.length + underWay.length,
    load: () => waitingWeight,
    async close() {
      isClosing = true;
      if (death === undefined && queue.length + underWay.length > 0) {
        await new Promise<void>((resolve) => {
          idle = resolve;
        });
      }
      if (death === undefined) {
        const ended = new Promise((resolve) => worker.once('exit', resolve));
        worker.postMessage('close');
        await ended;
      }
    },
  };
}
