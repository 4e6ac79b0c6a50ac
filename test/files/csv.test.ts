import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parse as oracle } from 'csv-parse/sync';
import fc from 'fast-check';
import { createTableParser, type TableLimits, type TableRow } from '../../src/files/csv.ts';
import { cpuMilliseconds, heldMegabytes } from './support.ts';

/** Parses a text cut after the given lengths, again and again. */
function parse(text: string, separator = ',', limits: TableLimits = {}, cuts: number[] = [65536]): TableRow[] {
  const parser = createTableParser(separator, limits);
  const rows: TableRow[] = [];
  for (let at = 0, turn = 0; at < text.length; turn++) {
    const size = cuts[turn % cuts.length]!;
    for (const row of parser.push(text.slice(at, at + size))) rows.push(row);
    at += size;
  }
  return rows.concat(parser.end());
}

const cellsOf = (rows: TableRow[]) => rows.map((row) => row.cells);
const QUOTE_FAULT = 'A quote is opened in this line and never closed';

describe('what stands in the file and what is read', () => {
  const scenarios: [what: string, text: string, rows: (string[] | string)[], lines?: number[]][] = [
    ['nothing', '', []],
    ['one cell without a line end', 'a', [['a']]],
    [
      'LF',
      'a,b\nc,d\n',
      [
        ['a', 'b'],
        ['c', 'd'],
      ],
      [1, 2],
    ],
    [
      'CRLF',
      'a,b\r\nc,d\r\n',
      [
        ['a', 'b'],
        ['c', 'd'],
      ],
      [1, 2],
    ],
    [
      'CR',
      'a,b\rc,d\r',
      [
        ['a', 'b'],
        ['c', 'd'],
      ],
      [1, 2],
    ],
    ['a mixture of them', 'a\r\nb\rc\nd', [['a'], ['b'], ['c'], ['d']], [1, 2, 3, 4]],
    [
      'no line end after the last row',
      'a,b\nc,d',
      [
        ['a', 'b'],
        ['c', 'd'],
      ],
    ],
    ['blank lines, which count as lines', '\n\r\na\n\n\nb\n\n', [['a'], ['b']], [3, 6]],
    ['a byte order mark', '\uFEFF"a",b\n', [['a', 'b']], [1]],
    [
      'empty cells',
      ',\n,,\n"",""\n',
      [
        ['', ''],
        ['', '', ''],
        ['', ''],
      ],
    ],
    ['one empty quoted cell, which is a row', '""\n', [['']]],
    ['a separator inside quotes', '"a,b",c\n', [['a,b', 'c']]],
    ['doubled quotes', '"say ""hi""",""""\n', [['say "hi"', '"']]],
    ['a line break inside quotes', '"a\nb",c\r\n"d\r\ne"\nf', [['a\nb', 'c'], ['d\r\ne'], ['f']], [1, 3, 5]],
    ['a quote inside an unquoted cell', 'Bob "the" Builder,5" pipe\n', [['Bob "the" Builder', '5" pipe']]],
    ['a quote after a space', 'a, "b"\n', [['a', ' "b"']]],
    ['text after a closing quote', '"a" b,"c"d"e",f\n', [['a b', 'cd"e"', 'f']]],
    ['white space, which is kept', ' a ,\tb\t\n', [[' a ', '\tb\t']]],
    ['NULs', 'a\0,b\n', [['a\0', 'b']]],
    ['a quote never closed', 'a,b\n"c,d', [['a', 'b'], QUOTE_FAULT], [1, 2]],
    ['a quote never closed, rows after it', '"a,b\nc,d\ne,f\n', [QUOTE_FAULT, ['c', 'd'], ['e', 'f']], [1, 2, 3]],
    ['a lone quote at the end', 'a\n"', [['a'], QUOTE_FAULT], [1, 2]],
    ['a lost quote that a later one closes', '"a\nb","c\nd"\n', [['a\nb', 'c\nd']], [1]],
  ];
  for (const [what, text, rows, lines] of scenarios) {
    test(what, () => {
      for (const size of [65536, 1, 2, 3]) {
        const read = parse(text, ',', {}, [size]);
        assert.deepEqual(
          read.map((row) => row.fault ?? row.cells),
          rows,
          `in chunks of ${size}`,
        );
        if (lines !== undefined)
          assert.deepEqual(
            read.map((row) => row.line),
            lines,
          );
      }
    });
  }
});

describe('limits', () => {
  const limits = { maxRowLength: 10, maxColumns: 3 };
  const scenarios: [what: string, text: string, rows: (string[] | string)[], lines: number[]][] = [
    ['as long as allowed', '0123456789\na\n', [['0123456789'], ['a']], [1, 2]],
    ['a character longer', '0123456789x\na\n', ['The row is longer than 10 characters', ['a']], [1, 2]],
    ['a quoted row longer', '"012345678"\r\na\r\n', ['The row is longer than 10 characters', ['a']], [1, 2]],
    ['as many cells as allowed', 'a,b,c\nd\n', [['a', 'b', 'c'], ['d']], [1, 2]],
    ['a cell more', 'a,b,c,d\ne\n', ['The row has more than 3 cells', ['e']], [1, 2]],
    ['a quoted cell more', '"a",b,c,d\ne\n', ['The row has more than 3 cells', ['e']], [1, 2]],
    [
      'a quote open beyond the limit',
      '"a\nb\nc\nd\ne\nf\ng"\nh\n',
      [QUOTE_FAULT, ['b'], ['c'], ['d'], ['e'], ['f'], ['g"'], ['h']],
      [1, 2, 3, 4, 5, 6, 7, 8],
    ],
  ];
  for (const [what, text, rows, lines] of scenarios) {
    test(what, () => {
      for (const size of [65536, 1, 2, 3]) {
        const read = parse(text, ',', limits, [size]);
        assert.deepEqual(
          read.map((row) => row.fault ?? row.cells),
          rows,
          `in chunks of ${size}`,
        );
        assert.deepEqual(
          read.map((row) => row.line),
          lines,
        );
      }
    });
  }
});

const lineEnds = fc.constantFrom('\n', '\r\n', '\r');
const separators = fc.constantFrom(',', ';', '\t', '|');
const cell = fc.oneof(
  fc.string({
    unit: fc.constantFrom('a', 'é', '猫', '😀', ' ', '"', ',', ';', '\t', '|', '\n', '\r', '\0'),
    maxLength: 8,
  }),
  fc.string({ unit: 'binary', maxLength: 6 }),
);
const table = fc.array(fc.array(cell, { minLength: 1, maxLength: 6 }), { maxLength: 12 });
const cuts = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 10 });

/** A cell as RFC 4180 writes it; quoted where it must be, or where `always`. */
function quoted(text: string, separator: string, always: boolean): string {
  const must = text.includes(separator) || /["\r\n]/.test(text) || text.startsWith('\uFEFF');
  return must || always ? `"${text.replaceAll('"', '""')}"` : text;
}

const written = fc.record({
  table,
  separator: separators,
  lineEnd: lineEnds,
  quotes: fc.array(fc.boolean(), { minLength: 1, maxLength: 7 }),
  endsWithBreak: fc.boolean(),
  bom: fc.constantFrom('', '\uFEFF'),
});

function write({
  table,
  separator,
  lineEnd,
  quotes,
  endsWithBreak,
  bom,
}: typeof written extends fc.Arbitrary<infer T> ? T : never) {
  let turn = 0;
  const rows = table.map((cells) => {
    // A row of one empty cell is a blank line, unless it is quoted.
    const isBlank = cells.length === 1 && cells[0] === '';
    return cells.map((text) => quoted(text, separator, isBlank || quotes[turn++ % quotes.length]!)).join(separator);
  });
  return bom + rows.join(lineEnd) + (endsWithBreak ? lineEnd : '');
}

describe('for any table', () => {
  test('what is written is read, wherever separators, quotes, line ends and chunks fall', () => {
    fc.assert(
      fc.property(written, cuts, (file, sizes) => {
        assert.deepEqual(cellsOf(parse(write(file), file.separator, {}, sizes)), file.table);
      }),
      { numRuns: 500 },
    );
  });

  test('another parser reads the same', () => {
    fc.assert(
      fc.property(written, (file) => {
        const text = write(file);
        const theirs = oracle(text, {
          delimiter: file.separator,
          bom: true,
          relax_column_count: true,
          skip_empty_lines: true,
          record_delimiter: file.lineEnd,
        });
        assert.deepEqual(cellsOf(parse(text, file.separator)), theirs);
      }),
      { numRuns: 300 },
    );
  });

  test('of any text whatsoever, chunks do not matter, nor do limits stop the reading', () => {
    const anything = fc.string({ unit: fc.constantFrom('a', 'b', '"', '"', ',', '\n', '\r', ' '), maxLength: 120 });
    const limits = fc.record({
      maxRowLength: fc.integer({ min: 1, max: 40 }),
      maxColumns: fc.integer({ min: 1, max: 5 }),
    });
    fc.assert(
      fc.property(anything, limits, cuts, (text, limit, sizes) => {
        const whole = parse(text, ',', limit);
        assert.deepEqual(parse(text, ',', limit, sizes), whole);
        for (const [index, row] of whole.entries()) {
          assert.ok(row.cells.length <= limit.maxColumns);
          assert.ok(index === 0 || row.line > whole[index - 1]!.line, 'each row begins on a line of its own');
        }
      }),
      { numRuns: 3000 },
    );
  });
});

describe('hostile text costs time in proportion to its length, and no memory', () => {
  const MiB = 1024 * 1024;

  /** Pushes `piece` until `size` characters are in; gives the faults and the most memory held on the way. */
  function pour(
    piece: string,
    size: number,
    chunks = 64 * 1024,
  ): { rows: number; faults: Set<string>; grown: number; ms: number } {
    const parser = createTableParser(',');
    const chunk = piece.repeat(Math.ceil(chunks / piece.length));
    const before = heldMegabytes();
    const begun = cpuMilliseconds();
    let [rows, grown] = [0, 0];
    const faults = new Set<string>();
    const count = (found: TableRow[]) => {
      rows += found.length;
      for (const { fault } of found) if (fault !== undefined) faults.add(fault);
    };
    for (let at = 0; at < size; at += chunk.length) {
      count(parser.push(chunk));
      if (at % (10 * MiB) < chunk.length) grown = Math.max(grown, heldMegabytes() - before);
    }
    count(parser.end());
    return { rows, faults, grown, ms: cpuMilliseconds() - begun };
  }

  const scenarios: [what: string, piece: string, fault: RegExp][] = [
    ['a line of 100 MB', 'abc', /longer than 1048576 characters/],
    ['a quote that never closes', '"""', /never closed/],
    ['a hundred million columns', ',', /longer than 1048576 characters|more than 1000 cells/],
    ['a line of NULs', '\0', /longer than/],
    ['quotes that close where the next one opens', 'x","a\n', /more than 1000 cells|never closed/],
    ['doubled quotes over long lines', `${'a'.repeat(3000)}","\n`, /more than 1000 cells|never closed/],
  ];
  for (const [what, piece, fault] of scenarios) {
    test(what, () => {
      const poured = pour(piece, 100 * MiB);
      for (const message of poured.faults) assert.match(message, fault);
      assert.ok(poured.faults.size > 0);
      assert.ok(poured.grown < 16, `grew by ${poured.grown} MB`);
      assert.ok(poured.ms < 20_000, `took ${poured.ms} ms`);
    });
  }

  test('a million columns in one row below the length limit', () => {
    const rows = parse(`a\n${','.repeat(1_000_000)}\nb\n`);
    assert.deepEqual(
      rows.map((row) => row.fault ?? row.cells[0]),
      ['a', 'The row has more than 1000 cells', 'b'],
    );
    assert.equal(rows[1]!.cells.length, 1000);
  });

  test('a long row that comes character by character', () => {
    const begun = cpuMilliseconds();
    const [row] = parse(`"${'a'.repeat(500_000)}"`, ',', {}, [1]);
    assert.equal(row!.cells[0]!.length, 500_000);
    assert.ok(cpuMilliseconds() - begun < 10_000);
  });
});
