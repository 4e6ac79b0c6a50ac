/** The console's files as a browser gets them, from a server in this process: of what it is built into every test has its own. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { get as request } from 'node:http';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { readServerConfig } from '../../src/config.ts';
import { startServer } from '../../src/server.ts';
import { makeDirectory } from '../support/directory.ts';

const SCRIPT = `console.log(${JSON.stringify('x'.repeat(5000))});`;
const PAGE = '<!doctype html><script type="module" src="/assets/index-AbC123.js"></script>';
const PICTURE = Buffer.alloc(4000, 7);

function build(directory: string): void {
  mkdirSync(join(directory, 'assets', 'deep'), { recursive: true });
  writeFileSync(join(directory, 'index.html'), PAGE);
  writeFileSync(join(directory, 'favicon.svg'), '<svg/>');
  writeFileSync(join(directory, 'assets', 'index-AbC123.js'), SCRIPT);
  writeFileSync(join(directory, 'assets', 'index-AbC123.js.map'), '{}');
  writeFileSync(join(directory, 'assets', 'deep', 'picture-9.png'), PICTURE);
}

async function start(isBuilt: boolean) {
  const directory = makeDirectory();
  if (isBuilt) build(directory);
  const env = {
    MUSTER_DATA: makeDirectory(),
    PORT: '0',
    LOG_LEVEL: 'warn',
    MUSTER_BOOTSTRAP_KEY: 'the-key-of-this-test',
  };
  const server = await startServer(readServerConfig(env), assert.fail, {
    consoleFiles: pathToFileURL(`${directory}/`),
  });
  return { ...server, directory };
}

/** An answer as it is on the wire: fetch would unpack it. */
function raw(
  url: string,
  headers: Record<string, string> = {},
): Promise<{ headers: Record<string, unknown>; bytes: Buffer }> {
  return new Promise((resolve, reject) => {
    request(url, { headers }, async (answer) =>
      resolve({ headers: answer.headers, bytes: Buffer.concat(await answer.toArray()) }),
    ).on('error', reject);
  });
}

const AS_BROWSER = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };

describe('a console that is built', async () => {
  const server = await start(true);
  const get = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
    fetch(server.url + path, { headers, method, redirect: 'manual' });

  it('is the page at /, which is asked after every time', async () => {
    for (const path of ['/', '/?search=ana', '/index.html']) {
      const answer = await get(path);
      assert.equal(answer.status, 200);
      assert.equal(answer.headers.get('content-type'), 'text/html; charset=utf-8');
      assert.equal(answer.headers.get('cache-control'), 'no-cache');
      assert.equal(await answer.text(), PAGE);
      const again = await get(path, { 'if-none-match': answer.headers.get('etag')! });
      assert.equal(again.status, 304);
      assert.match(again.headers.get('content-security-policy')!, /default-src 'none'/);
    }
  });

  it('runs its own scripts alone, is in nobody’s frame, and tells nobody where people come from', async () => {
    const { headers } = await get('/');
    const policy = Object.fromEntries(
      headers
        .get('content-security-policy')!
        .split('; ')
        .map((part) => [part.split(' ')[0], part]),
    );
    assert.equal(policy['default-src'], "default-src 'none'");
    assert.equal(policy['script-src'], "script-src 'self'");
    assert.equal(policy['connect-src'], "connect-src 'self'");
    assert.equal(policy['frame-ancestors'], "frame-ancestors 'none'");
    assert.equal(policy['base-uri'], "base-uri 'none'");
    assert.equal(policy['style-src'], "style-src 'self'");
    assert.doesNotMatch(headers.get('content-security-policy')!, /https?:|unsafe|nonce|\*/);
    assert.equal(headers.get('x-content-type-options'), 'nosniff');
    assert.equal(headers.get('referrer-policy'), 'no-referrer');
    assert.match(headers.get('permissions-policy')!, /geolocation=\(\)/);
  });

  for (const path of ['/audiences', '/audiences/0190/contacts', '/sign-in', '/consoles', '/docs2', '/v1x']) {
    it(`${path} is a place in the page for a browser, and no path for a program`, async () => {
      const page = await get(path, AS_BROWSER);
      assert.equal(page.status, 200);
      assert.match(await page.text(), /^<!doctype html>/);
      assert.match(page.headers.get('vary')!, /\bAccept,/);
      const program = await get(path);
      assert.equal(program.status, 404);
      assert.equal(((await program.json()) as { errors: { code: number }[] }).errors[0]!.code, 9003);
    });
  }

  for (const [path, status] of [
    ['/v1', 401],
    ['/v1/nothing', 401],
    ['/console', 404],
    ['/console/nothing', 404],
    ['/docs/nothing', 404],
    ['/assets/gone.js', 404],
    ['/assets/index-AbC123.js.map', 404],
    ['/favicon.ico', 404],
    ['/../package.json', 404],
    ['/assets/..%2f..%2fpackage.json', 404],
    ['/%2e%2e/%2e%2e/package.json', 404],
    ['/..%5cpackage.json', 404],
  ] as const) {
    it(`${path} is not the page, whoever asks: ${status}`, async () => {
      const { url } = server;
      const answer = await new Promise<number>((resolve, reject) => {
        // As it is written: fetch and URL would tidy it up.
        const { hostname, port } = new URL(url);
        request({ hostname, port, path, headers: AS_BROWSER }, (response) => {
          response.resume();
          resolve(response.statusCode!);
        }).on('error', reject);
      });
      assert.equal(answer, status);
    });
  }

  it('what is named by its content is kept for good, everything else is asked after', async () => {
    const asset = await get('/assets/index-AbC123.js');
    assert.equal(asset.headers.get('cache-control'), 'public, max-age=31536000, immutable');
    assert.equal(asset.headers.get('content-type'), 'text/javascript; charset=utf-8');
    assert.equal(asset.headers.get('x-content-type-options'), 'nosniff');
    assert.equal(await asset.text(), SCRIPT);
    const icon = await get('/favicon.svg');
    assert.deepEqual(
      [icon.headers.get('cache-control'), icon.headers.get('content-type')],
      ['no-cache', 'image/svg+xml'],
    );
    const again = await get('/favicon.svg', { 'if-none-match': `"other", ${icon.headers.get('etag')}` });
    assert.deepEqual([again.status, await again.text()], [304, '']);
  });

  it('is packed as the client takes it, pictures never', async () => {
    const url = `${server.url}/assets/index-AbC123.js`;
    const br = await raw(url, { 'accept-encoding': 'gzip, deflate, br' });
    assert.deepEqual([br.headers['content-encoding'], br.headers.vary], ['br', 'Accept-Encoding']);
    assert.equal(brotliDecompressSync(br.bytes).toString(), SCRIPT);
    const gzip = await raw(url, { 'accept-encoding': 'gzip, br;q=0' });
    assert.equal(gzip.headers['content-encoding'], 'gzip');
    assert.equal(gunzipSync(gzip.bytes).toString(), SCRIPT);
    assert.ok(br.bytes.length < 500 && gzip.bytes.length < 500);
    const plain = await raw(url);
    assert.deepEqual([plain.headers['content-encoding'], plain.bytes.toString()], [undefined, SCRIPT]);
    const picture = await raw(`${server.url}/assets/deep/picture-9.png`, { 'accept-encoding': 'br' });
    assert.deepEqual([picture.headers['content-encoding'], picture.headers['content-type']], [undefined, 'image/png']);
    assert.deepEqual(picture.bytes, PICTURE);
  });

  it('answers HEAD as GET, without a body, and no other method', async () => {
    for (const path of ['/', '/assets/index-AbC123.js', '/favicon.svg']) {
      const [head, whole] = [await get(path, {}, 'HEAD'), await get(path)];
      assert.deepEqual([head.status, await head.text()], [200, '']);
      assert.equal(head.headers.get('content-type'), whole.headers.get('content-type'));
      assert.equal((await get(path, AS_BROWSER, 'POST')).status, 404);
    }
  });

  it('ends with its server', () => server.stop());
});

describe('a console that is not built', async () => {
  const server = await start(false);

  it('says how it is built, and the API is there', async () => {
    const page = await fetch(`${server.url}/`);
    assert.equal(page.status, 200);
    assert.match(await page.text(), /npm run build:console/);
    assert.match(page.headers.get('content-security-policy')!, /default-src 'none'/);
    const headers = { 'x-dexatel-key': 'the-key-of-this-test' };
    assert.equal((await fetch(`${server.url}/v1/audiences`, { headers })).status, 200);
    assert.equal((await fetch(`${server.url}/audiences`, { headers: AS_BROWSER })).status, 404);
  });

  it('is there as soon as it is built, without a restart', async () => {
    build(server.directory);
    assert.match(await (await fetch(`${server.url}/`)).text(), /assets\/index-AbC123\.js/);
    await server.stop();
  });
});
