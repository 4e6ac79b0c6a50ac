/** Work on the store itself, beside a running server or without one. */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { readStoreConfig } from '../config.ts';
import { SetupError } from '../core/errors.ts';
import { MAX_KEY_NAME } from '../core/keys.ts';
import type { Account, Key, Store } from '../core/store.ts';
import { openStore } from '../store/open.ts';

/** Opens the store, works on it and closes it. @param mayCreate whether a directory without a store gets one. */
export async function withStore(mayCreate: boolean, work: (store: Store) => Promise<void>): Promise<void> {
  const config = readStoreConfig();
  if (config.databaseUrl === undefined && !mayCreate && !existsSync(join(config.data, 'muster.db'))) {
    throw new SetupError(`there is no store in ${resolve(config.data)}: set MUSTER_DATA, or start Muster there first`);
  }
  const store = await openStore({ ...config, role: 'administration' });
  try {
    await work(store);
  } finally {
    await store.close();
  }
}

/** The account of this name or id; without one the only one there is. Raises SetupError. */
export async function findAccount(store: Store, nameOrId: string | undefined): Promise<Account> {
  const accounts = await store.accounts.list();
  if (nameOrId === undefined) {
    if (accounts.length === 1) return accounts[0]!;
    const why = accounts.length === 0 ? 'there is none yet: muster accounts create NAME' : 'say which with --account';
    throw new SetupError(`the store has ${accounts.length} accounts, ${why}`);
  }
  const found = accounts.filter(({ id, name }) => id === nameOrId.toLowerCase() || name === nameOrId);
  if (found.length === 1) return found[0]!;
  throw new SetupError(`there is no account '${nameOrId}': see muster accounts list`);
}

/** The key of this id, or with this visible beginning. Raises SetupError. */
export async function findKey(store: Store, idOrPrefix: string): Promise<Key> {
  const wanted = idOrPrefix.replace(/…$/, '');
  const found = (await store.keys.list()).filter(({ id, prefix }) => id === wanted || prefix === wanted);
  if (found.length === 1) return found[0]!;
  if (found.length > 1)
    throw new SetupError(`${found.length} keys begin with ${wanted}: give the id, see muster keys list`);
  throw new SetupError(`there is no key ${wanted}: see muster keys list`);
}

/** A name for an account or a key. Raises SetupError. */
export function readName(text: string, of: string): string {
  const name = text.trim();
  if (name === '' || name.length > MAX_KEY_NAME)
    throw new SetupError(`the name of ${of} must have 1 to ${MAX_KEY_NAME} characters`);
  return name;
}
