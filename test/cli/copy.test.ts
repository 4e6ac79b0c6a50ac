/** `muster copy` from outside: a server on the copy answers as the one before it, to the byte, whatever happened to the copy. */
import assert from 'node:assert/strict';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { sampleContacts } from '../../sample/make-contacts.ts';
import { type Outcome, runMuster } from '../support/command-line.ts';
import { makeDirectory } from '../support/directory.ts';
import { makeDatabase, NEEDS_SERVER, SERVER_URL } from '../support/postgres.ts';
import { type Server, startServer } from '../support/server.ts';

const PUBLIC_URL = 'https://contacts.example.com';
const SECRET = 'pass word/€';

/** Where a store is: what `muster copy` is told, and what a server is. */
interface Place {
  name: string;
  env: { MUSTER_DATA: string; DATABASE_URL?: string };
}

function makeSqlite(): Place {
  const directory = join(makeDirectory(), 'data');
  return { name: directory, env: { MUSTER_DATA: directory } };
}

async function makePostgres(): Promise<Place> {
  const { url, drop } = await makeDatabase(SERVER_URL!);
  after(drop);
  return { name: url, env: { MUSTER_DATA: makeDirectory(), DATABASE_URL: url } };
}

const KINDS = [
  { kind: 'sqlite', make: async () => makeSqlite(), skip: false as const },
  { kind: 'postgres', make: makePostgres, skip: NEEDS_SERVER },
];

const serve = ({ env }: Place) =>
  startServer({ directory: env.MUSTER_DATA, env: { DATABASE_URL: undefined, ...env, PUBLIC_URL } });
const copy = (from: Place, to: Place, ...more: string[]) =>
  runMuster(['copy', '--from', from.name, '--to', to.name, ...more]);

async function ask(server: Server, path: string, init: RequestInit = {}): Promise<string> {
  const headers = { 'x-dexatel-key': server.key, 'content-type': 'application/json', ...init.headers };
  const answer = await fetch(`${server.url}${path}`, { ...init, headers });
  const body = await answer.text();
  assert.ok(answer.status < 400, `${path}: ${answer.status} ${body}`);
  return body;
}

const post = (server: Server, path: string, data: unknown) =>
  ask(server, path, { method: 'POST', body: JSON.stringify({ data }) });

async function importFile(server: Server, audience: string, csv: string, query = ''): Promise<string> {
  const path = `/v1/audiences/${audience}/imports`;
  const init = { method: 'POST', body: csv, headers: { 'content-type': 'text/csv' } };
  const { data } = JSON.parse(await ask(server, `${path}?file_name=people.csv${query}`, init));
  await ended(server, `${path}/${data.id}`);
  return data.id;
}

async function ended(server: Server, path: string): Promise<void> {
  for (;;) {
    const { data } = JSON.parse(await ask(server, path));
    if (data.status !== 'queued' && data.status !== 'running') return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Fills a server with an audience of so many contacts, and imports; what is worth asking for afterwards. */
async function fill(server: Server, contacts: number): Promise<{ paths: string[]; undo: string }> {
  const make = async (name: string) =>
    JSON.parse(await post(server, '/v1/audiences', { name, channel: 'SMS' })).data.id as string;
  const [main, odd] = [await make('Main'), await make('Ünïcode 東京')];
  await make('Empty');
  const some = sampleContacts(5);
  for (let left = contacts; left > 0; left -= 1000) {
    const rows = Array.from({ length: Math.min(1000, left) }, () => some.next().value);
    await post(server, `/v1/audiences/${main}/contacts/bulk`, { contacts: rows });
  }
  await post(server, `/v1/audiences/${odd}/contacts`, {
    number: '12025550150',
    first_name: 'Ana "\\ \u{1F469}‍\u{1F467}',
  });
  const first = await importFile(server, odd, 'number,first_name\n12025550151,Bo\n12025550150,Cy\nnobody,Di\n');
  const second = await importFile(server, odd, 'number\n12025550152\n', '&mode=replace&max_removals=100%25');
  const lists = [
    '/v1/audiences',
    '/v1/imports',
    `/v1/audiences/${main}/contacts?page_size=7`,
    `/v1/audiences/${main}/contacts?page_size=5&filter%5Bsearch%5D=a`,
    `/v1/audiences/${odd}/contacts`,
  ];
  const next = await Promise.all(
    lists.map(async (path) => JSON.parse(await ask(server, path)).pagination?.links?.next as string | undefined),
  );
  const imports = [first, second].map((id) => `/v1/audiences/${odd}/imports/${id}`);
  return {
    paths: [
      ...lists,
      // What a client still holds of a walk.
      ...next.flatMap((link) => (link ? [link.replace(PUBLIC_URL, '')] : [])),
      `/v1/audiences/${main}/contacts/export?format=csv`,
      `/v1/audiences/${odd}/contacts/export?format=ndjson`,
      ...imports.flatMap((path) => [path, `${path}/rows`, `${path}/refused.csv`]),
    ],
    undo: imports[1]!,
  };
}

async function answersOf(server: Server, paths: string[]): Promise<string[]> {
  const answers: string[] = [];
  for (const path of paths) answers.push(await ask(server, path));
  return answers;
}

function succeeded({ code, stderr }: Outcome): void {
  assert.equal(code, 0, stderr);
}

for (const { kind, make, skip } of KINDS) {
  test(`a server on a copy in ${kind}, and on a copy of that, answers as before`, { skip }, async () => {
    const [from, to, back] = [makeSqlite(), await make(), makeSqlite()];
    const before = await serve(from);
    const { paths, undo } = await fill(before, 1200);
    const answers = await answersOf(before, paths);
    await before.stop();

    const { code, stdout, stderr } = await copy(from, to);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^AUDIENCE +ACCOUNT +CONTACTS +IMPORTS +CHECKSUM\nMain +default +1,200 +0 +[0-9a-f]{16}\n/);
    assert.match(stderr, /^Copied and compared in .* is ready to be started on\. Nothing was changed in /);
    const there = await serve(to);
    assert.deepEqual(await answersOf(there, paths), answers);
    await there.stop();

    const told = await copy(to, back, '--json');
    succeeded(told);
    const { audiences, ...rest } = JSON.parse(told.stdout);
    assert.deepEqual(rest, { sound: true, accounts: 1, keys: 1, differences: [] });
    assert.deepEqual(
      audiences.map(({ contacts }: { contacts: number }) => contacts),
      [1200, 1, 0],
    );
    const again = await serve(back);
    assert.deepEqual(await answersOf(again, paths), answers);
    await ask(again, `${undo}/undo`, { method: 'POST' });
    await ended(again, undo);
    const { data } = JSON.parse(await ask(again, undo));
    assert.deepEqual([data.status, data.undo], ['undone', { deleted: 1, restored: 2, left_alone: 0 }]);
    assert.match((await runMuster(['doctor'], { env: back.env })).stdout, /^The store is sound/);
  });

  test(`a copy into ${kind} that is killed again and again gets there`, { skip }, async () => {
    const [from, to] = [makeSqlite(), await make()];
    const before = await serve(from);
    const { paths } = await fill(before, 15_000);
    const answers = await answersOf(before, paths);
    await before.stop();

    let kills = 0;
    for (let patience = 500; ; patience *= 1.5) {
      const wait = patience * (0.7 + Math.random() * 0.6);
      const { code, stderr } = await runMuster(['copy', '--from', from.name, '--to', to.name], {
        onStart: (child) => setTimeout(() => child.kill('SIGKILL'), wait),
      });
      if (code === 0) break;
      assert.deepEqual([code, stderr], [null, '']);
      kills++;
      // Nobody takes a part for the whole: it is nothing yet, or closed.
      const outcome = await runMuster(['accounts', 'list', '--json'], { env: to.env });
      if (outcome.code === 0) assert.equal(outcome.stdout, '');
      else assert.match(outcome.stderr, /not finished|there is no store/);
    }
    assert.ok(kills > 0);
    const there = await serve(to);
    assert.deepEqual(await answersOf(there, paths), answers);
    assert.match((await runMuster(['doctor'], { env: to.env })).stdout, /^The store is sound/);
  });
}

test('Ctrl-C leaves what the same command goes on with, and says so; no server starts on it', async () => {
  const [from, to] = [makeSqlite(), makeSqlite()];
  const before = await serve(from);
  await fill(before, 15_000);
  await before.stop();
  const { code, stdout, stderr } = await runMuster(['copy', '--from', from.name, '--to', to.name], {
    onStart: (child) => void interruptWhenBegun(child.pid!, to.name),
  });
  assert.deepEqual([code, stdout], [130, ''], stderr);
  assert.match(stderr, /^Stopped\. The same command goes on where this one was; until then nothing opens /);
  await assert.rejects(serve(to), /is the target of a copy that is not finished: run the same muster copy again/);
  succeeded(await copy(from, to));
});

async function interruptWhenBegun(pid: number, directory: string): Promise<void> {
  const isBegun = () => {
    try {
      return readdirSync(directory).includes('muster.db-wal');
    } catch {
      return false;
    }
  };
  while (!isBegun()) await new Promise((resolve) => setTimeout(resolve, 5));
  await new Promise((resolve) => setTimeout(resolve, 150));
  process.kill(pid, 'SIGINT');
}

describe('what people get wrong', () => {
  test('a server that still runs, on either side', async () => {
    const from = makeSqlite();
    const server = await serve(from);
    const other = makeSqlite();
    assert.match((await copy(from, other)).stderr, /another Muster server \(process \d+\) is using .*: stop it/);
    await server.stop();
    const target = await serve(other);
    assert.match((await copy(from, other)).stderr, /another Muster server \(process \d+\) is using .*: stop it/);
    await target.stop();
    const { code, stderr } = await copy(from, other);
    assert.deepEqual(
      [code, stderr],
      [1, `muster: ${other.name} is not empty (it has accounts): copy into a new directory\n`],
    );
  });

  test('a server that still runs on the database', { skip: NEEDS_SERVER }, async () => {
    const place = await makePostgres();
    const server = await serve(place);
    const { code, stderr } = await copy(place, makeSqlite());
    assert.equal(code, 1);
    assert.match(stderr, /^muster: a Muster server is using the database '.*': stop it first\n$/);
    await server.stop();
    succeeded(await copy(place, makeSqlite()));
  });

  const here = makeSqlite().name;
  const SCENARIOS: { what: string; from: string; to: string; code?: number; says: RegExp }[] = [
    { what: 'no store there', from: here, to: `${here}2`, says: /^muster: there is no store in / },
    { what: 'the same twice', from: here, to: `sqlite:${here}`, says: /--from and --to name the same store/ },
    {
      what: 'the file',
      from: `${here}/muster.db`,
      to: here,
      says: /--from must be the directory that muster.db lies in/,
    },
    {
      what: 'another database',
      from: here,
      to: 'mysql://me:hidden@db/x',
      says: /--to must be a directory, or a URL such as/,
    },
    { what: 'no database', from: here, to: 'postgres://me:hidden@db', says: /--to must be a URL such as/ },
    { what: 'a broken URL', from: 'postgres://me:hidden@[db/x', to: here, says: /--from must be a URL such as/ },
    {
      what: 'a database that is not there',
      from: `postgres://me:${encodeURIComponent(`hidden ${SECRET}`)}@127.0.0.1:1/x`,
      to: here,
      says: /PostgreSQL at 127\.0\.0\.1:1, database 'x', cannot be used \(.*ECONNREFUSED.*\): check --from/,
    },
  ];
  for (const { what, from, to, says } of SCENARIOS) {
    test(what, async () => {
      const { code, stdout, stderr } = await runMuster(['copy', '--from', from, '--to', to]);
      assert.deepEqual([code, stdout], [1, '']);
      assert.match(stderr, says);
      assert.doesNotMatch(stderr, /hidden|€|%E2/);
    });
  }

  test('an option is missing', async () => {
    const { code, stderr } = await runMuster(['copy', '--from', here]);
    assert.equal(code, 2);
    assert.match(stderr, /required option '--to <store>'/);
  });

  test('a target that holds something else, and one that cannot be made', async () => {
    const from = makeSqlite();
    await (await serve(from)).stop();
    const broken = makeDirectory();
    writeFileSync(join(broken, 'muster.db'), 'something else entirely');
    assert.match((await copy(from, { name: broken, env: { MUSTER_DATA: broken } })).stderr, /cannot be opened/);
    const file = join(makeDirectory(), 'file');
    writeFileSync(file, '');
    assert.match((await copy(from, { name: file, env: { MUSTER_DATA: file } })).stderr, /cannot be written/);
  });
});
