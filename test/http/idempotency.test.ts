/** `Idempotency-Key`: a write takes effect once, however often it is sent, and every repeat is given the first answer. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { startServer } from '../support/server.ts';
import { CSV, form, makeUploads } from './import-support.ts';
import {
  type Answer,
  type Client,
  changesNothing,
  everything,
  makeAudience,
  makeClient,
  NOBODY,
  nextSecond,
  numberOf,
  operationOf,
  refused,
  type Send,
  succeeded,
} from './support.ts';

const server = await startServer();
const client = makeClient(server);
const { ended } = makeUploads(client);
const { port } = new URL(server.url);
/** The same server under another name, on which its links are built when it is asked there. */
const elsewhere = makeClient({ url: `http://localhost:${port}`, key: server.key });

interface Request extends Send {
  method: string;
  path: string;
}

let made = 0;
const newKey = () => `key-${++made}`;
const sendTo = (to: Client, { method, path, ...rest }: Request, key?: string) =>
  to.send(method, path, {
    ...rest,
    headers: { ...rest.headers, ...(key !== undefined && { 'idempotency-key': key }) },
  });
const send = (request: Request, key?: string) => sendTo(client, request, key);
const json = (method: string, path: string, data: unknown): Request => ({
  method,
  path,
  body: JSON.stringify({ data }),
  headers: { 'content-type': 'application/json' },
});

/** Asserts that an answer is the first one given again, byte by byte. */
function isReplayOf(answer: Answer, first: Answer): void {
  assert.equal(answer.headers.get('idempotent-replayed'), 'true', `${answer.status} ${answer.text}`);
  const seen = ({ status, text, headers }: Answer) => [status, text, headers.get('etag'), headers.get('content-type')];
  assert.deepEqual(seen(answer), seen(first));
}

const isFirst = ({ headers }: Answer) => !headers.has('idempotent-replayed');

/** An audience with a contact, and what an import of it can be asked for. */
async function makeScene() {
  const audience = await makeAudience(client, [{ number: numberOf(1), first_name: 'Ana' }, { number: numberOf(2) }]);
  const [contact] = (await client.get(`${audience.path}/contacts`)).data;
  return { ...audience, contact: `${audience.path}/contacts/${contact.id}`, contacts: `${audience.path}/contacts` };
}
type Scene = Awaited<ReturnType<typeof makeScene>>;

async function makeImport({ path }: Scene, query: string): Promise<string> {
  const answer = await client.send('POST', `${path}/imports?${query}`, { body: 'number\n12025550177\n', headers: CSV });
  return (await ended(answer)).links.self;
}

/** Every write, as it succeeds and as what is there refuses it. */
const WRITES: [what: string, status: number, request: (scene: Scene) => Request | Promise<Request>][] = [
  ['createAudience', 201, () => json('POST', '/v1/audiences', { name: `Once ${made}`, channel: 'SMS' })],
  [
    'createAudience with contacts',
    201,
    () => json('POST', '/v1/audiences', { name: `All ${made}`, channel: 'SMS', contacts: [{ number: numberOf(1) }] }),
  ],
  [
    'createAudience of a name that is there',
    409,
    async ({ path }) => json('POST', '/v1/audiences', { name: (await client.get(path)).data.name, channel: 'SMS' }),
  ],
  ['renameAudience', 200, ({ path }) => json('PUT', path, { name: `New ${made}` })],
  [
    'renameAudience that has changed since',
    412,
    ({ path }) => {
      const request = json('PUT', path, { name: `New ${made}` });
      return { ...request, headers: { ...request.headers, 'if-match': '"other"' } };
    },
  ],
  ['deleteAudience', 204, ({ path }) => ({ method: 'DELETE', path })],
  ['createContact', 201, ({ contacts }) => json('POST', contacts, { number: numberOf(3), last_name: 'Ö "x"' })],
  ['createContact of a number that is there', 409, ({ contacts }) => json('POST', contacts, { number: numberOf(1) })],
  ['updateContact', 200, ({ contact }) => json('PUT', contact, { first_name: 'Bea' })],
  ['updateContact to the same', 200, ({ contact }) => json('PUT', contact, { first_name: 'Ana' })],
  ['updateContact to a number that is there', 409, ({ contact }) => json('PUT', contact, { number: numberOf(2) })],
  ['deleteContact', 204, ({ contact }) => ({ method: 'DELETE', path: contact })],
  [
    'upsertContacts',
    200,
    ({ contacts }) =>
      json('POST', `${contacts}/bulk`, {
        on_conflict: 'error',
        contacts: [...Array(400).keys()].map((n) => ({ number: n % 7 === 0 ? '12' : numberOf(n), first_name: 'Bulk' })),
      }),
  ],
  [
    'createImport of a file',
    202,
    ({ path }) => ({
      method: 'POST',
      path: `${path}/imports?file_name=a.csv`,
      body: 'number\n12025550188\n',
      headers: CSV,
    }),
  ],
  [
    'createImport of a form',
    202,
    ({ path }) => ({
      method: 'POST',
      path: `${path}/imports`,
      body: form(['tags', 'vip'], ['file', ['people.csv', 'number\n12025550188\n']]),
    }),
  ],
  ['runImport', 202, async (scene) => ({ method: 'POST', path: `${await makeImport(scene, 'dry_run=true')}/run` })],
  ['runImport that was run', 409, async (scene) => ({ method: 'POST', path: `${await makeImport(scene, '')}/run` })],
  ['undoImport', 202, async (scene) => ({ method: 'POST', path: `${await makeImport(scene, '')}/undo` })],
  [
    'cancelImport that is over',
    409,
    async (scene) => ({ method: 'POST', path: `${await makeImport(scene, '')}/cancel` }),
  ],
];

describe('a repeat', () => {
  for (const [what, status, makeRequest] of WRITES) {
    it(`of ${what} (${status}) is answered as the first, byte by byte, and does nothing`, async () => {
      const scene = await makeScene();
      const request = await makeRequest(scene);
      const pathname = request.path.startsWith('http') ? new URL(request.path).pathname : request.path.split('?')[0]!;
      assert.equal(operationOf(request.method, pathname), what.split(' ')[0]);
      const key = newKey();
      const first = await send(request, key);
      assert.equal(first.status, status, first.text);
      assert.ok(isFirst(first));
      assert.equal(first.headers.get('idempotency-key'), key);
      if (first.data?.links?.events !== undefined) await ended(first);
      if (status === 409 || status === 412) await nextSecond();
      await changesNothing(client, async () => {
        isReplayOf(await send(request, key), first);
        // Links and all: whatever address a repeat comes to.
        if (!request.path.startsWith('http')) isReplayOf(await sendTo(elsewhere, request, key), first);
        isReplayOf(await send(request, key), first);
      });
    });

    it(`of ${what} that says something else is 9014, and does nothing`, async () => {
      const request = await makeRequest(await makeScene());
      const key = newKey();
      const first = await send(request, key);
      if (first.data?.links?.events !== undefined) await ended(first);
      const others: Request[] = [
        { ...request, path: `${request.path}${request.path.includes('?') ? '&' : '?'}another=1` },
        ...(typeof request.body === 'string' ? [{ ...request, body: request.body.replace(/\}?.$/s, ' $&') }] : []),
        ...(request.method === 'POST' ? [] : [{ ...request, headers: { ...request.headers, 'if-match': '*' } }]),
      ];
      await changesNothing(client, async () => {
        for (const other of others) {
          const answer = await send(other, key);
          refused(answer, [9014, 'The Idempotency-Key was used for another request']);
          assert.ok(isFirst(answer));
        }
        isReplayOf(await send(request, key), first);
      });
    });
  }

  it('gives the first answer also when what it made is long gone', async () => {
    const { path, contacts } = await makeScene();
    const key = newKey();
    const request = json('POST', contacts, { number: numberOf(5), first_name: 'Once' });
    const first = await send(request, key);
    const contact = `${contacts}/${first.data.id}`;
    succeeded(await client.put(contact, { first_name: 'Later' }));
    isReplayOf(await send(request, key), first);
    assert.equal((await client.delete(contact)).status, 204);
    isReplayOf(await send(request, key), first);
    refused(await client.get(contact), 1351);
    assert.equal((await client.delete(path)).status, 204);
    isReplayOf(await send(request, key), first);
  });

  it('of another method, or of the same on another path, is another request', async () => {
    const { path, contact, contacts } = await makeScene();
    const key = newKey();
    succeeded(await send(json('PUT', contact, { first_name: 'Bea' }), key));
    await changesNothing(client, async () => {
      refused(await send({ method: 'DELETE', path: contact }, key), 9014);
      refused(await send(json('PUT', path, { first_name: 'Bea', name: 'Bea' }), key), 9014);
      refused(await send(json('POST', contacts, { first_name: 'Bea', number: numberOf(6) }), key), 9014);
    });
  });

  it('of an upload is told by the file, not by the form it comes in', async () => {
    const { path } = await makeScene();
    const key = newKey();
    const upload = (name: string, content: string, tags: string): Request => ({
      method: 'POST',
      path: `${path}/imports`,
      body: form(['tags', tags], ['file', [name, content]]),
    });
    const first = await send(upload('a.csv', 'number\n12025550188\n', 'vip'), key);
    await ended(first);
    // Each form has a boundary of its own.
    isReplayOf(await send(upload('a.csv', 'number\n12025550188\n', 'vip'), key), first);
    refused(await send(upload('a.csv', 'number\n12025550189\n', 'vip'), key), 9014);
    refused(await send(upload('a.csv', 'number\n12025550188\n', 'old'), key), 9014);
    refused(await send(upload('b.csv', 'number\n12025550188\n', 'vip'), key), 9014);
    assert.deepEqual(
      (await client.get(`${path}/imports`)).data.map(({ id }: { id: string }) => id),
      [first.data.id],
    );
  });
});

describe('the key', () => {
  const WRONG: [number, string] = [9013, "'Idempotency-Key' must be 1 to 255 visible ASCII characters"];
  const KEYS: [what: string, key: string, expected: 201 | [number, string]][] = [
    ['one character', '!', 201],
    ['255 characters', '~'.repeat(255), 201],
    ['a UUID in quotes, as the draft of a standard has it', '"8e03978e-40d5-43dd-bc93-6894a57f9324"', 201],
    ['signs of all kinds', '!"#$%&()*+,-./:;<=>?@[]^_`{|}~', 201],
    ['256 characters', 'a'.repeat(256), WRONG],
    ['nothing', '', WRONG],
    ['a space inside', 'a b', WRONG],
    ['a tab inside', 'a\tb', WRONG],
    ['a letter that is not ASCII', 'schlüssel', WRONG],
  ];
  for (const [what, key, expected] of KEYS) {
    it(`${what}: ${expected === 201 ? 'is taken' : '9013, and nothing is stored'}`, async () => {
      const { contacts } = await makeScene();
      const request = json('POST', contacts, { number: numberOf(7) });
      if (expected === 201) {
        const first = await send(request, key);
        isReplayOf(await send(request, key), first);
      } else refused(await changesNothing(client, () => send(request, key)), expected);
    });
  }

  it('is one of its account: another account has the same for itself', async () => {
    const [id] = /[0-9a-f-]{36}/.exec(await server.muster('accounts', 'create', 'Beside'))!;
    const [secret] = /muster_\S{20,}/.exec(await server.muster('keys', 'create', '--account', id, '--name', 'beside'))!;
    const other = makeClient(server, secret);
    const key = newKey();
    const request = json('POST', '/v1/audiences', { name: `Both ${made}`, channel: 'SMS' });
    const own = await send(request, key);
    const others = await sendTo(other, request, key);
    assert.ok(isFirst(others));
    assert.notEqual(succeeded(others).id, succeeded(own).id);
    isReplayOf(await sendTo(other, request, key), others);
    isReplayOf(await send(request, key), own);
  });

  it('outlives the API key it came with: another key of the account is given the same', async () => {
    const key = newKey();
    const request = json('POST', '/v1/audiences', { name: `Rotated ${made}`, channel: 'SMS' });
    const first = await send(request, key);
    const { account_id } = succeeded(first);
    const printed = await server.muster('keys', 'create', '--account', account_id, '--name', 'second');
    const second = makeClient(server, /muster_\S{20,}/.exec(printed)![0]);
    isReplayOf(await sendTo(second, request, key), first);
  });

  it('says nothing where an API key is made: its secret is stored nowhere', async () => {
    const key = newKey();
    const request = json('POST', '/v1/keys', { name: 'twice', scope: 'read' });
    const answers = [await send(request, key), await send(request, key)];
    for (const answer of answers) {
      assert.equal(answer.status, 201, answer.text);
      assert.ok(!answer.headers.has('idempotency-key'));
    }
    assert.notEqual(answers[0]!.text, answers[1]!.text);
  });

  it('of a read says nothing', async () => {
    const { path } = await makeScene();
    const key = newKey();
    const first = await send({ method: 'GET', path }, key);
    succeeded(await client.put(path, { name: `Seen ${made}` }));
    const second = await send({ method: 'GET', path }, key);
    assert.ok(isFirst(second));
    assert.notEqual(second.text, first.text);
  });
});

describe('what is not kept: the key is free for the request as it should have been', () => {
  const REFUSALS: [what: string, wrong: (scene: Scene) => Request, ...codes: number[]][] = [
    ['a member that breaks a rule', ({ contacts }) => json('POST', contacts, { number: '12' }), 1354],
    ['a body that is no JSON', ({ contacts }) => ({ ...json('POST', contacts, {}), body: '{' }), 1005],
    ['a type that is not read', ({ contacts }) => ({ method: 'POST', path: contacts, body: 'x', headers: CSV }), 9005],
    [
      'an audience that is not there',
      () => json('POST', `/v1/audiences/${NOBODY}/contacts`, { number: numberOf(8) }),
      1301,
    ],
    ['a contact that is not there', ({ contacts }) => ({ method: 'DELETE', path: `${contacts}/${NOBODY}` }), 1351],
    [
      'an import option that is wrong',
      ({ path }) => ({ method: 'POST', path: `${path}/imports?mode=no`, body: 'number\n', headers: CSV }),
      9013,
    ],
  ];
  for (const [what, wrong, ...codes] of REFUSALS) {
    it(what, async () => {
      const scene = await makeScene();
      const key = newKey();
      for (let time = 0; time < 2; time++) {
        const answer = await changesNothing(client, () => send(wrong(scene), key));
        refused(answer, ...codes);
        assert.ok(isFirst(answer));
      }
      const right = json('POST', scene.contacts, { number: numberOf(8) });
      const first = await send(right, key);
      succeeded(first);
      isReplayOf(await send(right, key), first);
    });
  }

  it('a key that may not write, and one that nobody has', async () => {
    const { path, contacts } = await makeScene();
    const { account_id } = (await client.get(path)).data;
    const options = ['--account', account_id, '--name', 'reads', '--scope', 'read'];
    const [secret] = /muster_\S{20,}/.exec(await server.muster('keys', 'create', ...options))!;
    const key = newKey();
    const request = json('POST', contacts, { number: numberOf(8) });
    refused(await sendTo(makeClient(server, secret), request, key), 9002);
    refused(await sendTo(makeClient(server, 'nobody'), request, key), 9001);
    assert.ok(isFirst(await send(request, key)));
  });
});

describe('at once', () => {
  it('100 repeats of one create: one contact, and 100 equal answers', async () => {
    const { contacts, path } = await makeScene();
    const key = newKey();
    const request = json('POST', contacts, { number: numberOf(9) });
    const answers = await Promise.all(Array.from({ length: 100 }, () => send(request, key)));
    assert.deepEqual(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size, 1);
    assert.equal(answers[0]!.status, 201);
    assert.equal(answers.filter(isFirst).length, 1);
    assert.equal((await client.get(path)).data.contacts_count, 3);
  });

  it('20 repeats of one bulk call: each row is created once, for every caller', async () => {
    const { contacts, path } = await makeScene();
    const key = newKey();
    const rows = [...Array(1000).keys()].map((n) => ({ number: numberOf(n + 10) }));
    const request = json('POST', `${contacts}/bulk`, { on_conflict: 'error', contacts: rows });
    const answers = await Promise.all(Array.from({ length: 20 }, () => send(request, key)));
    for (const { data } of answers) assert.equal(data.created, 1000);
    assert.equal(new Set(answers.map(({ text }) => text)).size, 1);
    assert.equal((await client.get(path)).data.contacts_count, 1002);
  });

  it('10 repeats of one upload: one import', async () => {
    const { path } = await makeScene();
    const key = newKey();
    const request = { method: 'POST', path: `${path}/imports`, body: 'number\n12025550188\n', headers: CSV };
    const answers = await Promise.all(Array.from({ length: 10 }, () => send(request, key)));
    assert.equal(new Set(answers.map(({ text }) => text)).size, 1);
    assert.equal(answers.filter(isFirst).length, 1);
    await ended(answers[0]!);
    assert.equal((await client.get(`${path}/imports`)).body.pagination.total, 1);
  });

  it('50 other requests under one key: one is carried out, 49 are 9014', async () => {
    const { contacts, path } = await makeScene();
    const key = newKey();
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, n) => send(json('POST', contacts, { number: numberOf(n + 10) }), key)),
    );
    assert.equal(answers.filter(({ status }) => status === 201).length, 1);
    for (const answer of answers) if (answer.status !== 201) refused(answer, 9014);
    assert.equal((await client.get(path)).data.contacts_count, 3);
  });
});

it('after a restart a repeat is answered as before', async () => {
  const { contacts } = await makeScene();
  const key = newKey();
  const request = json('POST', contacts, { number: numberOf(9) });
  const first = await send(request, key);
  const before = await everything(client);
  await server.stop();
  await server.restart();
  isReplayOf(await send(request, key), first);
  assert.deepEqual(await everything(client), before);
});
