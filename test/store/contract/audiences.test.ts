import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import type { ContactInput } from '../../../src/core/contact-fields.ts';
import { neighbourId } from '../../../src/core/ids.ts';
import { searchNeedles } from '../../../src/core/search-text.ts';
import type { Audience, Channel, Slice } from '../../../src/core/store.ts';
import { allContacts, FROM_START, NOBODY, nextSecond, numberOf, raises } from '../../support/contacts.ts';
import { DATE, describeStores, details, EMPTY, FULL, same, UUID } from '../../support/contract.ts';

describeStores('audiences', (under) => {
  const { create, countOf } = under;
  const add = (accountId: string, name: string, channel: Channel = 'SMS', contacts: ContactInput[] = []) =>
    under.store.audiences.create(accountId, { name, channel, contacts });

  test('one that is made is got as it was answered', async () => {
    const { id: account_id } = await under.store.accounts.create('Audiences');
    const audience = await add(account_id, 'Łódź 1', 'VIBER');
    const { id, create_date } = audience;
    assert.match(id, UUID);
    assert.match(create_date, DATE);
    const rest = { account_id, name: 'Łódź 1', channel: 'VIBER', contacts_count: 0, create_date };
    same(audience, { id, ...rest, update_date: create_date });
    same(await under.store.audiences.get(account_id, id), audience);
    await raises(1301, under.store.audiences.get(account_id, NOBODY));
    await raises(1301, under.store.audiences.get(account_id, 'no id at all'));
  });

  test('one is made with its first contacts, in their order', async () => {
    const { id } = await under.store.accounts.create('Audiences');
    const audience = await add(id, 'First', 'SMS', [FULL, { number: numberOf(3) }, { number: numberOf(1) }]);
    assert.equal(audience.contacts_count, 3);
    assert.equal(await countOf(audience), 3);
    const contacts = await allContacts(under.store, audience);
    same(contacts.map(details), [FULL, { ...EMPTY, number: numberOf(3) }, { ...EMPTY, number: numberOf(1) }]);
    same(await allContacts(under.store, audience, searchNeedles('петрос')), contacts.slice(0, 1));
  });

  test('a number twice among its first contacts: 1360, and there is no audience', async () => {
    const { id } = await under.store.accounts.create('Audiences');
    const twice = [{ number: numberOf(1) }, { number: numberOf(2) }, { number: numberOf(1) }];
    await raises(1360, add(id, 'Twice', 'SMS', twice));
    assert.equal((await under.store.audiences.page(id, FROM_START)).total, 0);
    await add(id, 'Twice');
  });

  test('one for an account that is not there is not made', async () => {
    await assert.rejects(add(NOBODY, 'Nobody'));
    assert.equal((await under.store.audiences.page(NOBODY, FROM_START)).total, 0);
  });

  const SAME: [string, string][] = [
    ['Summer', 'Summer'],
    ['Summer', 'sUMMER'],
    ['Straße', 'STRASSE'],
    ['STRASSE', 'straße'],
    ['ΟΔΟΣ', 'οδος'],
    ['Ärzte', 'ärzte'],
    ['МОСКВА', 'москва'],
  ];
  for (const [one, other] of SAME) {
    test(`${one} and ${other} are one name`, async () => {
      const { id } = await under.store.accounts.create('Audiences');
      const taken = await add(id, one);
      await raises(1309, add(id, other, 'VIBER', [{ number: numberOf(1) }]));
      const third = await add(id, 'Third');
      await raises(1309, under.store.audiences.rename(id, third.id, other));
      same((await under.store.audiences.page(id, FROM_START)).items, [taken, third]);
    });
  }

  test('names that differ in more than case, or in the account, are free', async () => {
    const { id: mine } = await under.store.accounts.create('Audiences');
    const { id: other } = await under.store.accounts.create('Audiences');
    for (const name of ['Summer', 'Summer 2', 'Sümmer', 'Summer-', '_Summer']) await add(mine, name);
    await add(other, 'Summer');
    assert.equal((await under.store.audiences.page(mine, FROM_START)).total, 5);
  });

  test('a new name is kept, the old one free, and a name given again changes nothing', async () => {
    const { id } = await under.store.accounts.create('Audiences');
    const audience = await add(id, 'Before', 'WHATSAPP', [{ number: numberOf(1) }]);
    await nextSecond();
    same(await under.store.audiences.rename(id, audience.id, 'Before'), audience);
    const renamed = await under.store.audiences.rename(id, audience.id, 'After');
    same(renamed, { ...audience, name: 'After', update_date: renamed.update_date });
    assert.ok(renamed.update_date > audience.update_date);
    same(await under.store.audiences.get(id, audience.id), renamed);
    await raises(1309, add(id, 'aFTER'));
    await add(id, 'Before');
    await raises(1301, under.store.audiences.rename(id, NOBODY, 'Nobody'));
  });

  test('the own name in other letters is a change, and the name stays taken', async () => {
    const { id } = await under.store.accounts.create('Audiences');
    const audience = await add(id, 'Straße');
    await nextSecond();
    const renamed = await under.store.audiences.rename(id, audience.id, 'STRASSE');
    assert.equal(renamed.name, 'STRASSE');
    assert.ok(renamed.update_date > audience.update_date);
    await raises(1309, add(id, 'straße'));
  });

  test('what happens to its contacts does not move its update_date', async () => {
    const { id } = await under.store.accounts.create('Audiences');
    const audience = await add(id, 'Still');
    await nextSecond();
    await create(audience, { number: numberOf(1) });
    same(await under.store.audiences.get(id, audience.id), { ...audience, contacts_count: 1 });
  });

  test('a deleted one is gone from every answer, and its name is free', async () => {
    const { id } = await under.store.accounts.create('Audiences');
    const audience = await add(id, 'Gone', 'SMS', [FULL]);
    const other = await add(id, 'Other', 'SMS', [FULL]);
    const [contact] = await allContacts(under.store, audience);
    assert.equal(await under.store.audiences.delete(id, audience.id), undefined);

    const query = { ...FROM_START, needles: [], count: true };
    const needles = searchNeedles('Петросян');
    const operations: (() => Promise<unknown>)[] = [
      () => under.store.audiences.get(id, audience.id),
      () => under.store.audiences.rename(id, audience.id, 'Back'),
      () => under.store.audiences.delete(id, audience.id),
      () => under.store.contacts.create(id, audience.id, { number: numberOf(1) }),
      () => under.store.contacts.get(id, audience.id, contact!.id),
      () => under.store.contacts.page(id, audience.id, query),
      () => under.store.contacts.page(id, audience.id, { ...query, needles }),
      () => under.store.contacts.update(id, audience.id, contact!.id, { first_name: 'Back' }),
      () => under.store.contacts.delete(id, audience.id, contact!.id),
      () => under.store.contacts.upsert(id, audience.id, [FULL], 'update'),
    ];
    for (const operation of operations) await raises(1301, operation());
    same(await under.store.audiences.page(id, FROM_START), { items: [other], hasNext: false, total: 1 });

    const again = await add(id, 'Gone');
    assert.notEqual(again.id, audience.id);
    same(await allContacts(under.store, again), []);
    same((await allContacts(under.store, other)).map(details), [FULL]);
  });

  describe('pages', () => {
    let accountId: string;
    const all: Audience[] = [];
    before(async () => {
      ({ id: accountId } = await under.store.accounts.create('Pages'));
      const { id: foreign } = await under.store.accounts.create('Foreign');
      const channels: Channel[] = ['SMS', 'VIBER', 'SMS', 'WHATSAPP', 'SMS', 'VIBER', 'SMS'];
      for (const [index, channel] of channels.entries()) {
        // Names against the order of making: the order is making, not name.
        all.push(await add(accountId, `Page ${9 - index}`, channel));
        await add(foreign, `Page ${index}`, channel);
      }
      const [gone] = all.splice(3, 1);
      await under.store.audiences.delete(accountId, gone!.id);
      removed = gone!.id;
    });
    let removed: string;

    // The six that live, by their place; S stands for SMS, V for VIBER: S V S S V S.
    const ROWS: {
      title: string;
      direction: Slice['direction'];
      at?: number | 'removed' | 'never';
      size: number;
      channel?: Channel;
      items: number[];
      hasNext: boolean;
    }[] = [
      { title: 'the first', direction: 'after', size: 2, items: [0, 1], hasNext: true },
      { title: 'behind the second', direction: 'after', at: 1, size: 2, items: [2, 3], hasNext: true },
      { title: 'the last, full', direction: 'after', at: 3, size: 2, items: [4, 5], hasNext: false },
      { title: 'the last, not full', direction: 'after', at: 4, size: 2, items: [5], hasNext: false },
      { title: 'behind the last', direction: 'after', at: 5, size: 2, items: [], hasNext: false },
      { title: 'all in one', direction: 'after', size: 6, items: [0, 1, 2, 3, 4, 5], hasNext: false },
      { title: 'one short of all', direction: 'after', size: 5, items: [0, 1, 2, 3, 4], hasNext: true },
      { title: 'behind a deleted one', direction: 'after', at: 'removed', size: 2, items: [3, 4], hasNext: true },
      { title: 'before a deleted one', direction: 'before', at: 'removed', size: 2, items: [1, 2], hasNext: true },
      { title: 'before the fourth', direction: 'before', at: 3, size: 2, items: [1, 2], hasNext: true },
      { title: 'before the second', direction: 'before', at: 1, size: 2, items: [0], hasNext: true },
      { title: 'before the first', direction: 'before', at: 0, size: 2, items: [], hasNext: true },
      { title: 'from the end', direction: 'before', size: 2, items: [4, 5], hasNext: false },
      { title: 'behind an id before all', direction: 'after', at: 'never', size: 1, items: [0], hasNext: true },
      { title: 'SMS', direction: 'after', size: 3, channel: 'SMS', items: [0, 2, 3], hasNext: true },
      {
        title: 'SMS behind a VIBER',
        direction: 'after',
        at: 1,
        size: 3,
        channel: 'SMS',
        items: [2, 3, 5],
        hasNext: false,
      },
      { title: 'VIBER from the end', direction: 'before', size: 1, channel: 'VIBER', items: [4], hasNext: false },
      { title: 'WHATSAPP', direction: 'after', size: 3, channel: 'WHATSAPP', items: [], hasNext: false },
    ];
    for (const { title, direction, at, size, channel, items, hasNext } of ROWS) {
      test(title, async () => {
        const position =
          at === undefined ? undefined : at === 'removed' ? removed : at === 'never' ? NOBODY : all[at]!.id;
        const page = await under.store.audiences.page(accountId, { direction, position, size }, channel);
        const total = all.filter((audience) => channel === undefined || audience.channel === channel).length;
        same(page, { items: items.map((index) => all[index]), hasNext, total });
      });
    }

    test('from the places right before and right behind one, that one is met', async () => {
      const [, second, third] = all;
      const at = (direction: Slice['direction'], step: 1n | -1n) =>
        under.store.audiences.page(accountId, { direction, position: neighbourId(second!.id, step), size: 1 });
      same((await at('after', -1n)).items, [second]);
      same((await at('before', 1n)).items, [second]);
      same((await at('after', 1n)).items, [third]);
      same((await at('before', -1n)).items, [all[0]]);
    });
  });
});
