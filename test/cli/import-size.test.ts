import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { ROOT } from '../support/command-line.ts';
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
