/** Accounts, keys, sign-in links, backup and check: work on the store itself, beside a running server or without one. */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { readConsoleUrl, readStoreConfig } from '../config.ts';
import { formatDate } from '../core/dates.ts';
import { SetupError } from '../core/errors.ts';
import { isAlive, MAX_KEY_NAME, makeKey } from '../core/keys.ts';
import { makeSignInLink } from '../core/sessions.ts';
import type { Account, Key, Scope, Store } from '../core/store.ts';
import { openStore, placeOf } from '../store/open.ts';
import { print, printRows } from './output.ts';
import { count, makeProgress } from './progress.ts';

const SPANS: Record<string, number> = { m: 60, h: 3600, d: 86_400 };

/** @param mayCreate whether a directory without a store gets one. */
async function withStore(mayCreate: boolean, work: (store: Store) => Promise<void>): Promise<void> {
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

/** Brings the store to the newest schema, and spreads it over the machines of a Citus cluster when that is asked for. */
export async function migrateStore({ distribute = false }: { distribute?: boolean }): Promise<void> {
  const config = readStoreConfig();
  const isDistributed = config.isDistributed || distribute;
  await (await openStore({ ...config, isDistributed, role: 'administration' })).close();
  console.error(`${placeOf(config)} is up to date${isDistributed ? ', and spread over the cluster' : ''}`);
}

export function createAccount(name: string): Promise<void> {
  return withStore(true, async (store) => {
    const text = readName(name, 'an account');
    const known = (await store.accounts.list()).some((account) => account.name === text);
    if (known) throw new SetupError(`there is an account '${text}' already`);
    print((await store.accounts.create(text)).id);
    console.error(`Account '${text}' is made. Its first key: muster keys create --account '${text}'`);
  });
}

export function listAccounts(options: { json?: boolean }): Promise<void> {
  return withStore(false, async (store) => {
    const accounts = await store.accounts.list();
    printRows(accounts, options, ['ID', 'NAME', 'MADE'], ({ id, name, create_date }) => [id, name, create_date]);
  });
}

export interface KeyOptions {
  account?: string;
  name: string;
  scope: string;
  expires?: string;
}

export function createKey(options: KeyOptions): Promise<void> {
  return withStore(false, async (store) => {
    const account = await findAccount(store, options.account);
    const expire_date = options.expires === undefined ? null : readDate(options.expires);
    const scope = readScope(options.scope);
    const { secret, key } = makeKey({
      account_id: account.id,
      name: readName(options.name, 'a key'),
      scope,
      expire_date,
    });
    const { id } = await store.keys.create(key);
    showSecret(secret, `Key ${id} of account '${account.name}', scope ${scope}, ${expiryText(expire_date)}.`);
  });
}

export function listKeys(options: { account?: string; json?: boolean }): Promise<void> {
  return withStore(false, async (store) => {
    const account = options.account === undefined ? undefined : await findAccount(store, options.account);
    const names = new Map((await store.accounts.list()).map(({ id, name }) => [id, name]));
    const header = ['ID', 'ACCOUNT', 'NAME', 'KEY', 'SCOPE', 'MADE', 'LAST USED', 'EXPIRES'];
    printRows(await store.keys.list(account?.id), options, header, (key) => [
      key.id,
      names.get(key.account_id) ?? key.account_id,
      key.name,
      `${key.prefix}…`,
      key.scope,
      key.create_date,
      key.last_use_date?.slice(0, 'yyyy-MM-dd HH:mm'.length) ?? 'never',
      isAlive(key, formatDate()) ? (key.expire_date ?? 'never') : `${key.expire_date} (expired)`,
    ]);
  });
}

export function revokeKey(idOrPrefix: string): Promise<void> {
  return withStore(false, async (store) => {
    const key = await findKey(store, idOrPrefix);
    await store.keys.revoke(key.id);
    console.error(`Key ${key.id} ('${key.name}', ${key.prefix}…) is gone: it answers 401 from now on.`);
  });
}

export function rotateKey(idOrPrefix: string, options: { keep: string }): Promise<void> {
  return withStore(false, async (store) => {
    const old = await findKey(store, idOrPrefix);
    const { account_id, name, scope, expire_date } = old;
    const { secret, key } = makeKey({ account_id, name, scope, expire_date });
    const wanted = readDate(options.keep);
    const until = expire_date !== null && expire_date < wanted ? expire_date : wanted;
    const made = await store.keys.rotate(old.id, key, until);
    if (made === undefined) throw new SetupError(`there is no key ${old.id} any more`);
    showSecret(
      secret,
      `Key ${made.id} takes the place of ${old.id}, which works until ${until} UTC; it works ${expiryText(expire_date)}.`,
    );
  });
}

export interface LinkOptions {
  account?: string;
  key?: string;
  url?: string;
}

export function linkToConsole(options: LinkOptions): Promise<void> {
  return withStore(false, async (store) => {
    const url = readConsoleUrl(options.url);
    const key = options.key === undefined ? await bestKey(store, options.account) : await findKey(store, options.key);
    const link = isAlive(key, formatDate()) ? await makeSignInLink(store, key.id) : undefined;
    if (link === undefined) throw new SetupError(`the key ${key.id} is not good any more: see muster keys list`);
    console.error(`Signs in with the key '${key.name}' (${key.prefix}…, scope ${key.scope}), once, within the hour:`);
    print(`${url}${link}`);
  });
}

/** The account's oldest key that is good, one that may write before those that may not. */
async function bestKey(store: Store, nameOrId: string | undefined): Promise<Key> {
  const account = await findAccount(store, nameOrId);
  const good = (await store.keys.list(account.id)).filter((key) => isAlive(key, formatDate()));
  const best = good.find(({ scope }) => scope === 'write') ?? good[0];
  if (best === undefined) throw new SetupError(`the account '${account.name}' has no good key: muster keys create`);
  return best;
}

export function backUpStore(file: string): Promise<void> {
  return withStore(false, async (store) => {
    await store.backup(file);
    console.error(
      `The store is copied to ${file}. To use the copy: name it muster.db in an empty MUSTER_DATA directory.`,
    );
  });
}

/** Answers whether the store is sound. */
export async function checkStore(options: { json?: boolean }): Promise<boolean> {
  let isSound = true;
  await withStore(false, async (store) => {
    const progress = makeProgress();
    let contacts = 0;
    const findings = await store.check((done, of) => {
      contacts = of;
      progress.update(of === 0 ? 1 : done / of, `${count(done)} of ${count(of)} contacts`);
    });
    progress.clear();
    isSound = findings.length === 0;
    if (options.json) print(JSON.stringify({ sound: isSound, contacts, findings }));
    else if (isSound) print(`The store is sound: integrity, counters and search index of ${count(contacts)} contacts.`);
    else for (const { what, where } of findings) print(where === undefined ? what : `${where}: ${what}`);
  });
  return isSound;
}

function showSecret(secret: string, about: string): void {
  // The secret alone goes to standard output, so that KEY=$(muster keys create) works.
  console.error(`${about} It is shown only now:`);
  print(secret);
}

async function findAccount(store: Store, nameOrId: string | undefined): Promise<Account> {
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

async function findKey(store: Store, idOrPrefix: string): Promise<Key> {
  const wanted = idOrPrefix.replace(/…$/, '');
  const found = (await store.keys.list()).filter(({ id, prefix }) => id === wanted || prefix === wanted);
  if (found.length === 1) return found[0]!;
  if (found.length > 1)
    throw new SetupError(`${found.length} keys begin with ${wanted}: give the id, see muster keys list`);
  throw new SetupError(`there is no key ${wanted}: see muster keys list`);
}

function readName(text: string, of: string): string {
  const name = text.trim();
  if (name === '' || name.length > MAX_KEY_NAME)
    throw new SetupError(`the name of ${of} must have 1 to ${MAX_KEY_NAME} characters`);
  return name;
}

function readScope(text: string): Scope {
  if (text === 'read' || text === 'write') return text;
  throw new SetupError(`the scope is '${text}', but must be read or write`);
}

/** A moment in the future: a span from now (`30d`, `24h`, `90m`), or a date in UTC. */
function readDate(text: string): string {
  const [, amount, unit] = /^(\d{1,6})([mhd])$/.exec(text) ?? [];
  if (amount !== undefined) return formatDate(Date.now() + Number(amount) * SPANS[unit!]! * 1000);
  const [, day, time] = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d:\d\d))?Z?$/.exec(text) ?? [];
  const ms = Date.parse(`${day}T${time ?? '00:00:00'}Z`);
  if (Number.isNaN(ms) || formatDate(ms).slice(0, 10) !== day) {
    throw new SetupError(`'${text}' is no date: give a span such as 30d, 24h or 90m, or a date such as 2027-01-31`);
  }
  if (ms <= Date.now()) throw new SetupError(`'${text}' is over already`);
  return formatDate(ms);
}

function expiryText(expires: string | null): string {
  return expires === null ? 'without expiry' : `until ${expires} UTC`;
}
