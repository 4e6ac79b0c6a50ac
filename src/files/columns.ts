/** Which column of a file is which field of a contact, by the names people and programs give them. */
import { COLUMN_NAMES, FAMILY_FIRST_NAMES, LAST_NAMES_BESIDE, NAME_JOINTS } from './column-names.ts';
import { columnKey, LONGEST_NAME, nameFinder, placeOf } from './column-spelling.ts';
import {
  CONTACT_FIELDS,
  type ColumnMapping,
  type ContactField,
  ContactFileError,
  type MappedColumn,
} from './contact-file.ts';
import type { NameOrder } from './full-name.ts';

/** What a caller says of columns himself: header, or place in the table from `#1`, → field, or 'ignore'. */
export type ExplicitMapping = Record<string, ContactField | 'ignore'>;

/** A field, and how well its column's name fits: the lower the rank the better. */
export interface Recognised {
  field: ContactField;
  rank: number;
}

const RECOGNISED = new Map<string, Recognised>();
for (const field of CONTACT_FIELDS) {
  for (const [rank, names] of COLUMN_NAMES[field].entries()) {
    for (const name of names.split(',')) {
      const key = columnKey(name);
      if (!RECOGNISED.has(key)) RECOGNISED.set(key, { field, rank });
    }
  }
}

const keysOf = (names: string) => names.split(',').map(columnKey);
const FAMILY_FIRST = new Set(keysOf(FAMILY_FIRST_NAMES));
const JOINTS = new Set(['', ...keysOf(NAME_JOINTS)]);
const BESIDE = LAST_NAMES_BESIDE.map(({ name, beside }) => ({ key: columnKey(name), beside: new Set(keysOf(beside)) }));
/** Names of both parts of a name are not longer. */
const LONGEST_PAIR = 40;

/** The field that a column of this name fills, or undefined when the name is not known. */
export function recogniseColumn(header: string): Recognised | undefined {
  if (header.length > LONGEST_NAME) return undefined;
  const key = columnKey(header);
  return RECOGNISED.get(key) ?? (orderOfPair(key) && { field: 'full_name', rank: 0 });
}

/** Which name comes first in a column of full names, as its own name tells: `Nachname, Vorname`; the given name when it does not. */
export function nameOrder(header: string): NameOrder {
  if (header.length > LONGEST_NAME) return 'given_first';
  const key = columnKey(header);
  return FAMILY_FIRST.has(key) ? 'family_first' : (orderOfPair(key) ?? 'given_first');
}

/** Whether a column of this name holds the last name when the first name has a column of that name: `Name` beside `Vorname`. */
export function isLastNameBeside(name: string, firstName: string): boolean {
  const [key, beside] = [columnKey(name), columnKey(firstName)];
  return BESIDE.some((each) => each.key === key && each.beside.has(beside));
}

/** The order of the two names that a column's name consists of, as `nom et prénom`. */
function orderOfPair(key: string): NameOrder | undefined {
  if (key.length > LONGEST_PAIR) return undefined;
  for (let at = 1; at < key.length; at++) {
    const field = RECOGNISED.get(key.slice(0, at))?.field;
    if (field !== 'first_name' && field !== 'last_name') continue;
    const other = field === 'first_name' ? 'last_name' : 'first_name';
    for (let from = at; from < key.length && from <= at + 3; from++) {
      if (!JOINTS.has(key.slice(at, from)) || RECOGNISED.get(key.slice(from))?.field !== other) continue;
      return field === 'first_name' ? 'given_first' : 'family_first';
    }
  }
  return undefined;
}

/**
 * Gives every field its column. Of several columns for one field the best name wins, then the first; the others are
 * ignored, as are columns with unknown names. A column of full names counts only where no other holds a first or last name;
 * a nickname gives way to it.
 * @param explicit overrides what is recognised, by header without case and punctuation or by place.
 * @throws {ContactFileError} `explicit` names a column that is not there, or gives one field two columns.
 */
export function mapColumns(header: string[], explicit: ExplicitMapping = {}): ColumnMapping {
  const said = findSaid(header, explicit);
  const taken = new Set<ContactField | 'ignore'>(said.values());
  if (taken.has('full_name')) taken.add('first_name').add('last_name');
  const best: BestColumns = new Map();
  for (const [column, name] of header.entries()) {
    const asked = said.get(column);
    if (asked === 'ignore') continue;
    const found = asked === undefined ? recogniseColumn(name) : { field: asked, rank: -1 };
    if (found === undefined || (asked === undefined && taken.has(found.field))) continue;
    const rival = best.get(found.field);
    if (rival === undefined || found.rank < rival.rank) best.set(found.field, { column, rank: found.rank });
  }
  settleNames(header, said, best);
  const mapping: MappedColumn[] = [...best]
    .map(([field, { column }]) => ({ column, header: header[column]!.trim(), field }))
    .sort((one, other) => one.column - other.column);
  const used = new Set(mapping.map((each) => each.column));
  const ignored = header.map(columnTitle).filter((_, column) => !used.has(column));
  return { mapping, ignored };
}

type BestColumns = Map<ContactField, { column: number; rank: number }>;

const NICKNAME_RANK = COLUMN_NAMES.first_name.length - 1;

/** Leaves either a full name or its parts. */
function settleNames(header: string[], said: Map<number, ContactField | 'ignore'>, best: BestColumns): void {
  const full = best.get('full_name');
  if (full === undefined || full.rank < 0) return;
  const [first, last] = [best.get('first_name'), best.get('last_name')];
  if (first === undefined && last === undefined) return;
  if (first !== undefined && last === undefined) {
    const column = header.findIndex((name, at) => !said.has(at) && isLastNameBeside(name, header[first.column]!));
    if (column >= 0) best.set('last_name', { column, rank: 0 });
    else if (first.rank === NICKNAME_RANK) {
      best.delete('first_name');
      return;
    }
  }
  best.delete('full_name');
}

/**
 * Finds the header among the first rows of a table: the first row in which a number column is recognised or named by
 * `explicit`. Everything before it is preamble. A row that holds a phone number is a contact: it is never the header,
 * and nothing after it is. Where `explicit` says by its place which column holds the numbers, and no row is a header by
 * that, it is the first of the rows before the contacts that are wide enough.
 * @returns the header's index, or -1.
 */
export function findHeader(rows: string[][], explicit: ExplicitMapping = {}): number {
  const isSaid = nameFinder(Object.keys(explicit).map((name) => [name, true]));
  const isHeader = (cells: string[]) => cells.some((cell) => recogniseNumber(cell) || isSaid(cell));
  const place = numberPlace(explicit);
  if (place !== undefined) {
    const first = rows.findIndex((cells) => holdsDigits(cells[place] ?? ''));
    const before = first < 0 ? rows : rows.slice(0, first);
    const known = before.findIndex((cells) => cells.length > place && isHeader(cells));
    return known < 0 ? before.findIndex((cells) => cells[place]?.trim()) : known;
  }
  const firstContact = rows.findIndex((cells) => cells.some(holdsPhoneNumber));
  const headers = (firstContact < 0 ? rows : rows.slice(0, firstContact)).map(isHeader);
  // A line of one cell such as `Phone numbers` is a title when a header of several columns follows, else it is the header.
  const wide = headers.findIndex((is, index) => is && rows[index]!.filter((cell) => cell.trim() !== '').length > 1);
  return wide < 0 ? headers.indexOf(true) : wide;
}

/**
 * The first contact of a table without a header: `explicit` names columns by their places alone, and in the number's place
 * stands a number.
 * @returns its index, or -1 when there is none or it is not so.
 */
export function findFirstContact(rows: string[][], explicit: ExplicitMapping = {}): number {
  const place = numberPlace(explicit);
  if (place === undefined || !Object.keys(explicit).every((name) => placeOf(name) !== undefined)) return -1;
  return rows.findIndex((cells) => holdsDigits(cells[place] ?? ''));
}

function numberPlace(explicit: ExplicitMapping): number | undefined {
  const said = Object.entries(explicit).find(([, field]) => field === 'number');
  return said && placeOf(said[0]);
}

function recogniseNumber(cell: string): boolean {
  return cell.length <= LONGEST_NAME && RECOGNISED.get(columnKey(cell))?.field === 'number';
}

/** The error for a table in which no header was found, with what was seen and what to do. */
export function noHeaderError(rows: string[][]): ContactFileError {
  const first = rows[0];
  if (first === undefined)
    return new ContactFileError('The file is empty: a header line and one line per contact are needed');
  if (first.some(holdsPhoneNumber)) {
    return new ContactFileError(
      'The file has no header line, its first line is a contact already: put a line such as number,first_name,last_name before it, ' +
        'or map columns by their places, as {"#1":"number"}',
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
  const find = columnFinder(header);
  for (const [name, field] of Object.entries(explicit)) {
    const column = find(name);
    if (column === undefined)
      throw new ContactFileError(`There is no column "${name}". The header seen is: ${showHeader(header)}`);
    const owner = field === 'ignore' ? undefined : owners.get(field);
    if (owner !== undefined) throw new ContactFileError(`Both "${owner}" and "${name}" are to be ${field}: choose one`);
    if (field !== 'ignore') owners.set(field, name);
    said.set(column, field);
  }
  const [full, part] = [owners.get('full_name'), owners.get('first_name') ?? owners.get('last_name')];
  if (full !== undefined && part !== undefined)
    throw new ContactFileError(`"${full}" is to be the full name and "${part}" a part of it: choose one`);
  return said;
}

/** Finds the column that a caller means, by its name or its place. A column that is called `#3` goes before the third. */
export function columnFinder(header: string[]): (name: string) => number | undefined {
  const find = nameFinder(header.map((name, column) => [name, column]));
  return (name) => {
    const place = placeOf(name);
    return find(name) ?? (place !== undefined && place < header.length ? place : undefined);
  };
}

/** Whether a cell in the number's place is one, rather than that column's name: at least five digits, and few other characters. */
export function holdsDigits(cell: string): boolean {
  if (cell.length > 100) return false;
  const digits = cell.match(/\p{Nd}/gu)?.length ?? 0;
  return digits >= 5 && (cell.match(/\p{Letter}/gu)?.length ?? 0) < digits;
}

/** Whether a cell is a phone number beyond doubt: a plus and seven digits, or nine digits, and nothing but punctuation. */
function holdsPhoneNumber(cell: string): boolean {
  const text = cell.trim();
  if (text.length > 45 || !/^[+＋]?[\p{Nd}\s().\-/]+$/u.test(text)) return false;
  const digits = text.match(/\p{Nd}/gu)?.length ?? 0;
  return digits >= (/^[+＋]/.test(text) ? 7 : 9);
}
