/**
 * Writes that take effect once, however often they are asked for: what became of the first is kept beside what it did, in the
 * same transaction, and a repeat is given that (draft-ietf-httpapi-idempotency-key-header).
 */
import { hash } from 'node:crypto';
import { deflateSync, inflateSync } from 'node:zlib';
import { ERRORS, type Problem } from './errors.ts';

/** How long an outcome is kept, in milliseconds. */
export const KEPT_FOR = 24 * 3_600_000;

/** A write as its client names it. */
export interface Idempotent {
  account_id: string;
  /** Chosen by the client; one of another account is another. */
  key: string;
  /** Digest of everything that the request says: with another one the key raises 9014. */
  fingerprint: string;
  /** What the caller needs beside the outcome to answer in the same words again; kept with it. */
  note: string;
}

/** A write to be carried out unless it was, with whoever wants to know. */
export interface Idempotency extends Idempotent {
  /** Told, before the operation ends, that its outcome is the first one's; with what was noted then. */
  onRepeat(note: string): void;
}

/** What became of a write. */
export type WriteOutcome = { value: unknown } | { problems: Problem[] };

/** A fingerprint of texts, in their order. */
export function fingerprintOf(texts: string[]): string {
  return hash('sha256', JSON.stringify(texts), 'base64url');
}

/** What an outcome is kept under, in the form of a UUID: a digest of account and key, whatever a client calls its keys. */
export function idempotencyId({ account_id, key }: Pick<Idempotent, 'account_id' | 'key'>): string {
  const hex = hash('sha256', `${account_id} ${key}`, 'hex');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, '$1-$2-$3-$4-$5');
}

/**
 * Whether a repeat is given this outcome: a success, or a refusal by what was there (409, 412), which may be gone when the repeat
 * comes. What was not found has not been touched, and any other failure is worth another try.
 */
export function isKept(outcome: WriteOutcome): boolean {
  if (!('problems' in outcome)) return true;
  return outcome.problems.every(({ code }) => ERRORS[code].status === 409 || ERRORS[code].status === 412);
}

/** From here on an outcome is packed: those of bulk calls are, to a quarter. */
const WORTH_PACKING = 2048;
/** The first byte of what is packed; JSON begins with a brace. */
const PACKED = 0x78;

/** An outcome as it is kept. */
export function packOutcome(outcome: WriteOutcome): Uint8Array {
  const json = Buffer.from(JSON.stringify(outcome));
  return json.length < WORTH_PACKING ? json : deflateSync(json, { level: 1 });
}

export function unpackOutcome(bytes: Uint8Array): WriteOutcome {
  const json = bytes[0] === PACKED ? inflateSync(bytes) : Buffer.from(bytes);
  return JSON.parse(json.toString());
}
