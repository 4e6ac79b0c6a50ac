import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import type { Contact } from '../../../src/core/contact-document.ts';
import { searchNeedles } from '../../../src/core/search-text.ts';
import type { Audience, Slice } from '../../../src/core/store.ts';
import { contactsOf, FROM_START, makeAudience, NOBODY, numberOf, raises } from '../../support/contacts.ts';
import { describeStores, same } from '../../support/contract.ts';

describeStores('pages', (under) => {
  const { create } = under;
  let audience: Audience;
  const contacts: Contact[] = [];
  let removed: string;
  let removedLast: string;
  before(async () => {
    // Of a neighbour with the same contacts before and behind nothing may be seen.
    const left = await makeAudience(under.store);
    audience = await makeAudience(under.store);
    const right = await makeAudience(under.store);
    for (let n = 9; n >= 0; n--) {
      for (const beside of [left, right]) await create(beside, { number: numberOf(n), first_name: 'Even' });
      contacts.push(await create(audience, { number: numberOf(n), first_name: n % 2 === 0 ? 'Even' : 'Odd' }));
    }
    removed = contacts.splice(4, 1)[0]!.id;
    removedLast = contacts.pop()!.id;
    for (const id of [removed, removedLast]) await under.store.contacts.delete(audience.account_id, audience.id, id);
  });

  // Eight live, made in this order with the numbers 9 8 7 6 4 3 2 1; those with 8 6 4 2 match `even`.
  type At = number | 'removed' | 'removed last' | 'never';
  const ROWS: {
    title: string;
    direction: Slice['direction'];
    at?: At;
    size: number;
    search?: string;
    numbers: number[];
    hasNext: boolean;
  }[] = [
    { title: 'the first', direction: 'after', size: 3, numbers: [9, 8, 7], hasNext: true },
    { title: 'behind the third', direction: 'after', at: 2, size: 3, numbers: [6, 4, 3], hasNext: true },
    { title: 'the last, not full', direction: 'after', at: 5, size: 3, numbers: [2, 1], hasNext: false },
    { title: 'the last, full', direction: 'after', at: 4, size: 3, numbers: [3, 2, 1], hasNext: false },
    { title: 'behind the last', direction: 'after', at: 7, size: 3, numbers: [], hasNext: false },
    { title: 'one at a time', direction: 'after', at: 6, size: 1, numbers: [1], hasNext: false },
    { title: 'all in one', direction: 'after', size: 8, numbers: [9, 8, 7, 6, 4, 3, 2, 1], hasNext: false },
    { title: 'one short of all', direction: 'after', size: 7, numbers: [9, 8, 7, 6, 4, 3, 2], hasNext: true },
    { title: 'more than all', direction: 'after', size: 1000, numbers: [9, 8, 7, 6, 4, 3, 2, 1], hasNext: false },
    { title: 'behind a deleted one', direction: 'after', at: 'removed', size: 2, numbers: [4, 3], hasNext: true },
    {
      title: 'behind a deleted last one',
      direction: 'after',
      at: 'removed last',
      size: 2,
      numbers: [],
      hasNext: false,
    },
    { title: 'before a deleted one', direction: 'before', at: 'removed', size: 2, numbers: [7, 6], hasNext: true },
    {
      title: 'before a deleted last one',
      direction: 'before',
      at: 'removed last',
      size: 2,
      numbers: [2, 1],
      hasNext: false,
    },
    { title: 'before the fourth', direction: 'before', at: 3, size: 3, numbers: [9, 8, 7], hasNext: true },
    { title: 'before the third, not full', direction: 'before', at: 2, size: 3, numbers: [9, 8], hasNext: true },
    { title: 'before the first', direction: 'before', at: 0, size: 3, numbers: [], hasNext: true },
    { title: 'before the last', direction: 'before', at: 7, size: 2, numbers: [3, 2], hasNext: true },
    { title: 'from the end', direction: 'before', size: 2, numbers: [2, 1], hasNext: false },
    { title: 'behind an id before all', direction: 'after', at: 'never', size: 2, numbers: [9, 8], hasNext: true },
    { title: 'before an id before all', direction: 'before', at: 'never', size: 2, numbers: [], hasNext: true },
    { title: 'matches', direction: 'after', size: 3, search: 'even', numbers: [8, 6, 4], hasNext: true },
    { title: 'matches, full', direction: 'after', size: 4, search: 'even', numbers: [8, 6, 4, 2], hasNext: false },
    { title: 'matches behind one', direction: 'after', at: 1, size: 2, search: 'even', numbers: [6, 4], hasNext: true },
    {
      title: 'matches behind one that does not match',
      direction: 'after',
      at: 2,
      size: 3,
      search: 'even',
      numbers: [6, 4, 2],
      hasNext: false,
    },
    {
      title: 'matches behind a deleted one',
      direction: 'after',
      at: 'removed',
      size: 3,
      search: 'even',
      numbers: [4, 2],
      hasNext: false,
    },
    { title: 'matches before one', direction: 'before', at: 4, size: 1, search: 'even', numbers: [6], hasNext: true },
    {
      title: 'matches before one behind the last match',
      direction: 'before',
      at: 7,
      size: 2,
      search: 'even',
      numbers: [4, 2],
      hasNext: false,
    },
    {
      title: 'matches before a deleted one',
      direction: 'before',
      at: 'removed',
      size: 9,
      search: 'even',
      numbers: [8, 6],
      hasNext: true,
    },
    { title: 'no matches', direction: 'after', size: 3, search: 'nobody', numbers: [], hasNext: false },
  ];
  for (const { title, direction, at, size, search = '', numbers, hasNext } of ROWS) {
    test(title, async () => {
      const places = { removed, 'removed last': removedLast, never: NOBODY };
      const position = at === undefined ? undefined : typeof at === 'number' ? contacts[at]!.id : places[at];
      const needles = searchNeedles(search);
      const query = { direction, position, size, needles, count: true };
      const page = await under.store.contacts.page(audience.account_id, audience.id, query);
      same(
        contactsOf(page),
        numbers.map((n) => contacts.find((contact) => contact.number === numberOf(n))),
      );
      assert.equal(page.hasNext, hasNext);
      assert.equal(page.count, numbers.length);
      const ids = contactsOf(page).map(({ id }) => id);
      same([page.first, page.last], [ids[0], ids.at(-1)]);
      assert.equal(page.total, search === '' ? 8 : search === 'even' ? 4 : 0);
    });
  }

  test('whoever has sent a page may free its bytes: those of others are theirs', async () => {
    for (const needles of [[], ['even']]) {
      for (const size of [2, 100]) {
        const read = () =>
          under.store.contacts.page(audience.account_id, audience.id, { ...FROM_START, needles, size, count: false });
        const [page, other, expected] = [await read(), await read(), contactsOf(await read())];
        page.documents.buffer.transfer(0);
        assert.equal(page.documents.length, 0);
        same(contactsOf(other), expected);
      }
    }
  });

  test('a total is counted when it is asked for', async () => {
    for (const needles of [[], ['even']]) {
      const query = { ...FROM_START, needles, count: false };
      assert.equal('total' in (await under.store.contacts.page(audience.account_id, audience.id, query)), false);
    }
  });

  test('an audience that is not there: 1301', async () => {
    for (const needles of [[], ['even']]) {
      const query = { ...FROM_START, needles, count: true };
      await raises(1301, under.store.contacts.page(audience.account_id, NOBODY, query));
    }
  });
});
