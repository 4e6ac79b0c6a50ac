import type { IncomingHttpHeaders } from 'node:http';
import { formatDate } from '../core/dates.ts';
import { failure } from '../core/errors.ts';
import { hashKey, isAlive } from '../core/keys.ts';
import type { Key, Store } from '../core/store.ts';

const MINUTE = 'yyyy-MM-dd HH:mm'.length;
const BEARER = /^bearer +(\S+)$/i;

/** The key a request brings: the header `X-Dexatel-Key`, else `Authorization: Bearer`. */
export function secretIn(headers: IncomingHttpHeaders): string | undefined {
  const secret = headers['x-dexatel-key'] || BEARER.exec(headers.authorization ?? '')?.[1];
  return typeof secret === 'string' && secret !== '' ? secret : undefined;
}

export type KeyCheck = ReturnType<typeof makeKeyCheck>;

/** Checks keys. @param onTrouble told when a key's last use could not be noted, which no request waits for. */
export function makeKeyCheck(store: Store, onTrouble: (error: unknown) => void) {
  const noted = new Map<string, string>();

  function noteUse(key: Key, now: string): void {
    const minute = now.slice(0, MINUTE);
    if (key.last_use_date?.slice(0, MINUTE) === minute || noted.get(key.id) === minute) return;
    noted.set(key.id, minute);
    store.keys.touch(key.id).catch(onTrouble);
  }

  /** Notes a key's use now; whether it has not expired. */
  function use(key: Key): boolean {
    const now = formatDate();
    if (!isAlive(key, now)) return false;
    noteUse(key, now);
    return true;
  }

  return {
    use,

    /** The request's key, whose use it notes. Raises 9001. */
    async check(headers: IncomingHttpHeaders): Promise<Key> {
      const secret = secretIn(headers);
      const key = secret === undefined ? undefined : await store.keys.find(hashKey(secret));
      if (key === undefined || !use(key)) throw failure(9001);
      return key;
    },
  };
}
