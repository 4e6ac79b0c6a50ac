import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { breakCounter } from '../support/beside.ts';
import { environmentOf, runMuster } from '../support/command-line.ts';
import { makeDirectory } from '../support/directory.ts';
import { EMBEDDED_ONLY, IS_ON_POSTGRES } from '../support/postgres.ts';
import { type Server, startServer } from '../support/server.ts';

const SECRET = /^muster_[\w-]{32}\n$/;

/** The status that a key gets. */
async function statusWith(server: Server, key: string): Promise<number> {
  const answer = await fetch(`${server.url}/v1/audiences`, { headers: { 'x-dexatel-key': key } });
  await answer.text();
  return answer.status;
}

const lines = (text: string) =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

describe('administration beside a running server', async () => {
  const server = await startServer();
  const muster = (...args: string[]) => runMuster(args, { env: environmentOf(server) });

  it('keys create prints the secret alone on standard output, and it works at once', async () => {
    const { code, stdout, stderr } = await muster('keys', 'create', '--name', 'job', '--scope', 'read');
    assert.equal(code, 0);
    assert.match(stdout, SECRET);
    assert.match(stderr, /scope read, without expiry/);
    assert.equal(await statusWith(server, stdout.trim()), 200);
  });

  it('keys list shows neither secrets nor hashes', async () => {
    const { stdout: secret } = await muster('keys', 'create', '--name', 'hidden');
    const { stdout } = await muster('keys', 'list', '--json');
    const key = lines(stdout).find(({ name }) => name === 'hidden');
    assert.deepEqual(Object.keys(key).sort(), [
      'account_id',
      'create_date',
      'expire_date',
      'id',
      'last_use_date',
      'name',
      'prefix',
      'scope',
    ]);
    assert.ok(secret.startsWith(key.prefix) && key.prefix.length < 16);
    const table = await muster('keys', 'list', '--table');
    assert.match(table.stdout, /ID +ACCOUNT +NAME +KEY +SCOPE/);
    assert.ok(!table.stdout.includes(secret.trim()));
  });

  it('keys revoke ends a key at once, by id or by prefix', async () => {
    for (const by of ['id', 'prefix'] as const) {
      const { stdout } = await muster('keys', 'create', '--name', `revoked by ${by}`);
      assert.equal(await statusWith(server, stdout.trim()), 200);
      const key = lines((await muster('keys', 'list', '--json')).stdout).find(
        ({ name }) => name === `revoked by ${by}`,
      );
      assert.equal((await muster('keys', 'revoke', key[by])).code, 0);
      assert.equal(await statusWith(server, stdout.trim()), 401);
    }
  });

  it('keys rotate gives a new key and lets the old one live for the stated time', async () => {
    const { stdout: old } = await muster('keys', 'create', '--name', 'rotated', '--scope', 'read');
    const { id } = lines((await muster('keys', 'list', '--json')).stdout).find(({ name }) => name === 'rotated');
    const { code, stdout: fresh } = await muster('keys', 'rotate', id, '--keep', '1h');
    assert.equal(code, 0);
    assert.match(fresh, SECRET);
    assert.deepEqual([await statusWith(server, old.trim()), await statusWith(server, fresh.trim())], [200, 200]);

    const rotated = lines((await muster('keys', 'list', '--json')).stdout).filter(({ name }) => name === 'rotated');
    assert.deepEqual(
      rotated.map(({ scope }) => scope),
      ['read', 'read'],
    );
    const left = Date.parse(`${rotated[0].expire_date.replace(' ', 'T')}Z`) - Date.now();
    assert.ok(left > 50 * 60_000 && left <= 60 * 60_000);
    assert.equal(rotated[1].expire_date, null);

    assert.equal((await muster('keys', 'rotate', rotated[1].id, '--keep', '0m')).code, 0);
    assert.equal(await statusWith(server, fresh.trim()), 401);
  });

  it('a new account sees nothing of the others', async () => {
    const made = await muster('accounts', 'create', 'Second');
    assert.match(made.stdout, /^[0-9a-f-]{36}\n$/);
    const { stdout: key } = await muster('keys', 'create', '--account', 'Second');
    const create = await muster('audiences', 'create', 'Only of the first');
    assert.equal(create.code, 0);
    const own = await runMuster(['audiences', 'list', '--json'], {
      env: { ...environmentOf(server), MUSTER_KEY: key.trim() },
    });
    assert.deepEqual([own.code, own.stdout], [0, '']);
    const accounts = lines((await muster('accounts', 'list', '--json')).stdout).map(({ name }) => name);
    assert.deepEqual(accounts, ['default', 'Second']);
  });

  it('doctor finds a sound store sound', async () => {
    const { code, stdout } = await muster('doctor');
    assert.equal(code, 0);
    assert.match(stdout, /^The store is sound/);
  });

  it('migrate finds a store of today up to date, beside its server; a cluster needs a database', async () => {
    const { code, stderr } = await muster('migrate');
    assert.equal(code, 0);
    assert.match(stderr, / is up to date\n$/);
    const wrong = await muster('migrate', '--distribute');
    assert.equal(wrong.code, 1);
    const says = IS_ON_POSTGRES
      ? /^muster: the database has no Citus/
      : /^muster: CITUS and --distribute need a database: set DATABASE_URL\n$/;
    assert.match(wrong.stderr, says);
  });

  it('backup copies the running store; the copy starts and holds everything', { skip: EMBEDDED_ONLY }, async () => {
    await muster('audiences', 'create', 'In the copy');
    const directory = makeDirectory();
    const { code } = await muster('backup', join(directory, 'muster.db'));
    assert.equal(code, 0);
    const copy = await startServer({ directory });
    const { stdout } = await runMuster(['audiences', 'list', '--json'], { env: environmentOf(copy) });
    assert.ok(lines(stdout).some(({ name }) => name === 'In the copy'));

    const again = await muster('backup', join(directory, 'muster.db'));
    assert.deepEqual([again.code, again.stdout], [1, '']);
    assert.match(again.stderr, /^muster: .* exists already/);
  });

  it('backup of a database is its own matter', { skip: !IS_ON_POSTGRES && 'the store is no database' }, async () => {
    const { code, stderr } = await muster('backup', join(makeDirectory(), 'copy'));
    assert.equal(code, 1);
    assert.match(stderr, /^muster: the store is in PostgreSQL: back it up with pg_dump/);
  });
});

describe('doctor', () => {
  it('says what is wrong and ends with 1', async () => {
    const server = await startServer();
    await runMuster(['audiences', 'create', 'Counted'], { env: environmentOf(server) });
    await server.stop();
    await breakCounter(server);
    const { code, stdout } = await runMuster(['doctor'], { env: environmentOf(server) });
    assert.equal(code, 1);
    assert.match(stdout, /^audience [0-9a-f-]{36}: the counter says 7 contacts, there are 0\n$/);
  });
});

describe('what people get wrong', () => {
  const SCENARIOS: { what: string; args: string[]; code: number; says: RegExp }[] = [
    { what: 'no command', args: [], code: 2, says: /Usage: muster/ },
    { what: 'a command that does not exist', args: ['impor', 'x'], code: 2, says: /Did you mean import\?/ },
    { what: 'an option that does not exist', args: ['doctor', '--jsn'], code: 2, says: /Did you mean --json\?/ },
    { what: 'an argument that is missing', args: ['backup'], code: 2, says: /missing required argument 'file'/ },
    { what: 'no store there', args: ['doctor'], code: 1, says: /^muster: there is no store in / },
    { what: 'no store for keys', args: ['keys', 'list'], code: 1, says: /^muster: there is no store in / },
    { what: 'no key', args: ['audiences', 'list'], code: 1, says: /^muster: no API key: set MUSTER_KEY/ },
    {
      what: 'no server',
      args: ['audiences', 'list', '--key', 'x', '--url', 'http://127.0.0.1:1024'],
      code: 1,
      says: /^muster: no answer from http:\/\/127\.0\.0\.1:1024 \(ECONNREFUSED\): start the server, or set MUSTER_URL/,
    },
    {
      what: 'no URL',
      args: ['audiences', 'list', '--key', 'x', '--url', 'nowhere'],
      code: 1,
      says: /^muster: MUSTER_URL is 'nowhere'/,
    },
  ];
  for (const { what, args, code, says } of SCENARIOS) {
    it(what, async () => {
      const directory = join(makeDirectory(), 'none');
      const outcome = await runMuster(args, { env: { MUSTER_DATA: directory } });
      assert.equal(outcome.code, code);
      assert.match(outcome.stderr, says);
      assert.equal(outcome.stdout, '');
      assert.doesNotMatch(outcome.stderr, /\n\s+at /);
      assert.ok(!existsSync(directory), 'nothing was made');
    });
  }

  it('wrong accounts, keys, scopes and dates are one line each', async () => {
    const server = await startServer();
    const env = environmentOf(server);
    const wrong: [string[], RegExp][] = [
      [['keys', 'create', '--account', 'nobody'], /there is no account 'nobody'/],
      [['keys', 'create', '--scope', 'admin'], /the scope is 'admin'/],
      [['keys', 'create', '--expires', 'tomorrow'], /'tomorrow' is no date/],
      [['keys', 'create', '--expires', '2026-02-30'], /'2026-02-30' is no date/],
      [['keys', 'create', '--expires', '2020-01-01'], /is over already/],
      [['keys', 'revoke', 'nokey'], /there is no key nokey/],
      [['accounts', 'create', ' '], /must have 1 to 100 characters/],
      [['contacts', 'get', 'x', '--audience', 'y'], /'x' is no contact id/],
      [['contacts', 'list', '--audience', 'y'], /there is no audience 'y'/],
      [['contacts', 'list', '--audience', 'y', '--limit', '0'], /--limit is '0'/],
    ];
    for (const [args, says] of wrong) {
      const { code, stdout, stderr } = await runMuster(args, { env });
      assert.deepEqual([code, stdout], [1, ''], args.join(' '));
      assert.match(stderr, says);
      assert.match(stderr, /^muster: .*\n$/);
    }
    const { code, stderr } = await runMuster(['audiences', 'list'], { env: { ...env, MUSTER_KEY: 'wrong' } });
    assert.deepEqual([code, stderr], [1, 'muster: API key is missing or unknown (9001)\n']);
  });

  it('a data directory that is a file', async () => {
    const file = join(makeDirectory(), 'file');
    writeFileSync(file, '');
    const { code, stderr } = await runMuster(['accounts', 'create', 'x'], { env: { MUSTER_DATA: file } });
    assert.equal(code, 1);
    assert.match(stderr, /^muster: the data directory .* cannot be written/);
  });

  it('a store that is no database', async () => {
    const directory = makeDirectory();
    writeFileSync(join(directory, 'muster.db'), 'something else entirely');
    const { code, stderr } = await runMuster(['keys', 'list'], { env: { MUSTER_DATA: directory } });
    assert.equal(code, 1);
    assert.match(stderr, /^muster: .*muster\.db cannot be opened: file is not a database\n$/);
  });
});
