import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Contact } from '../../../src/core/contact-document.ts';
import { allContacts, makeAudience, numberOf, raises, until } from '../../support/contacts.ts';
import { describeStores, newKey, same } from '../../support/contract.ts';

describeStores('the whole store', (under) => {
  const { create, countOf } = under;
  test('what is there is there after it was opened again, and goes on from there', async () => {
    const audience = await makeAudience(under.store);
    const asked = newKey(audience.account_id);
    const key = await under.store.keys.create(asked);
    const contacts: Contact[] = [];
    for (let n = 0; n < 5; n++) contacts.push(await create(audience, { number: numberOf(n), first_name: 'Stay' }));
    await under.store.contacts.delete(audience.account_id, audience.id, contacts.pop()!.id);
    await under.reopen();
    same(await under.store.keys.find(asked.hash), key);
    same(await allContacts(under.store, audience), contacts);
    same(await allContacts(under.store, audience, ['stay']), contacts);
    contacts.push(await create(audience, { number: numberOf(5), first_name: 'Stay' }));
    same(await allContacts(under.store, audience), contacts);
    assert.equal(await countOf(audience), 5);
  });

  test('a large deleted audience leaves every answer at once and its rows with time, also when the store closes', async () => {
    const kept = await makeAudience(under.store);
    await create(kept, { number: numberOf(1), first_name: 'Kept' });
    const large = await under.store.audiences.create(kept.account_id, { name: 'Large', channel: 'SMS', contacts: [] });
    for (let call = 0; call < 5; call++) {
      const rows = Array.from({ length: 1000 }, (_, n) => ({ number: numberOf(call * 1000 + n), first_name: 'Kept' }));
      await under.store.contacts.upsert(large.account_id, large.id, rows, 'update');
    }
    assert.equal(await countOf(large), 5000);
    const held = await under.heldContacts();

    await under.store.audiences.delete(large.account_id, large.id);
    await raises(1301, under.store.audiences.get(large.account_id, large.id));
    const again = await under.store.audiences.create(kept.account_id, { name: 'LARGE', channel: 'SMS', contacts: [] });
    await create(again, { number: numberOf(1), first_name: 'Kept' });
    await under.reopen();
    await raises(1301, under.store.audiences.get(large.account_id, large.id));
    await until(async () => (await under.heldContacts()) === held - 5000 + 1);
    for (const audience of [kept, again]) {
      assert.equal(await countOf(audience), 1);
      assert.equal((await allContacts(under.store, audience, ['kept'])).length, 1);
    }
  });
});
