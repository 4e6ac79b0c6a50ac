/** `muster copy`: moves an installation from store to store. */
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { readStoreConfig, readStorePlace, type StorePlace } from '../config.ts';
import type { CopyStore } from '../core/copy.ts';
import { type CopyCheck, checkCopy } from '../core/copy-check.ts';
import { CHANGED, copyStore } from '../core/copy-run.ts';
import { SetupError } from '../core/errors.ts';
import { openCopyStore, placeOf } from '../store/open.ts';
import { examples } from './command.ts';
import { takeInterrupts } from './interrupts.ts';
import { type Column, complain, EXIT, print, printRows, say } from './output.ts';
import { count, duration, makeProgress, type Progress } from './progress.ts';

/** How often a line says how far the copy is where there is no terminal, in milliseconds. */
const LINE_EVERY = 10_000;

interface CopyCommandOptions {
  from: string;
  to: string;
  distribute?: boolean;
  json?: boolean;
}

export function addCopyCommand(program: Command): void {
  program
    .command('copy')
    .description('move everything to another store: from the directory to PostgreSQL, back, or to another of its kind')
    .requiredOption('--from <store>', 'postgres://user@host/database, or the directory of an embedded store')
    .requiredOption('--to <store>', 'the same; an empty database, or a directory that is empty or made')
    .option('--distribute', 'spread the target over the machines of its Citus cluster')
    .option('--json', 'one JSON object')
    .addHelpText(
      'after',
      `
Stop the servers on both stores first. Ids, dates, order, keys, page tokens, imports and what it takes to undo them stay
as they are. A copy that was stopped or killed goes on when it is run again; until it is whole and compared, nothing
opens its target. A password can be left out of the URL: PGPASSWORD or ~/.pgpass has it then.
${examples(
  'muster copy --from ./data --to postgres://muster@db.example.com/muster',
  'muster copy --from postgres://muster@127.0.0.1/muster --to sqlite:/var/lib/muster',
)}`,
    )
    .action(async (options: CopyCommandOptions) => {
      process.exitCode = await copy(options);
    });
}

async function copy(options: CopyCommandOptions): Promise<number> {
  const from = readStorePlace(options.from, '--from');
  const to = readStorePlace(options.to, '--to');
  const names = { from: nameOf(from), to: nameOf(to) };
  if (names.from === names.to) throw new SetupError('--from and --to name the same store');
  const isDistributed =
    options.distribute || (to.databaseUrl !== undefined && readStoreConfig().isDistributed) || undefined;

  const source = await openCopyStore(from, 'source');
  try {
    const target = await openCopyStore({ ...to, isDistributed }, 'target');
    try {
      return await copyBetween(source, target, names, options);
    } finally {
      await target.close();
    }
  } finally {
    await source.close();
  }
}

async function copyBetween(
  source: CopyStore,
  target: CopyStore,
  names: { from: string; to: string },
  options: CopyCommandOptions,
): Promise<number> {
  const began = Date.now();
  const interrupts = takeInterrupts();
  const progress = makeLines();
  try {
    const outcome = await copyStore(source, target, {
      onProgress: ({ done, contacts, contactsTotal }) =>
        progress.update(done, `${count(contacts)} of ${count(contactsTotal)} contacts copied`),
      onStep: (what) => progress.update(undefined, what),
      isStopped: () => interrupts.count > 0,
    });
    const { contacts } = await source.size();
    const checked =
      outcome === 'complete' &&
      (await checkCopy(source, target, {
        onContacts: (read) =>
          progress.update(
            read / Math.max(1, 2 * contacts),
            `${count(Math.floor(read / 2))} of ${count(contacts)} contacts compared`,
          ),
        isStopped: () => interrupts.count > 0,
      }));
    progress.clear();
    if (!checked) {
      say(`Stopped. The same command goes on where this one was; until then nothing opens ${names.to}.`);
      return EXIT.interrupted;
    }
    const isSound = checked.differences.length === 0;
    if (isSound) await target.release();
    report(checked, options);
    if (!isSound) {
      const rest = `${names.to} is not what ${names.from} is, and stays closed: ${CHANGED}`;
      for (const line of [...checked.differences, rest]) complain(line);
      return EXIT.failed;
    }
    say(
      `Copied and compared in ${duration(Date.now() - began)}. ${names.to} is ready to be started on. Nothing was changed in ` +
        `${names.from}: let no server write to it any more.`,
    );
    return EXIT.done;
  } catch (error) {
    progress.clear();
    throw error;
  } finally {
    interrupts.end();
  }
}

const COLUMNS: Column<CopyCheck['audiences'][number]>[] = [
  { name: 'AUDIENCE', of: ({ name }) => name },
  { name: 'ACCOUNT', of: ({ account }) => account },
  { name: 'CONTACTS', of: ({ contacts }) => count(contacts), isNumber: true },
  { name: 'IMPORTS', of: ({ imports }) => count(imports), isNumber: true },
  { name: 'CHECKSUM', of: ({ checksum }) => checksum.slice(0, 16) },
];

function report({ audiences, ...rest }: CopyCheck, options: { json?: boolean }): void {
  if (options.json) {
    print(JSON.stringify({ sound: rest.differences.length === 0, ...rest, audiences }));
    return;
  }
  printRows(audiences, { table: true }, COLUMNS);
}

function nameOf(place: StorePlace): string {
  return place.databaseUrl === undefined ? resolve(place.data) : placeOf(place);
}

/** A progress bar, or a line now and then where there is no terminal. */
function makeLines(): Progress {
  if (process.stderr.isTTY) return makeProgress();
  let last = Date.now();
  return {
    update(_, text) {
      if (Date.now() - last < LINE_EVERY) return;
      last = Date.now();
      say(text);
    },
    clear() {},
  };
}
