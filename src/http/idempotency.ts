/** The header `Idempotency-Key`: a write that says it takes effect once, however often it is sent. */
import type { IncomingHttpHeaders } from 'node:http';
import { formatDate } from '../core/dates.ts';
import { failure } from '../core/errors.ts';
import { fingerprintOf, type Idempotency } from '../core/idempotency.ts';

export const MAX_IDEMPOTENCY_KEY = 255;
const KEY = /^[\x21-\x7e]*$/;
const WRONG_KEY = `'Idempotency-Key' must be 1 to ${MAX_IDEMPOTENCY_KEY} visible ASCII characters`;

/** What an answer depends on beside request and outcome. */
export interface FirstAnswer {
  /** What its links are built on. */
  origin: string;
  /** When it was made, as errors say it. */
  date: string;
}

/** A write as its fingerprint sees it. */
interface Written {
  method: string;
  url: string;
  headers: IncomingHttpHeaders;
  /** A digest of the body; empty where there is none yet, as of a file. */
  digest: string;
}

/**
 * What a write says with the header; undefined without it. Raises 9013.
 * @param onRepeat told how the first answer was made, when this is a repeat.
 */
export function readIdempotency(
  { method, url, headers, digest }: Written,
  account_id: string,
  origin: string,
  onRepeat: (first: FirstAnswer) => void,
): Idempotency | undefined {
  const key = keyIn(headers);
  if (key === undefined) return undefined;
  if (key.length < 1 || key.length > MAX_IDEMPOTENCY_KEY || !KEY.test(key)) {
    throw failure(9013, 'Idempotency-Key', WRONG_KEY);
  }
  const preconditions = [headers['if-match'] ?? '', headers['if-none-match'] ?? ''];
  const first: FirstAnswer = { origin, date: formatDate() };
  return {
    account_id,
    key,
    fingerprint: fingerprintOf([account_id, method, url, ...preconditions, digest]),
    note: JSON.stringify(first),
    onRepeat: (note) => onRepeat(JSON.parse(note)),
  };
}

/** The key of a request; undefined without the header. */
export function keyIn(headers: IncomingHttpHeaders): string | undefined {
  const key = headers['idempotency-key'];
  return Array.isArray(key) ? key.join(', ') : key;
}
