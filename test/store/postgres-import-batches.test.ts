/** Two batches of an import under way in PostgreSQL, while others are in the way of one of them. */
import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { after, before, describe, test } from 'node:test';
import pg from 'pg';
import { makeId } from '../../src/core/ids.ts';
import type { ImportRow } from '../../src/core/import-job.ts';
import type { Audience, Store } from '../../src/core/store.ts';
import { startImportRunner } from '../../src/jobs/import-runner.ts';
import { openPostgresStore } from '../../src/store/postgres/index.ts';
import { allContacts, makeAudience, numberOf, until } from '../support/contacts.ts';
import { batchOf, claim, handOver, rowsOf, upload, verdictsOf } from '../support/import-jobs.ts';
import { makeDatabase, NEEDS_SERVER, runOnServer, SERVER_URL } from '../support/postgres.ts';

const SIZE = 3;
/** Ends every connection of the store, as an administrator or a failing server does. */
const CUT = `SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
  WHERE datname = current_database() AND pid <> pg_backend_pid()`;
const PROCESS = new URL('../support/import-process.ts', import.meta.url);
const WAITING = `SELECT count(*)::int FROM pg_stat_activity
  WHERE datname = current_database() AND wait_event_type = 'Lock'`;
/** A clock that stands still gives two batches the same places, unless one knows of the other. */
const STANDING_CLOCK = `
  CREATE OR REPLACE FUNCTION muster_place(last uuid) RETURNS bigint LANGUAGE plpgsql VOLATILE PARALLEL SAFE AS $$
    BEGIN
      RETURN greatest(
        ${(BigInt(Date.now()) << 12n).toString()},
        ('x' || left(last::text, 8) || substr(last::text, 10, 4) || substr(last::text, 16, 3))::bit(60)::bigint + 1);
    END
  $$`;

/** Makes a new contact with this number wait until advisory lock 1 is free, and then fail, the first time. */
const failOnce = (number: string) => [
  'CREATE SEQUENCE tries',
  `CREATE FUNCTION fail_once() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      PERFORM pg_advisory_xact_lock(1);
      IF nextval('tries') = 1 THEN RAISE 'a deadlock' USING ERRCODE = '40P01'; END IF;
      RETURN NEW;
    END $$`,
  `CREATE TRIGGER fail_once BEFORE INSERT ON contacts FOR EACH ROW WHEN (NEW.number = '${number}')
   EXECUTE FUNCTION fail_once()`,
];

describe('two batches under way', { skip: NEEDS_SERVER }, () => {
  let database: Awaited<ReturnType<typeof makeDatabase>>;
  let store: Store;
  let audience: Audience;
  let other: pg.Client;
  before(async () => {
    database = await makeDatabase(SERVER_URL!);
    store = await openPostgresStore({ url: database.url, role: 'server' });
    await runOnServer(database.url, STANDING_CLOCK);
  });
  after(async () => {
    assert.deepEqual(await store.check(), []);
    await store.close();
    await database.drop();
  });

  const waiting = () => until(async () => (await runOnServer(database.url, WAITING)) > 0);
  const numbers = async () => (await allContacts(store, audience)).map(({ number }) => number);
  const apply = (importId: string, rows: ImportRow[], from: number) =>
    store.imports.apply(importId, 'worker', batchOf(rows, from, SIZE));
  /** Another program, in a transaction. */
  async function begin(): Promise<void> {
    other = new pg.Client({ connectionString: database.url });
    await other.connect();
    await other.query("SET deadlock_timeout = '60s'"); // so that it is not the one to give in
    await other.query('BEGIN');
  }
  const take = (number: string) =>
    other.query('INSERT INTO contacts (audience_id, id, number, document) VALUES ($1, $2, $3, $4)', [
      audience.id,
      makeId(),
      number,
      '',
    ]);
  const hold = (number: string) =>
    other.query('SELECT FROM contacts WHERE audience_id = $1 AND number = $2 FOR UPDATE', [audience.id, number]);
  async function end(word: 'COMMIT' | 'ROLLBACK'): Promise<void> {
    await other.query(word);
    await other.end();
  }
  /** Waits until a transaction has written a contact with this number: whoever wants it too has to wait. */
  async function isWritten(number: string): Promise<void> {
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    await client.query("SET lock_timeout = '1ms'");
    await until(async () => {
      await client.query('BEGIN');
      const probe = "INSERT INTO contacts (audience_id, id, number, document) VALUES ($1, $2, $3, '')";
      const answer = await client.query(probe, [audience.id, makeId(), number]).catch((error) => error);
      await client.query('ROLLBACK');
      return answer.code === '55P03';
    });
    await client.end();
  }
  async function begun(): Promise<{ id: string; rows: ImportRow[] }> {
    audience = await makeAudience(store);
    const { id } = await upload(store, audience);
    await claim(store, id);
    return { id, rows: rowsOf(Array.from({ length: 2 * SIZE }, (_, n) => ({ number: numberOf(n) }))) };
  }

  test('the second is written while the first waits, and takes effect behind it', async () => {
    const { id, rows } = await begun();
    await begin();
    await take(numberOf(1));
    const first = apply(id, rows, 0);
    await waiting();
    const second = apply(id, rows, SIZE);
    await isWritten(numberOf(5));
    assert.deepEqual(await numbers(), []);
    await end('ROLLBACK');
    assert.deepEqual(await Promise.all([first, second]), ['go on', 'go on']);
    assert.deepEqual(
      await numbers(),
      rows.map(({ contact }) => contact!.number),
    );
    await store.imports.finish(id, 'worker', 'completed');
  });

  test('the first begins again, and its contacts come before those of the second all the same', async () => {
    const { id, rows } = await begun();
    await begin();
    await other.query('SELECT pg_advisory_xact_lock(1)');
    for (const statement of failOnce(numberOf(1))) await runOnServer(database.url, statement);
    const first = apply(id, rows, 0);
    await waiting();
    const second = apply(id, rows, SIZE);
    await isWritten(numberOf(5));
    await end('COMMIT');
    assert.deepEqual(await Promise.all([first, second]), ['go on', 'go on']);
    await runOnServer(database.url, 'DROP TRIGGER fail_once ON contacts');
    assert.deepEqual(
      await numbers(),
      rows.map(({ contact }) => contact!.number),
    );
    await store.imports.finish(id, 'worker', 'completed');
  });

  test('somebody whom the first waits for waits for the second: it gives way', async () => {
    const { id, rows } = await begun();
    const { account_id } = audience;
    const known = [numberOf(1), numberOf(4)];
    await store.contacts.upsert(
      account_id,
      audience.id,
      known.map((number) => ({ number, first_name: 'Old' })),
      'error',
    );
    await begin();
    await hold(known[0]!);
    const first = apply(id, rows, 0);
    await waiting();
    const second = apply(id, rows, SIZE);
    await isWritten(numberOf(5));
    // Held by the second, which waits for the first, which waits for this program.
    await hold(known[1]!);
    await end('COMMIT');
    assert.deepEqual(await Promise.all([first, second]), ['go on', 'go on']);
    const { rows_done, created, unchanged } = await store.imports.get(account_id, audience.id, id);
    assert.deepEqual([rows_done, created, unchanged], [6, 4, 2]);
    await store.imports.finish(id, 'worker', 'completed');
  });

  test('the connection of the first is cut: both take effect, once', async () => {
    const { id, rows } = await begun();
    await begin();
    await take(numberOf(1));
    const first = apply(id, rows, 0);
    await waiting();
    const second = apply(id, rows, SIZE);
    await isWritten(numberOf(5));
    await runOnServer(
      database.url,
      `SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
       WHERE datname = current_database() AND wait_event_type = 'Lock'`,
    );
    await end('ROLLBACK');
    assert.deepEqual(await Promise.all([first, second]), ['go on', 'go on']);
    assert.deepEqual(
      await numbers(),
      rows.map(({ contact }) => contact!.number),
    );
    assert.equal((await verdictsOf(store, audience, id)).length, rows.length);
    await store.imports.finish(id, 'worker', 'completed');
  });

  test('a number that the API changes between the two is met as it is then', async () => {
    const { id, rows } = await begun();
    const { account_id } = audience;
    const fates = await store.contacts.upsert(account_id, audience.id, [{ number: numberOf(1) }], 'error');
    const contactId = (fates[0] as { id: string }).id;
    await begin();
    await take(numberOf(0));
    const first = apply(id, rows, 0);
    await waiting();
    // Waits for the first, which holds the contact.
    const changed = store.contacts.update(account_id, audience.id, contactId, { number: numberOf(4) });
    const second = apply(id, rows, SIZE);
    await isWritten(numberOf(5));
    await end('ROLLBACK');
    const [, , fate] = await Promise.all([
      first,
      second,
      changed.then(
        () => 'changed',
        () => 'refused',
      ),
    ]);
    const found = await store.imports.get(account_id, audience.id, id);
    assert.equal(found.rows_done, 6);
    const verdicts = await verdictsOf(store, audience, id);
    // Either the change came first, and the file's row met the contact, or the row made another and the change was refused.
    assert.equal(verdicts[4]!.contact_id === contactId, fate === 'changed');
    assert.equal(new Set(await numbers()).size, (await numbers()).length);
    await store.imports.finish(id, 'worker', 'completed');
  });

  test('connections that die while the job runs: each row is applied once', async () => {
    audience = await makeAudience(store);
    const rows = Array.from({ length: 6000 }, (_, n) => numberOf(n));
    // Every number of a batch comes again two batches later, and some in the next one.
    const lines = [...rows, ...rows.filter((_, n) => n % 3 === 0), ...rows.slice(-500)];
    const { id } = await upload(store, audience, {}, new TextEncoder().encode(`number\n${lines.join('\n')}\n`));
    const errors: object[] = [];
    const log = { error: (about: object) => errors.push(about) };
    const options = { store, numberRule: 'valid' as const, maxUnpacked: 1e9, retention: 1e9, log };
    const runner = startImportRunner(options);
    const read = () => store.imports.get(audience.account_id, audience.id, id);
    let cuts = 0;
    await until(async () => {
      const { status, rows_done } = await read();
      if (rows_done > 0 && cuts++ < 12) await runOnServer(database.url, CUT);
      return status === 'completed' || status === 'failed';
    });
    await runner.stop();
    assert.ok(cuts > 1);
    const { status, rows_done, created, unchanged } = await read();
    assert.deepEqual([status, rows_done, created, unchanged], ['completed', lines.length, 6000, 2500]);
    assert.deepEqual(await numbers(), rows);
    assert.equal((await verdictsOf(store, audience, id)).length, lines.length);
    assert.deepEqual(errors, []);
  });

  describe('a process is killed', () => {
    for (const [when, held, done] of [
      ['before either took effect', 1, 0],
      ['between the two', 4, SIZE],
    ] as const) {
      test(`${when}: another goes on from the checkpoint`, async () => {
        const { id, rows } = await begun();
        await begin();
        await take(numberOf(held));
        const child = fork(PROCESS, [database.url, id, `${rows.length}`, `${SIZE}`]);
        const ended = once(child, 'exit');
        await waiting();
        await until(async () => (await store.imports.get(audience.account_id, audience.id, id)).rows_done === done);
        child.kill('SIGKILL');
        await ended;
        await end('ROLLBACK');
        assert.deepEqual(
          await numbers(),
          rows.slice(0, done).map(({ contact }) => contact!.number),
        );
        const signals = await handOver(store, id, rows, { size: SIZE, from: done });
        assert.deepEqual(new Set(signals), new Set(['go on']));
        await store.imports.finish(id, 'worker', 'completed');
        assert.deepEqual(
          await numbers(),
          rows.map(({ contact }) => contact!.number),
        );
        assert.equal((await verdictsOf(store, audience, id)).length, rows.length);
      });
    }
  });
});
