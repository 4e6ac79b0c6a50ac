/** How files come in, and how refused rows and progress go out: media types, forms, names, limits, broken connections. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { after, describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { parse } from 'csv-parse/sync';
import { sampleContacts } from '../../sample/make-contacts.ts';
import { attachment, readFileName } from '../../src/http/file-name.ts';
import { FILE_TYPES } from '../../src/http/file-types.ts';
import { FORM_LOOKAHEAD } from '../../src/http/form.ts';
import { until } from '../support/contacts.ts';
import { startServer } from '../support/server.ts';
import { type Answer, type Loose, makeAudience, makeClient, NOBODY, numberOf, refused, succeeded } from './support.ts';

const MAX_BYTES = 6_000_000;
const server = await startServer({ env: { IMPORT_MAX_BYTES: String(MAX_BYTES) } });
const client = makeClient(server);
const { port } = new URL(server.url);

after(() => {
  const troubles = server.log.map((line) => JSON.parse(line)).filter(({ level }) => level >= 40);
  assert.deepEqual(troubles, [], 'none of this is an error of the server');
});

const FILE = 'number,first_name\n+12025550150,Ana\n';
const NDJSON = '{"number":"+12025550150","first_name":"Ana"}\n';

interface Sent {
  body: string | Uint8Array | FormData;
  query?: string;
  headers?: Record<string, string>;
}

const upload = (audience: { path: string }, { body, query = '', headers = {} }: Sent): Promise<Answer> =>
  client.send('POST', `${audience.path}/imports?${query}`, { body, headers });

async function ended(answer: Answer): Promise<Loose> {
  assert.equal(answer.status, 202, answer.text);
  let found: Loose;
  await until(async () => {
    found = (await client.get(answer.data.links.self)).data;
    return !['queued', 'running'].includes(found.status);
  });
  return found;
}

/** A form with these parts in this order; a list makes a file of its name and content. */
function form(
  ...parts: [name: string, value: string | [fileName: string, content: string | Uint8Array<ArrayBuffer>]][]
) {
  const made = new FormData();
  for (const [name, value] of parts) {
    if (typeof value === 'string') made.append(name, value);
    else made.append(name, new File([value[1]], value[0]));
  }
  return made;
}

/** A file of so many bytes or a few more, whose rows are all good. */
function fileOf(size: number): string {
  const contacts = sampleContacts(7);
  const lines = ['number'];
  for (let length = 0; length < size; ) length += lines[lines.push(contacts.next().value!.number) - 1]!.length + 1;
  return `${lines.join('\n')}\n`;
}

/** The head of an upload as a client of sockets writes it. */
const head = (path: string, ...headers: string[]) =>
  [`POST ${path} HTTP/1.1`, 'Host: x', `X-Dexatel-Key: ${server.key}`, ...headers, '', ''].join('\r\n');

async function open(): Promise<Socket> {
  const socket = connect(Number(port), '127.0.0.1');
  socket.on('error', () => {});
  await once(socket, 'connect');
  return socket;
}

const importsOf = async ({ path }: { path: string }): Promise<Loose[]> => (await client.get(`${path}/imports`)).data;

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
    assert.deepEqual([found.mapping, found.ignored_columns], [{ A: 'number', B: 'first_name' }, ['C']]);
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

describe('a file in a form', () => {
  const options = JSON.stringify({ name: 'Form', tags: ['vip'], dry_run: true, mapping: { A: 'number' } });
  const file: [string, [string, string]] = ['file', ['people.csv', 'A,first_name\n+12025550150,Ana\n']];
  for (const [title, body] of [
    ['behind its options', form(['options', options], file)],
    ['before its options', form(file, ['options', options])],
    ['beside options that are sent as a file', form(file, ['options', ['blob', options]])],
    [
      'beside a part for each option',
      form(['name', 'Form'], ['tags', 'vip'], file, ['dry_run', 'true'], ['mapping', '{"A":"number"}']),
    ],
    ['whose parts contradict its options: these go first', form(['name', 'x'], file, ['options', options])],
  ] as const) {
    it(title, async () => {
      const found = await ended(await upload(await makeAudience(client), { body, query: 'name=query' }));
      assert.equal(found.file.name, 'people.csv');
      assert.deepEqual([found.name, found.tags, found.dry_run, found.created], ['Form', ['vip'], true, 1]);
    });
  }

  it('is larger than what is held of it', async () => {
    const audience = await makeAudience(client);
    const content = fileOf(1.5 * FORM_LOOKAHEAD);
    const body = form(['options', '{"dry_run":true}'], ['file', ['large.csv', content]]);
    const found = await ended(await upload(audience, { body }));
    assert.deepEqual([found.file.bytes, found.rows_total], [content.length, content.split('\n').length - 2]);
    const late = form(['file', ['large.csv', content]], ['options', '{"dry_run":true}']);
    const answer = await upload(audience, { body: late });
    refused(answer, 9013);
    assert.match(answer.text, /put them before the part 'file'/);
    assert.equal((await importsOf(audience)).length, 1);
  });

  const BOUNDARY = { 'content-type': 'multipart/form-data; boundary=x' };
  const part = (name: string, content: string, more = '') =>
    `--x\r\nContent-Disposition: form-data; name="${name}"${more}\r\n\r\n${content}\r\n`;
  for (const [title, sent, says] of [
    ['no file', { body: form(['options', '{}']) }, /no part 'file'/],
    ['nothing', { body: '', headers: BOUNDARY }, /broken or cut off|no part 'file'/],
    ['two files', { body: form(file, file) }, /more than one part 'file'/],
    ['options that are no JSON', { body: form(['options', '{'], file) }, /must be a JSON object/],
    ['options that are a list', { body: form(file, ['options', '[]']) }, /must be a JSON object/],
    ['a mapping that is no JSON', { body: form(['mapping', '{'], file) }, /'mapping' must be a JSON object/],
    ['options with a broken rule', { body: form(file, ['options', '{"mode":"no"}']) }, /'mode' should be in/],
    [
      'too many parts',
      { body: form(file, ...Array.from({ length: 51 }, (_, n): [string, string] => [`p${n}`, ''])) },
      /more than 50 parts/,
    ],
    ['a part that is too large', { body: form(['options', ' '.repeat(300_000)], file) }, /more than 262144 bytes/],
    ['no boundary', { body: part('file', FILE), headers: { 'content-type': 'multipart/form-data' } }, /boundary/],
    ['a file that is cut off', { body: part('file', FILE), headers: BOUNDARY }, /cut off/],
    ['a large file that is cut off', { body: part('file', fileOf(2 * FORM_LOOKAHEAD)), headers: BOUNDARY }, /cut off/],
    ['options that are cut off', { body: part('file', FILE) + part('options', '{}'), headers: BOUNDARY }, /cut off/],
    ['no form at all', { body: 'number\n', headers: BOUNDARY }, /cut off|no part/],
  ] as [string, Sent, RegExp][]) {
    it(`with ${title}: 9013, and nothing is kept`, async () => {
      const audience = await makeAudience(client);
      const answer = await upload(audience, sent);
      assert.equal(answer.status, 400);
      refused(answer, 9013);
      assert.match(answer.body.errors[0].message, says);
      assert.deepEqual(await importsOf(audience), []);
      assert.equal((await client.get(audience.path)).status, 200);
    });
  }

  it('packed as a whole is not taken: 9005', async () => {
    const sent = { body: gzipSync(part('file', FILE)), headers: { ...BOUNDARY, 'content-encoding': 'gzip' } };
    refused(await upload(await makeAudience(client), sent), 9005);
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

describe('refused.csv', () => {
  const csv = (text: string): string[][] => parse(text, { bom: true, relax_column_count: true });

  /** The refused rows as downloaded; they are taken again as they are, and refused for the same reasons. */
  async function refusedOf(sent: Sent): Promise<{ rows: string[][]; again: string[][]; answer: Answer }> {
    const audience = await makeAudience(client);
    const first = await ended(await upload(audience, sent));
    const answer = await client.get(first.links.refused);
    assert.equal(answer.status, 200);
    const mapping = sent.query ?? '';
    const second = await ended(
      await upload(audience, { body: answer.text, query: mapping, headers: { 'content-type': 'text/csv' } }),
    );
    assert.deepEqual(
      [second.status, second.refused, second.rows_done, second.refused_by_code],
      ['completed', first.refused, first.refused, first.refused_by_code],
      JSON.stringify(second.error),
    );
    return { rows: csv(answer.text), again: csv((await client.get(second.links.refused)).text), answer };
  }

  const text = { 'content-type': 'text/csv' };
  it('has the columns of the file and a last one with the reason, for spreadsheets', async () => {
    const body = 'Mobile;Vorname;Notiz\n4.47912E+11;Søren;"a; ""b"", c"\n+12025550150;Ana;good\n12;" x";"two\nlines"\n';
    const { rows, again, answer } = await refusedOf({ body, query: 'file_name=März.csv', headers: text });
    assert.deepEqual(
      rows.map((row) => row.slice(0, 3)),
      [
        ['Mobile', 'Vorname', 'Notiz'],
        ['4.47912E+11', 'Søren', 'a; "b", c'],
        ['12', ' x', 'two\nlines'],
      ],
    );
    assert.equal(rows[0]![3], 'reason');
    assert.match(rows[1]![3]!, /^Scientific notation/);
    assert.deepEqual(again, rows, 'the reasons of the last time make room');
    assert.equal(
      answer.headers.get('content-disposition'),
      `attachment; filename="M_rz-refused.csv"; filename*=UTF-8''M%C3%A4rz-refused.csv`,
    );
    assert.equal(answer.headers.get('cache-control'), 'no-store');
  });

  it('begins with a byte order mark, and its lines end in CRLF', async () => {
    const found = await ended(await upload(await makeAudience(client), { body: 'number\n12\n', headers: text }));
    const bytes = Buffer.from(
      await (await fetch(found.links.refused, { headers: { 'X-Dexatel-Key': server.key } })).arrayBuffer(),
    );
    assert.match(bytes.toString(), /^\uFEFFnumber,reason\r\n12,[^\r\n]+\r\n$/);
  });

  it('ragged rows stay ragged where they are too long, and get their reason in its column where they are short', async () => {
    const body = 'first_name,number,last_name\nAna,12\nAna,12025550150,x,too,many\nEva,12,y,,\n';
    const { rows } = await refusedOf({ body, headers: text });
    assert.deepEqual(
      rows.map((row) => row.slice(0, -1)),
      [
        ['first_name', 'number', 'last_name'],
        ['Ana', '12', ''],
        ['Ana', '12025550150', 'x', 'too', 'many'],
        ['Eva', '12', 'y'],
      ],
    );
  });

  it('of NDJSON has a column for each member', async () => {
    const body = [
      { number: '12', first_name: 'Ana', tags: ['a', 'b'], age: 7 },
      { first_name: 'Eva', number: '+12025550150' },
      { number: '13', city: null },
    ].map((each) => JSON.stringify(each));
    const { rows } = await refusedOf({ body: body.join('\n'), headers: { 'content-type': 'application/jsonl' } });
    assert.deepEqual(
      rows.map((row) => row.slice(0, -1)),
      [
        ['number', 'first_name', 'tags', 'age', 'city'],
        ['12', 'Ana', 'a;b', '7', ''],
        ['13', '', '', '', ''],
      ],
    );
  });

  it('has a line that is no JSON as it is, in the first column', async () => {
    const sent = { body: `${NDJSON}{"number"\n`, headers: { 'content-type': 'application/x-ndjson' } };
    const found = await ended(await upload(await makeAudience(client), sent));
    assert.deepEqual(csv((await client.get(found.links.refused)).text), [
      ['number', 'first_name', 'reason'],
      ['{"number"', '', 'The line is not a JSON object'],
    ]);
  });

  it('is there when nothing was refused, and when the file could not be read', async () => {
    const audience = await makeAudience(client);
    for (const [body, header] of [
      [FILE, 'number,first_name,reason\r\n'],
      ['a,b\n1,2\n', 'reason\r\n'],
    ] as const) {
      const found = await ended(await upload(audience, { body, headers: text }));
      assert.equal((await client.get(found.links.refused)).text.replace('\uFEFF', ''), header);
    }
  });

  it('of thousands of rows holds all of them, in the order of the file', async () => {
    const lines = Array.from({ length: 5000 }, (_, n) => (n % 3 === 0 ? numberOf(n) : `x${n}`));
    const found = await ended(
      await upload(await makeAudience(client), { body: `number\n${lines.join('\n')}\n`, headers: text }),
    );
    const rows = csv((await client.get(found.links.refused)).text).slice(1);
    assert.deepEqual(
      rows.map(([number]) => number),
      lines.filter((line) => line.startsWith('x')),
    );
  });
});

describe('events', () => {
  interface Event {
    event: string;
    data: Loose;
  }

  /** The events of a stream until it ends. */
  async function* eventsOf(url: string): AsyncGenerator<Event> {
    const response = await fetch(url, { headers: { 'X-Dexatel-Key': server.key } });
    assert.equal(response.headers.get('content-type'), 'text/event-stream');
    let text = '';
    for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
      text += chunk;
      const blocks = text.split('\n\n');
      text = blocks.pop()!;
      for (const block of blocks.filter((each) => !each.startsWith(':'))) {
        const [, event, data] = /^event: (\w+)\ndata: (.*)$/.exec(block)!;
        yield { event: event!, data: JSON.parse(data!) };
      }
    }
    assert.equal(text, '', 'no event is cut off');
  }

  it('tell of progress as it comes, and at last of the end', async () => {
    const audience = await makeAudience(client);
    const { data } = await upload(audience, { body: fileOf(MAX_BYTES - 100), headers: { 'content-type': 'text/csv' } });
    const events: Event[] = [];
    for await (const event of eventsOf(data.links.events)) {
      events.push(event);
      if (events.length === 2) await client.send('POST', `${new URL(data.links.self).pathname}/cancel`);
    }
    const last = events.pop()!;
    assert.equal(last.event, 'done');
    assert.deepEqual(last.data, (await client.get(data.links.self)).data, 'the import as GET gives it');
    assert.ok(events.length >= 2 && events.every(({ event }) => event === 'progress'));
    const done = events.map((each) => each.data.rows_done);
    assert.deepEqual(
      done,
      done.toSorted((one, other) => one - other),
    );
  });

  it('of an import that has ended are one', async () => {
    const found = await ended(
      await upload(await makeAudience(client), { body: FILE, headers: { 'content-type': 'text/csv' } }),
    );
    for (let time = 0; time < 2; time++) {
      const events = await Array.fromAsync(eventsOf(found.links.events));
      assert.deepEqual(events, [{ event: 'done', data: found }]);
    }
  });

  it('end when the audience goes, and when the server stops', async () => {
    const other = await startServer();
    const guest = makeClient(other);
    const { path } = await makeAudience(guest);
    const body = fileOf(5_000_000);
    const started = async (at: string) =>
      succeeded(await guest.send('POST', `${at}/imports`, { body, headers: { 'content-type': 'text/csv' } }));
    const gone = await started(path);
    for await (const { event } of eventsOf(gone.links.events)) {
      if (event === 'progress') await guest.delete(path);
    }
    let stopped: Promise<unknown> | undefined;
    const { links } = await started((await makeAudience(guest)).path);
    for await (const { event } of eventsOf(links.events)) {
      if (event === 'progress') stopped ??= other.stop();
    }
    assert.deepEqual(await stopped, { code: 0, signal: null });
  });
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
