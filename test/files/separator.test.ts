import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { findSeparator } from '../../src/files/separator.ts';
import { readText } from './support.ts';

describe('the separator of a table', () => {
  const scenarios: [what: string, text: string, separator: string][] = [
    ['commas', 'number,first_name\n+1,Ana\n', ','],
    ['semicolons', 'number;first_name\n+1;Ana\n', ';'],
    ['tabs', 'number\tfirst_name\n+1\tAna\n', '\t'],
    ['bars', 'number|first_name\n+1|Ana\n', '|'],
    ['a single column', 'number\n+12025550150\n', ','],
    ['others inside quotes', '"number";"a,b,c"\n"+1";"d,e,f"\n', ';'],
    [
      'of rows that are ragged, when it alone makes known columns',
      'Phone;Name, given;City\n1;a, b\n2;c, d;e\n3;f, g;h;\n4;i, j\n',
      ';',
    ],
    ['without known columns, the one that makes more cells of as many rows', 'a;b;c,d\n1;2;3,4\n', ';'],
    ['without known columns, the one that cuts the rows alike', 'a,b;c\nd;e\nf;g\nh,i,j;k\n', ';'],
    ['nothing to separate', 'abc\n', ','],
  ];
  for (const [what, text, separator] of scenarios) test(what, () => assert.equal(findSeparator(text, true), separator));

  test('names that the caller gives are known columns', () => {
    const text = 'Kontakt;Wer, wann\n1;a, b;\n2;c, d\n3;e, f;;\n';
    assert.equal(findSeparator(text, true, { Kontakt: 'number' }), ';');
    assert.equal(findSeparator(text, true), ',');
  });

  test('a header longer than what is looked at', async () => {
    const names = Array.from({ length: 900 }, (_, index) => `column ${index} ${'x'.repeat(80)}`);
    const { layout, rows } = await readText(`number;${names.join(';')}\n+1;a\n`);
    assert.equal(layout.separator, ';');
    assert.deepEqual(rows[0]!.contact, { number: '+1' });
  });
});

describe('a line that names the separator', () => {
  test('is believed, whatever the separator', async () => {
    const { layout, rows } = await readText('sep=^\r\nnumber^first_name\r\n+1^Ana\r\n');
    assert.deepEqual([layout.separator, layout.headerLine, layout.preambleLines], ['^', 2, 0]);
    assert.deepEqual(rows[0]!.contact, { number: '+1', first_name: 'Ana' });
  });

  test('is overruled by the caller', async () => {
    const { layout } = await readText('sep=;\nnumber|first_name\n+1|Ana\n', { separator: '|' });
    assert.equal(layout.separator, '|');
  });

  test('is found behind a byte order mark, in quotes and filled up with separators', async () => {
    for (const first of ['\uFEFFsep=;', '"sep=;"', 'SEP=;', 'sep=;;;']) {
      const { layout, rows } = await readText(`${first}\nnumber;first_name\n+1;Ana, Bo\n`);
      assert.deepEqual([layout.separator, layout.preambleLines], [';', 0], first);
      assert.deepEqual(rows[0]!.contact, { number: '+1', first_name: 'Ana, Bo' });
    }
  });
});
