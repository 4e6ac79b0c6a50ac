/** `muster keys`: who may ask the server, and what. */
import type { Command } from 'commander';
import { formatDate } from '../core/dates.ts';
import { SetupError } from '../core/errors.ts';
import { isAlive, makeKey } from '../core/keys.ts';
import type { Scope } from '../core/store.ts';
import { examples, printing, suggesting } from './command.ts';
import { type OutputOptions, print, printRows, say } from './output.ts';
import { findAccount, findKey, readName, withStore } from './store-access.ts';

const SPANS: Record<string, number> = { m: 60, h: 3600, d: 86_400 };

export function addKeyCommands(program: Command): void {
  const group = program.command('keys').description('the API keys of this installation');
  group
    .command('create')
    .description('make a key; prints it, this once')
    .option('--account <name or id>', 'whose key; not needed when there is one account')
    .option('--name <text>', 'what the key is for', 'key')
    .addOption(suggesting('--scope <scope>', 'what it may do', ['read', 'write']).default('write'))
    .option('--expires <when>', 'a span such as 30d, 24h or 90m, or a date (UTC) such as 2027-01-31')
    .addHelpText(
      'after',
      examples(
        "muster keys create --name 'nightly job' --scope read --expires 90d",
        'export MUSTER_KEY=$(muster keys create --name laptop)',
      ),
    )
    .action(createKey);
  printing(
    group
      .command('list')
      .description('list the keys; what was shown once is shown no more')
      .option('--account <name or id>', 'only those of one account'),
  )
    .addHelpText('after', examples('muster keys list', 'muster keys list --account default --json'))
    .action(listKeys);
  group
    .command('revoke')
    .description('end a key at once')
    .argument('<id or prefix>')
    .addHelpText('after', examples('muster keys revoke muster_Ab3dE'))
    .action(revokeKey);
  group
    .command('rotate')
    .description('make a new key in the place of one, which lives on for a while')
    .argument('<id or prefix>')
    .option('--keep <when>', 'how long the old key still works', '24h')
    .addHelpText('after', examples('muster keys rotate muster_Ab3dE --keep 7d'))
    .action(rotateKey);
}

interface KeyOptions {
  account?: string;
  name: string;
  scope: string;
  expires?: string;
}

function createKey(options: KeyOptions): Promise<void> {
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

function listKeys(options: { account?: string } & OutputOptions): Promise<void> {
  return withStore(false, async (store) => {
    const account = options.account === undefined ? undefined : await findAccount(store, options.account);
    const names = new Map((await store.accounts.list()).map(({ id, name }) => [id, name]));
    const now = formatDate();
    printRows(await store.keys.list(account?.id), options, [
      { name: 'ID', of: ({ id }) => id, look: () => 'dim' },
      { name: 'ACCOUNT', of: ({ account_id }) => names.get(account_id) ?? account_id },
      { name: 'NAME', of: ({ name }) => name },
      { name: 'KEY', of: ({ prefix }) => `${prefix}…` },
      { name: 'SCOPE', of: ({ scope }) => scope },
      { name: 'MADE', of: ({ create_date }) => create_date, look: () => 'dim' },
      { name: 'LAST USED', of: (key) => key.last_use_date?.slice(0, 'yyyy-MM-dd HH:mm'.length) ?? 'never' },
      {
        name: 'EXPIRES',
        of: (key) => (isAlive(key, now) ? (key.expire_date ?? 'never') : `${key.expire_date} (expired)`),
        look: (key) => (isAlive(key, now) ? undefined : 'red'),
      },
    ]);
  });
}

function revokeKey(idOrPrefix: string): Promise<void> {
  return withStore(false, async (store) => {
    const key = await findKey(store, idOrPrefix);
    await store.keys.revoke(key.id);
    say(`Key ${key.id} ('${key.name}', ${key.prefix}…) is gone: it answers 401 from now on.`);
  });
}

function rotateKey(idOrPrefix: string, options: { keep: string }): Promise<void> {
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

function showSecret(secret: string, about: string): void {
  // The secret alone goes to standard output, so that KEY=$(muster keys create) works.
  say(`${about} It is shown only now:`);
  print(secret);
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
