/** Files that come in as parts of a form. */
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { FORM_LOOKAHEAD } from '../../src/http/form.ts';
import { startServer } from '../support/server.ts';
import { fileOf, form, makeUploads, type Sent } from './import-support.ts';
import { makeAudience, makeClient, refused } from './support.ts';

const MAX_BYTES = 6_000_000;
const server = await startServer({ env: { IMPORT_MAX_BYTES: String(MAX_BYTES) } });
const client = makeClient(server);
const { upload, ended, importsOf } = makeUploads(client);

const FILE = 'number,first_name\n+12025550150,Ana\n';

after(() => {
  const troubles = server.log.map((line) => JSON.parse(line)).filter(({ level }) => level >= 40);
  assert.deepEqual(troubles, [], 'none of this is an error of the server');
});

describe('a file in a form', () => {
  const options = JSON.stringify({ name: 'Form', tags: ['vip'], dry_run: true, mapping: { A: 'number' } });
  const file: [string, [string, string]] = ['file', ['people.csv', 'A,first_name\n+12025550150,Ana\n']];
  for (const [title, body] of [
    ['behind its options', form(['options', options], file)],
    ['before its options', form(file, ['options', options])],
    ['beside options that are sent as a file', form(file, ['options', ['blob', options]])],
    [
      'beside a part for each option',
      form(['name', 'Form'], ['tags', 'vip'], file, ['dry_run', 'true'], ['mapping', '{"A":"number"}']),
    ],
    ['whose parts contradict its options: these go first', form(['name', 'x'], file, ['options', options])],
  ] as const) {
    it(title, async () => {
      const found = await ended(await upload(await makeAudience(client), { body, query: 'name=query' }));
      assert.equal(found.file.name, 'people.csv');
      assert.deepEqual([found.name, found.tags, found.dry_run, found.created], ['Form', ['vip'], true, 1]);
    });
  }

  it('is larger than what is held of it', async () => {
    const audience = await makeAudience(client);
    const content = fileOf(1.5 * FORM_LOOKAHEAD);
    const body = form(['options', '{"dry_run":true}'], ['file', ['large.csv', content]]);
    const found = await ended(await upload(audience, { body }));
    assert.deepEqual([found.file.bytes, found.rows_total], [content.length, content.split('\n').length - 2]);
    const late = form(['file', ['large.csv', content]], ['options', '{"dry_run":true}']);
    const answer = await upload(audience, { body: late });
    refused(answer, 9013);
    assert.match(answer.text, /put them before the part 'file'/);
    assert.equal((await importsOf(audience)).length, 1);
  });

  const BOUNDARY = { 'content-type': 'multipart/form-data; boundary=x' };
  const part = (name: string, content: string, more = '') =>
    `--x\r\nContent-Disposition: form-data; name="${name}"${more}\r\n\r\n${content}\r\n`;
  for (const [title, sent, says] of [
    ['no file', { body: form(['options', '{}']) }, /no part 'file'/],
    ['nothing', { body: '', headers: BOUNDARY }, /broken or cut off|no part 'file'/],
    ['two files', { body: form(file, file) }, /more than one part 'file'/],
    ['options that are no JSON', { body: form(['options', '{'], file) }, /must be a JSON object/],
    ['options that are a list', { body: form(file, ['options', '[]']) }, /must be a JSON object/],
    ['a mapping that is no JSON', { body: form(['mapping', '{'], file) }, /'mapping' must be a JSON object/],
    ['options with a broken rule', { body: form(file, ['options', '{"mode":"no"}']) }, /'mode' should be in/],
    [
      'too many parts',
      { body: form(file, ...Array.from({ length: 51 }, (_, n): [string, string] => [`p${n}`, ''])) },
      /more than 50 parts/,
    ],
    ['a part that is too large', { body: form(['options', ' '.repeat(300_000)], file) }, /more than 262144 bytes/],
    ['no boundary', { body: part('file', FILE), headers: { 'content-type': 'multipart/form-data' } }, /boundary/],
    ['a file that is cut off', { body: part('file', FILE), headers: BOUNDARY }, /cut off/],
    ['a large file that is cut off', { body: part('file', fileOf(2 * FORM_LOOKAHEAD)), headers: BOUNDARY }, /cut off/],
    ['options that are cut off', { body: part('file', FILE) + part('options', '{}'), headers: BOUNDARY }, /cut off/],
    ['no form at all', { body: 'number\n', headers: BOUNDARY }, /cut off|no part/],
  ] as [string, Sent, RegExp][]) {
    it(`with ${title}: 9013, and nothing is kept`, async () => {
      const audience = await makeAudience(client);
      const answer = await upload(audience, sent);
      assert.equal(answer.status, 400);
      refused(answer, 9013);
      assert.match(answer.body.errors[0].message, says);
      assert.deepEqual(await importsOf(audience), []);
      assert.equal((await client.get(audience.path)).status, 200);
    });
  }

  it('packed as a whole is not taken: 9005', async () => {
    const sent = { body: gzipSync(part('file', FILE)), headers: { ...BOUNDARY, 'content-encoding': 'gzip' } };
    refused(await upload(await makeAudience(client), sent), 9005);
  });
});
