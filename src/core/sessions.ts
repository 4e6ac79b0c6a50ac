/** Signing in: what a browser brings in the place of a key. */
import { hash, randomBytes, timingSafeEqual } from 'node:crypto';
import { readMembers, refuse } from './body.ts';
import { formatDate } from './dates.ts';
import { failure, type Problem, problem } from './errors.ts';
import { hashKey, isAlive } from './keys.ts';
import type { Key, NewSession, Session, Store } from './store.ts';

/** How long a session lives that is not used, and a link that nobody follows, in milliseconds. */
export const SESSION_UNUSED = 14 * 24 * 3_600_000;
export const LINK_LIFETIME = 3_600_000;

/** What is stored of a token: its SHA-256. */
export function hashToken(token: string): Uint8Array {
  return hash('sha256', token, 'buffer');
}

/** When a session is over that is used now. */
export function sessionEnd(): string {
  return formatDate(Date.now() + SESSION_UNUSED);
}

/** Whether session and key are still good. @param now as `yyyy-MM-dd HH:mm:ss`. */
export function isSessionAlive(session: Session, key: Key, now: string): boolean {
  return session.expire_date > now && isAlive(key, now);
}

/**
 * What a page has to send with every write of its session: others make a browser send the cookie, and cannot read this. It is
 * made of the token, so that every process knows it and none has to keep it.
 */
export function csrfToken(token: string): string {
  return hash('sha256', `csrf ${token}`, 'base64url');
}

/** Whether what was sent is the session's CSRF token, at the same cost whatever was sent. */
export function isCsrfToken(sent: unknown, token: string): boolean {
  if (typeof sent !== 'string') return false;
  return timingSafeEqual(hash('sha256', sent, 'buffer'), hash('sha256', csrfToken(token), 'buffer'));
}

/** Signs in with a key's secret, `data.key`; the new session's token. Raises 1007, 9001, 9013. */
export async function signIn(store: Store, data: unknown): Promise<string> {
  const problems: Problem[] = [];
  const { key: secret } = readMembers(data, problems);
  if (problems.length === 0 && typeof secret !== 'string') {
    problems.push(problem(9013, 'data.key', "'{place}' must be a string"));
  }
  if (problems.length > 0) return refuse(problems);
  const key = await store.keys.find(hashKey((secret as string).trim()));
  if (key === undefined || !isAlive(key, formatDate())) throw failure(9001);
  const { token, session } = makeSession();
  const made = await store.sessions.create({ key_id: key.id, ...session });
  if (made === undefined) throw failure(9001);
  return token;
}

/** Signs in with a link's token; the new session's token, undefined when the link is not good, or not any more. */
export async function followLink(store: Store, link: string): Promise<string | undefined> {
  const { token, session } = makeSession();
  const made = await store.sessions.redeemLink(hashToken(link), session);
  return made && token;
}

/** Makes a link that signs in once with a key; its path, undefined when the key is gone. */
export async function makeSignInLink(store: Store, keyId: string): Promise<string | undefined> {
  const token = makeToken();
  const expire_date = formatDate(Date.now() + LINK_LIFETIME);
  const isMade = await store.sessions.createLink({ key_id: keyId, hash: hashToken(token), expire_date });
  return isMade ? `/console/sign-in?token=${token}` : undefined;
}

function makeSession(): { token: string; session: Omit<NewSession, 'key_id'> } {
  const token = makeToken();
  return { token, session: { hash: hashToken(token), expire_date: sessionEnd() } };
}

function makeToken(): string {
  return randomBytes(32).toString('base64url');
}
