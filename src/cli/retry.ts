import { ApiError, ConnectionError } from './api-client.ts';

/** Waits before something is asked again, in milliseconds: about a minute in all, for a server that starts again. */
const WAITS = [200, 500, 1000, 2000, 4000, 8000, 15_000, 30_000];

/** The server, or the proxy in front of it, was not there or had no time. */
export type PassingError = ConnectionError | ApiError;

export interface Patience {
  /** Asked after each failure; false raises it. */
  mayRepeat?(error: PassingError): boolean;
  /** Told before each wait. */
  onWait?(): void;
  /** Ends a wait early. */
  signal?: AbortSignal;
}

/**
 * Asks until there is an answer, for about a minute. An error that says more than that nobody had time is raised at once.
 * @param ask what can be done again without harm.
 */
export async function askSurely<Answer>(
  ask: () => Promise<Answer>,
  { mayRepeat = () => true, onWait = () => {}, signal }: Patience = {},
): Promise<Answer> {
  for (const wait of WAITS) {
    try {
      return await ask();
    } catch (error) {
      if (!isPassing(error) || !mayRepeat(error)) throw error;
      onWait();
      const asked = error instanceof ApiError ? (error.retryAfter ?? 0) * 1000 : 0;
      await pause(Math.max(wait, asked), signal);
    }
  }
  return ask();
}

function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal?.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

/** Whether it is worth asking again. */
export function isPassing(error: unknown): error is PassingError {
  if (error instanceof ConnectionError) return true;
  return error instanceof ApiError && (error.status === 429 || error.status === 503 || isProxyLoss(error.status));
}

/** Whether what was asked for may have been done all the same. A 429 and a 503 say that nothing was. */
export function mayHaveHappened(error: PassingError): boolean {
  return error instanceof ConnectionError ? error.wasReached : isProxyLoss(error.status);
}

/** A proxy that got no answer from the server. */
function isProxyLoss(status: number): boolean {
  return status === 502 || status === 504;
}
