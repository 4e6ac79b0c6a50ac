import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { sampleContacts } from '../../sample/make-contacts.ts';
import { makeXlsx } from '../files/xlsx-support.ts';
import { until } from '../support/contacts.ts';
import { startServer } from '../support/server.ts';
import { type Answer, type Loose, makeClient, NOBODY } from './support.ts';

describe('imports', async () => {
  const server = await startServer();
  const client = makeClient(server);
  let audiences = 0;

  async function makeAudience(contacts: object[] = []): Promise<string> {
    const { data } = await client.post('/v1/audiences', { name: `Imports ${++audiences}`, channel: 'SMS', contacts });
    return `/v1/audiences/${data.id}`;
  }

  const upload = (audience: string, file: string | Uint8Array, query = '', type = 'text/csv'): Promise<Answer> =>
    client.send('POST', `${audience}/imports?${query}`, { body: file, headers: { 'content-type': type } });

  async function ended(answer: Answer): Promise<Loose> {
    assert.equal(answer.status, 202, answer.text);
    const path = new URL(answer.data.links.self).pathname;
    let found: Loose;
    await until(async () => {
      found = (await client.get(path)).data;
      return !['queued', 'running'].includes(found.status);
    });
    const { created, updated, unchanged, skipped, refused, rows_done } = found;
    assert.equal(created + updated + unchanged + skipped + refused, rows_done);
    return found;
  }

  const importFile = async (...args: Parameters<typeof upload>) => ended(await upload(...args));
  const pathOf = (found: Loose) => `/v1/audiences/${found.audience_id}/imports/${found.id}`;
  const act = async (found: Loose, action: string) =>
    ended(await client.send('POST', `${pathOf(found)}/${action}`, {}));

  async function contactsOf(audience: string): Promise<Loose[]> {
    const { data } = await client.get(`${audience}/contacts?page_size=1000`);
    return data;
  }

  /** What a contact holds, without what the store says of it. */
  const details = (contacts: Loose[]) =>
    contacts.map(({ number, first_name, last_name, tags }) => ({ number, first_name, last_name, tags }));

  async function verdicts(found: Loose, query = ''): Promise<Loose[]> {
    const all: Loose[] = [];
    for (let path: string | null = `${pathOf(found)}/rows?page_size=2&${query}`; path !== null; ) {
      const { data, body }: Answer = await client.get(path);
      all.push(...data);
      path = body.pagination.links.next;
    }
    return all;
  }

  const FILES: [title: string, file: string | Uint8Array, query: string, type: string, numbers: string[]][] = [
    ['CSV', 'number,first_name\n+12025550150,Ana\n', '', 'text/csv', ['12025550150']],
    ['CSV with CRLF and semicolons', 'Telefon;Vorname\r\n+12025550150;Ana\r\n', '', 'text/csv', ['12025550150']],
    ['TSV', 'Phone\tName\n+12025550150\tAna\n', '', 'text/tab-separated-values', ['12025550150']],
    ['NDJSON', '{"number":"+12025550150"}\n', '', 'application/x-ndjson', ['12025550150']],
    ['gzip', gzipSync('number\n+12025550150\n'), 'file_name=a.csv.gz', 'application/gzip', ['12025550150']],
    [
      'Windows-1252',
      Buffer.from('number,first_name\n+12025550150,J\xf6rg\n', 'latin1'),
      '',
      'text/csv',
      ['12025550150'],
    ],
    ['UTF-16', Buffer.from('\uFEFFnumber,first_name\n+12025550150,Ana\n', 'utf16le'), '', 'text/csv', ['12025550150']],
    ['a column that is named', 'A,B\n+12025550150,x\n', 'mapping={"A":"number"}', 'text/csv', ['12025550150']],
    ['national numbers', 'number\n07912 345678\n7912345678\n', 'default_country=gb', 'text/csv', ['447912345678']],
    ['an apostrophe and a decimal tail', "number\n'+447912345678\n447912345678.0\n", '', 'text/csv', ['447912345678']],
    [
      'Arabic and full-width digits',
      'number\n٤٤٧٩١٢٣٤٥٦٧٨\n４４７９１２３４５６７９\n',
      '',
      'text/csv',
      ['447912345678', '447912345679'],
    ],
  ];
  test('takes a spreadsheet, and names what it did to numbers', async () => {
    const audience = await makeAudience();
    const bytes = await makeXlsx([
      {
        rows: [
          ['Telefon', 'Vorname'],
          ['+12025550150', 'Ana'],
          ['4.47912E+11', 'Eva'],
        ],
      },
    ]);
    const found = await importFile(audience, bytes, 'file_name=a.xlsx', 'application/octet-stream');
    assert.deepEqual([found.status, found.format, found.created, found.refused], ['completed', 'xlsx', 1, 1]);
    assert.deepEqual(found.mapping, { Telefon: 'number', Vorname: 'first_name' });
    const [refused] = await verdicts(found, 'status=refused');
    assert.deepEqual([refused.line, refused.reason], [3, 'scientific_notation']);
  });

  for (const [title, file, query, type, numbers] of FILES) {
    test(`takes ${title}`, async () => {
      const audience = await makeAudience();
      const found = await importFile(audience, file, query, type);
      assert.equal(found.status, 'completed', JSON.stringify(found.error));
      assert.deepEqual(
        (await contactsOf(audience)).map(({ number }) => number),
        numbers,
      );
    });
  }

  test('reads what is written in Windows-1252', async () => {
    const audience = await makeAudience();
    const found = await importFile(audience, Buffer.from('number,first_name\n+12025550150,J\xf6rg\n', 'latin1'));
    assert.equal(found.encoding, 'windows-1252');
    assert.equal((await contactsOf(audience))[0].first_name, 'Jörg');
  });

  const ROWS: [cell: string, code: number, reason: string][] = [
    ['4.47912E+11', 1354, 'scientific_notation'],
    ['07912345678', 1354, 'no_country_code'],
    ['+447912345678 / +447912345679', 1354, 'several_numbers'],
    ['+1 202 555 0150 ext. 12', 1354, 'extension'],
    ['call me', 1354, 'letters'],
    ['', 1353, 'empty'],
    ['+9991234567', 1354, 'unknown_calling_code'],
  ];
  test('every refused row has its line, cells, code and reason', async () => {
    const audience = await makeAudience();
    const file = `number,first_name\n${ROWS.map(([cell]) => `${cell},Ana\n`).join('')}+12025550150,${'x'.repeat(33)}\n1,2,3\n`;
    const found = await importFile(audience, file);
    const seen = await verdicts(found, 'status=refused');
    assert.deepEqual(
      seen.map(({ line, cells, code, reason }) => [line, cells[0], code, reason]),
      [
        ...ROWS.map(([cell, code, reason], index) => [index + 2, cell, code, reason]),
        [ROWS.length + 2, '+12025550150', 1361, 'first_name_too_long'],
        [ROWS.length + 3, '1', 9013, 'unreadable_row'],
      ],
    );
    assert.ok(seen.every(({ message }) => message.length > 10));
    assert.deepEqual(found.refused_by_code, { 1353: 1, 1354: 6, 1361: 1, 9013: 1 });
  });

  test('names the line that a row repeats, and counts what happened to each', async () => {
    const audience = await makeAudience([{ number: '+12025550151', first_name: 'Old' }]);
    const file =
      'number,first_name\n+12025550150,Ana\n+12025550151,New\n+12025550150,Ana\n+12025550150,Eva\n+12025550151,New\n';
    for (const dry_run of [true, false]) {
      const found = await importFile(audience, file, `dry_run=${dry_run}`);
      assert.deepEqual(
        (await verdicts(found)).map(({ status, repeats_line }) => [status, repeats_line]),
        [
          ['created', null],
          ['updated', null],
          ['unchanged', 2],
          ['updated', 2],
          ['unchanged', 3],
        ],
      );
    }
  });

  test('a dry run changes nothing, is run with the same file, and is undone', async () => {
    const audience = await makeAudience([{ number: '+12025550150', first_name: 'Old', tags: ['a'] }]);
    const before = await contactsOf(audience);
    const file = 'number,first_name\n+12025550150,New\n+12025550151,Two\n+12025550151,Again\n12,x\n';
    const rehearsed = await importFile(audience, file, 'dry_run=true&tags=spring');
    assert.deepEqual(await contactsOf(audience), before);
    const fates = (await verdicts(rehearsed)).map(({ status, reason }) => [status, reason]);
    const run = await act(rehearsed, 'run');
    assert.equal(run.id, rehearsed.id);
    assert.equal(run.dry_run, false);
    assert.deepEqual(
      (await verdicts(run)).map(({ status, reason }) => [status, reason]),
      fates,
    );
    assert.deepEqual(details(await contactsOf(audience)), [
      { number: '12025550150', first_name: 'New', last_name: null, tags: ['a', 'spring'] },
      { number: '12025550151', first_name: 'Again', last_name: null, tags: ['spring'] },
    ]);
    const undone = await act(run, 'undo');
    assert.equal(undone.status, 'undone');
    assert.deepEqual(undone.undo, { deleted: 1, restored: 1, left_alone: 0 });
    assert.deepEqual(details(await contactsOf(audience)), details(before));
    assert.deepEqual((await client.send('POST', `${pathOf(run)}/undo`, {})).codes, [9022]);
  });

  test('an undo leaves alone what somebody else changed since', async () => {
    const audience = await makeAudience([{ number: '+12025550150', first_name: 'Old' }]);
    const found = await importFile(
      audience,
      'number,first_name\n+12025550150,New\n+12025550151,Two\n+12025550152,Three\n',
    );
    const [first, second] = await contactsOf(audience);
    for (const { id } of [first, second]) await client.put(`${audience}/contacts/${id}`, { last_name: 'Mine' });
    const undone = await act(found, 'undo');
    assert.deepEqual(undone.undo, { deleted: 1, restored: 0, left_alone: 2 });
    assert.deepEqual(
      (await contactsOf(audience)).map(({ first_name }) => first_name),
      ['New', 'Two'],
    );
  });

  test('on_conflict=skip, and empty cells that keep or clear', async () => {
    const audience = await makeAudience([{ number: '+12025550150', first_name: 'Old', last_name: 'Name' }]);
    const file = 'number,first_name,last_name\n+12025550150,New,\n';
    assert.equal((await importFile(audience, file, 'on_conflict=skip')).skipped, 1);
    await importFile(audience, file);
    assert.deepEqual((await contactsOf(audience))[0].last_name, 'Name');
    await importFile(audience, file, 'empty=clear');
    assert.deepEqual((await contactsOf(audience))[0].last_name, null);
  });

  test('mode=replace makes the audience equal, within max_removals, and is undone', async () => {
    const contacts = Array.from({ length: 20 }, (_, n) => ({ number: `+1202555${String(100 + n).padStart(4, '0')}` }));
    const audience = await makeAudience(contacts);
    const before = await contactsOf(audience);
    const file = 'number,first_name\n+12025550100,Ana\n+12025550999,New\n';
    const refused = await importFile(audience, file, 'mode=replace');
    assert.equal(refused.status, 'failed');
    assert.equal(refused.error.code, 9024);
    assert.match(refused.error.message, /create 1, change 1 and remove 19 of 20/);
    assert.deepEqual(await contactsOf(audience), before);
    const rehearsed = await importFile(audience, file, 'mode=replace&dry_run=true');
    assert.deepEqual([rehearsed.created, rehearsed.updated, rehearsed.removed], [1, 1, 19]);
    const run = await importFile(audience, file, 'mode=replace&max_removals=100%25');
    assert.deepEqual([run.status, run.created, run.updated, run.removed], ['completed', 1, 1, 19]);
    assert.deepEqual(
      (await contactsOf(audience)).map(({ number }) => number),
      ['12025550100', '12025550999'],
    );
    const undone = await act(run, 'undo');
    assert.deepEqual(undone.undo, { deleted: 1, restored: 20, left_alone: 0 });
    const after = await contactsOf(audience);
    assert.deepEqual(
      after.map(({ id }) => id),
      before.map(({ id }) => id),
    );
    assert.deepEqual(details(after), details(before));
  });

  const BROKEN: [title: string, file: string | Uint8Array, says: RegExp][] = [
    ['no number column', 'a,b\n1,2\n', /The header seen is: a, b/],
    ['nothing in it', '', /empty/],
    ['a damaged gzip', gzipSync('number\n+12025550150\n').subarray(0, 20), /damaged or cut off/],
    ['a damaged spreadsheet', Buffer.from('PK\x03\x04 and so on'), /\w+: .*(?:save|upload)/i],
  ];
  for (const [title, file, says] of BROKEN) {
    test(`fails on ${title}, and says why`, async () => {
      const found = await importFile(await makeAudience(), file);
      assert.equal(found.status, 'failed');
      assert.equal(found.error.code, 9023);
      assert.match(found.error.message, says);
    });
  }

  const WRONG: [query: string, type: string, code: number][] = [
    ['mode=other', 'text/csv', 9013],
    ['dry_run=perhaps', 'text/csv', 9013],
    ['default_country=XX', 'text/csv', 9013],
    ['mapping={"a":"nothing"}', 'text/csv', 9013],
    ['max_removals=-1', 'text/csv', 9013],
    ['tags=a,b,c,d,e,f,g,h,i,j,k', 'text/csv', 9013],
    ['', 'application/json', 9005],
  ];
  for (const [query, type, code] of WRONG) {
    test(`${query || type}: ${code}, and nothing is kept`, async () => {
      const audience = await makeAudience();
      assert.deepEqual((await upload(audience, 'number\n+12025550150\n', query, type)).codes, [code]);
      assert.equal((await client.get(`${audience}/imports`)).body.pagination.total, 0);
    });
  }

  test('imports are listed, newest first; one that is not there is 9020, a broken id 9021', async () => {
    const audience = await makeAudience();
    const ids: string[] = [];
    for (let n = 0; n < 3; n++) ids.unshift((await importFile(audience, 'number\n+12025550150\n')).id);
    const { data, body } = await client.get(`${audience}/imports?page_size=2`);
    assert.deepEqual(
      data.map(({ id }: Loose) => id),
      ids.slice(0, 2),
    );
    assert.deepEqual(
      (await client.get(body.pagination.links.next)).data.map(({ id }: Loose) => id),
      ids.slice(2),
    );
    assert.deepEqual(
      (await client.get('/v1/imports')).data.slice(0, 3).map(({ id }: Loose) => id),
      ids,
    );
    assert.deepEqual((await client.get(`${audience}/imports/${NOBODY}`)).codes, [9020]);
    assert.deepEqual((await client.get(`${audience}/imports/1`)).codes, [9021]);
  });

  test('a running import is cancelled; what is done stays and counts', async () => {
    const audience = await makeAudience();
    const contacts = sampleContacts(3);
    const lines = Array.from({ length: 60_000 }, () => contacts.next().value!.number);
    const started = await upload(audience, `number\n${lines.join('\n')}\n`);
    const path = new URL(started.data.links.self).pathname;
    await until(async () => (await client.get(path)).data.rows_done > 0);
    await client.send('POST', `${path}/cancel`, {});
    const found = await ended(started);
    assert.equal(found.status, 'cancelled');
    assert.ok(found.rows_done < lines.length);
    const { data } = await client.get(audience);
    assert.equal(data.contacts_count, found.created);
    assert.equal((await act(found, 'undo')).undo.deleted, found.created);
    assert.equal((await client.get(audience)).data.contacts_count, 0);
  });
});
