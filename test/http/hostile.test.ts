/** Requests no client means well with, or means at all. Whatever comes, the server lives, answers others, and tells no secrets. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { after, afterEach, describe, it } from 'node:test';
import { startServer } from '../support/server.ts';
import {
  type Answer,
  everything,
  type Loose,
  makeAudience,
  makeClient,
  NOBODY,
  numberOf,
  refused,
  succeeded,
} from './support.ts';

const server = await startServer();
const client = makeClient(server);
const { path } = await makeAudience(client, [{ number: numberOf(1), first_name: 'Ana' }]);
const before = await everything(client);
const JSON_TYPE = { 'content-type': 'application/json' };
const { port } = new URL(server.url);

/** After each of these: alive, correct, and nothing changed. */
afterEach(async () => {
  assert.equal(server.process.exitCode, null, 'the server lives');
  assert.equal((await client.get('/readyz')).status, 200);
  assert.deepEqual(await everything(client), before);
});

after(() => {
  const troubles = server.log.map((line) => JSON.parse(line)).filter(({ level }) => level >= 50);
  assert.deepEqual(troubles, [], 'none of this is an error of the server');
});

/** Writes bytes to a connection and reads what comes until the server closes it. */
async function raw(...parts: (string | Uint8Array)[]): Promise<string> {
  const socket = connect(Number(port), '127.0.0.1');
  socket.on('error', () => {});
  for (const part of parts) socket.write(part);
  let text = '';
  for await (const data of socket) {
    text += data;
    // A kept connection is not closed by itself.
    if (/\r\n\r\n/.test(text) && isWhole(text)) break;
  }
  socket.destroy();
  return text;
}

function isWhole(text: string): boolean {
  const [head, ...rest] = text.split('\r\n\r\n');
  const length = Number(/content-length: (\d+)/i.exec(head!)?.[1] ?? 0);
  return Buffer.byteLength(rest.join('\r\n\r\n')) >= length;
}

const statusOf = (text: string) => Number(/^HTTP\/1\.1 (\d+)/.exec(text)?.[1]);
const head = (line: string, ...headers: string[]) =>
  [line, 'Host: x', `X-Dexatel-Key: ${server.key}`, ...headers, '', ''].join('\r\n');

function tellsNothing(text: string): void {
  assert.doesNotMatch(text, /node_modules|at .*\.ts:\d+|sqlite|TypeError|SyntaxError|RangeError|first-key/i);
}

describe('URLs', () => {
  for (const [what, url] of [
    ['a broken percent-encoding', '/v1/audiences/%'],
    ['half a percent-encoding', '/v1/audiences/%e'],
    ['percent-encoding that is no UTF-8', '/v1/audiences/%ff%fe'],
    ['a percent-encoded surrogate', '/v1/audiences/%ed%a0%80'],
    ['a percent-encoded NUL', '/v1/audiences/%00'],
    ['a percent-encoded slash', '/v1/audiences%2fx'],
    ['an id of 900 characters', `/v1/audiences/${'a'.repeat(900)}`],
    ['an id of 5,000 characters', `/v1/audiences/${'a'.repeat(5000)}`],
    ['a thousand slashes', '/'.repeat(1000)],
    ['a thousand parts', `/v1${'/a'.repeat(1000)}`],
    ['dots', '/v1/audiences/..%2f..%2fetc%2fpasswd'],
    ['prototype names', '/v1/audiences/__proto__/contacts/constructor'],
    ['a template', '/v1/audiences/:audience_id'],
    ['a star', '/v1/audiences/*'],
    ['a semicolon', '/v1/audiences/x;page_size=1'],
    ['a template of the bulk path', `/v1/audiences/${NOBODY}/contacts/bulk/bulk`],
  ] as const) {
    it(what, async () => {
      for (const method of ['GET', 'POST', 'DELETE']) {
        const answer = await client.send(method, url);
        assert.ok([400, 404, 405].includes(answer.status), `${method}: ${answer.status}`);
        tellsNothing(answer.text);
      }
    });
  }

  it('a URL longer than any header may be', async () => {
    const text = await raw(head(`GET /v1/audiences?x=${'a'.repeat(100_000)} HTTP/1.1`));
    assert.ok(statusOf(text) === 431 || statusOf(text) === 414 || text === '', text.slice(0, 200));
  });

  it('control characters, spaces, no slash, another protocol', async () => {
    for (const line of [
      'GET /v1/audiences\u0001 HTTP/1.1',
      'GET /v1/audi ences HTTP/1.1',
      'GET v1/audiences HTTP/1.1',
      'GET /v1/audiences HTTP/3.0',
      'G\u00e9T /v1/audiences HTTP/1.1',
      'CONNECT x:80 HTTP/1.1',
      '',
      '\0\0\0\0',
      '\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003',
    ]) {
      const text = await raw(Buffer.from(head(line, 'Connection: close'), 'latin1'));
      assert.ok(text === '' || statusOf(text) >= 400, `${JSON.stringify(line)}: ${text.slice(0, 100)}`);
      tellsNothing(text);
    }
  });

  it('an absolute URL in the request line is answered as its path', async () => {
    const text = await raw(head(`GET http://other.example/v1/audiences HTTP/1.1`, 'Connection: close'));
    assert.ok([200, 404].includes(statusOf(text)), text.slice(0, 300));
    tellsNothing(text);
  });
});

describe('queries', () => {
  for (const [what, query] of [
    ['prototype names', '__proto__=1&constructor=2&prototype[x]=3&toString=4&hasOwnProperty=5'],
    ['prototype names in brackets', '__proto__[page_size]=1&constructor[prototype][page_size]=1&filter[__proto__]=x'],
    ['a thousand parameters', Array.from({ length: 1000 }, (_, index) => `p${index}=1`).join('&')],
    ['a hundred of one', Array.from({ length: 100 }, () => 'page=1').join('&')],
    ['nothing but signs', '&&&===&=&?&#'],
    ['broken percent-encoding', '%=%&%zz=%zz&a=%'],
    ['a long unknown one', `x=${'a'.repeat(10_000)}`],
  ] as const) {
    it(`${what}: ignored`, async () => {
      const answer = await client.get(`/v1/audiences?${query}`);
      assert.equal(answer.status, 200);
      assert.equal(answer.data.length, 1);
    });
  }

  it('known parameters in other shapes', async () => {
    for (const query of [
      'filter[search][x]=1',
      'filter=ana',
      'filter[]=ana',
      'filter[search]=a&filter[search]=b',
      'page_token[]=x',
      'page_size[x]=1',
    ]) {
      const answer = await client.get(`${path}/contacts?${query}`);
      assert.ok([200, 400].includes(answer.status), `${query}: ${answer.status}`);
      if (answer.status === 400) assert.ok(answer.codes.every((code) => [9010, 9011, 9012].includes(code)));
    }
  });
});

describe('bodies', () => {
  const post = (body: string | Uint8Array): Promise<Answer> =>
    client.send('POST', `${path}/contacts`, { body, headers: JSON_TYPE });
  const DEEP = 200_000;

  it('nested two hundred thousand deep, where anything may be', async () => {
    const nested = '['.repeat(DEEP) + ']'.repeat(DEEP);
    const objects = `${'{"a":'.repeat(DEEP)}1${'}'.repeat(DEEP)}`;
    for (const deep of [nested, objects]) {
      for (const body of [
        deep,
        `{"data":${deep}}`,
        `{"data":{"number":${deep}}}`,
        `{"data":{"number":"12","first_name":${deep}}}`,
        `{"data":{"number":"12","tags":[${deep}]}}`,
      ]) {
        const answer = await post(body);
        assert.equal(answer.status, 400, answer.text.slice(0, 200));
        tellsNothing(answer.text);
      }
      refused(
        await client.send('POST', `${path}/contacts/bulk`, {
          body: `{"data":{"on_conflict":${deep},"contacts":[]}}`,
          headers: JSON_TYPE,
        }),
        9013,
      );
    }
  });

  it('a million members, a million tags, a million contacts', async () => {
    const members = Array.from({ length: 400_000 }, (_, index) => `"m${index}":1`).join();
    assert.equal((await post(`{"data":{${members}}}`)).status, 400);
    const wrong = await post(`{"data":{"number":"12","tags":[${'1,'.repeat(1_000_000)}1]}}`);
    assert.equal(wrong.status, 400);
    assert.ok(wrong.text.length < 10_000, 'the answer is no larger than it needs to be');
    refused(
      await client.send('POST', `${path}/contacts/bulk`, {
        body: `{"data":{"contacts":[${'1,'.repeat(1_000_000)}1]}}`,
        headers: JSON_TYPE,
      }),
      1308,
    );
    refused(
      await client.send('POST', '/v1/audiences', {
        body: `{"data":{"name":"x","channel":"SMS","contacts":[${'1,'.repeat(1_000_000)}1]}}`,
        headers: JSON_TYPE,
      }),
      1308,
    );
  });

  it('texts of megabytes in every member', async () => {
    const long = 'a'.repeat(1_000_000);
    const answer = await post(
      JSON.stringify({
        data: {
          number: '1'.repeat(1_000_000),
          first_name: long,
          last_name: long,
          timestamp: long,
          date: long,
          tags: [long],
        },
      }),
    );
    refused(answer, 1355, 1361, 1362, 1363, 1364, 9013);
    assert.ok(answer.text.length < 10_000, 'and none of it comes back');
    refused(await client.post('/v1/audiences', { name: long, channel: long }), 1305, 1307);
    refused(await client.post('/v1/audiences', { name: `${'a '.repeat(200_000)}!`, channel: 'SMS' }), 1305);
    refused(await client.post('/v1/audiences', { name: `${'a'.repeat(40)} !`, channel: 'SMS' }), 1304);
    refused(
      await post(JSON.stringify({ data: { number: `${' '.repeat(1_000_000)}x${' '.repeat(1_000_000)}` } })),
      1354,
    );
    refused(await post(JSON.stringify({ data: { number: '-'.repeat(45) } })), 1354);
  });

  it('numbers JSON can write and JavaScript cannot', async () => {
    refused(await post(`{"data":{"number":1${'0'.repeat(1000)},"first_name":-0,"tags":[1e999]}}`), 9013, 9013, 9013);
  });

  it('prototype names', async () => {
    refused(await post('{"data":{"__proto__":{"number":"12025550199"}}}'), 1353);
    refused(await post('{"data":{"constructor":{"prototype":{"number":"12025550199"}}}}'), 1353);
    refused(await post('{"__proto__":{"data":{"number":"12025550199"}}}'), 1007);
    refused(
      await client.send('POST', `${path}/contacts/bulk`, {
        body: '{"data":{"on_conflict":"__proto__","contacts":[]}}',
        headers: JSON_TYPE,
      }),
      9013,
    );
    refused(
      await client.send('POST', '/v1/audiences', {
        body: '{"data":{"name":"x","channel":"constructor"}}',
        headers: JSON_TYPE,
      }),
      1307,
    );
  });
});

describe('connections', () => {
  const begin = (length: number) =>
    head(`POST ${path}/contacts HTTP/1.1`, 'Content-Type: application/json', `Content-Length: ${length}`);

  it('a body that is cut off', async () => {
    for (const sent of ['', '{', '{"data":{"number":"12025550199"}', `{"data":{"number":"12025550199"}}`]) {
      const socket = connect(Number(port), '127.0.0.1');
      socket.on('error', () => {});
      socket.end(begin(1000) + sent);
      socket.resume();
      await once(socket, 'close');
    }
  });

  it('a connection that is reset in the middle of a body', async () => {
    await Promise.all(
      Array.from({ length: 50 }, async (_, index) => {
        const socket = connect(Number(port), '127.0.0.1');
        socket.on('error', () => {});
        await once(socket, 'connect');
        socket.write(`${begin(1000)}{"data":`);
        if (index % 2 === 0) await client.get('/healthz');
        socket.resetAndDestroy();
      }),
    );
  });

  it('a body that comes byte by byte is one body; others are served meanwhile', async () => {
    const body = '{"data":{"number":"12"}}';
    const socket: Socket = connect(Number(port), '127.0.0.1');
    socket.write(begin(body.length));
    let text = '';
    socket.on('data', (data) => {
      text += data;
    });
    for (const byte of body) {
      socket.write(byte);
      assert.equal((await client.get(path)).status, 200);
    }
    while (!isWhole(text) || text === '') await new Promise((resolve) => setTimeout(resolve, 5));
    assert.equal(statusOf(text), 400);
    assert.match(text, /"code":1354/);
    socket.destroy();
  });

  it('a hundred connections that say nothing, and a hundred with half a head', async () => {
    const sockets = Array.from({ length: 200 }, (_, index) => {
      const socket = connect(Number(port), '127.0.0.1');
      socket.on('error', () => {});
      if (index % 2 === 0) socket.write('GET /v1/audiences HTTP/1.1\r\nHost: x\r\nX-Dex');
      return socket;
    });
    await Promise.all(sockets.map((socket) => once(socket, 'connect')));
    assert.equal((await client.get(path)).status, 200);
    for (const socket of sockets) socket.destroy();
  });

  it('requests that are given up', async () => {
    await Promise.all(
      Array.from({ length: 100 }, async (_, index) => {
        const abort = new AbortController();
        const answer = client
          .send('GET', `${path}/contacts?filter[search]=ana`, { signal: abort.signal })
          .catch(() => {});
        if (index % 2 === 0) await new Promise((resolve) => setImmediate(resolve));
        abort.abort();
        await answer;
      }),
    );
  });

  it('several requests in one packet are answered in their order', async () => {
    const get = head(`GET ${path} HTTP/1.1`);
    const socket = connect(Number(port), '127.0.0.1');
    socket.write(get + get + head('GET /v1/nothing HTTP/1.1') + head(`GET ${path} HTTP/1.1`, 'Connection: close'));
    const text = Buffer.concat(await socket.toArray()).toString();
    assert.deepEqual(
      [...text.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status),
      ['200', '200', '404', '200'],
    );
  });
});

describe('headers', () => {
  it('two lengths, a length and chunks, a wrong length, a negative one', async () => {
    const body = '{"data":{"number":"12025550199"}}';
    for (const headers of [
      ['Content-Length: 10', `Content-Length: ${body.length}`],
      [`Content-Length: ${body.length}`, 'Transfer-Encoding: chunked'],
      ['Transfer-Encoding: chunked, identity'],
      ['Content-Length: -1'],
      ['Content-Length: x'],
      ['Content-Length: 99999999999999999999'],
      ['Transfer-Encoding: chunked', 'Transfer-Encoding: x'],
    ]) {
      const text = await raw(
        head(`POST ${path}/contacts HTTP/1.1`, 'Content-Type: application/json', 'Connection: close', ...headers),
        body,
      );
      assert.ok(text === '' || statusOf(text) >= 400, `${headers}: ${text.slice(0, 200)}`);
      tellsNothing(text);
    }
  });

  it('chunks that are none', async () => {
    const text = await raw(
      head(`POST ${path}/contacts HTTP/1.1`, 'Content-Type: application/json', 'Transfer-Encoding: chunked'),
      'zz\r\n{}\r\n0\r\n\r\n',
    );
    assert.ok(text === '' || statusOf(text) >= 400, text.slice(0, 200));
  });

  it('no Host, an odd Host, many headers', async () => {
    const key = `X-Dexatel-Key: ${server.key}`;
    assert.ok(statusOf(await raw(`GET /v1/audiences HTTP/1.1\r\n${key}\r\n\r\n`)) >= 400);
    const old = await raw(`GET ${path}/contacts HTTP/1.0\r\n${key}\r\n\r\n`);
    assert.equal(statusOf(old), 200, old);
    const first: string = JSON.parse(old.split('\r\n\r\n')[1]!).pagination.links.first;
    assert.ok(new URL(first).host !== '', `${first} is a URL`);
    for (const host of ['"><script>', 'a b', '', 'x'.repeat(5000), '\u00e9']) {
      const text = await raw(
        Buffer.from(`GET ${path}/contacts HTTP/1.1\r\nHost: ${host}\r\n${key}\r\nConnection: close\r\n\r\n`, 'latin1'),
      );
      assert.ok([200, 400].includes(statusOf(text)), `${host}: ${text.slice(0, 200)}`);
      if (statusOf(text) === 200) JSON.parse(text.slice(text.indexOf('\r\n\r\n')));
    }
    const many = Array.from({ length: 3000 }, (_, index) => `X-Header-${index}: 1`);
    const text = await raw(head('GET /v1/audiences HTTP/1.1', ...many));
    assert.ok(text === '' || [200, 431].includes(statusOf(text)), text.slice(0, 200));
  });

  it('that claim to be somebody', async () => {
    const headers = {
      'X-Forwarded-For': '127.0.0.1',
      'X-Account-Id': NOBODY,
      'X-HTTP-Method-Override': 'DELETE',
      'X-Request-Id': 'mine',
    };
    const answer = await client.send('POST', path, { headers });
    assert.equal(answer.status, 405, 'the method is the method');
    assert.equal((await client.send('GET', path, { headers: { ...headers, 'Accept-Version': '9' } })).status, 200);
    assert.equal(
      (
        await client.send('GET', path, {
          headers: { Accept: 'application/xml', 'If-Modified-Since': new Date().toUTCString(), Range: 'bytes=0-1' },
        })
      ).status,
      200,
    );
  });
});

it('after all of it a contact is created, found and deleted as ever', async () => {
  const made: Loose = succeeded(
    await client.post(`${path}/contacts`, { number: '12025550199', first_name: 'Survivor' }),
  );
  assert.deepEqual(
    (await client.get(`${path}/contacts?filter[search]=survivor`)).data.map(({ id }: Loose) => id),
    [made.id],
  );
  assert.equal((await client.delete(`${path}/contacts/${made.id}`)).status, 204);
});
