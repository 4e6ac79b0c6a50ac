/** What becomes of the PostgreSQL store's operations while its server, or the way to it, fails. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import pg from 'pg';
import { readDocument } from '../../src/core/contact-document.ts';
import { contactTag } from '../../src/core/entity-tags.ts';
import { MusterError } from '../../src/core/errors.ts';
import type { Idempotency } from '../../src/core/idempotency.ts';
import { makeId } from '../../src/core/ids.ts';
import type { Audience, Store } from '../../src/core/store.ts';
import { UNKNOWN_OUTCOME } from '../../src/store/postgres/database.ts';
import { openPostgresStore } from '../../src/store/postgres/index.ts';
import { SEGMENT_SIZES } from '../../src/store/postgres/segments.ts';
import { allContacts, FROM_START, makeAudience, numberOf, raises, until } from '../support/contacts.ts';
import { newKey } from '../support/contract.ts';
import { applyRows, claim, rowsOf, upload } from '../support/import-jobs.ts';
import { makeDatabase, NEEDS_SERVER, runOnServer, SERVER_URL } from '../support/postgres.ts';
import { openProxy, type TestProxy } from '../support/proxy.ts';

function onceTerms({ account_id }: Audience, key: string, onRepeat: (note: string) => void): Idempotency {
  return { account_id, key, fingerprint: key, note: 'note', onRepeat };
}

describe('faults of PostgreSQL', { skip: NEEDS_SERVER }, () => {
  let database: Awaited<ReturnType<typeof makeDatabase>>;
  let proxy: TestProxy;
  let store: Store;
  let audience: Audience;
  before(async () => {
    database = await makeDatabase(SERVER_URL!);
    const { hostname, port } = new URL(database.url);
    proxy = await openProxy(hostname, Number(port || 5432));
    const url = new URL(database.url);
    url.host = `127.0.0.1:${proxy.port}`;
    // Nothing goes on beside what the tests do: they count answers.
    const segmentSizes = { ...SEGMENT_SIZES, changes: Number.MAX_SAFE_INTEGER };
    store = await openPostgresStore({ url: url.href, role: 'server', segmentSizes });
    audience = await makeAudience(store, 'Faults');
  });
  after(async () => {
    await store.close();
    await proxy.close();
    await database.drop();
  });

  const create = (n: number) => store.contacts.create(audience.account_id, audience.id, { number: numberOf(n) });
  const numbers = async () => (await allContacts(store, audience)).map(({ number }) => number);
  /** Ends every connection of the store, as an administrator or a failing server does. */
  const terminate = () =>
    runOnServer(
      database.url,
      `SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
       WHERE datname = current_database() AND pid <> pg_backend_pid()`,
    );
  async function isSound(): Promise<void> {
    const { contacts_count } = await store.audiences.get(audience.account_id, audience.id);
    assert.equal(contacts_count, (await numbers()).length);
    assert.deepEqual(await store.check(), []);
  }

  test('connections that die while writes go on: what is acknowledged is there, what is refused is not', async () => {
    const acknowledged: string[] = [];
    const refused: string[] = [];
    let isOver = false;
    let next = 1000;
    const writers = Array.from({ length: 24 }, async (_, writer) => {
      while (!isOver) {
        const mine = writer % 3 === 0 ? [next++, next++, next++] : [next++];
        const rows = mine.map((n) => ({ number: numberOf(n) }));
        try {
          if (mine.length > 1) await store.contacts.upsert(audience.account_id, audience.id, rows, 'error');
          else await create(mine[0]!);
          acknowledged.push(...rows.map(({ number }) => number));
        } catch (error) {
          assert.ok(error instanceof MusterError, `${error}`);
          assert.equal(error.problems[0]!.code, 9503);
          if (error.problems[0]!.message !== UNKNOWN_OUTCOME) refused.push(...rows.map(({ number }) => number));
        }
      }
    });
    for (let n = 0; n < 25; n++) {
      await terminate();
      await new Promise((resolve) => setTimeout(resolve, 60));
    }
    isOver = true;
    await Promise.all(writers);
    const stored = new Set(await numbers());
    assert.ok(acknowledged.length > 100);
    assert.deepEqual(
      acknowledged.filter((number) => !stored.has(number)),
      [],
    );
    assert.deepEqual(
      refused.filter((number) => stored.has(number)),
      [],
    );
    await isSound();
  });

  describe('the answer to a write is lost after it was carried out', () => {
    const key = (name: string) => newKey(audience.account_id, { name });
    // lost: the answer to the write itself, behind those to what it reads before.
    const WRITES: [name: string, lost: number | string, write: () => Promise<unknown>, check: () => Promise<void>][] = [
      ['contacts.create', 0, () => create(1), async () => assert.ok((await numbers()).includes(numberOf(1)))],
      [
        'contacts.upsert',
        'COMMIT',
        () => store.contacts.upsert(audience.account_id, audience.id, [{ number: numberOf(2) }], 'error'),
        async () => assert.ok((await numbers()).includes(numberOf(2))),
      ],
      [
        'contacts.update',
        2,
        async () => store.contacts.update(audience.account_id, audience.id, await idOf(1), { number: numberOf(3) }),
        async () => assert.ok((await numbers()).includes(numberOf(3))),
      ],
      [
        'contacts.delete',
        1,
        async () => store.contacts.delete(audience.account_id, audience.id, await idOf(3)),
        async () => assert.ok(!(await numbers()).includes(numberOf(3))),
      ],
      [
        'audiences.create',
        'COMMIT',
        () => store.audiences.create(audience.account_id, { name: 'Lost', channel: 'SMS', contacts: [] }),
        async () => assert.equal((await store.audiences.page(audience.account_id, FROM_START)).total, 2),
      ],
      [
        'audiences.rename',
        1,
        async () => store.audiences.rename(audience.account_id, await lostAudience(), 'Found'),
        async () => assert.ok(await lostAudience('Found')),
      ],
      [
        'audiences.delete',
        1,
        async () => store.audiences.delete(audience.account_id, await lostAudience('Found')),
        async () => assert.equal((await store.audiences.page(audience.account_id, FROM_START)).total, 1),
      ],
      [
        'accounts.create',
        0,
        () => store.accounts.create('Lost'),
        async () => assert.equal((await store.accounts.list()).filter(({ name }) => name === 'Lost').length, 1),
      ],
      [
        'keys.create',
        0,
        () => store.keys.create(key('Lost')),
        async () => assert.equal((await store.keys.list(audience.account_id)).length, 1),
      ],
      [
        'keys.rotate',
        'COMMIT',
        async () => store.keys.rotate((await store.keys.list(audience.account_id))[0]!.id, key('New'), '2030-01-01'),
        async () => assert.equal((await store.keys.list(audience.account_id)).length, 2),
      ],
      [
        'keys.revoke',
        1,
        async () => assert.equal(await store.keys.revoke((await store.keys.list(audience.account_id))[0]!.id), true),
        async () => assert.equal((await store.keys.list(audience.account_id)).length, 1),
      ],
    ];
    const idOf = async (n: number) =>
      (await allContacts(store, audience)).find(({ number }) => number === numberOf(n))!.id;
    const lostAudience = async (name = 'Lost') =>
      (await store.audiences.page(audience.account_id, FROM_START)).items.find((each) => each.name === name)!.id;

    for (const [name, answer, write, check] of WRITES) {
      test(`${name} finds out, and answers as if nothing had been`, async () => {
        const lost = proxy.loseAnswer(answer);
        await write();
        await lost;
        await check();
        await isSound();
      });
    }

    test('of any statement of a transaction: it takes place once', async () => {
      const rows = Array.from({ length: 50 }, (_, n) => ({ number: numberOf(100 + n) }));
      for (const [index, answer] of [0, 1, 2, 'COMMIT'].entries()) {
        const mine = rows.map(({ number }) => ({ number: `${Number(number) + index * 100}` }));
        const lost = proxy.loseAnswer(answer);
        const fates = await store.contacts.upsert(audience.account_id, audience.id, mine, 'error');
        assert.deepEqual(new Set(fates.map(({ status }) => status)), new Set(['created']));
        await lost;
      }
      await isSound();
    });
  });

  describe('a write that takes effect once loses an answer on its way', () => {
    for (const [index, answer] of ['BEGIN', 'SAVEPOINT', 'UPDATE 1', 'COMMIT'].entries()) {
      test(`${answer}: it takes effect once, and a repeat is given the same`, async () => {
        const told: string[] = [];
        const terms = { idempotency: onceTerms(audience, `lost ${answer}`, (note) => told.push(note)) };
        const write = () =>
          store.contacts.create(audience.account_id, audience.id, { number: numberOf(9700 + index) }, terms);
        const lost = proxy.loseAnswer(answer);
        const made = await write();
        await lost;
        assert.equal(await write(), made);
        assert.deepEqual(told, ['note']);
        await isSound();
      });
    }

    test('a change of what was read finds its own work done, and not that of somebody else', async () => {
      const document = await create(9710);
      const { id } = readDocument(document);
      const terms = { precondition: { match: [contactTag(document)] } };
      const lost = proxy.loseAnswer('COMMIT');
      const changed = await store.contacts.update(audience.account_id, audience.id, id, { first_name: 'Bea' }, terms);
      await lost;
      assert.equal(await store.contacts.get(audience.account_id, audience.id, id), changed);
      await raises(9009, store.contacts.delete(audience.account_id, audience.id, id, terms));
    });
  });

  test('a server that is away: 9503 for reads, writes and readiness; all is well when it is back', async () => {
    const before = await numbers();
    proxy.block(true);
    await raises(9503, create(500));
    await raises(9503, store.contacts.upsert(audience.account_id, audience.id, [{ number: numberOf(500) }], 'skip'));
    await raises(9503, store.audiences.get(audience.account_id, audience.id));
    await raises(9503, store.contacts.export(audience.account_id, audience.id, [])[Symbol.asyncIterator]().next());
    await raises(9503, store.ready());
    proxy.block(false);
    await until(() =>
      store.ready().then(
        () => true,
        () => false,
      ),
    );
    assert.deepEqual(await numbers(), before);
    assert.match(readDocument(await create(500)).number, /^\d+$/);
  });

  test('an export whose connection dies ends with 9503, and the next one is whole', async () => {
    const rows = Array.from({ length: 2000 }, (_, n) => ({ number: numberOf(5000 + n) }));
    await store.contacts.upsert(audience.account_id, audience.id, rows, 'skip');
    const walk = store.contacts.export(audience.account_id, audience.id, [])[Symbol.asyncIterator]();
    await walk.next();
    await terminate();
    const rest = (async () => {
      while (!(await walk.next()).done);
    })();
    await raises(9503, rest);
    const all = (await Array.fromAsync(store.contacts.export(audience.account_id, audience.id, []))).flat();
    assert.equal(all.length, (await numbers()).length);
  });

  test('everything is held by another program: who waits too long is told to come again, the others get through', async () => {
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    await client.query('BEGIN; LOCK TABLE contacts');
    const { account_id, id } = audience;
    const told = async (number: string, write: Promise<unknown>) =>
      write.then(
        () => number,
        (error) => {
          assert.equal((error as MusterError).problems[0]?.code, 9503, `${error}`);
          return undefined;
        },
      );
    const outcomes = Array.from({ length: 40 }, (_, n) => {
      const number = numberOf(600 + n);
      return told(number, store.contacts.upsert(account_id, id, [{ number }], 'error'));
    });
    // No connection was free for these.
    const refused = await Promise.all(outcomes.slice(-20));
    assert.deepEqual(new Set(refused), new Set([undefined]));
    await client.query('COMMIT');
    await client.end();
    const made = (await Promise.all(outcomes)).filter((number) => number !== undefined);
    assert.ok(made.length > 0);
    const stored = (await numbers()).filter((number) => number >= numberOf(600) && number < numberOf(640));
    assert.deepEqual(stored.sort(), made.sort());
    await isSound();
  });

  test('a statement that is cancelled, as one that takes too long is: 9503, and nothing is changed', async () => {
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    await client.query('BEGIN; LOCK TABLE contacts');
    const made = create(700);
    const told = raises(9503, made);
    const cancel = `SELECT count(pg_cancel_backend(pid))::int FROM pg_stat_activity
      WHERE datname = current_database() AND wait_event_type = 'Lock'`;
    await until(async () => (await runOnServer(database.url, cancel)) > 0);
    await told;
    await client.query('COMMIT');
    await client.end();
    assert.ok(!(await numbers()).includes(numberOf(700)));
  });

  test('an import whose batch meets a deadlock behind its contacts does it once more', async () => {
    const meet = (from: string) => `
      CREATE SEQUENCE ${from}_times;
      CREATE FUNCTION ${from}_meet() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          IF nextval('${from}_times') = 1 THEN RAISE 'a deadlock' USING ERRCODE = '40P01'; END IF;
          RETURN NEW;
        END $$;
      CREATE TRIGGER meet BEFORE INSERT ON ${from} FOR EACH ROW EXECUTE FUNCTION ${from}_meet()`;
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    // Both are sent while the contacts are still on their way.
    for (const [time, table] of ['import_batches', 'contact_counts'].entries()) {
      await client.query(meet(table));
      const rows = rowsOf(Array.from({ length: 1000 }, (_, n) => ({ number: numberOf(20_000 + time * 1000 + n) })));
      const { id } = await upload(store, audience);
      await claim(store, id);
      assert.deepEqual(await applyRows(store, id, rows, 'worker', 1000), ['go on', 'go on']);
      await store.imports.finish(id, 'worker', 'completed');
      assert.equal((await store.imports.get(audience.account_id, audience.id, id)).created, 1000);
      const { rows: times } = await client.query(`SELECT last_value::int FROM ${table}_times`);
      assert.ok(times[0].last_value > 1, 'the fault was met');
      await client.query(`DROP TRIGGER meet ON ${table}`);
    }
    await client.end();
    await isSound();
  });

  test('a number that somebody takes meanwhile is told as such, also where the index is that of a part on a cluster', async () => {
    const { id } = readDocument(await create(710));
    await runOnServer(database.url, 'ALTER INDEX contacts_number RENAME TO contacts_number_102008');
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    await client.query('BEGIN');
    const take = `INSERT INTO contacts (audience_id, id, number, document)
      SELECT audience_id, $2, $3, document FROM contacts WHERE id = $1`;
    await client.query(take, [id, makeId(), numberOf(711)]);
    const told = raises(1360, store.contacts.update(audience.account_id, audience.id, id, { number: numberOf(711) }));
    const waiting = `SELECT count(*)::int FROM pg_stat_activity
      WHERE datname = current_database() AND wait_event_type = 'Lock'`;
    await until(async () => (await runOnServer(database.url, waiting)) > 0);
    await client.query('COMMIT');
    await told;
    await client.query('DELETE FROM contacts WHERE number = $1', [numberOf(711)]);
    await client.query('ALTER INDEX contacts_number_102008 RENAME TO contacts_number');
    await client.end();
    await isSound();
  });

  test('a server that only reads: reads go on, writes are 9503, and the store is not ready', async () => {
    const name = new URL(database.url).pathname.slice(1);
    await runOnServer(database.url, `ALTER DATABASE ${name} SET default_transaction_read_only = on`);
    await terminate();
    await until(async () => (await numbers().catch(() => [])).length > 0);
    await raises(9503, create(701));
    await raises(9503, store.contacts.upsert(audience.account_id, audience.id, [{ number: numberOf(701) }], 'skip'));
    await raises(9503, store.ready());
    await runOnServer(SERVER_URL!, `ALTER DATABASE ${name} RESET default_transaction_read_only`);
    await terminate();
    await until(() =>
      store.ready().then(
        () => true,
        () => false,
      ),
    );
    await create(701);
    await isSound();
  });
});
