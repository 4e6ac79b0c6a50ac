import { isObject } from '../core/body.ts';
import type { Import } from '../core/import-job.ts';
import type { Verdict } from '../core/verdicts.ts';

const REASON = 'reason';
/** Also what others take for a separator, so that the comma is found again whatever the cells hold. */
const NEEDS_QUOTES = /[",;|\t\r\n]|^\s|\s$/;

/**
 * Refused rows as CSV (RFC 4180) in the columns of their file, with a last column `reason` that says what to mend: ready to be
 * corrected and imported again. UTF-8 with a byte order mark, without which spreadsheets take it for another encoding. A row
 * with more cells than the header keeps them, and so is refused again. Rows of NDJSON have a column for each member.
 */
export async function* refusedCsv(found: Import, rows: AsyncIterable<Verdict[]>): AsyncGenerator<string> {
  const header = found.layout?.header ?? [];
  // The reasons of the last time make room for those of this time.
  const hasOwn = header.at(-1) === REASON && found.layout!.ignored_columns.includes(REASON);
  const columns = hasOwn ? header.slice(0, -1) : header;
  const cellsOf = found.layout?.format === 'ndjson' ? membersOf : cellsAsTheyAre;
  yield `\uFEFF${writeRow([...columns, REASON])}`;
  for await (const verdicts of rows) {
    yield verdicts.map((verdict) => writeRow([...cellsOf(verdict, columns, hasOwn), verdict.message ?? ''])).join('');
  }
}

function cellsAsTheyAre({ cells }: Verdict, columns: string[], hasOwn: boolean): string[] {
  const own = hasOwn && cells.length === columns.length + 1 ? cells.slice(0, -1) : cells;
  const end = own.findLastIndex((cell, index) => index < columns.length || cell.trim() !== '') + 1;
  return Array.from({ length: Math.max(end, columns.length) }, (_, index) => own[index] ?? '');
}

/** A line of NDJSON is kept as one cell: the line. */
function membersOf({ cells: [line = ''] }: Verdict, columns: string[]): string[] {
  const object = parse(line);
  if (!isObject(object)) return columns.map((_, index) => (index === 0 ? line : ''));
  return columns.map((name) => (Object.hasOwn(object, name) ? textOf(object[name]) : ''));
}

function textOf(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (Array.isArray(value) && value.every((each) => typeof each === 'string')) return value.join(';');
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function writeRow(cells: string[]): string {
  const written = cells.map((cell) => (NEEDS_QUOTES.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell));
  return `${written.join(',')}\r\n`;
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
