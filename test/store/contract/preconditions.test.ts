import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { type Contact, writeDocument } from '../../../src/core/contact-document.ts';
import { audienceTag, contactTag, type Precondition } from '../../../src/core/entity-tags.ts';
import { MusterError } from '../../../src/core/errors.ts';
import type { Audience } from '../../../src/core/store.ts';
import { makeAudience, NOBODY, numberOf, raises } from '../../support/contacts.ts';
import { describeStores, FULL, same } from '../../support/contract.ts';

/** Preconditions on something with the tag `own`, and whether they hold. */
const PRECONDITIONS: [what: string, precondition: (own: string) => Precondition, holds: boolean][] = [
  ['its tag', (own) => ({ match: [own] }), true],
  ['its tag among others', (own) => ({ match: ['"other"', own, '""'] }), true],
  ['any tag', () => ({ match: '*' }), true],
  ['another tag', () => ({ match: ['"other"'] }), false],
  ['no tag at all', () => ({ match: [] }), false],
  ['its tag as a weak one', (own) => ({ match: [`W/${own}`] }), false],
  ['not another tag', () => ({ noneMatch: ['"other"'] }), true],
  ['not its tag', (own) => ({ noneMatch: [own] }), false],
  ['not its tag as a weak one', (own) => ({ noneMatch: [`W/${own}`] }), false],
  ['nothing there', () => ({ noneMatch: '*' }), false],
  ['its tag, and not another', (own) => ({ match: [own], noneMatch: ['"other"'] }), true],
  ['its tag, and not its tag', (own) => ({ match: [own], noneMatch: [own] }), false],
];

describeStores('preconditions', (under) => {
  const { create, get, countOf } = under;
  const tagOf = (contact: Contact) => contactTag(writeDocument(contact));
  let audience: Audience;
  before(async () => {
    audience = await makeAudience(under.store);
  });

  for (const [what, precondition, holds] of PRECONDITIONS) {
    describe(what, () => {
      test(`of a contact: ${holds ? 'is changed and deleted' : '9009, and nothing is changed'}`, async () => {
        const made = await makeAudience(under.store);
        const { account_id, id } = made;
        const contact = await create(made, FULL);
        const { contacts } = under.store;
        const update = (own: string) =>
          contacts.update(account_id, id, contact.id, { first_name: 'Bea' }, { precondition: precondition(own) });
        const remove = (own: string) =>
          contacts.delete(account_id, id, contact.id, { precondition: precondition(own) });
        if (holds) {
          const changed = await update(tagOf(contact));
          assert.equal(await contacts.get(account_id, id, contact.id), changed);
          assert.notEqual(contactTag(changed), tagOf(contact));
          await remove(contactTag(changed));
          await raises(1351, get(made, contact.id));
        } else {
          await raises(9009, update(tagOf(contact)));
          await raises(9009, remove(tagOf(contact)));
          same(await get(made, contact.id), contact);
        }
        assert.equal(await countOf(made), holds ? 0 : 1);
      });

      test(`of an audience: ${holds ? 'is renamed and deleted' : '9009, and nothing is changed'}`, async () => {
        const made = await makeAudience(under.store);
        const { account_id, id } = made;
        const { audiences } = under.store;
        const rename = (own: string) =>
          audiences.rename(account_id, id, 'Renamed', { precondition: precondition(own) });
        const remove = (own: string) => audiences.delete(account_id, id, { precondition: precondition(own) });
        if (holds) {
          const renamed = await rename(audienceTag(made));
          same(await audiences.get(account_id, id), renamed);
          assert.notEqual(audienceTag(renamed), audienceTag(made));
          await remove(audienceTag(renamed));
          await raises(1301, audiences.get(account_id, id));
        } else {
          await raises(9009, rename(audienceTag(made)));
          await raises(9009, remove(audienceTag(made)));
          same(await audiences.get(account_id, id), made);
        }
      });
    });
  }

  test('what is not there is not there, whatever is wanted of it', async () => {
    const { account_id, id } = audience;
    for (const precondition of [{ match: '*' }, { match: ['"other"'] }, { noneMatch: '*' }] as Precondition[]) {
      const { audiences, contacts } = under.store;
      await raises(1301, audiences.rename(account_id, NOBODY, 'Renamed', { precondition }));
      await raises(1301, audiences.delete(account_id, NOBODY, { precondition }));
      await raises(1301, audiences.delete(NOBODY, id, { precondition }));
      await raises(1301, contacts.update(account_id, NOBODY, NOBODY, {}, { precondition }));
      await raises(1301, contacts.delete(NOBODY, id, NOBODY, { precondition }));
      await raises(1351, contacts.update(account_id, id, NOBODY, {}, { precondition }));
      await raises(1351, contacts.delete(account_id, id, NOBODY, { precondition }));
    }
  });

  test('what is changed already is told before what is in the way', async () => {
    const { account_id, id } = audience;
    const one = await create(audience, { number: numberOf(1) });
    const two = await create(audience, { number: numberOf(2) });
    const beside = await under.store.audiences.create(account_id, { name: 'In the way', channel: 'SMS', contacts: [] });
    const outdated = { precondition: { match: ['"other"'] } };
    const change = { number: two.number };
    await raises(9009, under.store.contacts.update(account_id, id, one.id, change, outdated));
    await raises(9009, under.store.audiences.rename(account_id, id, beside.name, outdated));
    const current = { precondition: { match: [tagOf(one)] } };
    const problem = await raises(1360, under.store.contacts.update(account_id, id, one.id, change, current));
    assert.equal(problem.contact_id, two.id);
    await raises(1309, under.store.audiences.rename(account_id, id, beside.name, { precondition: { match: '*' } }));
  });

  test('contacts that come and go do not change what an audience is renamed by', async () => {
    const made = await makeAudience(under.store);
    await create(made, FULL);
    const now = await under.store.audiences.get(made.account_id, made.id);
    assert.notEqual(audienceTag(now), audienceTag(made));
    const terms = { precondition: { match: [audienceTag(made)] } };
    const renamed = await under.store.audiences.rename(made.account_id, made.id, 'Renamed', terms);
    same([renamed.name, renamed.contacts_count], ['Renamed', 1]);
    await raises(9009, under.store.audiences.rename(made.account_id, made.id, 'Again', terms));
  });

  test('a change to the same values keeps the tag', async () => {
    const made = await makeAudience(under.store);
    const contact = await create(made, FULL);
    const terms = { precondition: { match: [tagOf(contact)] } };
    const { account_id, id } = made;
    assert.equal(await under.store.contacts.update(account_id, id, contact.id, FULL, terms), writeDocument(contact));
    same(await under.store.audiences.rename(account_id, id, made.name, { precondition: { match: '*' } }), {
      ...made,
      contacts_count: 1,
    });
  });

  test('of 20 that change what all of them have read one succeeds', async () => {
    const made = await makeAudience(under.store);
    const { account_id, id } = made;
    const contact = await create(made, { number: numberOf(1) });
    const outcomes = await Promise.allSettled(
      Array.from({ length: 20 }, (_, index) => {
        const change = { first_name: `Nr ${index}` };
        return under.store.contacts.update(account_id, id, contact.id, change, {
          precondition: { match: [tagOf(contact)] },
        });
      }),
    );
    assert.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 1);
    for (const outcome of outcomes) {
      if (outcome.status === 'fulfilled')
        assert.equal(await under.store.contacts.get(account_id, id, contact.id), outcome.value);
      else {
        assert.ok(outcome.reason instanceof MusterError);
        assert.equal(outcome.reason.problems[0]!.code, 9009);
      }
    }
  });
});
