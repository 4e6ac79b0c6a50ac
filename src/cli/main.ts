/** The `muster` command: every command on one page. */
import { Command, CommanderError } from 'commander';
import manifest from '../../package.json' with { type: 'json' };
import { MusterError, SetupError } from '../core/errors.ts';
import * as administration from './administration.ts';
import { ApiError, ConnectionError } from './api-client.ts';
import { examples, onServer } from './command.ts';
import { createAudience, getContact, type ListOptions, listAudiences, listContacts } from './contacts.ts';
import { addCopyCommand } from './copy.ts';
import { type ExportOptions, exportContacts } from './export.ts';
import { addImportCommands } from './import-commands.ts';
import { EXIT, print } from './output.ts';
import { LostAnswerError } from './upload.ts';

const program = new Command('muster')
  .description(
    'The contact store for messaging. Accounts, keys, console, backup and doctor work on the store itself ' +
      '(MUSTER_DATA), everything else talks to a server (MUSTER_URL, MUSTER_KEY).',
  )
  .version(manifest.version)
  .showHelpAfterError('(muster --help shows what there is)')
  .exitOverride()
  .addHelpText(
    'after',
    `
Exit codes: 0 done, 1 failed, 2 wrong usage, 3 imported but some rows were refused, 130 interrupted.`,
  );

program
  .command('serve')
  .description('run the server, as npm start does')
  .action(async () => {
    const { serve } = await import('../server.ts');
    await serve();
  });

const accounts = program.command('accounts').description('the accounts of this installation');
accounts
  .command('create')
  .description('make an account; prints its id')
  .argument('<name>')
  .action(administration.createAccount);
accounts
  .command('list')
  .description('list the accounts')
  .option('--json', 'JSON lines')
  .action(administration.listAccounts);

const keys = program.command('keys').description('the API keys of this installation');
keys
  .command('create')
  .description('make a key; prints it, this once')
  .option('--account <name or id>', 'whose key; not needed when there is one account')
  .option('--name <text>', 'what the key is for', 'key')
  .option('--scope <scope>', 'read or write', 'write')
  .option('--expires <when>', 'a span such as 30d, 24h or 90m, or a date (UTC) such as 2027-01-31')
  .addHelpText('after', examples("muster keys create --name 'nightly job' --scope read --expires 90d"))
  .action(administration.createKey);
keys
  .command('list')
  .description('list the keys; what was shown once is shown no more')
  .option('--account <name or id>')
  .option('--json', 'JSON lines')
  .action(administration.listKeys);
keys.command('revoke').description('end a key at once').argument('<id or prefix>').action(administration.revokeKey);
keys
  .command('rotate')
  .description('make a new key in the place of one, which lives on for a while')
  .argument('<id or prefix>')
  .option('--keep <when>', 'how long the old key still works', '24h')
  .action(administration.rotateKey);

program
  .command('console')
  .description('print a link that signs a browser in to the console, once, within the hour')
  .option('--account <name or id>', 'whose console; not needed when there is one account')
  .option('--key <id or prefix>', "the key to sign in with; without it the account's oldest, one that may write first")
  .option('--url <url>', 'where the server answers (default: PUBLIC_URL, else MUSTER_URL)')
  .addHelpText('after', examples('muster console', 'muster console --key muster_Ab3xY'))
  .action(administration.linkToConsole);

program
  .command('backup')
  .description('copy the running store to a new file')
  .argument('<file>')
  .addHelpText('after', examples('muster backup "backups/muster-$(date +%F).db"'))
  .action(administration.backUpStore);
addCopyCommand(program);
program
  .command('migrate')
  .description('bring the store to the newest schema, which a start does too')
  .option('--distribute', 'spread it over the machines of a Citus cluster')
  .action(administration.migrateStore);
program
  .command('doctor')
  .description('check the store: integrity, counters, search index; exit code 1 when something is wrong')
  .option('--json', 'one JSON object')
  .action(async (options: { json?: boolean }) => {
    if (!(await administration.checkStore(options))) process.exitCode = EXIT.failed;
  });

const audiences = program.command('audiences').description('the audiences on the server');
onServer(
  audiences.command('list').description('list the audiences').option('--json', 'JSON lines'),
  (client, options: { json?: boolean }) => listAudiences(client, options),
);
onServer(
  audiences
    .command('create')
    .description('make an audience; prints its id')
    .argument('<name>')
    .option('--channel <channel>', 'SMS, WHATSAPP or VIBER', 'SMS'),
  async (client, options: { channel: string }, name) => print((await createAudience(client, name!, options)).id),
);

const contacts = program.command('contacts').description('the contacts of an audience');
onServer(listing(contacts.command('list').description('list contacts, oldest first')), (client, options: ListOptions) =>
  listContacts(client, undefined, options),
);
onServer(
  listing(contacts.command('search').description('find contacts by number and name').argument('<text>')).addHelpText(
    'after',
    examples(
      "muster contacts search 'ana petro' --audience Customers",
      "muster contacts search '+1 202' --audience Customers --json",
    ),
  ),
  (client, options: ListOptions, text) => listContacts(client, text, options),
);
onServer(
  contacts
    .command('get')
    .description('show a contact')
    .argument('<id>')
    .requiredOption('--audience <name or id>')
    .option('--json', 'one JSON object'),
  (client, options: { audience: string }, id) => getContact(client, id!, options),
);

addImportCommands(program);

onServer(
  program
    .command('export')
    .description('write the contacts of an audience to a file: CSV, NDJSON or a spreadsheet')
    .argument('<audience>', 'name or id')
    .option('--format <format>', "csv, ndjson or xlsx (default: as the file's name ends, else csv)")
    .option('--search <text>', 'only those that a search finds')
    .option('--output <file>', 'the file; without it standard output')
    .addHelpText(
      'after',
      examples(
        'muster export Customers --output customers.xlsx',
        "muster export Customers --search 'ana petro' > some.csv",
        'muster export Customers --format ndjson | gzip > customers.ndjson.gz',
      ),
    ),
  (client, options: ExportOptions, audience) => exportContacts(client, audience!, options),
);

function listing(command: Command): Command {
  return command
    .requiredOption('--audience <name or id>')
    .option('--limit <count>', 'most contacts to show (default: 50)')
    .option('--all', 'show all')
    .option('--json', 'JSON lines');
}

// A reader that has seen enough (`muster … | head`) is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(0);
});

program.parseAsync().catch((error) => {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? 0 : EXIT.wrongUsage;
  } else {
    const isExpected = [SetupError, MusterError, ApiError, ConnectionError, LostAnswerError].some(
      (kind) => error instanceof kind,
    );
    console.error(isExpected ? `muster: ${(error as Error).message}` : error);
    process.exitCode = EXIT.failed;
  }
});
