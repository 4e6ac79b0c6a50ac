/** Two server processes on one PostgreSQL: a repeat may come to either of them. */
import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { makeDatabase, NEEDS_SERVER, SERVER_URL } from '../support/postgres.ts';
import { startServer } from '../support/server.ts';
import { makeAudience, makeClient, numberOf, refused, walk } from './support.ts';

const database = SERVER_URL === undefined ? undefined : await makeDatabase(SERVER_URL);
const env = { DATABASE_URL: database?.url };
// The servers are over before what is behind them is.
process.once('beforeExit', () => database?.drop());
const servers = database === undefined ? [] : [await startServer({ env }), await startServer({ env })];

describe('one key, two processes', { skip: NEEDS_SERVER }, () => {
  let path: string;
  before(async () => {
    ({ path } = await makeAudience(makeClient(servers[0]!)));
  });

  const send = (at: number, key: string, n: number) =>
    makeClient(servers[at]!).send('POST', `${path}/contacts`, {
      body: JSON.stringify({ data: { number: numberOf(n) } }),
      headers: { 'content-type': 'application/json', 'idempotency-key': key },
    });

  it('100 repeats of one create, half of them to each: one contact, and 100 equal answers', async () => {
    const answers = await Promise.all(Array.from({ length: 100 }, (_, index) => send(index % 2, 'one', 1)));
    assert.equal(
      new Set(answers.map(({ status, text, headers }) => `${status} ${text} ${headers.get('etag')}`)).size,
      1,
    );
    assert.equal(answers[0]!.status, 201);
    assert.equal(answers.filter(({ headers }) => !headers.has('idempotent-replayed')).length, 1);
  });

  it('another request to the other process: 9014', async () => {
    await send(0, 'two', 2);
    refused(await send(1, 'two', 3), 9014);
  });

  it('a process that is killed in the middle: the other one carries out what it did not', async () => {
    const keys = Array.from({ length: 200 }, (_, index) => `many ${index}`.replace(' ', '-'));
    const sent = keys.map((key, index) => send(0, key, 100 + index).catch(() => undefined));
    await sent[0];
    await servers[0]!.kill();
    const first = await Promise.all(sent);
    assert.ok(first.includes(undefined), 'some were cut off');
    for (const [index, key] of keys.entries()) {
      const again = await send(1, key, 100 + index);
      assert.equal(again.status, 201, again.text);
      if (first[index] !== undefined) assert.equal(again.text, first[index].text);
    }
    const numbers = (await walk(makeClient(servers[1]!), `${path}/contacts?page_size=1000`)).map(
      ({ number }) => number,
    );
    assert.equal(numbers.length, 202);
    assert.equal(new Set(numbers).size, 202);
  });
});
