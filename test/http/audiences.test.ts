/** Section 2 of the contract, "Audience": names, channels, first contacts, and the account they belong to. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { startServer } from '../support/server.ts';
import {
  changesNothing,
  DATE,
  type Loose,
  makeClient,
  NOBODY,
  nextSecond,
  numberOf,
  refused,
  succeeded,
} from './support.ts';

const client = makeClient(await startServer());

const REQUIRED: [number, string] = [1303, "'data.name' is required"];
const INVALID: [number, string] = [1304, "'data.name' is invalid"];
const TOO_LONG: [number, string] = [1305, "'data.name' is too long"];
const UNSOUND: [number, string] = [9013, "'data.name' holds a character that cannot be stored"];
const NO_TEXT: [number, string] = [9013, "'data.name' must be a string"];
const LONG_LETTER = '𐐷'; // a letter of two UTF-16 units

/** What is sent as a name, and the name it becomes, or why it is refused. */
const NAMES: [string, unknown, string | [number, string]][] = [
  ['one letter', 'a', 'a'],
  ['letters, digits, dash, underscore, spaces', 'Spring-sale_2026 no 1', 'Spring-sale_2026 no 1'],
  ['Cyrillic', 'Весенняя распродажа', 'Весенняя распродажа'],
  ['Armenian', 'Գարնանային զեղչ', 'Գարնանային զեղչ'],
  ['Greek', 'Ανοιξιάτικες', 'Ανοιξιάτικες'],
  ['Arabic, with Arabic-Indic digits', 'عملاء ٢٠٢٦', 'عملاء ٢٠٢٦'],
  ['Hebrew, with points', 'לָקוֹחוֹת', 'לָקוֹחוֹת'.normalize('NFC')],
  ['Hindi, with vowel signs', 'वसंत बिक्री', 'वसंत बिक्री'],
  ['Tamil', 'வசந்த விற்பனை', 'வசந்த விற்பனை'],
  ['Thai, with tone marks', 'ลูกค้าใหม่', 'ลูกค้าใหม่'],
  ['Chinese', '春季促销', '春季促销'],
  ['Japanese', 'はるのセール', 'はるのセール'],
  ['Korean', '봄 세일', '봄 세일'],
  ['Georgian', 'გაზაფხული', 'გაზაფხული'],
  ['Amharic', 'የጸደይ ሽያጭ', 'የጸደይ ሽያጭ'],
  ['composed on the way in', 'Cafe\u0301', 'Café'],
  ['45 letters', 'a'.repeat(45), 'a'.repeat(45)],
  ['45 letters of two units', LONG_LETTER.repeat(45), LONG_LETTER.repeat(45)],
  ['45 letters with marks that compose', 'e\u0301'.repeat(45), 'é'.repeat(45)],
  ['45 letters and white space around', ` \t${'b'.repeat(45)}\u3000`, 'b'.repeat(45)],
  ['46 letters', 'a'.repeat(46), TOO_LONG],
  ['46 letters of two units', LONG_LETTER.repeat(46), TOO_LONG],
  ['23 letters with marks that stay', 'x\u0301'.repeat(23), TOO_LONG],
  ['absent', undefined, REQUIRED],
  ['null', null, REQUIRED],
  ['empty', '', REQUIRED],
  ['blank', ' \t\u00a0 ', REQUIRED],
  ['two inner spaces', 'a  b', INVALID],
  ['a tab inside', 'a\tb', INVALID],
  ['a line end inside', 'a\nb', INVALID],
  ['a no-break space inside', 'a\u00a0b', INVALID],
  ['an emoji', 'sale 😀', INVALID],
  ...[...'.,!?\'"/\\@#$%^&*()+=<>|~`;:[]{}€№'].map((sign): [string, unknown, [number, string]] => [
    `the sign ${sign}`,
    `a${sign}b`,
    INVALID,
  ]),
  ['a fraction', '½', INVALID],
  ['a NUL', 'a\0b', UNSOUND],
  ['an unpaired surrogate', 'a\ud83d', UNSOUND],
  ['a number', 7, NO_TEXT],
  ['zero', 0, NO_TEXT],
  ['false', false, NO_TEXT],
  ['a list', ['a'], NO_TEXT],
  ['an object', {}, NO_TEXT],
];

describe("an audience's name", () => {
  for (const [what, sent, expected] of NAMES) {
    it(`create: ${what}`, async () => {
      const create = () => client.post('/v1/audiences', { name: sent, channel: 'SMS' });
      if (typeof expected !== 'string') refused(await changesNothing(client, create), expected);
      else {
        const audience = succeeded(await create());
        assert.equal(audience.name, expected);
        assert.equal((await client.get(`/v1/audiences/${audience.id}`)).data.name, expected);
        await client.delete(`/v1/audiences/${audience.id}`);
      }
    });
  }

  it('rename: the same rules', async () => {
    const { id } = succeeded(await client.post('/v1/audiences', { name: 'To rename', channel: 'VIBER' }));
    const at = `/v1/audiences/${id}`;
    for (const [what, sent, expected] of NAMES) {
      const rename = () => client.put(at, { name: sent });
      if (typeof expected !== 'string') refused(await changesNothing(client, rename), expected);
      else assert.equal(succeeded(await rename()).name, expected, what);
    }
    await client.delete(at);
  });

  const SAME: [string, string, string][] = [
    ['the same', 'Customers', 'Customers'],
    ['in capitals', 'Customers', 'CUSTOMERS'],
    ['with white space around', 'Customers', ' customers '],
    ['composed and not', 'Café', 'CAFE\u0301'],
    ['Cyrillic capitals', 'Клиенты', 'КЛИЕНТЫ'],
    ['Greek capitals, final sigma', 'πελάτης', 'ΠΕΛΆΤΗΣ'],
    ['Armenian capitals', 'հաճախորդ', 'ՀԱՃԱԽՈՐԴ'],
    ['German sharp s', 'Straße', 'STRASSE'],
  ];
  for (const [what, one, other] of SAME) {
    it(`is there already: ${what}`, async () => {
      const { id } = succeeded(await client.post('/v1/audiences', { name: one, channel: 'SMS' }));
      const second = succeeded(
        await client.post('/v1/audiences', { name: `Not ${what.replaceAll(',', '')}`, channel: 'SMS' }),
      );
      await changesNothing(client, async () => {
        // Another channel does not make another name.
        for (const answer of [
          await client.post('/v1/audiences', { name: other, channel: 'WHATSAPP', contacts: [{ number: numberOf(1) }] }),
          await client.put(`/v1/audiences/${second.id}`, { name: other }),
        ]) {
          assert.equal(answer.status, 409);
          refused(answer, [1309, 'Audience already exists']);
        }
      });
      const renamed = succeeded(await client.put(`/v1/audiences/${id}`, { name: other }));
      assert.equal(renamed.name, other.trim().normalize('NFC'), 'it may change the case of its own name');
      for (const each of [id, second.id]) await client.delete(`/v1/audiences/${each}`);
    });
  }

  const OTHERS: [string, string][] = [
    ['e', 'é'],
    ['a b', 'ab'],
    ['a-b', 'a_b'],
    ['1', '١'],
  ];
  it('tells apart what differs in more than case', async () => {
    for (const pair of OTHERS) {
      const made = [];
      for (const name of pair) made.push(succeeded(await client.post('/v1/audiences', { name, channel: 'SMS' })).id);
      for (const id of made) await client.delete(`/v1/audiences/${id}`);
    }
  });

  it('is free again when its audience is deleted or renamed', async () => {
    const name = 'Once more';
    const { id } = succeeded(await client.post('/v1/audiences', { name, channel: 'SMS' }));
    assert.equal((await client.delete(`/v1/audiences/${id}`)).status, 204);
    const again = succeeded(await client.post('/v1/audiences', { name, channel: 'SMS' }));
    succeeded(await client.put(`/v1/audiences/${again.id}`, { name: 'No more' }));
    const third = succeeded(await client.post('/v1/audiences', { name, channel: 'SMS' }));
    assert.equal(new Set([id, again.id, third.id]).size, 3);
    for (const each of [again.id, third.id]) await client.delete(`/v1/audiences/${each}`);
  });
});

describe("an audience's channel", () => {
  const MISSING: [number, string] = [1306, "'data.channel' is missing"];
  const WRONG: [number, string] = [1307, "'data.channel' should be in: [SMS, WHATSAPP, VIBER]"];
  const CHANNELS: [unknown, string | [number, string]][] = [
    ['SMS', 'SMS'],
    ['sms', 'SMS'],
    ['Viber', 'VIBER'],
    ['VIBER', 'VIBER'],
    ['whatsapp', 'WHATSAPP'],
    ['WhatsApp', 'WHATSAPP'],
    [undefined, MISSING],
    [null, MISSING],
    ['', MISSING],
    ['EMAIL', WRONG],
    ['SMS,VIBER', WRONG],
    ['S MS', WRONG],
    [1, WRONG],
    [0, WRONG],
    [['SMS'], WRONG],
    [{}, WRONG],
  ];
  for (const [sent, expected] of CHANNELS) {
    it(`${JSON.stringify(sent)}`, async () => {
      const create = () => client.post('/v1/audiences', { name: 'Channel', channel: sent });
      if (typeof expected !== 'string') refused(await changesNothing(client, create), expected);
      else {
        const { id, channel } = succeeded(await create());
        assert.equal(channel, expected);
        await client.delete(`/v1/audiences/${id}`);
      }
    });
  }

  it('a rename cannot change it, nor anything else', async () => {
    const { links, ...audience } = succeeded(await client.post('/v1/audiences', { name: 'Stays', channel: 'SMS' }));
    const at = `/v1/audiences/${audience.id}`;
    const { links: _, ...renamed } = succeeded(
      await client.put(at, {
        name: 'Stays',
        channel: 'VIBER',
        id: NOBODY,
        contacts: [{ number: numberOf(1) }],
        contacts_count: 7,
      }),
    );
    assert.deepEqual(renamed, audience);
    await client.delete(at);
  });
});

describe('an audience', () => {
  it('has all its members, and links that lead there', async () => {
    const made = succeeded(
      await client.post('/v1/audiences', { name: 'Whole', channel: 'SMS', contacts: [{ number: numberOf(1) }] }),
    );
    const { links, ...audience } = made;
    assert.equal(audience.contacts_count, 1);
    assert.match(audience.create_date, DATE);
    assert.equal(audience.update_date, audience.create_date);
    assert.deepEqual(succeeded(await client.get(links.self)), made);
    assert.equal(succeeded(await client.get(links.account)).id, audience.account_id);
    assert.equal((await client.get(links.contacts)).body.pagination.total, 1);
    const listed = (await client.get('/v1/audiences')).data.find(({ id }: Loose) => id === audience.id);
    assert.deepEqual(listed, audience, 'in a list it is the same, without links');
    await client.delete(links.self);
  });

  it('update_date moves with its name, not with a name it has, nor with its contacts', async () => {
    const made = succeeded(await client.post('/v1/audiences', { name: 'Dates', channel: 'SMS' }));
    const at = `/v1/audiences/${made.id}`;
    await nextSecond();
    assert.deepEqual(succeeded(await client.put(at, { name: ' Dates ' })), made);
    succeeded(await client.post(`${at}/contacts`, { number: numberOf(1) }));
    assert.equal((await client.get(at)).data.update_date, made.update_date);
    const renamed = succeeded(await client.put(at, { name: 'dates' }));
    assert.ok(renamed.update_date > made.update_date);
    assert.equal(renamed.create_date, made.create_date);
    assert.equal(renamed.contacts_count, 1);
    await client.delete(at);
  });

  it('takes its contacts along when it is deleted', async () => {
    const { id } = succeeded(
      await client.post('/v1/audiences', { name: 'Leaves', channel: 'SMS', contacts: [{ number: numberOf(1) }] }),
    );
    const at = `/v1/audiences/${id}`;
    const contact = `${at}/contacts/${(await client.get(`${at}/contacts`)).data[0].id}`;
    assert.equal((await client.delete(at)).status, 204);
    const answers = [
      await client.get(at),
      await client.put(at, { name: 'New' }),
      await client.delete(at),
      await client.get(`${at}/contacts`),
      await client.get(`${at}/contacts?filter[search]=12`),
      await client.post(`${at}/contacts`, { number: numberOf(2) }),
      await client.post(`${at}/contacts/bulk`, { contacts: [{ number: numberOf(2) }] }),
      await client.get(contact),
      await client.put(contact, { first_name: 'No' }),
      await client.delete(contact),
    ];
    for (const answer of answers) {
      assert.equal(answer.status, 404);
      refused(answer, [1301, 'Audience is not found']);
    }
  });
});

describe("a new audience's contacts", () => {
  const contacts = (count: number) => Array.from({ length: count }, (_, index) => ({ number: numberOf(index) }));
  const create = (list: unknown, more = {}) =>
    client.post('/v1/audiences', { name: 'With contacts', channel: 'SMS', contacts: list, ...more });

  for (const [what, list, count] of [
    ['absent', undefined, 0],
    ['null', null, 0],
    ['none', [], 0],
    ['one', contacts(1), 1],
    ['1,000', contacts(1000), 1000],
  ] as const) {
    it(`${what}: ${count} are made`, async () => {
      const { id, contacts_count } = succeeded(await create(list));
      assert.equal(contacts_count, count);
      const page = await client.get(`/v1/audiences/${id}/contacts?page_size=1000`);
      assert.deepEqual(
        page.data.map(({ number }: Loose) => number),
        contacts(count).map(({ number }) => number),
        'in the order given',
      );
      assert.equal(page.body.pagination.total, count);
      await client.delete(`/v1/audiences/${id}`);
    });
  }

  it('1,001: 1308', async () => {
    const answer = await changesNothing(client, () => create(contacts(1001)));
    refused(answer, [1308, "'data.contacts' must be at most [1000] items in length"]);
  });

  for (const wrong of ['x', 1, true, {}, { length: 1 }]) {
    it(`${JSON.stringify(wrong)}: 9013`, async () => {
      const answer = await changesNothing(client, () => create(wrong));
      refused(answer, [9013, "'data.contacts' must be a list of contacts"]);
    });
  }

  it('items that are no objects: 9013, each with its place', async () => {
    const answer = await changesNothing(client, () => create([null, 'x', 1, [], { number: numberOf(1) }]));
    refused(answer, ...[0, 1, 2, 3].map((at): [number, string] => [9013, `'data.contacts[${at}]' must be an object`]));
  });

  it('a number given twice: 1360, and nothing is made', async () => {
    const answer = await changesNothing(client, () =>
      create([{ number: '12025550150' }, { number: '12025550151' }, { number: '+1 202 555 0150' }]),
    );
    assert.equal(answer.status, 409);
    refused(answer, [1360, "'data.contacts[2].number' repeats 'data.contacts[0].number': Contact already exists"]);
  });

  it('the last of a thousand is broken: nothing is made', async () => {
    const answer = await changesNothing(client, () => create([...contacts(999), { number: '12' }]));
    refused(answer, [1354, "'data.contacts[999].number' is invalid"]);
  });

  it('everything that is wrong is told at once', async () => {
    const list = [
      { number: '12', first_name: 'a'.repeat(33) },
      {},
      { number: '+1 202 555 0150' },
      { number: '12025550150', tags: 'x' },
    ];
    const answer = await changesNothing(client, () => create(list, { name: 'a!', channel: 'FAX' }));
    assert.equal(answer.status, 400);
    refused(
      answer,
      [1304, "'data.name' is invalid"],
      [1307, "'data.channel' should be in: [SMS, WHATSAPP, VIBER]"],
      [1354, "'data.contacts[0].number' is invalid"],
      [1361, "'data.contacts[0].first_name': First name is too long"],
      [1353, "'data.contacts[1].number' is required"],
      [9013, "'data.contacts[3].tags' must be a list of strings or null"],
      [1360, "'data.contacts[3].number' repeats 'data.contacts[2].number': Contact already exists"],
    );
  });

  it('nothing at all: what is required is told at once', async () => {
    refused(
      await client.post('/v1/audiences', {}),
      [1303, "'data.name' is required"],
      [1306, "'data.channel' is missing"],
    );
  });
});

describe('the list of audiences', () => {
  it('filters by channel, in any case', async () => {
    const made: Loose[] = [];
    for (const channel of ['SMS', 'VIBER', 'SMS', 'WHATSAPP']) {
      made.push(succeeded(await client.post('/v1/audiences', { name: `Listed ${made.length}`, channel })));
    }
    const ids = (channel?: string) =>
      made.filter((each) => channel === undefined || each.channel === channel).map(({ id }) => id);
    for (const [query, expected] of [
      ['', ids()],
      ['?filter[channel]=SMS', ids('SMS')],
      ['?filter[channel]=sms', ids('SMS')],
      ['?filter%5Bchannel%5D=Viber', ids('VIBER')],
      ['?filter[channel]=WHATSAPP', ids('WHATSAPP')],
      ['?filter[channel]=', ids()],
      ['?channel=SMS&filter[name]=x&page=2&limit=1', ids()],
    ] as const) {
      const { data, body } = await client.get(`/v1/audiences${query}`);
      assert.deepEqual(
        data.map(({ id }: Loose) => id),
        expected,
        query,
      );
      assert.equal(body.pagination.total, expected.length, query);
    }
    for (const query of ['FAX', 'SMS&filter[channel]=VIBER', '%00', 'SMSx']) {
      refused(await client.get(`/v1/audiences?filter[channel]=${query}`), [
        9012,
        "'filter[channel]' should be in: [SMS, WHATSAPP, VIBER]",
      ]);
    }
    for (const { id } of made) await client.delete(`/v1/audiences/${id}`);
  });
});

describe("the key's account", () => {
  it('is read by its id, in any case; every other id is no path', async () => {
    const { account_id } = succeeded(await client.post('/v1/audiences', { name: 'Of an account', channel: 'SMS' }));
    const account = succeeded(await client.get(`/v1/accounts/${account_id}`));
    assert.deepEqual(Object.keys(account), ['id', 'name', 'create_date']);
    assert.deepEqual(succeeded(await client.get(`/v1/accounts/${account_id.toUpperCase()}`)), account);
    for (const id of [NOBODY, 'x', '1', '%00']) refused(await client.get(`/v1/accounts/${id}`), [9003, 'No such path']);
  });
});
