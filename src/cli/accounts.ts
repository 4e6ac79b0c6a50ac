/** `muster accounts`: the tenants of this installation. */
import type { Command } from 'commander';
import { SetupError } from '../core/errors.ts';
import type { Account } from '../core/store.ts';
import { examples, printing } from './command.ts';
import { type Column, type OutputOptions, print, printRows, say } from './output.ts';
import { readName, withStore } from './store-access.ts';

export function addAccountCommands(program: Command): void {
  const group = program.command('accounts').description('the accounts of this installation');
  group
    .command('create')
    .description('make an account; prints its id')
    .argument('<name>')
    .addHelpText('after', examples("muster accounts create 'Second shop'"))
    .action(createAccount);
  printing(group.command('list').description('list the accounts'))
    .addHelpText('after', examples('muster accounts list'))
    .action(listAccounts);
}

const COLUMNS: Column<Account>[] = [
  { name: 'ID', of: ({ id }) => id, look: () => 'dim' },
  { name: 'NAME', of: ({ name }) => name },
  { name: 'MADE', of: ({ create_date }) => create_date, look: () => 'dim' },
];

function createAccount(name: string): Promise<void> {
  return withStore(true, async (store) => {
    const text = readName(name, 'an account');
    const known = (await store.accounts.list()).some((account) => account.name === text);
    if (known) throw new SetupError(`there is an account '${text}' already`);
    print((await store.accounts.create(text)).id);
    say(`Account '${text}' is made. Its first key: muster keys create --account '${text}'`);
  });
}

function listAccounts(options: OutputOptions): Promise<void> {
  return withStore(false, async (store) => {
    printRows(await store.accounts.list(), options, COLUMNS);
  });
}
