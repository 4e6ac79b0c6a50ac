/** A first look at a file: how it would be understood, and the beginning of each of its columns. */
import { placeName } from './column-spelling.ts';
import { type ExplicitMapping, holdsDigits, mapColumns } from './columns.ts';
import { type ContactField, ContactFileError, type FileLayout, type FileRow } from './contact-file.ts';
import type { FileSource } from './file-source.ts';
import { type ImportFileOptions, readImportFile } from './read.ts';

export interface PreviewColumn {
  /** As a mapping names it: its own name, or its place where it has none or others have the same. */
  name: string;
  /** The field it fills; null when it fills none. */
  field: ContactField | null;
  /** Its cells in the first rows. */
  samples: string[];
}

export interface FilePreview {
  format: string;
  encoding: string;
  /** Of a table that is text. */
  separator: string | null;
  has_header: boolean;
  columns: PreviewColumn[];
  /** The column that looks like the one with the numbers, where none is by its name: somebody must say so. */
  likely_number: string | null;
}

/** Rows that are shown. */
const ROWS = 8;
const MAX_CELL = 200;

/**
 * Looks at a file's beginning, without asking that a column holds numbers.
 * @param isPart whether the source is only the beginning of the file: its last row may be cut.
 * @throws {ContactFileError} it cannot be read as a table or as JSON lines, or a column that `mapping` names is not there.
 */
export async function previewFile(
  source: FileSource,
  options: ImportFileOptions,
  isPart: boolean,
): Promise<FilePreview> {
  try {
    return show(await look(source, options, isPart), options.mapping);
  } catch (error) {
    const isSaid = Object.values(options.mapping ?? {}).includes('number');
    if (!(error instanceof ContactFileError) || isSaid) throw error;
    return await lookForNumbers(source, options, isPart, error);
  }
}

/** Reads the table as if its first column held the numbers, and again with the column that does as far as anybody can see. */
async function lookForNumbers(
  source: FileSource,
  options: ImportFileOptions,
  isPart: boolean,
  error: ContactFileError,
): Promise<FilePreview> {
  const lookAt = (column: number) => look(source, { ...options, mapping: { [placeName(column)]: 'number' } }, isPart);
  const first = await lookAt(0).catch(() => {
    throw error;
  });
  const rows = [first.layout.header, ...first.rows.map(({ cells }) => cells)];
  const counts = first.layout.header.map((_, column) => rows.filter((row) => holdsDigits(row[column] ?? '')).length);
  const best = counts.indexOf(Math.max(...counts));
  const seen = best === 0 ? first : await lookAt(best);
  const isLikely = counts[best]! > 0;
  const shown = show(seen, options.mapping);
  return { ...shown, likely_number: isLikely ? shown.columns[best]!.name : null };
}

interface Look {
  layout: FileLayout;
  rows: FileRow[];
}

async function look(source: FileSource, options: ImportFileOptions, isPart: boolean): Promise<Look> {
  let layout: FileLayout | undefined;
  let rows: FileRow[] = [];
  // Two more than are shown: the last one may be cut.
  for await (const event of readImportFile(inTurns(source), { ...options, batchRows: ROWS + 2 })) {
    if (event.layout !== undefined) layout = event.layout;
    else rows = rows.length === 0 ? event.rows : rows;
    if (rows.length > 0) break;
  }
  if (layout === undefined) throw new ContactFileError('The file is empty');
  if (isPart && rows.length < ROWS + 2) rows = rows.slice(0, -1);
  return { layout, rows: rows.slice(0, ROWS) };
}

/** The source with a turn for everybody else before each piece: one that is in memory waits for nothing. */
function inTurns({ size, read }: FileSource): FileSource {
  return {
    size,
    async read(offset, length) {
      await new Promise(setImmediate);
      return read(offset, length);
    },
  };
}

function show({ layout, rows }: Look, mapping: ExplicitMapping | undefined): FilePreview {
  const { format, encoding, separator, header, headerLine } = layout;
  const isTable = format !== 'ndjson';
  const fields = isTable ? mapColumns(header, mapping).mapping : layout.mapping;
  const names = columnNames(header);
  const columns = names.map(
    (name, column): PreviewColumn => ({
      name,
      field: fields.find((each) => each.column === column)?.field ?? null,
      samples: rows.map(({ cells }) => clip(isTable ? (cells[column] ?? '') : memberOf(cells[0], header[column]!))),
    }),
  );
  return { format, encoding, separator, has_header: headerLine !== null || !isTable, columns, likely_number: null };
}

/** What a mapping can call the columns: by their places where they have no name, or one that others have too. */
export function columnNames(header: string[]): string[] {
  const counts = new Map<string, number>();
  for (const name of header) counts.set(name.trim(), (counts.get(name.trim()) ?? 0) + 1);
  return header.map((name, column) => {
    const own = name.trim();
    return own !== '' && counts.get(own) === 1 ? own : placeName(column);
  });
}

function memberOf(line: string | undefined, name: string): string {
  try {
    const value: unknown = JSON.parse(line ?? '')?.[name];
    return value === undefined || value === null ? '' : typeof value === 'string' ? value : JSON.stringify(value);
  } catch {
    return '';
  }
}

function clip(cell: string): string {
  return cell.length > MAX_CELL ? `${cell.slice(0, MAX_CELL).toWellFormed()}…` : cell;
}
