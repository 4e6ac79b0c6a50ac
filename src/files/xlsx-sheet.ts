/** A worksheet of a spreadsheet as a stream of rows (ECMA-376 part 1, 18.3.1). */
import { MAX_COLUMNS, MAX_ROW_LENGTH, type TableLimits, type TableRow } from './csv.ts';
import { isoDateText, type NumberFormat, numberText } from './xlsx-formats.ts';
import { type SharedStrings, unescapeText } from './xlsx-strings.ts';
import { readXml } from './xlsx-xml.ts';

export interface SheetContext {
  strings: SharedStrings;
  formats: NumberFormat[];
  is1904: boolean;
  limits: TableLimits;
  /** Counts text that is given out again and again but stands in the file once. */
  spend(characters: number): void;
}

/** How much of a row that is too long is given out. */
const SHOWN = 200;
/** A character may be written with so many: `_x0041_`. */
const ESCAPED = 7;
/** LibreOffice has 16 times the rows of Excel. */
const MAX_ROW_NUMBER = 16 * 1024 * 1024;
/** Excel's last column is 16,384; more letters than this are no column. */
const MAX_COLUMN_NUMBER = 1_000_000;
/** Shorter pieces are copies of their own, longer ones keep the whole chunk they were cut from. */
const LONGEST_COPY = 12;

/**
 * The rows of a worksheet, in batches, one batch per piece of the file at most. Only the row that is not finished is kept.
 * Rows with no text are passed over; line numbers always grow, whatever the file says.
 * @param name the part's name, for errors.
 * @throws ContactFileError when the part is damaged.
 */
export async function* readRows(
  chunks: AsyncIterable<Uint8Array>,
  name: string,
  { strings, formats, is1904, limits, spend }: SheetContext,
): AsyncGenerator<TableRow[], void, undefined> {
  const maxLength = limits.maxRowLength ?? MAX_ROW_LENGTH;
  const maxColumns = limits.maxColumns ?? MAX_COLUMNS;
  let rows: TableRow[] = [];

  let isInData = false;
  let isInRow = false;
  let isInCell = false;
  let isPhonetic = false;
  /** Whether text counts here: values and texts of cells do, formulas and white space between elements do not. */
  let isText = false;
  let element = '';

  let line = 0;
  let cells: string[] = [];
  /** Characters of the row so far. */
  let length = 0;
  let isLong = false;
  let isWide = false;
  let isDamaged = false;

  /** The cell's column, from 1. */
  let column = 0;
  let type = '';
  let style = 0;
  let text = '';

  function open(tag: string): void {
    element = tag;
    if (tag === 'c') {
      isInCell = isInRow;
      column++;
      type = '';
      style = 0;
      text = '';
    } else if (tag === 'v' || tag === 't') {
      isText = isInCell && !isPhonetic;
    } else if (tag === 'row') {
      isInRow = isInData;
      line++;
      cells = [];
      length = 0;
      column = 0;
      isLong = false;
      isWide = false;
      isDamaged = false;
    } else if (tag === 'rPh') isPhonetic = true;
    else if (tag === 'sheetData') isInData = true;
  }

  function attribute(attributeName: string, value: string): void {
    if (element === 'c') {
      if (attributeName === 'r') column = columnOf(value) || column;
      else if (attributeName === 't') type = value;
      else if (attributeName === 's') style = Number(value);
    } else if (element === 'row' && attributeName === 'r' && isInRow) {
      const number = Number(value);
      if (Number.isInteger(number) && number >= line && number <= MAX_ROW_NUMBER) line = number;
    }
  }

  function onText(piece: string): void {
    if (!isText) return;
    if (text.length > maxLength * ESCAPED) isLong = true;
    else text += piece;
  }

  function close(tag: string): void {
    if (tag === 'v' || tag === 't') isText = false;
    else if (tag === 'c') {
      if (isInCell && text !== '') addCell();
      isInCell = false;
    } else if (tag === 'row') {
      if (isInRow) addRow();
      isInRow = false;
    } else if (tag === 'rPh') isPhonetic = false;
    else if (tag === 'sheetData') isInData = false;
  }

  function addCell(): void {
    const value = cellText();
    if (value === '') return;
    length += value.length;
    if (column > maxColumns) isWide = true;
    else if (length <= maxLength || cells.length === 0) {
      while (cells.length < column) cells.push('');
      cells[column - 1] = value;
    }
  }

  function cellText(): string {
    switch (type) {
      case '':
      case 'n':
        return numberText(text, formats[style], is1904);
      case 's': {
        const value = strings.at(Number(text));
        if (value === undefined) isDamaged = true;
        else spend(value.length);
        return value ?? '';
      }
      case 'b':
        return text === '1' || text === 'true' ? 'TRUE' : 'FALSE';
      case 'd':
        return isoDateText(text);
      default: {
        // Formulas that give text (str), texts in the cell itself (inlineStr), errors (e).
        const value = unescapeText(text);
        return value.length > LONGEST_COPY ? Buffer.from(value).toString() : value;
      }
    }
  }

  function addRow(): void {
    if (isLong || length > maxLength) {
      rows.push({ line, cells: shortened(cells), fault: `The row is longer than ${maxLength} characters` });
    } else if (isWide) rows.push({ line, cells, fault: `The row has more than ${maxColumns} cells` });
    else if (isDamaged) rows.push({ line, cells, fault: 'A cell refers to a text that is not in the spreadsheet' });
    else if (cells.length > 0) rows.push({ line, cells });
  }

  for await (const _ of readXml(chunks, name, { open, attribute, text: onText, close })) {
    if (rows.length === 0) continue;
    const batch = rows;
    rows = [];
    yield batch;
  }
}

/** The column that a cell reference such as `AB12` names, from 1; 0 when it names none. */
function columnOf(reference: string): number {
  let column = 0;
  for (let i = 0; i < reference.length && column < MAX_COLUMN_NUMBER; i++) {
    const code = reference.charCodeAt(i);
    if (code >= 65 && code <= 90) column = column * 26 + code - 64;
    else if (code >= 97 && code <= 122) column = column * 26 + code - 96;
    else break;
  }
  return column;
}

/** The first characters of a row. */
function shortened(cells: string[]): string[] {
  const kept: string[] = [];
  let left = SHOWN;
  for (const cell of cells) {
    if (left <= 0) break;
    kept.push(cell.slice(0, left));
    left -= Math.max(cell.length, 1);
  }
  return kept;
}
