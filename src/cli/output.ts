import { formatTable } from './table.ts';

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
  if (options.json) for (const row of rows) print(JSON.stringify(row));
  else print(formatTable(header, rows.map(toCells), process.stdout.isTTY ? process.stdout.columns : undefined));
}
