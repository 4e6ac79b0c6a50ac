/** What holds of every export, whatever the contacts: imported into an empty audience it gives the same ones, and twice is once. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { MAX_TAGS, TEXT_FIELDS } from '../../src/core/contact-fields.ts';
import { parseNumber } from '../../src/core/number.ts';
import { until } from '../support/contacts.ts';
import { startServer } from '../support/server.ts';
import { type Loose, makeAudience, makeClient, numberOf, succeeded, walk } from './support.ts';

const SEED = 20260301;
const SHEET = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';

/** Numbers of many countries and lengths. */
const NUMBERS = readFileSync(new URL('../fixtures/numbers-valid.txt', import.meta.url), 'utf8')
  .split('\n')
  .map((line) => /^"[^"]*"\s+(\d+)/.exec(line)?.[1])
  .filter((number) => number !== undefined && parseNumber(number) === number);

/** What spreadsheets, text files, XML, JSON and our own readers treat in a way of their own. */
const PIECES = [
  ...['=1+1', '+', '-', '@SUM(A1)', '＝', '＋', '－', '＠', "'", "''", "'=", '"', '""', '\\', '`', '|', ';', ',', '\t'],
  ...[
    '\n',
    '\r',
    '\r\n',
    ' ',
    '  ',
    '\u00a0',
    '\u200b',
    '\u2028',
    '\u0085',
    '\ufeff',
    'sep=;',
    ':::',
    '[',
    ']',
    '["a"]',
  ],
  ...['[]', '{}', '{"a":1}', 'null', 'TRUE', '1e5', '4.47E+11', '007', '1.0', '2026-03-01', '01/02/2026', '46082'],
  ...['#N/A', '_x000D_', '_x', '_x005F_x000D_', '<b>', ']]>', '&amp;', '&#10;', '%0A', '\u0001', '\u001f', '\u007f'],
  ...[
    '\ufffe',
    '\uffff',
    '\ufffd',
    '😀',
    '👩‍👩‍👧',
    '🇩🇪',
    'e\u0301',
    'é',
    'שלום',
    'مرحبا',
    '\u202e',
    '\u200f',
    'Ж',
    '東京',
  ],
  ...['number', 'tags', 'reason', 'phone', '+447912345678', '447912345678', 'Ana', 'x', '0', '１２'],
];

const piece = fc.constantFrom(...PIECES);
const textOf = (max: number) =>
  fc.oneof(
    { weight: 2, arbitrary: piece },
    { weight: 3, arbitrary: fc.array(piece, { maxLength: 6 }).map((all) => all.join('')) },
    { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: max }) },
  );
const contact = fc.record({
  number: fc.oneof(fc.constantFrom(...NUMBERS), fc.nat(999).map(numberOf)),
  ...Object.fromEntries(TEXT_FIELDS.map(({ name, max }) => [name, fc.option(textOf(max), { freq: 3 })])),
  tags: fc.array(textOf(32), { maxLength: MAX_TAGS }),
});
const contacts = fc.uniqueArray(contact, {
  selector: (each) => each.number,
  minLength: 1,
  maxLength: 60,
  size: '+1',
});

const FORMS: [title: string, format: string, type: string, isPacked: boolean][] = [
  ['CSV', 'csv', 'text/csv', false],
  ['CSV in gzip', 'csv', 'text/csv', true],
  ['NDJSON', 'ndjson', 'application/x-ndjson', false],
  ['NDJSON in gzip', 'ndjson', 'application/x-ndjson', true],
  ['a spreadsheet', 'xlsx', SHEET, false],
];

describe('every export', async () => {
  const server = await startServer();
  const client = makeClient(server);

  const stateOf = async (path: string) =>
    (await walk(client, `${path}/contacts?page_size=1000`)).map(
      ({ number, first_name, last_name, timestamp, date, tags }) => ({
        number,
        first_name,
        last_name,
        timestamp,
        date,
        tags,
      }),
    );

  async function exported(path: string, format: string): Promise<Buffer> {
    const answer = await fetch(`${server.url}${path}/contacts/export?format=${format}`, {
      headers: { 'x-dexatel-key': server.key },
    });
    assert.equal(answer.status, 200);
    return Buffer.from(await answer.arrayBuffer());
  }

  async function imported(path: string, file: Buffer, type: string): Promise<Loose> {
    const sent = { body: file as Uint8Array<ArrayBuffer>, headers: { 'content-type': type } };
    const { id } = succeeded(await client.send('POST', `${path}/imports`, sent));
    let found: Loose;
    await until(async () => {
      found = succeeded(await client.get(`${path}/imports/${id}`));
      return found.status !== 'queued' && found.status !== 'running';
    });
    assert.equal(found.error, null);
    const rows = (await walk(client, `${path}/imports/${id}/rows?status=refused`)).map(({ cells, message }) => [
      message,
      cells,
    ]);
    assert.deepEqual(rows, [], 'nothing that was exported is refused');
    return found;
  }

  for (const [title, format, type, isPacked] of FORMS) {
    it(`as ${title} is read as the same contacts, and a second time changes nothing`, async () => {
      let all = 0;
      const property = fc.asyncProperty(contacts, async (some) => {
        const full = await makeAudience(client);
        // What the API refuses (characters that no text may hold, texts too long) is none of an export's.
        const { created } = succeeded(await client.post(`${full.path}/contacts/bulk`, { contacts: some }));
        // A file of no objects at all is empty, and refused as such.
        if (created === 0) return;
        const before = await stateOf(full.path);
        all += created;
        const file = await exported(full.path, format);
        const body = isPacked ? gzipSync(file) : file;

        const empty = await makeAudience(client);
        const first = await imported(empty.path, body, type);
        assert.deepEqual(await stateOf(empty.path), before);
        assert.deepEqual([first.created, first.rows_total], [created, created]);
        const second = await imported(empty.path, body, type);
        assert.deepEqual([second.unchanged, second.rows_total], [created, created]);
        assert.deepEqual(await stateOf(empty.path), before);
        // But for the dates and ids, which are the audience's own, an export of it is the same file.
        const third = await imported(full.path, await exported(empty.path, format), type);
        assert.deepEqual([third.unchanged, third.rows_total], [created, created]);
      });
      await fc.assert(property, { seed: SEED, numRuns: 30 });
      assert.ok(all > 300, `few contacts were exported: ${all}`);
    });
  }
});
