/**
 * Sections 5 and 6 of the contract: who may come in, and who sees what. The tables are made from the operations the
 * server has, so that a new one cannot be forgotten here.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { OPERATIONS, type Operation, type OperationId, TAKES_FILE } from '../../src/http/operations.ts';
import { expireKey } from '../support/beside.ts';
import { until } from '../support/contacts.ts';
import { startServer } from '../support/server.ts';
import {
  type Answer,
  type Client,
  changesNothing,
  everything,
  type Loose,
  makeAudience,
  makeClient,
  NOBODY,
  refused,
  succeeded,
} from './support.ts';

const server = await startServer();
const client = makeClient(server);

/** A key made beside the running server. */
async function makeKey(...options: string[]): Promise<string> {
  return (await server.muster('keys', 'create', ...options)).trim();
}

await server.muster('accounts', 'create', 'foreign');
const readKey = await makeKey('--account', 'default', '--name', 'reader', '--scope', 'read');
const reader = makeClient(server, readKey);
const foreigner = makeClient(server, await makeKey('--account', 'foreign', '--name', 'other', '--scope', 'write'));
const expired = await makeKey('--account', 'default', '--name', 'old', '--scope', 'write', '--expires', '1h');
await expireKey(server, 'old');

/** What an upload sends instead of JSON. */
const FILE = { body: 'number\n12025550152\n', headers: { 'content-type': 'text/csv' } };
/** Operations that are told all by their path. */
const BODILESS: OperationId[] = [...TAKES_FILE, 'runImport', 'undoImport', 'cancelImport'];

async function furnish(of: Client) {
  const audience = await makeAudience(of, [{ number: '12025550150', first_name: 'Ana' }, { number: '12025550151' }]);
  const [contact] = (await of.get(`${audience.path}/contacts`)).data;
  const uploaded = await of.send('POST', `${audience.path}/imports?dry_run=true`, FILE);
  const import_id: string = succeeded(uploaded).id;
  await until(async () => (await of.get(`${audience.path}/imports/${import_id}`)).data.status === 'completed');
  const { id: key_id } = succeeded(await of.post('/v1/keys', { name: 'to be revoked', scope: 'read' }));
  return {
    account_id: contact.account_id,
    audience_id: audience.id,
    contact_id: contact.id,
    import_id,
    key_id,
  } as Record<string, string>;
}
const own = await furnish(client);
const foreign = await furnish(foreigner);
const nobody = { account_id: NOBODY, audience_id: NOBODY, contact_id: NOBODY, import_id: NOBODY, key_id: NOBODY };

/** A body that each operation would accept. */
const BODIES: Partial<Record<OperationId, object>> = {
  createAudience: { name: 'Another', channel: 'SMS' },
  renameAudience: { name: 'Renamed' },
  createContact: { number: '12025550199' },
  upsertContacts: { contacts: [{ number: '12025550199' }, { number: '12025550150', first_name: 'Eva' }] },
  updateContact: { first_name: 'Eva' },
  editContacts: { select: {}, action: 'add_tags', tags: ['vip'] },
  createKey: { name: 'Another', scope: 'read' },
};

const ALL = Object.entries(OPERATIONS) as [OperationId, Operation][];

function pathOf({ path }: Operation, ids: Record<string, string>): string {
  return path.replace(/:(\w+)/g, (_, name) => ids[name]!);
}

function run(of: Client, id: OperationId, path: string, headers: Record<string, string> = {}): Promise<Answer> {
  if (TAKES_FILE.includes(id)) return of.send('POST', path, { ...FILE, headers: { ...FILE.headers, ...headers } });
  const data = BODIES[id];
  const body = data === undefined ? undefined : JSON.stringify({ data });
  return of.send(OPERATIONS[id].method, path, {
    body,
    headers: { ...(body && { 'content-type': 'application/json' }), ...headers },
  });
}

/** An answer without what differs between any two: when, and the ids that were asked for. */
function comparable({ status, text, headers }: Answer, ids: Record<string, string>): object {
  let rest = text.replace(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/g, 'then');
  for (const id of Object.values(ids)) rest = rest.replaceAll(id, 'an id');
  const named = [...headers.keys()].filter((name) => !['date', 'x-request-id', 'content-length'].includes(name));
  return { status, rest, named };
}

it('the tables have a body for each operation that takes one', () => {
  for (const [id, { method }] of ALL) {
    const takesBody = (method === 'POST' || method === 'PUT') && !BODILESS.includes(id);
    assert.equal(id in BODIES, takesBody, `${id}: add a body that it accepts`);
  }
});

describe("another account's things", () => {
  for (const [id, operation] of ALL.filter(([, { path }]) => path.includes(':'))) {
    it(`${id} is 404, as for what does not exist`, async () => {
      const before = await everything(foreigner);
      const theirs = await changesNothing(client, () => run(client, id, pathOf(operation, foreign)));
      const missing = await changesNothing(client, () => run(client, id, pathOf(operation, nobody)));
      assert.equal(theirs.status, 404);
      assert.deepEqual(comparable(theirs, foreign), comparable(missing, nobody));
      assert.deepEqual(await everything(foreigner), before);
    });

    if (BODIES[id] !== undefined) {
      it(`${id} with a broken body is 404 too: what is wrong with it is not told`, async () => {
        const broken = {
          body: '{"data":{"name":"!","number":"1","contacts":7}}',
          headers: { 'content-type': 'application/json' },
        };
        for (const ids of [foreign, nobody]) {
          const answer = await client.send(operation.method, pathOf(operation, ids), broken);
          assert.equal(answer.status, 404);
          assert.equal(answer.codes.length, 1);
        }
      });
    }
  }

  it("one's own audience with their contact, and theirs with one's own", async () => {
    for (const [id, operation] of ALL.filter(([, { path }]) => path.includes(':contact_id'))) {
      const before = await everything(foreigner);
      await changesNothing(client, async () => {
        refused(await run(client, id, pathOf(operation, { ...own, contact_id: foreign.contact_id! })), [
          1351,
          'Contact is not found',
        ]);
        refused(await run(client, id, pathOf(operation, { ...foreign, contact_id: own.contact_id! })), [
          1301,
          'Audience is not found',
        ]);
      });
      assert.deepEqual(await everything(foreigner), before);
    }
  });

  it("a contact under another of one's own audiences is not found", async () => {
    const { id } = await makeAudience(client);
    for (const [operationId, operation] of ALL.filter(([, { path }]) => path.includes(':contact_id'))) {
      const path = pathOf(operation, { ...own, audience_id: id });
      refused(await changesNothing(client, () => run(client, operationId, path)), [1351, 'Contact is not found']);
    }
    await client.delete(`/v1/audiences/${id}`);
  });

  it('are in no list, no total and no search, and their names are free', async () => {
    const theirs = (await everything(foreigner)).map(({ id }) => id);
    const mine = await client.get('/v1/audiences');
    assert.equal(mine.body.pagination.total, 1);
    assert.ok(mine.data.every(({ id }: Loose) => !theirs.includes(id)));
    const { name } = (await foreigner.get(`/v1/audiences/${foreign.audience_id}`)).data;
    const { id } = succeeded(await client.post('/v1/audiences', { name: `${name}`, channel: 'SMS' }));
    await client.delete(`/v1/audiences/${id}`);
  });

  it('a page token is good for its own account only', async () => {
    await makeAudience(foreigner);
    const { next } = (await foreigner.get('/v1/audiences?page_size=1')).body.pagination.links;
    const token = new URL(next).searchParams.get('page_token');
    refused(await client.get(`/v1/audiences?page_size=1&page_token=${token}`), [9010, "'page_token' is invalid"]);
  });
});

describe('a read key', () => {
  for (const [id, operation] of ALL) {
    if (operation.scope === 'write') {
      it(`${id} is 403`, async () => {
        for (const ids of [
          own,
          foreign,
          nobody,
          { ...own, audience_id: 'x', contact_id: 'x', import_id: 'x', key_id: 'x' },
        ]) {
          const answer = await changesNothing(client, () => run(reader, id, pathOf(operation, ids)));
          assert.equal(answer.status, 403);
          refused(answer, [9002, "The key's scope does not allow this"]);
        }
      });
    } else {
      it(`${id} works`, async () => {
        assert.equal((await run(reader, id, pathOf(operation, own))).status, 200);
      });
    }
  }

  it('every operation that does not read needs a write key', () => {
    for (const [id, { method, scope }] of ALL) assert.equal(scope, method === 'GET' ? 'read' : 'write', id);
  });
});

describe('without a good key', () => {
  const IDS = {
    'own things': own,
    'what does not exist': nobody,
    'broken ids': { account_id: 'x', audience_id: '%00', contact_id: 'x', import_id: 'x', key_id: 'x' },
  };
  const PLACES: [string, string][] = [
    ...ALL.flatMap(([, operation]) =>
      Object.values(IDS).map((ids): [string, string] => [operation.method, pathOf(operation, ids)]),
    ),
    ...ALL.flatMap(([, operation]) =>
      ['PATCH', 'OPTIONS', 'HEAD', 'POST', 'DELETE'].map((method): [string, string] => [
        method,
        pathOf(operation, own),
      ]),
    ),
    ...[
      '/v1',
      '/v1/',
      '/v1/nothing',
      '/v1/audiences/a/b/c/d',
      '/v1/audiences/%zz',
      '/v1/%',
      `/v1/audiences/${'a'.repeat(2000)}`,
      '/v1//audiences',
    ].flatMap((path) =>
      ['GET', 'POST', 'PUT', 'DELETE', 'HEAD', 'PROPFIND'].map((method): [string, string] => [method, path]),
    ),
  ];
  const KEYS: [string, Record<string, string>][] = [
    ['no key', {}],
    ['an empty key', { 'X-Dexatel-Key': '' }],
    ['a wrong key', { 'X-Dexatel-Key': 'wrong-key-wrong-key' }],
    ['a key and one character more', { 'X-Dexatel-Key': `${server.key}x` }],
    ['a key without its last character', { 'X-Dexatel-Key': server.key.slice(0, -1) }],
    ['a key in capitals', { 'X-Dexatel-Key': server.key.toUpperCase() }],
    ['two keys', { 'X-Dexatel-Key': `${server.key}, ${server.key}` }],
    ['an expired key', { 'X-Dexatel-Key': expired }],
    ['an expired key as Bearer', { Authorization: `Bearer ${expired}` }],
    ['a wrong Bearer', { Authorization: 'Bearer wrong-key-wrong-key' }],
    ['an empty Bearer', { Authorization: 'Bearer ' }],
    ['another scheme', { Authorization: `Basic ${server.key}` }],
    ['a key without scheme', { Authorization: server.key }],
    ['SQL', { 'X-Dexatel-Key': "' OR 1=1 --" }],
  ];
  const stranger = makeClient(server, null);
  const broken = { body: '{"data"', headers: { 'content-type': 'text/plain' } };

  for (const [what, headers] of KEYS) {
    it(`${what}: 401, wherever it goes`, async () => {
      await changesNothing(client, async () => {
        const each = PLACES.map(async ([method, path]) => {
          const hasBody = ['POST', 'PUT', 'PATCH'].includes(method);
          const answer = await stranger.send(method, path, {
            ...(hasBody && broken),
            headers: { ...(hasBody && broken.headers), ...headers },
          });
          assert.equal(answer.status, 401, `${method} ${path}`);
          assert.equal(answer.headers.get('www-authenticate'), 'Bearer', `${method} ${path}`);
          if (method !== 'HEAD') refused(answer, [9001, 'API key is missing or unknown']);
        });
        await Promise.all(each);
      });
    });
  }

  it('a body that is too large is not read', async () => {
    const body = `{"data":"${'x'.repeat(9 * 1024 * 1024)}"}`;
    const answer = await stranger.send('POST', '/v1/audiences', { body }).catch(() => undefined);
    // The server may close the connection before all of it is sent.
    if (answer !== undefined) refused(answer, 9001);
  });

  it('a revoked key is unknown at once', async () => {
    const key = await makeKey('--account', 'default', '--name', 'short', '--scope', 'write');
    const guest = makeClient(server, key);
    assert.equal((await guest.get('/v1/audiences')).status, 200);
    const [id] = (await server.muster('keys', 'list', '--json'))
      .split('\n')
      .filter((line) => line.includes('"short"'))
      .map((line) => JSON.parse(line).id);
    await server.muster('keys', 'revoke', id);
    refused(await guest.get('/v1/audiences'), 9001);
  });
});

describe('a good key', () => {
  for (const [what, headers] of [
    ['in its own header', { 'X-Dexatel-Key': server.key }],
    ['in its own header, written otherwise', { 'x-dexatel-KEY': server.key }],
    ['as Bearer', { Authorization: `Bearer ${server.key}` }],
    ['as bearer', { authorization: `bearer ${server.key}` }],
    ['as Bearer with more spaces', { Authorization: `Bearer   ${server.key}` }],
    ['its own header goes before Bearer', { 'X-Dexatel-Key': server.key, Authorization: 'Bearer wrong' }],
  ] as [string, Record<string, string>][]) {
    it(`${what}: comes in, by every door`, async () => {
      const guest = makeClient(server, null);
      for (const [id, operation] of ALL.filter(([, { scope }]) => scope === 'read')) {
        assert.equal((await run(guest, id, pathOf(operation, own), headers)).status, 200, id);
      }
    });
  }
});

describe('every route', () => {
  it('refuses a broken audience id and a broken contact id, both at once', async () => {
    for (const [id, operation] of ALL.filter(([, { path }]) => path.includes(':audience_id'))) {
      const isContact = operation.path.includes(':contact_id');
      const isImport = operation.path.includes(':import_id');
      for (const broken of [
        'x',
        `${NOBODY}0`,
        NOBODY.slice(1),
        NOBODY.replaceAll('-', ''),
        '%00',
        '%F0%9F%98%80',
        `{${NOBODY}}`,
        '1',
        '__proto__',
      ]) {
        const path = pathOf(operation, {
          audience_id: encodeURI(decodeURI(broken)),
          contact_id: encodeURI(decodeURI(broken)),
          import_id: encodeURI(decodeURI(broken)),
        });
        const expected: [number, string][] = [[1302, 'Invalid audience identifier']];
        if (isContact) expected.push([1352, 'Invalid contact identifier']);
        if (isImport) expected.push([9021, 'Invalid import identifier']);
        const answer = await run(client, id, path);
        assert.equal(answer.status, 400);
        refused(answer, ...expected);
      }
      if (isContact)
        refused(await run(client, id, pathOf(operation, { ...own, contact_id: 'x' })), [
          1352,
          'Invalid contact identifier',
        ]);
    }
  });

  it('accepts ids in upper case, and answers in lower case', async () => {
    for (const [id, operation] of ALL.filter(([, { method, path }]) => method === 'GET' && path.includes(':'))) {
      const upper = Object.fromEntries(Object.entries(own).map(([name, value]) => [name, value.toUpperCase()]));
      const answers = [await run(client, id, pathOf(operation, upper)), await run(client, id, pathOf(operation, own))];
      assert.equal(answers[0]!.text, answers[1]!.text, id);
    }
  });

  it('refuses every other method with 9004 and says which there are', async () => {
    const paths = Map.groupBy(ALL, ([, { path }]) => path);
    for (const [, operations] of paths) {
      const known = operations.map(([, { method }]) => method as string);
      if (known.includes('GET')) known.push('HEAD');
      const path = pathOf(operations[0]![1], own);
      for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'].filter(
        (each) => !known.includes(each),
      )) {
        const answer = await changesNothing(client, () => client.send(method, path));
        assert.equal(answer.status, 405, `${method} ${path}`);
        assert.deepEqual(answer.headers.get('allow')?.split(', ').sort(), known.sort(), `${method} ${path}`);
        if (method !== 'HEAD') refused(answer, [9004, 'Method is not allowed here']);
      }
    }
  });

  it('a read key that uses a wrong method is told that it is wrong', async () => {
    refused(await reader.send('PATCH', '/v1/audiences'), 9004);
  });

  it('answers HEAD as GET, without a body', async () => {
    for (const [, operation] of ALL.filter(([, { method }]) => method === 'GET')) {
      const path = pathOf(operation, own);
      const [head, get] = [await client.send('HEAD', path), await client.get(path)];
      assert.equal(head.status, 200);
      assert.equal(head.text, '');
      assert.equal(head.headers.get('content-length'), get.headers.get('content-length'));
    }
  });

  it('may be asked for with a slash at the end', async () => {
    assert.equal((await client.get('/v1/audiences/')).status, 200);
    assert.equal((await client.get(`/v1/audiences/${own.audience_id}/contacts/`)).status, 200);
  });

  for (const path of [
    '/v1',
    '/v1/',
    '/v1/nothing',
    '/v1/audience',
    '/v1/audiences/a/b/c/d',
    `/v1/audiences/${NOBODY}/contact`,
    '/v1/accounts',
    '/v1/constructor',
    '/v1/__proto__',
  ]) {
    it(`${path} is no path: 9003`, async () => {
      for (const method of ['GET', 'POST', 'DELETE']) {
        const answer = await client.send(method, path);
        assert.equal(answer.status, 404);
        refused(answer, [9003, 'No such path']);
      }
    });
  }

  for (const path of ['/v2/audiences', '/audiences', '/V1/audiences', '/nothing']) {
    it(`${path} is no path either: 9003`, async () => {
      for (const who of [client, makeClient(server, null)]) {
        const answer = await who.send('GET', path);
        assert.equal(answer.status, 404);
        refused(answer, [9003, 'No such path']);
      }
    });
  }
});

describe('what needs no key', () => {
  const stranger = makeClient(server, null);
  for (const path of ['/healthz', '/readyz']) {
    it(`${path} says that all is well`, async () => {
      for (const who of [stranger, client]) {
        const answer = await who.get(path);
        assert.deepEqual([answer.status, answer.body], [200, { status: 'ok' }]);
      }
    });
  }
});
