import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { describe, it } from 'node:test';
import { promisify } from 'node:util';
import manifest from '../../package.json' with { type: 'json' };
import { buildConsole } from '../console/built.ts';
import { ROOT } from '../support/command-line.ts';
import { makeDirectory } from '../support/directory.ts';
import { muster } from './support.ts';
import { walk } from './walk.ts';

/** What npm says when it could not reach the packages that are not in its cache. */
const UNREACHED = /ENOTCACHED|ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH/;

describe('the package of the server', { timeout: 300_000 }, () => {
  it('is installed from its tarball into an empty folder and used with Node 24 and nothing else', async (t) => {
    const directory = makeDirectory();
    const npm = (args: string[], cwd: string) => promisify(execFile)('npm', args, { cwd, encoding: 'utf8' });
    // What the script prepack does, but for the console where another test has it in use.
    await buildConsole();
    await npm(['run', 'build:server'], ROOT);
    const { stdout } = await npm(['pack', '--ignore-scripts', '--json', '--pack-destination', directory], ROOT);
    const [packed] = JSON.parse(stdout.slice(stdout.indexOf('[\n'))) as [
      { filename: string; files: { path: string }[] },
    ];
    const paths = packed.files.map(({ path }) => path);
    assert.ok(paths.includes('console/dist/index.html'));
    assert.deepEqual(
      paths.filter((path) => /^(?:src|test|bench|sample|node_modules|\.)/.test(path)),
      [],
    );

    const home = join(directory, 'home');
    mkdirSync(home);
    writeFileSync(join(home, 'package.json'), '{ "private": true }');
    try {
      const quiet = ['--prefer-offline', '--no-audit', '--no-fund'];
      await npm(['install', ...quiet, join(directory, packed.filename)], home);
    } catch (error) {
      if (!UNREACHED.test(String((error as { stderr?: string }).stderr))) throw error;
      return t.skip('npm reaches no registry for what the package depends on');
    }
    assert.ok(!existsSync(join(home, 'node_modules/typescript')), 'what only developers need is left out');

    // A directory with Node and nothing else: npm scripts would bring the checkout's programs along.
    const programs = join(directory, 'programs');
    mkdirSync(programs);
    copyFileSync(process.execPath, join(programs, 'node'));
    chmodSync(join(programs, 'node'), 0o755);
    const env = { PATH: [programs, '/usr/bin', '/bin'].join(delimiter), HOME: home };
    await walk({ program: join(home, 'node_modules/.bin/muster'), cwd: home, env }, manifest.version);

    const npx = await muster(
      { program: 'npx', cwd: home, env: { ...env, PATH: [programs, process.env.PATH].join(delimiter) } },
      ['muster', '--version'],
    );
    assert.equal(npx.stdout, `${manifest.version}\n`, npx.stderr);
  });
});
