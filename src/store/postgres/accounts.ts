import { formatDate } from '../../core/dates.ts';
import { makeId } from '../../core/ids.ts';
import type { Account, Key, NewKey, Store } from '../../core/store.ts';
import { type Database, type Query, reading, surely } from './database.ts';
import { idOrNobody } from './ids.ts';

const KEY = 'id, account_id, name, prefix, scope, create_date, last_use_date, expire_date';

export function makeAccounts({ query }: Database): Store['accounts'] {
  return {
    create(name) {
      const made = makeAccount(name);
      return surely(() => insertAccount(query, made));
    },
    async get(accountId) {
      const text = 'SELECT id, name, create_date FROM accounts WHERE id = $1';
      return (await reading(() => query<Account>(text, [idOrNobody(accountId)])))[0];
    },
    list: () => reading(() => query<Account>('SELECT id, name, create_date FROM accounts ORDER BY no')),
  };
}

export function makeKeys({ query, transaction }: Database): Store['keys'] {
  return {
    create(key) {
      const made = makeKey(key);
      return surely(() => insertKey(query, made));
    },
    async createFirst(accountName, key) {
      if (await reading(() => hasKeys(query))) return undefined;
      return transaction(async (within) => {
        await within('LOCK TABLE keys IN SHARE ROW EXCLUSIVE MODE');
        if (await hasKeys(within)) return undefined;
        const [first] = await within<Account>('SELECT id, name, create_date FROM accounts ORDER BY no LIMIT 1');
        const account = first ?? (await insertAccount(within, makeAccount(accountName)));
        return { account, key: await insertKey(within, makeKey({ account_id: account.id, ...key })) };
      });
    },
    async find(hash) {
      return (await reading(() => query<Key>(`SELECT ${KEY} FROM keys WHERE hash = $1`, [hash])))[0];
    },
    list(accountId) {
      const text = `SELECT ${KEY} FROM keys WHERE $1::uuid IS NULL OR account_id = $1 ORDER BY no`;
      return reading(() => query<Key>(text, [accountId === undefined ? null : idOrNobody(accountId)]));
    },
    async touch(keyId) {
      const text = 'UPDATE keys SET last_use_date = $1 WHERE id = $2';
      await surely(() => query(text, [formatDate(), idOrNobody(keyId)]));
    },
    revoke: (keyId, accountId) =>
      surely(async (isAgain) => {
        const text = 'DELETE FROM keys WHERE id = $1 AND ($2::uuid IS NULL OR account_id = $2) RETURNING id';
        const account = accountId === undefined ? null : idOrNobody(accountId);
        const gone = await query(text, [idOrNobody(keyId), account]);
        return isAgain || gone.length > 0;
      }),
    rotate: (keyId, key, oldExpires) =>
      transaction(async (within) => {
        const text = `UPDATE keys SET expire_date = least(coalesce(expire_date, $1), $1) WHERE id = $2 RETURNING id`;
        const found = await within(text, [oldExpires, idOrNobody(keyId)]);
        return found.length === 0 ? undefined : insertKey(within, makeKey(key));
      }),
  };
}

function makeAccount(name: string): Account {
  return { id: makeId(), name, create_date: formatDate() };
}

async function insertAccount(query: Query, made: Account): Promise<Account> {
  const text = 'INSERT INTO accounts (id, name, create_date) VALUES ($1, $2, $3) ON CONFLICT (id) DO NOTHING';
  await query(text, [made.id, made.name, made.create_date]);
  return made;
}

async function hasKeys(query: Query): Promise<boolean> {
  return (await query('SELECT 1 FROM keys LIMIT 1')).length > 0;
}

function makeKey(key: NewKey): Key & { hash: Uint8Array } {
  return { id: makeId(), ...key, create_date: formatDate(), last_use_date: null };
}

async function insertKey(query: Query, made: Key & { hash: Uint8Array }): Promise<Key> {
  const { hash, ...key } = made;
  const { id, account_id, name, prefix, scope, create_date, expire_date } = key;
  await query(
    `INSERT INTO keys (id, account_id, name, prefix, scope, hash, create_date, expire_date)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (id) DO NOTHING`,
    [id, account_id, name, prefix, scope, hash, create_date, expire_date],
  );
  return key;
}
