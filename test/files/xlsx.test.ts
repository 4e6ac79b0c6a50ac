import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { HeaderFinder } from '../../src/files/xlsx.ts';
import {
  MAIN,
  type MadeCell,
  type MadeSheet,
  makeXlsx,
  makeZip,
  type Parts,
  readBytes,
  readCells,
  relationsXml,
  relationXml,
  stringsXml,
  workbookXml,
} from './xlsx-support.ts';

const contacts: MadeSheet = { rows: [['Number'], ['+12025550150']] };
const other = (text: string): MadeSheet => ({ rows: [[text]] });

describe('cells', () => {
  const raw = (xml: string): MadeCell => ({ xml });
  const number = (value: number | string, format: string | number): MadeCell => ({ number: value, format });

  const scenarios: [name: string, cell: MadeCell, text: string][] = [
    ['shared text', 'Grüße, "Zoë" & <Søren>', 'Grüße, "Zoë" & <Søren>'],
    ['text with white space around it', '  two\nlines\t', '  two\nlines\t'],
    ['text of astral characters', '👩‍👩‍👧 𝔘', '👩‍👩‍👧 𝔘'],
    ['text in the cell', { inline: '+44 7911 123456' }, '+44 7911 123456'],
    ['text with leading zeros', '00447911123456', '00447911123456'],
    [
      'rich text in the cell',
      raw('<c t="inlineStr"><is><r><rPr><b/></rPr><t>Mar</t></r><r><t>ia</t></r></is></c>'),
      'Maria',
    ],
    [
      'phonetic text is left out',
      raw('<c t="inlineStr"><is><t>東京</t><rPh sb="0" eb="2"><t>トウキョウ</t></rPh></is></c>'),
      '東京',
    ],
    ['CDATA', raw('<c t="inlineStr"><is><t><![CDATA[a <b> & c]]></t></is></c>'), 'a <b> & c'],
    ['an escaped character', raw('<c t="inlineStr"><is><t>a_x000D_b_x0041_</t></is></c>'), 'a\rbA'],
    ['an escaped escape', raw('<c t="inlineStr"><is><t>_x005F_x000D_</t></is></c>'), '_x000D_'],
    ['a line break of Windows', raw('<c t="inlineStr"><is><t>a\r\nb</t></is></c>'), 'a\nb'],
    ['yes', true, 'TRUE'],
    ['no', false, 'FALSE'],
    ['an error', raw('<c t="e"><f>NA()</f><v>#N/A</v></c>'), '#N/A'],
    ['a formula that gives text', raw('<c t="str"><f>"a"&amp;"b"</f><v>ab</v></c>'), 'ab'],
    ['a formula that gives a number', raw('<c><f>1+1</f><v>2</v></c>'), '2'],
    ['a formula without a result', raw('<c><f>1+1</f></c>'), ''],

    ['a phone number', 447912345678, '447912345678'],
    ['a phone number in scientific notation', raw('<c><v>4.47912345678E11</v></c>'), '447912345678'],
    ['a phone number with the noise of a float', raw('<c><v>447912345678.00006</v></c>'), '447912345678'],
    ['a phone number with .0', raw('<c><v>447912345678.0</v></c>'), '447912345678'],
    ['the largest whole number', raw('<c><v>9.007199254740992E15</v></c>'), '9007199254740992'],
    ['a number larger than that', raw('<c><v>1.2345678901234567E19</v></c>'), '12345678901234600000'],
    ['a number larger than any', raw('<c><v>1E999</v></c>'), '1E999'],
    ['more digits than a float has', raw('<c><v>123456789012345678901</v></c>'), '123456789012345678901'],
    ['a large power', raw('<c><v>1.5e+25</v></c>'), '15000000000000000000000000'],
    ['zero', 0, '0'],
    ['less than zero', -12.5, '-12.5'],
    ['the noise of a float', raw('<c><v>0.30000000000000004</v></c>'), '0.3'],
    ['a small number', raw('<c><v>1.25E-7</v></c>'), '0.000000125'],
    ['a number in words', raw('<c><v>abc</v></c>'), 'abc'],

    ['a number with a plus in its format', number(447912345678, '+0'), '+447912345678'],
    ['a plus in quotes', number(447912345678, '"+"0'), '+447912345678'],
    ['zeros that a format puts before it', number(7911123456, '00000000000'), '07911123456'],
    ['digits set apart', number(2025550150, '\\(000\\)\\ 000\\-0000'), '(202) 555-0150'],
    ['digits more than the format has', number(447911123456, '+00 000'), '+447911123 456'],
    ['places that stay empty', number(12, '###0'), '12'],
    ['thousands are not set apart', number(1234567, '#,##0'), '1234567'],
    ['decimals are not cut', number(1.25, '0'), '1.25'],
    ['a currency', number(12.5, '#,##0.00 [$€-407]'), '12.5'],
    ['a percentage', number(0.125, '0.0%'), '0.125'],
    ['text format', number(447912345678, 49), '447912345678'],

    ['a date', number(45292, 14), '2024-01-01'],
    ['a date with time', number(45292.75, 22), '2024-01-01 18:00:00'],
    ['a date with time at midnight', number(45292, 22), '2024-01-01 00:00:00'],
    ['a time', number(0.5, 20), '12:00:00'],
    ['a time that rounds up', number(0.999999, 21), '00:00:00'],
    ['a date that rounds up', number(45291.999999, 14), '2024-01-01'],
    ['a date with a time that its format hides', number(45292.5, 14), '2024-01-01 12:00:00'],
    ['hours beyond a day', number(1.5, 46), '36:00:00'],
    ['a Japanese date', number(45292, 31), '2024-01-01'],
    ['a Chinese date', number(45292, 57), '2024-01-01'],
    ['a German date', number(45292, 'dd\\.mm\\.yyyy'), '2024-01-01'],
    ['a date of ISO', number(45292, 'yyyy\\-mm\\-dd\\Thh:mm'), '2024-01-01 00:00:00'],
    ['a month', number(45292, 'mmmm'), '2024-01-01'],
    ['minutes and seconds', number(0.0007, 'mm:ss'), '00:01:00'],
    ['half a day', number(0.75, 'h AM/PM'), '18:00:00'],
    ['elapsed minutes', number(0.5, '[mm]:ss'), '12:00:00'],
    ['a date with a language', number(45292, '[$-F800]dddd\\,\\ mmmm\\ dd\\,\\ yyyy'), '2024-01-01'],
    ['no date: letters in quotes', number(45292, '0" days"'), '45292 days'],
    ['no date: letters in brackets', number(45292, '[Red]0'), '45292'],
    ['no date: the letter is escaped', number(45292, '0\\d'), '45292d'],
    ['no date: General', number(45292, 'General'), '45292'],
    ['the first day', number(1, 14), '1900-01-01'],
    ['the day that Excel invented', number(60, 14), '1900-02-29'],
    ['the day after it', number(61, 14), '1900-03-01'],
    ['the last day', number(2958465, 14), '9999-12-31'],
    ['a day after the last', number(2958466, 14), '2958466'],
    ['a day before the first', number(-1, 14), '-1'],
    ['a date in words', raw('<c t="d"><v>2024-01-02T00:00:00</v></c>'), '2024-01-02'],
    ['a date in words with time', raw('<c t="d"><v>2024-01-02T10:20:30.5Z</v></c>'), '2024-01-02 10:20:30'],
    ['an unknown style', raw('<c s="77"><v>45292</v></c>'), '45292'],
  ];

  for (const [name, cell, text] of scenarios) {
    it(`${name}: ${JSON.stringify(text)}`, async () => {
      const bytes = await makeXlsx([{ rows: [['first', cell, { xml: '<c t="inlineStr"><is><t>last</t></is></c>' }]] }]);
      // A cell given as XML has no reference: it stands after the one before.
      assert.deepEqual(await readCells(bytes), [['first', text, 'last']]);
    });
  }

  it('counts days from 1904 when the workbook says so', async () => {
    const rows = [[number(0, 14), number(43830, 14), number(0.5, 20), number(43830.5, 22)]];
    const bytes = await makeXlsx([{ rows }], {
      'xl/workbook.xml': workbookXml(
        '<workbookPr date1904="1"/><sheets><sheet name="A" sheetId="1" r:id="rId1"/></sheets>',
      ),
    });
    assert.deepEqual(await readCells(bytes), [['1904-01-01', '2024-01-01', '12:00:00', '2024-01-01 12:00:00']]);
  });

  it('joins the runs of shared rich text, and leaves phonetic text out', async () => {
    const bytes = await makeXlsx(
      [{ data: '<row><c t="s"><v>0</v></c><c t="s"><v>1</v></c><c t="s"><v>2</v></c></row>' }],
      {
        'xl/sharedStrings.xml': stringsXml(
          '<si><r><rPr><b/></rPr><t xml:space="preserve">Mar </t></r><r><t>ia</t></r></si>' +
            '<si><t>東京</t><rPh sb="0" eb="2"><t>トウキョウ</t></rPh><phoneticPr fontId="1"/></si>' +
            `<si><t>${'long '.repeat(100)}&amp; end</t></si>`,
        ),
      },
    );
    assert.deepEqual(await readCells(bytes), [['Mar ia', '東京', `${'long '.repeat(100)}& end`]]);
  });
});

describe('rows', () => {
  const scenarios: [name: string, data: string, rows: [line: number, ...cells: string[]][]][] = [
    [
      'cells that are missing between others',
      '<row r="3"><c r="B3"><v>1</v></c><c r="D3"><v>2</v></c></row>',
      [[3, '', '1', '', '2']],
    ],
    [
      'empty cells at the end',
      '<row r="1"><c r="A1"><v>1</v></c><c r="B1" s="0"/><c r="C1"><v></v></c></row>',
      [[1, '1']],
    ],
    [
      'rows without text',
      '<row r="1"><c r="A1"/></row><row r="2"/><row r="7"><c r="A7"><v>7</v></c></row>',
      [[7, '7']],
    ],
    [
      'no references at all',
      '<row><c><v>1</v></c><c/><c><v>3</v></c></row><row><c><v>4</v></c></row>',
      [
        [1, '1', '', '3'],
        [2, '4'],
      ],
    ],
    ['cells out of order', '<row r="1"><c r="B1"><v>2</v></c><c r="A1"><v>1</v></c></row>', [[1, '1', '2']]],
    ['columns beyond Z', '<row r="1"><c r="AA1"><v>27</v></c></row>', [[1, ...Array(26).fill(''), '27']]],
    ['lower case, absolute', '<row r="1"><c r="b1"><v>2</v></c></row>', [[1, '', '2']]],
    [
      'row numbers that go back',
      '<row r="5"><c><v>1</v></c></row><row r="2"><c><v>2</v></c></row>',
      [
        [5, '1'],
        [6, '2'],
      ],
    ],
    [
      'row numbers that are none',
      '<row r="x"><c><v>1</v></c></row><row r="-1"><c><v>2</v></c></row><row r="1e99"><c><v>3</v></c></row>',
      [
        [1, '1'],
        [2, '2'],
        [3, '3'],
      ],
    ],
    [
      'comments, white space, unknown elements',
      '\n<!-- a > b --> <x:y xmlns:x="u"><x:z>no</x:z></x:y> <row> text <c> <v>1</v> </c> </row>',
      [[1, '1']],
    ],
    ['extensions with formulas', '<row><c><v>1</v><extLst><ext><f>A1</f></ext></extLst></c></row>', [[1, '1']]],
    ['entities', '<row><c t="str"><v>&lt;&#65;&#x1F600;&quot;&apos;&gt;</v></c></row>', [[1, '<A😀"\'>']]],
  ];

  for (const [name, data, rows] of scenarios) {
    it(name, async () => {
      const expected = rows.map(([line, ...cells]) => ({ line, cells }));
      assert.deepEqual(await readBytes(await makeXlsx([{ data }])), expected);
    });
  }

  it('are read whatever the prefix of the namespace', async () => {
    const sheet = `<x:worksheet xmlns:x="${MAIN}"><x:sheetData><x:row r="2"><x:c r="B2" t="s"><x:v>0</x:v></x:c></x:row></x:sheetData></x:worksheet>`;
    const strings = `<x:sst xmlns:x="${MAIN}"><x:si><x:t>Ann</x:t></x:si></x:sst>`;
    const bytes = await makeXlsx([contacts], { 'xl/worksheets/sheet1.xml': sheet, 'xl/sharedStrings.xml': strings });
    assert.deepEqual(await readBytes(bytes), [{ line: 2, cells: ['', 'Ann'] }]);
  });

  it('are read from UTF-16', async () => {
    const sheet = `\uFEFF<worksheet xmlns="${MAIN}"><sheetData><row><c t="str"><v>Žofie</v></c></row></sheetData></worksheet>`;
    const bytes = await makeXlsx([contacts], { 'xl/worksheets/sheet1.xml': Buffer.from(sheet, 'utf16le') });
    assert.deepEqual(await readCells(bytes), [['Žofie']]);
  });

  it('come in batches, many of them, in order', async () => {
    const rows = Array.from({ length: 20_000 }, (_, index) => [`+1202555${index}`, index]);
    const read = await readBytes(await makeXlsx([{ rows }]));
    assert.deepEqual(
      read,
      rows.map((cells, index) => ({ line: index + 1, cells: cells.map(String) })),
    );
  });
});

describe('sheets', () => {
  const named = (...sheets: MadeSheet[]) => sheets;
  const scenarios: [name: string, sheets: MadeSheet[], parts: Parts, first: string][] = [
    ['the first', named(other('one'), other('two')), {}, 'one'],
    [
      'hidden ones are passed over',
      named({ ...other('one'), state: 'hidden' }, { ...other('two'), state: 'veryHidden' }, other('three')),
      {},
      'three',
    ],
    ['empty ones too', named({ rows: [] }, { rows: [['']] }, other('three')), {}, 'three'],
    [
      'in the order of the workbook, not of the parts',
      named(other('one'), other('two')),
      {
        'xl/workbook.xml': workbookXml(
          '<sheets><sheet name="B" sheetId="9" r:id="rId2"/><sheet name="A" sheetId="1" r:id="rId1"/></sheets>',
        ),
      },
      'two',
    ],
    [
      'charts are passed over',
      named(other('one'), other('two')),
      {
        'xl/_rels/workbook.xml.rels': relationsXml([
          relationXml('rId1', 'chartsheet', 'worksheets/sheet1.xml'),
          relationXml('rId2', 'worksheet', 'worksheets/sheet2.xml'),
          relationXml('x', 'sharedStrings', 'sharedStrings.xml'),
        ]),
      },
      'two',
    ],
    [
      'targets from the root, in other case',
      named(other('one')),
      {
        'xl/_rels/workbook.xml.rels': relationsXml([
          relationXml('rId1', 'worksheet', '/XL/Worksheets/Sheet1.xml'),
          relationXml('x', 'sharedStrings', '/xl/sharedStrings.xml'),
        ]),
      },
      'one',
    ],
    [
      'targets with steps up',
      named(other('one')),
      {
        'xl/_rels/workbook.xml.rels': relationsXml([
          relationXml('rId1', 'worksheet', '../xl/./worksheets/sheet1.xml'),
          relationXml('x', 'sharedStrings', 'sharedStrings.xml'),
        ]),
      },
      'one',
    ],
    ['no package relationships', named(other('one')), { '_rels/.rels': null }, 'one'],
    ['no styles', named(other('one')), { 'xl/styles.xml': null }, 'one'],
    ['no shared texts', named({ rows: [[{ inline: 'one' }]] }), { 'xl/sharedStrings.xml': null }, 'one'],
    [
      'a dimension that lies',
      named(other('one')),
      {
        'xl/worksheets/sheet1.xml': `<worksheet><dimension ref="A1:XFD1048576"/><sheetData><row><c t="s"><v>0</v></c></row></sheetData></worksheet>`,
      },
      'one',
    ],
  ];

  for (const [name, sheets, parts, first] of scenarios) {
    it(name, async () => assert.deepEqual(await readCells(await makeXlsx(sheets, parts)), [[first]]));
  }

  it('of the strict form of the standard', async () => {
    const strict = (text: string) =>
      text
        .replaceAll(
          'http://schemas.openxmlformats.org/officeDocument/2006/relationships',
          'http://purl.oclc.org/ooxml/officeDocument/relationships',
        )
        .replaceAll(MAIN, 'http://purl.oclc.org/ooxml/spreadsheetml/main');
    const bytes = await makeZip({
      '_rels/.rels': strict(relationsXml([relationXml('rId1', 'officeDocument', 'book/workbook.xml')])),
      'book/workbook.xml': strict(workbookXml('<sheets><sheet name="A" sheetId="1" r:id="a"/></sheets>')),
      'book/_rels/workbook.xml.rels': strict(relationsXml([relationXml('a', 'worksheet', 's.xml')])),
      'book/s.xml': strict(
        `<worksheet xmlns="${MAIN}"><sheetData><row><c t="str"><v>Ann</v></c></row></sheetData></worksheet>`,
      ),
    });
    assert.deepEqual(await readCells(bytes), [['Ann']]);
  });

  it('named with backslashes, and not compressed', async () => {
    const stored = await makeZip(
      {
        'xl/workbook.xml': workbookXml('<sheets><sheet name="A" sheetId="1" r:id="a"/></sheets>'),
        'xl/_rels/workbook.xml.rels': relationsXml([relationXml('a', 'worksheet', 'worksheets\\s.xml')]),
        'xl/worksheets/s.xml': '<worksheet><sheetData><row><c t="str"><v>Ann</v></c></row></sheetData></worksheet>',
      },
      { compress: false },
    );
    assert.deepEqual(await readCells(stored), [['Ann']]);
  });

  it('that have no rows give none', async () => assert.deepEqual(await readCells(await makeXlsx([{ rows: [] }])), []));
});

describe('a table over several sheets', () => {
  const header = ['Number', 'Name'];
  const findHeader: HeaderFinder = (rows) => rows.find((row) => row.cells.includes('Number'))?.cells;
  const sheet = (...rows: MadeSheet['rows'] & object): MadeSheet => ({ rows });
  const titles = (count: number) => Array.from({ length: count }, (_, index) => [`Title ${index}`]);

  const scenarios: [name: string, sheets: MadeSheet[], rows: [line: number, ...cells: string[]][]][] = [
    [
      'goes on where the header is repeated; lines are counted on from the last row',
      [sheet(header, ['1', 'a'], ['2']), sheet(header, ['3'], ['4']), sheet(header, ['5'])],
      [
        [1, ...header],
        [2, '1', 'a'],
        [3, '2'],
        [5, '3'],
        [6, '4'],
        [8, '5'],
      ],
    ],
    [
      'passes other sheets over: another header, another order, a column more or less, another case, none',
      [
        sheet(header, ['1']),
        sheet(['Number', 'City'], ['x']),
        sheet(['Name', 'Number'], ['x']),
        sheet([...header, 'City'], ['x']),
        sheet(['Number'], ['x']),
        sheet(['number', 'name'], ['x']),
        sheet(['x', 'x']),
        sheet(header, ['2']),
      ],
      [
        [1, ...header],
        [2, '1'],
        [4, '2'],
      ],
    ],
    [
      'goes on below titles, as it began',
      [sheet(...titles(1), header, ['1']), sheet(...titles(19), header, ['2']), sheet(...titles(20), header, ['x'])],
      [
        [1, 'Title 0'],
        [2, ...header],
        [3, '1'],
        [24, '2'],
      ],
    ],
    [
      'does not go on in hidden sheets, and empty ones are no end of it',
      [
        sheet(['']),
        sheet(header, ['1']),
        { ...sheet(header, ['x']), state: 'hidden' },
        sheet(),
        sheet(header),
        sheet(header, ['2']),
      ],
      [
        [1, ...header],
        [2, '1'],
        [4, '2'],
      ],
    ],
    ['is over when the first sheet has no header', [sheet(['a']), sheet(header, ['x'])], [[1, 'a']]],
    [
      'is not begun by a header that cannot be read',
      [sheet(header, ['1']), sheet([...header, ...titles(1001).flat()], ['x'])],
      [
        [1, ...header],
        [2, '1'],
      ],
    ],
  ];
  for (const [name, sheets, rows] of scenarios) {
    it(name, async () => {
      const read = await readBytes(await makeXlsx(sheets), {}, findHeader);
      assert.deepEqual(
        read.map(({ line, cells }) => [line, ...cells]),
        rows,
      );
    });
  }

  it('goes on in sheets larger than what is read at once', async () => {
    const rows = Array.from({ length: 20_000 }, (_, index) => [String(index), 'Some name']);
    const bytes = await makeXlsx([sheet(header, ...rows), sheet(header, ...rows), sheet(header, ...rows)]);
    const read = await readBytes(bytes, {}, findHeader);
    assert.deepEqual(
      read.slice(1).map(({ cells }) => cells[0]),
      [...rows, ...rows, ...rows].map(([number]) => number),
    );
    assert.equal(read.at(-1)!.line, 60_003);
  });

  it('is not read without a way to find its header', async () => {
    assert.deepEqual(await readCells(await makeXlsx([sheet(header), sheet(header, ['x'])])), [header]);
  });

  it('reads little of a large sheet that is another', async () => {
    const bytes = await makeXlsx([
      sheet(header, ['1']),
      { data: '<row><c t="str"><v>x</v></c></row>'.repeat(200_000) },
    ]);
    assert.equal((await readBytes(bytes, { maxUnpacked: 1_000_000 }, findHeader)).length, 2);
  });

  it('is not whole when a sheet is damaged', async () => {
    const bytes = await makeXlsx([sheet(header, ['1']), sheet(header, ['2'])], {
      'xl/worksheets/sheet2.xml': '<worksheet><sheetData><row>',
    });
    await assert.rejects(readBytes(bytes, {}, findHeader), /sheet2\.xml ends too early/);
  });
});

describe('any table', () => {
  /** What XML can hold, with the characters and forms that mean something in it more often than by chance. */
  const character = fc.oneof(
    {
      weight: 3,
      arbitrary: fc.constantFrom('&', '<', '>', '"', "'", ']]>', ' ', '\n', '\t', '\r', '_x000D_', '_x', '&amp;', '0'),
    },
    { weight: 2, arbitrary: fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }) },
  );
  const text = fc
    .array(character, { maxLength: 12 })
    .map((characters) => characters.join(''))
    .filter((value) => !/[\x00-\x08\x0b\x0c\x0e-\x1f]/.test(value));
  const table = fc.array(fc.array(fc.tuple(text, fc.boolean()), { maxLength: 6 }), { maxLength: 8 });

  it('written and read again is equal', async () => {
    await fc.assert(
      fc.asyncProperty(table, async (made) => {
        const rows = made.map((row) => row.map(([value, isInline]) => (isInline ? { inline: value } : value)));
        const expected = made
          .map((row, index) => ({ line: index + 1, cells: withoutEmptyEnd(row.map(([value]) => value)) }))
          .filter(({ cells }) => cells.length > 0);
        assert.deepEqual(await readBytes(await makeXlsx([{ rows }])), expected);
      }),
      { numRuns: 200 },
    );
  });

  function withoutEmptyEnd(cells: string[]): string[] {
    return cells.slice(0, cells.findLastIndex((cell) => cell !== '') + 1);
  }
});
