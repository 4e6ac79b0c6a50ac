/** Contacts by their tags: lists, exports, and the tags of an audience. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { startServer } from '../support/server.ts';
import { fill, type Loose, makeAudience, makeClient, numberOf, refused, succeeded, walk } from './support.ts';

const server = await startServer();
const client = makeClient(server);
const COUNT = 1200;

const { path } = await makeAudience(client);
await fill(
  client,
  path,
  Array.from({ length: COUNT }, (_, n) => ({
    number: numberOf(n),
    first_name: n % 5 === 0 ? 'Łukasz' : 'Ana',
    tags: [
      'all',
      ...(n % 2 === 0 ? ['even'] : []),
      ...(n % 3 === 0 ? ['three & more'] : []),
      ...(n === 7 ? ['Café'] : []),
    ],
  })),
);

const query = (parts: Record<string, string | string[]>) => {
  const given = new URLSearchParams();
  for (const [name, value] of Object.entries(parts)) for (const each of [value].flat()) given.append(name, each);
  return `${path}/contacts?${given}`;
};
const expected = (isIn: (n: number) => boolean) =>
  Array.from({ length: COUNT }, (_, n) => n)
    .filter(isIn)
    .map(numberOf);

describe('filter[tag]', () => {
  const FILTERS: [what: string, filter: Record<string, string | string[]>, isIn: (n: number) => boolean][] = [
    ['one tag', { 'filter[tag]': 'even' }, (n) => n % 2 === 0],
    ['a tag with signs', { 'filter[tag]': 'three & more' }, (n) => n % 3 === 0],
    ['two tags: those with both', { 'filter[tag]': ['even', 'three & more'] }, (n) => n % 6 === 0],
    ['a tag twice', { 'filter[tag]': ['even', 'even'] }, (n) => n % 2 === 0],
    ['with a search', { 'filter[tag]': 'even', 'filter[search]': 'lukasz' }, (n) => n % 10 === 0],
    ['spaces around it, as of a tag that is stored', { 'filter[tag]': '  even ' }, (n) => n % 2 === 0],
    ['an accent of two characters, as of a tag that is stored', { 'filter[tag]': 'Cafe\u0301' }, (n) => n === 7],
    ['other case is another tag', { 'filter[tag]': 'Even' }, () => false],
    ['a part of a tag is no tag', { 'filter[tag]': 'eve' }, () => false],
    ['a tag that nobody has', { 'filter[tag]': ['even', 'nobody'] }, () => false],
  ];
  for (const [what, filter, isIn] of FILTERS) {
    it(`${what}: page by page, counted exactly, also as a file`, async () => {
      const first = await client.get(query(filter));
      assert.equal(first.body.pagination.total, expected(isIn).length);
      const found = await walk(client, query({ ...filter, page_size: '50' }));
      assert.deepEqual(
        found.map(({ number }) => number),
        expected(isIn),
      );
      const file = query({ ...filter, format: 'ndjson' }).replace('contacts?', 'contacts/export?');
      const text = await (await fetch(server.url + file, { headers: { 'x-dexatel-key': server.key } })).text();
      const lines = text.split('\n').filter((line) => line !== '');
      assert.deepEqual(
        lines.map((line) => JSON.parse(line).number.replace('+', '')),
        expected(isIn),
      );
    });
  }

  it('the links of a page carry it, each of several', async () => {
    const { links } = (await client.get(query({ 'filter[tag]': ['even', 'three & more'], page_size: '5' }))).body
      .pagination;
    for (const link of [links.first, links.next]) {
      assert.deepEqual(new URL(link).searchParams.getAll('filter[tag]'), ['even', 'three & more']);
    }
  });

  it('a walk may begin at its end', async () => {
    const last = await client.get(query({ 'filter[tag]': 'even', page_size: '7', page_token: 'last' }));
    assert.equal(last.data.at(-1).number, numberOf(COUNT - 2));
    assert.equal(last.body.pagination.total, COUNT / 2);
    const before = await client.get(last.body.pagination.links.previous);
    assert.ok(before.data.at(-1).id < last.data[0].id);
  });

  it('a page token is good for its own tags alone', async () => {
    const { next } = (await client.get(query({ 'filter[tag]': 'even', page_size: '5' }))).body.pagination.links;
    const token = new URL(next).searchParams.get('page_token')!;
    const foreign: Record<string, string | string[]>[] = [
      {},
      { 'filter[tag]': 'all' },
      { 'filter[tag]': ['even', 'all'] },
      { 'filter[search]': 'even' },
      { 'filter[tag]': 'even', 'filter[search]': 'ana' },
    ];
    for (const filter of foreign) refused(await client.get(query({ ...filter, page_token: token })), 9010);
    assert.equal((await client.get(query({ 'filter[tag]': 'even', page_token: token }))).status, 200);
  });

  const RULE = "'filter[tag]' must be a tag of 1 to 32 characters, or be given once for each of several";
  const WRONG: [what: string, tags: string | string[], message: string][] = [
    ['nothing', '', RULE],
    ['spaces', '  ', RULE],
    ['33 characters', 'x'.repeat(33), RULE],
    ['a NUL', 'a\0', RULE],
    ['one that is wrong among others', ['even', ''], RULE],
    [
      'eleven tags',
      Array.from({ length: 11 }, (_, n) => `tag ${n}`),
      "'filter[tag]' may name 10 tags, as many as a contact can have",
    ],
  ];
  for (const [what, tags, message] of WRONG) {
    it(`${what}: 9012`, async () => {
      refused(await client.get(query({ 'filter[tag]': tags })), [9012, message]);
      refused(await client.get(query({ 'filter[tag]': tags }).replace('contacts?', 'contacts/export?')), [
        9012,
        message,
      ]);
    });
  }
});

describe('the tags of an audience', () => {
  it('with their counts, most used first', async () => {
    assert.deepEqual((await client.get(`${path}/tags`)).data, [
      { tag: 'all', contacts_count: COUNT },
      { tag: 'even', contacts_count: COUNT / 2 },
      { tag: 'three & more', contacts_count: COUNT / 3 },
      { tag: 'Café', contacts_count: 1 },
    ]);
  });

  it('change with the contacts, and are never kept too long', async () => {
    const other = await makeAudience(client);
    const tags = async () => (await client.get(`${other.path}/tags`)).data.map(({ tag }: Loose) => tag);
    assert.deepEqual(await tags(), []);
    const { id } = succeeded(await client.post(`${other.path}/contacts`, { number: numberOf(1), tags: ['a'] }));
    for (let time = 0; time < 4; time++) assert.deepEqual(await tags(), ['a']);
    succeeded(await client.put(`${other.path}/contacts/${id}`, { tags: ['b'] }));
    assert.deepEqual(await tags(), ['b']);
    await client.delete(`${other.path}/contacts/${id}`);
    assert.deepEqual(await tags(), []);
  });
});
