/** Spreadsheets (.xlsx, ECMA-376 and ISO/IEC 29500, the strict form too) as a stream of rows. */
import { ContactFileError } from './contact-file.ts';
import type { TableLimits, TableRow } from './csv.ts';
import { isOldSpreadsheet, isZip } from './file-kinds.ts';
import type { FileSource } from './file-source.ts';
import { FIRST_ROWS } from './separator.ts';
import { openArchive } from './xlsx-archive.ts';
import { readFormats } from './xlsx-formats.ts';
import { readRows } from './xlsx-sheet.ts';
import { NO_STRINGS, readSharedStrings } from './xlsx-strings.ts';
import { readWorkbook } from './xlsx-workbook.ts';

export interface SheetLimits extends TableLimits {
  /** Most bytes that are unpacked of the file in all. */
  maxUnpacked: number;
}

/** The cells of the header among the first rows of a sheet; undefined when none of them is one. */
export type HeaderFinder = (rows: TableRow[]) => string[] | undefined;

/**
 * The rows of a spreadsheet's first worksheet that is not hidden and has any, in batches, as they are read; `line` is the
 * row's number in the sheet. Rows without text are passed over, empty cells at the end of a row dropped.
 *
 * With `findHeader`, a table that goes on in other sheets, as one does that is longer than a sheet can be, is read to its end: behind
 * the rows of the first sheet come those of every further sheet that repeats its header cell by cell among its own first rows,
 * without that header and what stands above it. Their `line` goes on from the last row before them: the rows of such a sheet are
 * counted as if it stood below the one before. Other sheets are passed over, and little of them is read.
 *
 * Cells are text as a person sees it, and lose nothing: numbers in all their digits and never in scientific notation, with the
 * plus and the zeros that a format puts before them; dates and times as `yyyy-MM-dd`, `yyyy-MM-dd HH:mm:ss`, `HH:mm:ss`;
 * the results of formulas; TRUE and FALSE; errors as `#N/A`.
 *
 * A row that is too long or too wide comes out with a `fault`. Memory grows with the texts that cells share, up to a limit,
 * and with nothing else. Whoever stops reading closes the file.
 * @throws ContactFileError when the file is no such spreadsheet, has a password, is damaged or cut off, or unpacks to too much.
 */
export async function* readSheet(
  source: FileSource,
  limits: SheetLimits,
  findHeader?: HeaderFinder,
): AsyncGenerator<TableRow[], void, undefined> {
  const head = await source.read(0, 8);
  if (isOldSpreadsheet(head)) throw new ContactFileError(await whatContainerHolds(source));
  if (!isZip(head))
    throw new ContactFileError('The file is no spreadsheet, whatever its name says. Save it as .xlsx or CSV');

  const archive = await openArchive(source, limits.maxUnpacked);
  try {
    const { sheets, is1904, strings: stringsPart, styles } = await readWorkbook(archive);
    const formats = styles === undefined ? [] : await readFormats(archive.read(styles), styles);
    const strings =
      stringsPart === undefined ? NO_STRINGS : await readSharedStrings(archive.read(stringsPart), stringsPart);
    const context = { strings, formats, is1904, limits, spend: archive.spend };
    const first: TableRow[] = [];
    let header: string[] | undefined;
    let lastLine = 0;
    for (const sheet of sheets) {
      const batches = readRows(archive.read(sheet), sheet, context);
      const before = lastLine;
      for await (const rows of header === undefined ? batches : behindHeader(batches, header)) {
        if (first.length < FIRST_ROWS) first.push(...rows.slice(0, FIRST_ROWS - first.length));
        for (const row of rows) row.line += before;
        lastLine = rows.at(-1)!.line;
        yield rows;
      }
      if (first.length === 0) continue;
      header ??= findHeader?.(first);
      if (header === undefined) return;
    }
  } finally {
    archive.close();
  }
}

/** The rows behind that header; none when it is not among the first ones. */
async function* behindHeader(
  batches: AsyncIterable<TableRow[]>,
  header: string[],
): AsyncGenerator<TableRow[], void, undefined> {
  let left = FIRST_ROWS;
  let isBehind = false;
  for await (const rows of batches) {
    if (isBehind) {
      yield rows;
      continue;
    }
    const at = rows.slice(0, left).findIndex((row) => row.fault === undefined && isSameRow(row.cells, header));
    left -= rows.length;
    isBehind = at >= 0;
    if (isBehind && at + 1 < rows.length) yield rows.slice(at + 1);
    else if (!isBehind && left <= 0) return;
  }
}

function isSameRow(cells: string[], others: string[]): boolean {
  return cells.length === others.length && cells.every((cell, index) => cell === others[index]);
}

/** What an OLE container is ([MS-CFB] 2.2: its directory tells), and what its author can do. */
async function whatContainerHolds(source: FileSource): Promise<string> {
  const header = Buffer.from(await source.read(0, 512));
  if (header.length === 512 && header[0] === 0xd0) {
    const sectorSize = header.readUInt16LE(30) === 12 ? 4096 : 512;
    const directory = (header.readUInt32LE(48) + 1) * sectorSize;
    const names = directory < source.size ? Buffer.from(await source.read(directory, 4096)) : header;
    if (names.includes(Buffer.from('EncryptedPackage', 'utf16le'))) {
      return 'The spreadsheet has a password. Save it without one, as .xlsx or CSV, and upload that';
    }
  }
  return 'The file is an old Excel file (.xls) or has a password. Save it as .xlsx or CSV without a password, and upload that';
}
