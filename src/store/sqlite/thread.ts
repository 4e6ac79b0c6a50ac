import { flushCompileCache } from 'node:module';
import { extname } from 'node:path';
import { getAsset, isSea } from 'node:sea';
import { type MessagePort, receiveMessageOnPort, Worker, type WorkerOptions } from 'node:worker_threads';
import { MusterError, type Problem } from '../../core/errors.ts';

/** What goes to a worker thread, and what comes back: an outcome for each call, in order. */
export interface ThreadCall {
  operation: string;
  args: unknown[];
}
export type ThreadOutcome = { value: unknown } | { problems: Problem[] } | { crash: string };

interface Message {
  calls: ThreadCall[];
  weight: number;
}

interface Waiting {
  weight: number;
  resolve(value: unknown): void;
  reject(error: Error): void;
}

export interface Thread {
  /** Runs an operation on the thread. @param weight how long it takes, in rows. */
  call(operation: string, args: unknown[], weight?: number): Promise<unknown>;
  /** How many calls wait for an answer. */
  pending(): number;
  /** What these weigh together. */
  load(): number;
  /** Finishes what waits, then ends the thread. */
  close(): Promise<void>;
}

/** To post a message, and to wake the thread for it, costs as much as three calls in it. */
const POST_WEIGHT = 8;
/** When a thread keeps what was compiled for it, where that is kept: after the start, and before its process may be killed. */
const KEEP_AFTER = 1000;
/** What a message brings is soon garbage: collected often, it takes little room. */
const YOUNG_MB = 16;

/**
 * A worker thread with a queue, which is the thread's own: it takes all that waits there at once (`answerCalls`), which is
 * what makes a group commit, and never waits for this side to hand it more.
 * @param name of the module that runs in it, which lies beside this one.
 * @param maxWeight what one message carries at the most.
 * @param onDeath called when the thread dies by itself; every waiting call has then been rejected.
 */
export function startThread(name: string, data: unknown, maxWeight: number, onDeath: (error: Error) => void): Thread {
  const worker = startWorker(name, { workerData: data, resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB } });
  const waiting: Waiting[] = [];
  /** What is to be posted next: the last of what waits. */
  let message: Message = { calls: [], weight: 0 };
  let death: Error | undefined;
  let isClosing = false;
  let idle: (() => void) | undefined;
  let waitingWeight = 0;
  let isPosting = false;

  function post(): void {
    if (message.calls.length === 0) return;
    worker.postMessage(message);
    message = { calls: [], weight: 0 };
  }

  /** Posts what was called for together; a little of it can wait for more while the thread has work. */
  function postSoon(): void {
    isPosting = false;
    if (message.weight >= Math.min(POST_WEIGHT, maxWeight) || waiting.length === message.calls.length) post();
  }

  worker.on('message', (outcomes: ThreadOutcome[]) => {
    const answered = waiting.splice(0, outcomes.length);
    for (const [index, { weight, resolve, reject }] of answered.entries()) {
      waitingWeight -= weight;
      const outcome = outcomes[index]!;
      if ('value' in outcome) resolve(outcome.value);
      else if ('problems' in outcome) reject(new MusterError(outcome.problems));
      else reject(new Error(outcome.crash));
    }
    postSoon();
    if (waiting.length === 0) idle?.();
  });

  function die(error: Error): void {
    if (death !== undefined) return;
    death = error;
    for (const { reject } of waiting.splice(0)) reject(error);
    idle?.();
    if (!isClosing) onDeath(error);
  }
  worker.on('error', (error) => die(error as Error));
  worker.on('exit', (code) => die(new Error(`the thread ended with code ${code}`)));

  return {
    call(operation, args, weight = 1) {
      return new Promise((resolve, reject) => {
        if (death !== undefined || isClosing) return reject(death ?? new Error('the store is closed'));
        if (message.calls.length > 0 && message.weight + weight > maxWeight) post();
        if (!isPosting) {
          isPosting = true;
          process.nextTick(postSoon);
        }
        message.calls.push({ operation, args });
        message.weight += weight;
        waiting.push({ weight, resolve, reject });
        waitingWeight += weight;
      });
    },
    pending: () => waiting.length,
    load: () => waitingWeight,
    async close() {
      isClosing = true;
      if (death === undefined && waiting.length > 0) {
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

/** In a single executable there are no files: a thread's module is an asset of it. */
function startWorker(name: string, options: WorkerOptions): Worker {
  if (isSea()) return new Worker(getAsset(name, 'utf8'), { ...options, eval: true });
  return new Worker(new URL(name + extname(import.meta.url), import.meta.url), options);
}

/**
 * The thread's side of it: answers all that waits together, in order.
 * @param maxWeight a group is full when its calls weigh so much: it may weigh twice that.
 * @param apply an outcome for each call, in order.
 * @param close runs when the thread is to end, after everything else.
 */
export function answerCalls(
  port: MessagePort,
  maxWeight: number,
  apply: (calls: ThreadCall[]) => ThreadOutcome[],
  close: () => void,
): void {
  setTimeout(flushCompileCache, KEEP_AFTER).unref();
  port.on('message', (first: Message | 'close') => {
    let next: Message | 'close' | undefined = first;
    const calls: ThreadCall[] = [];
    for (let weight = 0; next !== undefined && next !== 'close' && weight < maxWeight; ) {
      for (const call of next.calls) calls.push(call);
      weight += next.weight;
      next = weight < maxWeight ? receiveMessageOnPort(port)?.message : undefined;
    }
    if (calls.length > 0) port.postMessage(apply(calls));
    if (next !== 'close') return;
    close();
    port.close();
  });
}
