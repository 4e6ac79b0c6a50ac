/** Plain requests of hot operations are answered in front of Fastify: which those are, and that nobody can tell. */
import assert from 'node:assert/strict';
import { createServer, type IncomingHttpHeaders, request as send } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { after, describe, it } from 'node:test';
import fc from 'fast-check';
import { makeKey } from '../../src/core/keys.ts';
import { makeAccessCheck } from '../../src/http/auth.ts';
import type { Handler } from '../../src/http/call.ts';
import { makeDirectAnswers } from '../../src/http/direct-answers.ts';
import { makeKeptAnswers } from '../../src/http/kept-answers.ts';
import type { OperationId } from '../../src/http/operations.ts';
import { contactRoutes } from '../../src/http/routes/contacts.ts';
import { openMemoryStore } from '../support/memory-store.ts';
import { startServer } from '../support/server.ts';
import { fill, makeAudience, makeClient, NOBODY, numberOf, succeeded } from './support.ts';

interface Request {
  method: string;
  path: string;
  headers?: Record<string, string>;
  /** Sent piece by piece, with a pause between them. */
  body?: (string | Uint8Array)[];
}

interface Raw {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
}

/** Sends a request as it is, and nothing beside it. */
function ask(origin: string, { method, path, headers = {}, body = [] }: Request): Promise<Raw> {
  return new Promise((resolve, reject) => {
    const request = send(origin, { method, path, headers, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part) => {
        text += part;
      });
      response.on('end', () => resolve({ status: response.statusCode!, headers: response.headers, text }));
    });
    request.on('error', reject);
    sendBody(body, (part) => request.write(part)).then(() => request.end(), reject);
  });
}

async function sendBody(parts: (string | Uint8Array)[], write: (part: string | Uint8Array) => void): Promise<void> {
  for (const [index, part] of parts.entries()) {
    if (index > 0) await new Promise((resolve) => setTimeout(resolve, 5));
    write(part);
  }
}

const lengthOf = (body: (string | Uint8Array)[]) => String(Buffer.concat(body.map((part) => Buffer.from(part))).length);

describe('what is answered directly', async () => {
  const store = openMemoryStore();
  const account = await store.accounts.create('plain');
  const { secret, key } = makeKey({ account_id: account.id, name: 'x', scope: 'write', expire_date: null });
  await store.keys.create(key);
  const audience = await store.audiences.create(account.id, { name: 'x', channel: 'SMS', contacts: [] });
  const check = makeAccessCheck(store, false, (error) => assert.fail(error as Error));
  const context = { store, numberRule: 'valid', isClosing: () => false } as Parameters<typeof contactRoutes>[0];
  const answer = makeDirectAnswers({
    handlers: contactRoutes(context) as unknown as Record<OperationId, Handler>,
    check,
    kept: makeKeptAnswers(check, () => 'kept'),
    originOf: ({ headers }) => `http://${headers.host}`,
    makeRequestId: () => 'direct',
  });
  const server = createServer((request, response) =>
    answer(request, response, undefined, () => response.writeHead(500, { 'x-request-id': 'general' }).end()),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  after(() => server.close());
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const path = `/v1/audiences/${audience.id}/contacts`;
  const [contact, another] = [1, 2].map((n) => JSON.stringify({ data: { number: numberOf(n) } })) as [string, string];
  const known = { 'x-dexatel-key': secret };
  const post = { method: 'POST', path, body: [contact] };
  const sized = { ...known, 'content-length': lengthOf([contact]) };

  const ROWS: [title: string, request: Request, way: 'direct' | 'general'][] = [
    ['a page', { method: 'GET', path, headers: known }, 'direct'],
    ['a page with parameters', { method: 'GET', path: `${path}?page_size=2&x=y`, headers: known }, 'direct'],
    ['a contact', { ...post, headers: sized }, 'direct'],
    ['a contact in pieces', { ...post, body: [another.slice(0, 9), another.slice(9)], headers: sized }, 'direct'],
    ['a key as Bearer', { method: 'GET', path, headers: { authorization: `Bearer ${secret}` } }, 'direct'],
    ['a body of unknown length', { ...post, headers: { ...known, 'transfer-encoding': 'chunked' } }, 'general'],
    ['a parameter twice', { method: 'GET', path: `${path}?page_size=2&page_size=3`, headers: known }, 'general'],
    ['an encoded parameter', { method: 'GET', path: `${path}?filter%5Bsearch%5D=a`, headers: known }, 'general'],
    ['a plus', { method: 'GET', path: `${path}?filter[search]=a+b`, headers: known }, 'general'],
    ['a slash at the end', { method: 'GET', path: `${path}/`, headers: known }, 'general'],
    ['a head', { method: 'HEAD', path, headers: known }, 'general'],
    ['a read with a body', { method: 'GET', path, headers: sized, body: [contact] }, 'general'],
    ['no key', { method: 'GET', path }, 'general'],
    ['another operation', { method: 'GET', path: '/v1/audiences', headers: known }, 'general'],
    ['what is not there', { method: 'GET', path: path.replace(audience.id, NOBODY), headers: known }, 'general'],
    ['what is refused', { ...post, body: ['{}'], headers: { ...known, 'content-length': '2' } }, 'general'],
    ...['cookie', 'if-match', 'if-none-match', 'idempotency-key', 'range', 'x-muster-csrf'].map(
      (name): [string, Request, 'general'] => [
        `the header ${name}`,
        { method: 'GET', path, headers: { ...known, [name]: 'x' } },
        'general',
      ],
    ),
  ];
  for (const [title, request, way] of ROWS) {
    it(`${title}: ${way}`, async () => {
      const { headers, status } = await ask(origin, request);
      assert.equal(headers['x-request-id'], way);
      assert.equal(status === 500, way === 'general');
    });
  }
});

describe('both ways give the same answers', async () => {
  const server = await startServer();
  const client = makeClient(server);
  const reader = (await server.muster('keys', 'create', '--name', 'reader', '--scope', 'read')).trim();
  const people = Array.from({ length: 7 }, (_, n) => ({ number: numberOf(n), first_name: n % 2 ? 'Ana' : 'Łukasz' }));
  const audience = await makeAudience(client);
  await fill(client, audience.path, people);
  const page = await client.get(`${audience.path}/contacts?page_size=3`);
  const token = new URL(page.body.pagination.links.next).searchParams.get('page_token')!;
  const contact: string = page.data[1].id;
  // Contacts are created in one audience directly and in another the general way.
  const [direct, general] = [await makeAudience(client), await makeAudience(client)];

  const key = fc.constantFrom<Record<string, string>>(
    { 'x-dexatel-key': server.key },
    { 'x-dexatel-key': server.key },
    { authorization: `Bearer ${server.key}` },
    { 'x-dexatel-key': reader },
    { 'x-dexatel-key': 'no-key-of-this-server' },
    {},
  );
  const pair = fc.constantFrom(
    ...['page_size=3', 'page_size=1000', 'page_size=0', 'page_size=x', 'page_size=', `page_token=${token}`],
    ...['page_token=x', 'filter[search]=ana', 'filter[search]=lukasz', 'filter[search]=+1', 'n=1', 'n', '', '%zz'],
  );
  const query = fc.array(pair, { maxLength: 3 }).map((pairs) => (pairs.length === 0 ? '' : `?${pairs.join('&')}`));
  const id = (known: string) => fc.constantFrom(known, known, known, NOBODY, known.toUpperCase(), 'x', '%41', '');
  const host = fc.constantFrom('contacts.example.com', '127.0.0.1:1', 'ÿ.example.com');
  const read: fc.Arbitrary<Request> = fc
    .record({ key, query, audience: id(audience.id), contact: fc.option(id(contact)), host })
    .map(({ key, query, audience, contact, host }) => ({
      method: 'GET',
      path: `/v1/audiences/${audience}/contacts${contact === null ? '' : `/${contact}`}${query}`,
      headers: { ...key, host },
    }));
  const details = fc.record(
    {
      number: fc.oneof(
        fc.nat(20).map(numberOf),
        fc.constantFrom('+1 (202) 555-0199', '0', 'x', 7, null, '1'.repeat(50)),
      ),
      first_name: fc.oneof(fc.string({ unit: 'grapheme', maxLength: 40 }), fc.constantFrom(null, 7, '\0')),
      tags: fc.option(fc.array(fc.string({ maxLength: 5 }), { maxLength: 12 })),
    },
    { requiredKeys: [] },
  );
  const json = fc.oneof(
    { weight: 4, arbitrary: details.map((data) => JSON.stringify({ data })) },
    { weight: 1, arbitrary: fc.constantFrom('', '{}', '{"data":', '[]', '"x"', '{"data":[]}') },
  );
  const bytes = fc.oneof(
    { weight: 8, arbitrary: json.map((text) => Buffer.from(text)) },
    { weight: 1, arbitrary: fc.constant(Buffer.from([0x22, 0xff, 0x22])) },
  );
  const create = fc.record({
    key,
    bytes,
    cut: fc.option(fc.nat(60), { freq: 4 }),
    type: fc.constantFrom('application/json', 'application/json', 'application/problem+json', 'text/csv', null),
  });

  /** The answer without what differs between any two requests. */
  function shown({ status, headers, text }: Raw) {
    const { date, 'x-request-id': id, ...rest } = headers;
    assert.match(String(id ?? ''), /./);
    return {
      status,
      headers: rest,
      text: text.replace(/"timestamp":"\d{4}-[^"]*","path"/g, '"timestamp":"NOW","path"'),
    };
  }

  /** The answer without what differs between any two contacts either. */
  function created(answer: Raw, audienceId: string) {
    const { headers, text, ...rest } = shown(answer);
    const bare = text
      .replaceAll(audienceId, 'AUDIENCE')
      .replace(/"id":"[^"]{36}"/, '"id":"ID"')
      .replace(/\/contacts\/[0-9a-f-]{36}"/, '/contacts/ID"')
      .replace(/"contact_id":"[^"]{36}"/g, '"contact_id":"ID"')
      .replace(/"(create_date|update_date)":"\d{4}-[^"]*"/g, '"$1":"NOW"');
    return { ...rest, text: bare, headers: { ...headers, ...(headers.etag && { etag: 'TAG' }) } };
  }
  /** A header that nobody reads, and that no plain request has. */
  const GENERAL = { 'x-general': '1' };

  it('to reads', async () => {
    await fc.assert(
      fc.asyncProperty(read, async (request) => {
        const one = await ask(server.url, request);
        const other = await ask(server.url, { ...request, headers: { ...request.headers, ...GENERAL } });
        assert.deepEqual(shown(one), shown(other));
      }),
      { numRuns: 300 },
    );
  });

  it('to creates', async () => {
    await fc.assert(
      fc.asyncProperty(create, async ({ key, bytes, cut, type }) => {
        const body = cut === null ? [bytes] : [bytes.subarray(0, cut), bytes.subarray(cut)];
        const headers = {
          ...key,
          host: 'contacts.example.com',
          'content-length': String(bytes.length),
          ...(type !== null && { 'content-type': type }),
        };
        const post = (path: string, more: object) =>
          ask(server.url, { method: 'POST', path: `${path}/contacts`, headers: { ...headers, ...more }, body });
        const one = await post(direct.path, {});
        const other = await post(general.path, GENERAL);
        assert.deepEqual(created(one, direct.id), created(other, general.id));
      }),
      { numRuns: 300 },
    );
  });

  it('to requests that come together, each its own, in their order', async () => {
    const target = await makeAudience(client);
    const leaving = await makeAudience(client);
    const contacts = `${target.path}/contacts`;
    // They are carried out side by side: what one of them is answered must not hang on another.
    succeeded(await client.post(contacts, { number: numberOf(9) }));
    const asked: [key: string, method: string, path: string, body: string, status: number][] = [
      [server.key, 'POST', contacts, JSON.stringify({ data: { number: numberOf(1) } }), 201],
      ['nobody-has-this-key', 'GET', contacts, '', 401],
      [reader, 'POST', contacts, JSON.stringify({ data: { number: numberOf(2) } }), 403],
      [reader, 'GET', contacts, '', 200],
      [server.key, 'POST', contacts, '{"data":', 400],
      [server.key, 'GET', '/v1/audiences?page_size=1', '', 200],
      [server.key, 'POST', contacts, JSON.stringify({ data: { number: numberOf(9) } }), 409],
      ['nobody-has-this-key', 'POST', contacts, '{}', 401],
      [server.key, 'DELETE', leaving.path, '', 204],
    ];
    const text = asked.map(([key, method, path, body, status]) => {
      const last = status === 204 ? 'connection: close\r\n' : '';
      const length = method === 'GET' ? '' : `content-length: ${body.length}\r\n`;
      return `${method} ${path} HTTP/1.1\r\nhost: x\r\nx-dexatel-key: ${key}\r\n${length}${last}\r\n${body}`;
    });
    const { hostname, port } = new URL(server.url);
    const socket = connect(Number(port), hostname).setEncoding('utf8');
    socket.write(text.join(''));
    let answers = '';
    for await (const part of socket) answers += part;
    const statuses = [...answers.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status));
    assert.deepEqual(
      statuses,
      asked.map(([, , , , status]) => status),
    );
  });
});
