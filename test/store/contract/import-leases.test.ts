/** Imports are claimed by lease: whoever holds one works on it alone, and what a dead one leaves is gone on with. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Import } from '../../../src/core/import-job.ts';
import { allContacts, makeAudience, numberOf, raises, until } from '../../support/contacts.ts';
import { describeStores, same } from '../../support/contract.ts';
import {
  applyRows,
  claim,
  countsOf,
  importRows,
  rowsOf,
  upload,
  verdictsOf,
  workOn,
} from '../../support/import-jobs.ts';

const ROWS = rowsOf(Array.from({ length: 10 }, (_, n) => ({ number: numberOf(n) })));
const NEW_NAME = rowsOf([{ number: numberOf(0), first_name: 'New' }]);

describeStores('imports and their leases', (under) => {
  const batch = (from: number, count: number, isLast = false) => ({
    from,
    rows: ROWS.slice(from, from + count),
    cells: new Uint8Array(0),
    bytes: from + count,
    isLast,
  });

  test('a job is claimed once, and runs', async () => {
    const audience = await makeAudience(under.store);
    const queued = await upload(under.store, audience);
    const claimed = await claim(under.store, queued.id);
    assert.equal(claimed.status, 'running');
    assert.match(claimed.start_date!, /^\d{4}-/);
    assert.equal(await under.store.imports.claim('another', 1000), undefined);
    await workOn(under.store, claimed, ROWS);
    const done = await under.store.imports.get(audience.account_id, audience.id, queued.id);
    same([done.status, done.created, done.rows_total], ['completed', 10, 10]);
    assert.equal(await under.store.imports.claim('another', 1000), undefined);
  });

  test("an audience's imports run one after the other, another's beside them", async () => {
    const one = await makeAudience(under.store);
    const other = await makeAudience(under.store);
    const first = await upload(under.store, one);
    const second = await upload(under.store, one);
    const third = await upload(under.store, other);
    const claimed = [await under.store.imports.claim('a', 60_000), await under.store.imports.claim('b', 60_000)];
    same(
      claimed.map((each) => each?.id),
      [first.id, third.id],
    );
    assert.equal(await under.store.imports.claim('c', 60_000), undefined);
    await workOn(under.store, claimed[0] as Import, ROWS, 'a');
    await workOn(under.store, await claim(under.store, second.id, 'c'), ROWS, 'c');
    await workOn(under.store, claimed[1] as Import, ROWS, 'b');
    const done = await under.store.imports.get(one.account_id, one.id, second.id);
    same([done.created, done.unchanged], [0, 10]);
  });

  test('what a dead worker leaves is gone on with from its checkpoint, and the dead one can do nothing more', async () => {
    const audience = await makeAudience(under.store);
    const { id } = await upload(under.store, audience);
    await claim(under.store, id, 'dead', 1);
    assert.equal(await under.store.imports.apply(id, 'dead', batch(0, 4)), 'go on');
    let taken: Import | undefined;
    await until(async () => {
      taken = await under.store.imports.claim('alive', 60_000);
      return taken !== undefined;
    });
    same([taken!.id, taken!.rows_done, taken!.created], [id, 4, 4]);
    for (const signal of [
      await under.store.imports.apply(id, 'dead', batch(4, 2)),
      await under.store.imports.renew(id, 'dead', 1000),
      await under.store.imports.describe(id, 'dead', {
        format: 'csv',
        encoding: 'utf-8',
        mapping: {},
        ignored_columns: [],
        header: [],
      }),
      await under.store.imports.enter(id, 'dead', 'remove'),
      (await under.store.imports.removeSome(id, 'dead')).signal,
      (await under.store.imports.undoSome(id, 'dead')).signal,
    ]) {
      assert.equal(signal, 'lost');
    }
    await under.store.imports.finish(id, 'dead', 'failed', { code: 9500, message: 'x' });
    await under.store.imports.release(id, 'dead');
    assert.equal(await under.store.imports.apply(id, 'alive', batch(4, 6, true)), 'go on');
    await under.store.imports.finish(id, 'alive', 'completed');
    const done = await under.store.imports.get(audience.account_id, audience.id, id);
    same([done.status, done.created, done.rows_total, done.error], ['completed', 10, 10, null]);
    assert.equal((await allContacts(under.store, audience)).length, 10);
  });

  test('a batch that is not the next one changes nothing', async () => {
    const audience = await makeAudience(under.store);
    const { id } = await upload(under.store, audience);
    await claim(under.store, id);
    assert.equal(await under.store.imports.apply(id, 'worker', batch(0, 3)), 'go on');
    assert.equal(await under.store.imports.apply(id, 'worker', batch(0, 3)), 'lost');
    assert.equal(await under.store.imports.apply(id, 'worker', batch(5, 3)), 'lost');
    const found = await under.store.imports.get(audience.account_id, audience.id, id);
    same([found.rows_done, found.created, found.bytes_done], [3, 3, 3]);
    assert.equal((await allContacts(under.store, audience)).length, 3);
    await under.store.imports.finish(id, 'worker', 'completed');
  });

  test('a job that is given back is taken by the next, and a renewed one is not', async () => {
    const audience = await makeAudience(under.store);
    const { id } = await upload(under.store, audience);
    await claim(under.store, id, 'first', 1);
    assert.equal(await under.store.imports.renew(id, 'first', 60_000), 'go on');
    await new Promise((resolve) => setTimeout(resolve, 5));
    assert.equal(await under.store.imports.claim('second', 60_000), undefined);
    await under.store.imports.release(id, 'first');
    await workOn(under.store, await claim(under.store, id, 'second'), ROWS, 'second');
  });

  test('what waits is cancelled at once, what runs at its next step; what is done stays', async () => {
    const audience = await makeAudience(under.store);
    const { account_id } = audience;
    const { imports } = under.store;
    const waiting = await upload(under.store, audience);
    assert.equal((await imports.cancel(account_id, audience.id, waiting.id)).status, 'cancelled');
    assert.equal(await imports.claim('worker', 1000), undefined);
    await raises(9022, imports.cancel(account_id, audience.id, waiting.id));

    const { id } = await upload(under.store, audience);
    await claim(under.store, id);
    await imports.apply(id, 'worker', batch(0, 3));
    assert.equal((await imports.cancel(account_id, audience.id, id)).status, 'running');
    assert.equal(await imports.apply(id, 'worker', batch(3, 3)), 'stopped');
    const found = await imports.get(account_id, audience.id, id);
    same([found.status, found.rows_done, found.rows_total, found.created], ['cancelled', 3, null, 3]);
    assert.equal((await allContacts(under.store, audience)).length, 3);
    assert.equal((await verdictsOf(under.store, audience, waiting.id)).length, 0);

    // What a cancelled import has done can be undone.
    await imports.undo(account_id, audience.id, id);
    await workOn(under.store, await claim(under.store, id), []);
    assert.equal((await allContacts(under.store, audience)).length, 0);
  });

  test('an audience takes its imports with it, and a job that runs for it is told', async () => {
    const audience = await makeAudience(under.store);
    const { account_id } = audience;
    const sister = await under.store.audiences.create(account_id, { name: 'Sister', channel: 'SMS', contacts: [] });
    const done = await importRows(under.store, audience, ROWS);
    const { id } = await upload(under.store, audience);
    await claim(under.store, id);
    const waiting = await upload(under.store, audience);
    const other = await importRows(under.store, sister, ROWS);
    await under.store.audiences.delete(account_id, audience.id);
    // Its rows may be purged already.
    const told = await under.store.imports.apply(id, 'worker', batch(0, 3)).catch((error) => error.problems[0].code);
    assert.ok(told === 1301 || told === 'lost', String(told));
    await under.store.imports.finish(id, 'worker', 'failed', { code: 1301, message: 'gone' });
    const listed = await under.store.imports.page(account_id, { direction: 'after', size: 10 });
    same([listed.items.map((each) => each.id), listed.total], [[other.id], 1]);
    for (const gone of [done.id, id, waiting.id]) {
      await raises(1301, under.store.imports.get(account_id, audience.id, gone));
      await raises(9020, under.store.imports.get(account_id, sister.id, gone));
    }
    await until(async () => {
      const next = await under.store.imports.claim('worker', 60_000);
      if (next !== undefined) await under.store.imports.finish(next.id, 'worker', 'failed');
      return next === undefined;
    });
  });

  test('a failed import says why, and can be undone as far as it came', async () => {
    const audience = await makeAudience(under.store);
    const { id } = await upload(under.store, audience);
    await claim(under.store, id);
    await under.store.imports.apply(id, 'worker', batch(0, 3));
    await under.store.imports.finish(id, 'worker', 'failed', { code: 9023, message: 'The file is damaged' });
    const failed = await under.store.imports.get(audience.account_id, audience.id, id);
    same([failed.status, failed.error], ['failed', { code: 9023, message: 'The file is damaged' }]);
    await under.store.imports.undo(audience.account_id, audience.id, id);
    await workOn(under.store, await claim(under.store, id), []);
    const { undo, status } = await under.store.imports.get(audience.account_id, audience.id, id);
    same([status, undo], ['undone', { deleted: 3, restored: 0, left_alone: 0 }]);
  });

  test('an undo that failed on its way is gone on with, and counts each contact once', async () => {
    const audience = await makeAudience(under.store);
    const { account_id } = audience;
    await under.store.contacts.upsert(account_id, audience.id, [{ number: numberOf(0), first_name: 'Old' }], 'update');
    const { id } = await importRows(under.store, audience, ROWS.slice(1).concat(NEW_NAME));
    await under.store.imports.undo(account_id, audience.id, id);
    await claim(under.store, id);
    await under.store.imports.undoSome(id, 'worker');
    await under.store.imports.finish(id, 'worker', 'failed', { code: 9500, message: 'The disk failed' });
    await under.store.imports.undo(account_id, audience.id, id);
    await workOn(under.store, await claim(under.store, id), []);
    const { status, undo } = await under.store.imports.get(account_id, audience.id, id);
    same([status, undo], ['undone', { deleted: 9, restored: 1, left_alone: 0 }]);
    const left = await allContacts(under.store, audience);
    same(
      left.map(({ number, first_name }) => [number, first_name]),
      [[numberOf(0), 'Old']],
    );
  });

  test('everything is there after the store was opened again', async () => {
    const audience = await makeAudience(under.store);
    const { id } = await upload(under.store, audience);
    await claim(under.store, id);
    await applyRows(under.store, id, ROWS);
    await under.store.imports.finish(id, 'worker', 'completed');
    const before = await under.store.imports.get(audience.account_id, audience.id, id);
    const verdicts = await verdictsOf(under.store, audience, id);
    await under.reopen();
    same(countsOf(await under.store.imports.get(audience.account_id, audience.id, id)), countsOf(before));
    same(await verdictsOf(under.store, audience, id), verdicts);
  });
});
