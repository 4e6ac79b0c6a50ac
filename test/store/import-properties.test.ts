/** Imports, edits and undos among other writes: whatever the order, every store does what the model does. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { ContactInput } from '../../src/core/contact-fields.ts';
import { MusterError } from '../../src/core/errors.ts';
import { EDIT_ACTIONS, type Import, type ImportOptions } from '../../src/core/import-job.ts';
import type { Audience, OnConflict, Store } from '../../src/core/store.ts';
import { allContacts, makeAudience, numberOf } from '../support/contacts.ts';
import { details, same } from '../support/contract.ts';
import { claim, countsOf, rowsOf, upload, verdictsOf, workOn } from '../support/import-jobs.ts';
import { openMemoryStore } from '../support/memory-store.ts';
import { STORES } from '../support/stores.ts';

const SEED = 20261124;

// Few numbers and names, so that writes meet each other.
const number = fc.integer({ min: 0, max: 9 }).map(numberOf);
const name = fc.constantFrom(null, 'Ana', 'Bea');
const contact: fc.Arbitrary<ContactInput> = fc.record(
  { number, first_name: name, last_name: name, tags: fc.subarray(['a', 'b', 'c']) },
  { requiredKeys: ['number'] },
);
const options: fc.Arbitrary<Partial<ImportOptions>> = fc.record({
  mode: fc.constantFrom('merge', 'merge', 'replace'),
  on_conflict: fc.constantFrom('update', 'update', 'skip'),
  tags: fc.subarray(['b', 'new']),
});

type Step =
  | { kind: 'import'; rows: (ContactInput | undefined)[]; options: Partial<ImportOptions>; dryRun: boolean }
  | { kind: 'edit'; rows: ContactInput[]; options: Partial<ImportOptions> }
  | { kind: 'run' | 'undo'; which: number }
  | { kind: 'upsert'; rows: ContactInput[]; onConflict: OnConflict }
  | { kind: 'update'; which: number; change: ContactInput }
  | { kind: 'delete'; which: number };

const rows = fc.array(fc.oneof({ weight: 9, arbitrary: contact }, { weight: 1, arbitrary: fc.constant(undefined) }), {
  maxLength: 12,
});
const which = fc.nat(20);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('import' as const), rows, options, dryRun: fc.boolean() }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('edit' as const),
      // The numbers of contacts, some of which are gone: each once, as they are chosen.
      rows: fc.uniqueArray(number, { maxLength: 6 }).map((numbers) => numbers.map((each) => ({ number: each }))),
      options: fc.record({
        action: fc.constantFrom(...EDIT_ACTIONS),
        tags: fc.subarray(['a', 'new'], { minLength: 1 }),
      }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constantFrom('run' as const, 'undo' as const), which }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('upsert' as const),
      rows: fc.array(contact, { maxLength: 4 }),
      onConflict: fc.constantFrom('update' as const, 'skip' as const),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('update' as const), which, change: contact }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('delete' as const), which }) },
);

/** An audience of a store under test, and the imports made in it. */
interface Side {
  store: Store;
  audience: Audience;
  imports: { id: string; rows: (ContactInput | undefined)[] }[];
}

/** Takes a step; what can be seen of it, without what stores give themselves. */
async function take({ store, audience, imports }: Side, each: Step): Promise<unknown> {
  const { account_id, id } = audience;
  const work = async (importId: string, some: (ContactInput | undefined)[]) => {
    await workOn(store, await claim(store, importId), rowsOf(some));
    const found = await store.imports.get(account_id, id, importId);
    return [shown(found), (await verdictsOf(store, audience, importId)).map(({ contact_id, ...verdict }) => verdict)];
  };
  try {
    switch (each.kind) {
      case 'import': {
        const asked = { ...each.options, max_removals: '100%', dry_run: each.dryRun };
        const made = await upload(store, audience, asked);
        imports.push({ id: made.id, rows: each.rows });
        return await work(made.id, each.rows);
      }
      case 'edit': {
        const made = await upload(store, audience, each.options);
        imports.push({ id: made.id, rows: each.rows });
        return await work(made.id, each.rows);
      }
      case 'run':
      case 'undo': {
        const chosen = imports[each.which % Math.max(1, imports.length)];
        if (chosen === undefined) return undefined;
        await store.imports[each.kind](account_id, id, chosen.id);
        return await work(chosen.id, chosen.rows);
      }
      case 'upsert': {
        const fates = await store.contacts.upsert(account_id, id, each.rows, each.onConflict);
        return fates.map(({ status }) => status);
      }
      case 'update':
      case 'delete': {
        const contacts = await allContacts(store, audience);
        const chosen = contacts[each.which % Math.max(1, contacts.length)];
        if (chosen === undefined) return undefined;
        if (each.kind === 'delete') return await store.contacts.delete(account_id, id, chosen.id);
        await store.contacts.update(account_id, id, chosen.id, each.change);
      }
    }
  } catch (error) {
    if (error instanceof MusterError) return error.problems.map(({ code }) => code);
    throw error;
  }
}

function shown(found: Import) {
  return { ...countsOf(found), status: found.status, met: found.met, undo: found.undo };
}

for (const kind of STORES) {
  describe(`imports among other writes on ${kind.name}`, { skip: kind.skip }, () => {
    test('are what they are in the model', async () => {
      const opened = await kind.open();
      try {
        const property = fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
          const model = openMemoryStore();
          const sides: [Side, Side] = [
            { store: opened.store, audience: await makeAudience(opened.store), imports: [] },
            { store: model, audience: await makeAudience(model), imports: [] },
          ];
          for (const each of steps) {
            const [ours, expected] = [await take(sides[0], each), await take(sides[1], each)];
            same(ours, expected, `after ${JSON.stringify(each)}`);
            const held = await Promise.all(
              sides.map(async ({ store, audience }) => (await allContacts(store, audience)).map(details)),
            );
            same(held[0], held[1], `contacts after ${JSON.stringify(each)}`);
            const { account_id, id } = sides[0].audience;
            const { contacts_count } = await opened.store.audiences.get(account_id, id);
            assert.equal(contacts_count, held[0]!.length);
          }
        });
        await fc.assert(property, { seed: SEED, numRuns: 60 });
        assert.deepEqual(await opened.store.check(), []);
      } finally {
        await opened.close();
      }
    });
  });
}
