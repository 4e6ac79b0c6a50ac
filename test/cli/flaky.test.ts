/** The command line over a line that breaks: nothing is written twice, no row is lost, results come in order. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, it } from 'node:test';
import { numberOf } from '../http/support.ts';
import type { Fault } from '../sdk/flaky-proxy.ts';
import { makeAudience, makePlace } from '../sdk/support.ts';
import { runMuster } from '../support/command-line.ts';
import { makeDirectory } from '../support/directory.ts';

const { server, proxy, direct } = await makePlace();
const directory = makeDirectory();
const muster = (...args: string[]) => runMuster(args, { env: { MUSTER_URL: proxy.url, MUSTER_KEY: server.key } });

/** What happens to requests, one after the other; most of them pass, so that no call needs patience for ever. */
const TROUBLES: (Fault | undefined)[] = [
  'cut after',
  undefined,
  { status: 503 },
  'cut midway',
  undefined,
  { delay: 50 },
  { status: 429, headers: { 'retry-after': '0' } },
  undefined,
  'cut before',
  { status: 502 },
];
const suffer = () => {
  proxy.judge = (_, index) => TROUBLES[index % TROUBLES.length];
};

afterEach(() => {
  proxy.judge = () => undefined;
});

const lines = (text: string) => text.trimEnd().split('\n');

describe('over a line that breaks', () => {
  it('contacts bulk: a line for every row, in order, and every contact once', async () => {
    const { id, contacts } = await makeAudience(direct);
    const rows = Array.from({ length: 7500 }, (_, index) => ({
      number: numberOf(index % 7000),
      first_name: `Row ${index}`,
    }));
    const file = join(directory, 'rows.ndjson');
    writeFileSync(file, `${rows.map((row) => JSON.stringify(row)).join('\n')}\n`);
    suffer();
    const { code, stdout, stderr } = await muster('contacts', 'bulk', file, '--audience', id);
    assert.equal(code, 0, stderr);
    const results = lines(stdout).map((line) => JSON.parse(line));
    assert.deepEqual(
      results.map(({ line, number }) => [line, number]),
      rows.map(({ number }, index) => [index + 1, number]),
    );
    assert.ok(proxy.seen.some(({ fault }) => fault === 'cut after'));
    const found = await contacts.list({ page_size: 1000 }).toArray();
    assert.equal(found.length, 7000);
    const expected = new Map(rows.map(({ number, first_name }) => [number, first_name]));
    for (const { number, first_name } of found) assert.equal(first_name, expected.get(number));
  });

  it('contacts list --all: every contact once', async () => {
    const { id, contacts } = await makeAudience(direct);
    for (let from = 0; from < 5000; from += 1000) {
      await contacts.bulk(Array.from({ length: 1000 }, (_, index) => ({ number: numberOf(from + index) })));
    }
    suffer();
    const { code, stdout, stderr } = await muster('contacts', 'list', '--audience', id, '--all');
    assert.equal(code, 0, stderr);
    assert.deepEqual(
      lines(stdout).map((line) => JSON.parse(line).number),
      Array.from({ length: 5000 }, (_, index) => numberOf(index)),
    );
  });

  for (const fault of ['cut before', 'cut after', 'cut midway'] as const) {
    it(`contacts create is not made twice: ${fault}`, async () => {
      const { id, contacts } = await makeAudience(direct);
      let isOver = false;
      proxy.judge = ({ method }) => {
        if (method !== 'POST' || isOver) return undefined;
        isOver = true;
        return fault;
      };
      const { code, stdout, stderr } = await muster('contacts', 'create', numberOf(1), '--audience', id);
      assert.equal(code, 0, stderr);
      const found = await contacts.list().toArray();
      assert.deepEqual(
        found.map((contact) => contact.id),
        [stdout.trim()],
      );
    });
  }

  it('contacts create: when no answer comes at all, it says that nobody knows', async () => {
    const { id } = await makeAudience(direct);
    proxy.judge = ({ method }) => (method === 'POST' ? { status: 502, headers: { 'retry-after': '3600' } } : undefined);
    const { code, stdout, stderr } = await muster('contacts', 'create', numberOf(1), '--audience', id);
    assert.deepEqual([code, stdout], [1, '']);
    assert.match(
      stderr,
      /^muster: the server answered 502: it may be there all the same, so look before you make it again\n$/,
    );
  });

  it('audiences delete: done, though the answer was lost', async () => {
    const { id } = await makeAudience(direct);
    proxy.judge = ({ method }, index) => (method === 'DELETE' && index % 2 === 0 ? 'cut after' : undefined);
    const { code, stderr } = await muster('audiences', 'delete', id, '--yes');
    assert.equal(code, 0, stderr);
    assert.equal(
      (await direct.audiences.list().toArray()).some((each) => each.id === id),
      false,
    );
  });

  it('import: every row once, and what became of it', async () => {
    const { id, contacts } = await makeAudience(direct);
    const file = join(directory, 'rows.csv');
    writeFileSync(
      file,
      `number\n${Array.from({ length: 3000 }, (_, index) => `+${numberOf(index)}`).join('\n')}\nnobody\n`,
    );
    suffer();
    const { code, stdout, stderr } = await muster('import', file, '--audience', id, '--json');
    assert.equal(code, 3, stderr);
    const { created, refused, first_refused } = JSON.parse(stdout);
    assert.deepEqual([created, refused, first_refused[0].line], [3000, 1, 3002]);
    assert.equal((await contacts.list().page()).total, 3000);
    assert.equal((await direct.audience(id).imports.list().page()).total, 1);
  });
});
