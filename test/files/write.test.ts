/** Files that Muster writes: what stands in them, and that reading them again gives the same contacts. */
import assert from 'node:assert/strict';
import { on } from 'node:events';
import { readFileSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { describe, it } from 'node:test';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { type Entry, fromBuffer, type Options, type ZipFile } from 'yauzl';
import { type Contact, writeDocument } from '../../src/core/contact-document.ts';
import {
  type ContactDetails,
  type ContactInput,
  fillContact,
  MAX_TAGS,
  readContact,
  TEXT_FIELDS,
} from '../../src/core/contact-fields.ts';
import { EXPORT_FORMATS, type ExportFormat } from '../../src/core/exports.ts';
import { mendNumber } from '../../src/core/mend-number.ts';
import { parseNumber } from '../../src/core/number.ts';
import type { FileRow } from '../../src/files/contact-file.ts';
import type { FileSource } from '../../src/files/file-source.ts';
import { readImportFile } from '../../src/files/read.ts';
import { writeContacts } from '../../src/files/write-contacts.ts';
import { writeXlsx } from '../../src/files/write-xlsx.ts';
import { readSheet } from '../../src/files/xlsx.ts';
import { heldMegabytes, readText } from './support.ts';

const NUMBERS = readFileSync(new URL('../fixtures/numbers-valid.txt', import.meta.url), 'utf8')
  .split('\n')
  .map((line) => /^"[^"]*"\s+(\d+)/.exec(line)?.[1])
  .filter((number) => number !== undefined && parseNumber(number) === number);

const EMPTY: ContactDetails = {
  number: '447912345678',
  first_name: null,
  last_name: null,
  timestamp: null,
  date: null,
  tags: [],
};

function contactOf(details: Partial<ContactDetails>): Contact {
  const dates = { create_date: '2026-03-01 08:00:00', update_date: '2026-03-02 09:30:00' };
  return { id: '019c0000-0000-7000-8000-000000000001', ...EMPTY, ...details, ...dates };
}

async function* documentsOf(contacts: Partial<ContactDetails>[], batch = 3): AsyncGenerator<string[]> {
  for (let from = 0; from < contacts.length; from += batch) {
    yield contacts.slice(from, from + batch).map((each) => writeDocument(contactOf(each)));
  }
}

async function write(contacts: Partial<ContactDetails>[], format: ExportFormat): Promise<Buffer> {
  const pieces = await Array.fromAsync(writeContacts(documentsOf(contacts), format));
  return Buffer.concat(pieces.map((piece) => Buffer.from(piece as string)));
}

const sourceOf = (file: Buffer): FileSource => ({
  size: file.length,
  read: async (offset, length) => file.subarray(offset, offset + length),
});

async function readSpreadsheet(file: Buffer): Promise<FileRow[]> {
  const rows: FileRow[] = [];
  for await (const event of readImportFile(sourceOf(file), { maxUnpacked: 2 ** 30 })) rows.push(...(event.rows ?? []));
  return rows;
}

const PARTS = [
  '[Content_Types].xml',
  '_rels/.rels',
  'xl/styles.xml',
  'xl/worksheets/sheet1.xml',
  'xl/workbook.xml',
  'xl/_rels/workbook.xml.rels',
];

/** The parts of a spreadsheet, each found to be XML whose elements close. */
async function partsOf(file: Buffer): Promise<Map<string, string>> {
  const parts = new Map<string, string>();
  const archive = await promisify<Buffer, Options, ZipFile>(fromBuffer)(file, { lazyEntries: true });
  archive.readEntry();
  for await (const [entry] of on(archive, 'entry', { close: ['end'] }) as AsyncIterable<[Entry]>) {
    const stream = await promisify(archive.openReadStream.bind(archive) as OpenEntry)(entry);
    const xml = await text(stream);
    assert.match(xml, /^<\?xml version="1.0" encoding="UTF-8"/);
    const open: string[] = [];
    for (const [, end, name, single] of xml.matchAll(/<(\/?)([\w:]+)[^<>]*?(\/?)>/g)) {
      if (end !== '') assert.equal(open.pop(), name, entry.fileName);
      else if (single === '') open.push(name!);
    }
    assert.deepEqual(open, []);
    parts.set(entry.fileName, xml);
    archive.readEntry();
  }
  return parts;
}
type OpenEntry = (entry: Entry, told: (error: Error | null, stream: Readable) => void) => void;

/** The contacts of a file's rows, as an import makes them. */
function contactsOf(rows: FileRow[]): ContactDetails[] {
  return rows.map(({ contact, fault }) => {
    assert.ok(contact, `a row that was written is refused: ${fault?.message}`);
    const mended = mendNumber(contact.number as string, { rule: 'valid' });
    assert.ok('number' in mended, `${contact.number}`);
    const problems: never[] = [];
    const read = readContact({ ...contact, number: mended.number }, 'row', true, 'valid', problems);
    assert.deepEqual(problems, []);
    return fillContact(read as ContactInput);
  });
}

describe('a CSV file', () => {
  const line = async (details: Partial<ContactDetails>) => {
    const text = (await write([details], 'csv')).toString();
    const begin = '\uFEFFnumber,first_name,last_name,timestamp,date,tags,create_date,update_date\r\n';
    const end = ',2026-03-01 08:00:00,2026-03-02 09:30:00\r\n';
    assert.ok(text.startsWith(begin) && text.endsWith(end), JSON.stringify(text));
    return text.slice(begin.length, -end.length);
  };

  const ROWS: [title: string, details: Partial<ContactDetails>, line: string][] = [
    ['a number is text to a spreadsheet, with all its digits', {}, "'+447912345678,,,,,"],
    ['names', { first_name: 'Ana', last_name: 'Петросян' }, "'+447912345678,Ana,Петросян,,,"],
    ['a comma, quotes', { first_name: 'Lee, "Al"' }, `'+447912345678,"Lee, ""Al""",,,,`],
    ['line breaks', { timestamp: 'a\nb\r\nc\rd' }, `'+447912345678,,,"a\nb\r\nc\rd",,`],
    ['tags', { tags: ['vip', 'new customer'] }, "'+447912345678,,,,,vip;new customer"],
    ['a tag with a separator', { tags: ['a;b', 'c'] }, `'+447912345678,,,,,"[""a;b"",""c""]"`],
    ['a tag that looks like a list', { tags: ['[]'] }, `'+447912345678,,,,,"[""[]""]"`],
    ['a formula', { first_name: '=1+1' }, "'+447912345678,'=1+1,,,,"],
    ['a command', { first_name: "@SUM('a')" }, "'+447912345678,'@SUM('a'),,,,"],
    ['a formula in quotes', { first_name: '=HYPERLINK("x")' }, `'+447912345678,"'=HYPERLINK(""x"")",,,,`],
    ['a sign of full width', { last_name: '＝1' }, "'+447912345678,,'＝1,,,"],
    ['a minus', { timestamp: '-5' }, "'+447912345678,,,'-5,,"],
    ['a formula behind an apostrophe', { first_name: "'=1" }, "'+447912345678,''=1,,,,"],
    ['a tab behind an apostrophe', { first_name: "'\t=1" }, "'+447912345678,''\t=1,,,,"],
    ['an apostrophe that is harmless', { first_name: "'Ana" }, "'+447912345678,'Ana,,,,"],
    ['a formula as the first tag', { tags: ['=1', 'b'] }, "'+447912345678,,,,,'=1;b"],
    ['a formula as a later tag', { tags: ['b', '=1'] }, "'+447912345678,,,,,b;=1"],
  ];
  for (const [title, details, expected] of ROWS) it(title, async () => assert.equal(await line(details), expected));

  it('of nobody is a header', async () => {
    assert.equal((await write([], 'csv')).toString().split('\r\n').length, 2);
  });
});

describe('an NDJSON file', () => {
  it("holds the API's members, an object a line", async () => {
    const text = (await write([{ first_name: '=1\n"2"' }, { tags: ['a;b'] }], 'ndjson')).toString();
    const [first, second, end] = text.split('\n');
    assert.deepEqual(JSON.parse(first!), contactOf({ first_name: '=1\n"2"' }));
    assert.deepEqual(JSON.parse(second!), contactOf({ tags: ['a;b'] }));
    assert.equal(end, '');
  });

  it('of nobody is empty', async () => {
    assert.equal((await write([], 'ndjson')).length, 0);
  });
});

/** Text of what tables, spreadsheets, XML and our own reader treat in a way of their own. */
const PIECES = [
  ...'\'=+-@\t\r\n＝＋－＠,;|"[]{}<>&\\/_ aé😀ß東0１',
  ...[
    ':::',
    '\r\n',
    'sep=;',
    '_x000D_',
    '_x005F_',
    '\u0001',
    '\u001f',
    '\u007f',
    '\u0085',
    '\ufffe',
    '\uffff',
    '\u2028',
  ],
  ...[
    '\ufeff',
    '\u00a0',
    '\u200b',
    'number',
    '["a"]',
    'null',
    'TRUE',
    '1e5',
    '2026-03-01',
    '+447912345678',
    ']]>',
    '&amp;',
  ],
];
const textOf = (max: number) =>
  fc.oneof(
    { weight: 3, arbitrary: fc.array(fc.constantFrom(...PIECES), { maxLength: 12 }).map((all) => all.join('')) },
    { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: max }) },
  );

/** Contacts as the API accepts them: what it makes of what is sent, refused ones left out. */
function acceptedContacts(canHoldReplacement: boolean) {
  const raw = fc.record({
    number: fc.constantFrom(...NUMBERS),
    ...Object.fromEntries(TEXT_FIELDS.map(({ name, max }) => [name, fc.option(textOf(max), { freq: 3 })])),
    tags: fc.array(textOf(32), { maxLength: MAX_TAGS }),
  });
  return raw
    .filter((sent) => canHoldReplacement || !JSON.stringify(sent).includes('\uFFFD'))
    .map((sent) => {
      const problems: object[] = [];
      const read = readContact(sent, 'data', true, 'valid', problems as never);
      return problems.length > 0 ? undefined : fillContact(read as ContactInput);
    })
    .filter((contact) => contact !== undefined);
}

describe('a spreadsheet', () => {
  const rowsOf = async (file: Buffer) => {
    const rows: string[][] = [];
    for await (const batch of readSheet(sourceOf(file), { maxUnpacked: 2 ** 30 })) {
      for (const { cells } of batch) rows.push(cells);
    }
    return rows;
  };

  it('holds nothing but text, and the number with its plus', async () => {
    const [header, row] = await rowsOf(await write([{ first_name: '=1+1', tags: ['a', 'b'] }], 'xlsx'));
    assert.deepEqual(header, [
      ...['number', 'first_name', 'last_name', 'timestamp', 'date', 'tags', 'create_date', 'update_date'],
    ]);
    const dates = ['2026-03-01 08:00:00', '2026-03-02 09:30:00'];
    assert.deepEqual(row, ['+447912345678', '=1+1', '', '', '', 'a;b', ...dates]);
  });

  it('has parts that are XML, and every part has its type and its place', async () => {
    const contacts = [{ first_name: '<&>"]]>', last_name: '\u0001\ufffe\r_x000D_ ' }];
    const parts = await partsOf(await write(contacts, 'xlsx'));
    assert.deepEqual([...parts.keys()], PARTS);
    const sheet = parts.get('xl/worksheets/sheet1.xml')!;
    assert.ok(sheet.includes('>&lt;&amp;&gt;"]]&gt;</t>'));
    assert.ok(sheet.includes('>_x0001__xFFFE__x000D__x005F_x000D_ </t>'));
    assert.match(parts.get('[Content_Types].xml')!, /<Default Extension="xml" ContentType="[^"]*worksheet\+xml"\/>/);
    assert.match(parts.get('xl/workbook.xml')!, /<sheet name="Contacts" sheetId="1" r:id="rId1"\/>/);
    assert.match(parts.get('xl/_rels/workbook.xml.rels')!, /Id="rId1"[^>]*Target="worksheets\/sheet1.xml"/);
  });

  it('goes on in another sheet where one is full', async () => {
    const contacts = Array.from({ length: 7 }, (_, n) => ({ number: NUMBERS[n]! }));
    const batches = (async function* () {
      for (let from = 0; from < 7; from += 4) yield contacts.slice(from, from + 4).map(contactOf);
    })();
    const parts = await partsOf(Buffer.concat(await Array.fromAsync(writeXlsx(batches, 4))));
    const numbers = [1, 2, 3].map((sheet) => {
      const xml = parts.get(`xl/worksheets/sheet${sheet}.xml`)!;
      return [...xml.matchAll(/<c r="A(\d+)"[^>]*><is><t[^>]*>([^<]*)/g)].map(([, row, cell]) => `${row} ${cell}`);
    });
    const row = (n: number, contact: number) => `${n} +${NUMBERS[contact]}`;
    assert.deepEqual(numbers, [
      ['1 number', row(2, 0), row(3, 1), row(4, 2)],
      ['1 number', row(2, 3), row(3, 4), row(4, 5)],
      ['1 number', row(2, 6)],
    ]);
    assert.equal(parts.get('xl/workbook.xml')!.match(/<sheet /g)!.length, 3);
    assert.match(parts.get('xl/workbook.xml')!, /<sheet name="Contacts 3" sheetId="3" r:id="rId3"\/>/);
  });

  it('of several sheets is read again as one table', async () => {
    const contacts = Array.from({ length: 25 }, (_, n) => ({ number: NUMBERS[n]!, first_name: `Ana ${n}` }));
    for (const maxRows of [2, 3, 24, 25, 26, 27]) {
      const batches = (async function* () {
        yield contacts.map(contactOf);
      })();
      const rows = await readSpreadsheet(Buffer.concat(await Array.fromAsync(writeXlsx(batches, maxRows))));
      assert.deepEqual(
        contactsOf(rows).map(({ number, first_name }) => ({ number, first_name })),
        contacts,
      );
      const lines = contacts.map((_, n) => 2 + n + Math.floor(n / (maxRows - 1)));
      assert.deepEqual(
        rows.map(({ line }) => line),
        lines,
        'the sheets are counted as if each stood below the one before',
      );
    }
  });

  it('of nobody is a header', async () => {
    assert.equal((await rowsOf(await write([], 'xlsx'))).length, 1);
  });
});

describe('writing', () => {
  /** Documents without end, and whether somebody said that they are enough. */
  function endless(failure?: Error) {
    const told = { isEnded: false, batches: 0 };
    async function* documents() {
      try {
        for (;;) {
          if (failure !== undefined && told.batches === 3) throw failure;
          told.batches++;
          yield Array.from({ length: 250 }, () => writeDocument(contactOf({ first_name: 'Ana' })));
          await new Promise(setImmediate);
        }
      } finally {
        told.isEnded = true;
      }
    }
    return { told, documents: documents() };
  }

  for (const format of EXPORT_FORMATS) {
    it(`${format}: a reader that has seen enough ends the source`, async () => {
      const { told, documents } = endless();
      let bytes = 0;
      for await (const piece of writeContacts(documents, format)) {
        bytes += piece.length;
        if (bytes > 200_000) break;
      }
      assert.equal(told.isEnded, true);
    });

    it(`${format}: an error of the source is the reader's`, async () => {
      const { told, documents } = endless(new Error('the store is gone'));
      await assert.rejects(Array.fromAsync(writeContacts(documents, format)), /the store is gone/);
      assert.equal(told.isEnded, true);
    });

    it(`${format}: memory does not grow with the file`, async () => {
      const { documents } = endless();
      let bytes = 0;
      let before = 0;
      for await (const piece of writeContacts(documents, format)) {
        bytes += piece.length;
        if (before === 0 && bytes > 500_000) before = heldMegabytes();
        if (bytes > 5_000_000) break;
      }
      const grown = heldMegabytes() - before;
      assert.ok(grown < 16, `grew by ${grown} MB`);
    });
  }
});

describe('what is written is read again as the same contacts', () => {
  const READERS: [format: ExportFormat, read: (file: Buffer) => Promise<FileRow[]>, canHoldReplacement: boolean][] = [
    ['csv', async (file) => (await readText(file, { name: 'contacts.csv' })).rows, false],
    ['ndjson', async (file) => (await readText(file, { name: 'contacts.ndjson' })).rows, true],
    ['xlsx', readSpreadsheet, true],
  ];
  for (const [format, read, canHoldReplacement] of READERS) {
    it(format, async () => {
      const contacts = fc.array(acceptedContacts(canHoldReplacement), { minLength: 1, maxLength: 40 });
      const property = fc.asyncProperty(contacts, async (accepted) => {
        assert.deepEqual(contactsOf(await read(await write(accepted, format))), accepted);
      });
      await fc.assert(property, { numRuns: 200 });
    });
  }
});
