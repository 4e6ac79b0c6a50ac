/** The life of a server: its first start and the later ones, its end, and what its operator must mend. */
import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { promisify } from 'node:util';
import { readServerConfig, VARIABLES } from '../../src/config.ts';
import { SetupError } from '../../src/core/errors.ts';
import { makeDirectory } from '../support/directory.ts';
import { databaseOf, EMBEDDED_ONLY } from '../support/postgres.ts';
import { FIRST_KEY, spawnServer, startServer } from '../support/server.ts';
import { type Loose, makeAudience, makeClient, numberOf, refused, succeeded, walk } from './support.ts';

const SECRET = /muster_[\w-]{20,}/;
const hasCurl = spawnSync('curl', ['--version']).status === 0;

/** A server that is expected not to come up, on the store of a directory: its exit code and what it says. */
async function failToStart(
  directory: string,
  env: Record<string, string | undefined> = {},
): Promise<{ code: number; lines: string[]; out: string }> {
  const child = spawnServer({ MUSTER_DATA: directory, DATABASE_URL: await databaseOf(directory), ...env });
  const [errors, out, [code]] = await Promise.all([
    child.stderr!.toArray(),
    child.stdout!.toArray(),
    once(child, 'exit') as Promise<[number]>,
  ]);
  const text = Buffer.concat(errors).toString();
  return { code, lines: text.split('\n').filter((line) => line !== ''), out: Buffer.concat(out).toString() };
}

/** Asserts that the operator is told in one line, which names what is to be mended. */
function isOneLine({ code, lines }: { code: number; lines: string[] }, ...said: string[]): void {
  assert.equal(code, 1);
  assert.equal(lines.length, 1, `one line on standard error: ${lines.join('\n')}`);
  assert.match(lines[0]!, /^muster: /);
  for (const text of said) assert.ok(lines[0]!.includes(text), `'${lines[0]}' says '${text}'`);
}

describe('the first start', { concurrency: true }, () => {
  it('prints a key once, with a curl line that works as pasted', async (t) => {
    const server = await startServer({ env: { MUSTER_BOOTSTRAP_KEY: undefined } });
    await makeLogged(server, 'curl');
    const printed = server.log.join('\n');
    const key = SECRET.exec(printed)?.[0];
    assert.ok(key, `a key is printed: ${printed}`);
    assert.equal((await makeClient(server, key).get('/v1/audiences')).status, 200);
    succeeded(await makeClient(server, key).post('/v1/audiences', { name: 'May write', channel: 'SMS' }));

    const { msg } = server.log.map((line) => JSON.parse(line)).find((line) => line.msg.includes('curl '));
    const line = msg.slice(msg.indexOf('curl '));
    if (hasCurl) {
      const { stdout } = await promisify(execFile)('sh', ['-c', line]);
      assert.equal(JSON.parse(stdout).pagination.total, 1);
    } else t.diagnostic('the pasted line was not run: there is no curl here');

    await makeLogged(server, '/console/sign-in');
    const [link] = /http:\S+\/console\/sign-in\?token=[\w-]+/.exec(server.log.join('\n'))!;
    const signedIn = await fetch(link, { redirect: 'manual' });
    const cookie = signedIn.headers.get('set-cookie')!.split(';')[0]!;
    const browser = await fetch(`${server.url}/v1/audiences`, { headers: { cookie } });
    assert.equal(browser.status, 200, 'the link signs a browser in');

    await server.stop();
    await server.restart();
    assert.doesNotMatch(server.log.join('\n'), SECRET, 'the second start prints none');
    assert.doesNotMatch(server.log.join('\n'), /sign-in/);
    assert.doesNotMatch(server.log.join('\n'), /curl/);
    assert.equal((await makeClient(server, key).get('/v1/audiences')).body.pagination.total, 1, 'the key still works');
    await server.stop();
  });

  it('makes one account and one write key', async () => {
    const server = await startServer({ env: { MUSTER_BOOTSTRAP_KEY: undefined } });
    const accounts = (await server.muster('accounts', 'list', '--json')).trim().split('\n');
    const keys = (await server.muster('keys', 'list', '--json')).trim().split('\n');
    assert.deepEqual([accounts.length, keys.length], [1, 1]);
    assert.equal(JSON.parse(keys[0]!).scope, 'write');
    assert.doesNotMatch(keys[0]!, SECRET, 'and the secret is nowhere in it');
    await server.stop();
  });

  it('prints the key whatever LOG_LEVEL says: it is shown never again', async () => {
    const directory = makeDirectory();
    const store = { MUSTER_DATA: directory, DATABASE_URL: await databaseOf(directory) };
    const child = spawnServer({ ...store, LOG_LEVEL: 'silent' });
    let printed = '';
    child.stdout!.on('data', (data) => {
      printed += data;
    });
    await until(() => /curl/.test(printed) || child.exitCode !== null);
    assert.match(printed, SECRET);
    child.kill('SIGTERM');
    await once(child, 'exit');
  });

  it('takes MUSTER_BOOTSTRAP_KEY instead, and prints none', async () => {
    const chosen = 'sixteen-or-more!';
    const server = await startServer({ env: { MUSTER_BOOTSTRAP_KEY: chosen } });
    assert.equal((await makeClient(server, chosen).get('/v1/audiences')).status, 200);
    assert.ok(!server.log.join('\n').includes(chosen));
    assert.doesNotMatch(server.log.join('\n'), /sign-in/, 'whoever chose the key signs in with it');
    assert.doesNotMatch(server.log.join('\n'), SECRET);
    await server.stop();

    // Another one on a later start changes nothing.
    const later = await startServer({
      directory: server.directory,
      env: { MUSTER_BOOTSTRAP_KEY: 'another-key-of-a-later-start' },
    });
    refused(await makeClient(later, 'another-key-of-a-later-start').get('/v1/audiences'), 9001);
    assert.equal((await makeClient(later, chosen).get('/v1/audiences')).status, 200);
    await later.stop();
  });

  it('makes the directory, whatever lies above it', { skip: EMBEDDED_ONLY }, async () => {
    const directory = join(makeDirectory(), 'a', 'b', 'c');
    const server = await startServer({ directory });
    assert.ok(existsSync(join(directory, 'muster.db')));
    await server.stop();
  });

  it('keeps what it compiled for the next one, before it may be killed', async () => {
    const kept = join(makeDirectory(), 'compiled');
    const server = await startServer({ env: { NODE_COMPILE_CACHE: kept } });
    await until(() => readdirSync(kept, { recursive: true }).length > 100);
    await server.kill();
  });

  it('logs JSON lines when it is not a terminal, and no key in any of them', async () => {
    const server = await startServer({ env: { LOG_LEVEL: 'debug' } });
    const client = makeClient(server);
    await makeAudience(client);
    await client.get('/v1/nothing?key=x');
    await server.stop();
    for (const line of server.log) {
      assert.equal(typeof JSON.parse(line).level, 'number', line);
      assert.ok(!line.includes(FIRST_KEY), line);
    }
    assert.ok(
      server.log.some((line) => line.includes('/v1/nothing')),
      'debug tells each request',
    );
  });
});

describe('what the operator must mend is one line and exit code 1', () => {
  const WRONG: Record<string, string[]> = {
    DATABASE_URL: ['localhost:5432', 'mysql://localhost/muster', 'postgres://localhost', 'postgres://localhost/'],
    CITUS: ['yes', '1', 'ON'],
    PORT: ['x', '-1', '65536', '80.5', '0x50', '1e3', '80 80', '٨٠'],
    WORKERS: ['0', '-1', '1.5', 'many', 'AUTO', '129', '2'],
    PUBLIC_URL: [
      'contacts.example.com',
      'ftp://example.com',
      'https://',
      'https://example.com?x=1',
      'https://example.com/#x',
      '/v1',
    ],
    MUSTER_BOOTSTRAP_KEY: ['fifteen-letters', 'sixteen letters and spaces', 'sechzehn-Zeichen-ü'],
    NUMBER_VALIDATION: ['strict', 'VALID', '1'],
    RATE_LIMIT: ['x', '-1', '1.5', '1000001', 'unlimited'],
    IMPORT_MAX_BYTES: ['2GB', '-1'],
    IMPORT_MAX_UNPACKED: ['x', '1.5'],
    IMPORT_RETENTION: ['a week', '3651'],
    LOG_LEVEL: ['verbose', 'INFO', '30'],
    HOST: ['203.0.113.1'],
  };
  // Each variable once through a process; the rest by what the process asks, for each start costs half a second.
  const told = Object.entries(WRONG).map(([name, [value]]) => [name, value!] as const);
  for (const [name, value] of [...told, ['HOST', 'host.invalid']] as const) {
    it(`${name}=${value}`, async () => {
      const outcome = await failToStart(makeDirectory(), { [name]: value });
      isOneLine(outcome, name === 'HOST' ? value : name);
      if (name === 'MUSTER_BOOTSTRAP_KEY') assert.ok(!outcome.lines[0]!.includes(value), 'a key is not repeated');
      assert.ok(!outcome.out.includes('listens'));
    });
  }

  for (const [name, values] of Object.entries(WRONG).filter(([name]) => name !== 'HOST')) {
    for (const value of values) {
      it(`${name} may not be '${value}'`, () => {
        assert.throws(
          () => readServerConfig({ [name]: value }),
          (error: Error) =>
            error instanceof SetupError && error.message.includes(name) && !error.message.includes('\n'),
        );
      });
    }
  }

  it('every variable of the server is in the table', () => {
    const others = ['MUSTER_DATA', 'MUSTER_URL', 'MUSTER_KEY', 'XDG_CONFIG_HOME'];
    assert.deepEqual(Object.keys(WRONG).concat(others).sort(), Object.keys(VARIABLES).sort());
  });

  it('an empty variable is as none', async () => {
    const server = await startServer({
      env: { PUBLIC_URL: '', RATE_LIMIT: '', NUMBER_VALIDATION: ' ', LOG_LEVEL: '', HOST: '' },
    });
    assert.equal((await makeClient(server).get('/healthz')).status, 200);
    await server.stop();
  });

  it('a directory that cannot be: below a file', { skip: EMBEDDED_ONLY }, async () => {
    const file = join(makeDirectory(), 'file');
    writeFileSync(file, '');
    isOneLine(await failToStart(join(file, 'data')), 'MUSTER_DATA', file);
    isOneLine(await failToStart(file), 'MUSTER_DATA', file);
  });

  it('a port in use', async (t) => {
    const other = createServer().listen(0, '127.0.0.1');
    t.after(() => other.close());
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const directory = makeDirectory();
    isOneLine(await failToStart(directory, { PORT: String(port) }), `127.0.0.1:${port}`, 'in use');
    // Nothing is left behind: the key of the first start is still to come.
    const server = await startServer({ directory, env: { MUSTER_BOOTSTRAP_KEY: undefined } });
    await makeLogged(server, 'curl');
    assert.match(server.log.join('\n'), SECRET);
    await server.stop();
  });

  it('a second server on the same directory, while the first one goes on', { skip: EMBEDDED_ONLY }, async () => {
    const server = await startServer();
    const client = makeClient(server);
    const { path } = await makeAudience(client);
    isOneLine(await failToStart(server.directory), server.directory, String(server.process.pid));
    succeeded(await client.post(`${path}/contacts`, { number: numberOf(1) }));
    await server.kill();
    await server.restart();
    assert.equal((await client.get(path)).data.contacts_count, 1, 'a killed server does not hold its directory');
    await server.stop();
  });

  it('a database that is not there, whose password is told to nobody', async () => {
    const outcome = await failToStart(makeDirectory(), { DATABASE_URL: 'postgres://somebody:secret@127.0.0.1:1/none' });
    isOneLine(outcome, 'PostgreSQL at 127.0.0.1:1', "'none'", 'DATABASE_URL');
    assert.ok(!outcome.lines[0]!.includes('secret'));
  });

  it('a store that is no database', { skip: EMBEDDED_ONLY }, async () => {
    const directory = makeDirectory();
    writeFileSync(join(directory, 'muster.db'), 'this is no database, and long enough to look like one '.repeat(100));
    isOneLine(await failToStart(directory), 'muster.db');
  });
});

describe('the end', { concurrency: true }, () => {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    it(`${signal} under load: what was acknowledged is there, requests under way are answered, exit code 0`, async () => {
      const server = await startServer();
      const client = makeClient(server);
      const { path } = await makeAudience(client);
      const acknowledged = new Set<string>();
      const answered: number[] = [];
      let next = 0;
      let isOver = false;
      // Each on a connection of its own, one request after the other, until the server takes no more.
      const writers = Array.from({ length: 20 }, async () => {
        while (!isOver) {
          const number = numberOf(next++);
          const answer = await client.post(`${path}/contacts`, { number }).catch((error) => {
            if (error.name === 'AssertionError') throw error;
            return undefined;
          });
          if (answer === undefined) return;
          answered.push(answer.status);
          if (answer.status === 201) acknowledged.add(number);
          else refused(answer, 9503);
        }
      });
      await until(() => acknowledged.size > 200);
      const exit = await server.stop(signal);
      isOver = true;
      await Promise.all(writers);
      assert.deepEqual(exit, { code: 0, signal: null });

      await server.restart();
      const stored = new Set((await walk(client, `${path}/contacts?page_size=1000`)).map(({ number }) => number));
      for (const number of acknowledged) assert.ok(stored.has(number), `${number} was acknowledged`);
      assert.equal((await client.get(path)).data.contacts_count, stored.size);
      // A request whose answer was never read may have been carried out: at most one for each writer.
      assert.ok(stored.size - acknowledged.size <= writers.length);
      await server.stop();
    });
  }

  it('a long request that is under way is finished', async () => {
    const server = await startServer();
    const client = makeClient(server);
    const { path } = await makeAudience(client);
    const contacts = Array.from({ length: 1000 }, (_, index) => ({
      number: numberOf(index),
      first_name: `Name ${index}`,
    }));
    const calls = [0, 1, 2, 3, 4].map((round) =>
      client.post(`${path}/contacts/bulk`, {
        contacts: contacts.map((each) => ({ ...each, last_name: `Round ${round}` })),
      }),
    );
    const first = await Promise.race(calls);
    assert.equal(first.status, 200);
    const [exit, ...answers] = await Promise.all([server.stop(), ...calls]);
    assert.equal(exit.code, 0);
    for (const answer of answers) {
      assert.equal(answer.status, 200);
      assert.equal(answer.data.created + answer.data.updated, 1000);
    }
    await server.restart();
    assert.equal((await client.get(path)).data.contacts_count, 1000);
    await server.stop();
  });

  it('idle connections and a request that is never finished do not hold it up for ever', async (t) => {
    const server = await startServer();
    const { port } = new URL(server.url);
    const idle = connect(Number(port), '127.0.0.1');
    const half = connect(Number(port), '127.0.0.1');
    for (const socket of [idle, half]) {
      socket.on('error', () => {});
      t.after(() => socket.destroy());
    }
    half.write(
      `POST /v1/audiences HTTP/1.1\r\nHost: x\r\nX-Dexatel-Key: ${server.key}\r\nContent-Length: 1000\r\n\r\n{"data":`,
    );
    await makeClient(server).get('/v1/audiences');
    assert.deepEqual(await server.stop(), { code: 0, signal: null });
  });
});

/** Waits until the log has a line that says something: lines come after the server listens. */
async function makeLogged(server: { log: readonly string[] }, text: string): Promise<void> {
  await until(() => server.log.some((line: Loose) => line.includes(text)));
}

/** Waits for what happens by itself; the test runner's patience is the limit. */
async function until(isSo: () => boolean): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (!isSo()) {
    assert.ok(Date.now() < deadline, 'what was waited for did not happen');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
