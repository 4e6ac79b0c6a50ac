/** Section 2 of the contract, "Contact": every member at its limit and one beyond, through each door contacts come in by. */
import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { startServer } from '../support/server.ts';
import {
  type Answer,
  changesNothing,
  DATE,
  everything,
  type Loose,
  makeAudience,
  makeClient,
  nextSecond,
  refused,
  succeeded,
} from './support.ts';

const client = makeClient(await startServer());
let path: string;

const NUMBER = '12025550150';
const EMOJI = '😀';
const MARK = 'e\u0301'; // one character after NFC
/** No character composes x with a mark: two code points, whatever is done to it. */
const LASTING_MARK = 'x\u0301';

type Expected = [code: number, message: string];

interface Member {
  /** What is sent beside the number. */
  send: object;
  /** Members the contact has then. */
  holds?: object;
  /** Or why it is refused; `{at}` is where the contact lies. */
  refuses?: Expected[];
}

function textRules(member: string, field: string, max: number, code: number, tooLong: string): [string, Member][] {
  const holds = (value: string | null) => ({ [field]: value });
  const long: Expected[] = [[code, tooLong]];
  const wrong: Expected[] = [[9013, `'{at}.${member}' must be a string or null`]];
  const unsound: Expected[] = [[9013, `'{at}.${member}' holds a character that cannot be stored`]];
  const text = (value: unknown) => ({ [member]: value });
  return [
    [`${member}: ${max} letters`, { send: text('a'.repeat(max)), holds: holds('a'.repeat(max)) }],
    [`${member}: ${max + 1} letters`, { send: text('a'.repeat(max + 1)), refuses: long }],
    [`${member}: ${max} emoji`, { send: text(EMOJI.repeat(max)), holds: holds(EMOJI.repeat(max)) }],
    [`${member}: ${max + 1} emoji`, { send: text(EMOJI.repeat(max + 1)), refuses: long }],
    [
      `${member}: ${max} letters with a mark that compose`,
      { send: text(MARK.repeat(max)), holds: holds('é'.repeat(max)) },
    ],
    [`${member}: ${max + 1} letters with a mark that compose`, { send: text(MARK.repeat(max + 1)), refuses: long }],
    [
      `${member}: ${max} code points of letters and marks that stay apart`,
      { send: text(LASTING_MARK.repeat(max / 2)), holds: holds(LASTING_MARK.repeat(max / 2)) },
    ],
    [`${member}: one more of them`, { send: text(`${LASTING_MARK.repeat(max / 2)}a`), refuses: long }],
    [
      `${member}: white space around ${max} letters`,
      { send: text(` \t\n\u3000${'a'.repeat(max)}\u00a0 `), holds: holds('a'.repeat(max)) },
    ],
    [`${member}: white space inside stays`, { send: text('a  b'), holds: holds('a  b') }],
    [`${member}: null`, { send: text(null), holds: holds(null) }],
    [`${member}: empty`, { send: text(''), holds: holds(null) }],
    [`${member}: blank`, { send: text(' \t\u2003 '), holds: holds(null) }],
    [
      `${member}: quotes, backslash, markup, line separators`,
      { send: text('"\\</b>\u2028\n\u007f'), holds: holds('"\\</b>\u2028\n\u007f') },
    ],
    [`${member}: a NUL`, { send: text('a\0b'), refuses: unsound }],
    [`${member}: an unpaired high surrogate`, { send: text('a\ud83d'), refuses: unsound }],
    [`${member}: an unpaired low surrogate`, { send: text('\ude00a'), refuses: unsound }],
    ...[1, 0, true, false, [], {}, ['a']].map((value): [string, Member] => [
      `${member}: ${JSON.stringify(value)}`,
      { send: text(value), refuses: wrong },
    ]),
  ];
}

const tags = (count: number) => Array.from({ length: count }, (_, index) => `tag ${index}`);
const tagRule = (index: number): Expected => [9013, `'{at}.tags[${index}]' must be a string of 1 to 32 characters`];
const TOO_MANY: Expected = [1359, "'{at}.tags' must be at most [10] items in length"];

const MEMBERS: [string, Member][] = [
  ...textRules('first_name', 'first_name', 32, 1361, 'First name is too long'),
  ...textRules('last_name', 'last_name', 32, 1362, 'Last name is too long'),
  ...textRules('timestamp', 'timestamp', 32, 1363, 'Timestamp value is too long'),
  ...textRules('custom1', 'timestamp', 32, 1363, 'Timestamp value is too long'),
  ...textRules('date', 'date', 70, 1364, 'Date value is too long'),
  ...textRules('custom2', 'date', 70, 1364, 'Date value is too long'),

  [
    'timestamp is returned as custom1 too',
    { send: { timestamp: 'noon' }, holds: { timestamp: 'noon', custom1: 'noon' } },
  ],
  [
    'custom1 is returned as timestamp too',
    { send: { custom1: 'noon' }, holds: { timestamp: 'noon', custom1: 'noon' } },
  ],
  ['date is returned as custom2 too', { send: { date: 'May' }, holds: { date: 'May', custom2: 'May' } }],
  ['custom2 is returned as date too', { send: { custom2: 'May' }, holds: { date: 'May', custom2: 'May' } }],
  ['both spellings that agree', { send: { timestamp: 'noon', custom1: 'noon' }, holds: { timestamp: 'noon' } }],
  [
    'both spellings that agree once they are clean',
    { send: { date: ' é', custom2: 'e\u0301 ' }, holds: { date: 'é' } },
  ],
  [
    'both spellings that differ',
    {
      send: { timestamp: 'noon', custom1: 'night' },
      refuses: [[9013, "'{at}.custom1' differs from 'timestamp', which is the same field"]],
    },
  ],
  [
    'null and a value in the two spellings differ',
    {
      send: { date: null, custom2: 'May' },
      refuses: [[9013, "'{at}.custom2' differs from 'date', which is the same field"]],
    },
  ],
  [
    'a value and null in the two spellings differ',
    {
      send: { date: 'May', custom2: null },
      refuses: [[9013, "'{at}.custom2' differs from 'date', which is the same field"]],
    },
  ],
  ['null and an empty text in the two spellings agree', { send: { date: null, custom2: ' ' }, holds: { date: null } }],

  ['tags: none', { send: { tags: [] }, holds: { tags: [] } }],
  ['tags: null', { send: { tags: null }, holds: { tags: [] } }],
  ['tags: ten, in the order given', { send: { tags: tags(10).reverse() }, holds: { tags: tags(10).reverse() } }],
  ['tags: eleven', { send: { tags: tags(11) }, refuses: [TOO_MANY] }],
  ['tags: a repeat is dropped', { send: { tags: ['vip', 'new', 'vip'] }, holds: { tags: ['vip', 'new'] } }],
  ['tags: a repeat after cleaning is dropped', { send: { tags: ['é', ' e\u0301 '] }, holds: { tags: ['é'] } }],
  ['tags: case tells them apart', { send: { tags: ['vip', 'VIP'] }, holds: { tags: ['vip', 'VIP'] } }],
  ['tags: repeats do not count', { send: { tags: [...tags(10), ...tags(10)] }, holds: { tags: tags(10) } }],
  ['tags: 32 characters', { send: { tags: ['a'.repeat(32)] }, holds: { tags: ['a'.repeat(32)] } }],
  ['tags: 32 emoji', { send: { tags: [EMOJI.repeat(32)] }, holds: { tags: [EMOJI.repeat(32)] } }],
  ['tags: 33 characters', { send: { tags: ['vip', 'a'.repeat(33)] }, refuses: [tagRule(1)] }],
  ['tags: 33 emoji', { send: { tags: [EMOJI.repeat(33)] }, refuses: [tagRule(0)] }],
  ['tags: an empty one', { send: { tags: ['vip', ''] }, refuses: [tagRule(1)] }],
  ['tags: a blank one', { send: { tags: [' \t'] }, refuses: [tagRule(0)] }],
  ['tags: a NUL', { send: { tags: ['a\0'] }, refuses: [tagRule(0)] }],
  ['tags: an unpaired surrogate', { send: { tags: ['\ud83d'] }, refuses: [tagRule(0)] }],
  ['tags: wrong items, each told', { send: { tags: [1, 'vip', null, ['a'], {}] }, refuses: [0, 2, 3, 4].map(tagRule) }],
  ['tags: too many and wrong', { send: { tags: [...tags(10), 7] }, refuses: [tagRule(10), TOO_MANY] }],
  [
    'tags: of very many wrong ones the first are told',
    { send: { tags: Array(1000).fill(1) }, refuses: [...Array(10).keys()].map(tagRule).concat([TOO_MANY]) },
  ],
  ...['vip', 1, true, {}].map((value): [string, Member] => [
    `tags: ${JSON.stringify(value)}`,
    { send: { tags: value }, refuses: [[9013, "'{at}.tags' must be a list of strings or null"]] },
  ]),

  [
    'members that are not known are ignored',
    { send: { email: 'a@b', id: 'x', create_date: 'y', account_id: 1, links: [] }, holds: {} },
  ],
  [
    'several broken rules are told at once',
    {
      send: {
        first_name: 'a'.repeat(33),
        last_name: 4,
        timestamp: 'a'.repeat(33),
        date: 'a'.repeat(71),
        tags: tags(11),
      },
      refuses: [
        [1361, 'First name is too long'],
        [9013, "'{at}.last_name' must be a string or null"],
        [1363, 'Timestamp value is too long'],
        [1364, 'Date value is too long'],
        TOO_MANY,
      ],
    },
  ],
];

const NUMBERS: [string, { number: unknown; holds?: string; refuses?: Expected }][] = [
  ['digits', { number: NUMBER, holds: NUMBER }],
  ['a plus', { number: '+12025550150', holds: NUMBER }],
  ['a leading 00', { number: '0012025550150', holds: NUMBER }],
  ['spaces, brackets, dashes', { number: ' +1 (202) 555-0150 ', holds: NUMBER }],
  ['dots and slashes', { number: '1.202/555.0150', holds: NUMBER }],
  ['square brackets', { number: '[1] 2025550150', holds: NUMBER }],
  ['Arabic-Indic digits', { number: '+٤٤٧٩١٢٣٤٥٦٧٨', holds: '447912345678' }],
  ['full-width digits', { number: '＋１２０２５５５０１５０', holds: NUMBER }],
  ['45 characters', { number: `+1 202 555 0150${'-'.repeat(30)}`, holds: NUMBER }],
  ['46 characters', { number: `+1 202 555 0150${'-'.repeat(31)}`, refuses: [1355, "'{at}.number' is too long"] }],
  ['46 full-width digits', { number: '１'.repeat(46), refuses: [1355, "'{at}.number' is too long"] }],
  ['45 digits', { number: '1'.repeat(45), refuses: [1354, "'{at}.number' is invalid"] }],
  ['45 emoji', { number: EMOJI.repeat(45), refuses: [1354, "'{at}.number' is invalid"] }],
  ['46 emoji', { number: EMOJI.repeat(46), refuses: [1355, "'{at}.number' is too long"] }],
  ['white space does not count', { number: `${' '.repeat(50)}${NUMBER}${' '.repeat(50)}`, holds: NUMBER }],
  ['too short', { number: '12', refuses: [1354, "'{at}.number' is invalid"] }],
  ['letters', { number: '1202555CALL', refuses: [1354, "'{at}.number' is invalid"] }],
  ['two numbers', { number: '12025550150, 12025550151', refuses: [1354, "'{at}.number' is invalid"] }],
  ['scientific notation', { number: '4.47912E+11', refuses: [1354, "'{at}.number' is invalid"] }],
  ['an unknown calling code', { number: '+999123456789', refuses: [1354, "'{at}.number' is invalid"] }],
  ['a number of no plan', { number: '+12025', refuses: [1354, "'{at}.number' is invalid"] }],
  ['a national number', { number: '07912 345678', refuses: [1354, "'{at}.number' is invalid"] }],
  ['empty', { number: '', refuses: [1353, "'{at}.number' is required"] }],
  ['blank', { number: ' \t ', refuses: [1353, "'{at}.number' is required"] }],
  ['null', { number: null, refuses: [1353, "'{at}.number' is required"] }],
  ['a JSON number', { number: 12025550150, refuses: [9013, "'{at}.number' must be a string"] }],
  ['true', { number: true, refuses: [9013, "'{at}.number' must be a string"] }],
  ['a list', { number: [NUMBER], refuses: [9013, "'{at}.number' must be a string"] }],
  ['an object', { number: {}, refuses: [9013, "'{at}.number' must be a string"] }],
];

/** Each table row: what is sent, what the contact holds, or why it is refused. */
const ROWS: [string, { send: object; holds?: object; refuses?: Expected[] }][] = [
  ...MEMBERS.map(([name, member]): (typeof ROWS)[number] => [
    name,
    { ...member, send: { number: NUMBER, ...member.send } },
  ]),
  ...NUMBERS.map(([name, { number, holds, refuses }]): (typeof ROWS)[number] => [
    `number: ${name}`,
    { send: { number }, ...(holds && { holds: { number: holds } }), ...(refuses && { refuses: [refuses] }) },
  ]),
];

/** The message as it is where the contact lies: inside a list the catalogue's plain texts say the place. */
function placed([code, message]: Expected, at: string, member?: string): Expected {
  const text = message.replaceAll('{at}', at);
  return at.includes('[') && member !== undefined ? [code, `'${at}.${member}': ${text}`] : [code, text];
}

const PLAIN_TEXTS: Record<number, string[]> = {
  1361: ['first_name'],
  1362: ['last_name'],
  1363: ['timestamp', 'custom1'],
  1364: ['date', 'custom2'],
};

function expectedAt(at: string, send: object, refuses: Expected[]): Expected[] {
  return refuses.map((each) =>
    placed(
      each,
      at,
      PLAIN_TEXTS[each[0]]?.find((member) => member in send),
    ),
  );
}

const ALWAYS = ['id', 'number', 'first_name', 'last_name', 'timestamp', 'date', 'custom1', 'custom2', 'tags'];

describe('what a contact may say, when it is created', () => {
  before(async () => {
    path = `${(await makeAudience(client)).path}/contacts`;
  });

  for (const [name, { send, holds, refuses }] of ROWS) {
    it(name, async () => {
      if (refuses !== undefined) {
        const answer = await changesNothing(client, () => client.post(path, send));
        refused(answer, ...expectedAt('data', send, refuses));
      } else {
        const contact = succeeded(await client.post(path, send));
        assert.deepEqual(pick(contact, holds!), holds);
        assert.deepEqual(
          succeeded(await client.get(`${path}/${contact.id}`)),
          contact,
          'it is read as it was answered',
        );
        for (const member of ALWAYS) assert.ok(member in contact, `${member} is always there`);
        await client.delete(`${path}/${contact.id}`);
      }
    });
  }

  it('an absent number, with other broken rules', async () => {
    refused(await client.post(path, { first_name: 'a'.repeat(33) }), [1353, "'data.number' is required"], 1361);
  });

  it('gives every member when only the number is said', async () => {
    const { id, create_date, update_date, account_id, audience_id, links, ...rest } = succeeded(
      await client.post(path, { number: NUMBER }),
    );
    assert.deepEqual(rest, {
      number: NUMBER,
      first_name: null,
      last_name: null,
      timestamp: null,
      date: null,
      custom1: null,
      custom2: null,
      tags: [],
    });
    assert.match(create_date, DATE);
    assert.equal(update_date, create_date);
    assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-7/, 'a UUIDv7');
    for (const url of Object.values(links as Record<string, string>)) assert.equal((await client.get(url)).status, 200);
    assert.equal(succeeded(await client.get(links.self)).id, id);
    assert.equal(succeeded(await client.get(links.audience)).id, audience_id);
    assert.equal(succeeded(await client.get(links.account)).id, account_id);
    await client.delete(`${path}/${id}`);
  });

  it('a number that is there in another spelling is refused and tells whose it is', async () => {
    const { id } = succeeded(await client.post(path, { number: NUMBER }));
    const answer = await changesNothing(client, () => client.post(path, { number: '+1 (202) 555-0150' }));
    assert.equal(answer.status, 409);
    refused(answer, [1360, 'Contact already exists']);
    assert.equal(answer.body.errors[0].contact_id, id);
    await client.delete(`${path}/${id}`);
  });

  it('the same number may be in another audience', async () => {
    const other = await makeAudience(client, [{ number: NUMBER }]);
    const { id } = succeeded(await client.post(path, { number: NUMBER }));
    assert.equal((await client.delete(`${path}/${id}`)).status, 204);
    assert.equal((await client.get(other.path)).data.contacts_count, 1);
    await client.delete(other.path);
  });
});

describe('what a contact may say, in a bulk call', () => {
  it('every row of the table at once, each with its own fate', async () => {
    const each = ROWS.map(async ([name, { send, holds, refuses }]) => {
      const audience = await makeAudience(client);
      // At place 1, between two that are good.
      const contacts = [{ number: '12025550101' }, send, { number: '12025550102' }];
      const outcome = succeeded(await client.post(`${audience.path}/contacts/bulk`, { contacts }));
      const listed = (await client.get(`${audience.path}/contacts`)).data;
      if (refuses !== undefined) {
        const errors = expectedAt('data.contacts[1]', send, refuses).map(([code, message]) => ({ code, message }));
        assert.deepEqual(outcome.results[1], { index: 1, status: 'refused', errors }, name);
        assert.deepEqual([outcome.created, outcome.refused, listed.length], [2, 1, 2], name);
      } else {
        assert.equal(outcome.created, 3, name);
        const contact = listed[1];
        assert.deepEqual(pick(contact, holds!), holds, name);
        assert.equal(outcome.results[1].id, contact.id);
        assert.equal(outcome.results[1].number, contact.number);
      }
      await client.delete(audience.path);
    });
    await Promise.all(each);
  });
});

describe('what a contact may say, in a new audience', () => {
  it('all broken rows are refused together, and nothing is made', async () => {
    const broken = ROWS.filter(([, { refuses }]) => refuses !== undefined);
    const contacts = broken.map(([, { send }]) => send);
    const expected = broken.flatMap(([, { send, refuses }], index) =>
      expectedAt(`data.contacts[${index}]`, send, refuses!),
    );
    const data = { name: 'All broken', channel: 'SMS', contacts };
    const answer = await changesNothing(client, () => client.post('/v1/audiences', data));
    assert.equal(answer.status, 400);
    const got = answer.body.errors.filter(({ code }: Loose) => code !== 1360);
    assert.deepEqual(
      got.map(({ code, message }: Loose) => [code, message]),
      expected,
    );
  });

  it('each good row comes in', async () => {
    const good = ROWS.filter(([, { refuses }]) => refuses === undefined);
    const each = good.map(async ([name, { send, holds }]) => {
      const audience = await makeAudience(client, [send]);
      const [contact] = (await client.get(`${audience.path}/contacts`)).data;
      assert.deepEqual(pick(contact, holds!), holds, name);
      await client.delete(audience.path);
    });
    await Promise.all(each);
  });
});

describe('what a change may say', () => {
  let contact: string;

  const FULL = { number: NUMBER, first_name: 'Ana', last_name: 'Petro', timestamp: 'noon', date: 'May', tags: ['vip'] };

  before(async () => {
    path = `${(await makeAudience(client, [FULL, { number: '12025550151' }])).path}/contacts`;
    contact = `${path}/${(await client.get(path)).data[0].id}`;
  });

  for (const [name, { send, holds, refuses }] of ROWS) {
    it(name, async () => {
      succeeded(await client.put(contact, FULL));
      if (refuses !== undefined) {
        const answer = await changesNothing(client, () => client.put(contact, send));
        refused(answer, ...expectedAt('data', send, refuses));
      } else {
        const changed = succeeded(await client.put(contact, send));
        const expected = { ...FULL, ...holds } as Loose;
        assert.deepEqual(pick(changed, expected), expected, 'what is said changes, the rest stays');
        assert.deepEqual(succeeded(await client.get(contact)), changed);
      }
    });
  }

  const CHANGES: [string, object, object][] = [
    ['nothing at all', {}, {}],
    ['one name', { first_name: 'Eva' }, { first_name: 'Eva' }],
    ['null clears the first name', { first_name: null }, { first_name: null }],
    ['an empty text clears the last name', { last_name: '' }, { last_name: null }],
    ['null clears by the newer name', { custom1: null }, { timestamp: null, custom1: null }],
    ['null in both spellings', { custom2: null, date: null }, { date: null, custom2: null }],
    ['null clears the tags', { tags: null }, { tags: [] }],
    ['an empty list clears the tags', { tags: [] }, { tags: [] }],
    ['the number alone', { number: '+44 7912 345678' }, { number: '447912345678' }],
    ['its own number in another spelling', { number: '+1 202 555 0150' }, {}],
  ];
  for (const [name, send, holds] of CHANGES) {
    it(name, async () => {
      succeeded(await client.put(contact, FULL));
      const changed = succeeded(await client.put(contact, send));
      const expected = { ...FULL, ...holds };
      assert.deepEqual(pick(changed, expected), expected);
    });
  }

  it("another contact's number is refused and tells whose it is", async () => {
    const other = (await client.get(`${path}?filter[search]=12025550151`)).data[0].id;
    const answer = await changesNothing(client, () =>
      client.put(contact, { number: '+1 202 555 0151', first_name: 'No' }),
    );
    assert.equal(answer.status, 409);
    refused(answer, [1360, 'Contact already exists']);
    assert.equal(answer.body.errors[0].contact_id, other);
  });

  it('update_date moves only when something really changed', async () => {
    const first = succeeded(await client.put(contact, { ...FULL, first_name: 'Before' }));
    await nextSecond();
    const same: object[] = [
      {},
      { ...FULL, first_name: 'Before' },
      { first_name: ' Before ' },
      { number: '+1 (202) 555-0150' },
      { tags: ['vip', 'vip'] },
      { custom1: 'noon' },
    ];
    for (const change of same) {
      assert.deepEqual(succeeded(await client.put(contact, change)), first, JSON.stringify(change));
    }
    const { on_conflict: _, ...outcome } = succeeded(
      await client.post(`${path}/bulk`, { contacts: [{ number: NUMBER, first_name: 'Before' }] }),
    );
    assert.equal(outcome.unchanged, 1);
    assert.equal((await client.get(contact)).data.update_date, first.update_date);

    const changed = succeeded(await client.put(contact, { first_name: 'After' }));
    assert.ok(changed.update_date > first.update_date);
    assert.equal(changed.create_date, first.create_date);
    assert.equal(changed.id, first.id);
  });

  it('the order of tags is something', async () => {
    succeeded(await client.put(contact, { tags: ['one', 'two'] }));
    assert.deepEqual(succeeded(await client.put(contact, { tags: ['two', 'one'] })).tags, ['two', 'one']);
  });
});

describe('a deleted contact', () => {
  it('is gone from everywhere, and its number is free again', async () => {
    const audience = await makeAudience(client, [{ number: NUMBER, first_name: 'Gone' }, { number: '12025550151' }]);
    const id = (await client.get(`${audience.path}/contacts`)).data[0].id;
    const at = `${audience.path}/contacts/${id}`;
    assert.equal((await client.delete(at)).status, 204);
    for (const answer of [await client.get(at), await client.put(at, {}), await client.delete(at)] as Answer[]) {
      assert.equal(answer.status, 404);
      refused(answer, [1351, 'Contact is not found']);
    }
    assert.equal((await client.get(audience.path)).data.contacts_count, 1);
    assert.equal((await client.get(`${audience.path}/contacts`)).body.pagination.total, 1);
    assert.equal((await client.get(`${audience.path}/contacts?filter[search]=gone`)).body.pagination.total, 0);
    const again = succeeded(await client.post(`${audience.path}/contacts`, { number: NUMBER }));
    assert.notEqual(again.id, id);
    assert.equal(again.first_name, null);
    const all = await everything(client);
    assert.equal(all.find(({ id }) => id === audience.id).contacts.length, 2);
  });
});

/** The members of a contact that are asked about. */
function pick(contact: Loose, members: object): object {
  return Object.fromEntries(Object.keys(members).map((name) => [name, contact[name]]));
}
