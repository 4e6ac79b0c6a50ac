/** Which column of a file is which field of a contact, by the names people and programs give them. */
import { COLUMN_NAMES } from './column-names.ts';
import {
  CONTACT_FIELDS,
  type ColumnMapping,
  type ContactField,
  ContactFileError,
  type MappedColumn,
} from './contact-file.ts';

/** What a caller says of columns himself: header → field, or 'ignore'. */
export type ExplicitMapping = Record<string, ContactField | 'ignore'>;

/** A field, and how well its column's name fits: the lower the rank the better. */
export interface Recognised {
  field: ContactField;
  rank: number;
}

/** Nobody's column has a longer name, and folding an endless one would cost. */
const LONGEST_NAME = 100;

const RECOGNISED = new Map<string, Recognised>();
for (const field of CONTACT_FIELDS) {
  for (const [rank, names] of COLUMN_NAMES[field].entries()) {
    for (const name of names.split(',')) {
      const key = columnKey(name);
      if (!RECOGNISED.has(key)) RECOGNISED.set(key, { field, rank });
    }
  }
}

/** A column's name without case, accents, spaces and punctuation: `Prénom`, `PRENOM` and `pre_nom` are the same. */
export function columnKey(header: string): string {
  return header
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll('ß', 'ss')
    .replaceAll('ł', 'l')
    .replaceAll('ø', 'o')
    .replaceAll('ı', 'i')
    .replace(/[^\p{Letter}\p{Number}]/gu, '');
}

/** Whether two names are one column's, spelling aside. */
export function isSameColumn(one: string, other: string): boolean {
  if (one.trim() === other.trim()) return true;
  if (one.length > LONGEST_NAME) return false;
  const key = columnKey(one);
  return key !== '' && key === columnKey(other);
}

/** The field that a column of this name fills, or undefined when the name is not known. */
export function recogniseColumn(header: string): Recognised | undefined {
  return header.length > LONGEST_NAME ? undefined : RECOGNISED.get(columnKey(header));
}

/**
 * Gives every field its column. Of several columns for one field the best name wins, then the first; the others are
 * ignored, as are columns with unknown names.
 * @param explicit overrides what is recognised, by header without case and punctuation.
 * @throws {ContactFileError} `explicit` names a column that is not there, or gives one field two columns.
 */
export function mapColumns(header: string[], explicit: ExplicitMapping = {}): ColumnMapping {
  const said = findSaid(header, explicit);
  const taken = new Set<ContactField | 'ignore'>(said.values());
  const best = new Map<ContactField, { column: number; rank: number }>();
  for (const [column, name] of header.entries()) {
    const asked = said.get(column);
    if (asked === 'ignore') continue;
    const found = asked === undefined ? recogniseColumn(name) : { field: asked, rank: -1 };
    if (found === undefined || (asked === undefined && taken.has(found.field))) continue;
    const rival = best.get(found.field);
    if (rival === undefined || found.rank < rival.rank) best.set(found.field, { column, rank: found.rank });
  }
  const mapping: MappedColumn[] = [...best]
    .map(([field, { column }]) => ({ column, header: header[column]!.trim(), field }))
    .sort((one, other) => one.column - other.column);
  const used = new Set(mapping.map((each) => each.column));
  const ignored = header.map(columnTitle).filter((_, column) => !used.has(column));
  return { mapping, ignored };
}

/**
 * Finds the header among the first rows of a table: the first row in which a number column is recognised or named by
 * `explicit`. Everything before it is preamble. A row that holds a phone number is a contact: it is never the header,
 * and nothing after it is.
 * @returns the header's index, or -1.
 */
export function findHeader(rows: string[][], explicit: ExplicitMapping = {}): number {
  const named = Object.keys(explicit);
  const isHeader = (cells: string[]) =>
    cells.some((cell) => recogniseColumn(cell)?.field === 'number' || named.some((name) => isSameColumn(cell, name)));
  const firstContact = rows.findIndex((cells) => cells.some(holdsPhoneNumber));
  const headers = (firstContact < 0 ? rows : rows.slice(0, firstContact)).map(isHeader);
  // A line of one cell such as `Phone numbers` is a title when a header of several columns follows, else it is the header.
  const wide = headers.findIndex((is, index) => is && rows[index]!.filter((cell) => cell.trim() !== '').length > 1);
  return wide < 0 ? headers.indexOf(true) : wide;
}

/** The error for a table in which no header was found, with what was seen and what to do. */
export function noHeaderError(rows: string[][]): ContactFileError {
  const first = rows[0];
  if (first === undefined)
    return new ContactFileError('The file is empty: a header line and one line per contact are needed');
  if (first.some(holdsPhoneNumber)) {
    return new ContactFileError(
      'The file has no header line, its first line is a contact already: put a line such as number,first_name,last_name before it',
    );
  }
  // The widest of the first rows is the likeliest header.
  const header = rows.reduce((widest, row) => (row.length > widest.length ? row : widest), first);
  return new ContactFileError(
    `No column holds phone numbers by its name. The header seen is: ${showHeader(header)}. ` +
      'Name the column "number", or say which one it is',
  );
}

/** A header on one line and of bounded length, for messages. */
export function showHeader(header: string[]): string {
  const shown = header.slice(0, 30).map((name, column) => columnTitle(name, column).slice(0, 40));
  if (header.length > shown.length) shown.push(`and ${header.length - shown.length} more`);
  return shown.join(', ').replace(/[\s\p{Cc}]+/gu, ' ');
}

function columnTitle(name: string, column: number): string {
  return name.trim() || `column ${column + 1} (without a name)`;
}

/** What a caller said, by column. */
function findSaid(header: string[], explicit: ExplicitMapping): Map<number, ContactField | 'ignore'> {
  const said = new Map<number, ContactField | 'ignore'>();
  const owners = new Map<ContactField, string>();
  for (const [name, field] of Object.entries(explicit)) {
    const column = header.findIndex((each) => isSameColumn(each, name));
    if (column < 0)
      throw new ContactFileError(`There is no column "${name}". The header seen is: ${showHeader(header)}`);
    const owner = field === 'ignore' ? undefined : owners.get(field);
    if (owner !== undefined) throw new ContactFileError(`Both "${owner}" and "${name}" are to be ${field}: choose one`);
    if (field !== 'ignore') owners.set(field, name);
    said.set(column, field);
  }
  return said;
}

/** Whether a cell is a phone number beyond doubt: a plus and seven digits, or nine digits, and nothing but punctuation. */
function holdsPhoneNumber(cell: string): boolean {
  const text = cell.trim();
  if (text.length > 45 || !/^[+＋]?[\p{Nd}\s().\-/]+$/u.test(text)) return false;
  const digits = text.match(/\p{Nd}/gu)?.length ?? 0;
  return digits >= (/^[+＋]/.test(text) ? 7 : 9);
}
