/** `muster login` and `muster logout`: a server and its key, so that no command needs them again. */
import { text } from 'node:stream/consumers';
import type { Command } from 'commander';
import { readClientConfig } from '../config.ts';
import { SetupError } from '../core/errors.ts';
import { examples } from './command.ts';
import { connectTo } from './connection.ts';
import { askSecret } from './interrupts.ts';
import { loginsFile, readLogins, writeLogins } from './logins.ts';
import { say } from './output.ts';
import { count } from './progress.ts';

export function addLoginCommands(program: Command): void {
  program
    .command('login')
    .description('keep a server and its key for all later commands; asks for the key, or reads it from standard input')
    .option('--url <url>', 'the server (default: MUSTER_URL, or this machine)')
    .addHelpText(
      'after',
      examples(
        'muster login',
        'muster login --url https://contacts.example.com',
        'muster login --url https://contacts.example.com < key.txt',
      ) +
        '\n\nThe key is checked with the server first. Several servers are kept side by side: the last one is used, --url and' +
        '\nMUSTER_URL choose another. MUSTER_KEY and --key go before what is kept.',
    )
    .action(logIn);
  program
    .command('logout')
    .description('forget the key of a server')
    .option('--url <url>', 'of which server (default: the one that commands go to)')
    .option('--all', 'of all servers')
    .addHelpText('after', examples('muster logout', 'muster logout --url https://contacts.example.com'))
    .action(logOut);
}

async function logIn(options: { url?: string }): Promise<void> {
  const logins = readLogins();
  const { url } = readClientConfig(options, logins);
  const key = process.stdin.isTTY ? await askSecret(`API key for ${url}: `) : (await text(process.stdin)).trim();
  if (key === '') throw new SetupError('no API key was given: muster keys create makes one');
  const muster = connectTo(url, key);
  const { data, total } = await muster.audiences.list({ page_size: 1 }).page();
  const account = data[0] && (await muster.accounts.get(data[0].account_id)).name;
  writeLogins({ current: url, servers: { ...logins.servers, [url]: { key } } });
  const what = `${count(total)} ${total === 1 ? 'audience' : 'audiences'}`;
  say(`Signed in to ${url}: ${account === undefined ? what : `account '${account}', ${what}`}`);
  say(`The key is kept in ${loginsFile()}: muster logout removes it`);
}

function logOut(options: { url?: string; all?: boolean }): void {
  const logins = readLogins();
  const { url } = readClientConfig(options, logins);
  if (options.all) {
    writeLogins({ servers: {} });
    say('All keys are forgotten');
    return;
  }
  const { [url]: forgotten, ...servers } = logins.servers;
  if (forgotten === undefined) throw new SetupError(`there is no key kept for ${url}${keptText(logins.servers)}`);
  // No other server takes its place: a command must not go where nobody sent it.
  writeLogins({ current: logins.current === url ? undefined : logins.current, servers });
  say(`The key for ${url} is forgotten${keptText(servers)}`);
}

function keptText(servers: object): string {
  const kept = Object.keys(servers);
  return kept.length === 0 ? '' : `; kept are those for ${kept.join(', ')}`;
}
