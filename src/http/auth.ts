import type { IncomingHttpHeaders } from 'node:http';
import { formatDate } from '../core/dates.ts';
import { failure } from '../core/errors.ts';
import { hashKey, isAlive } from '../core/keys.ts';
import type { Key, Store } from '../core/store.ts';

const MINUTE = 'yyyy-MM-dd HH:mm'.length;
const BEARER = /^bearer +(\S+)$/i;

/**
 * Checks keys: the header `X-Dexatel-Key`, else `Authorization: Bearer`. Raises 9001.
 * @param onTrouble told when a key's last use could not be noted, which no request waits for.
 */
export function makeKeyCheck(store: Store, onTrouble: (error: unknown) => void) {
  const noted = new Map<string, string>();

  function noteUse(key: Key, now: string): void {
    const minute = now.slice(0, MINUTE);
    if (key.last_use_date?.slice(0, MINUTE) === minute || noted.get(key.id) === minute) return;
    noted.set(key.id, minute);
    store.keys.touch(key.id).catch(onTrouble);
  }

  return async function checkKey(headers: IncomingHttpHeaders): Promise<Key> {
    const secret = headers['x-dexatel-key'] || BEARER.exec(headers.authorization ?? '')?.[1];
    if (typeof secret !== 'string' || secret === '') throw failure(9001);
    const key = await store.keys.find(hashKey(secret));
    const now = formatDate();
    if (key === undefined || !isAlive(key, now)) throw failure(9001);
    noteUse(key, now);
    return key;
  };
}
