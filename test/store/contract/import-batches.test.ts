/** Batches of an import that are handed over before those in front have answered take effect one behind the other. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { ContactInput } from '../../../src/core/contact-fields.ts';
import type { ImportOptions, ImportRow } from '../../../src/core/import-job.ts';
import type { Audience, Store } from '../../../src/core/store.ts';
import { allContacts, makeAudience, numberOf, until } from '../../support/contacts.ts';
import { describeStores, details, same } from '../../support/contract.ts';
import {
  batchOf,
  claim,
  countsOf,
  handOver,
  importRows,
  rowsOf,
  upload,
  verdictsOf,
} from '../../support/import-jobs.ts';
import { openMemoryStore } from '../../support/memory-store.ts';

const SEED = 20261126;

/** Works on a new import with two batches at once; the import, its verdicts, and the contacts that there are then. */
async function importAtOnce(
  store: Store,
  audience: Audience,
  rows: ImportRow[],
  options: Partial<ImportOptions> = {},
  pace: { size?: number; atOnce?: number } = {},
) {
  const { id } = await upload(store, audience, options);
  const { phase, dry_run } = await claim(store, id);
  assert.deepEqual(new Set(await handOver(store, id, rows, pace)), new Set(['go on']));
  if (phase === 'rehearse' && !dry_run) {
    await store.imports.enter(id, 'worker', 'apply');
    assert.deepEqual(new Set(await handOver(store, id, rows, pace)), new Set(['go on']));
  }
  await store.imports.finish(id, 'worker', 'completed');
  return seen(store, audience, id);
}

/** What an import came to, with places in the order of contacts in place of ids. */
async function seen(store: Store, audience: Audience, id: string) {
  const found = await store.imports.get(audience.account_id, audience.id, id);
  const contacts = await allContacts(store, audience);
  const places = new Map(contacts.map((contact, place) => [contact.id, place]));
  const verdicts = (await verdictsOf(store, audience, id)).map(({ contact_id, ...verdict }) => ({
    ...verdict,
    place: contact_id === null ? null : places.get(contact_id),
  }));
  return { counts: countsOf(found), met: found.met, verdicts, contacts: contacts.map(details) };
}

const numbers = (...all: number[]) => rowsOf(all.map((n) => ({ number: numberOf(n) })));
const BEFORE: ContactInput[] = [1, 2, 3].map((n) => ({ number: numberOf(n), first_name: 'Old' }));

describeStores('batches under way at once', (under) => {
  const SCENARIOS: [title: string, rows: ImportRow[], options?: Partial<ImportOptions>][] = [
    ['new numbers', numbers(10, 11, 12, 13, 14, 15, 16, 17, 18, 19)],
    ['numbers of contacts that there are', numbers(1, 10, 2, 3, 11, 12)],
    ['a number again in the next batch', numbers(10, 11, 12, 12, 13, 10)],
    ['a number again in the batch behind the next one', numbers(10, 11, 12, 13, 14, 15, 10, 16)],
    ['one number in every batch', numbers(10, 1, 10, 10, 1, 10, 10, 10, 1)],
    ['batches of nothing but refused rows', rowsOf([undefined, undefined, undefined, { number: numberOf(10) }])],
    [
      'a contact that one batch changes and the next one again',
      rowsOf(['A', 'B', 'C', 'D'].map((first_name) => ({ number: numberOf(1), first_name }))),
    ],
    ['tags for all', numbers(1, 10, 11, 10, 12, 1), { tags: ['new'] }],
    ['conflicts that are passed over', numbers(1, 10, 11, 10, 12, 1), { on_conflict: 'skip' }],
    ['a rehearsal', numbers(1, 10, 11, 10, 12, 1), { dry_run: true }],
    ['a replacing run', numbers(1, 10, 11, 10, 12, 1), { mode: 'replace', max_removals: '100%' }],
    ['contacts that are deleted', numbers(1, 10, 2, 3), { action: 'delete' }],
  ];
  for (const [title, rows, options] of SCENARIOS) {
    test(`${title}: as one batch after the other`, async () => {
      const results = [];
      for (const atOnce of [1, 2, 5]) {
        const audience = await makeAudience(under.store);
        await under.store.contacts.upsert(audience.account_id, audience.id, BEFORE, 'update');
        results.push(await importAtOnce(under.store, audience, rows, options, { size: 3, atOnce }));
      }
      same(results[1], results[0]);
      same(results[2], results[0]);
    });
  }

  test('whatever the rows, the batches and what was there before: as in the model, and back', async () => {
    const number = fc.integer({ min: 0, max: 30 }).map(numberOf);
    const contact = fc.record({ number, first_name: fc.constantFrom('Ana', 'Bea') }, { requiredKeys: ['number'] });
    const row = fc.oneof({ weight: 9, arbitrary: contact }, { weight: 1, arbitrary: fc.constant(undefined) });
    const property = fc.asyncProperty(
      fc.array(contact, { maxLength: 6 }),
      fc.array(row, { maxLength: 40 }),
      fc.integer({ min: 1, max: 6 }),
      fc.record({ tags: fc.subarray(['a', 'b']), dry_run: fc.boolean() }),
      async (before, given, size, options) => {
        const results = [];
        for (const store of [under.store, openMemoryStore()]) {
          const audience = await makeAudience(store);
          await store.contacts.upsert(audience.account_id, audience.id, before, 'update');
          const was = (await allContacts(store, audience)).map(details);
          results.push(await importAtOnce(store, audience, rowsOf(given), options, { size, atOnce: 2 }));
          if (options.dry_run) continue;
          const { items } = await store.imports.page(audience.account_id, { direction: 'after', size: 1 });
          await store.imports.undo(audience.account_id, audience.id, items[0]!.id);
          await claim(store, items[0]!.id);
          while ((await store.imports.undoSome(items[0]!.id, 'worker')).hasMore);
          await store.imports.finish(items[0]!.id, 'worker', 'undone');
          same((await allContacts(store, audience)).map(details), was);
        }
        same(results[0], results[1]);
      },
    );
    await fc.assert(property, { seed: SEED, numRuns: 60 });
  });

  test('a batch behind one that is not the next one changes nothing either', async () => {
    const audience = await makeAudience(under.store);
    const { id } = await upload(under.store, audience);
    await claim(under.store, id);
    const rows = numbers(...Array.from({ length: 12 }, (_, n) => n));
    const signals = await Promise.all(
      [0, 6, 9, 3].map((from) => under.store.imports.apply(id, 'worker', batchOf(rows, from, 3))),
    );
    assert.deepEqual(signals, ['go on', 'lost', 'lost', 'go on']);
    same(
      await under.numbersOf(audience),
      rows.slice(0, 6).map(({ contact }) => contact!.number),
    );
    await under.store.imports.finish(id, 'worker', 'completed');
  });

  test('cancelled at any moment: what is counted is what is there', async () => {
    const rows = numbers(...Array.from({ length: 60 }, (_, n) => n));
    for (let round = 0; round < 20; round++) {
      const audience = await makeAudience(under.store);
      const { id } = await upload(under.store, audience);
      await claim(under.store, id);
      const work = handOver(under.store, id, rows);
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 20));
      const isCancelled = await under.store.imports.cancel(audience.account_id, audience.id, id).then(
        () => true,
        () => false,
      );
      const signals = await work;
      if (isCancelled && !signals.includes('stopped')) await under.store.imports.renew(id, 'worker', 1000);
      if (!isCancelled) await under.store.imports.finish(id, 'worker', 'completed');
      const found = await under.store.imports.get(audience.account_id, audience.id, id);
      assert.equal(found.status, isCancelled ? 'cancelled' : 'completed');
      same(
        await under.numbersOf(audience),
        rows.slice(0, found.rows_done).map(({ contact }) => contact!.number),
      );
      assert.equal((await verdictsOf(under.store, audience, id)).length, found.rows_done);
      assert.equal(found.created, found.rows_done);
    }
  });

  test('another worker takes over at any moment: each row is applied once, in order', async () => {
    const rows = numbers(...Array.from({ length: 60 }, (_, n) => n), 0, 30, 59);
    for (let round = 0; round < 10; round++) {
      const audience = await makeAudience(under.store);
      const { id } = await upload(under.store, audience);
      await claim(under.store, id, 'slow', 1);
      const slow = handOver(under.store, id, rows, { owner: 'slow' });
      const other = await under.openBeside();
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 20));
      let rows_done: number | undefined;
      await until(async () => {
        rows_done = (await other.imports.claim('quick', 60_000))?.rows_done;
        return rows_done !== undefined;
      });
      const signals = await handOver(other, id, rows, { owner: 'quick', from: rows_done!, size: 7 });
      assert.deepEqual(new Set(signals), new Set(['go on']));
      await slow;
      await other.imports.finish(id, 'quick', 'completed');
      await other.close();
      const found = await under.store.imports.get(audience.account_id, audience.id, id);
      same([found.rows_total, found.created, found.unchanged], [63, 60, 3]);
      same(
        await under.numbersOf(audience),
        rows.slice(0, 60).map(({ contact }) => contact!.number),
      );
      assert.equal((await verdictsOf(under.store, audience, id)).length, 63);
    }
  });

  test('beside other writers of the same numbers: one contact a number, and every row has its verdict', async () => {
    const rows = rowsOf(Array.from({ length: 200 }, (_, n) => ({ number: numberOf(n), first_name: 'File' })));
    const audience = await makeAudience(under.store);
    const { account_id, id } = audience;
    let isOver = false;
    const writers = Array.from({ length: 4 }, async (_, writer) => {
      for (let n = 0; !isOver; n++) {
        const some = Array.from({ length: 20 }, (_, k) => numberOf((n * 37 + writer * 50 + k * 7) % 200));
        const given = [...new Set(some)].map((number) => ({ number, last_name: `Writer ${writer}` }));
        await under.store.contacts.upsert(account_id, id, given, 'update');
      }
    });
    const found = await importAtOnce(under.store, audience, rows, {}, { size: 25 });
    isOver = true;
    await Promise.all(writers);
    assert.equal(found.verdicts.length, 200);
    const { created, updated } = found.counts;
    assert.equal(created + updated, 200);
    const contacts = await allContacts(under.store, audience);
    assert.equal(new Set(contacts.map(({ number }) => number)).size, contacts.length);
    assert.ok(contacts.every(({ first_name }) => first_name === 'File'));
    assert.equal(await under.countOf(audience), 200);
  });

  test('an import of earlier stays as it was', async () => {
    const audience = await makeAudience(under.store);
    const before = await importRows(under.store, audience, numbers(1, 2, 3));
    await importAtOnce(under.store, audience, numbers(1, 4, 5, 6, 2, 7));
    same(countsOf(await under.store.imports.get(audience.account_id, audience.id, before.id)), countsOf(before));
  });
});
