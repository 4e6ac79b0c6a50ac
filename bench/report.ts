/** What was measured, against its budget. */
interface Line {
  what: string;
  measured: string;
  budget: string;
  isKept: boolean;
}
export const lines: Line[] = [];

/** Prints a line of the table and keeps it for the file. */
export function report(what: string, measured: string, budget: string, isKept: boolean): void {
  lines.push({ what, measured, budget, isKept });
  console.log(`${isKept ? '  ' : '! '}${what.padEnd(58)} ${measured.padEnd(46)} ${budget}`);
}

export const median = (values: number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
export const round = (value: number, digits = 2) => value.toLocaleString('en', { maximumFractionDigits: digits });
