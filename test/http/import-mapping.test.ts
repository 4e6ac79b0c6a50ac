/** Which column is which field: what a caller may say, and that a file's refused rows come back by the same words. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Problem } from '../../src/core/errors.ts';
import { readImportOptions } from '../../src/core/imports.ts';
import { until } from '../support/contacts.ts';
import { startServer } from '../support/server.ts';
import { type Answer, type Loose, makeAudience, makeClient, refused, succeeded, walk } from './support.ts';

describe('the mapping of an import', async () => {
  const server = await startServer();
  const client = makeClient(server);
  const { path: audience } = await makeAudience(client);

  const upload = (file: string, mapping: string, type = 'text/csv'): Promise<Answer> =>
    client.send('POST', `${audience}/imports?${new URLSearchParams({ mapping })}`, {
      body: file,
      headers: { 'content-type': type },
    });

  async function ended(answer: Answer): Promise<Loose> {
    const { id } = succeeded(answer);
    let found: Loose;
    await until(async () => {
      found = succeeded(await client.get(`${audience}/imports/${id}`));
      return !['queued', 'running'].includes(found.status);
    });
    return found;
  }

  const REFUSED: [what: string, mapping: string][] = [
    ['no JSON', 'Mobile=number'],
    ['JSON that is cut off', '{"Mobile":"number"'],
    ['a list', '["number"]'],
    ['a text', '"number"'],
    ['null', 'null'],
    ['a field that there is none of', '{"Mobile":"name"}'],
    ['a field that is no text', '{"Mobile":["number"]}'],
    ['white space', ' '],
  ];
  for (const [what, mapping] of REFUSED) {
    test(`is refused when it is ${what}`, async () => {
      refused(await upload('number\n+12025550150\n', mapping), 9013);
      // Whoever calls the core without HTTP hears the same.
      const problems: Problem[] = [];
      assert.deepEqual(readImportOptions({ mapping }, problems).columns, {});
      assert.deepEqual(
        problems.map(({ code }) => code),
        [9013],
      );
      assert.match(
        problems[0]!.message,
        /^'mapping' must be a JSON object of columns .*: \[number, .*full_name.*, ignore\]$/,
      );
    });
  }

  const TAKEN: [what: string, mapping: string, seen: object][] = [
    ['nothing', '', { number: 'number', name: 'full_name' }],
    ['an object of nothing', '{}', { number: 'number', name: 'full_name' }],
    ['a name', '{"NAME":"last_name"}', { number: 'number', name: 'last_name' }],
    ['a place', '{"#2":"first_name"}', { number: 'number', name: 'first_name' }],
    ['a column to ignore', '{"name":"ignore"}', { number: 'number' }],
  ];
  for (const [what, mapping, seen] of TAKEN) {
    test(`may be ${what}`, async () => {
      const found = await ended(await upload('number,name\n+12025550150,Ana Petrosyan\n', mapping));
      assert.deepEqual([found.status, found.mapping], ['completed', seen]);
    });
  }

  const FAILED: [what: string, mapping: string, says: RegExp][] = [
    [
      'a column that is not there',
      '{"Mobile":"number"}',
      /^There is no column "Mobile"\. The header seen is: number, name$/,
    ],
    ['a place that is not there', '{"#3":"tags"}', /^There is no column "#3"\. The header seen is: number, name$/],
    ['two columns of one field', '{"#1":"date","name":"date"}', /^Both "#1" and "name" are to be date: choose one$/],
    [
      'a full name and a part of it',
      '{"#1":"full_name","name":"last_name"}',
      /^"#1" is to be the full name and "name"/,
    ],
    [
      'no number',
      '{"number":"ignore"}',
      /^No column holds phone numbers by its name\. The header seen is: number, name\./,
    ],
  ];
  for (const [what, mapping, says] of FAILED) {
    test(`fails the import when it names ${what}`, async () => {
      const found = await ended(await upload('number,name\n+12025550150,Ana\n', mapping));
      assert.deepEqual([found.status, found.error.code, found.rows_done], ['failed', 9023, 0]);
      assert.match(found.error.message, says);
    });
  }

  test('may name a place in the query, and in a form', async () => {
    const body = new FormData();
    body.set('mapping', '{"#2":"number"}');
    body.set('file', new Blob(['a,a\nAna,+12025550151\n']), 'a.csv');
    for (const answer of [
      await client.send('POST', `${audience}/imports?mapping[%232]=number`, {
        body: 'a,a\nAna,+12025550151\n',
        headers: { 'content-type': 'text/csv' },
      }),
      await client.send('POST', `${audience}/imports`, { body }),
    ]) {
      const found = await ended(answer);
      assert.deepEqual([found.status, found.mapping], ['completed', { '#2': 'number' }]);
    }
  });

  const AGAIN: [what: string, file: string, mapping: string, mended: [from: RegExp, to: string]][] = [
    [
      'a file without a header',
      'Ana,+12025550150\nBo,12\n',
      '{"#2":"number","#1":"first_name"}',
      [/,12,/, ',+12025550152,'],
    ],
    ['a file with one header twice', 'Tel,Tel\n1,+12025550150\n1,12\n', '{"#2":"number"}', [/,12,/, ',+12025550153,']],
    ['full names', 'Name;Tel\nAna Petrosyan;+12025550150\n"Lee, Eva";12\n', '', [/,12,/, ',+12025550154,']],
  ];
  for (const [what, file, mapping, [from, to]] of AGAIN) {
    test(`the refused rows of ${what}, put right, go in by the same mapping`, async () => {
      const first = await ended(await upload(file, mapping));
      assert.deepEqual([first.status, first.refused], ['completed', 1]);
      const { text } = await client.get(`${audience}/imports/${first.id}/refused.csv`);
      assert.match(text, from);
      const second = await ended(await upload(text.replace(from, to), mapping));
      assert.deepEqual([second.status, second.created, second.rows_done], ['completed', 1, 1]);
      assert.deepEqual(second.mapping, first.mapping);
      assert.equal(second.ignored_columns.at(-1), 'reason');
      const names = (await walk(client, `${audience}/contacts`)).filter(
        ({ number }) => `+${number}` === to.slice(1, -1),
      );
      assert.equal(names.length, 1);
    });
  }
});
