import { createHash } from 'node:crypto';
import type { CopiedName, CopyPage, CopyPosition, CopyRecord, CopySize, CopyStore, CopyUnit } from './copy.ts';
import { COPIED_NAMES, copiedTable } from './copy.ts';
import { SetupError } from './errors.ts';
import type { Import } from './import-job.ts';

/** How far a copy is. */
export interface CopyProgress {
  /** The part that is done, from 0 to 1. */
  done: number;
  contacts: number;
  contactsTotal: number;
}

export interface CopyOptions {
  /** Told after each batch, and of the steps that follow them by name. */
  onProgress?: (progress: CopyProgress) => void;
  onStep?: (what: string) => void;
  /** Asked after each batch: whether to leave off here. */
  isStopped?: () => boolean;
}

/** What a piece of a file and a batch of verdicts weigh in a progress bar, in contacts. */
const WEIGHTS: CopySize = { contacts: 1, import_chunks: 50, import_batches: 200 };

/**
 * Copies all of an installation into a store that is empty, or that holds a part of the same copy; whether it came to the end
 * or was stopped, to be gone on with. The target is complete then, but not released: it is to be compared first. Raises
 * SetupError.
 */
export async function copyStore(
  source: CopyStore,
  target: CopyStore,
  { onProgress = () => {}, onStep = () => {}, isStopped = () => false }: CopyOptions = {},
): Promise<'complete' | 'stopped'> {
  const checkpoint = await target.begin(await markOf(source));
  const units = await unitsOf(source);
  const tell = await makeTeller(source, target, onProgress);
  const first = checkpoint === undefined ? 0 : units.findIndex((unit) => isSame(unit, checkpoint.unit));
  if (first < 0) throw new SetupError(CHANGED);

  for (const [index, unit] of units.entries()) {
    if (index < first) continue;
    let position: CopyPosition | null = index === first && checkpoint !== undefined ? checkpoint.position : null;
    for (let next = readAhead(source, unit, position); ; ) {
      const page: CopyPage = await next;
      position = page.position;
      if (position === null) break;
      // The next rows are read while these are written.
      next = readAhead(source, unit, position);
      await target.load(unit, page.records, { unit, position });
      tell(unit.table, page.records);
      if (isStopped()) return 'stopped';
    }
  }
  await target.settle(onStep);
  return 'complete';
}

/** Why a copy cannot be gone on with, or does not match. */
export const CHANGED =
  'the source was changed since the copy began: empty the target (remove its directory, or drop and make its database), and copy again with no server on either';

function readAhead(source: CopyStore, unit: CopyUnit, position: CopyPosition | null): Promise<CopyPage> {
  const page = source.page(unit, position);
  // It may fail before anybody waits for it.
  page.catch(() => {});
  return page;
}

/** All records of a unit. */
export async function* recordsOf(side: CopyStore, unit: CopyUnit): AsyncGenerator<CopyRecord, void, undefined> {
  for (let next = readAhead(side, unit, null); ; ) {
    const { records, position } = await next;
    if (position === null) return;
    next = readAhead(side, unit, position);
    yield* records;
  }
}

/** What tells an installation from others: its accounts. */
async function markOf(source: CopyStore): Promise<string> {
  const accounts = await source.store.accounts.list();
  if (accounts.length === 0) throw new SetupError('there is nothing to copy: the source has no account yet');
  return createHash('sha256').update(JSON.stringify(accounts)).digest('hex');
}

/** What is copied one after the other. */
async function unitsOf(source: CopyStore): Promise<CopyUnit[]> {
  const units: CopyUnit[] = tablesOf('installation').map((table) => ({ table }));
  for await (const { id } of recordsOf(source, { table: 'audiences' })) {
    const audience = id as string;
    units.push(...tablesOf('audience').map((table) => ({ table, audience })));
    units.push({ table: 'imports', audience, isAgain: true });
    for (const each of await keptImports(source, audience)) {
      units.push(...tablesOf('import').map((table) => ({ table, audience, import: each })));
    }
  }
  return units;
}

export function tablesOf(of: 'installation' | 'audience' | 'import'): CopiedName[] {
  return COPIED_NAMES.filter((name) => copiedTable(name).of === of);
}

/** The imports of an audience that still have their file and verdicts. */
export async function keptImports(side: CopyStore, audience: string): Promise<string[]> {
  const kept: string[] = [];
  for await (const { id, document } of recordsOf(side, { table: 'imports', audience })) {
    if (!(JSON.parse(document as string) as Import).is_expired) kept.push(id as string);
  }
  return kept;
}

function isSame(one: CopyUnit, other: CopyUnit): boolean {
  return (
    one.table === other.table &&
    one.audience === other.audience &&
    one.import === other.import &&
    one.isAgain === other.isAgain
  );
}

async function makeTeller(source: CopyStore, target: CopyStore, onProgress: (progress: CopyProgress) => void) {
  const all = await source.size();
  const done = await target.size();
  const weigh = (size: CopySize) =>
    size.contacts * WEIGHTS.contacts +
    size.import_chunks * WEIGHTS.import_chunks +
    size.import_batches * WEIGHTS.import_batches;
  const tell = () =>
    onProgress({
      done: Math.min(1, weigh(done) / Math.max(1, weigh(all))),
      contacts: done.contacts,
      contactsTotal: all.contacts,
    });
  tell();
  return (table: CopiedName, records: CopyRecord[]) => {
    if (table === 'contacts') done.contacts += records.filter(({ document }) => document !== null).length;
    else if (table === 'import_chunks' || table === 'import_batches') done[table] += records.length;
    tell();
  };
}
