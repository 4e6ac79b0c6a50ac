import { MusterError } from 'muster-sdk';
import { makeSignal } from '../parts/signal.ts';

/** Whether the server has refused the session of a page that is in use. */
export const isSessionOver = makeSignal(false);

/** Whether a write carried the token of another session: somebody has signed in anew in another tab. */
export function isOfOtherSession(error: unknown): boolean {
  return error instanceof MusterError && error.code === 9007;
}
