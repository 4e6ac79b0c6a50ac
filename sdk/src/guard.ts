import { TimeoutError } from './errors.ts';

/** Watches one attempt: ends it when the caller's signal says so, or when nothing has moved for too long. */
export interface Guard {
  /** What fetch is given. */
  readonly signal: AbortSignal;
  /** Something moved: the time begins anew. */
  touch(): void;
  stop(): void;
  /** The reason why it ended the attempt; undefined when it has not. */
  reason(): { error: unknown } | undefined;
}

/** @param timeout in milliseconds; 0 is for ever. */
export function makeGuard(timeout: number, signal: AbortSignal | undefined): Guard {
  const controller = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let ended: { error: unknown } | undefined;
  const end = (error: unknown) => {
    ended ??= { error };
    controller.abort(error);
  };
  const onAbort = () => end(signal?.reason);
  let isStopped = false;
  const touch = () => {
    clearTimeout(timer);
    // What is left of an upload may still move when the attempt is over: a timer would keep the process.
    if (timeout > 0 && !isStopped)
      timer = setTimeout(() => end(new TimeoutError(`no answer for ${timeout} ms`, true)), timeout);
  };
  if (signal?.aborted) onAbort();
  else signal?.addEventListener('abort', onAbort);
  touch();
  return {
    signal: controller.signal,
    touch,
    stop() {
      isStopped = true;
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
    },
    reason: () => ended,
  };
}

/** Waits. Raises the signal's reason as soon as it is aborted. */
export function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', end);
      if (signal?.aborted) reject(signal.reason);
      else resolve();
    };
    const timer = setTimeout(end, milliseconds);
    if (signal?.aborted) end();
    else signal?.addEventListener('abort', end);
  });
}
