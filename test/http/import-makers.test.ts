/**
 * Files of the project's own maker, and of a second one where it is beside the checkout, as imports: the counts are those that
 * the maker prints, and a rehearsal says of every row what the run then says.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type Expected, type SampleFormat, sampleFile } from '../../sample/make-contacts.ts';
import { startServer } from '../support/server.ts';
import { makeUploads } from './import-support.ts';
import { type Loose, makeAudience, makeClient, succeeded, walk } from './support.ts';

const SECOND_MAKER = fileURLToPath(new URL('../../../shared/data/make-contacts.mjs', import.meta.url));
const ROWS = 4000;

interface Made {
  file: string;
  expected: Expected;
}

function ownFile(seed: number, messy: boolean, format: SampleFormat): Made {
  const pieces = sampleFile({ rows: ROWS, messy, seed, format });
  let file = '';
  let piece = pieces.next();
  for (; !piece.done; piece = pieces.next()) file += piece.value;
  return { file, expected: piece.value };
}

function secondFile(seed: number, messy: boolean, format: SampleFormat): Made {
  const flavour = messy ? 'messy' : 'clean';
  const args = ['--rows', `${ROWS}`, '--flavour', flavour, '--seed', `${seed}`, '--format', format];
  const { stdout, stderr } = spawnSync(process.execPath, [SECOND_MAKER, ...args], {
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  return { file: stdout, expected: JSON.parse(stderr) };
}

const MAKERS: [name: string, make: typeof ownFile, skip: string | false][] = [
  ['the sample maker', ownFile, false],
  ['the second maker', secondFile, !existsSync(SECOND_MAKER) && 'the second maker is not beside this checkout'],
];
const SEEDS = [1, 2, 3, 4, 5];
const FORMATS: SampleFormat[] = ['csv', 'tsv', 'ndjson'];

for (const [maker, make, skip] of MAKERS) {
  describe(`imports of files from ${maker}`, { skip }, async () => {
    const server = await startServer();
    const client = makeClient(server);
    const { upload, ended } = makeUploads(client);

    async function importOf(audience: { path: string }, file: string, query: string): Promise<Loose> {
      const headers = { 'content-type': 'application/octet-stream' };
      return ended(await upload(audience, { body: file, query, headers }));
    }
    const verdictsOf = async ({ links }: Loose) => {
      const verdicts = await walk(client, `${links.rows}?page_size=1000`);
      // A rehearsal makes no contacts, so that it can name none of those.
      return verdicts.map(({ contact_id, ...verdict }: Loose) => verdict);
    };

    for (const format of FORMATS) {
      test(`clean, ${format}: every row is created`, async () => {
        const { file, expected } = make(1, false, format);
        const { status, rows_total, created, refused } = await importOf(await makeAudience(client), file, '');
        assert.deepEqual([status, rows_total, created, refused], ['completed', ROWS, ROWS, 0]);
        assert.deepEqual([expected.rows, expected.created], [ROWS, ROWS]);
      });

      for (const seed of SEEDS) {
        test(`messy, ${format}, seed ${seed}: counts are the maker's, first rehearsed and then run`, async () => {
          const { file, expected } = make(seed, true, format);
          const audience = await makeAudience(client);
          const rehearsed = await importOf(audience, file, 'dry_run=true');
          const before = await verdictsOf(rehearsed);
          const found = await ended(await client.send('POST', `${audience.path}/imports/${rehearsed.id}/run`));
          for (const each of [rehearsed, found]) {
            const { created, updated, unchanged, skipped, refused, refused_by_code, rows_total } = each;
            assert.equal(created + updated + unchanged + skipped + refused, rows_total);
            assert.deepEqual(
              { rows: rows_total, created, duplicates: updated + unchanged, refused: refused_by_code },
              expected,
            );
          }
          assert.deepEqual(await verdictsOf(found), before);
          const { contacts_count } = succeeded(await client.get(audience.path));
          assert.equal(contacts_count, expected.created);
        });
      }
    }
  });
}
