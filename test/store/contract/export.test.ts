import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { readDocument } from '../../../src/core/contact-document.ts';
import { searchNeedles } from '../../../src/core/search-text.ts';
import type { Audience } from '../../../src/core/store.ts';
import { allContacts, makeAudience, NOBODY, numberOf, raises } from '../../support/contacts.ts';
import { describeStores, same } from '../../support/contract.ts';

/** More than a few batches of any store. */
const COUNT = 1500;

describeStores('exports', (under) => {
  let audience: Audience;
  before(async () => {
    // Of a neighbour with the same contacts before and behind nothing may be seen.
    const left = await makeAudience(under.store);
    audience = await makeAudience(under.store);
    const right = await makeAudience(under.store);
    for (const { account_id, id } of [left, audience, right]) {
      const rows = Array.from({ length: COUNT }, (_, n) => ({
        number: numberOf(n),
        first_name: n % 3 === 0 ? 'Łukasz' : 'Ana',
        tags: ['vip'],
      }));
      await under.store.contacts.upsert(account_id, id, rows, 'error');
    }
  });

  const exportOf = ({ account_id, id }: Audience, search = '') =>
    under.store.contacts.export(account_id, id, searchNeedles(search));
  const all = async (source: AsyncIterable<string[]>) => (await Array.fromAsync(source)).flat().map(readDocument);

  test('all contacts, whole, in the order of their making', async () => {
    const exported = await all(exportOf(audience));
    assert.equal(exported.length, COUNT);
    same(exported, await allContacts(under.store, audience));
  });

  for (const search of ['lukasz', '+1 202 555 00', 'ana 12025550001', 'nobody']) {
    test(`those that the search '${search}' finds`, async () => {
      same(await all(exportOf(audience, search)), await allContacts(under.store, audience, searchNeedles(search)));
    });
  }

  test('an empty audience: no batch', async () => {
    same(await Array.fromAsync(exportOf(await makeAudience(under.store))), []);
  });

  for (const search of ['', 'ana']) {
    test(`what is written during the walk is not in it, ${search === '' ? 'all' : 'a search'}`, async () => {
      const changing = await makeAudience(under.store);
      const { account_id, id } = changing;
      const rows = Array.from({ length: COUNT }, (_, n) => ({ number: numberOf(n), first_name: 'Ana' }));
      await under.store.contacts.upsert(account_id, id, rows, 'error');
      const expected = await allContacts(under.store, changing);

      const exported = [];
      for await (const batch of exportOf(changing, search)) {
        exported.push(...batch.map(readDocument));
        if (exported.length > batch.length) continue;
        const last = expected.at(-1)!;
        await under.store.contacts.delete(account_id, id, last.id);
        await under.store.contacts.update(account_id, id, expected.at(-2)!.id, { first_name: 'Other' });
        await under.store.contacts.create(account_id, id, { number: numberOf(COUNT), first_name: 'Ana' });
        // A number that was free is another contact's now: still one contact, the one of the beginning.
        await under.store.contacts.create(account_id, id, { number: last.number, first_name: 'Ana' });
      }
      same(exported, expected);
      assert.equal((await all(exportOf(changing))).length, COUNT + 1);
    });
  }

  test('a deleted audience is exported to its end', async () => {
    const leaving = await makeAudience(under.store);
    const { account_id, id } = leaving;
    const rows = Array.from({ length: COUNT }, (_, n) => ({ number: numberOf(n) }));
    await under.store.contacts.upsert(account_id, id, rows, 'error');
    const walk = exportOf(leaving)[Symbol.asyncIterator]();
    let seen = (await walk.next()).value.length;
    await under.store.audiences.delete(account_id, id);
    for (let next = await walk.next(); !next.done; next = await walk.next()) seen += next.value.length;
    assert.equal(seen, COUNT);
  });

  test('an audience that is not there, or is another account’s: 1301 before the first batch', async () => {
    const other = await makeAudience(under.store);
    for (const search of ['', 'ana']) {
      for (const place of [
        { ...audience, id: NOBODY },
        { ...audience, account_id: other.account_id },
      ]) {
        await raises(1301, exportOf(place, search)[Symbol.asyncIterator]().next());
      }
    }
  });

  test('one after the other, however many were left half way', async () => {
    for (let n = 0; n < 30; n++) {
      for await (const batch of exportOf(audience)) {
        assert.ok(batch.length > 0 && batch.length < COUNT);
        break;
      }
    }
    assert.equal((await all(exportOf(audience))).length, COUNT);
  });
});
