/**
 * Contacts as a spreadsheet (ECMA-376, Office Open XML): sheets of nothing but text, written as they come. Text cells are
 * never run as formulas, and keep every digit of a number.
 */
import { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { ZipFile } from 'yazl';
import type { Contact } from '../core/contact-document.ts';
import { COLUMNS, cellsOf } from './write-csv.ts';

/** Most rows of a sheet, the header's included. */
export const MAX_SHEET_ROWS = 1_048_576;
/** A sheet's XML stays below what a ZIP archive without extensions can hold of a file whose size is not known before. */
const MAX_SHEET_TEXT = 1024 * 1024 * 1024;

const HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';
const MAIN = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
const RELATIONS = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const PACKAGE = 'http://schemas.openxmlformats.org/package/2006';
const TYPES = 'application/vnd.openxmlformats-officedocument.spreadsheetml';

/** Sheets are the default of XML parts: their count is not known yet when this is written, as the first part. */
const CONTENT_TYPES =
  `${HEAD}<Types xmlns="${PACKAGE}/content-types">` +
  '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>' +
  `<Default Extension="xml" ContentType="${TYPES}.worksheet+xml"/>` +
  `<Override PartName="/xl/workbook.xml" ContentType="${TYPES}.sheet.main+xml"/>` +
  `<Override PartName="/xl/styles.xml" ContentType="${TYPES}.styles+xml"/></Types>`;

const PACKAGE_RELATIONS =
  `${HEAD}<Relationships xmlns="${PACKAGE}/relationships">` +
  `<Relationship Id="rId1" Type="${RELATIONS}/officeDocument" Target="xl/workbook.xml"/></Relationships>`;

/** Style 0 is text (number format 49, `@`), style 1 the same in bold. */
const STYLES =
  `${HEAD}<styleSheet xmlns="${MAIN}">` +
  '<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="11"/><name val="Calibri"/></font></fonts>' +
  '<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills>' +
  '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>' +
  '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>' +
  '<cellXfs count="2">' +
  '<xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>' +
  '<xf numFmtId="49" fontId="1" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" applyFont="1"/>' +
  '</cellXfs><cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>';

/** The header stays in sight; columns are text wherever somebody adds rows. */
const SHEET_BEGIN =
  `${HEAD}<worksheet xmlns="${MAIN}">` +
  '<sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>' +
  `</sheetView></sheetViews><cols><col min="1" max="${COLUMNS.length}" width="20" style="0" customWidth="1"/></cols><sheetData>`;
/** A text that is a number is no mistake here. */
const SHEET_END = `</sheetData><ignoredErrors><ignoredError sqref="A1:H${MAX_SHEET_ROWS}" numberStoredAsText="1"/></ignoredErrors></worksheet>`;

// What XML 1.0 cannot hold, a CR that it would change, and text that looks like their escapes
const NOT_XML = /[\x00-\x08\x0b-\x1f\ufffe\uffff]|_(?=x[0-9a-f]{4}_)/gi;
const MARKUP = /[&<>]/g;
const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

/** Text inside XML; `_x000D_` is how Office Open XML writes a character by its code (ECMA-376, ST_Xstring). */
function writeText(text: string): string {
  return text
    .replace(NOT_XML, (character) => `_x${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}_`)
    .replace(MARKUP, (character) => ENTITIES[character]!);
}

function writeRow(number: number, cells: readonly string[], style: 0 | 1): string {
  let text = `<row r="${number}">`;
  for (const [column, cell] of cells.entries()) {
    if (cell === '') continue;
    const place = `${String.fromCharCode(65 + column)}${number}`;
    const styled = style === 0 ? '' : ` s="${style}"`;
    text += `<c r="${place}"${styled} t="inlineStr"><is><t xml:space="preserve">${writeText(cell)}</t></is></c>`;
  }
  return `${text}</row>`;
}

/** An import takes an apostrophe away before a sign that could begin a formula: those that are data get one for it. */
const APOSTROPHE = /^'+[=+\-@\t\r\n＝＋－＠]/;

function cellsOfSheet(contact: Contact): string[] {
  return cellsOf(contact).map((cell) => (APOSTROPHE.test(cell) ? `'${cell}` : cell));
}

/**
 * The file, as it is made. An import of it gives the same contacts.
 * @param maxRows most rows of a sheet; what is more goes to another one.
 */
export async function* writeXlsx(
  batches: AsyncIterable<Contact[]>,
  maxRows = MAX_SHEET_ROWS,
): AsyncGenerator<Uint8Array, void, undefined> {
  const zip = new ZipFile();
  const archive = zip.outputStream as Readable;
  const rest = makeRest(batches);
  let sheet: Readable | undefined;

  async function fill(): Promise<void> {
    const add = (path: string, text: string) => zip.addBuffer(Buffer.from(text), path);
    add('[Content_Types].xml', CONTENT_TYPES);
    add('_rels/.rels', PACKAGE_RELATIONS);
    add('xl/styles.xml', STYLES);
    let sheets = 0;
    do {
      sheet = Readable.from(writeSheet(rest, maxRows), { objectMode: false });
      zip.addReadStream(sheet, `xl/worksheets/sheet${++sheets}.xml`);
      await finished(sheet);
    } while (await rest.hasMore());
    const numbers = Array.from({ length: sheets }, (_, index) => index + 1);
    add('xl/workbook.xml', workbook(numbers));
    add('xl/_rels/workbook.xml.rels', workbookRelations(numbers));
    zip.end();
  }

  const filled = fill().catch((error) => archive.destroy(error));
  try {
    yield* archive;
  } finally {
    // A reader that has seen enough must not leave the store's snapshot open behind it.
    sheet?.destroy();
    await filled;
    await rest.close();
  }
}

/** What is not written yet. */
interface Rest {
  hasMore(): Promise<boolean>;
  /** Takes at most so many of what `hasMore` has brought. */
  take(most: number): Contact[];
  close(): Promise<void>;
}

function makeRest(batches: AsyncIterable<Contact[]>): Rest {
  const source = batches[Symbol.asyncIterator]();
  let contacts: Contact[] = [];
  return {
    async hasMore() {
      if (contacts.length === 0) {
        const next = await source.next();
        if (!next.done) contacts = next.value;
      }
      return contacts.length > 0;
    },
    take(most) {
      const taken = contacts.slice(0, most);
      contacts = contacts.slice(most);
      return taken;
    },
    async close() {
      await source.return?.();
    },
  };
}

async function* writeSheet(rest: Rest, maxRows: number): AsyncGenerator<string, void, undefined> {
  yield SHEET_BEGIN + writeRow(1, COLUMNS, 1);
  let size = 0;
  let row = 1;
  while (row < maxRows && size < MAX_SHEET_TEXT && (await rest.hasMore())) {
    let text = '';
    for (const contact of rest.take(maxRows - row)) text += writeRow(++row, cellsOfSheet(contact), 0);
    size += Buffer.byteLength(text);
    yield text;
  }
  yield SHEET_END;
}

function workbook(sheets: number[]): string {
  const list = sheets.map((sheet) => {
    const name = sheet === 1 ? 'Contacts' : `Contacts ${sheet}`;
    return `<sheet name="${name}" sheetId="${sheet}" r:id="rId${sheet}"/>`;
  });
  return `${HEAD}<workbook xmlns="${MAIN}" xmlns:r="${RELATIONS}"><sheets>${list.join('')}</sheets></workbook>`;
}

function workbookRelations(sheets: number[]): string {
  const relation = (id: number, kind: string, target: string) =>
    `<Relationship Id="rId${id}" Type="${RELATIONS}/${kind}" Target="${target}"/>`;
  const list = sheets.map((sheet) => relation(sheet, 'worksheet', `worksheets/sheet${sheet}.xml`));
  list.push(relation(sheets.length + 1, 'styles', 'styles.xml'));
  return `${HEAD}<Relationships xmlns="${PACKAGE}/relationships">${list.join('')}</Relationships>`;
}
