/** Whatever an installation holds and whatever was done to it, its copy shows the same, and behaves the same from then on. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { checkCopy } from '../../src/core/copy-check.ts';
import { copyStore } from '../../src/core/copy-run.ts';
import type { Audience, Store } from '../../src/core/store.ts';
import { allContacts, numberOf } from '../support/contacts.ts';
import { newKey } from '../support/contract.ts';
import { everythingIn, PLACES, type Place, type PlaceKind } from '../support/copies.ts';
import { importRows, rowsOf, undoImport, upload } from '../support/import-jobs.ts';
import { goOnAndUndo, type OpenImports } from '../support/installation.ts';

const SEED = 20261125;

const text = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 12 }),
  fc.constantFrom('İstanbul', '\u202eabc', '👩‍👩‍👧', '"\\'),
);
const contact = fc.record({
  number: fc.integer({ min: 0, max: 14 }).map(numberOf),
  first_name: fc.option(text),
  last_name: fc.option(text),
  date: fc.option(text),
  tags: fc.uniqueArray(text, { maxLength: 3 }),
});
const rows = fc.array(fc.option(contact, { freq: 9, nil: undefined }), { maxLength: 10 });
const whole = fc.array(contact, { maxLength: 8 });

const step = fc.oneof(
  fc.record({ kind: fc.constant('upsert' as const), rows: whole }),
  fc.record({
    kind: fc.constant('import' as const),
    rows,
    mode: fc.constantFrom('merge' as const, 'replace' as const),
  }),
  fc.record({ kind: fc.constant('rehearse' as const), rows }),
  fc.record({ kind: fc.constantFrom('undo' as const, 'delete' as const), which: fc.nat(20) }),
);
const installation = fc.array(
  fc.record({
    name: text,
    expire_date: fc.option(fc.constantFrom('2020-01-01 00:00:00', '2099-01-01 00:00:00')),
    audiences: fc.array(
      fc.record({
        name: text,
        isDeleted: fc.boolean(),
        steps: fc.array(step, { maxLength: 6 }),
        waiting: fc.option(rows),
      }),
      { maxLength: 3 },
    ),
  }),
  { minLength: 1, maxLength: 2 },
);
type Installation = typeof installation extends fc.Arbitrary<infer T> ? T : never;
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

async function take(store: Store, audience: Audience, each: Step, imports: string[]): Promise<void> {
  const { account_id, id } = audience;
  switch (each.kind) {
    case 'upsert':
      await store.contacts.upsert(account_id, id, each.rows, 'update');
      return;
    case 'import': {
      const options = { mode: each.mode, max_removals: '100%' };
      imports.push((await importRows(store, audience, rowsOf(each.rows), options)).id);
      return;
    }
    case 'rehearse':
      await importRows(store, audience, rowsOf(each.rows), { dry_run: true });
      return;
    case 'undo': {
      const [chosen] = imports.length === 0 ? [] : imports.splice(each.which % imports.length, 1);
      if (chosen !== undefined) await undoImport(store, audience, chosen);
      return;
    }
    case 'delete': {
      const contacts = await allContacts(store, audience);
      const chosen = contacts[each.which % Math.max(1, contacts.length)];
      if (chosen !== undefined) await store.contacts.delete(account_id, id, chosen.id);
    }
  }
}

/** Does all of it; imports that wait are begun last, since one that waits is worked on before others. */
async function build(store: Store, accounts: Installation): Promise<OpenImports> {
  const later: (() => Promise<void>)[] = [];
  const open: OpenImports = new Map();
  for (const { name, expire_date, audiences } of accounts) {
    const account = await store.accounts.create(name);
    await store.keys.create(newKey(account.id, { name, expire_date }));
    for (const [index, each] of audiences.entries()) {
      const named = { name: `${index} ${each.name}`, channel: 'SMS', contacts: [] } as const;
      const audience = await store.audiences.create(account.id, { ...named, contacts: [] });
      const imports: string[] = [];
      for (const one of each.steps) await take(store, audience, one, imports);
      const { waiting, isDeleted } = each;
      if (waiting !== null) {
        later.push(async () => {
          open.set((await upload(store, audience)).id, rowsOf(waiting));
          if (isDeleted) await store.audiences.delete(account.id, audience.id);
        });
      } else if (isDeleted) {
        await store.audiences.delete(account.id, audience.id);
      }
    }
  }
  for (const begin of later) await begin();
  return open;
}

async function using<T>(place: Place, work: (store: Store) => Promise<T>): Promise<T> {
  const store = await place.use();
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}

/** @param stops how many batches the first run writes; a second one goes on. */
async function copyAll(from: Place, to: Place, stops: number): Promise<void> {
  const source = await from.open('source');
  const target = await to.open('target');
  let batches = 0;
  await copyStore(source, target, { isStopped: () => ++batches === stops });
  assert.equal(await copyStore(source, target), 'complete');
  assert.deepEqual((await checkCopy(source, target))!.differences, []);
  await target.release();
  await target.close();
  await source.close();
}

const WALKS: { kinds: PlaceKind[]; runs: number }[] = [
  { kinds: ['sqlite', 'sqlite'], runs: 10 },
  { kinds: ['sqlite', 'postgres', 'sqlite'], runs: 4 },
  { kinds: ['postgres', 'sqlite'], runs: 3 },
];

for (const { kinds, runs } of WALKS) {
  test(`a random installation, copied from ${kinds.join(' to ')}`, async () => {
    const property = fc.asyncProperty(installation, fc.nat(12), async (accounts, stops) => {
      const places: Place[] = [];
      for (const kind of kinds) places.push(await PLACES[kind]());
      try {
        const [first, ...others] = places as [Place, ...Place[]];
        const open = await using(first, (store) => build(store, accounts));
        const seen = await using(first, everythingIn);
        for (const [index, place] of others.entries()) {
          await copyAll(places[index]!, place, stops);
          assert.deepEqual(await using(place, everythingIn), seen);
        }
        const expected = await using(first, (store) => goOnAndUndo(store, open));
        for (const place of others) {
          assert.deepEqual(await using(place, (store) => goOnAndUndo(store, open)), expected);
        }
      } finally {
        for (const place of places) await place.remove();
      }
    });
    await fc.assert(property, { seed: SEED, numRuns: runs });
  });
}
