import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import type { Contact } from '../../../src/core/contact-document.ts';
import { firstIdOf } from '../../../src/core/ids.ts';
import type { Audience } from '../../../src/core/store.ts';
import { allContacts, makeAudience, NOBODY, numberOf, raises } from '../../support/contacts.ts';
import { describeStores, same } from '../../support/contract.ts';

const EVER = firstIdOf(0);
const NUMBERS = [
  '12025550150',
  '12025550151',
  '12125550150',
  '447912345678',
  '4479123456789',
  '447',
  '44',
  '37494123456',
  '880',
];

describeStores('figures', (under) => {
  let audience: Audience;
  let sister: Audience;
  let contacts: Contact[];
  before(async () => {
    // Of a neighbour that has the same nothing may be counted.
    const left = await makeAudience(under.store);
    audience = await makeAudience(under.store);
    const right = await makeAudience(under.store);
    for (const { account_id, id } of [left, audience, right]) {
      await under.store.contacts.upsert(
        account_id,
        id,
        NUMBERS.map((number) => ({ number })),
        'error',
      );
    }
    const { account_id } = audience;
    sister = await under.store.audiences.create(account_id, {
      name: 'Sister',
      channel: 'SMS',
      contacts: [{ number: '12025550150' }],
    });
    contacts = await allContacts(under.store, audience);
  });

  test('contacts are counted between ids, the first among them, the last not', async () => {
    const { account_id, id } = audience;
    const { created } = under.store.figures;
    const [first, second, , fourth] = contacts.map((contact) => contact.id) as [string, string, string, string];
    const total = NUMBERS.length;
    same(await created(account_id, id, [EVER]), { total, counts: [total] });
    same(await created(account_id, id, [first]), { total, counts: [total] });
    same(await created(account_id, id, [EVER, first, second, fourth]), { total, counts: [0, 1, 2, total - 3] });
    same(await created(account_id, id, [second, fourth]), { total, counts: [2, total - 3] });
    const tomorrow = firstIdOf(Date.now() + 24 * 3_600_000);
    same(await created(account_id, id, [EVER, tomorrow]), { total, counts: [total, 0] });
    same(await created(account_id, id, [tomorrow]), { total, counts: [0] });
  });

  test('and by the first four digits of their numbers', async () => {
    const { account_id, id } = audience;
    same(await under.store.figures.prefixes(account_id, id), [
      ['1202', 2],
      ['1212', 1],
      ['3749', 1],
      ['44', 1],
      ['447', 1],
      ['4479', 2],
      ['880', 1],
    ]);
  });

  test("of all the account's audiences together, and of none", async () => {
    const { account_id } = audience;
    same(await under.store.figures.created(account_id, undefined, [EVER, contacts[0]!.id]), {
      total: NUMBERS.length + 1,
      counts: [0, NUMBERS.length + 1],
    });
    same((await under.store.figures.prefixes(account_id)).slice(0, 2), [
      ['1202', 3],
      ['1212', 1],
    ]);
    const { id: empty } = await under.store.accounts.create('Empty');
    same(await under.store.figures.created(empty, undefined, [EVER]), { total: 0, counts: [0] });
    same(await under.store.figures.prefixes(empty), []);
  });

  test('follow what is written at once, and deleted audiences are not in them', async () => {
    const { account_id } = audience;
    const total = async (of?: string) => (await under.store.figures.created(account_id, of, [EVER])).counts[0];
    const before = await total();
    const contact = await under.create(sister, { number: numberOf(9) });
    assert.deepEqual([await total(), await total(sister.id)], [before! + 1, 2]);
    await under.store.contacts.delete(account_id, sister.id, contact.id);
    assert.equal(await total(), before);
    const other = await under.store.audiences.create(account_id, {
      name: 'Other',
      channel: 'SMS',
      contacts: [{ number: numberOf(1) }],
    });
    assert.equal(await total(), before! + 1);
    await under.store.audiences.delete(account_id, other.id);
    assert.equal(await total(), before);
    same(await under.store.figures.prefixes(account_id, sister.id), [['1202', 1]]);
  });

  test("are the account's own", async () => {
    const { id: other } = await under.store.accounts.create('Other');
    for (const [account, of] of [
      [other, audience.id],
      [audience.account_id, NOBODY],
    ] as const) {
      await raises(1301, under.store.figures.created(account, of, [EVER]));
      await raises(1301, under.store.figures.prefixes(account, of));
    }
  });

  test('the store says of what kind it is, and how large', async () => {
    const { kind, bytes } = await under.store.about();
    assert.ok(['sqlite', 'postgres', 'citus'].includes(kind));
    assert.ok(bytes === null || bytes > 10_000);
  });
});
