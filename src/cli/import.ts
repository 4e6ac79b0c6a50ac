import { createReadStream, statSync } from 'node:fs';
import { ERRORS, type ErrorCode, SetupError } from '../core/errors.ts';
import type { ContactField, FileFormat, FileLayout, FileRow } from '../files/contact-file.ts';
import { CONTACT_FIELDS } from '../files/contact-file.ts';
import { readContactFile } from '../files/read.ts';
import { type ApiClient, ApiError, ConnectionError, findAudience } from './api-client.ts';
import { createAudience } from './contacts.ts';
import { print } from './output.ts';
import { count, duration, makeProgress } from './progress.ts';
import { printable } from './table.ts';

export interface ImportOptions {
  audience: string;
  create?: boolean;
  channel: string;
  onConflict: string;
  map: string[];
  format?: string;
  json?: boolean;
  show: string;
}

/** What became of a file: every row is counted once, in one of the five. */
interface Summary {
  rows: number;
  created: number;
  updated: number;
  unchanged: number;
  skipped: number;
  refused: number;
  refused_by_code: Partial<Record<ErrorCode, number>>;
  first_refused: Refusal[];
  /** Rows of calls that were sent twice, since the first answer was lost: their fate is that of the second time. */
  sent_twice: number;
  columns: Record<string, ContactField>;
  ignored_columns: string[];
  preamble_lines: number;
  /** Whether the whole file was sent. */
  finished: boolean;
}

interface Refusal {
  line: number;
  value: string;
  errors: { code: number; message: string }[];
}

interface BulkAnswer {
  data: Record<'created' | 'updated' | 'unchanged' | 'skipped' | 'refused', number> & {
    results: { index: number; status: string; errors?: Refusal['errors'] }[];
  };
}

export const EXIT = { done: 0, failed: 1, someRefused: 3, interrupted: 130 } as const;

/** Waits before a call is sent again, in milliseconds: about a minute in all, for a server that starts again. */
const RETRY_WAITS = [200, 500, 1000, 2000, 4000, 8000, 15_000, 30_000];
const SHOWN_VALUE = 40;

/**
 * Sends a file's contacts to an audience in bulk calls, one at a time since a later row may repeat an earlier one, while the
 * next rows are being read. Prints what became of every row. Answers the exit code.
 */
export async function importFile(client: ApiClient, file: string, options: ImportOptions): Promise<number> {
  const source = openSource(file);
  const mapping = readMapping(options.map);
  const maxShown = readCount(options.show);
  const summary = emptySummary();
  const progress = makeProgress();
  const began = Date.now();
  let isInterrupted = false;
  const interrupt = () => {
    if (isInterrupted) process.exit(EXIT.interrupted);
    isInterrupted = true;
    console.error('\nStopping after the call under way …');
  };
  process.on('SIGINT', interrupt);

  let audienceId: string | undefined;
  let failure: Error | undefined;
  let underWay: Promise<void> = Promise.resolve();
  try {
    const events = readContactFile(source.bytes, { name: file, format: readFormat(options.format), mapping });
    for await (const { layout, rows } of events) {
      if (layout !== undefined) noteLayout(summary, layout);
      if (isInterrupted) break;
      // Nothing is made on the server before the file turns out to be one of contacts.
      audienceId ??= await openAudience(client, options);
      if (rows === undefined) continue;
      await underWay;
      if (isInterrupted) break;
      const path = `/v1/audiences/${audienceId}/contacts/bulk`;
      underWay = sendRows(client, path, rows, options.onConflict, summary, maxShown);
      // Its failure is awaited with the next batch; until then it must not count as unhandled.
      underWay.catch(() => {});
      const rate = count(Math.round((summary.rows * 1000) / Math.max(1, Date.now() - began)));
      progress.update(source.part(), `${count(summary.rows)} rows, ${rate}/s`);
    }
    await underWay;
    summary.finished = !isInterrupted;
  } catch (error) {
    failure = error as Error;
  } finally {
    await underWay.catch(() => {});
    process.off('SIGINT', interrupt);
    progress.clear();
    source.close();
  }

  if (failure !== undefined && summary.rows === 0) throw failure;
  if (options.json) print(JSON.stringify({ ...summary, error: failure?.message }));
  else printSummary(summary, Date.now() - began);
  if (failure !== undefined) {
    console.error(`muster: the import ended early, after ${count(summary.rows)} rows: ${failure.message}`);
    return EXIT.failed;
  }
  if (isInterrupted) {
    console.error('muster: interrupted: the same command again finishes it');
    return EXIT.interrupted;
  }
  return summary.refused > 0 ? EXIT.someRefused : EXIT.done;
}

async function openAudience(client: ApiClient, options: ImportOptions): Promise<string> {
  const found = await findAudience(client, options.audience);
  if (found !== undefined) return found.id;
  if (options.create) return (await createAudience(client, options.audience, options)).id;
  throw new SetupError(`there is no audience '${options.audience}': --create makes it`);
}

async function sendRows(
  client: ApiClient,
  path: string,
  rows: FileRow[],
  on_conflict: string,
  summary: Summary,
  maxShown: number,
): Promise<void> {
  const sent = rows.filter((row) => row.fault === undefined);
  const results: BulkAnswer['data']['results'] = [];
  if (sent.length > 0) {
    const body = { on_conflict, contacts: sent.map((row) => row.contact) };
    const { data } = await sendSurely(client, path, body, () => {
      summary.sent_twice += sent.length;
    });
    for (const status of ['created', 'updated', 'unchanged', 'skipped'] as const) summary[status] += data[status];
    results.push(...data.results);
  }
  let next = 0;
  for (const row of rows) {
    const errors = row.fault === undefined ? results[next++]?.errors : [row.fault];
    if (errors === undefined) continue;
    summary.refused++;
    const code = errors[0]!.code as ErrorCode;
    summary.refused_by_code[code] = (summary.refused_by_code[code] ?? 0) + 1;
    if (summary.first_refused.length < maxShown) summary.first_refused.push(refusalOf(row, errors));
  }
  summary.rows += rows.length;
}

function refusalOf(row: FileRow, errors: Refusal['errors']): Refusal {
  const value = row.contact === undefined ? row.cells.join(' | ') : String(row.contact.number ?? '');
  // The place in the call says nothing to somebody who looks at a file's lines.
  const told = errors.map(({ code, message }) => ({
    code,
    message: message.replace(/'data\.contacts\[\d+\]\.?(\w*)/g, "'$1"),
  }));
  return { line: row.line, value, errors: told };
}

/** Sends a call again when the server was not there or busy. @param onLost told when an answer was lost. */
async function sendSurely(client: ApiClient, path: string, data: unknown, onLost: () => void): Promise<BulkAnswer> {
  let wasLost = false;
  for (const wait of RETRY_WAITS) {
    try {
      return await client.post<BulkAnswer>(path, data);
    } catch (error) {
      if (!(error instanceof ConnectionError) && !(error instanceof ApiError && isPassing(error))) throw error;
      if (mayHaveHappened(error) && !wasLost) {
        wasLost = true;
        onLost();
      }
      const asked = error instanceof ApiError ? (error.retryAfter ?? 0) * 1000 : 0;
      await new Promise((resolve) => setTimeout(resolve, Math.max(wait, asked)));
    }
  }
  return client.post<BulkAnswer>(path, data);
}

/** Whether it is worth asking again: the server, or the proxy in front of it, has no time or nobody behind it. */
function isPassing({ status }: ApiError): boolean {
  return status === 429 || status === 503 || isProxyLoss(status);
}

/** Whether the call that failed may have been done all the same. A 503 says that nothing was changed. */
function mayHaveHappened(error: ConnectionError | ApiError): boolean {
  return error instanceof ConnectionError ? error.wasReached : isProxyLoss(error.status);
}

/** A proxy that got no answer from the server. */
function isProxyLoss(status: number): boolean {
  return status === 502 || status === 504;
}

function openSource(file: string) {
  if (file === '-') {
    return {
      bytes: process.stdin as AsyncIterable<Uint8Array>,
      part: () => undefined,
      close: () => process.stdin.destroy(),
    };
  }
  let size: number;
  try {
    const stats = statSync(file);
    if (stats.isDirectory()) throw new SetupError(`${file} is a directory: name a file`);
    size = stats.size;
  } catch (error) {
    if (error instanceof SetupError) throw error;
    throw new SetupError(`${file} cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
  const stream = createReadStream(file);
  const part = () => (size === 0 ? undefined : Math.min(1, stream.bytesRead / size));
  return { bytes: stream as AsyncIterable<Uint8Array>, part, close: () => stream.destroy() };
}

function readMapping(pairs: string[]): Record<string, ContactField | 'ignore'> {
  const fields: readonly string[] = [...CONTACT_FIELDS, 'ignore'];
  return Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.lastIndexOf('=');
      const field = pair.slice(at + 1).trim();
      if (at < 1 || !fields.includes(field)) {
        throw new SetupError(`--map is '${pair}', but must be 'Header=field' with a field of: ${fields.join(', ')}`);
      }
      return [pair.slice(0, at).trim(), field as ContactField | 'ignore'];
    }),
  );
}

function readFormat(text: string | undefined): FileFormat | undefined {
  if (text === undefined || text === 'csv' || text === 'tsv' || text === 'ndjson') return text;
  throw new SetupError(`--format is '${text}', but must be csv, tsv or ndjson`);
}

function readCount(text: string): number {
  if (!/^\d{1,6}$/.test(text)) throw new SetupError(`--show is '${text}', but must be a whole number`);
  return Number(text);
}

function emptySummary(): Summary {
  return {
    rows: 0,
    created: 0,
    updated: 0,
    unchanged: 0,
    skipped: 0,
    refused: 0,
    refused_by_code: {},
    first_refused: [],
    sent_twice: 0,
    columns: {},
    ignored_columns: [],
    preamble_lines: 0,
    finished: false,
  };
}

function noteLayout(summary: Summary, { mapping, ignored, preambleLines }: FileLayout): void {
  summary.columns = Object.fromEntries(mapping.map(({ header, field }) => [header, field]));
  summary.ignored_columns = ignored;
  summary.preamble_lines = preambleLines;
}

function printSummary(summary: Summary, ms: number): void {
  const columns = Object.entries(summary.columns).map(([header, field]) => `${printable(header.trim())} → ${field}`);
  if (columns.length > 0) print(`Columns    ${columns.join(', ')}`);
  if (summary.ignored_columns.length > 0) {
    print(`Ignored    ${summary.ignored_columns.map((header) => printable(header.trim()) || '(no name)').join(', ')}`);
  }
  if (summary.preamble_lines > 0)
    print(`Skipped    ${summary.preamble_lines} ${summary.preamble_lines === 1 ? 'line' : 'lines'} before the header`);
  print(`Rows       ${count(summary.rows)} in ${ms < 1000 ? 'under 1 s' : duration(ms)}`);
  for (const fate of ['created', 'updated', 'unchanged', 'skipped', 'refused'] as const) {
    print(`  ${fate.padEnd(9)}${count(summary[fate]).padStart(12)}`);
  }
  for (const [code, refused] of Object.entries(summary.refused_by_code)) {
    const { message } = ERRORS[Number(code) as ErrorCode];
    print(`    ${code}   ${count(refused).padStart(12)}  ${message.replace("'{place}'", 'The value')}`);
  }
  if (summary.first_refused.length > 0) {
    print(`First refused rows`);
    for (const { line, value, errors } of summary.first_refused) {
      const shown = printable(value).slice(0, SHOWN_VALUE);
      const why = errors.map(({ code, message }) => `${message} (${code})`).join('; ');
      print(`  line ${line}: ${JSON.stringify(shown)} ${why}`);
    }
  }
  if (summary.sent_twice > 0) {
    print(
      `The connection broke and ${count(summary.sent_twice)} rows were sent twice: some of them may count as unchanged,`,
    );
    print('skipped or refused (1360) although this import created or updated them. None was stored twice.');
  }
}
