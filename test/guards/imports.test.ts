import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** ARCHITECTURE.md, "Who may import whom": for each part of src what it may import besides itself. */
const MAY_IMPORT: Record<string, { parts: string[]; packages: string[] }> = {
  core: { parts: [], packages: ['node:crypto', 'node:zlib', 'libphonenumber-js'] },
  files: {
    parts: ['core'],
    packages: [
      'yauzl',
      'yazl',
      'htmlparser2',
      'node:zlib',
      'node:stream',
      'node:stream/promises',
      'node:buffer',
      'node:util',
    ],
  },
  jobs: {
    parts: ['core', 'files'],
    packages: ['node:crypto', 'node:zlib', 'node:stream', 'node:util', 'node:timers/promises'],
  },
  'store/sqlite': {
    parts: ['core'],
    packages: ['node:sqlite', 'node:crypto', 'node:worker_threads', 'node:sea', 'node:fs', 'node:module', 'node:path'],
  },
  'store/postgres': { parts: ['core'], packages: ['pg', 'node:crypto', 'node:timers/promises'] },
  store: { parts: ['core', 'store/sqlite', 'store/postgres'], packages: [] },
  http: {
    parts: ['core', 'files'],
    packages: [
      'fastify',
      '@fastify/rate-limit',
      '@fastify/busboy',
      'node:stream',
      'node:zlib',
      'node:timers/promises',
      'typebox',
      'node:buffer',
      'node:crypto',
      'node:http',
      'node:net',
      'node:fs',
      'node:fs/promises',
      'node:path',
      'node:sea',
      'node:url',
      'node:util',
    ],
  },
  cli: {
    parts: ['sdk', 'core', 'files', 'config', 'store', 'server'],
    packages: [
      'commander',
      'node:fs',
      'node:path',
      'node:util',
      'node:readline/promises',
      'node:stream',
      'node:stream/consumers',
    ],
  },
  config: { parts: ['core'], packages: ['node:os', 'node:path'] },
  log: { parts: ['config'], packages: ['pino', 'pino-pretty'] },
  bootstrap: { parts: ['core'], packages: [] },
  workers: { parts: [], packages: ['node:cluster', 'node:sea'] },
  server: {
    parts: ['core', 'config', 'log', 'bootstrap', 'http', 'jobs', 'store', 'workers'],
    packages: ['node:os', 'node:v8'],
  },
  main: { parts: ['server'], packages: [] },
};

const IMPORT =
  /(?:^|\n)\s*(?:import|export)\b[^'";]*?\bfrom\s*'([^']+)'|\bimport\s*\(\s*'([^']+)'\s*\)|(?:^|\n)import\s*'([^']+)'|startThread\('([\w-]+)'/g;

/** What the console is built of, besides the SDK. */
const CONSOLE_PACKAGES = [
  '@mantine/core',
  '@mantine/hooks',
  '@mantine/notifications',
  '@tanstack/react-query',
  '@tanstack/react-virtual',
  'libphonenumber-js',
  'lucide-react',
  'muster-sdk',
  'react',
  'react-dom',
  'recharts',
  'virtual:theme-variables.css',
  'wouter',
];

function partOf(file: string): string {
  const path = relative(join(ROOT, 'src'), file);
  // Of other workspaces there is what they give out, and nothing behind it.
  const [, workspace] = /^\.\.\/(\w+)\/src\/index\.ts$/.exec(path) ?? [];
  if (workspace !== undefined) return workspace;
  const folder = dirname(path);
  if (folder === '.') return path.replace(/\.ts$/, '');
  return folder.startsWith('store/') ? folder.split('/').slice(0, 2).join('/') : folder.split('/')[0]!;
}

function importsOf(file: string): string[] {
  const text = readFileSync(file, 'utf8');
  return [...text.matchAll(IMPORT)].map((match) => match[1] ?? match[2] ?? match[3] ?? `./${match[4]}.ts`);
}

function packageOf(specifier: string): string {
  if (specifier.startsWith('node:')) return specifier;
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

describe('who may import whom', () => {
  const files = globSync('src/**/*.ts', { cwd: ROOT }).map((file) => join(ROOT, file));

  it('finds the files and their imports', () => {
    assert.ok(files.length > 30);
    assert.ok(importsOf(join(ROOT, 'src/core/contacts.ts')).includes('./body.ts'));
    assert.ok(importsOf(join(ROOT, 'src/http/routes/open.ts')).includes('../openapi.ts'));
  });

  for (const file of files) {
    it(relative(ROOT, file), () => {
      const part = partOf(file);
      const rule = MAY_IMPORT[part];
      assert.ok(rule, `src/${part} is not in the table`);
      for (const specifier of importsOf(file)) {
        if (specifier.endsWith('/package.json')) continue;
        if (specifier.startsWith('.')) {
          const target = partOf(join(dirname(file), specifier));
          assert.ok(target === part || rule.parts.includes(target), `${part} must not import ${target} (${specifier})`);
        } else {
          assert.ok(rule.packages.includes(packageOf(specifier)), `${part} must not import ${specifier}`);
        }
      }
    });
  }

  it('console', () => {
    const own = globSync('console/src/**/*.{ts,tsx}', { cwd: ROOT }).map((file) => join(ROOT, file));
    assert.ok(own.length > 20);
    for (const file of own) {
      for (const specifier of importsOf(file)) {
        const isOwn =
          specifier.startsWith('.') && join(dirname(file), specifier).startsWith(join(ROOT, 'console/src/'));
        const isAllowed = isOwn || CONSOLE_PACKAGES.includes(packageOf(specifier));
        assert.ok(isAllowed, `${relative(ROOT, file)} must not import ${specifier}`);
      }
    }
  });

  it('lets only config.ts read the environment', () => {
    const readers = files.filter((file) => /process\.env/.test(readFileSync(file, 'utf8')));
    assert.deepEqual(
      readers.map((file) => relative(ROOT, file)),
      ['src/config.ts'],
    );
  });

  it('lets nothing in src import tests, samples or measurements', () => {
    for (const file of files) {
      for (const specifier of importsOf(file))
        assert.doesNotMatch(specifier, /(?:^|\/)(?:test|bench|sample|build)\//, file);
    }
  });
});
