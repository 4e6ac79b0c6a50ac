import { formatTable } from './table.ts';

/** What the command ends with; wrong usage is told by the options' reader. */
export const EXIT = { done: 0, failed: 1, wrongUsage: 2, someRefused: 3, interrupted: 130 } as const;

/** A line on standard output. */
export function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Rows for people as a table, for programs (`--json`) as JSON lines. */
export function printRows<Row>(
  rows: Row[],
  options: { json?: boolean },
  header: string[],
  toCells: (row: Row) => string[],
): void {
  if (options.json) {
    for (const row of rows) print(JSON.stringify(row));
    return;
  }
  const cells = rows.map(toCells);
  const whole = formatTable(header, cells);
  // A terminal that does not know its width says 0.
  const fitted = formatTable(header, cells, (process.stdout.isTTY && process.stdout.columns) || undefined);
  print(fitted);
  if (fitted !== whole) print('(cut to the width of the terminal: --json shows everything)');
}
