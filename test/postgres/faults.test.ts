/** What a client sees while PostgreSQL fails: a request succeeds, or is told 503 and has changed nothing; and all goes on by itself. */
import assert from 'node:assert/strict';
import { chownSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import pg from 'pg';
import { sampleContacts } from '../../sample/make-contacts.ts';
import {
  type Answer,
  type Client,
  makeAudience,
  makeClient,
  numberOf,
  refused,
  succeeded,
  walk,
} from '../http/support.ts';
import { until } from '../support/contacts.ts';
import { makeDatabase, NEEDS_SERVER, runOnServer, SERVER_URL } from '../support/postgres.ts';
import { makeServer, NEEDS_PROGRAMS, type PostgresServer, serverUser } from '../support/postgres-server.ts';
import { type Server, startServer } from '../support/server.ts';
import { cannotMount, mountSmall } from './small-disk.ts';

/** Connections of one server for requests. */
const CONNECTIONS = 16;
/** How many of a database's connections wait for others. */
const WAITING = `SELECT count(*)::int FROM pg_stat_activity
  WHERE datname = current_database() AND wait_event_type = 'Lock'`;
const UNKNOWN = /whether the change was made is not known/;

/** Whether a write succeeded; else that it was told to come again. */
function isDone(answer: Answer): boolean {
  if (answer.status < 300) return true;
  refused(answer, 9503);
  assert.match(answer.headers.get('retry-after') ?? '', /^\d+$/);
  return false;
}

/** Writes one by one and in bulk, from many connections, until it is stopped; keeps what was said of each number. */
function startLoad(clients: Client[], path: string) {
  const acknowledged = new Set<string>();
  const turnedAway = new Set<string>();
  let next = 0;
  let isOver = false;
  const writers = Array.from({ length: 16 }, async (_, writer) => {
    const client = clients[writer % clients.length]!;
    while (!isOver) {
      const numbers = Array.from({ length: writer < 4 ? 20 : 1 }, () => numberOf(next++));
      const contacts = numbers.map((number) => ({ number }));
      const answer =
        writer < 4
          ? await client.post(`${path}/contacts/bulk`, { contacts })
          : await client.post(`${path}/contacts`, contacts[0]);
      const told = isDone(answer) ? acknowledged : turnedAway;
      if (told === turnedAway) await new Promise((resolve) => setTimeout(resolve, 50));
      if (told === acknowledged || !UNKNOWN.test(answer.text)) for (const number of numbers) told.add(number);
    }
  });
  return {
    acknowledged,
    turnedAway,
    async stop() {
      isOver = true;
      await Promise.all(writers);
    },
  };
}

/** Holds what is stored against what was said of it. */
async function checkStored(
  client: Client,
  path: string,
  load: Omit<ReturnType<typeof startLoad>, 'stop'>,
): Promise<void> {
  const stored = new Set((await walk(client, `${path}/contacts?page_size=1000`)).map(({ number }) => number));
  const lost = [...load.acknowledged].filter((number) => !stored.has(number));
  assert.deepEqual(lost, [], 'what was acknowledged is there');
  const kept = [...load.turnedAway].filter((number) => stored.has(number));
  assert.deepEqual(kept, [], 'what was refused is not');
  assert.equal((await client.get(path)).data.contacts_count, stored.size);
}

const isSound = async (server: Server) =>
  assert.deepEqual(JSON.parse(await server.muster('doctor', '--json')).findings, []);

const readiness = async (client: Client) => (await client.get('/readyz')).status;

describe('PostgreSQL goes away under load', { skip: NEEDS_PROGRAMS }, () => {
  let postgres: PostgresServer;
  before(async () => {
    postgres = await makeServer();
  });
  after(() => postgres.remove());

  it('killed, restarted, and with its connections cut: both servers say so, and go on by themselves', async () => {
    const servers = [
      await startServer({ databaseUrl: postgres.url }),
      await startServer({ databaseUrl: postgres.url }),
    ];
    const clients = servers.map((server) => makeClient(server));
    const client = clients[0]!;
    const { path } = await makeAudience(client);
    const load = startLoad(clients, path);
    const cut = `SELECT count(pg_terminate_backend(pid))::int FROM pg_stat_activity WHERE application_name = 'muster'`;
    const FAULTS: [what: string, fault: () => Promise<unknown>, isAway: boolean][] = [
      ['killed', () => postgres.kill(), true],
      ['connections cut', () => runOnServer(postgres.url, cut), false],
      ['stopped', () => postgres.stop(), true],
      ['connections cut again', () => runOnServer(postgres.url, cut), false],
      ['killed again', () => postgres.kill(), true],
    ];
    for (const [what, fault, isAway] of FAULTS) {
      const seen = load.acknowledged.size;
      await until(async () => load.acknowledged.size > seen + 200);
      await fault();
      if (isAway) {
        for (const each of clients) await until(async () => (await readiness(each)) === 503);
        for (const each of clients)
          assert.equal((await each.get('/healthz')).status, 200, `${what}: the process lives`);
        assert.ok(!isDone(await client.get(path)), `${what}: reads are told to come again`);
        await postgres.start();
      }
      for (const each of clients) await until(async () => (await readiness(each)) === 200);
    }
    const seen = load.acknowledged.size;
    await until(async () => load.acknowledged.size > seen + 200);
    await load.stop();
    await checkStored(client, path, load);
    await isSound(servers[0]!);
    for (const server of servers) assert.equal((await server.stop()).code, 0);
  });
});

describe('no space is left', { skip: NEEDS_PROGRAMS || cannotMount() }, () => {
  it('writes are refused and not done, reads go on, and all is well when there is space again', async () => {
    const postgres = await makeServer();
    after(() => postgres.remove());
    const disk = mountSmall('24m');
    const { uid, gid } = serverUser()!;
    const place = join(disk.directory, 'space');
    mkdirSync(place);
    chownSync(place, uid, gid);
    await runOnServer(postgres.url, `CREATE TABLESPACE small_disk LOCATION '${place}'`);
    await runOnServer(postgres.url, "CREATE DATABASE small TEMPLATE template0 ENCODING 'UTF8' TABLESPACE small_disk");
    const url = new URL(postgres.url);
    url.pathname = '/small';
    const server = await startServer({ databaseUrl: url.href });
    await fillUp(server, disk.grow);
    await server.stop();
  });
});

describe('no space is left for the embedded store', { skip: cannotMount() }, () => {
  it('writes are refused and not done, reads go on, and all is well when there is space again', async () => {
    const disk = mountSmall('8m');
    const server = await startServer({ directory: disk.directory, env: { DATABASE_URL: undefined } });
    await fillUp(server, disk.grow);
    await server.stop();
  });
});

/** Writes until the disk is full and on, gives it more, and writes again. */
async function fillUp(server: Server, grow: () => void): Promise<void> {
  const client = makeClient(server);
  const { path } = await makeAudience(client);
  const load = { acknowledged: new Set<string>(), turnedAway: new Set<string>() };
  const people = sampleContacts(9);
  async function write(): Promise<boolean> {
    const contacts = Array.from({ length: 200 }, () => ({
      number: people.next().value!.number.slice(1),
      date: 'x'.repeat(70),
    }));
    const answer = await client.post(`${path}/contacts/bulk`, { contacts });
    const isWritten = isDone(answer);
    if (isWritten) assert.equal(answer.data.refused, 0);
    for (const { number } of contacts) load[isWritten ? 'acknowledged' : 'turnedAway'].add(number);
    return isWritten;
  }
  for (let failures = 0; failures < 5; ) if (!(await write())) failures++;
  assert.ok(load.acknowledged.size > 1000);
  assert.equal(await readiness(client), 503);
  await checkStored(client, path, load);
  const [number] = load.acknowledged;
  assert.equal((await client.get(`${path}/contacts?filter[search]=${number}`)).body.pagination.total, 1);

  grow();
  await until(async () => (await readiness(client)) === 200);
  for (let more = 0; more < 5; more++) assert.ok(await write());
  await checkStored(client, path, load);
  await isSound(server);
}

describe('PostgreSQL refuses', { skip: NEEDS_SERVER }, async () => {
  const database = await makeDatabase(SERVER_URL!);
  process.once('beforeExit', database.drop);
  const server = await startServer({ databaseUrl: database.url });
  const client = makeClient(server);
  const { path } = await makeAudience(client, [{ number: numberOf(1), first_name: 'Before' }]);
  // Whatever is written of a contact called by a code is refused with it, the first times or always. Sequences are not rolled back.
  const REFUSE = [
    'CREATE SEQUENCE refusals',
    `CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
       DECLARE asked text[] := regexp_match(NEW.document, 'Code ([0-9A-Z]{5}) (\\d+)');
       BEGIN
         IF asked IS NOT NULL AND nextval('refusals') <= asked[2]::int THEN
           RAISE EXCEPTION 'refused by a test' USING ERRCODE = asked[1];
         END IF;
         RETURN NEW;
       END
     $$`,
    'CREATE TRIGGER refuse BEFORE INSERT OR UPDATE ON contacts FOR EACH ROW EXECUTE FUNCTION refuse()',
  ];
  for (const text of REFUSE) await runOnServer(database.url, text);

  const ALWAYS = 1_000_000;
  const CODES: [code: string, what: string, times: number, isDone: boolean][] = [
    ['40001', 'a serialization failure, twice', 2, true],
    ['40P01', 'a deadlock, twice', 2, true],
    ['40001', 'serialization failures without end', ALWAYS, false],
    ['40P01', 'deadlocks without end', ALWAYS, false],
    ['57014', 'a statement that takes too long', ALWAYS, false],
    ['55P03', 'a lock that is not to be had', ALWAYS, false],
    ['53100', 'a full disk', ALWAYS, false],
    ['53200', 'no memory', ALWAYS, false],
    ['53300', 'too many connections', ALWAYS, false],
    ['58030', 'a failing disk', ALWAYS, false],
    ['25006', 'a server that only reads', ALWAYS, false],
    ['57P01', 'a server that stops', 1, true],
  ];
  for (const [code, what, times, isExpected] of CODES) {
    it(`${what} (${code}): ${isExpected ? 'the request succeeds' : '503, and nothing is changed'}`, async () => {
      const contact = `${path}/contacts/${(await client.get(`${path}/contacts?page_size=1`)).data[0].id}`;
      const data = { first_name: `Code ${code} ${times}` };
      let next = 100;
      const WRITES: [name: string, write: () => Promise<Answer>][] = [
        ['create', () => client.post(`${path}/contacts`, { number: numberOf(next++), ...data })],
        [
          'bulk',
          () =>
            client.post(`${path}/contacts/bulk`, {
              contacts: [{ number: numberOf(next++) }, { number: numberOf(next++), ...data }],
            }),
        ],
        ['update', () => client.put(contact, data)],
        [
          'audience',
          () =>
            client.post('/v1/audiences', {
              name: `Code ${code} ${times}`,
              channel: 'SMS',
              contacts: [{ number: numberOf(2), ...data }],
            }),
        ],
      ];
      for (const [name, write] of WRITES) {
        await runOnServer(database.url, "SELECT setval('refusals', 1, false)");
        const before = await walk(client, `${path}/contacts?page_size=1000`);
        const audiences = await walk(client, '/v1/audiences');
        const answer = await write();
        assert.equal(isDone(answer), isExpected, `${name}: ${answer.text}`);
        if (isExpected) continue;
        assert.deepEqual(await walk(client, `${path}/contacts?page_size=1000`), before, name);
        assert.deepEqual(await walk(client, '/v1/audiences'), audiences, name);
      }
      for (const { id, number } of await walk(client, `${path}/contacts?page_size=1000`)) {
        if (number !== numberOf(1)) await client.delete(`${path}/contacts/${id}`);
      }
      succeeded(await client.put(contact, { first_name: 'Before' }));
      await until(async () => (await readiness(client)) === 200);
    });
  }

  it('a deadlock with another program: one of the two is undone, and the request goes through', async (t) => {
    const numbers = [numberOf(11), numberOf(12)];
    const contacts = numbers.map((number) => ({ number, first_name: 'Old' }));
    succeeded(await client.post(`${path}/contacts/bulk`, { contacts }));
    const other = new pg.Client({ connectionString: database.url });
    t.after(() => other.end());
    await other.connect();
    const hold = (number: string) => other.query('SELECT 1 FROM contacts WHERE number = $1 FOR UPDATE', [number]);
    await other.query("SET deadlock_timeout = '60s'"); // so that it is not the one to give in
    await other.query('BEGIN');
    await hold(numbers[1]!);
    const written = client.post(`${path}/contacts/bulk`, {
      contacts: contacts.map((each) => ({ ...each, first_name: 'New' })),
    });
    await until(async () => (await runOnServer(database.url, WAITING)) > 0);
    await hold(numbers[0]!);
    await other.query('COMMIT');
    assert.equal(succeeded(await written).updated, 2);
  });

  it('more requests than connections while all are held: they wait, or are told to come again', async (t) => {
    const other = new pg.Client({ connectionString: database.url });
    t.after(() => other.end());
    await other.connect();
    await other.query('BEGIN; LOCK TABLE contacts');
    let next = 1000;
    const send = (count: number) =>
      Array.from({ length: count }, () =>
        client.post(`${path}/contacts/bulk`, { contacts: [{ number: numberOf(next++) }] }),
      );
    const first = send(20);
    await until(async () => (await runOnServer(database.url, WAITING)) === CONNECTIONS);
    const later = [...send(30), client.get('/readyz')];
    for (const answer of await Promise.all(later)) assert.ok(!isDone(answer), 'no connection was free');
    await other.query('COMMIT');
    const done = (await Promise.all(first)).map(isDone);
    const made = done.flatMap((isMade, n) => (isMade ? [numberOf(1000 + n)] : []));
    assert.ok(made.length >= CONNECTIONS);
    const stored = (await walk(client, `${path}/contacts?page_size=1000`)).map(({ number }) => number);
    assert.deepEqual(stored.filter((number) => number >= numberOf(1000)).sort(), made);
    await until(async () => (await readiness(client)) === 200);
    await isSound(server);
  });
});
