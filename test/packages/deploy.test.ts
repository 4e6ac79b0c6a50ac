import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import manifest from '../../package.json' with { type: 'json' };
import { VARIABLES } from '../../src/config.ts';
import { ROOT } from '../support/command-line.ts';
import { makeDirectory } from '../support/directory.ts';

const read = (file: string) => readFileSync(join(ROOT, file), 'utf8');
const lines = (file: string) =>
  read(file)
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));

// No container is built here: that needs a container engine and its images.
describe('the Dockerfile', () => {
  const dockerfile = read('Dockerfile');

  it('runs scripts that exist, and takes over what they and npm make', () => {
    const scripts = [...dockerfile.matchAll(/npm run ([\w:]+)/g)].map(([, name]) => name!);
    assert.ok(scripts.length > 0);
    for (const name of scripts) assert.ok(name in manifest.scripts, name);
    const taken = [...dockerfile.matchAll(/--from=build \/muster\/(\S+)/g)].map(([, path]) => path!);
    const made = ['dist', 'console/dist', 'node_modules'];
    for (const path of taken) assert.ok(made.includes(path) || existsSync(join(ROOT, path)), path);
    // All that the package has, its documents aside.
    const needed = manifest.files.filter((path) => !['docs', 'openapi.json'].includes(path));
    for (const path of [...needed, 'package.json', 'node_modules']) assert.ok(taken.includes(path), path);
  });

  it('sets variables that exist, and gives up its rights', () => {
    const [, set] = /^ENV (.*)$/m.exec(dockerfile)!;
    for (const [name] of set!.matchAll(/\w+(?==)/g)) assert.ok(name in VARIABLES || name === 'NODE_ENV', name);
    assert.match(dockerfile, /^USER node$/m);
  });

  it('keeps the checkout’s own packages, data and builds out', () => {
    const left = lines('.dockerignore');
    for (const path of ['**/node_modules', 'data', '.git', '**/dist']) assert.ok(left.includes(path), path);
  });
});

describe('compose.yaml', () => {
  it('sets variables that exist', () => {
    const [, server] = read('compose.yaml').split('\n  muster:\n');
    for (const [, name] of server!.split('ports:')[0]!.matchAll(/^ {6}([A-Z_]+):/gm))
      assert.ok(name! in VARIABLES, name);
  });
});

const hasSystemd = spawnSync('systemd-analyze', ['--version']).status === 0;

describe('the systemd unit', { skip: !hasSystemd && 'systemd-analyze is not here' }, () => {
  const unit = read('deploy/muster.service');

  it('is one that systemd takes without a word', () => {
    // The command lies where the unit says only on a machine where it was installed.
    const file = join(makeDirectory(), 'muster.service');
    writeFileSync(file, unit.replace('/usr/local/bin/muster', process.execPath));
    const { status, stderr } = spawnSync('systemd-analyze', ['verify', file], { encoding: 'utf8' });
    assert.deepEqual({ status, stderr }, { status: 0, stderr: '' });
  });

  it('leaves the server little to do harm with', () => {
    const said = execFileSync('systemd-analyze', ['security', '--offline=true', join(ROOT, 'deploy/muster.service')], {
      encoding: 'utf8',
    });
    const [, level] = /Overall exposure level for muster.service: ([\d.]+)/.exec(said)!;
    assert.ok(Number(level) <= 2, said);
  });

  it('stops no sooner than the server does by itself', () => {
    const [, seconds] = /TimeoutStopSec=(\d+)/.exec(unit)!;
    assert.ok(Number(seconds) > 10);
  });
});
