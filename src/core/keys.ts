import { hash, randomBytes } from 'node:crypto';
import { readMembers, refuse } from './body.ts';
import { formatDate, readDate } from './dates.ts';
import { failure, type Problem, problem } from './errors.ts';
import { type PageRequest, readPageRequest, sliceOf, type Walk } from './paging.ts';
import type { Key, NewKey, Scope, Store } from './store.ts';
import { cleanText, isLongerThan, isSoundText } from './text.ts';

const KEY_PREFIX = 'muster_';
/** Characters of a key that stay visible. */
const SHOWN = 12;
/** Fewest characters of a key that somebody chose. */
export const MIN_KEY_LENGTH = 16;
/** Most characters of a key's name, in Unicode code points. */
export const MAX_KEY_NAME = 100;
export const SCOPES: readonly Scope[] = ['read', 'write'];

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

/** A key as its account sees it. */
export type ShownKey = Omit<Key, 'account_id'>;

export function showKey({ account_id, ...shown }: Key): ShownKey {
  return shown;
}

/** A page of the account's keys, in the order of making; they are few. Raises 9010, 9011. */
export async function listKeys(
  store: Store,
  accountId: string,
  request: PageRequest,
): Promise<{ items: ShownKey[]; walk: Walk }> {
  const problems: Problem[] = [];
  const placed = readPageRequest(request, `keys ${accountId}`, problems);
  if (placed === undefined) return refuse(problems);
  const all = (await store.keys.list(accountId)).sort((one, other) => (one.id < other.id ? -1 : 1));
  const { items, hasNext } = sliceOf(all, placed.slice);
  const ends = { count: items.length, first: items[0]?.id, last: items.at(-1)?.id, hasNext, total: all.length };
  return { items: items.map(showKey), walk: placed.walk(ends) };
}

/**
 * Makes a key of the same account, which lives no longer than the key that makes it; its secret is told this once.
 * Raises 1007, 9013.
 */
export async function createKey(store: Store, maker: Key, data: unknown): Promise<ShownKey & { secret: string }> {
  const problems: Problem[] = [];
  const members = readMembers(data, problems);
  if (problems.length > 0) return refuse(problems);
  const name = readName(members.name, problems);
  const scope = readScope(members.scope, problems);
  const expire_date = readExpiry(members.expire_date, maker, problems);
  if (problems.length > 0) return refuse(problems);
  const { secret, key } = makeKey({ account_id: maker.account_id, name: name!, scope: scope!, expire_date });
  return { ...showKey(await store.keys.create(key)), secret };
}

/**
 * Ends another key of the account. None ends itself, so that an account keeps one that may write, and whoever has to be
 * kept out is not the one to say so. Raises 9030, 9032.
 */
export async function revokeKey(store: Store, revoker: Key, keyId: string): Promise<void> {
  if (keyId === revoker.id) throw failure(9032);
  if (!(await store.keys.revoke(keyId, revoker.account_id))) throw failure(9030);
}

function readName(raw: unknown, problems: Problem[]): string | undefined {
  const text = typeof raw === 'string' && isSoundText(raw) ? cleanText(raw, MAX_KEY_NAME) : '';
  if (text !== '' && !isLongerThan(text, MAX_KEY_NAME)) return text;
  problems.push(problem(9013, 'data.name', `'{place}' must be a string of 1 to ${MAX_KEY_NAME} characters`));
  return undefined;
}

function readScope(raw: unknown, problems: Problem[]): Scope | undefined {
  const scope = SCOPES.find((each) => each === raw);
  if (scope === undefined) problems.push(problem(9013, 'data.scope', `'{place}' should be in: [${SCOPES.join(', ')}]`));
  return scope;
}

function readExpiry(raw: unknown, maker: Key, problems: Problem[]): string | null {
  if (raw === undefined || (raw === null && maker.expire_date === null)) return maker.expire_date;
  const date = typeof raw === 'string' ? readDate(raw) : undefined;
  if (raw !== null && date === undefined) {
    problems.push(problem(9013, 'data.expire_date', "'{place}' must be a date as yyyy-MM-dd HH:mm:ss, or null"));
  } else if (date !== undefined && date <= formatDate()) {
    problems.push(problem(9013, 'data.expire_date', "'{place}' is over already"));
  } else if (maker.expire_date !== null && (date === undefined || date > maker.expire_date)) {
    const rule = `'{place}' must not be later than that of the key that makes it, ${maker.expire_date}`;
    problems.push(problem(9013, 'data.expire_date', rule));
  }
  return date ?? null;
}
