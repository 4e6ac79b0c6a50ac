/** `muster contacts bulk`: rows from a file or standard input, and a result line for each as soon as there is one. */
import { fstatSync } from 'node:fs';
import { type Command, Option } from 'commander';
import {
  type AcceptedRow,
  type ContactInput,
  type Muster,
  MusterError,
  type OnConflict,
  type RefusedRow,
} from '../../sdk/src/index.ts';
import type { FileEvent } from '../files/contact-file.ts';
import { readContactFile } from '../files/read.ts';
import { requireAudience } from './audiences.ts';
import { examples, inAudience, onServer } from './command.ts';
import { takeInterrupts } from './interrupts.ts';
import { complain, EXIT, isForPrograms, type OutputOptions, print, say } from './output.ts';
import { count, makeProgress } from './progress.ts';
import { openSource, unreadable } from './source.ts';
import { paint } from './style.ts';
import { printable } from './table.ts';

interface BulkOptions extends OutputOptions {
  audience: string;
  onConflict?: OnConflict;
  format?: 'csv' | 'tsv' | 'ndjson';
  quiet?: boolean;
}

/** What became of a row, with the line of the input where it begins. */
type RowResult = { line: number } & Fate;
type Fate = Omit<AcceptedRow, 'index'> | Omit<RefusedRow, 'index'>;

const LINE_WIDTH = 8;
const STATUS_WIDTH = 11;

const STYLES = { created: 'green', updated: 'cyan', unchanged: 'dim', skipped: 'dim', refused: 'red' } as const;

export function addBulkCommand(group: Command): void {
  onServer(
    inAudience(group.command('bulk'))
      .description('create or update contacts from NDJSON or CSV, with a result line for every row, in order')
      .argument('[file]', 'without it, or with -, standard input', '-')
      .addOption(
        new Option('--on-conflict <what>', 'what to do with a number that is there already (default: update)').choices([
          'update',
          'skip',
          'error',
        ]),
      )
      .addOption(
        new Option('--format <format>', 'when neither name nor content tells').choices(['csv', 'tsv', 'ndjson']),
      )
      .option('--quiet', 'print the refused rows alone')
      .option('--json', 'JSON lines; also without this where the output is no terminal')
      .option('--table', 'lines for people, also where the output is no terminal')
      .addHelpText(
        'after',
        `${examples(
          'muster contacts bulk new.csv --audience Customers',
          `echo '{"number": "+1 202 555 0150", "first_name": "Ana"}' | muster contacts bulk --audience Customers`,
          'my-crm dump | muster contacts bulk --audience Customers | jq -c \'select(.status == "refused")\'',
        )}

Rows are written as they come: one that is answered stays, whatever becomes of later ones. For a file that is tried
first, followed, and can be taken back, there is muster import. Exit code 3 when a row was refused.`,
      ),
    bulk,
  );
}

async function bulk(muster: Muster, options: BulkOptions, file = '-'): Promise<number> {
  const source = openSource(file);
  const { id } = await requireAudience(muster, options.audience);
  const aborting = new AbortController();
  const interrupts = takeInterrupts();
  interrupts.act = () => aborting.abort();
  if (source.name === undefined && process.stdin.isTTY) say('Reading rows from the terminal: Ctrl-D ends them');
  const stream = source.open();
  const input = splitRows(readRows(stream, { name: source.name, format: options.format }));
  const telling = makeTelling(options);
  const { onConflict: on_conflict } = options;
  try {
    const settings = { signal: aborting.signal };
    for await (const { index, row: _, ...result } of muster
      .audience(id)
      .contacts.upsertMany(input.contacts, { on_conflict }, settings)) {
      for (const fault of input.faultsBefore(index)) telling.tell(fault);
      telling.tell({ line: input.takeLine(), ...inWords(result) });
    }
    for (const fault of input.faultsBefore(Number.POSITIVE_INFINITY)) telling.tell(fault);
  } catch (error) {
    telling.end();
    if (!aborting.signal.aborted) throw error instanceof MusterError ? error : unreadable(file, error);
    complain(
      'interrupted: what is counted is stored, and maybe some rows behind it; the same command goes through all again',
    );
    return EXIT.interrupted;
  } finally {
    interrupts.end();
    // An input that nobody ends would keep the process waiting.
    stream.destroy();
  }
  const counts = telling.end();
  return counts.refused > 0 ? EXIT.someRefused : EXIT.done;
}

/** As `readContactFile`, but that input without a byte has no rows: nothing came through the pipe. */
async function* readRows(
  stream: AsyncIterable<Uint8Array>,
  options: Parameters<typeof readContactFile>[1],
): AsyncGenerator<FileEvent> {
  const chunks = stream[Symbol.asyncIterator]();
  const first = await chunks.next();
  if (first.done) return;
  async function* all(): AsyncGenerator<Uint8Array> {
    yield first.value;
    yield* { [Symbol.asyncIterator]: () => chunks };
  }
  yield* readContactFile(all(), options);
}

/** The contacts of a file, and beside them what is no contact, in the file's order. */
function splitRows(events: AsyncIterable<FileEvent>) {
  /** Where the contacts begin that have no result yet. */
  const lines: number[] = [];
  const faults: { before: number; result: RowResult }[] = [];
  let taken = 0;

  async function* contacts(): AsyncGenerator<ContactInput> {
    for await (const { rows = [] } of events) {
      for (const { line, contact, fault } of rows) {
        if (fault !== undefined) {
          faults.push({ before: taken, result: { line, status: 'refused', errors: [fault] } });
          continue;
        }
        lines.push(line);
        taken++;
        yield contact as unknown as ContactInput;
      }
    }
  }

  return {
    contacts: contacts(),
    /** The line of the next contact that has a result. */
    takeLine: () => lines.shift()!,
    /** What stands before a contact, and was not told yet. */
    *faultsBefore(index: number): Generator<RowResult> {
      while (faults.length > 0 && faults[0]!.before <= index) yield faults.shift()!.result;
    },
  };
}

/** Prints results as they come, and counts them. */
function makeTelling({ quiet, ...output }: BulkOptions) {
  const isJson = isForPrograms(output);
  // Lines that appear on the terminal, or behind a pipe that may end there, are a progress bar of their own.
  const progress = quiet || fstatSync(process.stdout.fd).isFile() ? makeProgress() : undefined;
  const counts = { created: 0, updated: 0, unchanged: 0, skipped: 0, refused: 0 };
  let rows = 0;
  const summary = () => {
    const told = Object.entries(counts).filter(([, some]) => some > 0);
    return `${count(rows)} ${rows === 1 ? 'row' : 'rows'}${told.map(([status, some]) => `, ${count(some)} ${status}`).join('')}`;
  };
  return {
    tell(result: RowResult): void {
      rows++;
      counts[result.status]++;
      if (!quiet || result.status === 'refused') {
        if (process.stdout.isTTY) progress?.clear();
        print(isJson ? JSON.stringify(result) : lineOf(result));
      }
      progress?.update(undefined, summary());
    },
    end() {
      progress?.clear();
      say(summary());
      return counts;
    },
  };
}

function lineOf(result: RowResult): string {
  const status = paint(STYLES[result.status], result.status.padEnd(STATUS_WIDTH));
  const what =
    result.status === 'refused'
      ? result.errors.map(({ message, code }) => `${printable(message)} (${code})`).join('; ')
      : `+${result.number}  ${paint('dim', result.id)}`;
  return `line ${String(result.line).padEnd(LINE_WIDTH)}${status}${what}`;
}

/** A result whose errors say nothing of the call that the row was a part of. */
function inWords(result: Fate): Fate {
  if (result.status !== 'refused') return result;
  const errors = result.errors.map((error) => ({
    ...error,
    message: error.message.replace(/'data\.contacts\[\d+\]'/, 'the row').replace(/data\.contacts\[\d+\]\./, ''),
  }));
  return { ...result, errors };
}
