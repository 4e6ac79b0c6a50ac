/** `npm run sample`: writes a contact file to standard output, and what its import must report to standard error. */
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { type SampleFormat, type SampleOptions, sampleFile } from './make-contacts.ts';

const MAX_ROWS = 100_000_000;
const FORMATS: SampleFormat[] = ['csv', 'tsv', 'ndjson'];

const HELP = `Makes a file of made-up contacts, the same for the same arguments.

  npm run sample --silent -- --rows 100000 > contacts.csv

  --rows N      how many contacts; 1000 without it
  --messy       what people really upload: other headers and separators, numbers in every spelling, repeated
                and faulty rows
  --seed N      another file of the same kind; 1 without it
  --format F    csv, tsv or ndjson; csv without it
  --help        this text

On standard error it prints one line of JSON: what a correct import of the file into an empty audience reports.
`;

/** @throws {Error} an argument is wrong; its message is for the person who typed it. */
function readArguments(): SampleOptions | 'help' {
  const { values } = parseArgs({
    options: {
      rows: { type: 'string', default: '1000' },
      messy: { type: 'boolean', default: false },
      seed: { type: 'string', default: '1' },
      format: { type: 'string', default: 'csv' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return 'help';
  const format = FORMATS.find((each) => each === values.format);
  if (format === undefined) throw new Error(`--format must be one of ${FORMATS.join(', ')}`);
  return {
    rows: wholeNumber('--rows', values.rows, MAX_ROWS),
    messy: values.messy,
    seed: wholeNumber('--seed', values.seed, 2 ** 32 - 1),
    format,
  };
}

function wholeNumber(name: string, text: string, max: number): number {
  if (!/^\d{1,10}$/.test(text) || Number(text) > max)
    throw new Error(`${name} must be a whole number from 0 to ${max}`);
  return Number(text);
}

async function main(): Promise<void> {
  let options: SampleOptions | 'help';
  try {
    options = readArguments();
  } catch (error) {
    // Some messages of parseArgs go on for lines.
    const [first] = (error as Error).message.split('\n');
    process.stderr.write(`sample: ${first} (--help tells more)\n`);
    process.exitCode = 2;
    return;
  }
  if (options === 'help') {
    process.stdout.write(HELP);
    return;
  }
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    // Whoever reads has seen enough: `| head`.
    if (error.code === 'EPIPE') process.exit(0);
    process.stderr.write(`sample: ${error.message}\n`);
    process.exit(1);
  });
  const file = sampleFile(options);
  let piece = file.next();
  for (; !piece.done; piece = file.next()) {
    // Without waiting, a slow reader would make the memory hold what it has not taken yet.
    if (!process.stdout.write(piece.value)) await once(process.stdout, 'drain');
  }
  process.stderr.write(`${JSON.stringify(piece.value)}\n`);
}

await main();
