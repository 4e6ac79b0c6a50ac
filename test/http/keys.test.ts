/** An account's keys over HTTP: listed, made and revoked by those who have one. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { startServer } from '../support/server.ts';
import { type Client, type Loose, makeClient, NOBODY, refused, succeeded, walk } from './support.ts';

const server = await startServer();
const client = makeClient(server);

async function makeAccount(name: string): Promise<Client> {
  await server.muster('accounts', 'create', name);
  return makeClient(server, (await server.muster('keys', 'create', '--account', name, '--name', 'own')).trim());
}

const inHours = (hours: number) =>
  new Date(Date.now() + hours * 3_600_000).toISOString().slice(0, 19).replace('T', ' ');

describe('a key that is made', () => {
  it('works at once, and its secret is shown this once', async () => {
    const { secret, ...key } = succeeded(await client.post('/v1/keys', { name: '  nightly  job ', scope: 'write' }));
    assert.match(secret, /^muster_[\w-]{32}$/);
    assert.deepEqual(key, {
      id: key.id,
      name: 'nightly  job',
      prefix: secret.slice(0, 12),
      scope: 'write',
      create_date: key.create_date,
      last_use_date: null,
      expire_date: null,
    });
    assert.ok(!(await client.get('/v1/keys')).text.includes(secret));
    const made = makeClient(server, secret);
    succeeded(await made.post('/v1/audiences', { name: 'Of the new key', channel: 'SMS' }));
    const listed = (await made.get('/v1/keys')).data.find(({ id }: Loose) => id === key.id);
    assert.match(listed.last_use_date, /^\d{4}/);
  });

  it('may be one that only looks, and that expires', async () => {
    const expire_date = inHours(1);
    const key = succeeded(await client.post('/v1/keys', { name: 'look', scope: 'read', expire_date }));
    assert.deepEqual([key.scope, key.expire_date], ['read', expire_date]);
    const reader = makeClient(server, key.secret);
    assert.equal((await reader.get('/v1/keys')).status, 200);
    refused(await reader.post('/v1/keys', { name: 'more', scope: 'read' }), 9002);
    refused(await reader.delete(`/v1/keys/${key.id}`), 9002);
  });

  const WRONG: [what: string, data: unknown, ...problems: (number | [number, string])[]][] = [
    ['nothing', undefined, [1007, "'data' is required"]],
    ['no members', {}, 9013, 9013],
    ['no name', { scope: 'read' }, [9013, "'data.name' must be a string of 1 to 100 characters"]],
    ['an empty name', { name: ' ', scope: 'read' }, 9013],
    ['a long name', { name: 'x'.repeat(101), scope: 'read' }, 9013],
    ['a name that is no text', { name: 7, scope: 'read' }, 9013],
    ['a name with half a character', { name: 'a\ud800', scope: 'read' }, 9013],
    ['no scope', { name: 'x' }, [9013, "'data.scope' should be in: [read, write]"]],
    ['another scope', { name: 'x', scope: 'admin' }, 9013],
    ['a scope in capitals', { name: 'x', scope: 'READ' }, 9013],
    ...['tomorrow', '2027-01-31', '2027-02-30 00:00:00', '2027-01-31T00:00:00', 7, true].map(
      (expire_date): [string, unknown, [number, string]] => [
        `an expiry of ${JSON.stringify(expire_date)}`,
        { name: 'x', scope: 'read', expire_date },
        [9013, "'data.expire_date' must be a date as yyyy-MM-dd HH:mm:ss, or null"],
      ],
    ),
    [
      'an expiry that is over',
      { name: 'x', scope: 'read', expire_date: '2020-01-01 00:00:00' },
      [9013, "'data.expire_date' is over already"],
    ],
    ['everything wrong', { name: '', scope: '', expire_date: '' }, 9013, 9013, 9013],
  ];
  for (const [what, data, ...problems] of WRONG) {
    it(`is not made of ${what}`, async () => {
      const before = (await client.get('/v1/keys')).body.pagination.total;
      refused(await client.post('/v1/keys', data), ...problems);
      assert.equal((await client.get('/v1/keys')).body.pagination.total, before);
    });
  }

  it('lives no longer than the key that makes it', async () => {
    const end = inHours(2);
    const { secret } = succeeded(await client.post('/v1/keys', { name: 'short', scope: 'write', expire_date: end }));
    const short = makeClient(server, secret);
    const make = (expire_date?: string | null) =>
      short.post('/v1/keys', { name: 'child', scope: 'write', expire_date });
    const rule = `'data.expire_date' must not be later than that of the key that makes it, ${end}`;
    refused(await make(inHours(3)), [9013, rule]);
    refused(await make(null), [9013, rule]);
    assert.equal(succeeded(await make()).expire_date, end);
    const sooner = inHours(1);
    assert.equal(succeeded(await make(sooner)).expire_date, sooner);
  });
});

describe('a list of keys', async () => {
  const other = await makeAccount('Lists');

  it("has the account's own alone, in the order of making, page by page", async () => {
    const names = Array.from({ length: 7 }, (_, index) => `key ${index}`);
    for (const name of names) succeeded(await other.post('/v1/keys', { name, scope: 'read' }));
    const all = await walk(other, '/v1/keys?page_size=3');
    assert.deepEqual(
      all.map(({ name }) => name),
      ['own', ...names],
    );
    const ours = await walk(client, '/v1/keys?page_size=1000');
    assert.ok(!ours.some(({ id }) => all.some((each) => each.id === id)));
    const last = await other.get('/v1/keys?page_size=3&page_token=last');
    assert.equal(last.body.pagination.total, 8);
    refused(await client.get('/v1/keys?page_size=0'), 9011);
    const { next } = (await other.get('/v1/keys?page_size=3')).body.pagination.links;
    refused(await client.get(new URL(next).pathname + new URL(next).search), 9010);
  });
});

describe('a key that is revoked', () => {
  it('is refused at once, however often it has asked the same before', async () => {
    const { id, secret } = succeeded(await client.post('/v1/keys', { name: 'leaving', scope: 'read' }));
    const leaving = makeClient(server, secret);
    for (let time = 0; time < 4; time++) assert.equal((await leaving.get('/v1/keys')).status, 200);
    assert.equal((await client.delete(`/v1/keys/${id}`)).status, 204);
    refused(await leaving.get('/v1/keys'), 9001);
    refused(await client.delete(`/v1/keys/${id}`), [9030, 'Key is not found']);
  });

  it('is not the one that asks: an account keeps a key that may write', async () => {
    const [{ id }] = await walk(client, '/v1/keys');
    refused(await client.delete(`/v1/keys/${id}`), [9032, 'A key cannot revoke itself']);
    assert.equal((await client.get('/v1/keys')).status, 200);
    const { secret } = succeeded(await client.post('/v1/keys', { name: 'next', scope: 'write' }));
    const next = makeClient(server, secret);
    assert.equal((await next.delete(`/v1/keys/${id}`)).status, 204, 'another one may');
    refused(await client.get('/v1/keys'), 9001);
  });

  it("is not another account's", async () => {
    const other = await makeAccount('Others');
    const [theirs] = await walk(other, '/v1/keys');
    const { secret } = await ownKey();
    const ours = makeClient(server, secret);
    refused(await ours.delete(`/v1/keys/${theirs.id}`), [9030, 'Key is not found']);
    refused(await ours.delete(`/v1/keys/${NOBODY}`), [9030, 'Key is not found']);
    refused(await ours.delete('/v1/keys/x'), [9031, 'Invalid key identifier']);
    assert.equal((await other.get('/v1/keys')).status, 200);
  });
});

/** A key of the first account, whose first one may have been revoked. */
async function ownKey(): Promise<{ secret: string }> {
  return { secret: (await server.muster('keys', 'create', '--account', 'default', '--name', 'beside')).trim() };
}
