/** `muster imports`: what was imported before, and what can still be done with it. */
import { isOpen } from '../core/import-job.ts';
import { type ApiClient, requireAudience, walkPages } from './api-client.ts';
import { readLimit } from './contacts.ts';
import { followImport } from './follow-import.ts';
import { type ReportOptions, reportImport } from './import.ts';
import { type ApiImport, actOnImport, findImport } from './import-api.ts';
import { printNextSteps, printSummary, undoText } from './import-summary.ts';
import { takeInterrupts } from './interrupts.ts';
import { EXIT, print, printRows } from './output.ts';
import { count } from './progress.ts';

export interface ListImportsOptions {
  audience?: string;
  limit?: string;
  all?: boolean;
  json?: boolean;
}

const PAGE_SIZE = 1000;
const HEADER = ['ID', 'NAME', 'STATUS', 'ROWS', 'CREATED', 'UPDATED', 'REFUSED', 'MADE'];

/** Prints imports, newest first, of all audiences or of one. */
export async function listImports(client: ApiClient, options: ListImportsOptions): Promise<void> {
  const limit = readLimit(options);
  const of = options.audience === undefined ? undefined : await requireAudience(client, options.audience);
  const path = of === undefined ? '/v1/imports' : `/v1/audiences/${of.id}/imports`;
  const shown: ApiImport[] = [];
  let all = 0;
  for await (const { item, total } of walkPages<ApiImport>(client, `${path}?page_size=${Math.min(limit, PAGE_SIZE)}`)) {
    all = total;
    shown.push(item);
    if (shown.length >= limit) break;
  }
  printRows(shown, options, HEADER, (found) => [
    found.id,
    found.name ?? '',
    found.status === 'completed' && found.dry_run ? 'tried' : found.status,
    ...[found.rows_done, found.created, found.updated, found.refused].map(count),
    found.create_date,
  ]);
  if (!options.json) {
    console.error(`${count(shown.length)} of ${count(all)} imports${all > shown.length ? ': --all shows more' : ''}`);
  }
}

/** Prints an import as it stands now. */
export async function showImport(client: ApiClient, id: string, options: ReportOptions): Promise<void> {
  const found = await findImport(client, id);
  if (!isOpen(found.status)) {
    await reportImport(client, found, options);
  } else if (options.json) {
    print(JSON.stringify(found));
  } else {
    printSummary(found, []);
    const part =
      found.file.bytes > 0 ? `, ${Math.floor((found.bytes_done / found.file.bytes) * 100)} % of the file` : '';
    console.error(`The import is ${found.status}${part}: muster imports cancel ${found.id} stops it`);
  }
}

/** Runs an import that was tried, and follows it. Answers the exit code. */
export async function runImport(client: ApiClient, id: string, options: ReportOptions): Promise<number> {
  const found = await findImport(client, id);
  const interrupts = takeInterrupts();
  const done = await followImport(client, await actOnImport(client, found, 'run'), interrupts);
  return reportImport(client, done, options, interrupts);
}

/** Cancels an import, waits for its end and prints what is done. */
export async function cancelImport(client: ApiClient, id: string, options: ReportOptions): Promise<number> {
  const found = await findImport(client, id);
  const done = await followImport(client, await actOnImport(client, found, 'cancel'), takeInterrupts());
  await reportImport(client, done, options);
  return EXIT.done;
}

/** Takes back what an import changed, and follows that. Answers the exit code. */
export async function undoImport(client: ApiClient, id: string, options: { json?: boolean }): Promise<number> {
  const found = await findImport(client, id);
  const interrupts = takeInterrupts();
  const done = await followImport(client, await actOnImport(client, found, 'undo'), interrupts);
  interrupts.end();
  if (options.json) print(JSON.stringify(done));
  else if (done.undo !== null) print(`Undone     ${undoText(done.undo)}`);
  if (done.status === 'undone') return EXIT.done;
  console.error(`muster: the import is ${done.status}${done.error === null ? '' : `: ${done.error.message}`}`);
  if (!options.json) printNextSteps(done, done.refused);
  return EXIT.failed;
}
