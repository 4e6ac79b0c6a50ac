/** `npm run sample`: a file of made-up contacts on standard output, what importing it must report on standard error. */
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { type SampleFormat, type SampleOptions, sampleFile } from './make-contacts.ts';

const HELP = `Writes a file of made-up contacts to standard output, the same bytes for the same arguments.

  npm run --silent sample -- --rows 100000 > contacts.csv

  --rows N       how many contacts, 1000 by default
  --messy        what people really upload, rows that must be refused included
  --seed N       another file of the same kind, 1 by default
  --format F     csv (default), tsv or ndjson
  --help         this text

On standard error it prints one line of JSON: what a correct import into an empty audience reports. "duplicates" are
accepted rows that repeat an earlier number. The numbers are made up, but somebody may have them: do not message them.
`;

class ArgumentError extends Error {}

function readArguments(): SampleOptions | undefined {
  const options = {
    rows: { type: 'string', default: '1000' },
    messy: { type: 'boolean', default: false },
    seed: { type: 'string', default: '1' },
    format: { type: 'string', default: 'csv' },
    help: { type: 'boolean', short: 'h', default: false },
  } as const;
  let values: ReturnType<typeof parseArgs<{ options: typeof options }>>['values'];
  try {
    values = parseArgs({ options }).values;
  } catch (error) {
    throw new ArgumentError((error as Error).message.split(/[.\n]/, 1)[0]);
  }
  if (values.help) return undefined;
  return {
    rows: wholeNumber('--rows', values.rows, 100_000_000),
    messy: values.messy,
    seed: wholeNumber('--seed', values.seed, 2 ** 31),
    format: formatOf(values.format),
  };
}

function wholeNumber(name: string, text: string, most: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value <= most) return value;
  throw new ArgumentError(`${name} must be a whole number from 0 to ${most}, not "${text}"`);
}

function formatOf(text: string): SampleFormat {
  if (text === 'csv' || text === 'tsv' || text === 'ndjson') return text;
  throw new ArgumentError(`--format must be csv, tsv or ndjson, not "${text}"`);
}

async function run(): Promise<void> {
  const options = readArguments();
  if (options === undefined) {
    process.stdout.write(HELP);
    return;
  }
  const pieces = sampleFile(options);
  for (;;) {
    const { done, value } = pieces.next();
    if (done) {
      process.stderr.write(`${JSON.stringify(value)}\n`);
      return;
    }
    if (!process.stdout.write(value)) await once(process.stdout, 'drain');
  }
}

// Whoever reads, as `head` does, may stop at any time: that is the end, not a failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));
try {
  await run();
} catch (error) {
  if (!(error instanceof ArgumentError)) throw error;
  process.stderr.write(`sample: ${error.message} (--help shows what there is)\n`);
  process.exitCode = 2;
}
