/** Where limits, cuts and spellings meet: each case is one that a small change of the reader would get wrong unseen. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { findHeader, recogniseColumn } from '../../src/files/columns.ts';
import { createTableParser, type TableLimits } from '../../src/files/csv.ts';
import { bytesOf, readAll, readText } from './support.ts';

/** Line, and fault or cells, of every row; the same however the text is cut. */
function parse(text: string, limits: TableLimits): [number, string | string[]][] {
  const [whole, ...cut] = [text.length, 1, 2, 5].map((size) => {
    const parser = createTableParser(',', limits);
    const rows = [];
    for (let at = 0; at < text.length; at += size) rows.push(...parser.push(text.slice(at, at + size)));
    rows.push(...parser.end());
    return rows.map(({ line, cells, fault }): [number, string | string[]] => [line, fault ?? cells]);
  });
  for (const other of cut) assert.deepEqual(other, whole);
  return whole!;
}

describe('line numbers behind rows that were given up', () => {
  const limits = { maxRowLength: 10 };
  const tooLong = 'The row is longer than 10 characters';
  const scenarios: [what: string, text: string, rows: [number, string | string[]][]][] = [
    [
      'a long row with a line break in its quotes',
      '"a\nb"xxxxxxxxxxxx\nz\n',
      [
        [1, tooLong],
        [3, ['z']],
      ],
    ],
    [
      'a long row whose separator stands at the limit',
      '"aaaaaaaa","b"\nz\n',
      [
        [1, tooLong],
        [2, ['z']],
      ],
    ],
    [
      'a long row that ends the file',
      'a\nxxxxxxxxxxxxxxxxxxxx',
      [
        [1, ['a']],
        [2, tooLong],
      ],
    ],
  ];
  for (const [what, text, rows] of scenarios) test(what, () => assert.deepEqual(parse(text, limits), rows));

  test('quotes that open anew in every line: in the end many lines are given up at once, and counted', () => {
    const lines = 200;
    const rows = parse(`${'aaaaaaaa","\n'.repeat(lines)}${'y'.repeat(50)}\nz\n`, { maxRowLength: 30 });
    const passedOver = rows.filter(([, read]) => /lines \d+ to \d+ were not read/.test(String(read)));
    assert.ok(passedOver.length > 0);
    for (const [line, read] of passedOver) assert.ok(String(read).includes(`lines ${line} to `), String(read));
    assert.deepEqual(rows.at(-1), [lines + 2, ['z']]);
  });
});

describe('encodings', () => {
  test('the first bytes come one by one', async () => {
    const utf16 = Buffer.from('\uFEFFnumber,first_name\n+37491234567,Սոնա\n', 'utf16le');
    const { layout, rows } = await readAll(bytesOf(utf16, 1));
    assert.equal(layout.encoding, 'utf-16le');
    assert.deepEqual(rows[0]!.contact, { number: '+37491234567', first_name: 'Սոնա' });
    await assert.rejects(readAll(bytesOf(Buffer.from('504b0304140006000800', 'hex'), 1)), /spreadsheet or an archive/);
  });

  test('a file cut off within a character', async () => {
    const { rows } = await readText(Buffer.from('number,first_name\n+1,Jos\xc3', 'latin1'));
    assert.deepEqual(
      rows.map(({ fault }) => fault?.code),
      [9013],
    );
  });
});

describe('blank cells', () => {
  test('hold white space of any script', async () => {
    const { rows } = await readText('number,first_name,last_name\n+1,\u3000,\u00A0 \n\u00A0,\u3000,\n+2,\u00A0Ana,\n');
    assert.deepEqual(
      rows.map(({ line, contact }) => [line, contact]),
      [
        [2, { number: '+1' }],
        [4, { number: '+2', first_name: '\u00A0Ana' }],
      ],
    );
  });
});

describe('names and contacts', () => {
  test('Turkish headers in capitals, whose I is written two ways', () => {
    assert.equal(recogniseColumn('TELEFON NUMARASI')?.field, 'number');
    assert.equal(recogniseColumn('Soyadı')?.field, 'last_name');
    assert.equal(recogniseColumn('SOYADI')?.field, 'last_name');
  });

  test('a short number with a plus is a contact, one without may be anything', () => {
    assert.equal(findHeader([['+3741234', 'Ana'], ['Mobile']]), -1);
    assert.equal(findHeader([['3741234', 'Ana'], ['Mobile']]), 1);
  });
});

test('the format that the caller says wins over the name', async () => {
  const { layout, rows } = await readText('{"number":"+1"}\n', { name: 'contacts.csv', format: 'ndjson' });
  assert.equal(layout.format, 'ndjson');
  assert.deepEqual(rows[0]!.contact, { number: '+1' });
});
