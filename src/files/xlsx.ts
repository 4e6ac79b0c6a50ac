/** Spreadsheets (.xlsx, ECMA-376 and ISO/IEC 29500, the strict form too) as a stream of rows. */
import { ContactFileError } from './contact-file.ts';
import type { TableLimits, TableRow } from './csv.ts';
import { isOldSpreadsheet, isZip } from './file-kinds.ts';
import type { FileSource } from './file-source.ts';
import { openArchive } from './xlsx-archive.ts';
import { readFormats } from './xlsx-formats.ts';
import { readRows } from './xlsx-sheet.ts';
import { NO_STRINGS, readSharedStrings } from './xlsx-strings.ts';
import { readWorkbook } from './xlsx-workbook.ts';

export interface SheetLimits extends TableLimits {
  /** Most bytes that are unpacked of the file in all. */
  maxUnpacked: number;
}

/**
 * The rows of a spreadsheet's first worksheet that is not hidden and has any, in batches, as they are read; `line` is the
 * row's number in the sheet. Rows without text are passed over, empty cells at the end of a row dropped.
 *
 * Cells are text as a person sees it, and lose nothing: numbers in all their digits and never in scientific notation, with the
 * plus and the zeros that a format puts before them; dates and times as `yyyy-MM-dd`, `yyyy-MM-dd HH:mm:ss`, `HH:mm:ss`;
 * the results of formulas; TRUE and FALSE; errors as `#N/A`.
 *
 * A row that is too long or too wide comes out with a `fault`. Memory grows with the texts that cells share, up to a limit,
 * and with nothing else. Whoever stops reading closes the file.
 * @throws ContactFileError when the file is no such spreadsheet, has a password, is damaged or cut off, or unpacks to too much.
 */
export async function* readSheet(source: FileSource, limits: SheetLimits): AsyncGenerator<TableRow[], void, undefined> {
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
    for (const sheet of sheets) {
      let hasRows = false;
      for await (const rows of readRows(archive.read(sheet), sheet, context)) {
        hasRows = true;
        yield rows;
      }
      if (hasRows) return;
    }
  } finally {
    archive.close();
  }
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
