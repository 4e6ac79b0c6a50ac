/** Uploads whose connections do not do what they say: each leaves nothing, and holds nobody up. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { describe, it } from 'node:test';
import type { Server } from '../support/server.ts';
import {
  client,
  FILE,
  fileOf,
  growthOf,
  imported,
  large,
  MEGABYTE,
  MOST_GROWTH,
  small,
} from './import-hostile-support.ts';
import { makeAudience, makeClient } from './support.ts';

describe('connections that do not do what they say', () => {
  const other = makeClient(large);
  const GIGABYTES = 10 * 1024 * MEGABYTE;
  const FORM = 'multipart/form-data; boundary=x';
  const PART = '--x\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n';

  async function open(server: Server): Promise<Socket> {
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
    socket.on('error', () => {});
    await once(socket, 'connect');
    return socket;
  }

  const head = (path: string, type: string, ...headers: string[]) =>
    [
      `POST ${path}/imports HTTP/1.1`,
      'Host: x',
      `X-Dexatel-Key: ${large.key}`,
      `Content-Type: ${type}`,
      ...headers,
      '',
      '',
    ].join('\r\n');

  /** The first answer on a connection. */
  async function answerOf(socket: Socket): Promise<string> {
    let text = '';
    for await (const data of socket) {
      text += data;
      if (text.includes('"errors"')) break;
    }
    socket.destroy();
    return text;
  }

  /** Half of a file is no import, not even while the other half is waited for. */
  const keepsNothing = async (path: string) => assert.deepEqual((await other.get(`${path}/imports`)).data, []);

  for (const [title, type, begin] of [
    ['as a body', 'text/csv', FILE.repeat(28)],
    ['in a form', FORM, PART + FILE.repeat(24)],
    ['in a form, in its head', FORM, `--x\r\nContent-Disposition: form-data; name="${'x'.repeat(900)}`],
  ] as const) {
    it(`10 GB are announced and cut off at 1 KB, ${title}: nothing is kept`, async () => {
      const { path } = await makeAudience(other);
      for (const end of ['end', 'resetAndDestroy'] as const) {
        const socket = await open(large);
        const closed = once(socket, 'close');
        socket.resume();
        await new Promise((resolve) => socket.write(head(path, type, `Content-Length: ${GIGABYTES}`) + begin, resolve));
        await other.get(path);
        socket[end]();
        await closed;
      }
      await keepsNothing(path);
    });
  }

  for (const [title, type] of [
    ['as a body', 'text/csv'],
    ['in a form', FORM],
  ] as const) {
    it(`10 GB are announced where 8 MB are allowed, ${title}: refused before they come`, async () => {
      const { path } = await makeAudience(client);
      const socket = await open(small);
      socket.write(head(path, type, `Content-Length: ${GIGABYTES}`) + FILE);
      const text = await answerOf(socket);
      assert.match(text, /^HTTP\/1\.1 413 /);
      assert.match(text, /"The (?:file|form) is larger than \d+ bytes \(IMPORT_MAX_BYTES[^"]*","code":9006/);
      assert.deepEqual((await client.get(`${path}/imports`)).data, []);
    });
  }

  const PARTS: [title: string, begin: string, filling: string, small: RegExp, large: RegExp | null][] = [
    [
      'an endless head of a part',
      '--x\r\nContent-Disposition: form-data; name="file"\r\n',
      'X: y',
      /^413 The form is larger than 25165824 bytes \(IMPORT_MAX_BYTES for its file/,
      /^400 The form is broken or cut off/,
    ],
    [
      'an endless name',
      '--x\r\nContent-Disposition: form-data; name="',
      'a',
      /^413 The form/,
      /^400 The form is broken/,
    ],
    [
      'endlessly many heads',
      '--x\r\nContent-Disposition: form-data; name="file"\r\n',
      'X-Y: z\r\n',
      /^413 The form/,
      /^400 The form is broken/,
    ],
    ['endless text before its parts', '', 'abc\r\n', /^413 The form/, /^400 The form/],
    ['endless text behind its parts', `${PART}${FILE}\r\n--x--\r\n`, 'abc\r\n', /^413 The form/, /^202/],
    [
      'an endless part that is no file',
      '--x\r\nContent-Disposition: form-data; name="options"\r\n\r\n',
      'a',
      /^413 The form/,
      /^400 The form/,
    ],
    [
      'endlessly many parts',
      '',
      '--x\r\nContent-Disposition: form-data; name="a"\r\n\r\nb\r\n',
      /^400 The form has more than 50 parts/,
      /^400 The form has more than 50 parts/,
    ],
    [
      'a hundred thousand files',
      '',
      `${PART}${FILE}\r\n`,
      /^400 The form has more than one part 'file'/,
      /^400 The form has more than one part 'file'/,
    ],
    [
      'an endless file',
      PART,
      '+12025550150\n',
      /^413 The file is larger than 8388608 bytes \(IMPORT_MAX_BYTES\)/,
      null,
    ],
  ];
  for (const [title, begin, filling, ofSmall, ofLarge] of PARTS) {
    it(`a form with ${title}`, async () => {
      for (const [server, says] of [
        [small, ofSmall],
        [large, ofLarge],
      ] as const) {
        if (says === null) continue;
        const { path } = await makeAudience(makeClient(server));
        const piece = Buffer.alloc(filling.length * Math.ceil(MEGABYTE / filling.length), filling);
        async function* body() {
          yield Buffer.from(begin);
          for (let sent = 0; sent < 100; sent++) yield piece;
        }
        const { result, grown } = await growthOf(server, async () => {
          const answer = await fetch(`${server.url}${path}/imports`, {
            method: 'POST',
            headers: { 'x-dexatel-key': server.key, 'content-type': FORM },
            body: ReadableStream.from(body()) as never,
            duplex: 'half',
          } as RequestInit);
          return `${answer.status} ${JSON.parse(await answer.text()).errors?.[0].message}`;
        });
        assert.match(result, says);
        if (!says.test('202')) assert.deepEqual((await makeClient(server).get(`${path}/imports`)).data, []);
        assert.ok(grown < MOST_GROWTH, `the server grew by ${grown / MEGABYTE} MB`);
      }
    });
  }

  it('chunks that are none, and chunks that stop: nothing is kept', async () => {
    const { path } = await makeAudience(other);
    for (const chunks of [
      'zz\r\nabc\r\n',
      '-1\r\n',
      'ffffffffffffffffff\r\nabc',
      `5\r\nnumber\r\n`,
      '5\r\nnum',
      '',
      '10',
    ]) {
      const socket = await open(large);
      const closed = once(socket, 'close');
      socket.resume();
      socket.write(head(path, 'text/csv', 'Transfer-Encoding: chunked') + chunks);
      await other.get(path);
      socket.end();
      await closed;
    }
    await keepsNothing(path);
  });

  it('a hundred uploads that stand still hold nobody up, and leave nothing', async () => {
    const { path } = await makeAudience(other);
    const { result: sockets, grown } = await growthOf(large, async () => {
      const opened = await Promise.all(Array.from({ length: 100 }, () => open(large)));
      const begin = fileOf(900_000);
      for (const [index, socket] of opened.entries()) {
        socket.resume();
        const [type, rest] = index % 2 === 0 ? ['text/csv', begin] : [FORM, PART + begin];
        socket.write(head(path, type!, `Content-Length: ${GIGABYTES}`) + rest);
      }
      const { path: meanwhile } = await makeAudience(other);
      const found = await imported(large, meanwhile, fileOf(100_000));
      assert.equal(found.status, 'completed');
      return opened;
    });
    assert.ok(grown < 2 * MOST_GROWTH, `the server grew by ${grown / MEGABYTE} MB`);
    await keepsNothing(path);
    for (const socket of sockets) socket.resetAndDestroy();
    const { path: later } = await makeAudience(other);
    assert.equal((await imported(large, later, FILE)).status, 'completed');
    await keepsNothing(path);
  });

  it('an upload that is slower than the patience of its client leaves nothing', async () => {
    const { path } = await makeAudience(other);
    async function* slow(patience: AbortSignal) {
      while (!patience.aborted) {
        yield Buffer.from(FILE);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    }
    for (const type of ['text/csv', FORM]) {
      const signal = AbortSignal.timeout(300);
      const sent = fetch(`${large.url}${path}/imports`, {
        method: 'POST',
        headers: { 'x-dexatel-key': large.key, 'content-type': type },
        body: ReadableStream.from(slow(signal)) as never,
        duplex: 'half',
        signal,
      } as RequestInit);
      await assert.rejects(sent, { name: 'TimeoutError' });
    }
    await keepsNothing(path);
  });
});
