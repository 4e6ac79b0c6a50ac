/** `muster imports`: what was imported before, and what can still be done with it. */
import type { Import, Muster } from '../../sdk/src/index.ts';
import { isOpen } from '../core/import-job.ts';
import { requireAudience } from './audiences.ts';
import { followImport } from './follow-import.ts';
import { type ReportOptions, reportImport } from './import.ts';
import { findImport, importsOf } from './import-api.ts';
import { nounOf, printNextSteps, printSummary, undoText } from './import-summary.ts';
import { takeInterrupts } from './interrupts.ts';
import { type ListOptions, printList, readLimit } from './lists.ts';
import { type Column, complain, EXIT, print, say } from './output.ts';
import { count } from './progress.ts';

export interface ListImportsOptions extends ListOptions {
  audience?: string;
}

const PAGE_SIZE = 1000;

const COLUMNS: Column<Import>[] = [
  { name: 'ID', of: ({ id }) => id, look: () => 'dim' },
  { name: 'NAME', of: (found) => found.name ?? (found.kind === 'edit' ? editText(found) : '') },
  { name: 'STATUS', of: statusOf, look: (found) => STATUS_STYLES[statusOf(found)] },
  { name: 'ROWS', of: ({ rows_done }) => count(rows_done), isNumber: true },
  { name: 'CREATED', of: ({ created }) => count(created), isNumber: true },
  { name: 'UPDATED', of: ({ updated }) => count(updated), isNumber: true },
  {
    name: 'REFUSED',
    of: ({ refused }) => count(refused),
    isNumber: true,
    look: ({ refused }) => (refused > 0 ? 'yellow' : undefined),
  },
  { name: 'MADE', of: ({ create_date }) => create_date, look: () => 'dim' },
];

const STATUS_STYLES: Record<string, 'cyan' | 'green' | 'red' | 'yellow'> = {
  queued: 'cyan',
  running: 'cyan',
  completed: 'green',
  failed: 'red',
  cancelled: 'yellow',
};

const EDITS = { add_tags: 'add tags', remove_tags: 'remove tags', delete: 'delete' };

function editText({ action, tags }: Import): string {
  return [EDITS[action!], tags.join(', ')].filter(Boolean).join(': ');
}

function statusOf({ status, dry_run }: Import): string {
  return status === 'completed' && dry_run ? 'tried' : status;
}

/** Prints imports, newest first, of all audiences or of one. */
export async function listImports(muster: Muster, options: ListImportsOptions): Promise<void> {
  const limit = readLimit(options);
  const of = options.audience === undefined ? undefined : await requireAudience(muster, options.audience);
  const query = { page_size: Math.min(limit, PAGE_SIZE) };
  const list = of === undefined ? muster.imports.list(query) : muster.audience(of.id).imports.list(query);
  await printList(list, limit, options, COLUMNS, 'imports');
}

/** Prints an import as it stands now. */
export async function showImport(muster: Muster, id: string, options: ReportOptions): Promise<void> {
  const found = await findImport(muster, id);
  if (!isOpen(found.status)) {
    await reportImport(muster, found, options);
  } else if (options.json) {
    print(JSON.stringify(found));
  } else {
    printSummary(found, []);
    const part =
      found.file.bytes > 0 ? `, ${Math.floor((found.bytes_done / found.file.bytes) * 100)} % of the file` : '';
    say(`The ${nounOf(found)} is ${found.status}${part}: muster imports cancel ${found.id} stops it`);
  }
}

/** Runs an import that was tried, and follows it. Answers the exit code. */
export async function runImport(muster: Muster, id: string, options: ReportOptions): Promise<number> {
  const found = await findImport(muster, id);
  const interrupts = takeInterrupts();
  const done = await followImport(muster, await importsOf(muster, found).run(found.id), interrupts);
  return reportImport(muster, done, options, interrupts);
}

/** Cancels an import, waits for its end and prints what is done. */
export async function cancelImport(muster: Muster, id: string, options: ReportOptions): Promise<number> {
  const found = await findImport(muster, id);
  const done = await followImport(muster, await importsOf(muster, found).cancel(found.id), takeInterrupts());
  await reportImport(muster, done, options);
  return EXIT.done;
}

/** Takes back what an import changed, and follows that. Answers the exit code. */
export async function undoImport(muster: Muster, id: string, options: { json?: boolean }): Promise<number> {
  const found = await findImport(muster, id);
  const interrupts = takeInterrupts();
  const done = await followImport(muster, await importsOf(muster, found).undo(found.id), interrupts);
  interrupts.end();
  if (options.json) print(JSON.stringify(done));
  else if (done.undo !== null) print(`Undone     ${undoText(done.undo)}`);
  if (done.status === 'undone') return EXIT.done;
  complain(`the ${nounOf(done)} is ${done.status}${done.error === null ? '' : `: ${done.error.message}`}`);
  if (!options.json) printNextSteps(done, done.refused);
  return EXIT.failed;
}
