import { isObject } from '../core/body.ts';
import type { Import } from '../core/import-job.ts';
import type { Verdict } from '../core/verdicts.ts';
import { joinTags } from '../files/tags.ts';
import { neutralise } from '../files/write-csv.ts';

const REASON = 'reason';
/** Also what others take for a separator, so that the comma is found again whatever the cells hold. */
const NEEDS_QUOTES = /[",;|\t\r\n]|^\s|\s$/;
const WORD = /[\p{Letter}\p{Number}]/u;

/**
 * Refused rows as CSV (RFC 4180) in the columns of their file, with a last column `reason` that says what to mend: ready to be
 * corrected and imported again, with the same options. UTF-8 with a byte order mark, without which spreadsheets take it for
 * another encoding; an apostrophe goes before cells that they would run as a formula, and an import takes it away again. A
 * row with more cells than the header keeps them, and so is refused again. Rows of NDJSON have a column for each member.
 */
export async function* refusedCsv(found: Import, rows: AsyncIterable<Verdict[]>): AsyncGenerator<string> {
  const header = found.layout?.header ?? [];
  const isNdjson = found.layout?.format === 'ndjson';
  const mayHaveOwn = !isNdjson && header.at(-1) === REASON && found.layout!.ignored_columns.includes(REASON);
  let columns: string[] | undefined;

  /** The header, once the first rows tell whether its last column is ours; of a file without one, the columns' places. */
  function* begin(first: Verdict[]): Generator<string> {
    const hasOwn = mayHaveOwn && holdsReasons(first, header.length);
    columns = hasOwn ? header.slice(0, -1) : header;
    yield `\uFEFF${writeRow([...columns.map(safeName), REASON])}`;
  }

  for await (const verdicts of rows) {
    if (columns === undefined) yield* begin(verdicts);
    const own = columns!;
    const hasOwn = own.length < header.length;
    const cellsOf = (verdict: Verdict) =>
      isNdjson ? membersOf(verdict, own) : cellsAsTheyAre(verdict, own.length, hasOwn);
    yield verdicts.map((verdict) => writeRow([...cellsOf(verdict), verdict.message ?? ''])).join('');
  }
  if (columns === undefined) yield* begin([]);
}

/** Whether a column holds reasons that an earlier import gave, and not those of the file's author. */
function holdsReasons(verdicts: Verdict[], width: number): boolean {
  const last = verdicts.map(({ cells, message }) => {
    const isWider = cells.length > width;
    return { cell: cells.at(isWider ? -1 : width - 1)?.trim() ?? '', message };
  });
  return last.every(({ cell }) => cell === '') || last.some(({ cell, message }) => isReason(cell, message));
}

/** Whether a cell says what a message says, counts aside. */
function isReason(cell: string, message: string | null): boolean {
  return message !== null && cell.trim().replace(/\d+/g, '0') === message.replace(/\d+/g, '0');
}

/**
 * The cells as wide as their header, or wider where they are. What stands behind an apostrophe is safe already, and means to
 * an import what it means without.
 * @param hasOwn whether the reasons of the last time follow, which make room for those of this time.
 */
function cellsAsTheyAre({ cells, message }: Verdict, width: number, hasOwn: boolean): string[] {
  const end = cells.findLastIndex((cell) => cell.trim() !== '');
  const isReasonLast = hasOwn && (end === width || (end > width && isReason(cells[end]!, message)));
  const own = isReasonLast ? cells.slice(0, end) : cells.slice(0, end + 1);
  const row = Array.from({ length: Math.max(own.length, width) }, (_, index) => own[index] ?? '');
  return row.map((cell) => (cell.startsWith("'") ? cell : neutralise(cell)));
}

/** A line of NDJSON is kept as one cell: the line. */
function membersOf({ cells: [line = ''] }: Verdict, columns: string[]): string[] {
  const object = parse(line);
  if (!isObject(object)) return columns.map((_, index) => (index === 0 ? neutralise(line) : ''));
  return columns.map((name) => (Object.hasOwn(object, name) ? neutralise(textOf(object[name])) : ''));
}

function textOf(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (Array.isArray(value) && value.every((each) => typeof each === 'string')) return joinTags(value);
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** A column's name that no spreadsheet runs; a sign alone is none of a formula, and without it the name would be another. */
function safeName(name: string): string {
  return name.startsWith("'") || !WORD.test(name) ? name : neutralise(name);
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
