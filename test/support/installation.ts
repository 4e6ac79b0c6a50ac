/** An installation with one of everything that a copy has to bring along, and what can be done with it afterwards. */
import { createHash } from 'node:crypto';
import { formatDate } from '../../src/core/dates.ts';
import { MusterError } from '../../src/core/errors.ts';
import type { Import, ImportRow } from '../../src/core/import-job.ts';
import type { Audience, Store } from '../../src/core/store.ts';
import { allContacts, numberOf } from './contacts.ts';
import { details, newKey } from './contract.ts';
import { audiencesOf, importsOf } from './copies.ts';
import {
  applyRows,
  cellsOf,
  claim,
  countsOf,
  importRows,
  OPTIONS,
  rowsOf,
  undoImport,
  upload,
  workOn,
} from './import-jobs.ts';

/** The files of imports that are not at their end. */
export type OpenImports = Map<string, ImportRow[]>;

const ODD = ['Łukasz "W" \\ ü', '東京 んこ', '‮right to left', 'line\nbreak\u0001', '👩‍👩‍👧 family', "'; DROP TABLE"];

/** Fills an empty store; the imports that are under way in it. */
export async function fillStore(store: Store): Promise<OpenImports> {
  const [first, second] = [await store.accounts.create('First'), await store.accounts.create('Zweite ü')];
  const touched = await store.keys.create(newKey(first.id, { name: 'touched' }));
  await store.keys.touch(touched.id);
  await store.keys.create(newKey(first.id, { scope: 'read', expire_date: formatDate(Date.now() + 3_600_000) }));
  const expire_date = formatDate(Date.now() + 3_600_000);
  for (const n of [1, 2, 3]) {
    await store.sessions.create({
      key_id: touched.id,
      hash: createHash('sha256').update(`session ${n}`).digest(),
      expire_date,
    });
    await store.sessions.createLink({
      key_id: touched.id,
      hash: createHash('sha256').update(`link ${n}`).digest(),
      expire_date,
    });
  }
  await store.keys.create(newKey(second.id, { name: 'expired', expire_date: '2020-01-01 00:00:00' }));

  const make = (account: { id: string }, name: string) =>
    store.audiences.create(account.id, { name, channel: 'WHATSAPP', contacts: [] });
  const main = await make(first, 'Main');
  await make(first, 'Empty');
  const gone = await make(first, 'Gone');
  const odd = await make(second, 'Odd 👩‍👩‍👧 “names”');

  await store.contacts.upsert(
    second.id,
    odd.id,
    ODD.map((name, n) => named(n, name)),
    'update',
  );
  await importRows(store, gone, rowsOf([named(1, 'Ana')]));
  await store.contacts.create(first.id, gone.id, named(2, 'Bea'));
  await store.audiences.delete(first.id, gone.id);

  await importRows(store, main, rowsOf([named(90, 'Long ago')]));
  await store.imports.expire(-1000);
  await fillWithImports(store, main);
  return leaveOpen(store, main, odd);
}

function named(n: number, first_name: string) {
  return { number: numberOf(n), first_name, last_name: ODD[n % ODD.length]!.slice(0, 20), tags: ['vip', '東京'] };
}

/** Imports of every kind that are over, among other writes. */
async function fillWithImports(store: Store, main: Audience): Promise<void> {
  const { account_id, id } = main;
  const many = Array.from({ length: 12 }, (_, n) => named(n, 'Ana'));
  await importRows(store, main, rowsOf([...many, undefined, named(0, 'Repeated')]));
  await importRows(store, main, rowsOf([named(1, 'Changed'), named(2, 'Changed'), named(20, 'New')]));
  // What this one removes, an undo puts back: some of it was made by the first.
  await importRows(store, main, rowsOf([named(1, 'Kept'), named(5, 'Kept'), named(21, 'New')]), {
    mode: 'replace',
    max_removals: '100%',
  });
  await store.contacts.create(account_id, id, named(3, 'Somebody else has the number'));
  await undoImport(store, main, (await importRows(store, main, rowsOf([named(5, 'Undone'), named(30, 'Undone')]))).id);
  const [last] = (await allContacts(store, main)).slice(-1);
  await store.contacts.delete(account_id, id, last!.id);
  await importRows(store, main, rowsOf([named(1, 'Rehearsed'), named(40, 'Rehearsed')]), { dry_run: true });
  const failed = await upload(store, main);
  await claim(store, failed.id);
  await applyRows(store, failed.id, rowsOf([named(41, 'Of one that failed')]));
  await store.imports.finish(failed.id, 'worker', 'failed', { code: 9023, message: 'broken' });
  const cancelled = await upload(store, main);
  await store.imports.cancel(account_id, id, cancelled.id);
}

/** Imports that wait, that stopped at a checkpoint, and one whose file is not there yet. */
async function leaveOpen(store: Store, main: Audience, odd: Audience): Promise<OpenImports> {
  const open: OpenImports = new Map();
  const begun = await upload(store, main, { mode: 'replace', max_removals: '100%' });
  const rows = rowsOf([named(1, 'Open'), named(50, 'Open'), undefined, named(51, 'Open')]);
  open.set(begun.id, rows);
  await claim(store, begun.id);
  await applyRows(store, begun.id, rows);
  await store.imports.enter(begun.id, 'worker', 'apply');
  await applyRows(store, begun.id, rows);
  await store.imports.enter(begun.id, 'worker', 'remove');
  await store.contacts.create(main.account_id, main.id, named(60, 'Made while it removes'));

  const rehearsed = await upload(store, odd, { dry_run: true });
  const few = rowsOf([named(1, 'Rehearsed'), named(70, 'Rehearsed'), named(70, 'Again'), named(71, 'Later')]);
  open.set(rehearsed.id, few);
  await claim(store, rehearsed.id);
  const some = few.slice(0, 3);
  const batch = { from: 0, rows: some, cells: cellsOf(some), bytes: 3, isLast: false };
  await store.imports.apply(rehearsed.id, 'worker', batch);
  // Whoever worked on them is gone.
  for (const id of open.keys()) await store.imports.release(id, 'worker');
  open.set((await upload(store, odd, {}, Buffer.alloc(700_000, 'x'))).id, few);
  await store.imports.begin(odd.account_id, odd.id, OPTIONS, 'never.csv');
  return open;
}

/** Goes on with what is under way, then takes everything back, the last first; what is seen afterwards, ids and dates aside. */
export async function goOnAndUndo(store: Store, open: OpenImports): Promise<unknown> {
  const seen: unknown[] = [];
  for (;;) {
    const claimed = await store.imports.claim('afterwards', 60_000);
    if (claimed === undefined) break;
    await goOn(store, claimed, open.get(claimed.id)!).catch(async (error) => {
      // Its audience is deleted: as the job does.
      if (!(error instanceof MusterError) || error.problems[0]?.code !== 1301) throw error;
      await store.imports.finish(claimed.id, 'afterwards', 'failed');
    });
  }
  for (const audience of await audiencesOf(store)) {
    const contacts = async () => (await allContacts(store, audience)).map(details);
    seen.push(audience.name, await contacts());
    for (const { id, status, phase, dry_run, is_expired } of await importsOf(store, audience)) {
      if (status === 'undone' || dry_run || phase === 'rehearse' || is_expired) continue;
      const undone = await undoImport(store, audience, id);
      seen.push([countsOf(undone), undone.undo], await contacts());
    }
    const { contacts_count } = await store.audiences.get(audience.account_id, audience.id);
    seen.push(contacts_count);
  }
  seen.push(await store.check());
  return structuredClone(seen);
}

async function goOn(store: Store, claimed: Import, rows: ImportRow[]): Promise<void> {
  if (claimed.phase === 'remove') {
    while ((await store.imports.removeSome(claimed.id, 'afterwards')).hasMore);
    await store.imports.finish(claimed.id, 'afterwards', 'completed');
  } else if (claimed.rows_done > 0) {
    const rest = rows.slice(claimed.rows_done);
    const cells = cellsOf(rest);
    await store.imports.apply(claimed.id, 'afterwards', {
      from: claimed.rows_done,
      rows: rest,
      cells,
      bytes: 9,
      isLast: true,
    });
    await store.imports.finish(claimed.id, 'afterwards', 'completed');
  } else {
    await workOn(store, claimed, rows, 'afterwards');
  }
}
