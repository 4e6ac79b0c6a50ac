/** What became of an import, on paper. */
import type { Import } from '../../sdk/src/index.ts';
import { ERRORS, type ErrorCode } from '../core/errors.ts';
import { isOpen } from '../core/import-job.ts';
import type { RefusedRow } from './import-api.ts';
import { EXIT, print } from './output.ts';
import { count, duration } from './progress.ts';
import { printable } from './table.ts';

const SHOWN_VALUE = 60;

/** What can become of the rows of a file, and of the contacts of an edit. */
const FATES = {
  file: ['created', 'updated', 'unchanged', 'skipped', 'refused'],
  add_tags: ['updated', 'unchanged', 'skipped', 'refused'],
  remove_tags: ['updated', 'unchanged', 'skipped'],
  delete: ['removed', 'skipped'],
} as const;

/** The exit code that tells how an import ended. */
export function exitCodeOf({ status, refused }: Import): number {
  if (status === 'failed' || status === 'cancelled') return EXIT.failed;
  return status === 'completed' && refused > 0 ? EXIT.someRefused : EXIT.done;
}

/** What to call it: an edit of many contacts is listed among the imports. */
export function nounOf({ kind }: Import): 'import' | 'edit' {
  return kind === 'edit' ? 'edit' : 'import';
}

/** Prints what became of every row, for people. @param refused the first refused rows. */
export function printSummary(found: Import, refused: RefusedRow[]): void {
  const { status, dry_run, mode, rows_done, rows_total } = found;
  const columns = Object.entries(found.mapping).map(([header, field]) => `${printable(header)} → ${field}`);
  if (columns.length > 0) line('Columns', columns.join(', '));
  if (found.ignored_columns.length > 0) line('Ignored', found.ignored_columns.map(nameOf).join(', '));
  const of = rows_total === null || rows_total === rows_done ? '' : ` of ${count(rows_total)}`;
  const isTried = (dry_run || found.phase === 'rehearse') && !isOpen(status);
  const about = isTried ? ': tried only, nothing was changed' : tookText(found);
  line(found.kind === 'edit' ? 'Contacts' : 'Rows', `${count(rows_done)}${of}${about}`);
  for (const fate of FATES[found.action ?? 'file']) {
    print(`  ${fate.padEnd(9)}${count(found[fate]).padStart(12)}`);
  }
  for (const [code, rows] of Object.entries(found.refused_by_code)) {
    print(`    ${code}   ${count(rows).padStart(12)}  ${wordsOf(code)}`);
  }
  if (mode === 'replace') {
    print(`  ${'removed'.padEnd(9)}${count(found.removed).padStart(12)}  contacts that the file does not hold`);
  }
  if (found.undo !== null) line('Undone', undoText(found.undo));
  if (refused.length > 0) {
    const isEdit = found.kind === 'edit';
    print(isEdit ? 'First refused contacts' : 'First refused rows');
    for (const row of refused) {
      const place = isEdit ? `+${row.value}` : `line ${row.line}: ${shownValue(row.value)}`;
      print(`  ${place} ${row.message} (${row.code})`);
    }
  }
  line(
    found.kind === 'edit' ? 'Edit' : 'Import',
    `${found.id}${found.name === null ? '' : ` (${printable(found.name)})`}`,
  );
}

/** What an undo did, in words. */
export function undoText({ deleted, restored, left_alone }: NonNullable<Import['undo']>): string {
  const left = left_alone === 0 ? '' : `, ${count(left_alone)} left alone: they were changed after the import`;
  return `${count(deleted)} ${deleted === 1 ? 'contact' : 'contacts'} deleted, ${count(restored)} restored${left}`;
}

/** Prints what can be done next with an import that is over. @param shown how many refused rows were shown, or saved. */
export function printNextSteps(found: Import, shown: number): void {
  const { id, status, dry_run, expire_date } = found;
  if (found.is_expired) return;
  const until = expire_date === null ? '' : `   (until ${expire_date.slice(0, 'yyyy-MM-dd HH:mm'.length)} UTC)`;
  if (found.refused > shown) print(`  all refused rows:  muster imports show ${id} --refused FILE`);
  if (status === 'completed' && dry_run) print(`  to run it:         muster imports run ${id}${until}`);
  else if (canBeUndone(found)) print(`  to take it back:   muster imports undo ${id}${until}`);
}

function canBeUndone({ status, phase, dry_run, created, updated, removed }: Import): boolean {
  const isOver = status === 'completed' || status === 'failed' || status === 'cancelled';
  return isOver && !dry_run && phase !== 'rehearse' && created + updated + removed > 0;
}

function line(title: string, text: string): void {
  print(`${title.padEnd(11)}${text}`);
}

/** What the message of a code is about, where it names the place of a member. */
const SUBJECTS: Record<string, string> = {
  1353: 'The number',
  1354: 'The number',
  1355: 'The number',
  1359: 'The list of tags',
  9013: 'The row',
};

/** What a code says of rows. */
function wordsOf(code: string): string {
  const { message = '' }: { message?: string } = ERRORS[Number(code) as ErrorCode] ?? {};
  return message.replace("'{place}'", SUBJECTS[code] ?? 'The value');
}

function shownValue(value: string): string {
  const text = printable(value);
  return JSON.stringify(text.length > SHOWN_VALUE ? `${text.slice(0, SHOWN_VALUE).toWellFormed()}…` : text);
}

function nameOf(header: string): string {
  return printable(header).trim() || '(no name)';
}

/** How long it took; of an undone import only the undo's dates are known. */
function tookText({ status, start_date, finish_date, undo }: Import): string {
  if (start_date === null || finish_date === null || undo !== null || status === 'undone') return '';
  const ms = toMs(finish_date) - toMs(start_date);
  return ` in ${ms < 1000 ? 'about 1 s' : duration(ms)}`;
}

function toMs(date: string): number {
  return Date.parse(`${date.replace(' ', 'T')}Z`);
}
