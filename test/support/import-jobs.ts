/** What tests of a store's imports share: a file's rows, and the steps of a job done by hand. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import type { ContactInput } from '../../src/core/contact-fields.ts';
import type { Import, ImportBatch, ImportOptions, ImportRow, Refusal, RowStatus } from '../../src/core/import-job.ts';
import type { Audience, Store } from '../../src/core/store.ts';
import { packCells, readVerdicts, type Verdict } from '../../src/core/verdicts.ts';

export const OPTIONS: ImportOptions = {
  name: null,
  dry_run: false,
  mode: 'merge',
  on_conflict: 'update',
  empty: 'keep',
  default_country: null,
  tags: [],
  columns: {},
  max_removals: '10%',
  encoding: null,
  format: null,
};

const LEASE = 60_000;
export const REFUSAL: Refusal = { code: 1354, reason: 'letters', message: 'Letters are no part of a phone number' };

/** Rows of a file from its second line on; undefined is a row that the file itself refused. */
export function rowsOf(contacts: (ContactInput | undefined)[]): ImportRow[] {
  return contacts.map((contact, index) =>
    contact === undefined ? { line: index + 2, refusal: REFUSAL } : { line: index + 2, contact },
  );
}

/** Uploads a file of these bytes; its import waits to be worked on. */
export async function upload(
  store: Store,
  { account_id, id }: Audience,
  options: Partial<ImportOptions> = {},
  file: Uint8Array = new TextEncoder().encode('number\n'),
): Promise<Import> {
  const importId = await store.imports.begin(account_id, id, { ...OPTIONS, ...options }, 'people.csv');
  await store.imports.append(importId, 0, file);
  return store.imports.queue(importId, file.length, createHash('sha256').update(file).digest('hex'));
}

/** Claims the import that must be next. */
export async function claim(store: Store, importId: string, owner = 'worker', lease = LEASE): Promise<Import> {
  const claimed = await store.imports.claim(owner, lease);
  assert.equal(claimed?.id, importId);
  return claimed!;
}

/** What the file says of rows. */
export function cellsOf(rows: ImportRow[]): Uint8Array {
  const words = rows.map(({ line, contact, refusal }) => ({
    line,
    number: contact?.number ?? null,
    cells: [contact?.number ?? '?'],
    refusal: refusal ?? null,
    mended: [],
  }));
  return packCells(words);
}

/** The batch of the rows from a place on; behind the last row it is the last one. */
export function batchOf(rows: ImportRow[], from: number, size: number): ImportBatch {
  const some = rows.slice(from, from + size);
  return { from, rows: some, cells: cellsOf(some), bytes: from + some.length, isLast: some.length === 0 };
}

/** Hands rows over in batches, the last of them empty, so many of them at once; the signals. */
export async function handOver(
  store: Store,
  importId: string,
  rows: ImportRow[],
  { owner = 'worker', size = 3, from = 0, atOnce = 2 } = {},
): Promise<string[]> {
  const signals: Promise<string>[] = [];
  for (let at = from; ; at = Math.min(at + size, rows.length)) {
    const batch = batchOf(rows, at, size);
    signals.push(store.imports.apply(importId, owner, batch));
    if (batch.isLast) break;
    if (signals.length >= atOnce && (await signals[signals.length - atOnce]) !== 'go on') break;
  }
  return Promise.all(signals);
}

/** Hands rows over in batches, one after the other, the last of them empty; the signals. */
export async function applyRows(
  store: Store,
  importId: string,
  rows: ImportRow[],
  owner = 'worker',
  size = 3,
): Promise<string[]> {
  const signals: string[] = [];
  for (let from = 0; ; from = Math.min(from + size, rows.length)) {
    const batch = batchOf(rows, from, size);
    signals.push(await store.imports.apply(importId, owner, batch));
    if (batch.isLast) return signals;
  }
}

async function repeat(step: () => Promise<{ signal: string; hasMore: boolean }>): Promise<void> {
  for (;;) {
    const { signal, hasMore } = await step();
    assert.equal(signal, 'go on');
    if (!hasMore) return;
  }
}

/** Works on a claimed import to its end, as the job does. */
export async function workOn(store: Store, claimed: Import, rows: ImportRow[], owner = 'worker'): Promise<void> {
  const { id } = claimed;
  if (claimed.phase === 'undo') {
    await repeat(() => store.imports.undoSome(id, owner));
    return store.imports.finish(id, owner, 'undone');
  }
  await applyRows(store, id, rows, owner);
  if (claimed.phase === 'rehearse' && !claimed.dry_run) {
    assert.equal(await store.imports.enter(id, owner, 'apply'), 'go on');
    await applyRows(store, id, rows, owner);
  }
  if (!claimed.dry_run && claimed.mode === 'replace') {
    assert.equal(await store.imports.enter(id, owner, 'remove'), 'go on');
    await repeat(() => store.imports.removeSome(id, owner));
  }
  await store.imports.finish(id, owner, 'completed');
}

/** Uploads and works to the end; the import as it is then. */
export async function importRows(
  store: Store,
  audience: Audience,
  rows: ImportRow[],
  options: Partial<ImportOptions> = {},
): Promise<Import> {
  const { id } = await upload(store, audience, options);
  await workOn(store, await claim(store, id), rows);
  return store.imports.get(audience.account_id, audience.id, id);
}

export async function runRehearsed(store: Store, audience: Audience, id: string, rows: ImportRow[]): Promise<Import> {
  await store.imports.run(audience.account_id, audience.id, id);
  await workOn(store, await claim(store, id), rows);
  return store.imports.get(audience.account_id, audience.id, id);
}

export async function undoImport(store: Store, audience: Audience, id: string): Promise<Import> {
  await store.imports.undo(audience.account_id, audience.id, id);
  await workOn(store, await claim(store, id), []);
  return store.imports.get(audience.account_id, audience.id, id);
}

/** All verdicts of an import, in order. */
export async function verdictsOf(
  store: Store,
  { account_id, id }: Audience,
  importId: string,
  status?: RowStatus,
): Promise<Verdict[]> {
  const verdicts: Verdict[] = [];
  for (let after = 0; ; ) {
    const batches = await store.imports.verdicts(account_id, id, importId, after, status);
    if (batches.length === 0) return verdicts;
    for (const batch of batches) {
      verdicts.push(...readVerdicts(batch, after, status));
      after = batch.firstRow + batch.fates.length - 1;
    }
  }
}

/** What of an import its rows decide. */
export function countsOf(found: Import) {
  const { rows_done, rows_total, created, updated, unchanged, skipped, refused, refused_by_code, removed } = found;
  return { rows_done, rows_total, created, updated, unchanged, skipped, refused, refused_by_code, removed };
}
