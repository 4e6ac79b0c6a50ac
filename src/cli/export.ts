import type { Command } from 'commander';
import { type Audience, ConnectionError, type Muster } from '../../sdk/src/index.ts';
import { SetupError } from '../core/errors.ts';
import { EXPORT_FORMATS, type ExportFormat } from '../core/exports.ts';
import { requireAudience } from './audiences.ts';
import { byTag, examples, onServer, suggesting } from './command.ts';
import { say } from './output.ts';
import { count, makeProgress } from './progress.ts';
import { saveFile } from './save-file.ts';

interface ExportOptions {
  format?: string;
  search?: string;
  tag?: string[];
  output?: string;
}

export function addExportCommand(program: Command): void {
  onServer(
    byTag(program.command('export'))
      .description('write the contacts of an audience to a file: CSV, NDJSON or a spreadsheet')
      .argument('<audience>', 'name or id')
      .addOption(
        suggesting('--format <format>', "of the file (default: as the file's name ends, else csv)", EXPORT_FORMATS),
      )
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
    (muster, options: ExportOptions, audience) => exportContacts(muster, audience!, options),
  );
}

/**
 * Writes an audience's contacts, or those that a search finds, to a file or to standard output, as they come. A file appears
 * under its name when it is whole: until then, and when the server breaks off, an older one of that name stays as it was.
 */
async function exportContacts(muster: Muster, nameOrId: string, options: ExportOptions): Promise<void> {
  const output = options.output === '-' ? undefined : options.output;
  const format = readFormat(options.format, output);
  if (output === undefined && format === 'xlsx' && process.stdout.isTTY) {
    throw new SetupError('a spreadsheet is nothing for a terminal: name a file with --output');
  }
  const audience = await requireAudience(muster, nameOrId);
  const { search, tag: tags } = options;
  const total = await countOf(muster, audience, { search, tags });
  const counter = makeCounter(format);
  const progress = makeProgress();

  async function* bytes(): AsyncGenerator<Uint8Array> {
    for await (const chunk of await muster.audience(audience.id).contacts.export({ format, search, tags })) {
      counter.take(chunk);
      progress.update(counter.part(total), counter.text(total));
      yield chunk;
    }
  }

  try {
    if (output === undefined) await print(bytes());
    else await saveFile(bytes(), output);
  } catch (error) {
    if (!(error instanceof ConnectionError) || counter.bytes() === 0) throw error;
    const left = output === undefined ? 'what was printed is not all' : `${output} was not written`;
    const seen = counter.text(total);
    throw new ConnectionError(`the server broke off after ${seen}, ${left}: the same command begins anew`, true);
  } finally {
    progress.clear();
  }
  say(output === undefined ? counter.text() : `${counter.text()} in ${output}`);
}

async function print(bytes: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const chunk of bytes) await new Promise((resolve) => process.stdout.write(chunk, resolve));
}

function readFormat(said: string | undefined, output: string | undefined): ExportFormat {
  const name = said ?? /\.(ndjson|jsonl|xlsx)$/i.exec(output ?? '')?.[1]?.toLowerCase() ?? 'csv';
  const format = EXPORT_FORMATS.find((each) => each === (name === 'jsonl' ? 'ndjson' : name));
  if (format === undefined) throw new SetupError(`--format is '${said}', but must be csv, ndjson or xlsx`);
  return format;
}

/** How many contacts there will be, for the progress. */
async function countOf(
  muster: Muster,
  audience: Audience,
  filter: { search?: string; tags?: string[] },
): Promise<number> {
  if (filter.search === undefined && filter.tags === undefined) return audience.contacts_count;
  return (
    await muster
      .audience(audience.id)
      .contacts.list({ ...filter, page_size: 1 })
      .page()
  ).total;
}

const LF = 10;
const QUOTE = 34;

/** Counts contacts in a file that passes by: the lines of a text, in CSV but for the header and those inside quotes. */
function makeCounter(format: ExportFormat) {
  let bytes = 0;
  let lines = format === 'csv' ? -1 : 0;
  let isQuoted = false;
  return {
    bytes: () => bytes,
    take(chunk: Uint8Array): void {
      bytes += chunk.length;
      if (format === 'xlsx') return;
      for (const byte of chunk) {
        if (byte === LF && !isQuoted) lines++;
        else if (byte === QUOTE && format === 'csv') isQuoted = !isQuoted;
      }
    },
    part: (total: number) => (format === 'xlsx' || total === 0 ? undefined : Math.min(1, Math.max(0, lines) / total)),
    text(total?: number): string {
      if (format === 'xlsx') return `${count(Math.ceil(bytes / 1024))} kB`;
      const contacts = count(Math.max(0, lines));
      return total === undefined ? `${contacts} contacts` : `${contacts} of ${count(total)} contacts`;
    },
  };
}
