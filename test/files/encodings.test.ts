import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { surveyText } from '../../src/files/decode.ts';
import { bytesOf, readText } from './support.ts';

const latin = (text: string) => Buffer.from(text, 'latin1');
const utf8 = (text: string) => Buffer.from(text, 'utf8');
const utf16 = (text: string) => Buffer.from(text, 'utf16le');
const swapped = (text: string) => Buffer.from(text, 'utf16le').swap16();
const TABLE = 'number,name\n+37491234567,Սոնա\n+12025550150,Zoë\n+12025550151,Jürgen\n';

/** UTF-8 with one byte that is none behind it. */
const damaged = (text: string) => Buffer.concat([utf8(text), latin('\xfc\n'), utf8('+12025550159,Ana\n')]);

describe('the encoding of a file', () => {
  const scenarios: [what: string, bytes: Uint8Array, encoding: string, isSound: boolean][] = [
    ['ASCII', utf8('number\n1\n'), 'utf-8', true],
    ['UTF-8', utf8(TABLE), 'utf-8', true],
    ['UTF-8 with a byte order mark', utf8(`\uFEFF${TABLE}`), 'utf-8', true],
    ['nothing', utf8(''), 'utf-8', true],
    ['UTF-8 with a bad byte', damaged(TABLE), 'utf-8', false],
    ['UTF-8 with a bad byte far behind', damaged(TABLE.repeat(5000)), 'utf-8', false],
    ['UTF-8 with a bad byte, and nothing but it and one character', damaged('name\nZoë\n'), 'utf-8', false],
    ['UTF-8 that writes half a surrogate pair', latin('number\n\xed\xa0\x80 J\xc3\xbc\n'), 'utf-8', false],
    ['UTF-8 cut within its last character', utf8(`${TABLE}é`).subarray(0, -1), 'utf-8', false],
    ['UTF-8 cut within its only character', utf8('number,name\n1,山').subarray(0, -1), 'utf-8', false],
    ['UTF-8 with NULs', utf8(`${TABLE}\0\0\0`), 'utf-8', false],
    ['Windows-1252', latin('number,name\n1,J\xfcrgen\n'), 'windows-1252', false],
    [
      'Windows-1252 with its own quotes and dashes',
      latin('number,name\n1,\x93J\xfcrgen\x94 \x96\n'),
      'windows-1252',
      false,
    ],
    [
      'Windows-1252 whose last byte begins a character of UTF-8',
      latin('number,name\n1,Jos\xe9'),
      'windows-1252',
      false,
    ],
    [
      'Windows-1252 into which UTF-8 was pasted',
      latin('name\nJ\xc3\xbcrgen\nJ\xfcrgen\nZo\xeb\n'),
      'windows-1252',
      false,
    ],
    [
      'Windows-1252 whose first umlaut comes late',
      latin(`${'1,Ana\n'.repeat(100_000)}1,J\xfcrgen\n`),
      'windows-1252',
      false,
    ],
    ['UTF-16, little end first', utf16(`\uFEFF${TABLE}`), 'utf-16le', false],
    ['UTF-16, big end first', swapped(`\uFEFF${TABLE}`), 'utf-16be', false],
    ['UTF-16 without a mark, little end first', utf16(TABLE), 'utf-16le', false],
    ['UTF-16 without a mark, big end first', swapped(TABLE), 'utf-16be', false],
    ['UTF-16 without a mark, mostly Cyrillic', utf16('Телефон;Имя\n+77012345678;Иван\n'), 'utf-16le', false],
    ['nothing but NULs', Buffer.alloc(5000), 'utf-8', false],
  ];
  for (const [what, bytes, encoding, isSound] of scenarios) {
    test(what, async () => {
      for (const size of [65536, 1, 3]) {
        if (size < 65536 && bytes.length > 10_000) continue;
        assert.deepEqual(await surveyText(bytesOf(bytes, size)), { encoding, isSound });
      }
    });
  }

  test('does not depend on how its bytes come', async () => {
    const piece = fc.constantFrom(
      utf8('a'),
      utf8('é'),
      utf8('山'),
      utf8('😀'),
      latin('\xe9'),
      latin('\xe5\xb1'),
      latin('\x80'),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 12 }), fc.nat(4100), async (pieces, before) => {
        const bytes = Buffer.concat([Buffer.alloc(before, 'x'), ...pieces]);
        const whole = await surveyText(bytesOf(bytes));
        for (const size of [4096, 1 + (before % 7)]) assert.deepEqual(await surveyText(bytesOf(bytes, size)), whole);
      }),
      { numRuns: 200 },
    );
  });
});

describe('NULs', () => {
  test('refuse the rows that hold them', async () => {
    const { rows } = await readText('number,first_name,x\n+1,Ana,a\n+2,B\0o,a\n+3,Eva,\0\n\0\0\0');
    assert.deepEqual(
      rows.map(({ line, fault }) => [line, fault?.code]),
      [
        [2, undefined],
        [3, 9013],
        [4, 9013],
        [5, 9013],
      ],
    );
    assert.equal(rows[1]!.fault!.message, 'The row holds NUL characters: the file is damaged here');
  });
  test('refuse lines of JSON', async () => {
    const { rows } = await readText('{"number":"+1"}\n{"number":"+2\0"}\n');
    assert.deepEqual(
      rows.map(({ fault }) => fault?.code),
      [undefined, 1005],
    );
  });
  test('in the header refuse the file', async () => {
    await assert.rejects(readText('num\0ber,name\n+1,Ana\n'), {
      name: 'ContactFileError',
      message: 'The header, line 1, holds NUL characters: the file is damaged or not text',
    });
  });
});

describe('a file without a header', () => {
  test('is read by the places of its columns', async () => {
    const { layout, rows } = await readText('Ana;+12025550150;x\nBo;+12025550151\nEva;1;2;3\n', {
      mapping: { '#2': 'number', '#1': 'first_name' },
    });
    assert.deepEqual(
      [layout.headerLine, layout.preambleLines, layout.header, layout.ignored],
      [null, 0, ['#1', '#2', '#3', '#4'], ['#3', '#4']],
    );
    assert.deepEqual(
      rows.map(({ line, contact }) => [line, contact]),
      [
        [1, { number: '+12025550150', first_name: 'Ana' }],
        [2, { number: '+12025550151', first_name: 'Bo' }],
        [3, { number: '1', first_name: 'Eva' }],
      ],
    );
  });
  test('refuses rows that are wider than the first ones', async () => {
    const { rows } = await readText(`${'Ana,+12025550150\n'.repeat(30)}Eva,+12025550150,x\n`, {
      mapping: { '#2': 'number' },
    });
    assert.equal(rows.length, 31);
    assert.equal(
      rows.at(-1)!.fault!.message,
      'The row has 3 cells, the first rows have 2: is a cell with a separator in it not quoted?',
    );
  });
  test('its refused rows, whose columns are called by their places, are read by the same mapping', async () => {
    const { layout, rows } = await readText('#1,#2,reason\nAna,+12025550150,x\n', { mapping: { '#2': 'number' } });
    assert.deepEqual([layout.headerLine, layout.ignored], [1, ['#1', 'reason']]);
    assert.deepEqual(rows[0]!.contact, { number: '+12025550150' });
  });
});
