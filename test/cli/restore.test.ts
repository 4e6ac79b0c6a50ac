/** `muster restore` from outside: what a backup holds answers as before, and what is no sound backup changes nothing. */
import assert from 'node:assert/strict';
import { copyFileSync, existsSync, mkdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, test } from 'node:test';
import { environmentOf, runMuster } from '../support/command-line.ts';
import { makeDirectory } from '../support/directory.ts';
import { startServer } from '../support/server.ts';

const env = { DATABASE_URL: '' };
const restore = (file: string, directory: string) =>
  runMuster(['restore', file], { env: { ...env, MUSTER_DATA: directory } });

/** A server with some contacts, and a backup of it. */
async function makeBackup() {
  const server = await startServer({ env });
  const csv = 'number,first_name\n12025550150,Ana\n12025550151,Bo\nnobody,Cy\n';
  const imported = await runMuster(['import', '-', '--audience', 'Kept', '--create', '--format', 'csv'], {
    env: environmentOf(server),
    input: csv,
  });
  assert.equal(imported.code, 3, imported.stderr);
  const file = join(makeDirectory(), 'backup.db');
  const made = await runMuster(['backup', file], { env: { ...env, MUSTER_DATA: server.directory } });
  assert.equal(made.code, 0, made.stderr);
  return { server, file };
}

async function listOf({ url, key }: { url: string; key: string }): Promise<string> {
  const ask = async (path: string) => (await fetch(`${url}${path}`, { headers: { 'x-dexatel-key': key } })).text();
  const [audience] = JSON.parse(await ask('/v1/audiences')).data as { id: string }[];
  return ask(`/v1/audiences/${audience!.id}/contacts?filter%5Bsearch%5D=a`);
}

describe('muster restore', async () => {
  const { server, file } = await makeBackup();

  test('a server on the restored directory answers as the one the backup was made of', async () => {
    const directory = join(makeDirectory(), 'new');
    const { code, stdout, stderr } = await restore(file, directory);
    assert.deepEqual([code, stdout], [0, '']);
    assert.equal(stderr, `${file} is restored to ${directory}, with 2 contacts: start Muster on it.\n`);
    assert.equal(statSync(join(directory, 'muster.db')).mode & 0o777, 0o600);
    const again = await startServer({ directory, env });
    const without = (text: string) => text.replaceAll(/http:\/\/[^/"]+/g, '');
    assert.equal(without(await listOf(again)), without(await listOf(server)));
  });

  test('a directory that has a store, or anything else, stays as it is', async () => {
    const taken = makeDirectory();
    copyFileSync(file, join(taken, 'muster.db'));
    const before = readFileSync(join(taken, 'muster.db'));
    const { code, stderr } = await restore(file, taken);
    assert.equal(code, 1);
    assert.match(stderr, /^muster: .* is not empty \(there is a store\): set MUSTER_DATA to a directory that is/);
    assert.deepEqual(readFileSync(join(taken, 'muster.db')), before);

    const other = makeDirectory();
    writeFileSync(join(other, 'notes.txt'), 'mine');
    assert.match((await restore(file, other)).stderr, /is not empty \(it has notes\.txt\)/);
  });

  test('a directory that a server has', async () => {
    const { code, stderr } = await restore(file, server.directory);
    assert.equal(code, 1);
    assert.match(stderr, /^muster: another Muster server \(process \d+\) is using /);
  });

  test('what a restore that was killed left is in nobody’s way', async () => {
    const directory = makeDirectory();
    for (const end of ['', '-wal', '-shm']) writeFileSync(join(directory, `muster.db.partial${end}`), 'a part');
    assert.equal((await restore(file, directory)).code, 0);
    assert.ok(!existsSync(join(directory, 'muster.db.partial')));
  });

  const changed = (sql: string) => (path: string) => {
    copyFileSync(file, path);
    const db = new DatabaseSync(path);
    db.exec(sql);
    db.close();
  };
  const WRONG: { what: string; make: (path: string) => void; says: RegExp }[] = [
    { what: 'nothing', make: () => {}, says: /^muster: there is no file / },
    { what: 'a directory', make: (path) => mkdirSync(path), says: /is no file: name one/ },
    { what: 'an empty file', make: (path) => writeFileSync(path, ''), says: /is empty: name one/ },
    { what: 'something else', make: (path) => writeFileSync(path, 'x'.repeat(9000)), says: /not a database/ },
    {
      what: 'another database',
      make: (path) => new DatabaseSync(path).exec('CREATE TABLE mine (id)'),
      says: /is no store of Muster: name one/,
    },
    {
      what: 'half of it',
      make(path) {
        copyFileSync(file, path);
        truncateSync(path, statSync(file).size / 2);
      },
      says: /malformed|damaged/,
    },
    {
      what: 'a store that is in use',
      make(path) {
        copyFileSync(file, path);
        writeFileSync(`${path}-wal`, 'what was written last');
      },
      says: /is a store that is in use, or was: make a backup of it/,
    },
    {
      what: 'one of a newer Muster',
      make: changed("INSERT INTO migrations (number, name) VALUES (9999, 'later')"),
      says: /made by a newer Muster \(schema 9999/,
    },
    {
      what: 'a wrong counter',
      make: changed('UPDATE audiences SET contacts_count = 7'),
      says: /counter says 7.*\n.*is not sound/,
    },
    {
      what: 'a part of a copy',
      make: changed('CREATE TABLE copy_state (source TEXT)'),
      says: /a copy that is not finished/,
    },
  ];
  for (const { what, make, says } of WRONG) {
    test(`${what} is refused, and leaves nothing`, async () => {
      const path = join(makeDirectory(), 'wrong.db');
      const directory = makeDirectory();
      make(path);
      const { code, stdout, stderr } = await restore(path, directory);
      assert.deepEqual([code, stdout], [1, '']);
      assert.match(stderr, says);
      assert.match(stderr, /^(?:muster: .*\n)+$/);
      assert.ok(!existsSync(join(directory, 'muster.db')) && !existsSync(join(directory, 'muster.db.partial')));
    });
  }

  test('a store in PostgreSQL is restored by other means', async () => {
    const { code, stderr } = await runMuster(['restore', file], {
      env: { DATABASE_URL: 'postgres://me:hidden@127.0.0.1:1/x' },
    });
    assert.deepEqual(
      [code, stderr],
      [1, 'muster: the store is in PostgreSQL: restore it with pg_restore, or leave DATABASE_URL out\n'],
    );
  });
});
