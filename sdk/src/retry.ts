/** When a request is made again, and when that would be a danger. */
import { ConnectionError, MusterError, RateLimitError, UnavailableError } from './errors.ts';

/** No server is waited for longer than this, in milliseconds: who asks for more is told so. */
const LONGEST_WAIT = 60_000;
const LONGEST_STEP = 8_000;

/** 429 and 503 promise that nothing was changed, and whoever was not reached has changed nothing. */
function hasChangedNothing(error: MusterError): boolean {
  if (error instanceof ConnectionError) return !error.isOutcomeUnknown;
  return error.status === 429 || error.status === 503;
}

/** @param canRepeat whether the request may be carried out twice without harm. */
export function isWorthRetrying(error: unknown, canRepeat: boolean): error is MusterError {
  if (!(error instanceof MusterError)) return false;
  return hasChangedNothing(error) || (canRepeat && error.isOutcomeUnknown);
}

/**
 * How long to wait before the next attempt, in milliseconds: twice as long each time, up to a half of it by chance, so that
 * clients that failed together do not come back together; never shorter than the server asks. Undefined when it asks too much.
 */
export function waitBefore(attempt: number, error: MusterError, first: number): number | undefined {
  const step = Math.min(first * 2 ** attempt, LONGEST_STEP) * (1 - Math.random() / 2);
  const isTold = error instanceof RateLimitError || error instanceof UnavailableError;
  const asked = isTold && error.retryAfter !== undefined ? error.retryAfter * 1000 : 0;
  if (asked > LONGEST_WAIT) return undefined;
  return asked + step;
}
