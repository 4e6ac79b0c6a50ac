/**
 * Files no one means well with, or means at all, through the real door: each ends in a failed import or a refusal that says why,
 * or in rows that are refused; the server lives, its memory does not follow the file, and others import as ever.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import {
  makeXlsx,
  makeZip,
  relationsXml,
  relationXml,
  sheetXml,
  stringsXml,
  workbookXml,
} from '../files/xlsx-support.ts';
import { until } from '../support/contacts.ts';
import {
  type Body,
  client,
  FILE,
  growthOf,
  HAS_PROC,
  imported,
  large,
  MEGABYTE,
  MOST_GROWTH,
  refusals,
  small,
} from './import-hostile-support.ts';
import { type Loose, makeAudience, makeClient, numberOf, succeeded } from './support.ts';

const cell = (text: string, more = '') => `<c${more} t="str"><v>${text}</v></c>`;
const row = (...texts: string[]) => `<row>${texts.map((text) => cell(text)).join('')}</row>`;
const HEADER = row('number', 'first_name');
const MILLION = 1_000_000;

describe('a file that cannot be read fails its import, and says why: 9023', () => {
  const packedTwice = gzipSync(gzipSync(FILE));
  const member = gzipSync(Buffer.alloc(10 * MEGABYTE, '+12025550150\n'));
  const manySheets = (count: number) => {
    const ids = Array.from({ length: count }, (_, index) => `r${index}`);
    const list = ids.map((id, index) => `<sheet name="${id}" sheetId="${index + 1}" r:id="${id}"/>`);
    return {
      'xl/workbook.xml': workbookXml(`<sheets>${list.join('')}</sheets>`),
      'xl/_rels/workbook.xml.rels': relationsXml(
        ids.map((id) => relationXml(id, 'worksheet', 'worksheets/sheet1.xml')),
      ),
    };
  };

  const FILES: [title: string, make: () => Body | Promise<Body>, says: RegExp, query?: string][] = [
    [
      'gzip that unpacks to 1 GB',
      () => Buffer.concat([gzipSync('number\n'), ...Array(100).fill(member)]),
      /^The file unpacks to more than 20 MB \(IMPORT_MAX_UNPACKED\)\. Split it/,
    ],
    [
      'gzip that unpacks to 1 GB of nothing',
      () => Buffer.concat(Array(100).fill(gzipSync(Buffer.alloc(10 * MEGABYTE)))),
      /more than 20 MB \(IMPORT_MAX_UNPACKED\)/,
    ],
    [
      'a spreadsheet that unpacks to 60 MB of empty rows',
      () => makeXlsx([{ data: HEADER + '<row/>'.repeat(10 * MILLION) }]),
      /^The spreadsheet unpacks to more than 20 MB \(IMPORT_MAX_UNPACKED\)\. Split it/,
    ],
    [
      'a spreadsheet whose texts unpack to 60 MB',
      () =>
        makeXlsx([{}], { 'xl/sharedStrings.xml': stringsXml(`<si><t>${' '.repeat(1000)}</t></si>`.repeat(60_000)) }),
      /more than 20 MB \(IMPORT_MAX_UNPACKED\)/,
    ],
    [
      'a spreadsheet whose cells are all one long text',
      () =>
        makeXlsx([{ data: HEADER + '<row><c t="s"><v>0</v></c></row>'.repeat(1000) }], {
          'xl/sharedStrings.xml': stringsXml(`<si><t>${'a'.repeat(100_000)}</t></si>`),
        }),
      /more than 20 MB \(IMPORT_MAX_UNPACKED\)/,
    ],
    [
      'a spreadsheet of 10,000 sheets that are all the same one',
      () => makeXlsx([{ data: HEADER + row('+12025550150').repeat(1000) }], manySheets(10_000)),
      /more than 20 MB \(IMPORT_MAX_UNPACKED\)/,
    ],
    [
      'a spreadsheet of more sheets than any has',
      () => makeXlsx([{ data: HEADER }], manySheets(10_001)),
      /damaged or cut off: it has more than 10000 sheets/,
    ],
    ['gzip inside gzip', () => packedTwice, /^The file is compressed: unpack it/],
    [
      'a spreadsheet inside gzip',
      async () => gzipSync(await makeXlsx([{ data: HEADER + row('+12025550150') }])),
      /^The file is a spreadsheet inside gzip: upload the \.xlsx as it is/,
    ],
    ['gzip that is cut off', () => gzipSync(FILE).subarray(0, -9), /damaged or cut off: its end is missing/],
    ['gzip that is cut off in its head', () => gzipSync(FILE).subarray(0, 5), /damaged or cut off/],
    [
      'gzip with a damaged middle',
      () => gzipSync(Buffer.from(FILE.repeat(1000))).fill(0xff, 30, 60),
      /damaged or cut off: it cannot be unpacked/,
    ],
    [
      'a spreadsheet that is cut off',
      async () => (await makeXlsx([{ data: HEADER + row('+12025550150') }])).subarray(0, 500),
      /^The spreadsheet is damaged or cut off/,
    ],
    ['a zip archive with nothing but its first bytes', () => Buffer.from('PK\x03\x04'), /damaged or cut off/],
    ['a zip archive with nothing in it', () => makeZip({}), /no spreadsheet/],
    [
      'a spreadsheet of elements in elements without end',
      () => makeXlsx([{ data: '<a>'.repeat(MILLION) }]),
      /nested too deeply/,
    ],
    [
      'a spreadsheet with an element that does not end',
      () => makeXlsx([{ data: `<row r="${'1'.repeat(18 * MILLION)}` }]),
      /has a piece that does not end/,
    ],
    [
      'a header of a million columns',
      () => `number${',x'.repeat(MILLION / 2 - 1)}\n+12025550150\n`,
      /^The header cannot be read, line 1: The row has more than 1000 cells/,
    ],
    [
      'a header of a million long columns',
      () => `number${',column'.repeat(MILLION)}\n+12025550150\n`,
      /^The header cannot be read, line 1: The row is longer than 1048576 characters/,
    ],
    [
      'a header of a million columns in a spreadsheet',
      () => makeXlsx([{ data: `<row>${cell('number')}${cell('x').repeat(MILLION / 2)}</row>${row('+12025550150')}` }]),
      /^The header cannot be read, line 1: The row has more than 1000 cells/,
    ],
    ['nothing but NULs', () => Buffer.alloc(3 * MEGABYTE), /^The header cannot be read, line 1: The row is longer/],
    ['a few NULs', () => Buffer.alloc(100), /No column holds phone numbers/],
    ['no text at all', () => Buffer.from(Array.from({ length: 60_000 }, (_, n) => (n * n * 31 + n * 7) % 251)), /./],
    ['nothing but quotes', () => '"'.repeat(7 * MILLION), /line 1: A quote is opened in this line and never closed/],
    ['nothing but separators', () => ','.repeat(7 * MILLION), /line 1: The row is longer than 1048576 characters/],
    ['nothing but line breaks', () => '\r\n'.repeat(3 * MILLION), /empty/],
    ['a list of JSON', () => `[${'{"number":1},'.repeat(100)}]`, /JSON list/],
    [
      'JSON inside JSON without end',
      () => '['.repeat(5 * MILLION),
      /line 1: The row is longer than 1048576 characters/,
    ],
    ['an encoding that is none', () => FILE, /There is no encoding "x y"/, 'encoding=x y'],
  ];
  for (const [title, make, says, query = ''] of FILES) {
    it(title, async () => {
      const { path } = await makeAudience(client);
      const type = 'application/octet-stream';
      const body = await make();
      const found = await imported(small, path, body, type, query);
      assert.deepEqual([found.status, found.error?.code], ['failed', 9023], JSON.stringify(found).slice(0, 2000));
      assert.match(found.error.message, says);
      assert.ok(found.error.message.length < 1000, `${found.error.message.length} characters`);
      assert.doesNotMatch(found.error.message, /\p{Cc}/u);
    });
  }
});

describe('rows that cannot be read are refused, and reading goes on', () => {
  const good = numberOf(150);
  const FILES: [title: string, make: () => Body | Promise<Body>, refused: RegExp[], type?: string][] = [
    ['a million columns', () => `${FILE}${','.repeat(MILLION)}\n${good}\n`, [/^3: The row has more than 1000 cells$/]],
    [
      'a line of 2 MB',
      () => `${FILE}${'x'.repeat(2 * MILLION)}\n${good}\n`,
      [/^3: The row is longer than 1048576 characters$/],
    ],
    [
      'a quote that is never closed',
      () => `${FILE}"${'x'.repeat(2 * MILLION)}\n${good}\n`,
      [/^3: A quote is opened in this line and never closed$/],
    ],
    [
      'JSON inside JSON',
      () =>
        `{"number":"${good}"}\n${'{"number":'.repeat(100_000)}1${'}'.repeat(100_000)}\n{"number":${'['.repeat(MILLION)}\n`,
      [/^2: The line is longer than 1048576 characters$/, /^3: The line is not a JSON object$/],
      'application/x-ndjson',
    ],
    [
      'sixty thousand members',
      () => `{"number":"${good}"}\n{${Array.from({ length: 60_000 }, (_, n) => `"member${n}":1`).join()}}\n`,
      [/^2: 'number' is required$/],
      'application/x-ndjson',
    ],
    [
      'NULs in cells',
      () => `${FILE}+12025550151,A\x00na\n+1202\x00555015,Eva\n`,
      [/^3: The row holds NUL characters/, /^4: The row holds NUL characters/],
    ],
    [
      'NULs and halves of characters in a spreadsheet',
      () => makeXlsx([{ data: HEADER + row(good) + row(numberOf(1), 'A_x0000_') + row(numberOf(2), 'A_xD83D_') }]),
      [/^3: 'first_name' holds a character that cannot be stored$/, /^4: 'first_name' holds a character/],
    ],
    [
      'NULs and halves of characters in JSON',
      () =>
        `{"number":"${good}"}\n{"number":"${numberOf(1)}","first_name":"\\u0000"}\n{"number":"${numberOf(2)}","first_name":"\\ud83d"}\n`,
      [/^2: 'first_name' holds a character that cannot be stored$/, /^3: 'first_name' holds a character/],
      'application/x-ndjson',
    ],
    [
      'prototype names',
      () => `{"number":"${good}"}\n{"__proto__":{"number":"+12025550199"},"constructor":1}\n`,
      [/^2: 'number' is required$/],
      'application/x-ndjson',
    ],
    [
      'a row of a million columns in a spreadsheet',
      () => makeXlsx([{ data: `${HEADER}${row(good)}<row>${'<c><v>1</v></c>'.repeat(MILLION)}</row>` }]),
      [/^3: The row has more than 1000 cells$/],
    ],
    [
      'a column beyond all columns in a spreadsheet',
      () => makeXlsx([{ data: `${HEADER}${row(good)}<row>${cell('x', ' r="ZZZZZZZZZZZZZZ3"')}</row>` }]),
      [/^3: The row has more than 1000 cells$/],
    ],
    [
      'row numbers in a spreadsheet that are beyond all rows, or go back',
      () => {
        const numbered = (number: string) => `<row r="${number}">${cell('12')}</row>`;
        return makeXlsx([{ data: HEADER + row(good) + ['1000000000', '1', '-5', 'x', '9e99'].map(numbered).join('') }]);
      },
      [3, 4, 5, 6, 7].map((line) => new RegExp(`^${line}: The number is too short$`)),
    ],
    [
      'sizes in a spreadsheet that lie',
      () => {
        const sheet = sheetXml(HEADER + row(good) + row('12')).replace(
          '<sheetData>',
          '<dimension ref="A1:XFD1048576"/><sheetData>',
        );
        return makeXlsx([{}], {
          'xl/worksheets/sheet1.xml': sheet,
          'xl/sharedStrings.xml': '<sst count="4294967295" uniqueCount="4294967295"></sst>',
        });
      },
      [/^3: The number is too short$/],
    ],
  ];
  for (const [title, make, expected, type = 'application/octet-stream'] of FILES) {
    it(title, async () => {
      const { path } = await makeAudience(client);
      const found = await imported(small, path, await make(), type);
      assert.equal(found.status, 'completed', JSON.stringify(found.error));
      const messages = await refusals(found);

      assert.equal(messages.length, expected.length, messages.join('\n'));
      for (const [index, message] of messages.entries()) assert.match(message, expected[index]!);
      assert.deepEqual(
        (await client.get(`${path}/contacts`)).data.map((each: Loose) => each.number),
        [good],
      );
      const csv = await client.get(found.links.refused);
      assert.ok(csv.text.length < 3 * MILLION);
    });
  }
});

describe('characters that an encoding does not know', () => {
  const lines = (name: Uint8Array) =>
    Buffer.concat([Buffer.from('number,first_name\n+12025550150,'), name, Buffer.from('\n+12025550151,Eva\n')]);
  const written = Buffer.from('Jos\ufffd');
  const broken = Buffer.from('Jos\xe9', 'latin1');
  const FILES: [title: string, body: Uint8Array, query: string, name: string | null][] = [
    ['U+FFFD in sound UTF-8 is what its author wrote', lines(written), '', 'Jos\ufffd'],
    ['also where the encoding is said', lines(written), 'encoding=utf8', 'Jos\ufffd'],
    ['also in gzip', gzipSync(lines(written)), '', 'Jos\ufffd'],
    ['what is no UTF-8 is Windows-1252', lines(broken), '', 'Jos\xe9'],
    ['what is no UTF-8 and is said to be is refused', lines(broken), 'encoding=utf-8', null],
    [
      'in a file with both nobody knows which is which',
      lines(Buffer.concat([written, broken])),
      'encoding=utf-8',
      null,
    ],
  ];
  it('a rehearsal and the run of it judge them alike', async () => {
    const { path } = await makeAudience(client);
    for (const [body, refused] of [
      [lines(written), 0],
      [lines(Buffer.concat([written, Buffer.from('é'), broken])), 1],
    ] as const) {
      const rehearsed = await imported(small, path, body, 'text/csv', 'dry_run=true');
      assert.deepEqual([rehearsed.encoding, rehearsed.refused], ['utf-8', refused]);
      succeeded(await client.send('POST', `${path}/imports/${rehearsed.id}/run`));
      let run: Loose;
      await until(async () => {
        run = succeeded(await client.get(rehearsed.links.self));
        return !run.dry_run && run.status === 'completed';
      });
      assert.equal(run.refused, refused);
    }
  });

  for (const [title, body, query, name] of FILES) {
    it(title, async () => {
      const { path } = await makeAudience(client);
      const found = await imported(small, path, body, 'text/csv', query);
      assert.equal(found.status, 'completed', JSON.stringify(found.error));
      const messages = await refusals(found);
      const names = (await client.get(`${path}/contacts`)).data.map((each: Loose) => each.first_name);
      assert.deepEqual(names, name === null ? ['Eva'] : [name, 'Eva']);
      if (name === null) assert.match(messages[0]!, /^2: The cell "first_name" holds characters that are not UTF-8/);
      else assert.deepEqual(messages, []);
    });
  }
});

describe('a file of 100 MB is taken without being held', {
  skip: HAS_PROC ? false : 'memory is read from /proc, which is not here',
}, () => {
  const SIZE = 100 * MEGABYTE;

  /** A beginning and, behind it, so much of one filling. */
  const filled = (begin: string, filling: string, end = '') =>
    async function* (size = SIZE) {
      yield Buffer.from(begin);
      const piece = Buffer.alloc(MEGABYTE, filling);
      for (let at = 0; at < size; at += piece.length) yield piece;
      yield Buffer.from(end);
    };

  const FILES: [
    title: string,
    make: (size?: number) => Body,
    type: string,
    end: [string, Partial<Loose>],
    says: RegExp,
  ][] = [
    [
      'a single line',
      filled('number,first_name,', 'x'),
      'text/csv',
      ['failed', {}],
      /^The header cannot be read, line 1: The row is longer than 1048576 characters/,
    ],
    [
      'a header and a single line, and one more',
      filled(FILE, 'x,', '\n+12025550151,Eva\n'),
      'text/csv',
      ['completed', { unchanged: 2, refused: 1 }],
      /^The row is longer than 1048576 characters/,
    ],
    [
      'a header and a quote that is never closed, with line breaks',
      filled(`${FILE}"`, `${'x'.repeat(1023)}\n`),
      'text/csv',
      ['completed', { unchanged: 1 }],
      /^A quote is opened in this line and never closed$/,
    ],
    [
      'a single line of JSON',
      filled(`{"number":"+12025550150","first_name":"`, 'x', '"}\n{"number":"+12025550151"}\n'),
      'application/x-ndjson',
      ['completed', { unchanged: 1, refused: 1 }],
      /^The line is longer than 1048576 characters/,
    ],
  ];
  for (const [title, make, type, [status, counts], says] of FILES) {
    it(title, async () => {
      const { path } = await makeAudience(makeClient(large));
      // What a server has once it has done such work, caches and compiled code, is not what follows the file.
      await imported(large, path, make(SIZE / 4), type);
      const { result: found, grown } = await growthOf(large, () => imported(large, path, make(), type));
      assert.equal(found.status, status, JSON.stringify(found.error));
      assert.deepEqual({ ...found, ...counts }, found);
      assert.ok(found.file.bytes >= SIZE);
      const rows = await makeClient(large).get(`${found.links.rows}?status=refused`);
      assert.match(found.error?.message ?? rows.data[0].message, says);
      assert.ok(grown < MOST_GROWTH, `the server grew by ${grown / MEGABYTE} MB`);
    });
  }
});
