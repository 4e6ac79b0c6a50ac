/** Section 5 of the contract: what is wrong with a body before its members are looked at. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { OPERATIONS } from '../../src/http/operations.ts';
import { startServer } from '../support/server.ts';
import { type Answer, changesNothing, type Loose, makeAudience, makeClient, refused, succeeded } from './support.ts';

const client = makeClient(await startServer());
const audience = await makeAudience(client, [{ number: '12025550150', first_name: 'Ana' }]);
const contact = (await client.get(`${audience.path}/contacts`)).data[0];

const JSON_TYPE = { 'content-type': 'application/json' };
const MiB = 1024 * 1024;

/** Every operation that takes a body, made from the table of operations. */
const DOORS = Object.entries(OPERATIONS)
  .filter(([, { errors }]) => (errors as readonly number[]).includes(1005))
  .map(([id, { method, path }]): [string, string, string] => [
    id,
    method,
    path.replace(':audience_id', audience.id).replace(':contact_id', contact.id),
  ]);

async function everywhere(send: Loose, check: (answer: Answer) => void): Promise<void> {
  for (const [, method, path] of DOORS) {
    check(await changesNothing(client, () => client.send(method, path, send)));
  }
}

it('seven operations take a body', () => {
  assert.deepEqual(DOORS.map(([id]) => id).sort(), [
    'createAudience',
    'createContact',
    'createKey',
    'editContacts',
    'renameAudience',
    'updateContact',
    'upsertContacts',
  ]);
});

describe('1005: the body is not valid JSON', () => {
  const bytes = (...parts: (string | number[])[]) => Buffer.concat(parts.map((part) => Buffer.from(part as string)));
  const BROKEN: [string, string | Uint8Array][] = [
    ['a word', 'data'],
    ['cut off', '{"data":{"number":"12025550150"'],
    ['two values', '{"data":{}} {"data":{}}'],
    ['a comma too many', '{"data":{"number":"12025550151",}}'],
    ['single quotes', "{'data':{}}"],
    ['a comment', '{"data":{}} // ok'],
    ['NaN', '{"data":NaN}'],
    ['a raw line end in a string', '{"data":{"number":"1\n2"}}'],
    ['white space', '   \n '],
    ['form data', 'number=12025550151'],
    ['a byte that is no UTF-8', bytes('{"data":{"number":"12025550151","first_name":"', [0xff], '"}}')],
    ['UTF-8 cut inside a character', bytes('{"data":{"number":"12025550151","first_name":"', [0xe2, 0x82], '"}}')],
    ['an overlong slash', bytes('{"data":{"number":"12025550151","first_name":"', [0xc0, 0xaf], '"}}')],
    ['a surrogate in UTF-8', bytes('{"data":{"number":"12025550151","first_name":"', [0xed, 0xa0, 0x80], '"}}')],
    ['Latin-1', Buffer.from('{"data":{"number":"12025550151","first_name":"José"}}', 'latin1')],
    ['UTF-16', Buffer.from('{"data":{"number":"12025550151"}}', 'utf16le')],
    ['compressed', gzipSync('{"data":{"number":"12025550151"}}')],
    ['brackets, a hundred thousand deep, never closed', '['.repeat(100_000)],
  ];
  for (const [what, body] of BROKEN) {
    it(what, async () => {
      await everywhere({ body, headers: JSON_TYPE }, (answer) => {
        assert.equal(answer.status, 400);
        refused(answer, 1005);
      });
    });
  }
});

describe("1007: 'data' is required", () => {
  for (const [what, body] of [
    ['an empty object', '{}'],
    ['data is null', '{"data":null}'],
    ['another name', '{"Data":{}}'],
    ['members without data', '{"number":"12025550151","name":"x"}'],
    ['a list', '[{"data":{}}]'],
    ['null', 'null'],
    ['a text', '"data"'],
    ['a number', '1'],
    ['true', 'true'],
    ['data as a prototype', '{"__proto__":{"data":{"number":"12025550151"}}}'],
    ['no body at all', undefined],
    ['an empty body', ''],
  ] as const) {
    it(what, async () => {
      await everywhere({ body, headers: JSON_TYPE }, (answer) => {
        assert.equal(answer.status, 400);
        refused(answer, [1007, "'data' is required"]);
      });
    });
  }

  it('goes before a missing audience no more than any broken rule does', async () => {
    refused(await client.post('/v1/audiences/00000000-0000-7000-8000-000000000000/contacts', undefined), 1301);
  });
});

describe('9013: data is no object', () => {
  for (const data of ['"x"', '1', '0', 'true', 'false', '""', '[]', '[{"number":"12025550151"}]']) {
    it(data, async () => {
      await everywhere({ body: `{"data":${data}}`, headers: JSON_TYPE }, (answer) => {
        refused(answer, [9013, "'data' must be an object"]);
      });
    });
  }
});

describe('9005: unsupported media type', () => {
  const body = '{"data":{"number":"12025550151","name":"Media","channel":"SMS","contacts":[]}}';
  for (const type of [
    'text/plain',
    'text/html; charset=utf-8',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/xml',
    'application/octet-stream',
    'application/jsonp',
    'application/json5',
    'text/json',
    'json',
    'nonsense type',
    '*/*',
  ]) {
    it(type, async () => {
      await everywhere({ body, headers: { 'content-type': type } }, (answer) => {
        assert.equal(answer.status, 415);
        refused(answer, [9005, 'Unsupported media type: send application/json']);
      });
    });
  }

  for (const type of [
    'application/json',
    'application/json;charset=utf-8',
    'Application/JSON; charset=UTF-8',
    'application/json ; charset=utf-8',
    'application/vnd.api+json',
    'application/merge-patch+json',
  ]) {
    it(`${type} is fine`, async () => {
      const answer = await client.send('POST', `${audience.path}/contacts`, {
        body,
        headers: { 'content-type': type },
      });
      assert.equal(answer.status, 201);
      await client.delete(`${audience.path}/contacts/${answer.data.id}`);
    });
  }

  it('no type at all is taken as JSON', async () => {
    const answer = await client.send('POST', `${audience.path}/contacts`, { body: Buffer.from(body) });
    assert.equal(answer.status, 201);
    await client.delete(`${audience.path}/contacts/${answer.data.id}`);
  });

  it('a type without a body is no harm', async () => {
    assert.equal((await client.send('GET', audience.path, { headers: JSON_TYPE })).status, 200);
    const { id } = await makeAudience(client);
    assert.equal((await client.send('DELETE', `/v1/audiences/${id}`, { headers: JSON_TYPE })).status, 204);
  });
});

describe('9006: the body is too large', () => {
  const sized = (length: number, data: object) => {
    const text = JSON.stringify({ data });
    return text + ' '.repeat(length - text.length);
  };

  it('8 MiB and one byte, wherever it goes', async () => {
    const body = sized(8 * MiB + 1, { number: '12025550151', name: 'Large', channel: 'SMS', contacts: [] });
    await everywhere({ body, headers: JSON_TYPE }, (answer) => {
      assert.equal(answer.status, 413);
      refused(answer, [9006, 'The body is too large']);
    });
  });

  it('8 MiB are fine', async () => {
    const body = sized(8 * MiB, { number: '12025550151' });
    const answer = await client.send('POST', `${audience.path}/contacts`, { body, headers: JSON_TYPE });
    assert.equal(answer.status, 201);
    await client.delete(`${audience.path}/contacts/${answer.data.id}`);
  });

  it('a body of unknown length is cut off as well', async () => {
    const part = new Uint8Array(MiB).fill(0x20);
    const response = await fetch(
      new URL(`${audience.path}/contacts`, (await client.get(audience.path)).data.links.self),
      {
        method: 'POST',
        headers: { 'X-Dexatel-Key': 'first-key-of-the-tests', ...JSON_TYPE },
        body: new ReadableStream({
          pull(controller) {
            controller.enqueue(part);
          },
        }),
        duplex: 'half',
      } as RequestInit,
    ).catch(() => undefined);
    // The server may close the connection before the answer is read, for the client never stops sending.
    if (response !== undefined) assert.equal(response.status, 413);
    assert.equal((await client.get(`${audience.path}/contacts`)).body.pagination.total, 1);
  });

  it('a thousand contacts with every member at its limit fit', async () => {
    const { path } = await makeAudience(client);
    const contacts = Array.from({ length: 1000 }, (_, index) => ({
      number: `+1 (202) 555-${String(index).padStart(4, '0')}`.padEnd(45, '-'),
      first_name: '😀'.repeat(32),
      last_name: '😀'.repeat(32),
      timestamp: '😀'.repeat(32),
      date: '😀'.repeat(70),
      tags: Array.from({ length: 10 }, (_, tag) => tag + '😀'.repeat(31)),
    }));
    const data = succeeded(await client.post(`${path}/contacts/bulk`, { contacts }));
    assert.equal(data.created, 1000);
    // Escaped as many clients do it: twelve bytes for each of these characters.
    const escaped = JSON.stringify({ data: { contacts } }).replace(
      /[\ud800-\udfff]/g,
      (unit) => `\\u${unit.charCodeAt(0).toString(16)}`,
    );
    const again = await client.send('POST', `${path}/contacts/bulk`, { body: escaped, headers: JSON_TYPE });
    assert.equal(succeeded(again).unchanged, 1000);
    await client.delete(path);
  });
});

describe('odd, and fine', () => {
  it('of a member given twice the last one counts', async () => {
    const body =
      '{"data":{"number":"12"},"data":{"number":"12","number":"12025550151","first_name":"A","first_name":"B"}}';
    const made = succeeded(await client.send('POST', `${audience.path}/contacts`, { body, headers: JSON_TYPE }));
    assert.equal(made.first_name, 'B');
    await client.delete(`${audience.path}/contacts/${made.id}`);
  });

  it('members beside data are ignored', async () => {
    const body = '{"meta":{"page":1},"data":{"first_name":"Ana"},"number":"1"}';
    succeeded(await client.send('PUT', `${audience.path}/contacts/${contact.id}`, { body, headers: JSON_TYPE }));
  });

  it('names that mean something to JavaScript mean nothing here', async () => {
    const body = `{"data":{"number":"12025550151","__proto__":{"first_name":"Proto"},"constructor":{"prototype":{"last_name":"Proto"}},"toString":1,"hasOwnProperty":null}}`;
    const made = succeeded(await client.send('POST', `${audience.path}/contacts`, { body, headers: JSON_TYPE }));
    assert.deepEqual([made.first_name, made.last_name], [null, null]);
    await client.delete(`${audience.path}/contacts/${made.id}`);
    const next = succeeded(await client.post(`${audience.path}/contacts`, { number: '12025550151' }));
    assert.deepEqual([next.first_name, next.last_name], [null, null], 'and nothing is left of it');
    await client.delete(`${audience.path}/contacts/${next.id}`);
  });
});
