import { buffer } from 'node:stream/consumers';
import { ZipFile } from 'yazl';
import type { TableRow } from '../../src/files/csv.ts';
import type { FileSource } from '../../src/files/file-source.ts';
import { type HeaderFinder, readSheet, type SheetLimits } from '../../src/files/xlsx.ts';

/** A cell: text is shared as Excel shares it; the other forms say how else a cell can be written. */
export type MadeCell =
  | string
  | number
  | boolean
  | null
  /** Text in the cell itself, as other writers have it. */
  | { inline: string }
  /** A number with a format code (`dd.mm.yyyy`) or the number of a built-in format (14). */
  | { number: number | string; format: string | number }
  /** The whole cell as XML. */
  | { xml: string };

export interface MadeSheet {
  name?: string;
  state?: 'hidden' | 'veryHidden';
  rows?: readonly (readonly MadeCell[])[];
  /** What stands inside `<sheetData>`, instead of rows. */
  data?: string;
}

/** Parts by name. Given to `makeXlsx`: those beyond its own, or in their stead; null leaves a part out. */
export type Parts = Record<string, string | Uint8Array | null>;

export const MAIN = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
export const RELATIONS = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const PACKAGE = 'http://schemas.openxmlformats.org/package/2006';

/** An .xlsx file with these sheets, laid out as Excel does it. */
export function makeXlsx(sheets: readonly MadeSheet[], parts: Parts = {}): Promise<Buffer> {
  const strings = new Map<string, number>();
  const formats = new Map<string | number, number>([['General', 0]]);
  const sheetParts: Parts = {};
  const sheetList: string[] = [];
  const relations: string[] = [];
  for (const [index, { name, state, rows = [], data }] of sheets.entries()) {
    const number = index + 1;
    const content = data ?? rows.map((row, at) => rowXml(row, at + 1, strings, formats)).join('');
    sheetParts[`xl/worksheets/sheet${number}.xml`] = sheetXml(content);
    const hiding = state === undefined ? '' : ` state="${state}"`;
    sheetList.push(
      `<sheet name="${escapeXml(name ?? `Sheet${number}`)}" sheetId="${number}"${hiding} r:id="rId${number}"/>`,
    );
    relations.push(relationXml(`rId${number}`, 'worksheet', `worksheets/sheet${number}.xml`));
  }
  relations.push(relationXml('rIdStrings', 'sharedStrings', 'sharedStrings.xml'));
  relations.push(relationXml('rIdStyles', 'styles', 'styles.xml'));
  return makeZip({
    '[Content_Types].xml': `<Types xmlns="${PACKAGE}/content-types"/>`,
    '_rels/.rels': relationsXml([relationXml('rId1', 'officeDocument', 'xl/workbook.xml')]),
    'xl/workbook.xml': workbookXml(`<sheets>${sheetList.join('')}</sheets>`),
    'xl/_rels/workbook.xml.rels': relationsXml(relations),
    'xl/sharedStrings.xml': stringsXml([...strings.keys()].map((text) => `<si>${textXml(text)}</si>`).join('')),
    'xl/styles.xml': stylesXml([...formats.keys()]),
    ...sheetParts,
    ...parts,
  });
}

export async function makeZip(parts: Parts, options: { compress?: boolean } = {}): Promise<Buffer> {
  const zip = new ZipFile();
  for (const [name, content] of Object.entries(parts)) {
    if (content !== null) zip.addBuffer(Buffer.from(content as string), name, options);
  }
  zip.end();
  return buffer(zip.outputStream);
}

export const workbookXml = (content: string) =>
  `<workbook xmlns="${MAIN}" xmlns:r="${RELATIONS}">${content}</workbook>`;

export const sheetXml = (data: string) => `<worksheet xmlns="${MAIN}"><sheetData>${data}</sheetData></worksheet>`;

export const stringsXml = (items: string) => `<sst xmlns="${MAIN}">${items}</sst>`;

export const relationsXml = (relations: string[]) =>
  `<Relationships xmlns="${PACKAGE}/relationships">${relations.join('')}</Relationships>`;

export const relationXml = (id: string, type: string, target: string) =>
  `<Relationship Id="${id}" Type="${RELATIONS}/${type}" Target="${target}"/>`;

/** Styles with one cell format for each format code or built-in number, in this order. */
export function stylesXml(formats: (string | number)[]): string {
  const numberOf = (format: string | number, index: number) => (typeof format === 'number' ? format : 164 + index);
  const codes = formats.map((format, index) =>
    typeof format === 'number' ? '' : `<numFmt numFmtId="${164 + index}" formatCode="${escapeXml(format)}"/>`,
  );
  const cells = formats.map((format, index) => `<xf numFmtId="${numberOf(format, index)}" xfId="0"/>`);
  return `<styleSheet xmlns="${MAIN}"><numFmts>${codes.join('')}</numFmts><cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs>${cells.join('')}</cellXfs></styleSheet>`;
}

function rowXml(
  row: readonly MadeCell[],
  number: number,
  strings: Map<string, number>,
  formats: Map<string | number, number>,
): string {
  const cells = row.map((cell, index) => {
    const reference = `r="${columnName(index + 1)}${number}"`;
    if (cell === null) return '';
    if (typeof cell === 'string') return `<c ${reference} t="s"><v>${numberIn(strings, cell)}</v></c>`;
    if (typeof cell === 'number') return `<c ${reference}><v>${cell}</v></c>`;
    if (typeof cell === 'boolean') return `<c ${reference} t="b"><v>${cell ? 1 : 0}</v></c>`;
    if ('xml' in cell) return cell.xml;
    if ('inline' in cell) return `<c ${reference} t="inlineStr"><is>${textXml(cell.inline)}</is></c>`;
    return `<c ${reference} s="${numberIn(formats, cell.format)}"><v>${cell.number}</v></c>`;
  });
  return `<row r="${number}">${cells.join('')}</row>`;
}

function numberIn<T>(numbers: Map<T, number>, value: T): number {
  const known = numbers.get(value) ?? numbers.size;
  numbers.set(value, known);
  return known;
}

/** The letters of a column, from 1. */
export function columnName(column: number): string {
  const before = column > 26 ? columnName(Math.floor((column - 1) / 26)) : '';
  return before + String.fromCharCode(65 + ((column - 1) % 26));
}

/** Text as Excel writes it: what XML cannot hold or would change as `_x000D_`, and what looks like that escaped too. */
function textXml(text: string): string {
  const escaped = text
    .replace(/_(?=x[0-9a-f]{4}_)/gi, '_x005F_')
    .replace(
      /[\r\uFFFE\uFFFF]/g,
      (character) => `_x${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}_`,
    );
  return `<t xml:space="preserve">${escapeXml(escaped)}</t>`;
}

export function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

export function sourceOf(bytes: Uint8Array): FileSource {
  return { size: bytes.length, read: async (offset, length) => bytes.subarray(offset, offset + length) };
}

export const LIMITS: SheetLimits = { maxUnpacked: 100_000_000 };

export async function readBytes(
  bytes: Uint8Array,
  limits: Partial<SheetLimits> = {},
  findHeader?: HeaderFinder,
): Promise<TableRow[]> {
  const rows: TableRow[] = [];
  for await (const batch of readSheet(sourceOf(bytes), { ...LIMITS, ...limits }, findHeader)) rows.push(...batch);
  return rows;
}

/** The cells of the rows that reading gives. */
export const readCells = async (bytes: Uint8Array) => (await readBytes(bytes)).map((row) => row.cells);
