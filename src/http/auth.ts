import type { IncomingHttpHeaders } from 'node:http';
import { formatDate } from '../core/dates.ts';
import { failure } from '../core/errors.ts';
import { hashKey, isAlive } from '../core/keys.ts';
import { hashToken, isSessionAlive, sessionEnd } from '../core/sessions.ts';
import type { Key, Session, Store } from '../core/store.ts';
import { tokenIn } from './cookies.ts';

const MINUTE = 'yyyy-MM-dd HH:mm'.length;
const BEARER = /^bearer +(\S+)$/i;

/** The key a request brings: the header `X-Dexatel-Key`, else `Authorization: Bearer`. */
export function secretIn(headers: IncomingHttpHeaders): string | undefined {
  const secret = headers['x-dexatel-key'] || BEARER.exec(headers.authorization ?? '')?.[1];
  return typeof secret === 'string' && secret !== '' ? secret : undefined;
}

/** Who a request comes from: a key, and when a browser came by the cookie of a session instead, the session. */
export interface Access {
  key: Key;
  session: Session | undefined;
  /** The session's token. */
  token: string | undefined;
}

export type AccessCheck = ReturnType<typeof makeAccessCheck>;

/**
 * Checks keys and sessions. @param isSecure whether browsers come by HTTPS.
 * @param onTrouble told when a last use could not be noted, which no request waits for.
 */
export function makeAccessCheck(store: Store, isSecure: boolean, onTrouble: (error: unknown) => void) {
  const noted = new Map<string, string>();
  /** Keys by their secrets, as the store has them at a version: looked up once for all who ask meanwhile. */
  const found = new Map<string, Promise<Access | undefined>>();
  let foundAt: number | undefined;

  /** Notes a use of a key or a session, once a minute. */
  function noteUse(of: Key | Session, now: string, note: () => Promise<void>): void {
    const minute = now.slice(0, MINUTE);
    if (of.last_use_date?.slice(0, MINUTE) === minute || noted.get(of.id) === minute) return;
    noted.set(of.id, minute);
    note().catch(onTrouble);
  }

  /** Notes the use now; whether key and session have not expired. */
  function use({ key, session }: Access): boolean {
    const now = formatDate();
    if (session === undefined ? !isAlive(key, now) : !isSessionAlive(session, key, now)) return false;
    noteUse(key, now, () => store.keys.touch(key.id));
    if (session !== undefined) noteUse(session, now, () => store.sessions.touch(session.id, sessionEnd()));
    return true;
  }

  function used(access: Access | undefined): Access {
    if (access === undefined || !use(access)) throw failure(9001);
    return access;
  }

  async function findAccess(secret: string): Promise<Access | undefined> {
    const key = await store.keys.find(hashKey(secret));
    return key && { key, session: undefined, token: undefined };
  }

  async function checkKey(secret: string, version: number | undefined): Promise<Access> {
    if (version !== foundAt || version === undefined) found.clear();
    foundAt = version;
    let access = found.get(secret);
    if (access === undefined) {
      access = findAccess(secret);
      found.set(secret, access);
      // Only keys that are there stay: who guesses fills no memory, and a failure is not remembered.
      const forget = () => found.delete(secret);
      access.then((known) => known ?? forget(), forget);
    }
    return used(await access);
  }

  async function checkSession(token: string | undefined): Promise<Access> {
    const session = token === undefined ? undefined : await store.sessions.find(hashToken(token));
    return used(session && { ...session, token });
  }

  return {
    use,

    /** All that says who a request comes from, as one text; undefined when nothing does. */
    credentials(headers: IncomingHttpHeaders): string | undefined {
      const secret = secretIn(headers);
      if (secret !== undefined) return `key ${secret}`;
      const token = tokenIn(headers, isSecure);
      return token && `session ${token}`;
    },

    /** Whom a session's token belongs to; notes the use. Raises 9001. */
    checkSession,

    /**
     * Whom the request comes from, by its key, or else its session; notes the use. Raises 9001.
     * @param version the store's, since the request came.
     */
    check(headers: IncomingHttpHeaders, version = store.version()): Promise<Access> {
      const secret = secretIn(headers);
      return secret === undefined ? checkSession(tokenIn(headers, isSecure)) : checkKey(secret, version);
    },
  };
}
