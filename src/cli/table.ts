import { stripVTControlCharacters } from 'node:util';

const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|[\u{1f300}-\u{1faff}]|[\u{20000}-\u{3fffd}]/u;
const NO_WIDTH = /[\p{Mn}\p{Me}\p{Cf}]/u;
const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff]/;
const GAP = 2;
/** The longest phone number with its plus: columns up to this are cut last. */
const LONG = 16;

/** How many columns of a terminal a text takes. */
export function widthOf(text: string): number {
  let width = 0;
  for (const character of stripVTControlCharacters(text)) {
    if (!NO_WIDTH.test(character)) width += WIDE.test(character) ? 2 : 1;
  }
  return width;
}

/** How a table looks beside its words. */
export interface TableLook {
  /** Whether a column is aligned at its right. */
  isRight?(column: number): boolean;
  /** A cell with its colours. @param row from 0; the header is -1. */
  paint?(text: string, row: number, column: number): string;
}

/**
 * Rows as a table for people: a header, columns aligned, cut to the terminal's width.
 * @param width of the terminal; undefined does not cut.
 */
export function formatTable(header: string[], rows: string[][], width?: number, look: TableLook = {}): string {
  const { isRight = () => false, paint = (text) => text } = look;
  const cells = [header, ...rows].map((row) => row.map(printable));
  const widths = header.map((_, column) => cells.reduce((most, row) => Math.max(most, widthOf(row[column]!)), 0));
  if (width !== undefined) fit(widths, width);
  return cells
    .map((row, index) =>
      row
        .map((cell, column) => {
          const { text, fill } = pad(cell, widths[column]!);
          const painted = paint(text, index - 1, column);
          return isRight(column) ? fill + painted : painted + fill;
        })
        .join(' '.repeat(GAP))
        .trimEnd(),
    )
    .join('\n');
}

/** Takes what is too much from the widest columns: first from what is long by nature, so that numbers and names stay whole. */
function fit(widths: number[], width: number): void {
  const room = width - GAP * (widths.length - 1);
  const long = widths.map((natural) => natural > LONG);
  shrink(widths, room, 8, (column) => long[column]!);
  shrink(widths, room, 4, () => true);
}

function shrink(widths: number[], room: number, least: number, mayShrink: (column: number) => boolean): void {
  for (let sum = widths.reduce((a, b) => a + b, 0); sum > room; sum--) {
    const widest = Math.max(...widths.filter((_, column) => mayShrink(column)));
    if (widest <= least) return;
    widths[widths.findIndex((taken, column) => taken === widest && mayShrink(column))]!--;
  }
}

/** A cell cut to its width, and the space that it leaves. */
function pad(cell: string, width: number): { text: string; fill: string } {
  let text = cell;
  if (widthOf(cell) > width) {
    text = '';
    for (const character of cell) {
      if (widthOf(text + character) >= width) break;
      text += character;
    }
    text += '…';
  }
  return { text: isolated(text), fill: ' '.repeat(Math.max(0, width - widthOf(text))) };
}

/** Text with isolates where it is written from the right, so that it does not turn what stands beside it round. */
export function isolated(text: string): string {
  return RIGHT_TO_LEFT.test(text) ? `\u2068${text}\u2069` : text;
}

/** Text without what would move the cursor or colour the terminal: cells are other people's data. */
export function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, ' ');
}
