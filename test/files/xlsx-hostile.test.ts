import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { deflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { ContactFileError } from '../../src/files/contact-file.ts';
import type { FileSource } from '../../src/files/file-source.ts';
import { readSheet, type SheetLimits } from '../../src/files/xlsx.ts';
import { heldMegabytes } from './support.ts';
import {
  LIMITS,
  makeXlsx,
  makeZip,
  readBytes,
  readCells,
  relationsXml,
  relationXml,
  sheetXml,
  sourceOf,
  stringsXml,
  workbookXml,
} from './xlsx-support.ts';

const row = (text: string) => `<row><c t="str"><v>${text}</v></c></row>`;
const small = () =>
  makeXlsx([
    {
      rows: [
        ['Number', 'Name'],
        ['+12025550150', 'Ann'],
      ],
    },
  ]);

/** Reads all rows and keeps none: how many there were, or the error. */
async function countRows(source: FileSource, limits: Partial<SheetLimits> = {}): Promise<number> {
  let count = 0;
  for await (const rows of readSheet(source, { ...LIMITS, ...limits })) count += rows.length;
  return count;
}

async function assertRefused(bytes: Uint8Array, message: RegExp, limits: Partial<SheetLimits> = {}): Promise<void> {
  await assert.rejects(countRows(sourceOf(bytes), limits), (error) => {
    assert.ok(error instanceof ContactFileError, String(error instanceof Error ? error.stack : error));
    assert.match(error.message, message);
    assert.doesNotMatch(error.message, /[\r\n]/);
    return true;
  });
}

describe('a file that is no .xlsx', () => {
  const oldExcel = Buffer.concat([Buffer.from('d0cf11e0a1b11ae1', 'hex'), Buffer.alloc(2000)]);
  const withPassword = Buffer.concat([Buffer.from('d0cf11e0a1b11ae1', 'hex'), Buffer.alloc(3000)]);
  withPassword.writeUInt16LE(9, 30);
  withPassword.writeUInt32LE(2, 48);
  withPassword.write('EncryptedPackage', 3 * 512 + 128, 'utf16le');

  const files: [name: string, file: () => Promise<Buffer> | Buffer, message: RegExp][] = [
    ['.xls', () => oldExcel, /old Excel file \(\.xls\) or has a password\. Save it as \.xlsx or CSV/],
    ['.xls cut off in its header', () => oldExcel.subarray(0, 20), /old Excel file/],
    ['.xlsx with a password', () => withPassword, /^The spreadsheet has a password\. Save it without one/],
    ['.xlsb', () => makeZip({ 'xl/workbook.bin': 'x' }), /binary Excel workbook \(\.xlsb\)\. Save it as \.xlsx or CSV/],
    [
      '.xlsb by its relationships',
      () =>
        makeZip({
          '_rels/.rels': relationsXml([relationXml('a', 'officeDocument', 'xl/workbook.bin')]),
          'xl/workbook.bin': 'x',
        }),
      /\.xlsb/,
    ],
    [
      '.docx',
      () =>
        makeZip({
          '_rels/.rels': relationsXml([relationXml('a', 'officeDocument', 'word/document.xml')]),
          'word/document.xml': '<x/>',
        }),
      /Word document/,
    ],
    ['.pptx', () => makeZip({ 'ppt/presentation.xml': '<x/>' }), /presentation/],
    [
      '.ods',
      () => makeZip({ mimetype: 'application/vnd.oasis.opendocument.spreadsheet', 'content.xml': '<x/>' }),
      /OpenDocument file \(\.ods\)/,
    ],
    ['.numbers', () => makeZip({ 'Index/Document.iwa': 'x' }), /Apple iWork document \(\.numbers\)/],
    ['a zip of CSV files', () => makeZip({ 'a/contacts.csv': 'number\n' }), /zip archive with files in it\. Unpack it/],
    ['any other zip', () => makeZip({ 'a.jpg': 'x' }), /zip archive and no spreadsheet/],
    ['an empty zip', () => makeZip({}), /zip archive and no spreadsheet/],
    ['a zip whose workbook is none', () => makeZip({ 'xl/workbook.xml': '<html/>' }), /no spreadsheet/],
    ['text', () => Buffer.from('number,name\n'), /no spreadsheet, whatever its name says/],
    ['nothing', () => Buffer.alloc(0), /no spreadsheet/],
  ];
  for (const [name, file, message] of files) it(name, async () => assertRefused(await file(), message));

  it('only hidden sheets', async () => {
    await assertRefused(await makeXlsx([{ rows: [['a']], state: 'hidden' }]), /shows no worksheet\. Unhide/);
  });
});

describe('a damaged .xlsx', () => {
  it('cut off anywhere', async () => {
    const bytes = await small();
    for (let length = 8; length < bytes.length; length += 5)
      await assertRefused(bytes.subarray(0, length), /damaged or cut off/);
  });

  it('with a few bytes changed gives an error for people, or what was in it', async () => {
    const bytes = await makeXlsx([
      { rows: Array.from({ length: 50 }, (_, index) => [`+1202555${index}`, index, 'Ann']) },
    ]);
    const change = fc.tuple(fc.nat(bytes.length - 1), fc.integer({ min: 0, max: 255 }));
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 5 }), async (changes) => {
        const changed = Buffer.from(bytes);
        for (const [at, value] of changes) changed[at] = value;
        try {
          await countRows(sourceOf(changed));
        } catch (error) {
          assert.ok(error instanceof ContactFileError, String(error instanceof Error ? error.stack : error));
        }
      }),
      { numRuns: 500 },
    );
  });

  it('whose sheet is not what was saved', async () => {
    const content = Buffer.from(sheetXml(row('12025550150')));
    const bytes = await makeXlsx([{}], { 'xl/worksheets/sheet1.xml': content });
    // Another digit, packed in the same number of bytes, with the old checksum.
    const packed = deflateRawSync(content, { level: 9 });
    const at = bytes.indexOf('xl/worksheets/sheet1.xml') + 'xl/worksheets/sheet1.xml'.length;
    const forged = deflateRawSync(Buffer.from(sheetXml(row('12025550151'))), { level: 9 });
    assert.equal(forged.length, packed.length);
    forged.copy(bytes, at);
    await assertRefused(bytes, /is not what was saved/);
  });

  const parts: [name: string, parts: Record<string, string | null>, message: RegExp][] = [
    ['without its sheet', { 'xl/worksheets/sheet1.xml': null }, /sheet1\.xml is missing/],
    ['without relationships', { 'xl/_rels/workbook.xml.rels': null }, /workbook\.xml\.rels is missing/],
    ['whose relationships name no sheet', { 'xl/_rels/workbook.xml.rels': relationsXml([]) }, /does not say where/],
    ['whose sheet is empty', { 'xl/worksheets/sheet1.xml': '' }, /ends too early/],
    [
      'whose sheet ends within a row',
      { 'xl/worksheets/sheet1.xml': '<worksheet><sheetData><row><c>' },
      /ends too early/,
    ],
    ['whose sheet ends within a tag', { 'xl/worksheets/sheet1.xml': '<worksheet><sheetData><ro' }, /ends too early/],
    ['whose texts end too early', { 'xl/sharedStrings.xml': '<sst><si><t>a' }, /ends too early/],
    ['whose sheet is text', { 'xl/worksheets/sheet1.xml': 'number,name' }, /ends too early/],
    [
      'whose sheet has a name that would break the message',
      {
        'xl/_rels/workbook.xml.rels': relationsXml([
          relationXml('rId1', 'worksheet', `a\n\u001b[31m${'b'.repeat(500)}`),
        ]),
      },
      /xl\/a \[31mb{20,60} is missing/,
    ],
  ];
  for (const [name, changed, message] of parts) {
    it(name, async () => assertRefused(await makeXlsx([{ rows: [['a']] }], changed), message));
  }

  it('whose cells name texts that are not there: a fault of the row, and reading goes on', async () => {
    const data = `${row('one')}<row><c t="s"><v>99</v></c><c><v>1</v></c></row><row><c t="s"><v>-1</v></c></row>${row('two')}`;
    assert.deepEqual(await readBytes(await makeXlsx([{ data }])), [
      { line: 1, cells: ['one'] },
      { line: 2, cells: ['', '1'], fault: 'A cell refers to a text that is not in the spreadsheet' },
      { line: 3, cells: [], fault: 'A cell refers to a text that is not in the spreadsheet' },
      { line: 4, cells: ['two'] },
    ]);
  });

  it('packed with a password of zip', async () => {
    const bytes = await small();
    // The flag "encrypted" in every header (APPNOTE.TXT, 4.4.4).
    for (let at = bytes.indexOf('PK\x01\x02'); at >= 0; at = bytes.indexOf('PK\x01\x02', at + 4)) bytes[at + 8]! |= 1;
    await assertRefused(bytes, /has a password/);
  });
});

describe('rows beyond the limits', () => {
  const cell = (reference: string, text = 'x') => `<c r="${reference}" t="str"><v>${text}</v></c>`;
  const wide = { maxColumns: 5 };
  const long = { maxRowLength: 300 };
  const scenarios: [
    name: string,
    content: string,
    limits: Partial<SheetLimits>,
    cells: string[],
    fault: string | undefined,
  ][] = [
    ['the last column of Excel', cell('A1') + cell('XFD1'), {}, ['x'], 'The row has more than 1000 cells'],
    [
      'a column that does not exist',
      cell('AAAAAAAAAAAAAAAAAAAA1') + cell('B1'),
      {},
      ['', 'x'],
      'The row has more than 1000 cells',
    ],
    ['the last column that is allowed', cell('E1'), wide, ['', '', '', '', 'x'], undefined],
    ['one column more', cell('E1') + cell('F1'), wide, ['', '', '', '', 'x'], 'The row has more than 5 cells'],
    ['empty cells far away', `${cell('A1')}<c r="XFD1"/>`, wide, ['x'], undefined],
    [
      'as long as allowed',
      cell('A1', 'a'.repeat(100)) + cell('B1', 'b'.repeat(200)),
      long,
      ['a'.repeat(100), 'b'.repeat(200)],
      undefined,
    ],
    [
      'a character more',
      cell('A1', 'a'.repeat(100)) + cell('B1', 'b'.repeat(201)),
      long,
      ['a'.repeat(100)],
      'The row is longer than 300 characters',
    ],
    ['one long cell', cell('A1', 'a'.repeat(301)), long, ['a'.repeat(200)], 'The row is longer than 300 characters'],
    [
      'one endless cell',
      cell('A1', 'a&amp;'.repeat(2_000_000)),
      {},
      ['a&'.repeat(100)],
      'The row is longer than 1048576 characters',
    ],
    ['a cell that is shorter than it looks', cell('A1', '_x0041_'.repeat(300)), long, ['A'.repeat(300)], undefined],
  ];
  for (const [name, content, limits, cells, fault] of scenarios) {
    it(name, async () => {
      const rows = await readBytes(await makeXlsx([{ data: `<row>${content}</row>${row('next')}` }]), limits);
      assert.deepEqual(rows, [
        fault === undefined ? { line: 1, cells } : { line: 1, cells, fault },
        { line: 2, cells: ['next'] },
      ]);
    });
  }

  it('one long text that many cells share is given out once a row, and counted', async () => {
    const strings = stringsXml(`<si><t>${'a'.repeat(100_000)}</t></si>`);
    const data = '<row><c t="s"><v>0</v></c></row>'.repeat(2000);
    const bytes = await makeXlsx([{ data }], { 'xl/sharedStrings.xml': strings });
    await assertRefused(bytes, /unpacks to more than 95 MB/);
  });
});

describe('what expands', () => {
  const MEGABYTE = 1024 * 1024;

  const bombs: [part: string, begin: string, filling: string, end: string][] = [
    ['xl/worksheets/sheet1.xml', '<worksheet><sheetData>', '<row/>', '</sheetData></worksheet>'],
    ['xl/sharedStrings.xml', '<sst>', '<x/>', '</sst>'],
    ['xl/styles.xml', '<styleSheet>', '<x/>', '</styleSheet>'],
    ['xl/workbook.xml', '<workbook>', '<x/>', '</workbook>'],
    ['xl/_rels/workbook.xml.rels', '<Relationships>', '<x/>', '</Relationships>'],
    ['_rels/.rels', '<Relationships>', '<x/>', '</Relationships>'],
  ];
  for (const [part, begin, filling, end] of bombs) {
    it(`a bomb in ${part}`, async () => {
      const content = begin + filling.repeat(Math.ceil((5 * MEGABYTE) / filling.length)) + end;
      const bytes = await makeXlsx([{ rows: [['a']] }], { [part]: content });
      assert.ok(bytes.length < 0.1 * MEGABYTE);
      await assertRefused(bytes, /unpacks to more than 2 MB \(IMPORT_MAX_UNPACKED\)/, { maxUnpacked: 2 * MEGABYTE });
    });
  }

  it('a bomb that says it is small', async () => {
    const bytes = await makeXlsx([{ data: row('a').repeat(200_000) }]);
    // The size in the directory (APPNOTE.TXT, 4.3.12) of every part.
    for (let at = bytes.indexOf('PK\x01\x02'); at >= 0; at = bytes.indexOf('PK\x01\x02', at + 4))
      bytes.writeUInt32LE(10, at + 24);
    await assertRefused(bytes, /unpacks to more than 1 MB/, { maxUnpacked: MEGABYTE });
    assert.equal(await countRows(sourceOf(bytes)), 200_000);
  });

  it('many sheets that are all the same part, none with a row', async () => {
    const relations = Array.from({ length: 1000 }, (_, index) =>
      relationXml(`r${index}`, 'worksheet', 'worksheets/sheet1.xml'),
    );
    const sheets = relations
      .map((_, index) => `<sheet name="${index}" sheetId="${index + 1}" r:id="r${index}"/>`)
      .join('');
    const bytes = await makeXlsx([{ data: '<row/>'.repeat(100_000) }], {
      'xl/workbook.xml': workbookXml(`<sheets>${sheets}</sheets>`),
      'xl/_rels/workbook.xml.rels': relationsXml(relations),
    });
    await assertRefused(bytes, /unpacks to more than 4 MB/, { maxUnpacked: 4 * MEGABYTE });
  });

  it('thousands of files', async () => {
    const parts = Object.fromEntries(Array.from({ length: 10_001 }, (_, index) => [`docs/${index}`, '']));
    await assertRefused(await makeZip(parts, { compress: false }), /holds more than 10000 files/);
  });

  it('entities that a DOCTYPE declares', async () => {
    const lines = Array.from({ length: 9 }, (_, index) => `<!ENTITY a${index + 1} "${`&a${index};`.repeat(10)}">`);
    const sheet = `<!DOCTYPE worksheet [<!ENTITY a0 "lol">${lines.join('')}<!ENTITY file SYSTEM "file:///etc/hosts">]>${sheetXml(row('&a9;&file;&lt;'))}`;
    const bytes = await makeXlsx([{}], { 'xl/worksheets/sheet1.xml': sheet });
    assert.deepEqual(await readCells(bytes), [['&a9;&file;<']]);
  });

  it('more shared text than memory should hold', async () => {
    const strings = stringsXml(`<si><t>${'a'.repeat(9999)}</t></si>`.repeat(5001));
    const bytes = await makeXlsx([{ rows: [['a']] }], { 'xl/sharedStrings.xml': strings });
    await assertRefused(bytes, /more text than can be read .* Save it as CSV/);
  });

  it('elements inside elements without end', async () => {
    await assertRefused(await makeXlsx([{ data: '<a>'.repeat(1_000_000) }]), /nested too deeply/);
  });

  const pieces: [name: string, begin: string, filling: string][] = [
    ['a comment', '<!--', 'a'],
    ['an attribute', '<row r="', 'a'],
    ['the name of an element', '<', 'a'],
    ['CDATA', '<row><c t="str"><v><![CDATA[', 'a'],
    ['entities', '<row><c t="str"><v>', '&amp;'],
    ['one entity', '<row><c t="str"><v>&#', '0'],
    ['a declaration', '<!', 'a'],
    ['an instruction', '<?', 'a'],
  ];
  for (const [name, begin, filling] of pieces) {
    it(`${name} without end`, async () => {
      const bytes = await makeXlsx([{ data: begin + filling.repeat((20 * MEGABYTE) / filling.length) }]);
      await assertRefused(bytes, /has a piece that does not end/);
    });
  }

  it('holds nothing of a large sheet but the row it reads', async () => {
    // Some 80 MB of XML.
    const line = `<row>${'<c t="inlineStr"><is><t>Some text of some length, in no way shared</t></is></c>'.repeat(5)}</row>`;
    const source = sourceOf(await makeXlsx([{ data: line.repeat(190_000) }]));
    const before = heldMegabytes();
    let count = 0;
    let most = 0;
    for await (const rows of readSheet(source, LIMITS)) {
      if (Math.floor(count / 50_000) !== Math.floor((count + rows.length) / 50_000))
        most = Math.max(most, heldMegabytes());
      count += rows.length;
    }
    assert.equal(count, 190_000);
    assert.ok(most > 0 && most - before < 10, `${most - before} MB were held`);
  });
});

describe('the source', () => {
  it('is not read any more when the reader stops', async () => {
    const bytes = await makeXlsx([{ rows: Array.from({ length: 50_000 }, () => [Math.random(), Math.random()]) }]);
    let open = 0;
    let read = 0;
    const source: FileSource = {
      size: bytes.length,
      async read(offset, length) {
        open++;
        read += length;
        await new Promise(setImmediate);
        open--;
        return bytes.subarray(offset, offset + length);
      },
    };
    for await (const rows of readSheet(source, LIMITS)) {
      assert.ok(rows.length > 0);
      break;
    }
    assert.equal(open, 0);
    const then = read;
    assert.ok(then < bytes.length, `${then} of ${bytes.length} bytes were read`);
    await new Promise((resolve) => setTimeout(resolve, 20));
    assert.equal(read, then);
  });

  it('passes its errors on as they are', async () => {
    const bytes = await makeXlsx([{ rows: Array.from({ length: 20_000 }, () => [Math.random()]) }]);
    const failure = new Error('The store is gone');
    let allowed = 0;
    for (; ; allowed++) {
      let left = allowed;
      const source: FileSource = {
        size: bytes.length,
        async read(offset, length) {
          if (left-- === 0) throw failure;
          return bytes.subarray(offset, offset + length);
        },
      };
      const end = await countRows(source).catch((error: unknown) => error);
      if (end === 20_000) break;
      assert.equal(end, failure);
    }
    assert.ok(allowed > 5);
  });
});
