/** How long what became of a write is kept, and what random requests under few keys come to. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, describe, test } from 'node:test';
import fc from 'fast-check';
import { MusterError } from '../../src/core/errors.ts';
import { type Idempotency, KEPT_FOR } from '../../src/core/idempotency.ts';
import type { Audience, Store } from '../../src/core/store.ts';
import { openSqliteStore } from '../../src/store/sqlite/index.ts';
import { makeAudience, numberOf, until } from '../support/contacts.ts';
import { makeDirectory } from '../support/directory.ts';
import { openMemoryStore } from '../support/memory-store.ts';
import { openPglite } from '../support/postgres.ts';
import { STORES, type TestStore } from '../support/stores.ts';

function keyed(account_id: string, key: string, more: Partial<Idempotency> = {}): { idempotency: Idempotency } {
  return { idempotency: { account_id, key, fingerprint: 'f', note: '', onRepeat() {}, ...more } };
}

const create = (store: Store, { account_id, id }: Audience, key: string, n = 1) =>
  store.contacts.create(account_id, id, { number: numberOf(n) }, keyed(account_id, key));

describe('after a day', () => {
  /** Makes every outcome so many milliseconds older. */
  const OLDER = 'UPDATE idempotency_keys SET made = made - ';

  test('on sqlite: the key is free, and a server forgets what it was, some at a time', async () => {
    const directory = makeDirectory();
    const store = openSqliteStore({ directory, role: 'server' });
    const db = new DatabaseSync(join(directory, 'muster.db'));
    const count = () => (db.prepare('SELECT count(*) AS count FROM idempotency_keys').get() as { count: number }).count;
    try {
      const audience = await makeAudience(store);
      const made = await create(store, audience, 'one');
      db.exec(`${OLDER} ${KEPT_FOR - 60_000}`);
      assert.equal(await create(store, audience, 'one'), made, 'a minute before its end it is kept');
      db.exec(`${OLDER} 60000`);
      await assert.rejects(create(store, audience, 'one'), /1360/);
      await Promise.all(Array.from({ length: 1200 }, (_, n) => create(store, audience, `many-${n}`, n + 10)));
      assert.equal(count(), 1201);
      db.exec(`${OLDER} ${KEPT_FOR} WHERE no IN (SELECT no FROM idempotency_keys ORDER BY no LIMIT 1150)`);
      await store.close();
      const again = openSqliteStore({ directory, role: 'server' });
      await until(async () => count() <= 51);
      assert.equal(count(), 51);
      assert.deepEqual(await again.check(), []);
      await again.close();
    } finally {
      db.close();
    }
  });

  test('on postgres: the key is free, and a server forgets what it was', async () => {
    const { store, query, close } = await openPglite(() => {}, 'server');
    const count = async () =>
      (await query<{ count: number }>('SELECT count(*)::int AS count FROM idempotency_keys'))[0]!.count;
    try {
      const audience = await makeAudience(store);
      const made = await create(store, audience, 'one');
      await query(`${OLDER} ${KEPT_FOR - 60_000}`);
      assert.equal(await create(store, audience, 'one'), made, 'a minute before its end it is kept');
      await query(`${OLDER} 60000`);
      await assert.rejects(create(store, audience, 'one'), /1360/);
      assert.equal(await count(), 1);
      for (let n = 0; n < 5; n++) await create(store, audience, `many-${n}`, n + 10);
      await query(`${OLDER} ${KEPT_FOR}`);
      await create(store, audience, 'young', 20);
      // Whatever wakes it.
      await store.audiences.delete(
        audience.account_id,
        (await store.audiences.create(audience.account_id, { name: 'Gone', channel: 'SMS', contacts: [] })).id,
      );
      await until(async () => (await count()) === 1);
    } finally {
      await close();
    }
  });
});

for (const kind of STORES) {
  describe(`random writes under few keys on ${kind.name}`, { skip: kind.skip }, () => {
    const model = openMemoryStore();
    let under: TestStore;
    before(async () => {
      under = await kind.open();
    });
    after(() => under.close());

    const write = fc.record({
      does: fc.constantFrom('create' as const, 'upsert' as const, 'delete' as const, 'rename' as const),
      key: fc.option(fc.constantFrom('a', 'b', 'c'), { nil: undefined }),
      says: fc.constantFrom('one', 'other'),
      n: fc.nat(3),
    });
    type Write = typeof write extends fc.Arbitrary<infer Value> ? Value : never;

    test('come to what they come to on the model, and leave the same behind', async () => {
      const property = fc.asyncProperty(fc.array(write, { minLength: 1, maxLength: 25 }), async (writes) => {
        const sides = await Promise.all(
          [under.store, model].map(async (store) => ({
            store,
            audience: await makeAudience(store),
            ids: [] as string[],
          })),
        );
        for (const each of writes) {
          const [real, expected] = await Promise.all(sides.map((side) => run(side, each)));
          assert.deepEqual(real, expected, JSON.stringify(each));
        }
        const [real, expected] = await Promise.all(
          sides.map(async ({ store, audience }) => {
            const { name, contacts_count } = await store.audiences.get(audience.account_id, audience.id);
            return [name.replace(/ \d+$/, ''), contacts_count];
          }),
        );
        assert.deepEqual(real, expected);
      });
      await fc.assert(property, { numRuns: 60 });
      assert.deepEqual(await under.store.check(), []);
    });

    /** What a write comes to, ids aside, and whether it was told that it is a repeat. */
    async function run({ store, audience, ids }: { store: Store; audience: Audience; ids: string[] }, write: Write) {
      const { account_id, id } = audience;
      let isRepeat = false;
      const onRepeat = () => {
        isRepeat = true;
      };
      const fingerprint = `${write.does} ${write.says} ${write.n}`;
      const terms = write.key === undefined ? undefined : keyed(account_id, write.key, { fingerprint, onRepeat });
      const number = numberOf(write.n);
      try {
        if (write.does === 'create') {
          const { id: made } = JSON.parse(await store.contacts.create(account_id, id, { number }, terms));
          if (!ids.includes(made)) ids.push(made);
          return ['created', ids.indexOf(made), isRepeat];
        }
        if (write.does === 'upsert') {
          const fates = await store.contacts.upsert(account_id, id, [{ number }], 'skip', terms);
          const [fate] = fates as { status: string; id: string }[];
          if (!ids.includes(fate!.id)) ids.push(fate!.id);
          return [fate!.status, ids.indexOf(fate!.id), isRepeat];
        }
        if (write.does === 'delete') {
          await store.contacts.delete(account_id, id, ids[write.n] ?? id, terms);
          return ['deleted', isRepeat];
        }
        const { name } = await store.audiences.rename(account_id, id, `${write.says} ${write.n}`, terms);
        return ['renamed', name, isRepeat];
      } catch (error) {
        if (!(error instanceof MusterError)) throw error;
        return [...error.problems.map(({ code }) => code), isRepeat];
      }
    }
  });
}
