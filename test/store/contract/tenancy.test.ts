import { test } from 'node:test';
import type { ErrorCode } from '../../../src/core/errors.ts';
import type { Slice } from '../../../src/core/store.ts';
import { allContacts, FROM_START, makeAudience, NOBODY, numberOf, raises } from '../../support/contacts.ts';
import { describeStores, FULL, same } from '../../support/contract.ts';

describeStores('tenancy: with the ids of another account', (under) => {
  const { create, get, update } = under;
  interface Ids {
    account: string;
    audience: string;
    contact: string;
  }
  const query = { ...FROM_START, needles: [], count: true };
  const METHODS: [method: string, code: ErrorCode, call: (ids: Ids) => Promise<unknown>][] = [
    ['audiences.get', 1301, (of) => under.store.audiences.get(of.account, of.audience)],
    ['audiences.rename', 1301, (of) => under.store.audiences.rename(of.account, of.audience, 'Mine now')],
    [
      'audiences.rename to a name of its own',
      1301,
      (of) => under.store.audiences.rename(of.account, of.audience, 'Secret'),
    ],
    ['audiences.delete', 1301, (of) => under.store.audiences.delete(of.account, of.audience)],
    ['contacts.create', 1301, (of) => under.store.contacts.create(of.account, of.audience, { number: numberOf(9) })],
    ['contacts.create of a number there', 1301, (of) => under.store.contacts.create(of.account, of.audience, FULL)],
    ['contacts.get', 1301, (of) => under.store.contacts.get(of.account, of.audience, of.contact)],
    ['contacts.page', 1301, (of) => under.store.contacts.page(of.account, of.audience, query)],
    [
      'contacts.page, a search',
      1301,
      (of) => under.store.contacts.page(of.account, of.audience, { ...query, needles: ['ana'] }),
    ],
    [
      'contacts.update',
      1301,
      (of) => under.store.contacts.update(of.account, of.audience, of.contact, { first_name: 'Eve' }),
    ],
    ['contacts.delete', 1301, (of) => under.store.contacts.delete(of.account, of.audience, of.contact)],
    ['contacts.upsert', 1301, (of) => under.store.contacts.upsert(of.account, of.audience, [FULL], 'update')],
  ];
  for (const [method, code, call] of METHODS) {
    test(`${method} answers as if nothing were there`, async () => {
      const owner = await makeAudience(under.store, 'Secret');
      const contact = await create(owner, FULL);
      const before = await under.store.audiences.get(owner.account_id, owner.id);
      const { id: stranger } = await under.store.accounts.create('Stranger');
      const foreign = { account: stranger, audience: owner.id, contact: contact.id };
      const problem = await raises(code, call(foreign));
      // In no way different from what does not exist.
      same(problem, await raises(code, call({ ...foreign, audience: NOBODY, contact: NOBODY })));
      same(problem, await raises(code, call({ ...foreign, account: NOBODY })));
      same(await under.store.audiences.get(owner.account_id, owner.id), before);
      same(await allContacts(under.store, owner), [contact]);
    });
  }

  test('audiences.page shows nothing of them', async () => {
    const owner = await makeAudience(under.store);
    const { id: stranger } = await under.store.accounts.create('Stranger');
    const slice: Slice = { direction: 'before', position: owner.id, size: 10 };
    for (const each of [FROM_START, slice]) {
      const { items, total } = await under.store.audiences.page(stranger, each);
      same({ items, total }, { items: [], total: 0 });
    }
  });

  test('its own audience with a contact of another account: 1351', async () => {
    const owner = await makeAudience(under.store);
    const contact = await create(owner, FULL);
    const own = await makeAudience(under.store);
    await raises(1351, get(own, contact.id));
    await raises(1351, update(own, contact.id, { first_name: 'Eve' }));
    await raises(1351, under.store.contacts.delete(own.account_id, own.id, contact.id));
    same(await get(owner, contact.id), contact);
  });
});
