/** What holds of every import, whatever the file. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { until } from '../support/contacts.ts';
import { startServer } from '../support/server.ts';
import { type Loose, makeClient, succeeded, walk } from './support.ts';

const SEED = 20260301;

// Few numbers, so that rows meet contacts and each other; some that are none.
const number = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 100, max: 112 }).map((n) => `+12025550${n}`) },
  { weight: 1, arbitrary: fc.constantFrom('', '12', '4.47E+11', "'+12025550107", '12025550108.0') },
);
const name = fc.constantFrom('', 'Ana', 'Søren', 'Eva', 'x'.repeat(33), '"Quoted, too"');
const row = fc.tuple(number, name, fc.constantFrom('', 'vip', 'a;b'));
const file = fc
  .array(row, { maxLength: 25 })
  .map((rows) => `number,first_name,tags\n${rows.map((cells) => cells.join(',')).join('\n')}\n`);
const contact = fc.record({
  number: fc.integer({ min: 100, max: 112 }).map((n) => `12025550${n}`),
  first_name: fc.constantFrom(null, 'Old', 'Ana'),
  tags: fc.subarray(['vip', 'x']),
});
const contacts = fc.uniqueArray(contact, { selector: (each) => each.number, maxLength: 8 });
const query = fc
  .record({
    mode: fc.constantFrom('merge', 'replace'),
    on_conflict: fc.constantFrom('update', 'skip'),
    empty: fc.constantFrom('keep', 'clear'),
    tags: fc.constantFrom('', 'spring'),
    max_removals: fc.constant('100%'),
  })
  .map((options) => new URLSearchParams(options).toString());

describe('every import', async () => {
  const server = await startServer();
  const client = makeClient(server);
  let audiences = 0;

  async function ended(path: string): Promise<Loose> {
    let found: Loose;
    await until(async () => {
      found = succeeded(await client.get(path));
      return found.status !== 'queued' && found.status !== 'running';
    });
    assert.equal(found.error, null);
    const { created, updated, unchanged, skipped, refused, rows_done } = found;
    assert.equal(created + updated + unchanged + skipped + refused, rows_done);
    return found;
  }

  async function makeAudience(some: object[]): Promise<string> {
    const data = { name: `Property ${++audiences}`, channel: 'SMS', contacts: some };
    return `/v1/audiences/${succeeded(await client.post('/v1/audiences', data)).id}`;
  }

  async function upload(audience: string, text: string, options: string): Promise<[path: string, found: Loose]> {
    const sent = { body: text, headers: { 'content-type': 'text/csv' } };
    const made = succeeded(await client.send('POST', `${audience}/imports?${options}`, sent));
    const path = `${audience}/imports/${made.id}`;
    return [path, await ended(path)];
  }

  const stateOf = async (audience: string) =>
    (await walk(client, `${audience}/contacts?page_size=1000`)).map(({ id, number, first_name, tags }) => ({
      id,
      number,
      first_name,
      tags,
    }));
  const verdictsOf = async (path: string) =>
    (await walk(client, `${path}/rows?page_size=1000`)).map(({ contact_id, ...verdict }) => verdict);
  const countsOf = ({ created, updated, unchanged, skipped, refused, refused_by_code, removed }: Loose) => ({
    created,
    updated,
    unchanged,
    skipped,
    refused,
    refused_by_code,
    removed,
  });

  it('is rehearsed as it runs; undone it was never there; and a second time it changes nothing', async () => {
    const property = fc.asyncProperty(contacts, file, query, async (some, text, options) => {
      const audience = await makeAudience(some);
      const before = await stateOf(audience);
      const [path, rehearsed] = await upload(audience, text, `${options}&dry_run=true`);
      assert.deepEqual(await stateOf(audience), before, 'a rehearsal changes nothing');
      const foretold = await verdictsOf(path);

      succeeded(await client.send('POST', `${path}/run`));
      const run = await ended(path);
      assert.deepEqual(countsOf(run), countsOf(rehearsed));
      assert.deepEqual(await verdictsOf(path), foretold);
      const after = await stateOf(audience);
      assert.equal((await client.get(audience)).data.contacts_count, after.length);

      const [again, second] = await upload(audience, text, options);
      assert.deepEqual([second.created, second.removed], [0, 0]);
      assert.deepEqual(
        after.map((each) => each.number),
        (await stateOf(audience)).map((each) => each.number),
      );
      succeeded(await client.send('POST', `${again}/undo`));
      await ended(again);
      assert.deepEqual(await stateOf(audience), after, 'the second is undone');

      succeeded(await client.send('POST', `${path}/undo`));
      const undone = await ended(path);
      assert.equal(undone.undo.left_alone, 0);
      assert.deepEqual(await stateOf(audience), before, 'the first is undone');
    });
    await fc.assert(property, { seed: SEED, numRuns: 40 });
  });

  it('leaves a sound store behind', async () => {
    await server.muster('doctor');
  });
});
