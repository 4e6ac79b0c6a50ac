/**
 * A process of its own that works on an embedded store, told what to do line by line on standard input:
 *   open server|administration    close    account NAME    create ACCOUNT AUDIENCE FROM COUNT    delete ACCOUNT AUDIENCE
 *   backup FILE
 * It answers each line with one line of JSON: {"value": …}, or {"error": its name, "message": …}.
 */
import { createInterface } from 'node:readline';
import type { Store } from '../../src/core/store.ts';
import { openSqliteStore, type SqliteOptions } from '../../src/store/sqlite/index.ts';
import { numberOf } from './contacts.ts';

const directory = process.argv[2]!;
let store: Store;

const COMMANDS: Record<string, (...words: string[]) => unknown> = {
  open(role) {
    store = openSqliteStore({ directory, role: role as SqliteOptions['role'] });
  },
  close: () => store.close(),
  account: (name) => store.accounts.create(name!),
  create(account, audience, from, count) {
    const numbers = Array.from({ length: Number(count) }, (_, index) => numberOf(Number(from) + index));
    return Promise.all(numbers.map((number) => store.contacts.create(account!, audience!, { number })));
  },
  backup: (file) => store.backup(file!),
  delete: (account, audience) => store.audiences.delete(account!, audience!),
};

for await (const line of createInterface(process.stdin)) {
  const [command, ...words] = line.split(' ');
  try {
    const value = await COMMANDS[command!]!(...words);
    console.log(JSON.stringify({ value }));
  } catch (error) {
    const { name, message } = error as Error;
    console.log(JSON.stringify({ error: name, message }));
  }
}
process.exit(0);
