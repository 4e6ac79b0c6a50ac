/** How files come in: media types, options, names, limits, broken connections; and what is said of imports that are not there. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { after, describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { attachment, readFileName } from '../../src/http/file-name.ts';
import { FILE_TYPES } from '../../src/http/file-types.ts';
import { FORM_LOOKAHEAD } from '../../src/http/form.ts';
import { until } from '../support/contacts.ts';
import { startServer } from '../support/server.ts';
import { fileOf, form, makeUploads, type Sent } from './import-support.ts';
import { makeAudience, makeClient, NOBODY, refused } from './support.ts';

const MAX_BYTES = 6_000_000;
const server = await startServer({ env: { IMPORT_MAX_BYTES: String(MAX_BYTES) } });

const client = makeClient(server);
const { upload, ended, importsOf } = makeUploads(client);
const { port } = new URL(server.url);

const FILE = 'number,first_name\n+12025550150,Ana\n';
const NDJSON = '{"number":"+12025550150","first_name":"Ana"}\n';

after(() => {
  const troubles = server.log.map((line) => JSON.parse(line)).filter(({ level }) => level >= 40);
  assert.deepEqual(troubles, [], 'none of this is an error of the server');
});

/** The head of an upload as a client of sockets writes it. */
const head = (path: string, ...headers: string[]) =>
  [`POST ${path} HTTP/1.1`, 'Host: x', `X-Dexatel-Key: ${server.key}`, ...headers, '', ''].join('\r\n');

async function open(): Promise<Socket> {
  const socket = connect(Number(port), '127.0.0.1');
  socket.on('error', () => {});
  await once(socket, 'connect');
  return socket;
}

describe('a file as the body', () => {
  const TABLE = /csv|plain|octet/;
  const bodyOf = (type: string): string | Uint8Array => {
    if (TABLE.test(type)) return FILE;
    if (/json/.test(type)) return NDJSON;
    return type.includes('gzip') ? gzipSync(FILE) : FILE.replaceAll(',', '\t');
  };
  for (const type of FILE_TYPES.filter((each) => !each.includes('spreadsheet'))) {
    it(type, async () => {
      const audience = await makeAudience(client);
      const found = await ended(
        await upload(audience, {
          body: bodyOf(type),
          headers: { 'content-type': `${type.toUpperCase()}; charset=utf-8` },
        }),
      );
      assert.equal(found.created, 1, JSON.stringify(found));
      assert.equal((await client.get(`${audience.path}/contacts`)).data[0].first_name, 'Ana');
    });
  }

  for (const coding of ['gzip', 'x-gzip', 'GZIP', 'identity']) {
    it(`Content-Encoding: ${coding}, kept as it came`, async () => {
      const body = /gzip/i.test(coding) ? gzipSync(FILE) : Buffer.from(FILE);
      const headers = { 'content-type': 'text/csv', 'content-encoding': coding };
      const found = await ended(await upload(await makeAudience(client), { body, headers }));
      assert.deepEqual([found.created, found.file.bytes], [1, body.length]);
    });
  }

  it('any other type, encoding, or none: 9005, and nothing is kept', async () => {
    const audience = await makeAudience(client);
    for (const headers of [
      { 'content-type': 'application/json' },
      { 'content-type': 'application/x-www-form-urlencoded' },
      { 'content-type': 'text/csv-not' },
      { 'content-type': '' },
      { 'content-type': 'text/csv', 'content-encoding': 'br' },
      { 'content-type': 'text/csv', 'content-encoding': 'gzip, gzip' },
    ]) {
      const answer = await upload(audience, { body: Buffer.from(FILE), headers: headers as Record<string, string> });
      assert.equal(answer.status, 415, JSON.stringify(headers));
      refused(answer, 9005);
    }
    assert.deepEqual(await importsOf(audience), []);
  });

  it('of an audience that is not there no rule is told', async () => {
    refused(await upload({ path: `/v1/audiences/${NOBODY}` }, { body: '{}', query: 'mode=no' }), 1301);
  });

  it('the import tells the SHA-256 and the size of what was sent, byte for byte', async () => {
    const body = fileOf(700_000);
    const found = await ended(
      await upload(await makeAudience(client), { body, headers: { 'content-type': 'text/csv' } }),
    );
    const digest = Buffer.from(await crypto.subtle.digest('SHA-256', Buffer.from(body))).toString('hex');
    assert.deepEqual([found.file.sha256, found.file.bytes], [digest, body.length]);
    assert.equal(found.rows_total, body.split('\n').length - 2);
  });
});

describe('options', () => {
  it('of every kind, in the query', async () => {
    const query = new URLSearchParams([
      ['name', 'Spring'],
      ['dry_run', 'true'],
      ['mode', 'replace'],
      ['on_conflict', 'skip'],
      ['empty', 'clear'],
      ['default_country', 'gb'],
      ['tags', 'a'],
      ['tags', 'b'],
      ['max_removals', '100%'],
      ['encoding', 'utf-8'],
      ['format', 'csv'],
      ['mapping', '{"A":"ignore","B":"first_name"}'],
      ['mapping[A]', 'number'],
      ['unknown', 'x'],
    ]);
    const answer = await upload(await makeAudience(client), {
      body: 'A,B,C\n07912 345678,Ana,x\n',
      query: String(query),
      headers: { 'content-type': 'text/csv' },
    });
    const found = await ended(answer);
    const { name, dry_run, mode, on_conflict, empty, default_country, tags, max_removals, encoding, format } = found;
    assert.deepEqual(
      { name, dry_run, mode, on_conflict, empty, default_country, tags, max_removals, encoding, format },
      {
        name: 'Spring',
        dry_run: true,
        mode: 'replace',
        on_conflict: 'skip',
        empty: 'clear',
        default_country: 'GB',
        tags: ['a', 'b'],
        max_removals: '100%',
        encoding: 'utf-8',
        format: 'csv',
      },
    );
    assert.deepEqual(
      [found.columns, found.mapping, found.ignored_columns],
      [['A', 'B', 'C'], { A: 'number', B: 'first_name' }, ['C']],
    );
    assert.deepEqual([found.status, found.created], ['completed', 1]);
  });

  it('a column may be called what means something to JavaScript', async () => {
    const found = await ended(
      await upload(await makeAudience(client), {
        body: '__proto__,constructor\n+12025550150,x\n',
        query: 'mapping[__proto__]=number',
        headers: { 'content-type': 'text/csv' },
      }),
    );
    assert.deepEqual([found.status, found.created, found.ignored_columns], ['completed', 1, ['constructor']]);
  });

  for (const query of [
    'mapping={',
    'mapping=[]',
    'mapping={&mapping[A]=number',
    'mapping[A]=what',
    'mapping[A]=number&mapping[A]=tags',
    'name=a&name=b',
  ]) {
    it(`${query}: 9013, and nothing is kept`, async () => {
      const audience = await makeAudience(client);
      refused(await upload(audience, { body: FILE, query, headers: { 'content-type': 'text/csv' } }), 9013);
      assert.deepEqual(await importsOf(audience), []);
    });
  }
});

describe("the file's name", () => {
  const CASES: [title: string, sent: Partial<Sent>, name: string | null][] = [
    ['is unknown when nothing tells it', {}, null],
    ['from the query', { query: 'file_name=a.csv' }, 'a.csv'],
    ['without directories', { query: `file_name=${encodeURIComponent('C:\\Users\\x/b.csv')}` }, 'b.csv'],
    ['from Content-Disposition', { headers: { 'content-disposition': 'attachment; filename="c d.csv"' } }, 'c d.csv'],
    [
      'from its extended form',
      { headers: { 'content-disposition': "attachment; filename=x; filename*=UTF-8''%C3%BC.csv" } },
      'ü.csv',
    ],
    [
      'the query goes first',
      { query: 'file_name=q.csv', headers: { 'content-disposition': 'attachment; filename=h.csv' } },
      'q.csv',
    ],
  ];
  for (const [title, sent, name] of CASES) {
    it(title, async () => {
      const headers = { 'content-type': 'text/csv', ...sent.headers };
      const { data } = await upload(await makeAudience(client), { body: FILE, ...sent, headers });
      assert.equal(data.file.name, name);
    });
  }

  it('is read as it was written, whatever it is', () => {
    for (const name of ['a.csv', 'a "b" c.csv', "it's (1) *.csv", 'контакты.csv', '100%.csv', '😀.csv', 'a;b=c.csv']) {
      assert.equal(readFileName(attachment(name)), name);
      assert.match(attachment(name), /^[\x20-\x7e]+$/);
    }
    for (const header of [
      undefined,
      '',
      'attachment',
      'attachment; filename=""',
      "attachment; filename*=UTF-8''%zz",
      'x'.repeat(5000),
    ]) {
      assert.equal(readFileName(header), null, header);
    }
    assert.equal(readFileName(Buffer.from('attachment; filename="ü.csv"').toString('latin1')), 'ü.csv');
  });
});

describe('a file that is too large: 9006, and nothing is kept', () => {
  it(`${MAX_BYTES} bytes are fine`, async () => {
    const body = FILE.padEnd(MAX_BYTES, '\n');
    const found = await ended(
      await upload(await makeAudience(client), { body, headers: { 'content-type': 'text/csv' } }),
    );
    assert.deepEqual([found.created, found.file.bytes], [1, MAX_BYTES]);
  });

  const large = FILE.padEnd(MAX_BYTES + 1, '\n');
  for (const [title, sent] of [
    ['one byte more', { body: large, headers: { 'content-type': 'text/csv' } }],
    ['in a form', { body: form(['file', ['large.csv', large]]) }],
  ] as [string, Sent][]) {
    it(title, async () => {
      const audience = await makeAudience(client);
      const answer = await upload(audience, sent);
      assert.equal(answer.status, 413);
      refused(answer, [9006, `The file is larger than ${MAX_BYTES} bytes (IMPORT_MAX_BYTES)`]);
      assert.deepEqual(await importsOf(audience), []);
    });
  }

  // A client that sends all before it reads: it must get through with it, and find its answer and a working connection.
  for (const [title, query, type, lines] of [
    ['of a length that is said', '', 'text/csv', (size: number) => [`Content-Length: ${size}`]],
    ['of unknown length', '', 'text/csv', () => ['Transfer-Encoding: chunked']],
    ['with broken options', 'mode=no', 'text/csv', () => ['Transfer-Encoding: chunked']],
    ['of a wrong type', '', 'image/png', () => ['Transfer-Encoding: chunked']],
    [
      'in a form with broken options',
      'mode=no',
      'multipart/form-data; boundary=x',
      () => ['Transfer-Encoding: chunked'],
    ],
    ['in a form of two files', '', 'multipart/form-data; boundary=y', () => ['Transfer-Encoding: chunked']],
  ] as [string, string, string, (size: number) => string[]][]) {
    it(`${title}: who sends all before reading gets the answer, and goes on with the connection`, async () => {
      const audience = await makeAudience(client);
      const socket = await open();
      const begin = type.includes('form') ? '--x\r\nContent-Disposition: form-data; name="file"\r\n\r\n' : '';
      const twice = '--y\r\nContent-Disposition: form-data; name="file"\r\n\r\na\r\n'.repeat(2);
      const body = (type.endsWith('=y') ? twice : begin) + FILE.padEnd(3 * MAX_BYTES, '\n');
      const framing = lines(body.length);
      const isChunked = framing[0]!.startsWith('Transfer');
      const framed = isChunked ? `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n` : body;
      const next = `GET ${audience.path}/imports HTTP/1.1\r\nHost: x\r\nX-Dexatel-Key: ${server.key}\r\n\r\n`;
      const sent = new Promise((resolve) => {
        socket.write(head(`${audience.path}/imports?${query}`, `Content-Type: ${type}`, ...framing));
        socket.write(framed, resolve);
      });
      await sent;
      socket.write(next);
      let text = '';
      for await (const data of socket) {
        text += data;
        if (text.includes('"pagination"')) break;
      }
      socket.destroy();
      assert.match(text, /^HTTP\/1\.1 4(?:00|13|15) /);
      assert.match(text, /HTTP\/1\.1 200 OK[\s\S]*"total":0/, 'and nothing is kept');
    });
  }
});

describe('an upload that breaks off leaves nothing', () => {
  const part = '--x\r\nContent-Disposition: form-data; name="file"\r\n\r\n';
  for (const [title, type, start] of [
    ['as a body', 'text/csv', FILE],
    ['as a body, after some pieces', 'text/csv', fileOf(900_000)],
    ['in a form', 'multipart/form-data; boundary=x', part + FILE],
    ['in a form, after some pieces', 'multipart/form-data; boundary=x', part + fileOf(2 * FORM_LOOKAHEAD)],
    ['before its first byte', 'text/csv', ''],
  ] as const) {
    it(title, async () => {
      const audience = await makeAudience(client);
      const socket = await open();
      socket.write(head(`${audience.path}/imports`, `Content-Type: ${type}`, 'Content-Length: 5900000'));
      await new Promise((resolve) => socket.write(start, resolve));
      assert.deepEqual(await importsOf(audience), [], 'nobody sees it before it is whole');
      socket.resetAndDestroy();
      await upload(audience, { body: FILE, headers: { 'content-type': 'text/csv' } });
      await until(async () => (await importsOf(audience))[0].status === 'completed');
      assert.equal((await importsOf(audience)).length, 1);
      assert.equal((await client.get('/readyz')).status, 200);
    });
  }
});

it('9020, 9021 and 9022, wherever they belong', async () => {
  const audience = await makeAudience(client);
  const found = await ended(await upload(audience, { body: FILE, headers: { 'content-type': 'text/csv' } }));
  const at = (id: string, rest: string) => `${audience.path}/imports/${id}${rest}`;
  for (const rest of ['', '/rows', '/refused.csv', '/events']) {
    refused(await client.get(at(NOBODY, rest)), [9020, 'Import is not found']);
    refused(await client.get(at('x', rest)), [9021, 'Invalid import identifier']);
  }
  for (const action of ['run', 'undo', 'cancel']) {
    refused(await client.send('POST', at(NOBODY, `/${action}`)), 9020);
    refused(await client.send('POST', at('x', `/${action}`)), 9021);
    if (action !== 'undo') refused(await client.send('POST', at(found.id, `/${action}`)), 9022);
  }
  const other = await makeAudience(client);
  refused(await client.get(`${other.path}/imports/${found.id}`), 9020);
});
