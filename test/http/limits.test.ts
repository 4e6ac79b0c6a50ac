/** Section 5 of the contract: what a server says when it will not, or cannot, answer now. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { holdStore } from '../support/beside.ts';
import { startServer } from '../support/server.ts';
import { type Answer, everything, makeAudience, makeClient, numberOf, refused, succeeded } from './support.ts';

// Side by side: most of it is waiting.
describe('a server that will not, or cannot, answer now', { concurrency: true }, () => {
  describe('9008: too many requests', { concurrency: true }, () => {
    it('a key has so many a second; another key has its own', async () => {
      const server = await startServer({ env: { RATE_LIMIT: '5' } });
      const client = makeClient(server);
      const burst = await Promise.all(Array.from({ length: 40 }, () => client.get('/v1/audiences')));
      const denied = burst.filter(({ status }) => status === 429);
      // The forty may fall into several seconds, each of which lets five in.
      assert.ok(denied.length > 0 && burst.length - denied.length >= 5);
      for (const answer of denied) {
        refused(answer, [9008, 'Too many requests']);
        const wait = Number(answer.headers.get('retry-after'));
        assert.ok(wait >= 1 && wait <= 2, `Retry-After ${wait}`);
      }
      assert.ok(burst.every(({ status }) => status === 200 || status === 429));

      const other = makeClient(
        server,
        (await server.muster('keys', 'create', '--name', 'other', '--scope', 'write')).trim(),
      );
      await Promise.all(Array.from({ length: 40 }, () => client.get('/v1/audiences')));
      assert.equal((await other.get('/v1/audiences')).status, 200, 'another key is not held up');
      for (const path of ['/healthz', '/readyz']) assert.equal((await client.get(path)).status, 200, path);
      refused(await makeClient(server, 'wrong-key-wrong-key').get('/v1/audiences'), 9001);

      await retried(() => client.get('/v1/audiences'));
      await server.stop();
    });

    it('what is refused is not done', async () => {
      const server = await startServer({ env: { RATE_LIMIT: '3' } });
      const client = makeClient(server);
      const answers = await Promise.all(
        Array.from({ length: 20 }, (_, index) =>
          client.post('/v1/audiences', { name: `Limited ${index}`, channel: 'SMS' }),
        ),
      );
      const made = answers.filter(({ status }) => status === 201).length;
      assert.ok(made >= 3 && made < 20);
      for (const answer of answers.filter(({ status }) => status !== 201)) refused(answer, 9008);
      const listed = await retried(() => client.get('/v1/audiences'));
      assert.equal(listed.body.pagination.total, made);
      await server.stop();
    });

    it('without RATE_LIMIT there is none', async () => {
      const server = await startServer();
      const client = makeClient(server);
      const burst = await Promise.all(Array.from({ length: 300 }, () => client.get('/v1/audiences')));
      assert.ok(burst.every(({ status }) => status === 200));
      await server.stop();
    });

    /** As clients do: waits as long as Retry-After says. */
    async function retried(send: () => Promise<Answer>): Promise<Answer> {
      for (;;) {
        const answer = await send();
        if (answer.status !== 429) return answer;
        await new Promise((resolve) => setTimeout(resolve, Number(answer.headers.get('retry-after')) * 1000));
      }
    }
  });

  describe('9503: not ready', { concurrency: true }, () => {
    it('another program holds the store: writes are refused and not done, reads go on, and then all is well', async () => {
      const server = await startServer();
      const client = makeClient(server);
      const { id, path } = await makeAudience(client, [{ number: numberOf(1), first_name: 'Ana' }]);
      const contact = `${path}/contacts/${(await client.get(`${path}/contacts`)).data[0].id}`;
      assert.equal((await client.get('/readyz')).status, 200);
      const before = await everything(client);
      const release = await holdStore(server);

      const writes = Promise.all([
        client.post('/v1/audiences', { name: 'Not now', channel: 'SMS' }),
        client.put(path, { name: 'Not now' }),
        client.delete(path),
        client.post(`${path}/contacts`, { number: numberOf(2) }),
        client.post(`${path}/contacts/bulk`, { contacts: [{ number: numberOf(1), first_name: 'Eva' }] }),
        client.put(contact, { first_name: 'Eva' }),
        client.delete(contact),
      ]);
      const ready = client.get('/readyz');
      assert.deepEqual(await everything(client), before, 'reads and searches go on');
      assert.equal((await client.get(`${path}/contacts?filter[search]=ana`)).body.pagination.total, 1);
      assert.equal((await client.get('/healthz')).status, 200, 'the process lives');
      for (const answer of [await ready, ...(await writes)]) {
        assert.equal(answer.status, 503);
        refused(answer, [9503, 'Not ready, try again shortly']);
        assert.equal(answer.headers.get('retry-after'), '1');
        assert.doesNotMatch(answer.text, /sqlite|lock|busy|database/i, 'why is nobody’s business');
      }
      await release();

      assert.deepEqual(await everything(client), before, 'nothing of it was done');
      assert.equal(succeeded(await client.put(contact, { first_name: 'Eva' })).first_name, 'Eva');
      succeeded(await client.post(`${path}/contacts`, { number: numberOf(2) }));
      assert.equal((await client.get(`/v1/audiences/${id}`)).data.contacts_count, 2);
      assert.equal((await client.get('/readyz')).status, 200);
      await server.stop();
    });

    it('a lock that is let go in time is only waited for', async () => {
      const server = await startServer();
      const client = makeClient(server);
      const { path } = await makeAudience(client);
      const release = await holdStore(server);
      const write = client.post(`${path}/contacts`, { number: numberOf(1) });
      await client.get(path);
      await release();
      succeeded(await write);
      await server.stop();
    });
  });
});
