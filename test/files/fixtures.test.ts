/**
 * What reading alone makes of small files as people have them: the rows as they stand, before any rule of a contact.
 * test/http/import-fixtures.test.ts imports all of them.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type ExpectedFile, fixtureFiles, lostExpectations } from './fixture-files.ts';
import { bytesOf, readAll } from './support.ts';

const FILES = fixtureFiles();
const READ = FILES.filter(({ expected }) => expected.read !== undefined || expected.error !== undefined);

/** Every file is read as it stands and as other programs would have written it. */
const WRITINGS: { how: string; chunk: number; name?: boolean; bom?: string; lineEnd?: string }[] = [
  { how: 'as it stands', chunk: 65536, name: true },
  { how: 'byte by byte', chunk: 1, name: true },
  { how: 'by its content alone', chunk: 7 },
  { how: 'with a byte order mark and CRLF', chunk: 3, bom: '\uFEFF', lineEnd: '\r\n' },
  { how: 'with CR', chunk: 5, name: true, lineEnd: '\r' },
];

for (const { title, name: fileName, bytes, expected: asWritten } of READ) {
  describe(title, () => {
    const text = bytes.toString();
    for (const { how, chunk, name, bom = '', lineEnd = '\n' } of WRITINGS) {
      if (lineEnd === '\r' && fileName.endsWith('.ndjson')) continue;
      test(how, async () => {
        const expectedText = JSON.stringify(asWritten).replaceAll('\\n', JSON.stringify(lineEnd).slice(1, -1));
        const { error, read }: ExpectedFile = JSON.parse(expectedText);
        if (name === undefined && read?.layout.format === 'tsv') read.layout.format = 'csv';
        const reading = readAll(bytesOf(bom + text.replaceAll('\n', lineEnd), chunk), name ? { name: fileName } : {});
        if (error !== undefined) {
          await assert.rejects(reading, { name: 'ContactFileError', message: error });
          return;
        }
        const { layout, rows } = await reading;
        const { format, separator, headerLine, preambleLines, ignored } = layout;
        const columns = Object.fromEntries(layout.mapping.map((each) => [each.header, each.field]));
        assert.deepEqual({ format, separator, headerLine, preambleLines, columns, ignored }, read!.layout);
        const seen = rows.map(({ line, contact, fault }) =>
          fault === undefined ? { line, contact } : { line, code: fault.code, says: fault.message },
        );
        assert.deepEqual(seen, read!.rows);
      });
    }
  });
}

test('every expectation has its file, and there are enough of both', () => {
  assert.deepEqual(lostExpectations(), []);
  assert.ok(READ.length >= 10);
  const folders = Map.groupBy(FILES, ({ title }) => title.split('/')[0]!);
  assert.deepEqual([...folders.keys()], ['damage', 'encodings', 'headers', 'line-ends', 'separators', 'tables']);
  for (const [folder, files] of folders) assert.ok(files.length >= 5, folder);
});
