/** How the progress of imports is followed. */
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { startServer } from '../support/server.ts';
import { fileOf, makeUploads } from './import-support.ts';
import { type Loose, makeAudience, makeClient, succeeded } from './support.ts';

const MAX_BYTES = 6_000_000;
const server = await startServer({ env: { IMPORT_MAX_BYTES: String(MAX_BYTES) } });
const client = makeClient(server);
const { upload, ended } = makeUploads(client);

const FILE = 'number,first_name\n+12025550150,Ana\n';

after(() => {
  const troubles = server.log.map((line) => JSON.parse(line)).filter(({ level }) => level >= 40);
  assert.deepEqual(troubles, [], 'none of this is an error of the server');
});

describe('events', () => {
  interface Event {
    event: string;
    data: Loose;
  }

  /** The events of a stream until it ends. */
  async function* eventsOf(url: string): AsyncGenerator<Event> {
    const response = await fetch(url, { headers: { 'X-Dexatel-Key': server.key } });
    assert.equal(response.headers.get('content-type'), 'text/event-stream');
    let text = '';
    for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
      text += chunk;
      const blocks = text.split('\n\n');
      text = blocks.pop()!;
      for (const block of blocks.filter((each) => !each.startsWith(':'))) {
        const [, event, data] = /^event: (\w+)\ndata: (.*)$/.exec(block)!;
        yield { event: event!, data: JSON.parse(data!) };
      }
    }
    assert.equal(text, '', 'no event is cut off');
  }

  it('tell of progress as it comes, and at last of the end', async () => {
    const audience = await makeAudience(client);
    const { data } = await upload(audience, { body: fileOf(MAX_BYTES - 100), headers: { 'content-type': 'text/csv' } });
    const events: Event[] = [];
    for await (const event of eventsOf(data.links.events)) {
      events.push(event);
      if (events.length === 2) await client.send('POST', `${new URL(data.links.self).pathname}/cancel`);
    }
    const last = events.pop()!;
    assert.equal(last.event, 'done');
    assert.deepEqual(last.data, (await client.get(data.links.self)).data, 'the import as GET gives it');
    assert.ok(events.length >= 2 && events.every(({ event }) => event === 'progress'));
    const done = events.map((each) => each.data.rows_done);
    assert.deepEqual(
      done,
      done.toSorted((one, other) => one - other),
    );
  });

  it('of an import that has ended are one', async () => {
    const found = await ended(
      await upload(await makeAudience(client), { body: FILE, headers: { 'content-type': 'text/csv' } }),
    );
    for (let time = 0; time < 2; time++) {
      const events = await Array.fromAsync(eventsOf(found.links.events));
      assert.deepEqual(events, [{ event: 'done', data: found }]);
    }
  });

  it('end when the audience goes, and when the server stops', async () => {
    const other = await startServer();
    const guest = makeClient(other);
    const { path } = await makeAudience(guest);
    const body = fileOf(5_000_000);
    const started = async (at: string) =>
      succeeded(await guest.send('POST', `${at}/imports`, { body, headers: { 'content-type': 'text/csv' } }));
    const gone = await started(path);
    for await (const { event } of eventsOf(gone.links.events)) {
      if (event === 'progress') await guest.delete(path);
    }
    let stopped: Promise<unknown> | undefined;
    const { links } = await started((await makeAudience(guest)).path);
    for await (const { event } of eventsOf(links.events)) {
      if (event === 'progress') stopped ??= other.stop();
    }
    assert.deepEqual(await stopped, { code: 0, signal: null });
  });
});
