import assert from 'node:assert/strict';
import { existsSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { NOBODY } from '../http/support.ts';
import { ROOT, runMuster } from '../support/command-line.ts';
import { makeDirectory } from '../support/directory.ts';
import { startServer } from '../support/server.ts';
import { fatesOf, makeDesk, makeSample } from './import-support.ts';

describe('files as people make them, at size', async () => {
  const desk = makeDesk(await startServer());

  /** Makes a file, imports it, and compares with what its maker says of it. */
  async function compare(name: string, maker: string, ...args: string[]): Promise<void> {
    const { text, expected } = await makeSample(maker, ...args);
    const audience = name.replaceAll('.', ' ');
    const { found } = await desk.importJson(desk.write(name, text), '--audience', audience, '--create');
    const { created, updated, unchanged, skipped } = fatesOf(found);
    assert.deepEqual(
      { rows: found.rows_total, created, duplicates: updated! + unchanged!, skipped, refused: found.refused_by_code },
      { ...expected, skipped: 0 },
    );
    assert.equal((await desk.audience(audience)).contacts_count, created);
  }

  const own = 'sample/main.ts';
  it('100,000 clean rows of our own maker', () => compare('clean.csv', own, '--rows', '100000', '--seed', '3'));
  it('20,000 messy rows of our own maker', () =>
    compare('messy.csv', own, '--rows', '20000', '--messy', '--seed', '4'));
  it('20,000 rows as TSV and as NDJSON', async () => {
    await compare('clean.tsv', own, '--rows', '20000', '--format', 'tsv');
    await compare('clean.ndjson', own, '--rows', '20000', '--format', 'ndjson');
  });

  const other = join(ROOT, '../shared/data/make-contacts.mjs');
  const skip = existsSync(other) ? false : 'the second maker of contact files is not beside this checkout';
  it('100,000 clean rows of another maker', { skip }, () => compare('other clean.csv', other, '--rows', '100000'));
  it('20,000 messy rows of another maker', { skip }, () =>
    compare('other messy.csv', other, '--rows', '20000', '--flavour', 'messy'),
  );
});

it('memory does not grow with the file', {
  skip: existsSync('/proc/self/status') ? false : 'only Linux tells how much memory a process had',
}, async () => {
  const file = join(makeDirectory(), 'zeros.csv');
  writeFileSync(file, '');
  truncateSync(file, 600_000_000);
  let peak = 0;
  let received = 0;
  // Stands in for a server that is as fast as can be: it looks at the sender's memory when it has everything.
  const sink = createServer((request, response) => {
    if (request.method === 'GET') {
      const audience = { id: NOBODY, name: 'Sink', contacts_count: 0 };
      response.end(JSON.stringify({ data: [audience], pagination: { total: 1, links: { next: null } } }));
      return;
    }
    request.on('data', (chunk) => {
      received += chunk.length;
    });
    request.on('end', () => {
      const [, kilobytes] = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${sender}/status`, 'utf8'))!;
      peak = Number(kilobytes) * 1024;
      response.writeHead(400).end(JSON.stringify({ errors: [{ code: 9013, message: 'Enough' }] }));
    });
  });
  await new Promise<void>((resolve) => sink.listen(0, '127.0.0.1', resolve));
  after(() => sink.close());
  let sender: number | undefined;
  const { port } = sink.address() as { port: number };
  const { stderr } = await runMuster(['import', file, '--audience', 'Sink'], {
    env: { MUSTER_URL: `http://127.0.0.1:${port}`, MUSTER_KEY: 'any' },
    onStart: ({ pid }) => {
      sender = pid;
    },
  });
  assert.equal(stderr, 'muster: Enough (9013)\n');
  assert.equal(received, 600_000_000);
  assert.ok(peak < 350_000_000, `${peak} bytes`);
});
