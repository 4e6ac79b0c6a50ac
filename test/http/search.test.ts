/** Section 4 of the contract: what a search finds. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { startServer } from '../support/server.ts';
import {
  changesNothing,
  fill,
  type Loose,
  makeAudience,
  makeClient,
  numberOf,
  refused,
  succeeded,
  walk,
} from './support.ts';

const server = await startServer();
const client = makeClient(server);

const PEOPLE: Record<string, [number: string, first: string | null, last: string | null]> = {
  ana: ['12025550150', 'Anahit', 'Petrosyan'],
  lukasz: ['12025550161', 'Łukasz', 'Żółć'],
  soren: ['12025550172', 'Søren', 'Ærøskøbing'],
  strasse: ['12025550183', 'Jürgen', 'Großmann'],
  armenian: ['37477123456', 'Անահիտ', 'Պետրոսյան'],
  russian: ['74951234567', 'Пётр', 'Йозеф'],
  greek: ['302101234567', 'Οδυσσέας', 'Ελύτης'],
  turkish: ['905012345678', 'Işıl', 'İnce'],
  vietnamese: ['84912345678', 'Nguyễn', 'Thị Đào'],
  icelandic: ['3545812345', 'Þórður', 'Guðmundsson'],
  chinese: ['8613812345678', '王', '小明'],
  korean: ['821012345678', '김', '민준'],
  arabic: ['201001234567', 'مُحَمَّد', 'علي'],
  hindi: ['919876543210', 'राहुल', 'शर्मा'],
  french: ['33612345678', 'Anne-Marie', "d'Œuvre"],
  numbered: ['447912345678', 'Agent 007', 'X1'],
  nameless: ['4915112345678', null, null],
  percent: ['12025550194', '100%', 'a_b'],
  quotes: ['12025550205', 'O"Brien', "O'Hara"],
  starred: ['12025550216', 'st*r', 'ca^ret'],
  words: ['12025550227', 'AND OR', 'NOT NEAR'],
  brackets: ['12025550238', '(bracket)', '{brace}:'],
  dash: ['12025550249', '-dash', 'col:on'],
  slash: ['12025550260', 'back\\slash', 'a/b'],
  wide: ['12025550271', 'Ｗｉｄｅ', 'ﬁne'],
  dotted: ['12025550282', 'Dr. J.R. Oakley', 'x.y@example.com'],
  tagged: ['12025550293', 'Tagged', null],
  emoji: ['12025550304', '😀 Smile', 'k😀k'],
};

const audience = await makeAudience(client);
const list = `${audience.path}/contacts`;
await fill(
  client,
  audience.path,
  Object.entries(PEOPLE).map(([who, [number, first_name, last_name]]) => ({
    number,
    first_name,
    last_name,
    // None of these is searched.
    timestamp: 'zebra',
    date: 'zebra',
    tags: who === 'tagged' ? ['zebra'] : [],
  })),
);
const names = new Map(Object.entries(PEOPLE).map(([name, [number]]) => [number, name]));
const EVERYONE = [...names.values()];

/** Who is found, in order. Asked for in one page, and in pages of two: the same contacts, the same total. */
async function find(search: string): Promise<string[]> {
  const query = `filter[search]=${encodeURIComponent(search)}`;
  const whole = await client.get(`${list}?page_size=1000&${query}`);
  assert.equal(whole.status, 200, whole.text);
  const found = whole.data.map(({ number }: Loose) => names.get(number));
  assert.equal(whole.body.pagination.total, found.length, `the total for '${search}'`);
  const paged = await walk(client, `${list}?page_size=2&${query}`);
  assert.deepEqual(paged, whole.data, 'later pages go on where the first ended');
  return found;
}

type Rows = [search: string, found: string[]][];

const NOBODY: string[] = [];
const TABLES: Record<string, Rows> = {
  'case and marks do not matter': [
    ['anahit', ['ana']],
    ['ANAHIT', ['ana']],
    ['aNaHiT', ['ana']],
    ['jurgen', ['strasse']],
    ['jürgen', ['strasse']],
    ['ju\u0308rgen', ['strasse']],
    ['jŭrgén', ['strasse']],
    ['ПЕТР', ['russian']],
    ['петр', ['russian']],
    ['Пётр', ['russian']],
    ['иозеф', ['russian']],
    ['ԱՆԱՀԻՏ', ['armenian']],
    ['պետրոս', ['armenian']],
    ['οδυσσεας', ['greek']],
    ['ΟΔΥΣΣΈΑΣ', ['greek']],
    ['ΕΛΥΤΗΣ', ['greek']],
    ['ελυτησ', ['greek']],
    ['nguyen', ['vietnamese']],
    ['محمد', ['arabic']],
    ['wide', ['wide']],
    ['ｗＩＤＥ', ['wide']],
    ['fine', ['wide']],
    ['ﬁn', ['wide']],
  ],
  'letters that do not decompose are written in plain Latin': [
    ['lukasz', ['lukasz']],
    ['Łukasz', ['lukasz']],
    ['łUKASZ', ['lukasz']],
    ['zolc', ['lukasz']],
    ['soren', ['soren']],
    ['søren', ['soren']],
    ['sören', ['soren']],
    ['aeros', ['soren']],
    ['ærøs', ['soren']],
    ['kobing', ['soren']],
    ['grossmann', ['strasse']],
    ['großmann', ['strasse']],
    ['GROSSMANN', ['strasse']],
    ['GROẞMANN', ['strasse']],
    ['dao', ['vietnamese']],
    ['đào', ['vietnamese']],
    ['thordur', ['icelandic']],
    ['þórður', ['icelandic']],
    ['gudmund', ['icelandic']],
    ['isil', ['turkish']],
    ['ışıl', ['turkish']],
    ['ince', ['turkish']],
    ['İNCE', ['turkish']],
    ['oeuvre', ['french']],
    ['œuvre', ['french']],
  ],
  'every term must be found, each in any field': [
    ['ana petro', ['ana']],
    ['petro ana', ['ana']],
    ['  petro \t ana ', ['ana']],
    ['petro\u00a0ana', ['ana']],
    ['petro\u3000ana', ['ana']],
    ['ana 1202', ['ana']],
    ['anahit petrosyan 12025550150', ['ana']],
    ['ana ana ana', ['ana']],
    ['ana eva', NOBODY],
    ['ana petrosian', NOBODY],
    ['anahitpetrosyan', NOBODY],
    ['петр иоз', ['russian']],
    ['agent 007', ['numbered']],
    ['007 agent', ['numbered']],
    ['dr. oakley', ['dotted']],
  ],
  'three and more characters are found anywhere in a field': [
    ['nah', ['ana']],
    ['hit', ['ana']],
    ['rosy', ['ana']],
    ['yan', ['ana']],
    ['kas', ['lukasz']],
    ['5550150', ['ana']],
    ['0150', ['ana']],
    ['150', ['ana']],
    ['ndsso', ['icelandic']],
    ['-mar', ['french']],
    ['e-m', ['french']],
    ['marie', ['french']],
    ['анахит', NOBODY],
    ['zebra', NOBODY],
    [audience.id.slice(0, 8), NOBODY],
  ],
  'one and two characters are found at the start of a word or of the number': [
    ['a', ['ana', 'soren', 'french', 'numbered', 'percent', 'words', 'slash']],
    ['an', ['ana', 'french', 'words']],
    ['AN', ['ana', 'french', 'words']],
    ['pe', ['ana']],
    ['et', NOBODY],
    ['ah', NOBODY],
    ['ł', ['lukasz']],
    ['lu', ['lukasz']],
    ['æ', ['soren']],
    ['þ', ['vietnamese', 'icelandic']],
    ['th', ['vietnamese', 'icelandic']],
    ['п', ['russian']],
    ['пе', ['russian']],
    ['王', ['chinese']],
    ['小', ['chinese']],
    ['小明', ['chinese']],
    ['明', NOBODY],
    ['김', ['korean']],
    ['민준', ['korean']],
    // One syllable is three letters once it is folded.
    ['준', ['korean']],
    ['रा', ['hindi']],
    ['ma', ['french']],
    ['37', ['armenian']],
    ['3', ['armenian', 'greek', 'icelandic', 'french']],
    ['44', ['numbered']],
    ['77', NOBODY],
    ['x1', ['numbered']],
    ['😀', ['emoji']],
    ['😀k', NOBODY],
    ['an pe', ['ana']],
    ['a p', ['ana']],
    ['k z', NOBODY],
  ],
  'digits and what is written between them are one number': [
    ['+1 (202) 555-0150', ['ana']],
    ['+1 (202) 555 0150', ['ana']],
    ['1.202.555.0150', ['ana']],
    ['202/555/0150', ['ana']],
    ['0012025550150', ['ana']],
    ['00 1 202 555 0150', ['ana']],
    ['+374 77', ['armenian']],
    ['0037477', ['armenian']],
    ['00374', ['armenian']],
    ['(495)', ['russian']],
    ['+7', ['russian']],
    ['+3 7', ['armenian']],
    ['007', ['russian']],
    ['0074', ['russian']],
    ['+44', ['numbered']],
    ['+٤٤٧٩١٢', ['numbered']],
    ['４４７９', ['numbered']],
    ['0', ['numbered']],
    ['00', ['numbered']],
    ['150 ana', ['ana']],
    ['000', ['numbered']],
    ['9999999999', NOBODY],
  ],
  'what a query language would read is ordinary': [
    ['%', NOBODY],
    ['100%', ['percent']],
    ['00%', ['percent']],
    ['10%', NOBODY],
    ['%%%', NOBODY],
    ['a_b', ['percent']],
    ['a_', ['percent']],
    ['___', NOBODY],
    ['_', NOBODY],
    ['a%b', NOBODY],
    ['o"brien', ['quotes']],
    ['"', NOBODY],
    ['"""', NOBODY],
    ['"anahit"', NOBODY],
    ["o'hara", ['quotes']],
    ["d'oe", ['french']],
    ["' OR '1'='1", NOBODY],
    ["'); DROP TABLE contacts; --", NOBODY],
    ['st*r', ['starred']],
    ['ana*', NOBODY],
    ['*', NOBODY],
    ['***', NOBODY],
    ['ca^ret', ['starred']],
    ['^ana', NOBODY],
    ['AND', ['words']],
    ['and or', ['words']],
    ['OR', ['words']],
    ['NOT', ['words']],
    ['NEAR', ['words']],
    ['ana AND petro', NOBODY],
    ['anahit OR lukasz', NOBODY],
    ['NOT anahit', NOBODY],
    ['anahit NOT petro', NOBODY],
    ['NEAR(anahit petrosyan)', NOBODY],
    ['(bracket)', ['brackets']],
    ['(bra', ['brackets']],
    ['(anahit)', NOBODY],
    ['{brace}:', ['brackets']],
    ['{brace', ['brackets']],
    ['text:anahit', NOBODY],
    ['col:on', ['dash']],
    ['-dash', ['dash']],
    ['-anahit', NOBODY],
    ['back\\slash', ['slash']],
    ['\\\\\\', NOBODY],
    ['a/b', ['slash']],
    ['x.y@example', ['dotted']],
    ['ana+petro', NOBODY],
    ['anahit;', NOBODY],
    ['<script>', NOBODY],
    ['$ne', NOBODY],
    ['__proto__', NOBODY],
    ['constructor', NOBODY],
    ['null', NOBODY],
    ['undefined', NOBODY],
    ['😀 smile', ['emoji']],
  ],
  'nothing is no filter': [
    ['', EVERYONE],
    [' ', EVERYONE],
    [' \t\u00a0\u3000 ', EVERYONE],
  ],
  'length is counted in code points, after trimming': [
    ['a'.repeat(100), NOBODY],
    ['😀'.repeat(100), NOBODY],
    [`${' '.repeat(200)}anahit${' '.repeat(200)}`, ['ana']],
    [
      Array.from({ length: 50 }, () => 'a').join(' '),
      ['ana', 'soren', 'french', 'numbered', 'percent', 'words', 'slash'],
    ],
    ['%'.repeat(100), NOBODY],
    ['"'.repeat(100), NOBODY],
  ],
};

for (const [rule, rows] of Object.entries(TABLES)) {
  describe(rule, () => {
    for (const [search, found] of rows) {
      it(`${JSON.stringify(search.length > 60 ? `${search.slice(0, 60)}…` : search)} finds ${found.length > 9 ? 'everyone' : found.join(', ') || 'nobody'}`, async () => {
        assert.deepEqual(await find(search), found);
      });
    }
  });
}

describe('9012: the filter is invalid', () => {
  for (const [what, query] of [
    ['101 characters', 'a'.repeat(101)],
    ['101 emoji', encodeURIComponent('😀'.repeat(101))],
    ['101 characters in two words', `${'a'.repeat(50)}%20${'b'.repeat(50)}`],
    ['ten thousand characters', 'a'.repeat(10_000)],
    ['a NUL', 'ana%00'],
    ['given twice', 'ana&filter[search]=petro'],
  ] as const) {
    it(what, async () => {
      const answer = await changesNothing(client, () => client.get(`${list}?filter[search]=${query}`));
      assert.equal(answer.status, 400);
      refused(answer, 9012);
    });
  }

  it('percent-encoding that is broken is a text as any other, or refused; never an internal error', async () => {
    for (const query of ['%', '%%', '%zz', '%e2%82', '%ff', 'ana%', '%ed%a0%80', '+', '%2B']) {
      const answer = await client.get(`${list}?filter[search]=${query}`);
      assert.ok([200, 400].includes(answer.status), `${query}: ${answer.status}`);
    }
  });

  it('a plus in the query is a space, as forms write it', async () => {
    assert.equal((await client.get(`${list}?filter[search]=ana+petro`)).body.pagination.total, 1);
  });
});

describe('a search follows what changes', () => {
  it('a new, a changed and a deleted contact, at once', async () => {
    const { path } = await makeAudience(client);
    const total = async (search: string) =>
      (await client.get(`${path}/contacts?filter[search]=${search}`)).body.pagination.total;
    const { id } = succeeded(await client.post(`${path}/contacts`, { number: numberOf(1), first_name: 'Before' }));
    const at = `${path}/contacts/${id}`;
    assert.deepEqual([await total('before'), await total('be'), await total(numberOf(1))], [1, 1, 1]);
    succeeded(await client.put(at, { first_name: 'After' }));
    assert.deepEqual([await total('before'), await total('be'), await total('after')], [0, 0, 1]);
    succeeded(await client.put(at, { number: numberOf(2) }));
    assert.deepEqual([await total(numberOf(1)), await total(numberOf(2)), await total('after')], [0, 1, 1]);
    succeeded(await client.put(at, { first_name: null }));
    assert.deepEqual([await total('after'), await total('af'), await total(numberOf(2))], [0, 0, 1]);
    succeeded(await client.post(`${path}/contacts/bulk`, { contacts: [{ number: numberOf(2), last_name: 'Bulk' }] }));
    assert.equal(await total('bulk'), 1);
    assert.equal((await client.delete(at)).status, 204);
    assert.deepEqual([await total('bulk'), await total(numberOf(2))], [0, 0]);
    await client.delete(path);
  });

  it('stays in its audience', async () => {
    const { path } = await makeAudience(client, [{ number: '12025550150', first_name: 'Anahit' }]);
    const own = await client.get(`${path}/contacts?filter[search]=anahit`);
    assert.equal(own.body.pagination.total, 1);
    assert.deepEqual(await find('anahit'), ['ana']);
    await client.delete(path);
    assert.deepEqual(await find('anahit'), ['ana']);
  });

  it('a total of thousands is exact, and no page repeats or misses one', async () => {
    const { path } = await makeAudience(client);
    const people = Array.from({ length: 3000 }, (_, index) => ({
      number: numberOf(index),
      first_name: index % 3 === 0 ? 'Anahit' : 'Eva',
    }));
    await fill(client, path, people);
    for (const search of ['anahit', 'an']) {
      const found = await walk(client, `${path}/contacts?page_size=70&filter[search]=${search}`);
      assert.deepEqual(
        found.map(({ number }) => number),
        people.filter(({ first_name }) => first_name === 'Anahit').map(({ number }) => number),
      );
      const first = await client.get(`${path}/contacts?page_size=1&filter[search]=${search}`);
      assert.equal(first.body.pagination.total, 1000);
    }
    await client.delete(path);
  });
});
