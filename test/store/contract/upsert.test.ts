import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ContactDetails, ContactInput } from '../../../src/core/contact-fields.ts';
import type { OnConflict } from '../../../src/core/store.ts';
import { allContacts, makeAudience, NOBODY, nextSecond, numberOf, raises } from '../../support/contacts.ts';
import { describeStores, details, EMPTY, same } from '../../support/contract.ts';

describeStores('upsert', (under) => {
  const { create, countOf } = under;
  const ANA = { number: numberOf(1), first_name: 'Ana', tags: ['old'] };
  const NOTHING = { ...EMPTY, number: numberOf(2) };
  const CASES: {
    title: string;
    onConflict: OnConflict;
    rows: ContactInput[];
    fates: string[];
    becomes: Partial<ContactDetails>[];
  }[] = [
    {
      title: 'no rows: nothing happens',
      onConflict: 'update',
      rows: [],
      fates: [],
      becomes: [ANA, NOTHING],
    },
    {
      title: 'update: new ones are created, others changed in the members given',
      onConflict: 'update',
      rows: [
        { number: numberOf(3), date: 'x' },
        { number: numberOf(1), last_name: 'Petrosyan' },
      ],
      fates: ['created', 'updated'],
      becomes: [{ ...ANA, last_name: 'Petrosyan' }, NOTHING, { ...EMPTY, number: numberOf(3), date: 'x' }],
    },
    {
      title: 'update: null and no tags clear',
      onConflict: 'update',
      rows: [{ number: numberOf(1), first_name: null, tags: [] }],
      fates: ['updated'],
      becomes: [{ ...EMPTY, number: numberOf(1) }, NOTHING],
    },
    {
      title: 'update: what changes nothing is unchanged',
      onConflict: 'update',
      rows: [{ number: numberOf(1) }, ANA, { number: numberOf(2), first_name: null, tags: [] }],
      fates: ['unchanged', 'unchanged', 'unchanged'],
      becomes: [ANA, NOTHING],
    },
    {
      title: 'update: a number again in the call meets what its earlier row made',
      onConflict: 'update',
      rows: [
        { number: numberOf(3), first_name: 'One' },
        { number: numberOf(3), last_name: 'Two' },
        { number: numberOf(3), first_name: 'One' },
        { number: numberOf(3), first_name: 'Three' },
        { number: numberOf(1), first_name: 'Bea' },
        { number: numberOf(1), first_name: 'Ana' },
      ],
      fates: ['created', 'updated', 'unchanged', 'updated', 'updated', 'updated'],
      becomes: [ANA, NOTHING, { ...EMPTY, number: numberOf(3), first_name: 'Three', last_name: 'Two' }],
    },
    {
      title: 'skip: what is there stays as it is',
      onConflict: 'skip',
      rows: [{ number: numberOf(1), first_name: 'Eve' }, { number: numberOf(3) }, { number: numberOf(3), date: 'x' }],
      fates: ['skipped', 'created', 'skipped'],
      becomes: [ANA, NOTHING, { ...EMPTY, number: numberOf(3) }],
    },
    {
      title: 'error: what is there is refused, the others are created',
      onConflict: 'error',
      rows: [{ number: numberOf(3) }, { number: numberOf(1) }, { number: numberOf(3) }, { number: numberOf(4) }],
      fates: ['created', 'refused', 'refused', 'created'],
      becomes: [ANA, NOTHING, { ...EMPTY, number: numberOf(3) }, { ...EMPTY, number: numberOf(4) }],
    },
  ];
  for (const { title, onConflict, rows, fates, becomes } of CASES) {
    test(title, async () => {
      const audience = await makeAudience(under.store);
      await create(audience, ANA);
      await create(audience, { number: numberOf(2) });
      const answer = await under.store.contacts.upsert(audience.account_id, audience.id, rows, onConflict);
      const contacts = await allContacts(under.store, audience);
      const idOf = (row: ContactInput) => contacts.find((contact) => contact.number === row.number)?.id;
      same(
        answer.map((fate) => fate.status),
        fates,
      );
      for (const [index, fate] of answer.entries()) {
        const id = fate.status === 'refused' ? fate.problem.contact_id : fate.id;
        assert.equal(id, idOf(rows[index]!), `row ${index} names its contact`);
        if (fate.status === 'refused') assert.equal(fate.problem.code, 1360);
      }
      same(
        contacts.map(details),
        becomes.map((contact) => ({ ...EMPTY, ...contact })),
      );
      assert.equal(await countOf(audience), contacts.length);
    });
  }

  test('update_date moves for the rows that changed alone', async () => {
    const audience = await makeAudience(under.store);
    const one = await create(audience, ANA);
    const two = await create(audience, { number: numberOf(2) });
    await nextSecond();
    const rows = [{ ...ANA }, { number: numberOf(2), date: 'x' }];
    await under.store.contacts.upsert(audience.account_id, audience.id, rows, 'update');
    const [ana, other] = await allContacts(under.store, audience);
    same(ana, one);
    assert.ok(other!.update_date > two.update_date);
    assert.equal(other!.create_date, two.create_date);
  });

  test('an audience that is not there: 1301', async () => {
    const { account_id } = await makeAudience(under.store);
    await raises(1301, under.store.contacts.upsert(account_id, NOBODY, [{ number: numberOf(1) }], 'update'));
  });
});
