import { formatDate } from '../../core/dates.ts';
import { makeId } from '../../core/ids.ts';
import type { Key, NewSession, Session, Store } from '../../core/store.ts';
import { type Database, type Query, reading, sqlState, surely } from './database.ts';
import { idOrNobody } from './ids.ts';

const SESSION = ['id', 'key_id', 'create_date', 'last_use_date', 'expire_date'] as const;
const KEY = ['id', 'account_id', 'name', 'prefix', 'scope', 'create_date', 'last_use_date', 'expire_date'] as const;

export function makeSessions({ query, transaction }: Database): Store['sessions'] {
  return {
    create: (session) => {
      const made = newSession(session);
      return withKey(
        () => surely(() => insert(query, made, session.hash)),
        () => undefined,
      );
    },

    async find(hash) {
      const [row] = await reading(() => query<Record<string, string | null>>(FIND, [hash]));
      if (row === undefined) return undefined;
      const part = (columns: readonly string[], prefix: string) =>
        Object.fromEntries(columns.map((column) => [column, row[prefix + column]]));
      return { session: part(SESSION, 's_') as unknown as Session, key: part(KEY, 'k_') as unknown as Key };
    },

    async touch(sessionId, expireDate) {
      const text = 'UPDATE sessions SET last_use_date = $1, expire_date = $2 WHERE id = $3';
      await surely(() => query(text, [formatDate(), expireDate, idOrNobody(sessionId)]));
    },

    async end(hash) {
      await surely(() => query('DELETE FROM sessions WHERE hash = $1', [hash]));
    },

    createLink: ({ key_id, hash, expire_date }) =>
      withKey(
        () =>
          surely(async () => {
            await letGo(query);
            const text = `INSERT INTO sign_in_links (hash, key_id, expire_date) VALUES ($1, $2, $3)
              ON CONFLICT (hash) DO NOTHING`;
            await query(text, [hash, idOrNobody(key_id), expire_date]);
            return true;
          }),
        () => false,
      ),

    redeemLink: (hash, session) =>
      transaction(async (within) => {
        const text = 'DELETE FROM sign_in_links WHERE hash = $1 AND expire_date > $2 RETURNING key_id';
        const [link] = await within<{ key_id: string }>(text, [hash, formatDate()]);
        if (link === undefined) return undefined;
        return insert(within, newSession({ key_id: link.key_id, ...session }), session.hash);
      }),
  };
}

function newSession({ key_id, expire_date }: NewSession): Session {
  const now = formatDate();
  return { id: makeId(), key_id: idOrNobody(key_id), create_date: now, last_use_date: now, expire_date };
}

async function insert(query: Query, made: Session, hash: Uint8Array): Promise<Session> {
  await letGo(query);
  await query(
    `INSERT INTO sessions (id, key_id, hash, create_date, last_use_date, expire_date) VALUES ($1, $2, $3, $4, $4, $5)
     ON CONFLICT (id) DO NOTHING`,
    [made.id, made.key_id, hash, made.create_date, made.expire_date],
  );
  return made;
}

async function letGo(query: Query): Promise<void> {
  const now = [formatDate()];
  await query('DELETE FROM sessions WHERE expire_date <= $1', now);
  await query('DELETE FROM sign_in_links WHERE expire_date <= $1', now);
}

/** Makes something of a key; what to answer when there is no such key. */
async function withKey<T>(make: () => Promise<T>, otherwise: () => T): Promise<T> {
  try {
    return await make();
  } catch (error) {
    if (sqlState(error).code === '23503') return otherwise();
    throw error;
  }
}

const FIND = `
  SELECT ${SESSION.map((column) => `s.${column} AS s_${column}`).join(', ')},
    ${KEY.map((column) => `k.${column} AS k_${column}`).join(', ')}
  FROM sessions AS s JOIN keys AS k ON k.id = s.key_id WHERE s.hash = $1`;
