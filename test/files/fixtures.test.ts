/** Small files as people have them, each with what must be read from it beside it as `….expected.json`. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { extname } from 'node:path';
import { describe, test } from 'node:test';
import { bytesOf, readAll } from './support.ts';

interface ExpectedRow {
  line: number;
  contact?: Record<string, unknown>;
  code?: number;
  says?: string;
}

interface ExpectedFile {
  error?: string;
  layout?: Record<string, unknown>;
  rows?: ExpectedRow[];
}

const folder = new URL('../fixtures/files/', import.meta.url);
const files = readdirSync(folder).filter((name) => !name.endsWith('.json'));

/** Every file is read as it stands and as other programs would have written it. */
const WRITINGS: { how: string; chunk: number; name?: boolean; bom?: string; lineEnd?: string }[] = [
  { how: 'as it stands', chunk: 65536, name: true },
  { how: 'byte by byte', chunk: 1, name: true },
  { how: 'by its content alone', chunk: 7 },
  { how: 'with a byte order mark and CRLF', chunk: 3, bom: '\uFEFF', lineEnd: '\r\n' },
  { how: 'with CR', chunk: 5, name: true, lineEnd: '\r' },
];

for (const file of files) {
  describe(file, () => {
    const text = readFileSync(new URL(file, folder), 'utf8');
    const expectedText = readFileSync(new URL(file.replace(extname(file), '.expected.json'), folder), 'utf8');
    for (const { how, chunk, name, bom = '', lineEnd = '\n' } of WRITINGS) {
      if (lineEnd === '\r' && file.endsWith('.ndjson')) continue;
      test(how, async () => {
        const expected: ExpectedFile = JSON.parse(expectedText.replaceAll('\\n', JSON.stringify(lineEnd).slice(1, -1)));
        if (name === undefined && expected.layout?.format === 'tsv') expected.layout.format = 'csv';
        const reading = readAll(bytesOf(bom + text.replaceAll('\n', lineEnd), chunk), name ? { name: file } : {});
        if (expected.error !== undefined) {
          await assert.rejects(reading, { name: 'ContactFileError', message: expected.error });
          return;
        }
        const { layout, rows } = await reading;
        const { format, separator, headerLine, preambleLines, ignored } = layout;
        const columns = Object.fromEntries(layout.mapping.map((each) => [each.header, each.field]));
        assert.deepEqual({ format, separator, headerLine, preambleLines, columns, ignored }, expected.layout);
        const seen = rows.map(({ line, contact, fault }) =>
          fault === undefined ? { line, contact } : { line, code: fault.code, says: fault.message },
        );
        assert.deepEqual(seen, expected.rows);
      });
    }
  });
}

test('every file has its expectation, and every expectation its file', () => {
  const stems = files.map((file) => file.replace(extname(file), '')).sort();
  const expectations = readdirSync(folder).filter((name) => name.endsWith('.expected.json'));
  assert.deepEqual(expectations.map((name) => name.replace('.expected.json', '')).sort(), stems);
  assert.ok(stems.length >= 10);
});
