/** Which character separates the cells of a table, seen from its first lines. */
import { columnFinder, type ExplicitMapping, findFirstContact, findHeader, mapColumns } from './columns.ts';
import { createTableParser, type TableLimits } from './csv.ts';

const CANDIDATES = [',', ';', '\t', '|'];
/** How many rows are looked at, for the separator and for the header. */
export const FIRST_ROWS = 20;

/** A first line `sep=;`, which Excel writes and reads: the separator, and how many characters the line takes. */
export function separatorLine(text: string): { separator: string; length: number } | undefined {
  const found = /^\uFEFF?"?sep=(.)"?[,;\t|]*(\r\n|\r|\n|$)/i.exec(text);
  return found === null ? undefined : { separator: found[1]!, length: found[0].length };
}

/**
 * The separator of a table: the one that makes a header out of a line, with as many columns recognised as possible; when
 * there is none, or they are equal, the one that cuts the most rows into the same number of cells. A comma in doubt.
 * @param sample the beginning of the text.
 * @param isWhole whether that is all of it.
 */
export function findSeparator(
  sample: string,
  isWhole: boolean,
  explicit: ExplicitMapping = {},
  limits: TableLimits = {},
): string {
  let best = ',';
  let bestScore: number[] = [];
  for (const separator of CANDIDATES) {
    const score = scoreOf(firstRows(sample, isWhole, separator, limits), explicit);
    if (isBetter(score, bestScore)) {
      best = separator;
      bestScore = score;
    }
  }
  return best;
}

function firstRows(sample: string, isWhole: boolean, separator: string, limits: TableLimits): string[][] {
  const parser = createTableParser(separator, limits);
  const whole = parser.push(sample);
  // The last row of a sample is cut somewhere: it counts only when there is no other.
  const rows = isWhole || whole.length === 0 ? whole.concat(parser.end()) : whole;
  return rows.slice(0, FIRST_ROWS).map((row) => row.cells);
}

/** Recognised columns; then rows that have as many cells as most rows; then those cells. */
function scoreOf(rows: string[][], explicit: ExplicitMapping): number[] {
  const header = rows[findHeader(rows, explicit)];
  const first = header ?? rows[findFirstContact(rows, explicit)] ?? [];
  const recognised = (header === undefined ? 0 : mapColumns(header).mapping.length) + namedBy(explicit, first);
  const counts = new Map<number, number>();
  for (const row of rows) if (row.length > 1) counts.set(row.length, (counts.get(row.length) ?? 0) + 1);
  let [cells, alike] = [0, 0];
  for (const [length, count] of counts) if (count > alike) [cells, alike] = [length, count];
  return [recognised, alike, cells];
}

function namedBy(explicit: ExplicitMapping, header: string[]): number {
  const find = columnFinder(header);
  return Object.keys(explicit).filter((name) => find(name) !== undefined).length;
}

function isBetter(score: number[], than: number[]): boolean {
  for (const [index, value] of score.entries()) {
    const other = than[index] ?? -1;
    if (value !== other) return value > other;
  }
  return false;
}
