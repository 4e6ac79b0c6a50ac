/** Rows of a table as contacts. */
import { placeName } from './column-spelling.ts';
import { type ExplicitMapping, findFirstContact, findHeader, mapColumns, nameOrder, noHeaderError } from './columns.ts';
import { ContactFileError, type FileLayout, type FileRow } from './contact-file.ts';
import { createTableParser, type TableLimits, type TableRow } from './csv.ts';
import { NUL, REPLACEMENT } from './decode.ts';
import { splitName } from './full-name.ts';
import { FIRST_ROWS } from './separator.ts';
import { splitTags } from './tags.ts';

/** Turns the text of a file into rows. Text goes in as it comes, cut anywhere. */
export interface RowReader {
  push(text: string): FileRow[];
  end(): FileRow[];
  /** How the file is understood so far: another object whenever more is known, undefined until enough is. */
  layout(): FileLayout | undefined;
}

export interface RowOptions {
  format: 'csv' | 'tsv' | 'xlsx';
  encoding: string;
  separator: string | null;
  /** Whether the first line is `sep=;`. */
  hasSeparatorLine: boolean;
  mapping?: ExplicitMapping;
  /** What an empty cell says of its field: nothing, or that it is empty. */
  empty?: 'keep' | 'clear';
}

export interface TableOptions extends RowOptions, TableLimits {
  separator: string;
  /** Whether the file is known to hold no broken character and no NUL: U+FFFD is text then as any other. */
  isSound?: boolean;
}

/** Reads a table that is text: see `createRowMaker`. */
export function createTableReader(options: TableOptions): RowReader {
  const parser = createTableParser(options.separator, options);
  const maker = createRowMaker(options);
  return {
    push(text) {
      if (!options.isSound && (text.includes(REPLACEMENT) || text.includes(NUL))) maker.noteDamage();
      return maker.take(parser.push(text), false);
    },
    end: () => maker.take(parser.end(), true),
    layout: maker.layout,
  };
}

/** Turns the rows of a table, text or sheet, into contacts. */
export interface RowMaker {
  /** @param final whether these are the last ones. */
  take(rows: TableRow[], final: boolean): FileRow[];
  /** Says that characters from here on may be broken. */
  noteDamage(): void;
  layout(): FileLayout | undefined;
}

/**
 * Reads a table's rows. The header is looked for among its first rows; what lies before it is passed over and counted. Then every
 * row is a contact or a fault (9013): more cells than the header has, a quote that is never closed, beyond the limits, a NUL,
 * or a character of a wanted cell that the file's encoding does not know. Without a header, when the mapping names places
 * alone, every row is a contact.
 *
 * An empty cell is an absent member, so that it never erases anything; so is a cell that a short row lacks. The number alone
 * is always there, empty if need be: the server then says 1353. Rows whose cells are all empty are blank lines to their
 * author and are passed over.
 * @throws {ContactFileError} from `take`: no header was found.
 */
export function createRowMaker(options: RowOptions): RowMaker {
  let layout: FileLayout | undefined;
  let toRow: ((row: TableRow, isDamaged: boolean) => FileRow | undefined) | undefined;
  let first: TableRow[] = [];
  let isDamaged = false;

  function take(rows: TableRow[], final: boolean): FileRow[] {
    if (toRow === undefined) {
      first = first.concat(rows);
      if (first.length < FIRST_ROWS && !final) return [];
      rows = readHeader();
    }
    const taken: FileRow[] = [];
    for (const row of rows) {
      const read = toRow!(row, isDamaged);
      if (read !== undefined) taken.push(read);
    }
    return taken;
  }

  /** Finds the header and gives the rows behind it. */
  function readHeader(): TableRow[] {
    const candidates = first.slice(0, FIRST_ROWS);
    const cells = candidates.map((row) => (row.fault === undefined ? row.cells : []));
    const index = findHeader(cells, options.mapping);
    const firstContact = index < 0 ? findFirstContact(cells, options.mapping) : -1;
    if (firstContact >= 0) return beginWithout(candidates, firstContact);
    const header = candidates[index];
    if (header === undefined) {
      const fault = candidates[0]?.fault;
      if (fault !== undefined)
        throw new ContactFileError(`The header cannot be read, line ${candidates[0]!.line}: ${fault}`);
      throw noHeaderError(cells);
    }
    return begin(header.cells, header.line, header.line, index + 1);
  }

  /** Begins with a row of cells that is no header: the widest of the first rows says how many columns there are. */
  function beginWithout(candidates: TableRow[], firstContact: number): TableRow[] {
    const rows = candidates.slice(firstContact);
    const width = Math.max(...rows.map((row) => (row.fault === undefined ? row.cells.length : 0)));
    return begin(
      Array.from({ length: width }, (_, column) => placeName(column)),
      null,
      rows[0]!.line,
      firstContact,
    );
  }

  function begin(header: string[], headerLine: number | null, firstLine: number, from: number): TableRow[] {
    if (header.some((cell) => cell.includes(NUL)))
      throw new ContactFileError(
        `The header, line ${firstLine}, holds NUL characters: the file is damaged or not text`,
      );
    const columns = mapColumns(header, options.mapping);
    if (!columns.mapping.some((each) => each.field === 'number')) throw noHeaderError([header]);
    layout = {
      ...columns,
      format: options.format,
      encoding: options.encoding,
      separator: options.separator,
      headerLine,
      preambleLines: firstLine - 1 - (options.hasSeparatorLine ? 1 : 0),
      header,
    };
    toRow = rowMaker(layout, options.empty === 'clear');
    const rest = first.slice(from);
    first = [];
    return rest;
  }

  return {
    take,
    noteDamage() {
      isDamaged = true;
    },
    layout: () => layout,
  };
}

function rowMaker(layout: FileLayout, doesClear: boolean): (row: TableRow, isDamaged: boolean) => FileRow | undefined {
  const width = layout.header.length;
  const numberColumn = layout.mapping.find((each) => each.field === 'number')!.column;
  const others = layout.mapping.filter((each) => each.field !== 'number');
  const fullName = layout.mapping.find((each) => each.field === 'full_name');
  const order = nameOrder(fullName?.header ?? '');
  const widthOf = layout.headerLine === null ? 'the first rows have' : 'the header has';

  return ({ line, cells, fault }, isDamaged) => {
    if (fault !== undefined) return { line, cells, fault: { code: 9013, message: fault } };
    const number = cells[numberColumn] ?? '';
    if (isBlank(number) && cells.every(isBlank)) return undefined;
    if (cells.length > width && !cells.slice(width).every(isBlank)) {
      const message = `The row has ${cells.length} cells, ${widthOf} ${width}: is a cell with a separator in it not quoted?`;
      return { line, cells, fault: { code: 9013, message } };
    }
    if (isDamaged) {
      if (cells.some((cell) => cell.includes(NUL))) {
        return {
          line,
          cells,
          fault: { code: 9013, message: 'The row holds NUL characters: the file is damaged here' },
        };
      }
      const broken = layout.mapping.find(({ column }) => cells[column]?.includes(REPLACEMENT));
      if (broken !== undefined) {
        const message = `The cell "${broken.header}" holds characters that are not UTF-8: save the file as UTF-8`;
        return { line, cells, fault: { code: 9013, message } };
      }
    }
    const contact: Record<string, unknown> = { number };
    for (const { column, field } of others) {
      const given = cells[column];
      if (given === undefined) continue;
      const cell = withoutGuard(given);
      if (isBlank(cell)) {
        if (doesClear && field === 'full_name') contact.first_name = contact.last_name = null;
        else if (doesClear) contact[field] = null;
        continue;
      }
      if (field === 'full_name') {
        Object.assign(contact, splitName(cell, order));
      } else if (field === 'tags') {
        const tags = splitTags(cell);
        if (tags.length > 0) contact.tags = tags;
      } else {
        contact[field] = cell;
      }
    }
    return { line, cells, contact };
  };
}

const GUARDED = /^'+[=+\-@\t\r\n＝＋－＠]/;

/** A cell without the apostrophe that keeps spreadsheets from running it as a formula: what our CSV export puts there. */
export function withoutGuard(cell: string): string {
  return cell.charCodeAt(0) === 39 && GUARDED.test(cell) ? cell.slice(1) : cell;
}

function isBlank(cell: string): boolean {
  if (cell === '') return true;
  const code = cell.charCodeAt(0);
  // Most cells begin with a letter or digit of ASCII: they need no trimming to be told from blank ones.
  return (code <= 32 || code >= 127) && cell.trim() === '';
}
