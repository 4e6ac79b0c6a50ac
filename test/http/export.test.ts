/** Exports through the door: what is sent, to whom, and what becomes of it when somebody goes away. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, it } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { writeXlsx } from '../../src/files/write-xlsx.ts';
import { until } from '../support/contacts.ts';
import { startServer } from '../support/server.ts';
import { fill, type Loose, makeAudience, makeClient, NOBODY, numberOf, refused, succeeded, walk } from './support.ts';

const server = await startServer();
const client = makeClient(server);

/** An export's answer as it comes over the wire, its body not unpacked. */
const ask = (path: string, headers: Record<string, string> = {}, init: RequestInit = {}) =>
  fetch(server.url + path, {
    ...init,
    headers: { 'x-dexatel-key': server.key, 'accept-encoding': 'identity', ...headers },
  });

const PEOPLE = [
  { number: '12025550100', first_name: '=1+1', last_name: "'=2", timestamp: '-5', date: '@x', tags: ['a;b', '=1'] },
  { number: '447912345678', first_name: 'Łukasz "Lu"', last_name: 'Петросян, Jr', tags: ['vip', '東京'] },
  { number: '12025550101', first_name: 'a\r\nb\nc', date: '\u0001 _x000D_' },
  { number: '12025550102' },
];
const { path } = await makeAudience(client, PEOPLE);
const members = ({ number, first_name, last_name, timestamp, date, tags }: Loose) => ({
  number,
  first_name,
  last_name,
  timestamp,
  date,
  tags,
});
const listed = await walk(client, `${path}/contacts`);

const SHEET = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';

describe('the formats of an export', () => {
  const ROWS: [query: string, type: string, ending: string, begin: string][] = [
    ['', 'text/csv; charset=utf-8', 'csv', '\ufeffnumber,first_name,'],
    ['?format=csv', 'text/csv; charset=utf-8', 'csv', '\ufeffnumber,first_name,'],
    ['?format=ndjson', 'application/x-ndjson; charset=utf-8', 'ndjson', '{"id":"'],
    ['?format=xlsx', SHEET, 'xlsx', 'PK\u0003\u0004'],
  ];
  for (const [query, type, ending, begin] of ROWS) {
    it(query === '' ? 'none: CSV' : query, async () => {
      const answer = await ask(`${path}/contacts/export${query}`);
      assert.equal(answer.status, 200);
      assert.equal(answer.headers.get('content-type'), type);
      assert.match(
        answer.headers.get('content-disposition')!,
        new RegExp(`^attachment; filename="Audience \\d+.${ending}"`),
      );
      assert.match(answer.headers.get('x-request-id')!, /./);
      const bytes = Buffer.from(await answer.arrayBuffer());
      assert.ok(bytes.toString().startsWith(begin));
    });
  }

  it('NDJSON holds what the list holds, but for what the list says of its place', async () => {
    const lines = (await (await ask(`${path}/contacts/export?format=ndjson`)).text()).trimEnd().split('\n');
    const expected = listed.map(({ account_id, audience_id, custom1, custom2, ...contact }) => contact);
    assert.deepEqual(
      lines.map((line) => JSON.parse(line)),
      expected,
    );
  });

  const NAMES: [name: string, header: string][] = [
    ['Kunden', `attachment; filename="Kunden.csv"; filename*=UTF-8''Kunden.csv`],
    ['Kunden B_2', `attachment; filename="Kunden B_2.csv"; filename*=UTF-8''Kunden%20B_2.csv`],
    [
      'Հաճախորդներ',
      `attachment; filename="___________.csv"; filename*=UTF-8''${encodeURIComponent('Հաճախորդներ')}.csv`,
    ],
  ];
  for (const [name, header] of NAMES) {
    it(`the file of the audience ${name} is named after it`, async () => {
      const { id } = succeeded(await client.post('/v1/audiences', { name, channel: 'SMS' }));
      const answer = await ask(`/v1/audiences/${id}/contacts/export`);
      assert.equal(answer.headers.get('content-disposition'), header);
      await answer.text();
    });
  }
});

describe('what is exported', () => {
  for (const search of ['lukasz', '+1 202 555', '1202555010 a', 'nobody', '  ']) {
    it(`filter[search]=${search}: what the list finds`, async () => {
      const filter = `filter[search]=${encodeURIComponent(search)}`;
      const lines = (await (await ask(`${path}/contacts/export?format=ndjson&${filter}`)).text())
        .split('\n')
        .slice(0, -1);
      const found = await walk(client, `${path}/contacts?${filter}`);
      assert.deepEqual(
        lines.map((line) => JSON.parse(line).id),
        found.map(({ id }) => id),
      );
    });
  }

  const REFUSALS: [title: string, url: string, ...expected: [code: number, message: string][]][] = [
    ['another format', `${path}/contacts/export?format=pdf`, [9013, "'format' should be in: [csv, ndjson, xlsx]"]],
    ['an empty format', `${path}/contacts/export?format=`, [9013, "'format' should be in: [csv, ndjson, xlsx]"]],
    [
      'two formats',
      `${path}/contacts/export?format=csv&format=csv`,
      [9013, "'format' should be in: [csv, ndjson, xlsx]"],
    ],
    [
      'a long search',
      `${path}/contacts/export?filter[search]=${'a'.repeat(101)}`,
      [9012, "'filter[search]' must be at most 100 characters"],
    ],
    [
      'both',
      `${path}/contacts/export?format=x&filter[search]=a&filter[search]=b`,
      [9012, "'filter[search]' must be given once"],
      [9013, "'format' should be in: [csv, ndjson, xlsx]"],
    ],
    ['no such audience', `/v1/audiences/${NOBODY}/contacts/export`, [1301, 'Audience is not found']],
    [
      'no such audience, whatever is asked',
      `/v1/audiences/${NOBODY}/contacts/export?format=x`,
      [1301, 'Audience is not found'],
    ],
    ['no audience id', '/v1/audiences/7/contacts/export', [1302, 'Invalid audience identifier']],
  ];
  for (const [title, url, ...expected] of REFUSALS) {
    it(`${title}: refused`, async () => refused(await client.get(url), ...expected));
  }
});

describe('gzip', () => {
  const ROWS: [accepts: string, isPacked: boolean][] = [
    ['identity', false],
    ['gzip', true],
    ['br, gzip;q=0.5', true],
    ['GZIP', true],
    ['*', true],
    ['gzip;q=0, *', false],
    ['br', false],
  ];
  for (const [accepts, isPacked] of ROWS) {
    it(`accept-encoding: ${accepts}: ${isPacked ? 'packed' : 'as it is'}`, async () => {
      const plain = await (await ask(`${path}/contacts/export?format=ndjson`)).text();
      const answer = await ask(`${path}/contacts/export?format=ndjson`, { 'accept-encoding': accepts });
      assert.equal(answer.headers.get('content-encoding'), isPacked ? 'gzip' : null);
      assert.equal(await answer.text(), plain);
    });
  }

  it('a spreadsheet is packed already', async () => {
    const answer = await ask(`${path}/contacts/export?format=xlsx`, { 'accept-encoding': 'gzip' });
    assert.equal(answer.headers.get('content-encoding'), null);
    await answer.arrayBuffer();
  });
});

describe('export and import', () => {
  const TYPES = { csv: 'text/csv', ndjson: 'application/x-ndjson', xlsx: SHEET };
  for (const [format, type] of Object.entries(TYPES)) {
    it(`${format}: into an empty audience gives the same contacts`, async () => {
      const file = new Uint8Array(await (await ask(`${path}/contacts/export?format=${format}`)).arrayBuffer());
      const empty = await makeAudience(client);
      const sent = await client.send('POST', `${empty.path}/imports`, {
        body: file,
        headers: { 'content-type': type },
      });
      const { id } = succeeded(sent);
      let done: Loose;
      await until(async () => {
        done = succeeded(await client.get(`${empty.path}/imports/${id}`));
        return done.status === 'completed' || done.status === 'failed';
      });
      assert.deepEqual([done.status, done.created, done.rows_total], ['completed', PEOPLE.length, PEOPLE.length]);
      assert.deepEqual((await walk(client, `${empty.path}/contacts`)).map(members), listed.map(members));
    });
  }
});

describe('a spreadsheet of several sheets', () => {
  it('is imported as one table: every contact once, lines counted on', async () => {
    const documents = listed.concat(
      Array.from({ length: 600 }, (_, n) => ({ ...listed[0], number: numberOf(1000 + n), first_name: `Ana ${n}` })),
    );
    // A number that is repeated and one that is none, each in another sheet than what it is compared with.
    documents.push({ ...listed[0], first_name: 'again' }, { ...listed[0], number: '12' });
    const batches = (async function* () {
      yield documents;
    })();
    const empty = await makeAudience(client);
    const sent = { body: Buffer.concat(await Array.fromAsync(writeXlsx(batches, 101))) };
    const { id } = succeeded(
      await client.send('POST', `${empty.path}/imports`, { ...sent, headers: { 'content-type': SHEET } }),
    );
    const at = `${empty.path}/imports/${id}`;
    let done: Loose;
    await until(async () => {
      done = succeeded(await client.get(at));
      return done.status !== 'queued' && done.status !== 'running';
    });
    assert.deepEqual([done.status, done.rows_total, done.created, done.refused], ['completed', 606, 604, 1]);
    const rows = await walk(client, `${at}/rows?page_size=1000`);
    assert.deepEqual(
      rows.map(({ line }) => line),
      documents.map((_, n) => 2 + n + Math.floor(n / 100)),
    );
    assert.equal(rows.at(-2).repeats_line, 2);
    const found = await walk(client, `${empty.path}/contacts?page_size=1000`);
    assert.deepEqual(found.slice(1).map(members), documents.slice(1, -2).map(members));
  });
});

describe('a large export', async () => {
  const large = await makeAudience(client);
  const rows = Array.from({ length: 12_000 }, (_, n) => ({
    number: numberOf(n),
    // What packs badly, so that no buffer on the way holds all of it.
    tags: Array.from({ length: 10 }, () => randomBytes(24).toString('base64')),
  }));
  await fill(client, large.path, rows);
  const url = `${large.path}/contacts/export?format=ndjson`;

  it('is of one moment, whatever is written while it is sent', async () => {
    const answer = await ask(url);
    for (const { id } of (await walk(client, `${large.path}/contacts?page_size=1000`)).slice(-20)) {
      await client.delete(`${large.path}/contacts/${id}`);
    }
    await client.post(`${large.path}/contacts`, { number: '447912345678' });
    const numbers = (await answer.text())
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line).number);
    assert.deepEqual(
      numbers,
      rows.map(({ number }) => number),
    );
    const now = gunzipSync(await raw(url))
      .toString()
      .split('\n')
      .slice(0, -1);
    assert.equal(now.length, rows.length - 19);
  });

  it('ends when its client goes away: others take its place', async () => {
    for (let n = 0; n < 20; n++) {
      const gone = new AbortController();
      const answer = await untilRoom(() =>
        ask(url, n % 2 === 0 ? {} : { 'accept-encoding': 'gzip' }, { signal: gone.signal }),
      );
      await answer.body!.getReader().read();
      gone.abort();
    }
  });

  it('a HEAD is answered without one', async () => {
    for (let n = 0; n < 20; n++) {
      const answer = await untilRoom(() =>
        ask(`${url.replace('ndjson', n % 2 === 0 ? 'xlsx' : 'csv')}`, {}, { method: 'HEAD' }),
      );
      assert.match(answer.headers.get('content-disposition')!, /^attachment/);
    }
  });

  it('eight at once, the ninth is told to come again', async () => {
    const gone = new AbortController();
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => untilRoom(() => ask(url, {}, { signal: gone.signal }))),
    );
    assert.deepEqual(
      answers.map(({ status }) => status),
      Array(8).fill(200),
    );
    const ninth = await client.get(url);
    refused(ninth, [9503, 'Too many exports at once: try again shortly']);
    assert.equal(ninth.headers.get('retry-after'), '1');
    gone.abort();
  });

  it('a server that dies breaks it off: never a short file that looks whole', async () => {
    for (const encoding of ['identity', 'gzip']) {
      const answer = await untilRoom(() => ask(url, { 'accept-encoding': encoding }));
      assert.equal(answer.headers.get('content-encoding'), encoding === 'gzip' ? 'gzip' : null);
      await server.kill();
      await assert.rejects(answer.text(), /terminated/);
      await server.restart();
    }
  });

  /** An answer's bytes, packed as they are. */
  async function raw(from: string): Promise<Buffer> {
    const { get } = await import('node:http');
    return new Promise((resolve, reject) => {
      const headers = { 'x-dexatel-key': server.key, 'accept-encoding': 'gzip' };
      get(server.url + from, { headers }, (response) => {
        response.toArray().then((pieces) => resolve(Buffer.concat(pieces)), reject);
      }).once('error', reject);
    });
  }

  /** Asks until one of eight places is free: those that were left are given back a moment later. */
  async function untilRoom(request: () => Promise<Response>): Promise<Response> {
    let answer = await request();
    await until(async () => {
      if (answer.status === 503) answer = await request();
      return answer.status !== 503;
    });
    return answer;
  }
});
