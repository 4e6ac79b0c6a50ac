/** Contact files, of whatever format, as a stream of rows. */
import { type ExplicitMapping, findHeader } from './columns.ts';
import { ContactFileError, type FileEvent, type FileFormat, type FileLayout, type FileRow } from './contact-file.ts';
import type { TableLimits, TableRow } from './csv.ts';
import { decodeText, surveyText } from './decode.ts';
import { isZip } from './file-kinds.ts';
import { bytesOf, type FileSource } from './file-source.ts';
import { gunzip } from './gunzip.ts';
import { createNdjsonReader, isBannerLine } from './ndjson.ts';
import { findSeparator, separatorLine } from './separator.ts';
import { createRowMaker, createTableReader, type RowReader } from './table.ts';
import { readSheet } from './xlsx.ts';

export interface ReadOptions extends TableLimits {
  /** The file's name: its ending tells the format. */
  name?: string;
  /** The format; without it the name's ending decides, then the content. */
  format?: FileFormat;
  /** The separator of a table, one character; without it it is found. */
  separator?: string;
  /** Columns whose field the caller knows better: header → field, or 'ignore'. */
  mapping?: ExplicitMapping;
  /** A label of the WHATWG Encoding Standard; without it a byte order mark decides, else it is UTF-8. */
  encoding?: string;
  /** Whether every byte is known to be text of that encoding: a replacement character (U+FFFD) is then what its author wrote. */
  isSound?: boolean;
  /** What an empty cell says of its field: nothing (`keep`, the default), or that it is empty (`clear`). */
  empty?: 'keep' | 'clear';
  /** Most rows in one batch. 1,000 by default. */
  batchRows?: number;
}

/** How much of a file is looked at before reading begins, in characters. */
const SAMPLE = 64 * 1024;
/** A batch is handed on when it is full or when so much text was read for it: long rows must not pile up. */
const BATCH_TEXT = 4 * 1024 * 1024;

/**
 * Reads a file of contacts: CSV, TSV or NDJSON. Yields how the file was understood, then its rows in batches, in order; for
 * NDJSON the layout again when later lines bring new member names. A row is a contact as the API takes it, not checked, or a
 * fault; both carry the line and the original cells. Memory does not grow with the file.
 *
 *     for await (const { layout, rows } of readContactFile(createReadStream('contacts.csv'), { name: 'contacts.csv' })) …
 *
 * @param source the file's bytes in chunks of any size.
 * @throws {ContactFileError} the file as a whole cannot be read: no number column, a spreadsheet, nothing in it.
 */
export async function* readContactFile(
  source: AsyncIterable<Uint8Array>,
  options: ReadOptions = {},
): AsyncGenerator<FileEvent, void, undefined> {
  let bytesRead = 0;
  const counted = count(source, (bytes) => {
    bytesRead += bytes;
  });
  const { encoding, chunks } = await decodeText(counted, options.encoding);
  const texts = chunks[Symbol.asyncIterator]();
  const batchRows = options.batchRows ?? 1000;
  let text = '';
  let isOver = false;
  while (text.length < SAMPLE && !isOver) {
    const next = await texts.next();
    if (next.done) isOver = true;
    else text += next.value;
  }
  if (text.trim() === '' && isOver) throw new ContactFileError('The file is empty');

  const reader = chooseReader(text, isOver, encoding, options);
  let shown: FileLayout | undefined;
  let batch: FileRow[] = [];
  let batchText = 0;
  for (;;) {
    batchText += text.length;
    const pushed = reader.push(text);
    const rows = isOver ? pushed.concat(reader.end()) : pushed;
    const layout = reader.layout();
    if (layout !== undefined && layout !== shown) {
      shown = layout;
      yield { layout };
    }
    for (const row of rows) {
      batch.push(row);
      if (batch.length < batchRows) continue;
      yield { rows: batch, bytes: bytesRead };
      batch = [];
      batchText = 0;
    }
    if (batch.length > 0 && (isOver || batchText > BATCH_TEXT)) {
      yield { rows: batch, bytes: bytesRead };
      batch = [];
      batchText = 0;
    }
    if (isOver) return;
    const next = await texts.next();
    isOver = next.done === true;
    text = next.done ? '' : next.value;
  }
}

export interface ImportFileOptions extends ReadOptions {
  /** Most bytes that a compressed file may unpack to. */
  maxUnpacked: number;
}

/**
 * Reads a stored file of contacts as `readContactFile` does, and spreadsheets too, with all sheets over which their table goes on;
 * a gzip file is unpacked on the way, and the encoding is found by a first look at all of it.
 * @throws {ContactFileError} as there; the encoding is unknown; the file unpacks to too much, or is damaged.
 */
export async function* readImportFile(
  source: FileSource,
  { maxUnpacked, ...options }: ImportFileOptions,
): AsyncGenerator<FileEvent, void, undefined> {
  const head = await source.read(0, 8);
  if (isZip(head)) {
    yield* readSpreadsheet(source, { maxUnpacked, ...options });
    return;
  }
  if (options.format === 'xlsx') {
    throw new ContactFileError('The file is no .xlsx spreadsheet: save it as .xlsx or as CSV, and say which it is');
  }
  const isGzip = head[0] === 0x1f && head[1] === 0x8b;
  const open = () => (isGzip ? gunzip(bytesOf(source), maxUnpacked) : bytesOf(source));
  if (isGzip && (await beginsAsZip(open()))) {
    throw new ContactFileError(
      'The file is a spreadsheet inside gzip: upload the .xlsx as it is, it is packed already',
    );
  }
  const said = options.encoding === undefined ? undefined : knownEncoding(options.encoding);
  // A run that goes on with the encoding that was found must come to the same verdicts: it looks at the file again.
  const survey = said === undefined || said === 'utf-8' ? await surveyText(open()) : undefined;
  const encoding = said ?? survey?.encoding;
  const isSound = survey?.isSound === true && survey.encoding === encoding;
  const name = isGzip ? options.name?.replace(/\.gz$/i, '') : options.name;
  for await (const event of readContactFile(open(), { ...options, name, encoding, isSound })) {
    // What was unpacked says nothing about how far the file is read.
    if (isGzip && event.rows !== undefined) yield { ...event, bytes: Math.min(event.bytes, source.size) };
    else yield event;
  }
}

async function* readSpreadsheet(
  source: FileSource,
  { maxUnpacked, mapping, empty, maxRowLength, maxColumns, batchRows = 1000 }: ImportFileOptions,
): AsyncGenerator<FileEvent, void, undefined> {
  const table = { format: 'xlsx', encoding: 'utf-8', separator: null, hasSeparatorLine: false } as const;
  const maker = createRowMaker({ ...table, mapping, empty });
  let shown: FileLayout | undefined;
  let batch: FileRow[] = [];

  function* take(rows: FileRow[], isOver: boolean): Generator<FileEvent> {
    const layout = maker.layout();
    if (layout !== undefined && layout !== shown) {
      shown = layout;
      yield { layout };
    }
    for (const row of rows) {
      batch.push(row);
      if (batch.length < batchRows) continue;
      // How far an archive is read cannot be told from its bytes: the bar waits for the end.
      yield { rows: batch, bytes: 0 };
      batch = [];
    }
    if (isOver && batch.length > 0) yield { rows: batch, bytes: source.size };
  }

  const headerOf = (first: TableRow[]) => {
    const cells = first.map((row) => (row.fault === undefined ? row.cells : []));
    return cells[findHeader(cells, mapping)];
  };
  for await (const rows of readSheet(source, { maxUnpacked, maxRowLength, maxColumns }, headerOf)) {
    yield* take(maker.take(rows, false), false);
  }
  yield* take(maker.take([], true), true);
}

async function beginsAsZip(chunks: AsyncIterable<Uint8Array>): Promise<boolean> {
  for await (const chunk of chunks) return isZip(chunk);
  return false;
}

function knownEncoding(label: string): string {
  try {
    return new TextDecoder(label).encoding;
  } catch {
    throw new ContactFileError(`There is no encoding "${label.slice(0, 40)}": name one such as windows-1251, or none`);
  }
}

async function* count(
  source: AsyncIterable<Uint8Array>,
  onBytes: (bytes: number) => void,
): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const chunk of source) {
    onBytes(chunk.length);
    yield chunk;
  }
}

function chooseReader(sample: string, isWhole: boolean, encoding: string, options: ReadOptions): RowReader {
  const { mapping, maxRowLength, maxColumns, empty, isSound } = options;
  const limits = { maxRowLength, maxColumns };
  const format = options.format ?? formatOfName(options.name) ?? formatOfContent(sample);
  if (format === 'xlsx') throw new ContactFileError('The file is called .xlsx and is no spreadsheet: save it as CSV');
  if (format === 'ndjson') return createNdjsonReader({ encoding, mapping, isSound, ...limits });
  const said = separatorLine(sample);
  const separator =
    options.separator ?? said?.separator ?? (format === 'tsv' ? '\t' : findSeparator(sample, isWhole, mapping, limits));
  const hasSeparatorLine = said !== undefined;
  return createTableReader({ format, encoding, separator, hasSeparatorLine, mapping, empty, isSound, ...limits });
}

/** The format a file's name says, or undefined when it says none. */
export function formatOfName(name: string | undefined): FileFormat | undefined {
  const ending = /\.([a-z]+)$/i.exec(name ?? '')?.[1]?.toLowerCase();
  if (ending === 'csv') return 'csv';
  if (ending === 'tsv' || ending === 'tab') return 'tsv';
  if (ending === 'ndjson' || ending === 'jsonl') return 'ndjson';
  return undefined;
}

function formatOfContent(sample: string): FileFormat {
  const first = sample.split('\n', 50).find((line) => line.trim() !== '' && !isBannerLine(line)) ?? '';
  if (first.trimStart().startsWith('{')) return 'ndjson';
  if (/^\s*\[\s*[{\]]/.test(sample)) {
    throw new ContactFileError(
      'The file is a JSON list: one JSON object per line is needed, as `jq -c ".[]"` makes it',
    );
  }
  return 'csv';
}
