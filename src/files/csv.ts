/**
 * Text separated by commas, semicolons, tabs or whatever, into rows of cells: RFC 4180 and what people really save.
 * Chunks of text go in, rows come out; only the row that is not finished yet is kept.
 */

/** A row as it stands in the file. */
export interface TableRow {
  /** The physical line where the row begins, from 1. */
  line: number;
  /** The cells; of a row with a fault, what could be read of it, cut short where it is endless. */
  cells: string[];
  /** What is wrong with the row, in words for its author. */
  fault?: string;
}

export interface TableLimits {
  /** Most characters of a row, line breaks inside quotes included. 1,048,576 by default. */
  maxRowLength?: number;
  /** Most cells of a row. 1,000 by default. */
  maxColumns?: number;
}

export interface TableParser {
  /** Takes the next piece of the text, cut anywhere, and gives the rows it completes. */
  push(chunk: string): TableRow[];
  /** Says that the text is over and gives the rows that were waiting for more. */
  end(): TableRow[];
}

export const MAX_ROW_LENGTH = 1024 * 1024;
export const MAX_COLUMNS = 1000;

/** How much of an endless row is shown. */
const SHOWN = 200;
const QUOTE = '"';
const LF = 10;
const CR = 13;

/**
 * A parser for one text. Rows end at LF, CR or CRLF; empty lines are skipped, a byte order mark at the beginning too. A cell
 * that begins with a quote ends at the next quote that is not doubled, and holds line breaks and separators until then; text
 * between that quote and the separator is kept. A quote anywhere else is an ordinary character.
 *
 * Nothing in the text makes it throw. A row longer or wider than the limits, or with a quote that is never closed, comes
 * out with a `fault`, and reading goes on behind it: with a lost quote only its own line is given up. The rows do not
 * depend on where the chunks are cut.
 * @param separator one character.
 */
export function createTableParser(separator: string, limits: TableLimits = {}): TableParser {
  const maxLength = limits.maxRowLength ?? MAX_ROW_LENGTH;
  const maxColumns = limits.maxColumns ?? MAX_COLUMNS;
  const separatorCode = separator.charCodeAt(0);

  /** What is not parsed yet. It begins where a row begins, and `before` characters of the whole text lie before it. */
  let text = '';
  let before = 0;
  let line = 1;
  let started = false;
  /** Inside a row that is too long: everything up to the next line break is passed over. */
  let skipping = false;
  /** Characters read a second time after a lost quote, kept below those read once: the work stays linear. */
  let reread = 0;
  /** An unfinished row is tried again when the text has doubled: linear too, however small the chunks. */
  let tryAt = 0;
  let rows: TableRow[] = [];

  function push(chunk: string): TableRow[] {
    text += chunk;
    return text.length < tryAt ? [] : parse(false);
  }

  function end(): TableRow[] {
    return parse(true);
  }

  function parse(final: boolean): TableRow[] {
    rows = [];
    if (!started && text !== '') {
      started = true;
      if (text.startsWith('\uFEFF')) text = text.slice(1);
    }
    const position = parseRows(final);
    before += position;
    text = text.slice(position);
    tryAt = text.length * 2;
    return rows;
  }

  /** Parses what can be parsed and says where the first unfinished row begins. */
  function parseRows(final: boolean): number {
    let position = 0;
    let lf = -1;
    let cr = -1;
    let quote = -1;
    while (position < text.length) {
      // The next of each is looked for once and serves until it is passed: a file without CR or quotes is searched for
      // them once a chunk, not once a line.
      if (lf < position) lf = indexFrom('\n', position);
      if (cr < position) cr = indexFrom('\r', position);
      const lineEnd = Math.min(lf, cr);

      if (skipping) {
        if (lineEnd === Infinity) return text.length;
        if (isSplitBreak(lineEnd, final)) return lineEnd;
        skipping = false;
        line++;
        position = afterBreak(lineEnd);
        continue;
      }
      if (quote < position) quote = indexFrom(QUOTE, position);

      if (quote < lineEnd) {
        const next = parseQuoted(position, final);
        if (next === undefined) return position;
        position = next;
      } else if (Math.min(lineEnd, text.length) - position > maxLength) {
        position = giveUpLong(position);
      } else if (lineEnd === Infinity) {
        if (!final) return position;
        addRow(text.slice(position).split(separator, maxColumns + 1));
        return text.length;
      } else {
        if (isSplitBreak(lineEnd, final)) return position;
        if (lineEnd > position) addRow(text.slice(position, lineEnd).split(separator, maxColumns + 1));
        line++;
        position = afterBreak(lineEnd);
      }
    }
    return position;
  }

  /** Parses one row that has a quote somewhere: where the next row begins, or undefined when the row is unfinished. */
  function parseQuoted(start: number, final: boolean): number | undefined {
    const limit = start + maxLength;
    const cells: string[] = [];
    let at = start;
    for (;;) {
      let value = '';
      if (text[at] === QUOTE) {
        let from = at + 1;
        for (;;) {
          const close = text.indexOf(QUOTE, from);
          if (close < 0 || close > limit) {
            const known = final || close > limit || text.length > limit;
            return known ? giveUpQuote(start, Math.min(limit, text.length)) : undefined;
          }
          if (close + 1 === text.length && !final) return undefined;
          if (text[close + 1] === QUOTE) {
            value += text.slice(from, close + 1);
            from = close + 2;
          } else {
            value += text.slice(from, close);
            at = close + 1;
            break;
          }
        }
      }
      const cellEnd = endOfCell(at);
      if (cellEnd > limit) return giveUpLong(start);
      if (cellEnd === text.length && !final) return undefined;
      // One cell more than allowed tells that there are too many; the others are not kept.
      if (cells.length <= maxColumns) cells.push(value + text.slice(at, cellEnd));
      if (cellEnd < text.length && text.charCodeAt(cellEnd) === separatorCode) {
        if (cellEnd === limit) return giveUpLong(start);
        at = cellEnd + 1;
        continue;
      }
      if (isSplitBreak(cellEnd, final)) return undefined;
      addRow(cells);
      const next = afterBreak(cellEnd);
      line += countBreaks(start, next);
      return next;
    }
  }

  function addRow(cells: string[]): void {
    if (cells.length <= maxColumns) rows.push({ line, cells });
    else rows.push({ line, cells: cells.slice(0, maxColumns), fault: `The row has more than ${maxColumns} cells` });
  }

  /** Gives a row up that is longer than allowed, at the limit and not where it ends: it may never end. */
  function giveUpLong(start: number): number {
    const limit = start + maxLength;
    rows.push({
      line,
      cells: [text.slice(start, start + Math.min(SHOWN, maxLength))],
      fault: `The row is longer than ${maxLength} characters`,
    });
    line += countBreaks(start, limit);
    skipping = true;
    return limit;
  }

  /** Gives a row up whose quote is not closed before `limit`. Only its first line, as long as the work stays linear. */
  function giveUpQuote(start: number, limit: number): number {
    const lineEnd = Math.min(indexFrom('\n', start), indexFrom('\r', start), limit);
    const shown = text.slice(start, Math.min(lineEnd, start + maxLength)).split(separator, maxColumns);
    const again = limit - lineEnd;
    if (reread + again <= before + start + 4 * maxLength) {
      reread += again;
      rows.push({ line, cells: shown, fault: 'A quote is opened in this line and never closed' });
      if (lineEnd === limit) {
        skipping = true;
        return limit;
      }
      line++;
      return afterBreak(lineEnd);
    }
    const breaks = countBreaks(start, limit);
    rows.push({
      line,
      cells: shown,
      fault: `A quote is opened in this line and never closed: lines ${line} to ${line + breaks} were not read`,
    });
    line += breaks;
    skipping = true;
    return limit;
  }

  function indexFrom(character: string, from: number): number {
    const index = text.indexOf(character, from);
    return index < 0 ? Infinity : index;
  }

  function endOfCell(from: number): number {
    for (let i = from; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code === separatorCode || code === LF || code === CR) return i;
    }
    return text.length;
  }

  /** Whether the break at `index` is a CR that ends the chunk: a LF that belongs to it may follow. */
  function isSplitBreak(index: number, final: boolean): boolean {
    return !final && index + 1 === text.length && text.charCodeAt(index) === CR;
  }

  function afterBreak(index: number): number {
    const isPair = text.charCodeAt(index) === CR && text.charCodeAt(index + 1) === LF;
    return Math.min(index + (isPair ? 2 : 1), text.length);
  }

  function countBreaks(from: number, to: number): number {
    let count = 0;
    for (let i = from; i < to; i++) {
      const code = text.charCodeAt(i);
      if (code === LF || (code === CR && text.charCodeAt(i + 1) !== LF)) count++;
    }
    return count;
  }

  return { push, end };
}
