/** A server that is killed at any moment of an import goes on with it when it starts again, as if nothing had been. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { sampleContacts } from '../../sample/make-contacts.ts';
import { endLeases } from '../support/beside.ts';
import { until } from '../support/contacts.ts';
import { startServer } from '../support/server.ts';
import { type Loose, makeClient, succeeded, walk } from './support.ts';

/** Times a server is killed in the middle of each kind of work. */
const KILLS = 10;
const MOST_IN_A_ROW = 5;
const ROWS = 12_000;

const people = sampleContacts(11);
const take = (count: number) => Array.from({ length: count }, () => people.next().value!);
const lineOf = ({ number, first_name = '' }: Loose) => `${number},${(first_name ?? '').replaceAll(',', ' ')}`;

/** Contacts that are there before, some of which the file changes, and a file with repeats and rows that are refused. */
const base = take(300);
const fresh = take(ROWS);
const lines = [
  ...base.slice(0, 200).map(({ number }, index) => `${number},${index % 2 === 0 ? 'Changed' : ''}`),
  ...fresh.map(lineOf),
  ...fresh.slice(0, 500).map(({ number }) => `${number},Again`),
  ...Array.from({ length: 50 }, (_, index) => `12${index},Nobody`),
];
const file = `number,first_name\n${lines.join('\n')}\n`;

describe('a server that is killed', async () => {
  const server = await startServer();
  const client = () => makeClient(server);
  let audiences = 0;

  async function makeAudience(): Promise<string> {
    const data = { name: `Crash ${++audiences}`, channel: 'SMS', contacts: base };
    return `/v1/audiences/${succeeded(await client().post('/v1/audiences', data)).id}`;
  }

  async function upload(audience: string, query: string): Promise<string> {
    const sent = { body: file, headers: { 'content-type': 'text/csv' } };
    return `${audience}/imports/${succeeded(await client().send('POST', `${audience}/imports?${query}`, sent)).id}`;
  }

  const read = async (path: string): Promise<Loose> => succeeded(await client().get(path));
  const isOpen = ({ status }: Loose) => status === 'queued' || status === 'running';

  async function ended(path: string): Promise<Loose> {
    await until(async () => !isOpen(await read(path)));
    return read(path);
  }

  /** Kills the server at random moments while the import is worked on; how often. */
  async function harass(path: string): Promise<number> {
    let kills = 0;
    while (kills < MOST_IN_A_ROW) {
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 150));
      if (!isOpen(await read(path))) break;
      await server.kill();
      await endLeases(server);
      kills++;
      await server.restart();
    }
    return kills;
  }

  const stateOf = async (audience: string) => {
    const contacts = await walk(client(), `${audience}/contacts?page_size=1000`);
    assert.equal((await read(audience)).contacts_count, contacts.length);
    return contacts.map(({ number, first_name, last_name }) => ({ number, first_name, last_name }));
  };
  const countsOf = ({ created, updated, unchanged, refused, removed, rows_total, undo, status }: Loose) => ({
    created,
    updated,
    unchanged,
    refused,
    removed,
    rows_total,
    undo,
    status,
  });

  for (const query of ['', 'mode=replace&max_removals=100%25']) {
    it(`during an import${query && ' that replaces'}, and during its undo`, async () => {
      // A server that was started inside a test ends with it: each test has its own.
      await server.kill();
      await server.restart();
      const quiet = await makeAudience();
      const before = await stateOf(quiet);
      const expected = await ended(await upload(quiet, query));
      assert.equal(expected.status, 'completed');
      const after = await stateOf(quiet);
      await client().send('POST', `${quiet}/imports/${expected.id}/undo`);
      const undone = await ended(`${quiet}/imports/${expected.id}`);
      assert.deepEqual(await stateOf(quiet), before);

      const kills = { run: 0, undo: 0 };
      while (kills.run < KILLS || kills.undo < KILLS) {
        const audience = await makeAudience();
        const path = await upload(audience, query);
        if (kills.run < KILLS) kills.run += await harass(path);
        assert.deepEqual(countsOf(await ended(path)), countsOf(expected));
        assert.deepEqual(await stateOf(audience), after);
        const rows = await walk(client(), `${path}/rows?page_size=1000`);
        assert.deepEqual(
          rows.map(({ row }) => row),
          lines.map((_, index) => index + 1),
        );

        succeeded(await client().send('POST', `${path}/undo`));
        if (kills.undo < KILLS) kills.undo += await harass(path);
        assert.deepEqual(countsOf(await ended(path)), countsOf(undone));
        assert.deepEqual(await stateOf(audience), before);
      }
    });
  }

  it('leaves a sound store behind', async () => {
    await server.muster('doctor');
  });
});
