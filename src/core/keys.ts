import { hash, randomBytes } from 'node:crypto';
import type { Key, NewKey, Scope } from './store.ts';

const KEY_PREFIX = 'muster_';
/** Characters of a key that stay visible. */
const SHOWN = 12;
/** Fewest characters of a key that somebody chose. */
export const MIN_KEY_LENGTH = 16;

/** What is stored of a key: its SHA-256. */
export function hashKey(secret: string): Uint8Array {
  return hash('sha256', secret, 'buffer');
}

export interface KeyOptions {
  account_id: string;
  name: string;
  scope: Scope;
  /** As `yyyy-MM-dd HH:mm:ss`, or null for a key that does not expire. */
  expire_date: string | null;
}

/** A new key: the secret, which is shown once, and what is stored. @param secret a chosen one instead of a random one. */
export function makeKey<Options extends Omit<KeyOptions, 'account_id'>>(
  options: Options,
  secret?: string,
): { secret: string; key: Options & Pick<NewKey, 'prefix' | 'hash'> } {
  const text = secret ?? KEY_PREFIX + randomBytes(24).toString('base64url');
  // Of a chosen secret less is shown: it may be as short as 16 characters.
  const prefix = text.slice(0, secret === undefined ? SHOWN : 4);
  return { secret: text, key: { ...options, prefix, hash: hashKey(text) } };
}

/** Whether the key is still good. @param now as `yyyy-MM-dd HH:mm:ss`. */
export function isAlive(key: Key, now: string): boolean {
  return key.expire_date === null || key.expire_date > now;
}
