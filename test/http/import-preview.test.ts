/** A look at a file that leaves nothing behind: how it would be read, and what its columns begin with. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { makeXlsx } from '../files/xlsx-support.ts';
import { startServer } from '../support/server.ts';
import { CSV, form } from './import-support.ts';
import { type Answer, type Loose, makeAudience, makeClient, refused } from './support.ts';

const server = await startServer();
const client = makeClient(server);
const audience = await makeAudience(client);

function preview(body: string | Uint8Array | FormData, query = '', headers: Record<string, string> = CSV) {
  return client.send('POST', `${audience.path}/imports/preview?${query}`, {
    body,
    headers: body instanceof FormData ? {} : headers,
  });
}

const fieldsOf = ({ data }: Answer): [string, string | null][] =>
  data.columns.map(({ name, field }: Loose) => [name, field]);

describe('a file that says what its columns are', () => {
  it('is shown with its format, encoding, separator, and the first cells of each column', async () => {
    const { data, status } = await preview('Vorname;Mobil;Notiz\nAna;+49 171 2345678;ruft an\nBo;;\n');
    assert.equal(status, 200);
    assert.deepEqual(data, {
      format: 'csv',
      encoding: 'utf-8',
      separator: ';',
      has_header: true,
      columns: [
        { name: 'Vorname', field: 'first_name', samples: ['Ana', 'Bo'] },
        { name: 'Mobil', field: 'number', samples: ['+49 171 2345678', ''] },
        { name: 'Notiz', field: null, samples: ['ruft an', ''] },
      ],
      likely_number: null,
    });
  });

  for (const [title, body, query, fields] of [
    [
      'by a mapping',
      'a,b\n12025550150,Ana\n',
      'mapping={"a":"number","b":"last_name"}',
      { a: 'number', b: 'last_name' },
    ],
    ['as NDJSON', '{"number":"12025550150","city":"Rome"}\n', '', { number: 'number', city: null }],
    ['gzipped', gzipSync('number,tags\n12025550150,vip\n'), '', { number: 'number', tags: 'tags' }],
    [
      'as a form',
      form(['file', ['x.tsv', 'number\tName\n12025550150\tAna\n']]),
      '',
      { number: 'number', Name: 'full_name' },
    ],
    ['with names twice', 'number,x,x\n12025550150,1,2\n', '', { number: 'number', '#2': null, '#3': null }],
    [
      'without a header, told by places',
      '12025550150,Ana\n',
      'mapping={"%231":"number"}',
      { '#1': 'number', '#2': null },
    ],
  ] as const) {
    it(title, async () => {
      assert.deepEqual(Object.fromEntries(fieldsOf(await preview(body, query))), fields);
    });
  }

  it('is shown as what it is written in', async () => {
    const latin = Buffer.from('number,Prénom\n12025550150,Zoë\n', 'latin1');
    assert.equal((await preview(latin)).data.encoding, 'windows-1252');
    assert.deepEqual((await preview(latin)).data.columns[1], { name: 'Prénom', field: 'first_name', samples: ['Zoë'] });
  });
});

describe('a file without a column of numbers by its name', () => {
  for (const [title, body, likely, fields] of [
    [
      'names the column that looks like one',
      'who,reach\nAna,+12025550150\nBo,+12025550151\n',
      'reach',
      { who: null, reach: null },
    ],
    ['has no header', 'Ana,+12025550150\nBo,+12025550151\n', '#2', { '#1': null, '#2': null }],
    ['has none that looks like one', 'who,what\nAna,x\n', null, { who: null, what: null }],
    [
      'keeps what is said of other columns',
      'who,reach\nAna,+12025550150\n',
      'reach',
      { who: 'last_name', reach: null },
    ],
  ] as const) {
    it(title, async () => {
      const query = title.startsWith('keeps') ? 'mapping={"who":"last_name"}' : '';
      const answer = await preview(body, query);
      assert.equal(answer.data.likely_number, likely, answer.text);
      assert.deepEqual(Object.fromEntries(fieldsOf(answer)), fields);
    });
  }
});

describe('the beginning of a file', () => {
  it('is shown without the row that is cut', async () => {
    const rows = ['+12025550150,Ana', '+12025550151,Bo', '+1202555'];
    const whole = await preview(`number,name\n${rows.join('\n')}`);
    assert.equal(whole.data.columns[0].samples.length, 3);
    const part = await preview(`number,name\n${rows.join('\n')}`, 'partial=true');
    assert.deepEqual(part.data.columns[0].samples, ['+12025550150', '+12025550151']);
  });

  it('is no more than eight rows, and of long cells no more than their beginning', async () => {
    const rows = Array.from({ length: 50 }, (_, at) => `+1202555${1000 + at},${'x'.repeat(1000)}`);
    const { data } = await preview(`number,note\n${rows.join('\n')}`, 'partial=true');
    assert.equal(data.columns[0].samples.length, 8);
    assert.equal(data.columns[1].samples[0], `${'x'.repeat(200)}…`);
  });
});

describe('what cannot be shown', () => {
  for (const [title, body, query, code] of [
    ['an empty file', '', '', 9023],
    ['a JSON list', '[{"number":"1"}]', '', 9023],
    ['an encoding that is not', 'number\n1\n', 'encoding=klingon', 9023],
    ['a column that is not there', 'number\n1\n', 'mapping={"x":"last_name"}', 9023],
    ['an unknown field', 'number\n1\n', 'mapping={"number":"nose"}', 9013],
    ['neither yes nor no', 'number\n1\n', 'partial=maybe', 9013],
    ['more than 32 MiB', new Uint8Array(32 * 1024 * 1024 + 1), '', 9006],
  ] as const) {
    it(`${title}: ${code}`, async () => {
      refused(await preview(body, query), code);
    });
  }

  it('another type: 9005', async () => {
    refused(await preview('number\n', '', { 'content-type': 'image/png' }), 9005);
  });
});

it('leaves nothing behind', async () => {
  assert.deepEqual((await client.get(`${audience.path}/imports`)).data, []);
});

it('shows a spreadsheet', async () => {
  const rows = [
    ['Mobile', 'Since'],
    ['+12025550150', { number: 45000, format: 14 }],
  ] as const;
  const { data } = await preview(await makeXlsx([{ rows }]), '', { 'content-type': 'application/octet-stream' });
  assert.equal(data.format, 'xlsx');
  assert.deepEqual(data.columns[0], { name: 'Mobile', field: 'number', samples: ['+12025550150'] });
});
