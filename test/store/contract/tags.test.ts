import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { readDocument } from '../../../src/core/contact-document.ts';
import type { ContactInput } from '../../../src/core/contact-fields.ts';
import { searchNeedles } from '../../../src/core/search-text.ts';
import type { Audience } from '../../../src/core/store.ts';
import {
  contactsOf,
  FROM_START,
  makeAudience,
  NOBODY,
  numberOf,
  raises,
  shownPage,
  until,
} from '../../support/contacts.ts';
import { describeStores, same } from '../../support/contract.ts';
import { importRows, rowsOf, undoImport } from '../../support/import-jobs.ts';

/** More contacts with a tag than are looked into one by one. */
const COUNT = 3000;
const EVEN = COUNT / 2;

describeStores('tags', (under) => {
  let audience: Audience;
  before(async () => {
    // Neighbours on both sides have the same tags on the same numbers.
    const left = await makeAudience(under.store);
    audience = await makeAudience(under.store);
    const right = await makeAudience(under.store);
    for (const { account_id, id } of [left, audience, right]) {
      for (let from = 0; from < COUNT; from += 1000) {
        const rows = Array.from({ length: 1000 }, (_, index): ContactInput => {
          const n = from + index;
          const tags = [
            ...(n % 2 === 0 ? ['even'] : []),
            ...(n % 3 === 0 ? ['three'] : []),
            ...(n % 100 === 0 ? ['rare'] : []),
          ];
          return { number: numberOf(n), first_name: n % 5 === 0 ? 'Łukasz' : 'Ana', tags };
        });
        await under.store.contacts.upsert(account_id, id, rows, 'error');
      }
    }
  });

  const numbersOf = async (tags: string[], search = '', of = audience): Promise<string[]> => {
    const numbers: string[] = [];
    let total: number | undefined;
    for (let position: string | undefined, hasNext = true; hasNext; ) {
      const query = {
        ...FROM_START,
        size: 700,
        position,
        needles: searchNeedles(search),
        tags,
        count: position === undefined,
      };
      const page = await under.store.contacts.page(of.account_id, of.id, query);
      const contacts = contactsOf(page);
      numbers.push(...contacts.map(({ number }) => number));
      total ??= page.total;
      position = contacts.at(-1)?.id;
      hasNext = page.hasNext;
    }
    assert.equal(total, numbers.length, 'the total is exact');
    return numbers;
  };
  const expected = (isIn: (n: number) => boolean) =>
    Array.from({ length: COUNT }, (_, n) => n)
      .filter(isIn)
      .map(numberOf);
  const tagsOf = ({ account_id, id }: Audience) => under.store.contacts.tags(account_id, id);

  const FILTERS: [tags: string[], search: string, isIn: (n: number) => boolean][] = [
    [['even'], '', (n) => n % 2 === 0],
    [['rare'], '', (n) => n % 100 === 0],
    [['even', 'three'], '', (n) => n % 6 === 0],
    [['three', 'rare', 'even'], '', (n) => n % 300 === 0],
    [['even', 'even'], '', (n) => n % 2 === 0],
    [['even'], 'lukasz', (n) => n % 10 === 0],
    [['rare'], 'lukasz', (n) => n % 100 === 0],
    [['rare'], 'ana', () => false],
    [['even', 'three'], 'luk', (n) => n % 30 === 0],
    [['even', 'rare'], '+1 202 555 02', (n) => n % 100 === 0 && n >= 200 && n < 300],
    [['even'], 'a', (n) => n % 2 === 0 && n % 5 !== 0],
    [['even'], 'nobody', () => false],
    [['nothing'], '', () => false],
    [['even', 'nothing'], '', () => false],
    [['EVEN'], '', () => false],
    [['eve'], '', () => false],
    [[''], '', () => false],
    [["even' OR 1=1 --"], '', () => false],
  ];
  for (const [tags, search, isIn] of FILTERS) {
    test(`'${tags.join("' and '")}'${search && `, and the search '${search}'`}: all of them in order, counted, also as an export`, async () => {
      assert.deepEqual(await numbersOf(tags, search), expected(isIn));
      const source = under.store.contacts.export(audience.account_id, audience.id, searchNeedles(search), tags);
      const exported = (await Array.fromAsync(source)).flat().map((document) => readDocument(document).number);
      assert.deepEqual(exported, expected(isIn));
    });
  }

  test('pages lead backwards as they lead forwards', async () => {
    const { account_id, id } = audience;
    for (const [tags, search] of [
      [['three'], ''],
      [['three', 'even'], ''],
      [['three'], 'lukasz'],
      [['rare'], 'luk'],
    ] as const) {
      const query = { needles: searchNeedles(search), tags: [...tags], size: 4, count: true };
      const first = shownPage(await under.store.contacts.page(account_id, id, { ...query, direction: 'after' }));
      const second = shownPage(
        await under.store.contacts.page(account_id, id, { ...query, direction: 'after', position: first.last }),
      );
      const back = shownPage(
        await under.store.contacts.page(account_id, id, { ...query, direction: 'before', position: second.first }),
      );
      assert.equal(first.contacts.length, 4);
      same({ ...back, hasNext: true }, first);
      assert.equal(back.hasNext, true);
      const last = shownPage(await under.store.contacts.page(account_id, id, { ...query, direction: 'before' }));
      assert.equal(last.hasNext, false);
      assert.equal(last.total, first.total);
    }
  });

  test('are listed with their counts, most used first', async () => {
    const expectedTags = [
      { tag: 'even', contacts_count: EVEN },
      { tag: 'three', contacts_count: COUNT / 3 },
      { tag: 'rare', contacts_count: COUNT / 100 },
    ];
    same(await tagsOf(audience), expectedTags);
    same(await tagsOf(await makeAudience(under.store)), []);
  });

  test('of one count stand in the order of their bytes; no more than a thousand are told', async () => {
    const many = await makeAudience(under.store);
    const { account_id, id } = many;
    const rows = Array.from({ length: 120 }, (_, n) => ({
      number: numberOf(n),
      tags: Array.from({ length: 9 }, (_, index) => `t${String(n * 9 + index).padStart(4, '0')}`),
    }));
    await under.store.contacts.upsert(account_id, id, rows, 'error');
    const listed = await tagsOf(many);
    assert.equal(listed.length, 1000);
    assert.deepEqual(
      listed.map(({ tag }) => tag),
      rows.flatMap(({ tags }) => tags).slice(0, 1000),
    );
    const odd = await makeAudience(under.store);
    await under.store.contacts.create(odd.account_id, odd.id, {
      number: numberOf(1),
      tags: ['é', 'z', 'Z', '漢', '😀', '\uffee', ' a'],
    });
    assert.deepEqual(
      (await tagsOf(odd)).map(({ tag }) => tag),
      [' a', 'Z', 'z', 'é', '漢', '\uffee', '😀'],
    );
  });

  test('any text is a tag: quotes, line breaks, what looks like a document', async () => {
    const strange = await makeAudience(under.store);
    const all = ['"', '\\', "'", 'a\nb', '"tags":[]', '{"id":"', '\u0001', '%', '_', '{a,b}', 'NULL', '😀'.repeat(16)];
    const rows = all.map((tag, n) => ({ number: numberOf(n), first_name: '"tags":[]', tags: [tag, 'all'] }));
    await under.store.contacts.upsert(strange.account_id, strange.id, rows, 'error');
    for (const [n, tag] of all.entries()) assert.deepEqual(await numbersOf([tag], '', strange), [numberOf(n)], tag);
    assert.equal((await numbersOf(['all'], '', strange)).length, all.length);
    assert.equal((await tagsOf(strange)).length, all.length + 1);
  });

  test('follow every change of a contact at once', async () => {
    const changing = await makeAudience(under.store);
    const is = async (...tags: [tag: string, count: number][]) => {
      same(
        await tagsOf(changing),
        tags.map(([tag, contacts_count]) => ({ tag, contacts_count })),
      );
      for (const [tag, count] of tags) assert.equal((await numbersOf([tag], '', changing)).length, count, tag);
    };
    const { account_id, id } = changing;
    const one = await under.create(changing, { number: numberOf(1), tags: ['a', 'b'] });
    const two = await under.create(changing, { number: numberOf(2) });
    await is(['a', 1], ['b', 1]);
    await under.update(changing, one.id, { tags: ['b', 'c'] });
    await is(['b', 1], ['c', 1]);
    assert.deepEqual(await numbersOf(['a'], '', changing), []);
    await under.update(changing, two.id, { tags: ['c', 'b'] });
    await under.update(changing, two.id, { first_name: 'Ana' });
    await is(['b', 2], ['c', 2]);
    await under.update(changing, two.id, { tags: ['b', 'c'] });
    await is(['b', 2], ['c', 2]);
    await under.store.contacts.upsert(
      account_id,
      id,
      [
        { number: numberOf(1), tags: [] },
        { number: numberOf(3), tags: ['c', 'd'] },
        { number: numberOf(3), tags: ['d'] },
        { number: numberOf(4), tags: ['d'] },
      ],
      'update',
    );
    await is(['d', 2], ['b', 1], ['c', 1]);
    await under.store.contacts.delete(account_id, id, two.id);
    await is(['d', 2]);
    await under.update(changing, one.id, { number: numberOf(9), tags: ['d'] });
    await is(['d', 3]);
    assert.deepEqual(await numbersOf(['d'], '', changing), [numberOf(9), numberOf(3), numberOf(4)]);
  });

  test('follow imports, what they remove, and their undoing', async () => {
    const imported = await makeAudience(under.store);
    await under.create(imported, { number: numberOf(1), tags: ['old', 'kept'] });
    await under.create(imported, { number: numberOf(2), tags: ['old'] });
    const before = await tagsOf(imported);
    const rows = rowsOf([
      { number: numberOf(1), tags: ['kept', 'new'] },
      { number: numberOf(3), tags: ['new'] },
    ]);
    const done = await importRows(under.store, imported, rows, { mode: 'replace', max_removals: '100%' });
    same(await tagsOf(imported), [
      { tag: 'new', contacts_count: 2 },
      { tag: 'kept', contacts_count: 1 },
    ]);
    assert.deepEqual(await numbersOf(['new'], '', imported), [numberOf(1), numberOf(3)]);
    await undoImport(under.store, imported, done.id);
    same(await tagsOf(imported), before);
    assert.deepEqual(await numbersOf(['old'], '', imported), [numberOf(1), numberOf(2)]);
  });

  test('are right when many change the same contacts at the same moment', async () => {
    const busy = await makeAudience(under.store);
    const { account_id, id } = busy;
    const contacts = await Promise.all(
      [1, 2, 3, 4].map((n) => under.create(busy, { number: numberOf(n), tags: ['0'] })),
    );
    await Promise.all(
      Array.from({ length: 60 }, async (_, n) => {
        const { id: contactId } = contacts[n % 4]!;
        if (n === 50 || n === 51) await under.store.contacts.delete(account_id, id, contactId).catch(() => {});
        else if (n % 7 === 0) {
          await under.store.contacts.upsert(
            account_id,
            id,
            [{ number: numberOf(1 + (n % 4)), tags: [`a${n % 5}`, 'x'] }],
            'update',
          );
        } else await under.update(busy, contactId, { tags: [`a${n % 5}`, `b${n % 3}`] }).catch(() => {});
      }),
    );
    const counts = new Map<string, number>();
    for (const contact of contactsOf(
      await under.store.contacts.page(account_id, id, { ...FROM_START, needles: [], count: false }),
    )) {
      for (const tag of contact.tags) counts.set(tag, (counts.get(tag) ?? 0) + 1);
    }
    const listed = await tagsOf(busy);
    assert.deepEqual(new Map(listed.map(({ tag, contacts_count }) => [tag, contacts_count])), counts);
    for (const [tag, count] of counts) assert.equal((await numbersOf([tag], '', busy)).length, count);
  });

  test("are the account's own", async () => {
    const { id: other } = await under.store.accounts.create('Other');
    await raises(1301, under.store.contacts.tags(other, audience.id));
    await raises(1301, under.store.contacts.tags(audience.account_id, NOBODY));
    const query = { ...FROM_START, needles: [], tags: ['even'], count: true };
    await raises(1301, under.store.contacts.page(other, audience.id, query));
    await raises(1301, under.store.contacts.export(other, audience.id, [], ['even'])[Symbol.asyncIterator]().next());
    await raises(1301, under.store.contacts.export(other, audience.id, [], ['no'])[Symbol.asyncIterator]().next());
  });

  test('go with their audience, whose rows are removed afterwards', async () => {
    const leaving = await makeAudience(under.store);
    const { account_id, id } = leaving;
    const held = await under.heldContacts();
    const rows = Array.from({ length: 900 }, (_, n) => ({ number: numberOf(n), tags: [`only ${n}`, 'all', 'both'] }));
    await under.store.contacts.upsert(account_id, id, rows, 'error');
    await under.store.audiences.delete(account_id, id);
    await raises(1301, tagsOf(leaving));
    await until(async () => (await under.heldContacts()) === held);
    const again = await under.store.audiences.create(account_id, { name: leaving.name, channel: 'SMS', contacts: [] });
    same(await tagsOf(again), []);
  });
});
