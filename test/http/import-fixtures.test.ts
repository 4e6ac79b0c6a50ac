/** Every file of `test/fixtures/files` as an import: what is said of the file, of each row, and what is stored. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Fixture, fixtureFiles } from '../files/fixture-files.ts';
import { until } from '../support/contacts.ts';
import { startServer } from '../support/server.ts';
import { type Loose, makeAudience, makeClient, succeeded, walk } from './support.ts';

const FILES = fixtureFiles();
const STATUSES = ['created', 'updated', 'unchanged', 'skipped', 'refused'];

describe('files as people have them', async () => {
  const server = await startServer();
  const client = makeClient(server);

  async function importFixture({ name, bytes, expected }: Fixture): Promise<{ audience: string; found: Loose }> {
    const { path: audience } = await makeAudience(client);
    const { mapping, ...options } = expected.options ?? {};
    const query = new URLSearchParams({ ...(options as Record<string, string>), file_name: name });
    if (mapping !== undefined) query.set('mapping', JSON.stringify(mapping));
    const answer = await client.send('POST', `${audience}/imports?${query}`, {
      body: bytes,
      headers: { 'content-type': 'application/octet-stream' },
    });
    const { id } = succeeded(answer);
    let found: Loose;
    await until(async () => {
      found = succeeded(await client.get(`${audience}/imports/${id}`));
      return !['queued', 'running'].includes(found.status);
    });
    return { audience, found };
  }

  /** Verdicts as expectations write them: what is empty is left out. */
  async function verdictsOf(audience: string, importId: string): Promise<Loose[]> {
    const contacts = new Map(
      (await walk(client, `${audience}/contacts?page_size=1000`)).map((each) => [each.id, each]),
    );
    return (await walk(client, `${audience}/imports/${importId}/rows?page_size=1000`)).map((verdict) => {
      const { line, status, number, repeats_line, code, reason, mended, contact_id } = verdict;
      const { first_name, last_name, timestamp, date, tags } = contacts.get(contact_id) ?? {};
      const stored = status === 'created' ? { first_name, last_name, timestamp, date, tags } : {};
      const said = { line, status, number, ...stored, repeats_line, code, reason, mended };
      const isSaid = ([, value]: [string, Loose]) => value != null && !(Array.isArray(value) && value.length === 0);
      return Object.fromEntries(Object.entries(said).filter(isSaid));
    });
  }

  for (const fixture of FILES) {
    test(fixture.title, async () => {
      const { error, format, encoding, mapping, ignored_columns, verdicts } = fixture.expected;
      const { audience, found } = await importFixture(fixture);
      if (error !== undefined) {
        assert.deepEqual([found.status, found.error], ['failed', { code: 9023, message: error }]);
        return;
      }
      assert.equal(found.status, 'completed', JSON.stringify(found.error));
      assert.deepEqual(
        {
          format: found.format,
          encoding: found.encoding,
          mapping: found.mapping,
          ignored_columns: found.ignored_columns,
        },
        { format, encoding, mapping, ignored_columns },
      );
      assert.deepEqual(await verdictsOf(audience, found.id), verdicts);
      for (const status of STATUSES) {
        assert.equal(found[status], verdicts!.filter((verdict) => verdict.status === status).length, status);
      }
    });
  }
});
