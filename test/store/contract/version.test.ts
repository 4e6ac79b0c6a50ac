import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readDocument } from '../../../src/core/contact-document.ts';
import type { Store } from '../../../src/core/store.ts';
import { allContacts, makeAudience, numberOf } from '../../support/contacts.ts';
import { describeStores, newKey } from '../../support/contract.ts';

describeStores('version', (under) => {
  for (const writer of ['this store', 'another on the same data']) {
    test(`it has moved when a write of ${writer} is acknowledged`, async (t) => {
      const store = writer === 'this store' ? under.store : await under.openBeside();
      if (store !== under.store) t.after(() => store.close());
      const { account_id: account, id: audience } = await makeAudience(store);
      const key = await store.keys.create(newKey(account));
      const { id: contact } = readDocument(await store.contacts.create(account, audience, { number: numberOf(1) }));
      const rows = [{ number: numberOf(3) }];
      const WRITES: [string, (by: Store) => Promise<unknown>][] = [
        ['accounts.create', (by) => by.accounts.create('Another')],
        ['keys.create', (by) => by.keys.create(newKey(account))],
        ['keys.touch', (by) => by.keys.touch(key.id)],
        ['keys.rotate', (by) => by.keys.rotate(key.id, newKey(account), '2030-01-01 00:00:00')],
        ['keys.revoke', (by) => by.keys.revoke(key.id)],
        ['audiences.create', (by) => by.audiences.create(account, { name: 'New', channel: 'SMS', contacts: [] })],
        ['audiences.rename', (by) => by.audiences.rename(account, audience, 'Renamed')],
        ['contacts.create', (by) => by.contacts.create(account, audience, { number: numberOf(2) })],
        ['contacts.update', (by) => by.contacts.update(account, audience, contact, { first_name: 'Ana' })],
        ['contacts.upsert', (by) => by.contacts.upsert(account, audience, rows, 'update')],
        ['contacts.delete', (by) => by.contacts.delete(account, audience, contact)],
        ['audiences.delete', (by) => by.audiences.delete(account, audience)],
      ];
      for (const [name, write] of WRITES) {
        const before = under.store.version();
        await write(store);
        // A store that cannot tell has no version at all.
        assert.equal(before !== under.store.version(), before !== undefined, name);
      }
    });
  }

  test('it stands still while nobody writes', async () => {
    const audience = await makeAudience(under.store);
    const still = await makeAudience(under.store);
    // What an earlier test deleted is being removed meanwhile: wait until nothing moves.
    for (let before: number | undefined = -1; before !== under.store.version(); ) {
      before = under.store.version();
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    const before = under.store.version();
    await allContacts(under.store, audience);
    await allContacts(under.store, still, ['ana']);
    await under.store.audiences.get(audience.account_id, audience.id);
    await under.store.keys.list();
    assert.equal(under.store.version(), before);
  });
});
