import { paint } from './style.ts';
import { formatTable, isolated, printable, type TableLook } from './table.ts';

/** What the command ends with; wrong usage is told by the options' reader. */
export const EXIT = { done: 0, failed: 1, wrongUsage: 2, someRefused: 3, interrupted: 130 } as const;

/** Between a name and its value. */
const GAP = 2;

/** How things are printed. Unless said, for people on a terminal, and for programs everywhere else. */
export interface OutputOptions {
  json?: boolean;
  table?: boolean;
}

/** A line on standard output. */
export function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** A word about what happened, beside the output: on standard error. */
export function say(text: string): void {
  console.error(text);
}

/** An error in a line, as it stands before the prompt comes back. */
export function complain(text: string): void {
  console.error(`${paint('red', 'muster:', process.stderr)} ${text}`);
}

/** Whether output is JSON lines. */
export function isForPrograms({ json, table }: OutputOptions): boolean {
  return json ?? (!table && !process.stdout.isTTY);
}

/** A column of a table for people. */
export interface Column<Row> {
  name: string;
  of: (row: Row) => string;
  /** Numbers stand at the right. */
  isNumber?: boolean;
  /** How a cell looks on a terminal with colours. */
  look?: (row: Row) => Parameters<typeof paint>[0] | undefined;
}

/** Rows for people as a table, for programs as JSON lines. */
export function printRows<Row>(rows: Row[], options: OutputOptions, columns: Column<Row>[]): void {
  if (isForPrograms(options)) {
    for (const row of rows) print(JSON.stringify(row));
    return;
  }
  const header = columns.map(({ name }) => name);
  const cells = rows.map((row) => columns.map(({ of }) => of(row)));
  const look: TableLook = {
    isRight: (column) => columns[column]!.isNumber === true,
    paint(text, row, column) {
      if (row < 0) return paint('bold', text);
      const style = columns[column]!.look?.(rows[row]!);
      return style === undefined ? text : paint(style, text);
    },
  };
  const whole = formatTable(header, cells, undefined, look);
  // A terminal that does not know its width says 0.
  const fitted = formatTable(header, cells, (process.stdout.isTTY && process.stdout.columns) || undefined, look);
  print(fitted);
  if (fitted !== whole) print(paint('dim', '(cut to the width of the terminal: --json shows everything)'));
}

/** One thing for people as lines of names and values, for programs as a JSON object. */
export function printOne<Thing extends object>(
  thing: Thing,
  options: OutputOptions,
  toLines: (thing: Thing) => [name: string, value: string | null][],
): void {
  if (isForPrograms(options)) {
    print(JSON.stringify(thing));
    return;
  }
  const lines = toLines(thing);
  const width = Math.max(...lines.map(([name]) => name.length));
  for (const [name, value] of lines) {
    print(
      `${paint('bold', name)}${' '.repeat(width - name.length + GAP)}${isolated(printable(value ?? ''))}`.trimEnd(),
    );
  }
}
