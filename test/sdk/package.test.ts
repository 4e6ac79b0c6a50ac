/** The SDK as those who install it find it: packed, judged, installed far from the checkout, and used wherever fetch is. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { after, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { createContext, runInContext } from 'node:vm';
import { gzipSync } from 'node:zlib';
import { transform } from 'esbuild';
import { chromium } from 'playwright-core';
import { CHROMIUM, skip as noBrowser } from '../console/chromium.ts';
import { ROOT } from '../support/command-line.ts';
import { makeDirectory } from '../support/directory.ts';
import { environment, startServer } from '../support/server.ts';
import { startProxy } from './flaky-proxy.ts';

const run = promisify(execFile);
const BIN = join(ROOT, 'node_modules/.bin');
/** Bytes of the bundle, minified and packed by gzip. */
const MOST = 10_000;

const directory = makeDirectory();
const built = join(directory, 'built');
const empty = join(directory, 'empty');

mkdirSync(built);
mkdirSync(empty);
cpSync(join(ROOT, 'sdk/package.json'), join(built, 'package.json'));
cpSync(join(ROOT, 'sdk/README.md'), join(built, 'README.md'));
await run(process.execPath, [join(ROOT, 'sdk/build.ts'), built], { cwd: ROOT });
const packed = await run('npm', ['pack', '--json', '--pack-destination', directory], { cwd: built });
const [{ filename, files }] = JSON.parse(packed.stdout) as [{ filename: string; files: { path: string }[] }];
const tarball = join(directory, filename);
writeFileSync(join(empty, 'package.json'), '{"private": true}\n');
await run('npm', ['install', '--offline', '--no-audit', '--no-fund', tarball], { cwd: empty });

/** What each runtime does: writes, reads, uploads a file and downloads one; it returns `done` when all is as it must be. */
const USE = `
async function use({ Muster, DuplicateContactError }, baseUrl, apiKey, name) {
  const muster = new Muster({ baseUrl, apiKey });
  const { id } = await muster.audiences.create({ name, channel: 'SMS' });
  const { contacts, imports } = muster.audience(id);
  const made = await contacts.create({ number: '+12025550150', first_name: 'Søren' });
  const twice = await contacts.create({ number: '+12025550150' }).catch((error) => error);
  if (!(twice instanceof DuplicateContactError) || twice.contactId !== made.id) throw new Error('no duplicate');
  const results = [];
  for await (const { status } of contacts.upsertMany([{ number: '12025550151' }, { number: '12' }])) results.push(status);
  if (results.join() !== 'created,refused') throw new Error(results.join());
  let sent = 0;
  const file = new Blob(['number\\n+12025550152\\n+12025550153\\n']);
  const begun = await imports.create(file, {}, { onProgress: (progress) => { sent = progress.sent; } });
  const done = await imports.wait(begun.id);
  if (done.created !== 2 || sent !== file.size) throw new Error(JSON.stringify([done, sent]));
  const numbers = [];
  for await (const { number } of contacts.list({ page_size: 3 })) numbers.push(number);
  const csv = await (await contacts.export({ search: 'soren' })).text();
  if (numbers.length !== 4 || !csv.includes('12025550150')) throw new Error(numbers + csv);
  await muster.audiences.delete(id);
  return 'done';
}`;

/** Every Node from 20 on that is installed, by its version: the one of the tests, and the machine's own. */
async function findNodes(): Promise<Map<number, string>> {
  const nodes = new Map([[Number(process.versions.node.split('.')[0]), process.execPath]]);
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    const node = join(folder, 'node');
    if (folder.includes('node_modules') || !existsSync(node)) continue;
    const { stdout } = await run(node, ['--version']);
    const version = Number(/^v(\d+)/.exec(stdout)?.[1]);
    if (version >= 20 && !nodes.has(version)) nodes.set(version, node);
  }
  return nodes;
}

describe('the package', () => {
  it('holds its code, types and words, and nothing else', () => {
    const names = files.map(({ path }) => path);
    const wanted =
      /^(?:package\.json|README\.md|dist\/(?:esm|cjs)\/(?:package\.json|index\.js(?:\.map)?|[\w-]+\.d\.ts))$/;
    assert.deepEqual(
      names.filter((name) => !wanted.test(name)),
      [],
    );
    assert.ok(names.includes('README.md'));
    assert.deepEqual(JSON.parse(readFileSync(join(built, 'package.json'), 'utf8')).dependencies, undefined);
  });

  it('publint finds nothing', async () => {
    await run(join(BIN, 'publint'), ['run', built, '--strict'], { cwd: ROOT });
  });

  it('attw finds nothing', async () => {
    const { stdout } = await run(join(BIN, 'attw'), [tarball, '--format', 'json'], { cwd: ROOT });
    assert.deepEqual(JSON.parse(stdout).analysis.problems, []);
  });

  it(`is under ${MOST} bytes, minified and packed`, async (test) => {
    const code = readFileSync(join(built, 'dist/esm/index.js'), 'utf8');
    const sizes = { 'as it comes': code, minified: (await transform(code, { minify: true, format: 'esm' })).code };
    for (const [name, text] of Object.entries(sizes)) {
      const bytes = gzipSync(text, { level: 9 }).length;
      test.diagnostic(`${name}: ${text.length} bytes, ${bytes} by gzip`);
      assert.ok(bytes < MOST, `${name}: ${bytes}`);
    }
  });
});

describe('installed into an empty folder', async () => {
  const server = await startServer();
  const nodes = await findNodes();

  for (const [version, node] of nodes) {
    const modules = {
      'use.mjs': `import * as sdk from 'muster-sdk';${USE}\nconsole.log(await use(sdk, ...process.argv.slice(2)));`,
      'use.cjs': `const sdk = require('muster-sdk');${USE}\nuse(sdk, ...process.argv.slice(2)).then(console.log);`,
    };
    for (const [file, code] of Object.entries(modules)) {
      it(`Node ${version}: ${file}`, async () => {
        writeFileSync(join(empty, file), code);
        const args = [join(empty, file), server.url, server.key, `Node ${version} ${file.slice(-3)}`];
        const { stdout, stderr } = await run(node, args, { cwd: empty, env: environment({}) });
        assert.deepEqual([stdout, stderr], ['done\n', '']);
      });
    }
  }
  if (!nodes.has(20)) it('Node 20, the oldest', { skip: 'no Node 20 is installed' }, () => {});

  it('whatever has nothing but what the web has', async () => {
    const web = {
      fetch,
      Headers,
      Request,
      Response,
      Blob,
      URL,
      URLSearchParams,
      TextEncoder,
      TextDecoder,
      ReadableStream,
    };
    const timing = { AbortController, AbortSignal, crypto, setTimeout, clearTimeout, console };
    const module = { exports: {} };
    const context = createContext({ ...web, ...timing, module });
    runInContext(readFileSync(join(empty, 'node_modules/muster-sdk/dist/cjs/index.js'), 'utf8'), context);
    assert.equal(runInContext('typeof process + typeof Buffer + typeof require', context), 'undefined'.repeat(3));
    const args = [server.url, server.key, 'The web alone'].map((arg) => JSON.stringify(arg));
    assert.equal(await runInContext(`${USE}; use(module.exports, ${args})`, context), 'done');
  });

  it('a browser', { skip: noBrowser }, async () => {
    const bundle = readFileSync(join(empty, 'node_modules/muster-sdk/dist/esm/index.js'), 'utf8');
    const proxy = await startProxy(() => server.url);
    proxy.own = (path) =>
      path === '/page'
        ? { type: 'text/html', body: '<!doctype html><title>page</title>' }
        : path === '/sdk.js'
          ? { type: 'text/javascript', body: bundle }
          : undefined;
    const browser = await chromium.launch({ executablePath: CHROMIUM!, args: ['--no-sandbox', '--disable-gpu'] });
    after(() => browser.close());
    const page = await browser.newPage();
    await page.goto(`${proxy.url}/page`);
    const args = ['location.origin', JSON.stringify(server.key), "'A browser'"];
    assert.equal(await page.evaluate(`import('/sdk.js').then((sdk) => {${USE}; return use(sdk, ${args}); })`), 'done');
    assert.ok(proxy.seen.some(({ headers }) => /Chrome/.test(headers['user-agent'] ?? '')));
  });

  it('the README: its examples are typed right, and run from the first to the last', async () => {
    const blocks = [...readFileSync(join(ROOT, 'sdk/README.md'), 'utf8').matchAll(/```ts\n(.*?)```/gs)];
    assert.ok(blocks.length >= 6);
    const text = blocks
      .map(([, block]) => block!)
      .join('\n')
      .replaceAll('http://127.0.0.1:8080', server.url)
      .replaceAll('muster_…', server.key);
    writeFileSync(join(empty, 'readme.mts'), text);
    writeFileSync(join(empty, 'contacts.csv'), 'Phone,Vorname\n+49 30 901820,Bea\nnobody,Cem\n');
    symlinkSync(join(ROOT, 'node_modules/@types'), join(empty, 'node_modules/@types'));
    const options = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2024', '--types', 'node'];
    await run(process.execPath, [join(ROOT, 'node_modules/typescript/bin/tsc'), ...options, 'readme.mts'], {
      cwd: empty,
    }).catch(({ stdout }) => assert.fail(stdout));
    const { stdout } = await run(process.execPath, ['readme.mts'], { cwd: empty });
    for (const line of ['12025550150', '1 1 null 1', '0 updated', 'is invalid', '1 0 1', 'Letters are no part']) {
      assert.ok(stdout.includes(line), `${line} is not in:\n${stdout}`);
    }
    assert.match(readFileSync(join(empty, 'export.csv'), 'utf8'), /12025550150,Ana/);
  });
});
