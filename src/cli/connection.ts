/** The way to a server: whose, with which key, and how patiently. */
import { ConnectionError, Muster, MusterError, type Retry } from '../../sdk/src/index.ts';
import { readClientConfig } from '../config.ts';
import { SetupError } from '../core/errors.ts';
import { readLogins } from './logins.ts';
import { makeProgress, type Progress } from './progress.ts';

/** What may be said of the server with every command that asks one. */
export interface ServerOptions {
  url?: string;
  key?: string;
}

/** Together about a minute, for a server that starts again. */
const MAX_RETRIES = 15;
const RETRY_DELAY = 200;
/** Milliseconds of silence: a large answer may take a while to begin. */
const TIMEOUT = 300_000;

/**
 * A client of the server that is said, configured or signed in to. It waits about a minute for one that went away, and not at
 * all for one that was never there. Raises SetupError without a key.
 */
export function connect(given: ServerOptions): Muster {
  const { url, key } = readClientConfig(given, readLogins());
  if (key === '') throw new SetupError('no API key: set MUSTER_KEY, give --key, or sign in with muster login');
  return connectTo(url, key);
}

/** As `connect`, with a server and a key. */
export function connectTo(url: string, key: string): Muster {
  let wasReached = false;
  let waiting: Progress | undefined;

  function onRetry({ error }: Retry): boolean {
    const isNobodyThere = error instanceof ConnectionError && !error.isOutcomeUnknown;
    if (isNobodyThere && !wasReached) return false;
    waiting ??= makeProgress();
    waiting.update(undefined, WAITING);
    return true;
  }

  try {
    return new Muster({
      baseUrl: url,
      apiKey: key,
      timeout: TIMEOUT,
      maxRetries: MAX_RETRIES,
      retryDelay: RETRY_DELAY,
      onRetry,
      // A server without idempotency keys refuses what is there already: nothing of what commands make is there twice.
      idempotency: true,
      async fetch(input, init) {
        const answer = await fetch(input, init);
        wasReached = true;
        waiting?.clear();
        waiting = undefined;
        return answer;
      },
    });
  } catch {
    throw new SetupError('the API key holds characters that no key has');
  }
}

/** What a progress bar says while nobody answers. */
export const WAITING = 'the server does not answer: waiting …';

/** Something was asked for, and nobody knows whether it was done. */
export class LostAnswerError extends Error {
  override name = 'LostAnswerError';
}

/** What is made by a call that is not made twice. Raises LostAnswerError when nobody knows whether it is there. */
export async function made<Thing>(call: Promise<Thing>): Promise<Thing> {
  try {
    return await call;
  } catch (error) {
    if (!(error instanceof MusterError) || !error.isOutcomeUnknown) throw error;
    throw new LostAnswerError(`${error.message}: it may be there all the same, so look before you make it again`);
  }
}
