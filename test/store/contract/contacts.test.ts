import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { type Contact, readDocument } from '../../../src/core/contact-document.ts';
import type { ContactChange, ContactDetails } from '../../../src/core/contact-fields.ts';
import type { Audience } from '../../../src/core/store.ts';
import { allContacts, makeAudience, NOBODY, nextSecond, numberOf, raises } from '../../support/contacts.ts';
import { DATE, describeStores, details, EMPTY, FULL, same, UUID } from '../../support/contract.ts';

describeStores('contacts', (under) => {
  const { create, get, update, countOf, numbersOf } = under;
  test('one that is made is got as it was answered', async () => {
    const audience = await makeAudience(under.store);
    const document = await under.store.contacts.create(audience.account_id, audience.id, FULL);
    const contact = readDocument(document);
    assert.match(contact.id, UUID);
    assert.match(contact.create_date, DATE);
    assert.equal(contact.update_date, contact.create_date);
    same(details(contact), FULL);
    assert.equal(await under.store.contacts.get(audience.account_id, audience.id, contact.id), document);
    same(details(await create(audience, { number: numberOf(1) })), { ...EMPTY, number: numberOf(1) });
    await raises(1351, get(audience, NOBODY));
    await raises(1351, get(audience, 'no id at all'));
  });

  test('a number that is there: 1360 with the id of its contact; in another audience it is free', async () => {
    const audience = await makeAudience(under.store);
    const first = await create(audience, FULL);
    const other = await create(audience, { number: numberOf(1) });
    assert.equal((await raises(1360, create(audience, { number: FULL.number }))).contact_id, first.id);
    assert.equal((await raises(1360, create(audience, { number: numberOf(1) }))).contact_id, other.id);
    assert.equal(await countOf(audience), 2);
    same(await get(audience, first.id), first);

    const beside = await makeAudience(under.store);
    assert.notEqual((await create(beside, FULL)).id, first.id);
  });

  test('a contact is in its audience alone, also when both are of one account', async () => {
    const audience = await makeAudience(under.store);
    const beside = await under.store.audiences.create(audience.account_id, {
      name: 'Beside',
      channel: 'SMS',
      contacts: [],
    });
    const contact = await create(audience, FULL);
    await raises(1351, get(beside, contact.id));
    await raises(1351, update(beside, contact.id, { first_name: 'Moved' }));
    await raises(1351, under.store.contacts.delete(beside.account_id, beside.id, contact.id));
    same(await get(audience, contact.id), contact);
  });

  test('a deleted one is gone, and its number free for a new one', async () => {
    const audience = await makeAudience(under.store);
    const contact = await create(audience, FULL);
    const other = await create(audience, { number: numberOf(1) });
    assert.equal(await under.store.contacts.delete(audience.account_id, audience.id, contact.id), undefined);
    await raises(1351, get(audience, contact.id));
    await raises(1351, update(audience, contact.id, { first_name: 'Back' }));
    await raises(1351, under.store.contacts.delete(audience.account_id, audience.id, contact.id));
    same(await allContacts(under.store, audience), [other]);
    const again = await create(audience, { number: FULL.number });
    assert.notEqual(again.id, contact.id);
    same(details(again), { ...EMPTY, number: FULL.number });
    same(await allContacts(under.store, audience), [other, again]);
    assert.equal(await countOf(audience), 2);
  });

  describe('a change', () => {
    const CHANGES: { title: string; change: ContactChange; becomes?: Partial<ContactDetails> }[] = [
      { title: 'of nothing changes nothing', change: {} },
      { title: 'to the same changes nothing', change: { ...FULL, tags: [...FULL.tags] } },
      {
        title: 'of absent members changes nothing',
        change: { number: undefined, first_name: undefined, tags: undefined },
      },
      { title: 'of one member keeps the others', change: { first_name: 'Bea' }, becomes: { first_name: 'Bea' } },
      { title: 'to null clears', change: { last_name: null, date: null }, becomes: { last_name: null, date: null } },
      {
        title: 'replaces the tags, in the order given',
        change: { tags: ['東京', 'vip'] },
        becomes: { tags: ['東京', 'vip'] },
      },
      { title: 'to no tags clears them', change: { tags: [] }, becomes: { tags: [] } },
      {
        title: 'of the case of a name is a change',
        change: { first_name: 'ana "A" \\ ü' },
        becomes: { first_name: 'ana "A" \\ ü' },
      },
      { title: 'of timestamp alone', change: { timestamp: 'now' }, becomes: { timestamp: 'now' } },
      { title: 'of the number keeps the contact', change: { number: numberOf(77) }, becomes: { number: numberOf(77) } },
      {
        title: 'of everything',
        change: { ...EMPTY, number: numberOf(78) },
        becomes: { ...EMPTY, number: numberOf(78) },
      },
    ];
    let audiences: Audience[];
    let contacts: Contact[];
    before(async () => {
      audiences = await Promise.all(CHANGES.map(() => makeAudience(under.store)));
      contacts = await Promise.all(audiences.map((audience) => create(audience, FULL)));
      await nextSecond();
    });
    for (const [index, { title, change, becomes }] of CHANGES.entries()) {
      test(title, async () => {
        const audience = audiences[index]!;
        const contact = contacts[index]!;
        const changed = await update(audience, contact.id, change);
        same(details(changed), { ...FULL, ...becomes });
        assert.equal(changed.id, contact.id);
        assert.equal(changed.create_date, contact.create_date);
        assert.equal(changed.update_date > contact.update_date, becomes !== undefined, 'whether update_date moved');
        same(await get(audience, contact.id), changed);
        same(await allContacts(under.store, audience), [changed]);
      });
    }
  });

  test('a change to a number that is there: 1360 with the id of its contact, and nothing changed', async () => {
    const audience = await makeAudience(under.store);
    const one = await create(audience, { number: numberOf(1) });
    const two = await create(audience, { number: numberOf(2) });
    const problem = await raises(1360, update(audience, one.id, { number: numberOf(2), first_name: 'Eve' }));
    assert.equal(problem.contact_id, two.id);
    same(await allContacts(under.store, audience), [one, two]);
  });

  test('a number is free as soon as its contact has another', async () => {
    const audience = await makeAudience(under.store);
    const one = await create(audience, { number: numberOf(1) });
    const two = await create(audience, { number: numberOf(2) });
    await update(audience, one.id, { number: numberOf(3) });
    await update(audience, two.id, { number: numberOf(1) });
    same(await numbersOf(audience), [numberOf(3), numberOf(1)]);
    const problem = await raises(1360, create(audience, { number: numberOf(1) }));
    assert.equal(problem.contact_id, two.id);
    await create(audience, { number: numberOf(2) });
  });

  test('a number is taken, and free, for every process at once, and after a restart', async () => {
    const audience = await makeAudience(under.store);
    const { account_id, id } = audience;
    const beside = await under.openBeside();
    const besides = async (number: string) => readDocument(await beside.contacts.create(account_id, id, { number }));
    const takenBy = async (making: Promise<unknown>) => (await raises(1360, making)).contact_id;

    const one = await create(audience, { number: numberOf(1) });
    assert.equal(await takenBy(besides(numberOf(1))), one.id);
    const two = await besides(numberOf(2));
    assert.equal(await takenBy(create(audience, { number: numberOf(2) })), two.id);
    await beside.contacts.update(account_id, id, one.id, { number: numberOf(3) });
    await under.store.contacts.delete(account_id, id, two.id);
    const again = await create(audience, { number: numberOf(1) });
    await besides(numberOf(2));
    await beside.close();

    await under.reopen();
    assert.equal(await takenBy(create(audience, { number: numberOf(1) })), again.id);
    assert.equal(await takenBy(create(audience, { number: numberOf(3) })), one.id);
    same(await numbersOf(audience), [3, 1, 2].map(numberOf));
  });

  test('the counter follows what happened, and nothing else', async () => {
    const audience = await makeAudience(under.store);
    const counts: number[] = [];
    const note = async () => counts.push(await countOf(audience));
    const one = await create(audience, { number: numberOf(1) });
    await note();
    await create(audience, { number: numberOf(1) }).catch(() => {});
    await note();
    await update(audience, one.id, { number: numberOf(2) });
    await note();
    const rows = [1, 2, 3, 3].map((n) => ({ number: numberOf(n) }));
    await under.store.contacts.upsert(audience.account_id, audience.id, rows, 'skip');
    await note();
    await under.store.contacts.delete(audience.account_id, audience.id, one.id);
    await note();
    await under.store.contacts.delete(audience.account_id, audience.id, one.id).catch(() => {});
    await note();
    same(counts, [1, 1, 1, 3, 2, 2]);
  });
});
