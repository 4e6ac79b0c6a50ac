import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { sampleFile } from '../../sample/make-contacts.ts';

const MAIN = fileURLToPath(new URL('../../sample/main.ts', import.meta.url));

function run(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, [MAIN, ...args], { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
}

test('writes the file to standard output, and one line with the expected counts to standard error', () => {
  const { status, stdout, stderr } = run('--rows', '3000', '--messy', '--seed', '3', '--format', 'tsv');
  assert.equal(status, 0);
  const file = sampleFile({ rows: 3000, messy: true, seed: 3, format: 'tsv' });
  let text = '';
  let piece = file.next();
  for (; !piece.done; piece = file.next()) text += piece.value;
  assert.equal(stdout, text);
  assert.equal(stderr, `${JSON.stringify(piece.value)}\n`);
});

test('without arguments: a thousand plain rows of seed 1', () => {
  const { status, stdout, stderr } = run();
  assert.equal(status, 0);
  assert.equal(stdout, [...sampleFile({ rows: 1000 })].join(''));
  assert.deepEqual(JSON.parse(stderr), { rows: 1000, created: 1000, duplicates: 0, refused: {} });
});

test('--help names every argument', () => {
  const { status, stdout, stderr } = run('--help');
  assert.deepEqual([status, stderr], [0, '']);
  for (const name of ['--rows', '--messy', '--seed', '--format', '--help'])
    assert.match(stdout, new RegExp(`^ .*${name}`, 'm'));
});

describe('a bad argument: one line, exit code 2, no file', () => {
  const scenarios: [args: string[], says: RegExp][] = [
    [['--rows', 'many'], /--rows must be a whole number/],
    [['--rows', '-1'], /--rows/],
    [['--rows', '1.5'], /--rows/],
    [['--rows', '100000001'], /--rows/],
    [['--rows'], /--rows/],
    [['--seed', '4294967296'], /--seed/],
    [['--format', 'xlsx'], /--format must be one of csv, tsv, ndjson/],
    [['--row', '5'], /--row/],
    [['contacts.csv'], /contacts\.csv/],
  ];
  for (const [args, says] of scenarios) {
    test(args.join(' '), () => {
      const { status, stdout, stderr } = run(...args);
      assert.deepEqual([status, stdout], [2, '']);
      assert.match(stderr, says);
      assert.match(stderr, /^sample: [^\n]+\n$/);
    });
  }
});

test('a reader that has seen enough ends it quietly', async () => {
  const child = spawn(process.execPath, [MAIN, '--rows', '100000000'], { stdio: ['ignore', 'pipe', 'pipe'] });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text) => {
    stderr += text;
  });
  await once(child.stdout, 'data');
  child.stdout.destroy();
  const [status, signal] = await once(child, 'exit');
  assert.deepEqual([status, signal, stderr], [0, null, '']);
});
