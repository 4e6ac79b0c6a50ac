import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Installed, KEY, muster, serve } from './support.ts';

const FILE = 'number,first_name\n+12025550150,Søren\n+447911123456,Ana\nnobody,Nobody\n';

/** What somebody does who has just installed Muster: each part of it is used once, all its threads among them. */
export async function walk(installed: Installed, version: string): Promise<void> {
  assert.equal((await muster(installed, ['--version'])).stdout, `${version}\n`);

  const data = join(installed.cwd, 'data');
  const server = await serve(installed, data);
  const client = { MUSTER_URL: server.url, MUSTER_KEY: KEY, MUSTER_DATA: data };
  const imported = await muster(installed, ['import', '-', '--audience', 'Customers', '--create'], client, FILE);
  assert.match(imported.stdout + imported.stderr, /created +2\b/);
  assert.equal(imported.code, 3, imported.stderr);

  const found = await muster(installed, ['contacts', 'search', 'soren', '--audience', 'Customers', '--json'], client);
  assert.equal(JSON.parse(found.stdout).number, '12025550150');
  const exported = await muster(installed, ['export', 'Customers'], client);
  assert.match(exported.stdout, /Søren/);

  assert.equal((await fetch(`${server.url}/readyz`)).status, 200);
  const documents = await Promise.all(
    ['/docs', '/openapi.json'].map(async (path) => (await fetch(server.url + path)).text()),
  );
  assert.match(documents[0]!, /<!doctype html>/i);
  assert.ok(JSON.parse(documents[1]!).paths['/v1/audiences']);

  const console = await fetch(`${server.url}/audiences`, { headers: { accept: 'text/html' } });
  const script = /<script[^>]* src="([^"]+)"/.exec(await console.text())?.[1];
  assert.equal((await fetch(server.url + script)).headers.get('content-type'), 'text/javascript; charset=utf-8');

  const copy = join(installed.cwd, 'copy.db');
  assert.equal((await muster(installed, ['backup', copy], client)).code, 0);
  assert.ok(existsSync(copy));
  assert.equal((await muster(installed, ['doctor'], client)).code, 0);
  assert.equal(await server.stop(), 0);
}
