/** A PostgreSQL server that is killed under load, and comes back. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { MusterError } from '../../src/core/errors.ts';
import type { Store } from '../../src/core/store.ts';
import { UNKNOWN_OUTCOME } from '../../src/store/postgres/database.ts';
import { openPostgresStore } from '../../src/store/postgres/index.ts';
import { allContacts, makeAudience, numberOf, until } from '../support/contacts.ts';
import { SMALL_SEGMENTS } from '../support/postgres.ts';
import { makeServer, NEEDS_PROGRAMS, type PostgresServer } from '../support/postgres-server.ts';

describe('a server that is killed', { skip: NEEDS_PROGRAMS }, () => {
  let server: PostgresServer;
  let stores: Store[] = [];
  before(async () => {
    server = await makeServer();
    const open = () => openPostgresStore({ url: server.url, role: 'server', segmentSizes: SMALL_SEGMENTS });
    stores = [await open(), await open()];
  });
  after(async () => {
    await Promise.all(stores.map((store) => store.close()));
    await server.remove();
  });

  test('what was acknowledged is there, what was refused is not, and the stores go on by themselves', async () => {
    const audience = await makeAudience(stores[0]!);
    const { account_id, id } = audience;
    const acknowledged = new Set<string>();
    const refused = new Set<string>();
    let isOver = false;
    let next = 0;
    const isReady = (store: Store) =>
      store.ready().then(
        () => true,
        () => false,
      );
    const writers = Array.from({ length: 16 }, async (_, writer) => {
      const store = stores[writer % 2]!;
      while (!isOver) {
        const numbers = Array.from({ length: writer < 4 ? 50 : 1 }, () => numberOf(next++));
        try {
          if (writer >= 4) await store.contacts.create(account_id, id, { number: numbers[0]! });
          else {
            const rows = numbers.map((number) => ({ number }));
            await store.contacts.upsert(account_id, id, rows, 'error');
          }
          for (const number of numbers) acknowledged.add(number);
        } catch (error) {
          assert.ok(error instanceof MusterError, `${error}`);
          const { code, message } = error.problems[0]!;
          assert.equal(code, 9503);
          if (message !== UNKNOWN_OUTCOME) for (const number of numbers) refused.add(number);
          await until(() => isReady(store));
        }
      }
    });
    for (let round = 1; round <= 4; round++) {
      const before = acknowledged.size;
      await until(async () => acknowledged.size > before + 300);
      await server.kill();
      // A process that it leaves behind may still answer, and notices in a moment.
      await until(async () => !(await isReady(stores[round % 2]!)));
      await server.start();
    }
    const before = acknowledged.size;
    await until(async () => acknowledged.size > before + 100);
    isOver = true;
    await Promise.all(writers);

    const stored = (await allContacts(stores[0]!, audience)).map(({ number }) => number);
    const there = new Set(stored);
    assert.equal(there.size, stored.length);
    assert.deepEqual(
      [...acknowledged].filter((number) => !there.has(number)),
      [],
    );
    assert.deepEqual(
      [...refused].filter((number) => there.has(number)),
      [],
    );
    assert.equal((await stores[1]!.audiences.get(account_id, id)).contacts_count, stored.length);
    assert.deepEqual(await stores[1]!.check(), []);
  });
});
