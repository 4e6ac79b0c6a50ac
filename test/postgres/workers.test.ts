/** One server of several processes (WORKERS), and several servers, on one PostgreSQL database. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import { sampleContacts } from '../../sample/make-contacts.ts';
import { type Loose, makeAudience, makeClient, numberOf, refused, succeeded, walk } from '../http/support.ts';
import { until } from '../support/contacts.ts';
import { makeDirectory } from '../support/directory.ts';
import { makeDatabase, NEEDS_SERVER, SERVER_URL } from '../support/postgres.ts';
import { type Server, spawnServer, startServer } from '../support/server.ts';

const SECRET = /muster_[\w-]{20,}/g;
const COUNT = 3;

/** An empty database that goes away after the tests. */
async function emptyDatabase(): Promise<string> {
  const { url, drop } = await makeDatabase(SERVER_URL!);
  // Behind all hooks: one of them ends the server.
  process.once('beforeExit', drop);
  return url;
}

const startWorkers = async (env: Record<string, string | undefined> = {}) =>
  startServer({ databaseUrl: await emptyDatabase(), env: { WORKERS: String(COUNT), ...env } });

/** The processes that answer, as the log says it last; waits until all do. */
async function workersOf({ log }: Server, but: number[] = []): Promise<number[]> {
  let found: number[] = [];
  await until(async () => {
    const line = log.findLast((each) => each.includes('processes answer: ')) ?? '';
    found = (/answer: ([\d, ]+)/.exec(line)?.[1] ?? '').split(', ').map(Number);
    return found.length === COUNT && !found.some((pid) => but.includes(pid));
  });
  return found;
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** A file of so many contacts. */
function fileOf(rows: number): string {
  const people = sampleContacts(5);
  return `number\n${Array.from({ length: rows }, () => people.next().value!.number).join('\n')}\n`;
}

describe('several processes', { skip: NEEDS_SERVER, concurrency: 2 }, () => {
  it('answer on one address; the first start prints one key, once', async () => {
    const server = await startWorkers({ MUSTER_BOOTSTRAP_KEY: undefined });
    await workersOf(server);
    const printed = new Set(server.log.join('\n').match(SECRET));
    assert.equal(printed.size, 1);
    assert.equal(server.log.filter((line) => line.includes('listens on')).length, 1);
    const client = makeClient(server, [...printed][0]!);

    // Each process numbers its requests behind a mark of its own.
    const marks = new Set<string>();
    await until(async () => {
      const answers = await Promise.all(Array.from({ length: 12 }, () => client.get('/v1/audiences')));
      for (const { status, headers } of answers) {
        assert.equal(status, 200);
        marks.add(headers.get('x-request-id')!.replace(/-[^-]*$/, ''));
      }
      return marks.size === COUNT;
    });
    assert.equal((await client.get('/readyz')).status, 200);
    assert.equal((await server.muster('keys', 'list', '--json')).trim().split('\n').length, 1);
    assert.deepEqual(await server.stop(), { code: 0, signal: null });
  });

  it('two servers that start at once on an empty database make one key', async () => {
    const databaseUrl = await emptyDatabase();
    const env = { WORKERS: '2', MUSTER_BOOTSTRAP_KEY: undefined };
    const servers = await Promise.all([0, 1].map(() => startServer({ databaseUrl, env })));
    await until(async () => servers.some(({ log }) => SECRET.test(log.join('\n'))));
    assert.equal((await servers[0]!.muster('keys', 'list', '--json')).trim().split('\n').length, 1);
    assert.equal((await servers[0]!.muster('accounts', 'list', '--json')).trim().split('\n').length, 1);
    for (const server of servers) assert.equal((await server.stop()).code, 0);
  });

  it('one that is killed is replaced, and what it acknowledged is there', async () => {
    const server = await startWorkers();
    const client = makeClient(server);
    const { path } = await makeAudience(client);
    const acknowledged = new Set<string>();
    let next = 0;
    let isOver = false;
    const writers = Array.from({ length: 12 }, async () => {
      while (!isOver) {
        const number = numberOf(next++);
        // The connection to the process that is killed breaks; the next request makes another one.
        const answer = await client.post(`${path}/contacts`, { number }).catch((error) => {
          if (error.name === 'AssertionError') throw error;
        });
        if (answer?.status === 201) acknowledged.add(number);
      }
    });
    const killed: number[] = [];
    for (let round = 0; round < 4; round++) {
      const pids = await workersOf(server, killed);
      const before = acknowledged.size;
      await until(async () => acknowledged.size > before + 100);
      killed.push(pids[round % COUNT]!);
      process.kill(killed.at(-1)!, 'SIGKILL');
    }
    await workersOf(server, killed);
    isOver = true;
    await Promise.all(writers);
    const stored = new Set((await walk(client, `${path}/contacts?page_size=1000`)).map(({ number }) => number));
    assert.deepEqual(
      [...acknowledged].filter((number) => !stored.has(number)),
      [],
    );
    assert.equal((await client.get(path)).data.contacts_count, stored.size);
    assert.deepEqual(JSON.parse(await server.muster('doctor', '--json')).findings, []);
    assert.equal((await server.stop()).code, 0);
  });

  it('SIGTERM under load: requests under way are answered, exit code 0, and nobody is left', async () => {
    const server = await startWorkers();
    const pids = await workersOf(server);
    const client = makeClient(server);
    const { path } = await makeAudience(client);
    const acknowledged = new Set<string>();
    let next = 0;
    const writers = Array.from({ length: 12 }, async () => {
      for (;;) {
        const number = numberOf(next++);
        const answer = await client.post(`${path}/contacts`, { number }).catch((error) => {
          if (error.name === 'AssertionError') throw error;
        });
        if (answer === undefined) return;
        if (answer.status === 201) acknowledged.add(number);
        else return refused(answer, 9503);
      }
    });
    await until(async () => acknowledged.size > 200);
    assert.deepEqual(await server.stop(), { code: 0, signal: null });
    await Promise.all(writers);
    assert.deepEqual(pids.filter(isAlive), []);
    await server.restart();
    const stored = new Set((await walk(client, `${path}/contacts?page_size=1000`)).map(({ number }) => number));
    assert.deepEqual(
      [...acknowledged].filter((number) => !stored.has(number)),
      [],
    );
    await server.stop();
  });

  it('none outlives the process that started it', async () => {
    const server = await startWorkers();
    const pids = await workersOf(server);
    await server.kill();
    await until(async () => !pids.some(isAlive));
  });

  it('a start that fails is told once, and ends with 1', async () => {
    const server = await startWorkers();
    const { port } = new URL(server.url);
    const child = spawnServer({
      MUSTER_DATA: makeDirectory(),
      DATABASE_URL: server.databaseUrl,
      WORKERS: String(COUNT),
      PORT: port,
    });
    const [errors, [code]] = await Promise.all([child.stderr!.toArray(), once(child, 'exit')]);
    assert.equal(code, 1);
    assert.match(Buffer.concat(errors).toString(), /^muster: 127\.0\.0\.1:\d+ is in use[^\n]*\n$/);
    await server.stop();
  });

  describe('an import whose process is killed is carried on by another', { concurrency: true }, () => {
    const ROWS = 60_000;
    const file = fileOf(ROWS);

    /** Imports a file, kills while it runs, and waits until it has ended: longer than a dead process keeps it. */
    async function importWhile(client: ReturnType<typeof makeClient>, kill: () => Promise<void>): Promise<void> {
      const { path } = await makeAudience(client);
      const headers = { 'content-type': 'text/csv' };
      const { id } = succeeded(await client.send('POST', `${path}/imports`, { body: file, headers }));
      const read = async (): Promise<Loose> => succeeded(await client.get(`${path}/imports/${id}`));
      await until(async () => (await read()).rows_done > 0);
      assert.equal((await read()).status, 'running');
      await kill();
      await until(async () => (await read()).status === 'completed', 120_000);
      const { created, unchanged, rows_done } = await read();
      assert.deepEqual([created + unchanged, rows_done], [ROWS, ROWS]);
      assert.equal((await client.get(path)).data.contacts_count, created);
      assert.equal((await walk(client, `${path}/contacts?page_size=1000`)).length, created);
    }

    it('of one server', async () => {
      const server = await startWorkers();
      const pids = await workersOf(server);
      await importWhile(makeClient(server), async () => {
        // Whichever has the import is among them; one is left each time, so that the address stays.
        for (const pid of pids.slice(1)) process.kill(pid, 'SIGKILL');
        await workersOf(server, pids.slice(1));
        process.kill(pids[0]!, 'SIGKILL');
        await workersOf(server, pids);
      });
      await server.stop();
    });

    it('of two servers', async () => {
      const databaseUrl = await emptyDatabase();
      const servers = [await startServer({ databaseUrl }), await startServer({ databaseUrl })] as const;
      const [first, second] = servers;
      let current = makeClient(first);
      const client = { ...current, get: (path: string) => current.get(path) };
      await importWhile(client, async () => {
        await first.kill();
        current = makeClient(second);
      });
      await second.stop();
    });
  });
});
