import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { VARIABLES } from '../../src/config.ts';
import { ERRORS, type ErrorCode } from '../../src/core/errors.ts';
import { errorsOf, OPERATIONS } from '../../src/http/operations.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const read = (file: string) => readFileSync(join(ROOT, file), 'utf8');
const DOCUMENTS = ['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', 'docs/running.md'];
const manifest = JSON.parse(read('package.json'));
const consoleManifest = JSON.parse(read('console/package.json'));

/** The rows of the table under a heading, each a list of cells. */
function tableUnder(text: string, heading: string): string[][] {
  const section = text.split(`\n## ${heading}\n`)[1]?.split('\n## ')[0] ?? '';
  return section
    .split('\n')
    .filter((line) => line.startsWith('|') && !/^\|[-| ]+\|$/.test(line))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    )
    .slice(1);
}

describe('error codes', () => {
  const rows = tableUnder(read('README.md'), 'Errors');
  const documented = new Map<number, number>();
  for (const [codes, status] of rows)
    for (const code of codes!.split(', ')) documented.set(Number(code), Number(status));

  it('README and catalogue name the same codes with the same status', () => {
    const catalogue = Object.entries(ERRORS).map(([code, { status }]) => [Number(code), status]);
    assert.deepEqual(
      [...documented].sort(([a], [b]) => a - b),
      catalogue,
    );
  });

  it('each code of the catalogue is answered by some operation, or by every path', () => {
    const answered = new Set<number>(Object.values(OPERATIONS).flatMap((operation) => errorsOf(operation)));
    const byThePath = [9003, 9004];
    const missing = Object.keys(ERRORS)
      .map(Number)
      .filter((code) => !answered.has(code) && !byThePath.includes(code));
    assert.deepEqual(missing, []);
  });

  it('each code is raised by the code that is not the catalogue', () => {
    const files = globSync('src/**/*.ts', { cwd: ROOT }).filter(
      (file) => !/errors\.ts$|operations\.ts$|docs|schemas|openapi/.test(file),
    );
    const source = files.map(read).join('\n') + read('src/http/errors.ts');
    const silent = Object.keys(ERRORS).filter((code) => !new RegExp(`\\b${code}\\b`).test(source));
    assert.deepEqual(silent, []);
  });

  it('unpublished codes of the API Muster speaks are never used', () => {
    for (const code of [1356, 1357, 1358]) assert.equal(ERRORS[code as ErrorCode], undefined);
  });
});

describe('variables', () => {
  it('README lists every variable with its default, and no other', () => {
    const rows = tableUnder(read('README.md'), 'Variables').map(([name, value]) => [
      name!.replaceAll('`', ''),
      value!.replaceAll('`', ''),
    ]);
    assert.deepEqual(
      rows,
      Object.entries(VARIABLES).map(([name, { value }]) => [name, value]),
    );
  });

  it('every variable that a document names exists', () => {
    const known = new Set<string>([...Object.keys(VARIABLES), 'AUDIENCE', 'NO_COLOR']);
    for (const document of DOCUMENTS) {
      for (const [, name] of read(document).matchAll(/\$(?:\{)?([A-Z][A-Z_]+)|\b(?:export|set) `?([A-Z][A-Z_]+)/g)) {
        if (name !== undefined) assert.ok(known.has(name), `${document} names ${name}`);
      }
    }
  });
});

describe('commands', () => {
  const text = DOCUMENTS.map(read).join('\n');
  const help = (...words: string[]) =>
    execFileSync(process.execPath, [join(ROOT, 'bin/muster.js'), ...words, '--help'], { encoding: 'utf8' });

  it('every npm script that a document names exists', () => {
    const scripts = [...text.matchAll(/\bnpm (?:run(?: --silent)? )?([a-z]+(?:[:-][a-z]+)*)\b/g)].map(
      ([, name]) => name!,
    );
    const builtIn = ['ci', 'run', 'scripts', 'pack', 'install'];
    assert.ok(scripts.length > 8);
    for (const name of scripts)
      assert.ok(manifest.scripts[name] !== undefined || builtIn.includes(name), `npm run ${name}`);
  });

  it('every muster command that a document names exists, with its options', () => {
    const calls = [...text.matchAll(/(?:\bnpx |\n|`)muster ([a-z]+)((?: [^`\n]*)?)/g)];
    assert.ok(calls.length > 8);
    for (const [call, command, rest] of calls) {
      const second = /^ ([a-z]+)\b/.exec(rest!)?.[1];
      const group = ['accounts', 'keys', 'contacts', 'audiences'].includes(command!);
      const usage = group && second !== undefined ? help(command!, second) : help(command!);
      assert.match(usage, new RegExp(`Usage: muster ${command}${group && second ? ` ${second}` : ''}\\b`), call);
      for (const [option] of rest!.matchAll(/--[a-z-]+/g)) assert.ok(usage.includes(option), `${call}: ${option}`);
    }
  });

  it('every file that a document names exists', () => {
    let count = 0;
    for (const document of DOCUMENTS) {
      const quoted = read(document).matchAll(/`((?:src|test|bench|sample|build|core|http|store|files)\/[\w./*-]+)`/g);
      const linked = read(document).matchAll(/\]\(([\w./]+)(?:#[\w-]+)?\)/g);
      const places = [
        ...[...quoted].flatMap(([, name]) => [{ name: name!, roots: ['', 'src'] }]),
        ...[...linked].map(([, name]) => ({ name: name!, roots: [dirname(document)] })),
      ];
      count += places.length;
      for (const { name, roots } of places) {
        const path = name.replace(/\/?\*\.ts$/, '');
        const isThere = roots.some((root) => existsSync(join(ROOT, root, path)));
        assert.ok(isThere, `${document} names ${name}, which does not exist`);
      }
    }
    assert.ok(count > 15);
  });
});

describe('dependencies', () => {
  it('ARCHITECTURE justifies each in a line, and no other', () => {
    const section = read('ARCHITECTURE.md').split('\n## Dependencies\n')[1]!;
    const lines = section.split('\n').filter((line) => line.startsWith('| `'));
    const named = lines.flatMap((line) => [...line.split('|')[1]!.matchAll(/`([^`]+)`/g)].map(([, name]) => name!));
    const { dependencies, devDependencies } = manifest;
    const used = new Set(Object.keys({ ...dependencies, ...devDependencies, ...consoleManifest.devDependencies }));
    assert.deepEqual([...new Set(named)].sort(), [...used].sort());
  });

  it('the lock file holds every package that some platform needs, so that npm ci works on each', () => {
    const { packages } = JSON.parse(read('package-lock.json'));
    const optional = Object.values<{ optionalDependencies?: object }>(packages).flatMap((each) =>
      Object.keys(each.optionalDependencies ?? {}),
    );
    assert.ok(optional.length > 10);
    assert.deepEqual(
      optional.filter((name) => packages[`node_modules/${name}`] === undefined),
      [],
    );
  });
});
