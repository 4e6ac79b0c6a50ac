/** `muster console`: the way into the console without typing a key. */
import type { Command } from 'commander';
import { readConsoleUrl } from '../config.ts';
import { formatDate } from '../core/dates.ts';
import { SetupError } from '../core/errors.ts';
import { isAlive } from '../core/keys.ts';
import { makeSignInLink } from '../core/sessions.ts';
import type { Key, Store } from '../core/store.ts';
import { examples } from './command.ts';
import { print, say } from './output.ts';
import { findAccount, findKey, withStore } from './store-access.ts';

interface LinkOptions {
  account?: string;
  key?: string;
  url?: string;
}

export function addConsoleCommand(program: Command): void {
  program
    .command('console')
    .description('print a link that signs a browser in to the console, once, within the hour')
    .option('--account <name or id>', 'whose console; not needed when there is one account')
    .option(
      '--key <id or prefix>',
      "the key to sign in with; without it the account's oldest, one that may write first",
    )
    .option('--url <url>', 'where the server answers (default: PUBLIC_URL, else MUSTER_URL)')
    .addHelpText('after', examples('muster console', 'muster console --key muster_Ab3xY'))
    .action(linkToConsole);
}

function linkToConsole(options: LinkOptions): Promise<void> {
  return withStore(false, async (store) => {
    const url = readConsoleUrl(options.url);
    const key = options.key === undefined ? await bestKey(store, options.account) : await findKey(store, options.key);
    const link = isAlive(key, formatDate()) ? await makeSignInLink(store, key.id) : undefined;
    if (link === undefined) throw new SetupError(`the key ${key.id} is not good any more: see muster keys list`);
    say(`Signs in with the key '${key.name}' (${key.prefix}…, scope ${key.scope}), once, within the hour:`);
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
