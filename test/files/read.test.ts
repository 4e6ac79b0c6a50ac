import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { sampleFile } from '../../sample/make-contacts.ts';
import { readContactFile } from '../../src/files/read.ts';
import { bytesOf, heldMegabytes, readAll, readText } from './support.ts';

const HEADER = 'number,first_name\n';

describe('files that are no contact file', () => {
  const scenarios: [what: string, content: string | Uint8Array, message: RegExp][] = [
    ['nothing', '', /^The file is empty$/],
    ['nothing but blank lines', '\uFEFF\r\n \r\n', /^The file is empty$/],
    ['nothing but separators', ',,,\n,,\n', /No column holds phone numbers/],
    ['a spreadsheet', Buffer.from('504b0304140006000800', 'hex'), /spreadsheet or an archive/],
    ['an old spreadsheet', Buffer.from('d0cf11e0a1b11ae1', 'hex'), /spreadsheet/],
    ['a compressed file', Buffer.from('1f8b080000000000', 'hex'), /gunzip/],
    ['a JSON list', '[{"number":"+12025550150"}]', /JSON list/],
    ['objects without a number', '{"name":"Ana"}\n', /No member holds phone numbers.*: name\./],
    [
      'a header with a quote never closed',
      '"number,first_name\n+12025550150,Ana\n',
      /The header cannot be read, line 1: A quote/,
    ],
    [
      'a header of a million columns',
      `${'Phone,'.repeat(100_000)}\n`,
      /The header cannot be read, line 1: The row has more than 1000/,
    ],
    ['a single line of 3 MB', 'a'.repeat(3_000_000), /The header cannot be read, line 1: The row is longer/],
    ['a hundred NULs', '\0'.repeat(100), /No column holds phone numbers/],
    ['a header with control characters', 'a\x1b[31m;b\nc;d', /The header seen is: a \[31m, b\./],
  ];
  for (const [what, content, message] of scenarios) {
    test(what, () => assert.rejects(readText(content), { name: 'ContactFileError', message }));
  }
});

describe('encodings', () => {
  test('UTF-16 with its byte order mark', async () => {
    for (const [encoding, bytes] of [
      ['utf-16le', Buffer.from('\uFEFFnumber;Имя\r\n+37491234567;Սոնա 😀\r\n', 'utf16le')],
      ['utf-16be', Buffer.from('\uFEFFnumber;Имя\r\n+37491234567;Սոնա 😀\r\n', 'utf16le').swap16()],
    ] as const) {
      const { layout, rows } = await readAll(bytesOf(bytes, 3));
      assert.equal(layout.encoding, encoding);
      assert.deepEqual(rows[0]!.contact, { number: '+37491234567', first_name: 'Սոնա 😀' });
    }
  });

  test('characters that are not UTF-8 refuse the rows that would store them, and no others', async () => {
    const bytes = Buffer.from(
      'number,first_name,company\n+1,J\xfcrgen,x\n+2,Ana,M\xfcller\n+3,Bo,x\n\xff+4,Eva,x\n',
      'latin1',
    );
    const { rows } = await readText(bytes);
    assert.deepEqual(
      rows.map((row) => row.fault?.code),
      [9013, undefined, undefined, 9013],
    );
    assert.equal(
      rows[0]!.fault!.message,
      'The cell "first_name" holds characters that are not UTF-8: save the file as UTF-8',
    );
    assert.deepEqual(rows[0]!.cells, ['+1', 'J\uFFFDrgen', 'x']);
    const json = await readText(
      Buffer.from('{"number":"+1","first_name":"J\xfcrgen"}\n{"number":"+2","x":"\xfc"}', 'latin1'),
    );
    assert.deepEqual(
      json.rows.map((row) => row.fault?.code),
      [9013, undefined],
    );
  });
});

describe('options', () => {
  test('the mapping', async () => {
    const { layout, rows } = await readText('Kontakt,Phone,Name\n+12025550150,x,Ana\n', {
      mapping: { Kontakt: 'number', Name: 'first_name' },
    });
    assert.deepEqual(rows[0]!.contact, { number: '+12025550150', first_name: 'Ana' });
    assert.deepEqual(layout.ignored, ['Phone']);
  });
  test('the mapping of members', async () => {
    const { rows, layout } = await readText('{"number":"7","who":"+12025550150","first_name":"Ana"}', {
      mapping: { WHO: 'number', first_name: 'ignore' },
    });
    assert.deepEqual(rows[0]!.contact, { number: '+12025550150' });
    assert.deepEqual(layout.ignored, ['first_name']);
  });
  test('no number left', async () => {
    await assert.rejects(readText('Phone,Name\n', { mapping: { Phone: 'ignore' } }), /No column holds phone numbers/);
  });
  test('the separator and the format', async () => {
    const { rows } = await readText('number^first_name\n+1^Ana\n', { separator: '^' });
    assert.deepEqual(rows[0]!.contact, { number: '+1', first_name: 'Ana' });
    const tsv = await readText('number\ttags\n+1\ta,b\n', { format: 'tsv' });
    assert.deepEqual(tsv.rows[0]!.contact, { number: '+1', tags: ['a', 'b'] });
  });
  test('the limits', async () => {
    const limits = { maxRowLength: 20, maxColumns: 2 };
    const { rows } = await readText(`${HEADER}+1,${'a'.repeat(30)}\n+2,a,\n+3,b\n`, limits);
    assert.deepEqual(
      rows.map((row) => row.fault?.code),
      [9013, 9013, undefined],
    );
    const json = await readText(`{"number":"+1"}\n{"number":"+1${'0'.repeat(30)}"}\n{"number":"+2"}`, limits);
    assert.deepEqual(
      json.rows.map((row) => row.fault?.code),
      [undefined, 9013, undefined],
    );
  });
  test('batches', async () => {
    const sizes: number[] = [];
    const content = HEADER + '+1,a\n'.repeat(25);
    for await (const { rows } of readContactFile(bytesOf(content), { batchRows: 10 }))
      if (rows) sizes.push(rows.length);
    assert.deepEqual(sizes, [10, 10, 5]);
  });
});

test('member names that come later are told before their rows', async () => {
  const { layouts } = await readAll(bytesOf(`{"number":"+1"}\n${'\n'.repeat(70_000)}{"number":"+2","company":"x"}\n`));
  assert.deepEqual(
    layouts.map((layout) => layout.ignored),
    [[], ['company']],
  );
});

test('what the script runner prints into a file does not keep it from being read', { timeout: 60_000 }, async () => {
  for (const format of ['csv', 'tsv', 'ndjson']) {
    const content = execFileSync('npm', ['run', 'sample', '--', '--rows', '40', '--format', format], {
      stdio: ['ignore', 'pipe', 'ignore'],
      env: { ...process.env, npm_config_loglevel: 'notice' },
    });
    assert.match(content.toString(), /^\n> /, 'npm prints a banner');
    const { layout, rows } = await readText(content);
    assert.equal(rows.filter((row) => row.contact !== undefined).length, 40);
    assert.equal(layout.preambleLines, 4);
  }
});

test('of any bytes, reading ends, and chunks do not matter', async () => {
  const anything = fc.oneof(
    fc.uint8Array({ maxLength: 60 }),
    fc
      .string({ unit: fc.constantFrom('"', ',', ';', '\n', '\r', '{', '}', ':', '1', 'é', '\0'), maxLength: 60 })
      .map((text) => Buffer.from(text)),
  );
  const outcome = (content: Uint8Array, size: number, format: 'csv' | 'ndjson') =>
    readAll(bytesOf(Buffer.concat([Buffer.from(format === 'csv' ? HEADER : '{"number":"1"}\n'), content]), size), {
      format,
    }).then(
      ({ rows }) => rows,
      (error) => {
        assert.equal(error.name, 'ContactFileError');
        return error.message;
      },
    );
  await fc.assert(
    fc.asyncProperty(
      anything,
      fc.integer({ min: 1, max: 9 }),
      fc.constantFrom('csv', 'ndjson'),
      async (bytes, size, format) => {
        assert.deepEqual(await outcome(bytes, size, format), await outcome(bytes, 65536, format));
      },
    ),
    { numRuns: 400 },
  );
});

describe('memory does not grow with the file', () => {
  const scenarios: [what: string, pieces: () => Generator<string>][] = [
    ['a million sample rows', () => sampleFile({ rows: 1_000_000 })],
    ['400,000 messy rows', () => sampleFile({ rows: 400_000, messy: true, seed: 2 })],
    ['200,000 objects', () => sampleFile({ rows: 200_000, format: 'ndjson' })],
    [
      'objects that all have names of their own',
      function* () {
        yield '{"number":"+1"}\n';
        for (let i = 0; i < 200_000; i++) yield `{"number":"+1","name${i}":"x"}\n`;
      },
    ],
    [
      'rows as long as allowed',
      function* () {
        yield HEADER;
        for (let i = 0; i < 200; i++) yield `+1,${'x'.repeat(1_000_000)}\n`;
      },
    ],
    [
      'a line of 100 MB after the header',
      function* () {
        yield HEADER;
        for (let i = 0; i < 1600; i++) yield 'x'.repeat(64 * 1024);
        yield '\n+1,Ana\n';
      },
    ],
    [
      'an object of 100 MB',
      function* () {
        yield '{"number":"+1"}\n{"number":"';
        for (let i = 0; i < 1600; i++) yield 'x'.repeat(64 * 1024);
        yield '"}\n{"number":"+2"}\n';
      },
    ],
  ];
  for (const [what, pieces] of scenarios) {
    test(what, async () => {
      const before = heldMegabytes();
      let grown = 0;
      let batches = 0;
      const source = (async function* () {
        let read = 0;
        let measured = 0;
        for (const piece of pieces()) {
          const bytes = Buffer.from(piece);
          read += bytes.length;
          if (read - measured > 10_000_000) {
            measured = read;
            grown = Math.max(grown, heldMegabytes() - before);
          }
          yield bytes;
        }
      })();
      for await (const { rows } of readContactFile(source)) if (rows !== undefined) batches++;
      assert.ok(batches > 0);
      assert.ok(grown < 32, `held ${grown} MB more`);
    });
  }
});
