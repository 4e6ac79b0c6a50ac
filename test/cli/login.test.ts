/** `muster login` and `muster logout`: what they keep, for whose eyes, and which server gets which key. */
import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { runMuster } from '../support/command-line.ts';
import { makeDirectory } from '../support/directory.ts';
import { FIRST_KEY, startServer } from '../support/server.ts';
import { NO_TERMINAL, openMuster } from '../support/terminal.ts';

const server = await startServer();
const other = await startServer({ env: { MUSTER_BOOTSTRAP_KEY: 'another-key-of-the-tests' } });

/** A user who has signed in nowhere. */
function makeUser() {
  const XDG_CONFIG_HOME = makeDirectory();
  const directory = join(XDG_CONFIG_HOME, 'muster');
  const file = join(directory, 'logins.json');
  const muster = (args: string[], { env = {}, input }: { env?: Record<string, string>; input?: string } = {}) =>
    runMuster(args, { env: { XDG_CONFIG_HOME, ...env }, input });
  return {
    env: { XDG_CONFIG_HOME },
    directory,
    file,
    muster,
    kept: () => JSON.parse(readFileSync(file, 'utf8')),
    login: (url = server.url, key = FIRST_KEY) => muster(['login', '--url', url], { input: `${key}\n` }),
  };
}

describe('muster login', () => {
  it('keeps a server and its key for its user alone, and commands go there', async () => {
    const user = makeUser();
    mkdirSync(user.directory, { mode: 0o755 });
    chmodSync(user.directory, 0o755);
    const { code, stdout, stderr } = await user.login();
    assert.deepEqual([code, stdout], [0, '']);
    assert.equal(
      stderr,
      `Signed in to ${server.url}: 0 audiences\nThe key is kept in ${user.file}: muster logout removes it\n`,
    );
    assert.equal(statSync(user.directory).mode & 0o777, 0o700);
    assert.equal(statSync(user.file).mode & 0o777, 0o600);
    assert.deepEqual(readdirSync(user.directory), ['logins.json']);
    assert.deepEqual(user.kept(), { current: server.url, servers: { [server.url]: { key: FIRST_KEY } } });
    const made = await user.muster(['audiences', 'create', 'Signed in']);
    assert.equal(made.code, 0, made.stderr);
    assert.match((await user.login()).stderr, /^Signed in to \S+: account 'default', 1 audience\n/);
  });

  it('keeps nothing when the key is not good, or nobody is there', async () => {
    const user = makeUser();
    await user.login();
    const before = user.kept();
    const wrong = await user.muster(['login', '--url', other.url], { input: FIRST_KEY });
    assert.deepEqual([wrong.code, wrong.stderr], [1, 'muster: API key is missing or unknown (9001)\n']);
    const nobody = await user.login('http://127.0.0.1:1024');
    assert.match(nobody.stderr, /^muster: no answer from http:\/\/127\.0\.0\.1:1024 \(ECONNREFUSED\)/);
    for (const input of ['', ' \n']) {
      const none = await user.muster(['login', '--url', server.url], { input });
      assert.deepEqual([none.code, none.stderr], [1, 'muster: no API key was given: muster keys create makes one\n']);
    }
    assert.deepEqual(user.kept(), before);
  });

  it('gives way to the environment, and that to options; a kept key goes to its own server and to no other', async () => {
    const user = makeUser();
    await user.login(other.url, other.key);
    await user.login();
    const list = ['audiences', 'list'];
    const ways: [args: string[], env: Record<string, string>, code: number, says: RegExp][] = [
      [list, {}, 0, /^$/],
      [[...list, '--url', other.url], {}, 0, /^$/],
      [list, { MUSTER_URL: other.url }, 0, /^$/],
      [list, { MUSTER_URL: `${other.url}/` }, 0, /^$/],
      [list, { MUSTER_KEY: 'wrong' }, 1, /9001/],
      [[...list, '--key', FIRST_KEY], { MUSTER_KEY: 'wrong' }, 0, /^$/],
      [[...list, '--url', server.url], { MUSTER_URL: other.url }, 0, /^$/],
      [[...list, '--url', 'http://127.0.0.1:1024'], {}, 1, /^muster: no API key: set MUSTER_KEY, give --key, or sign/],
    ];
    for (const [args, env, code, says] of ways) {
      const outcome = await user.muster(args, { env });
      assert.equal(outcome.code, code, `${args} ${JSON.stringify(env)} ${outcome.stderr}`);
      assert.match(outcome.stderr, says);
    }
  });

  it('a damaged file is told of', async () => {
    const user = makeUser();
    mkdirSync(user.directory);
    for (const text of ['{', '[]', 'null', '{"servers": 1}']) {
      writeFileSync(user.file, text);
      const { code, stderr } = await user.muster(['audiences', 'list']);
      assert.equal(code, 1);
      assert.match(stderr, /^muster: .*logins\.json is damaged: remove it and sign in again with muster login\n$/);
    }
  });

  it('a configuration directory that is not absolute counts for nothing', async () => {
    const { stderr } = await runMuster(['logout'], { env: { XDG_CONFIG_HOME: 'here', HOME: makeDirectory() } });
    assert.match(stderr, /^muster: there is no key kept for http:\/\/127\.0\.0\.1:8080\n$/);
  });

  it('asks on a terminal for a key that nobody sees', { skip: NO_TERMINAL }, async () => {
    const user = makeUser();
    const terminal = openMuster(['login', '--url', server.url], { env: user.env });
    await terminal.shows(/API key for http:\/\/127\.0\.0\.1:\d+: $/);
    terminal.type('wrong\x7f\x7f\x7f\x7f\x7f');
    terminal.type(`${FIRST_KEY}\r`);
    await terminal.shows(/^\r\nSigned in to /);
    assert.equal(await terminal.ends(), 0);
    assert.doesNotMatch(terminal.screen(), /first-key|wrong/);
    assert.equal(user.kept().current, server.url);
  });

  it('Ctrl-C at the question: exit code 130, and nothing is kept', { skip: NO_TERMINAL }, async () => {
    const user = makeUser();
    const terminal = openMuster(['login', '--url', server.url], { env: user.env });
    await terminal.shows(/API key for .*: $/);
    terminal.type('half a key\x03');
    assert.equal(await terminal.ends(), 130);
    assert.doesNotMatch(terminal.screen(), /half|at /);
    assert.throws(() => user.kept(), { code: 'ENOENT' });
  });
});

describe('muster logout', () => {
  it('forgets the key of a server; no other one takes its place', async () => {
    const user = makeUser();
    await user.login(other.url, other.key);
    await user.login();
    const out = await user.muster(['logout']);
    assert.deepEqual(
      [out.code, out.stderr],
      [0, `The key for ${server.url} is forgotten; kept are those for ${other.url}\n`],
    );
    assert.deepEqual(user.kept(), { servers: { [other.url]: { key: other.key } } });
    assert.equal((await user.muster(['logout'])).code, 1);
    assert.equal((await user.muster(['logout', '--url', other.url])).code, 0);
    assert.deepEqual(user.kept(), { servers: {} });
  });

  it('--all forgets all', async () => {
    const user = makeUser();
    await user.login(other.url, other.key);
    await user.login();
    assert.equal((await user.muster(['logout', '--all'])).stderr, 'All keys are forgotten\n');
    assert.deepEqual(user.kept(), { servers: {} });
  });
});
