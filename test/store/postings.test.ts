/** Posting lists of the PostgreSQL store: what they hold, and that searches find the same whatever is taken into them when. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import fc from 'fast-check';
import { readDocument } from '../../src/core/contact-document.ts';
import { searchText } from '../../src/core/search-text.ts';
import type { ContactQuery, Store } from '../../src/core/store.ts';
import type { Database } from '../../src/store/postgres/database.ts';
import { makePostgresStore, openPostgresStore } from '../../src/store/postgres/index.ts';
import {
  changeLists,
  findSlots,
  foundBy,
  gatherPostings,
  isWanted,
  termsOf,
  termsOfChanges,
  wanted,
} from '../../src/store/postgres/postings.ts';
import { takeIn } from '../../src/store/postgres/segments.ts';
import { insertContacts } from '../../src/store/postgres/write-contacts.ts';
import { allContacts, contactsOf, makeAudience, numberOf } from '../support/contacts.ts';
import {
  createPglite,
  makeDatabase,
  makePgliteDatabase,
  NEEDS_SERVER,
  SERVER_URL,
  SMALL_SEGMENTS,
} from '../support/postgres.ts';

/** Few different characters, so that much is alike: of one, two and three bytes, of two UTF-16 units, and what JSON escapes. */
const text = fc.string({ unit: fc.constantFrom('a', 'b', 'ä', '語', '😀', ' ', '"', '\t', '.'), maxLength: 12 });
const contact = fc
  .record({ first_name: text, last_name: fc.option(text), tags: fc.uniqueArray(text, { maxLength: 3 }) })
  .map((names) => ({ ...names, number: '4915' }));

describe('lists', () => {
  test('find the contacts whose line has all that is looked for, and no other', () => {
    const needle = fc.string({ unit: fc.constantFrom('a', 'b', '語', '😀', '"'), minLength: 3, maxLength: 8 });
    const filter = fc.record({
      needles: fc.array(needle, { minLength: 1, maxLength: 2 }),
      tags: fc.array(text, { maxLength: 2 }),
    });
    fc.assert(
      fc.property(fc.array(contact, { maxLength: 200 }), filter, (contacts, asked) => {
        const lines = contacts.map(foundBy);
        const postings = gatherPostings();
        for (const [slot, line] of lines.entries()) postings.add(slot, line);
        const want = wanted(asked);
        const known = postings.lists();
        const lists = new Map(termsOf(want).flatMap((term) => (known.has(term) ? [[term, known.get(term)!]] : [])));
        const expected = contacts.flatMap((each, slot) => {
          const hasNeedles = asked.needles.every((part) => searchText(each).includes(part));
          return hasNeedles && asked.tags.every((tag) => each.tags.includes(tag)) ? [slot] : [];
        });
        assert.deepEqual([...findSlots(lists, want)], expected);
        assert.deepEqual(
          lines.flatMap((line, slot) => (isWanted(line, want) ? [slot] : [])),
          expected,
        );
      }),
      { numRuns: 500 },
    );
  });

  test('that are changed are those that are gathered of what there is then', () => {
    const change = fc.record({ before: fc.option(contact), after: fc.option(contact) });
    fc.assert(
      fc.property(fc.array(change, { maxLength: 300 }), (contacts) => {
        const [before, after] = [gatherPostings(), gatherPostings()];
        const changes = contacts.flatMap((each, slot) => {
          const [former, latter] = [each.before ?? undefined, each.after ?? undefined].map((it) => it && foundBy(it));
          if (former !== undefined) before.add(slot, former);
          if (latter !== undefined) after.add(slot, latter);
          return former === latter ? [] : [{ slot, before: former, after: latter }];
        });
        const terms = new Set(termsOfChanges(changes));
        const lists = before.lists();
        for (const [term, list] of changeLists(new Map([...lists].filter(([term]) => terms.has(term))), changes)) {
          if (list.length === 0) lists.delete(term);
          else lists.set(term, list);
        }
        const sorted = (all: Map<string, Uint8Array>) => [...all].map(([term, list]) => [term, ...list]).sort();
        assert.deepEqual(sorted(lists), sorted(after.lists()));
      }),
      { numRuns: 300 },
    );
  });
});

/** Walks forwards and backwards through what a search finds, a few at a time; each with the total of its first page. */
async function walkBoth(
  store: Store,
  audience: { account_id: string; id: string },
  asked: Pick<ContactQuery, 'needles' | 'tags'>,
  size = 7,
) {
  const walks: { ids: string[]; total: number | undefined }[] = [];
  for (const direction of ['after', 'before'] as const) {
    const walk = { ids: [] as string[], total: undefined as number | undefined };
    for (let position: string | undefined, hasNext = true; hasNext; ) {
      const isFirst = position === undefined;
      const query = { ...asked, direction, size, position, count: isFirst };
      const page = await store.contacts.page(audience.account_id, audience.id, query);
      const ids = contactsOf(page).map(({ id }) => id);
      walk.ids = direction === 'after' ? [...walk.ids, ...ids] : [...ids, ...walk.ids];
      walk.total ??= page.total;
      // Backwards `hasNext` tells of what lies behind the page.
      assert.equal(direction === 'before' ? page.hasNext : false, direction === 'before' && !isFirst);
      hasNext = direction === 'after' ? page.hasNext : ids.length > 0;
      position = direction === 'after' ? page.last : page.first;
    }
    walks.push(walk);
  }
  return walks;
}

describe('searches', () => {
  let database: Database;
  let store: Store;
  const closings: (() => Promise<void>)[] = [];

  before(async () => {
    const pglite = await createPglite();
    database = makePgliteDatabase(pglite);
    store = await makePostgresStore(database, 'administration');
    closings.push(
      () => store.close(),
      () => pglite.close(),
    );
  });
  after(async () => {
    for (const close of closings) await close();
  });

  const word = fc.constantFrom('anna', 'hanna', 'joanna', 'nan', 'bo');
  const chosen = fc.integer({ min: 0, max: 99 });
  const step = fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({ kind: fc.constant('create' as const), count: fc.integer({ min: 1, max: 20 }), word }),
    },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('update' as const), chosen, word, tagged: fc.boolean() }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('delete' as const), chosen }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('put back' as const), chosen, word }) },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('take in' as const) }) },
  );
  const SEARCHES = [
    { needles: ['ann'] },
    { needles: ['anna', '  h'] },
    { needles: ['nan'] },
    { needles: ['ann'], tags: ['vip'] },
    { needles: ['1202555'] },
  ];

  test('find what there is, whatever was taken in before it was written', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 10, maxLength: 60 }),
        fc.integer({ min: 1, max: 7 }),
        async (steps, size) => {
          const audience = await makeAudience(store);
          const { account_id, id } = audience;
          const ids: string[] = [];
          const gone: string[] = [];
          let last = 0;
          for (const each of steps) {
            const at = 'chosen' in each ? ids[each.chosen % Math.max(1, ids.length)] : undefined;
            if (each.kind === 'create') {
              const rows = Array.from({ length: each.count }, () => ({
                number: numberOf(++last),
                first_name: each.word,
              }));
              const fates = await store.contacts.upsert(account_id, id, rows, 'error');
              ids.push(...fates.map((fate) => (fate as { id: string }).id));
            } else if (each.kind === 'update' && at !== undefined) {
              const change = { first_name: each.word, tags: each.tagged ? ['vip'] : [] };
              await store.contacts.update(account_id, id, at, change);
            } else if (each.kind === 'delete' && at !== undefined) {
              await store.contacts.delete(account_id, id, at);
              gone.push(...ids.splice(ids.indexOf(at), 1));
            } else if (each.kind === 'put back' && gone.length > 0) {
              // As an undo does: among contacts that were made long after it.
              const [back] = gone.splice(each.chosen % gone.length, 1);
              await putBack(id, back!, { number: numberOf(++last), first_name: each.word });
              ids.push(back!);
            } else if (each.kind === 'take in') {
              await takeIn(database, id, SMALL_SEGMENTS);
            }
          }
          const contacts = await allContacts(store, audience);
          for (const asked of SEARCHES) {
            const expected = contacts.filter((each) => isWanted(foundBy(each), wanted(asked))).map((each) => each.id);
            const what = JSON.stringify(asked);
            for (const { ids: found, total } of await walkBoth(store, audience, asked, size)) {
              assert.deepEqual(found, expected, what);
              assert.equal(total, expected.length, what);
            }
            const exported: string[] = [];
            for await (const batch of store.contacts.export(account_id, id, asked.needles, asked.tags)) {
              exported.push(...batch.map((document) => readDocument(document).id));
            }
            assert.deepEqual(exported, expected, what);
          }
          assert.deepEqual(await store.check(), []);
        },
      ),
      { numRuns: 40 },
    );
  });

  test('find what lies in far segments before what was just written', async () => {
    const audience = await makeAudience(store);
    const { account_id, id } = audience;
    const names = (n: number) => (n % 25 === 0 || n >= 240 ? 'Anna' : 'Bo');
    for (let n = 0; n < 243; n++) {
      await store.contacts.create(account_id, id, { number: numberOf(n), first_name: names(n) });
      if (n === 239) while (await takeIn(database, id, SMALL_SEGMENTS));
    }
    const expected = (await allContacts(store, audience))
      .filter((each) => each.first_name === 'Anna')
      .map((each) => each.id);
    for (const size of [1, 2, 3]) {
      for (const { ids, total } of await walkBoth(store, audience, { needles: ['anna'] }, size)) {
        assert.deepEqual(ids, expected);
        assert.equal(total, 13);
      }
    }
  });

  test('find what was put back where others were made segments of', async () => {
    const audience = await makeAudience(store);
    const { account_id, id } = audience;
    const rows = Array.from({ length: 60 }, (_, n) => ({ number: numberOf(n), first_name: 'Anna' }));
    const fates = await store.contacts.upsert(account_id, id, rows, 'error');
    const ids = fates.map((fate) => (fate as { id: string }).id);
    const gone = ids.filter((_, n) => n % 6 !== 5);
    for (const each of gone) await store.contacts.delete(account_id, id, each);
    while (await takeIn(database, id, SMALL_SEGMENTS));
    for (const [n, each] of gone.entries()) await putBack(id, each, { number: numberOf(100 + n), first_name: 'Anna' });
    // The last of those that are in the postings, before the others are.
    await store.contacts.delete(account_id, id, ids[59]!);
    while (await takeIn(database, id, SMALL_SEGMENTS));
    for (const walk of await walkBoth(store, audience, { needles: ['anna'] })) {
      assert.deepEqual(walk, { ids: ids.slice(0, 59), total: 59 });
    }
    const segments = await database.query('SELECT 1 FROM contact_segments WHERE audience_id = $1', [id]);
    assert.ok(segments.length >= 5, `${segments.length} segments`);
    assert.deepEqual(await store.check(), []);
  });

  async function putBack(
    audienceId: string,
    id: string,
    { number, first_name }: { number: string; first_name: string },
  ) {
    const made = { id, number, first_name, last_name: null, timestamp: null, date: null, tags: [] };
    const contact = { ...made, create_date: '2026-01-01T00:00:00.000Z', update_date: '2026-01-01T00:00:00.000Z' };
    await database.transaction(async (query) => {
      await insertContacts(query, audienceId, [{ contact, revision: 1 }]);
    });
  }

  const TABLES = [
    'contacts',
    'contact_counts',
    'contact_tags',
    'contact_segments',
    'contact_postings',
    'contact_changes',
  ];
  const DAMAGES: [title: string, damage: string][] = [
    ['a list', "UPDATE contact_postings SET list = list || '\\x0101' WHERE term = 'ann'"],
    ['a list that is missing', "DELETE FROM contact_postings WHERE term = 'ann'"],
    ['a list of what nobody has', "UPDATE contact_postings SET term = 'xyz' WHERE term = 'ann'"],
    ['the ids of a segment', 'UPDATE contact_segments SET ids = substr(ids, 17)'],
    ['a change too many', 'INSERT INTO contact_changes SELECT audience_id, id, NULL, found_by FROM contacts LIMIT 1'],
  ];
  for (const [title, damage] of DAMAGES) {
    test(`the check finds ${title} that is wrong`, async () => {
      await database.query(`TRUNCATE ${TABLES.join(', ')}`);
      const { account_id, id } = await makeAudience(store);
      const rows = Array.from({ length: 5 }, (_, n) => ({ number: numberOf(n), first_name: 'Anna' }));
      await store.contacts.upsert(account_id, id, rows, 'error');
      await takeIn(database, id, SMALL_SEGMENTS);
      assert.deepEqual(await store.check(), []);
      await database.query(damage);
      const [finding] = await store.check();
      assert.match(finding!.what, /search/);
      await database.query(`TRUNCATE ${TABLES.join(', ')}`);
    });
  }
});

describe('many writers and two processes that take in', { skip: NEEDS_SERVER }, () => {
  let url: string;
  let drop: () => Promise<void>;
  const stores: Store[] = [];
  before(async () => {
    ({ url, drop } = await makeDatabase(SERVER_URL!));
  });
  after(async () => {
    for (const store of stores) await store.close();
    await drop();
  });

  test('leave postings that say what the contacts are found by', async () => {
    const errors: Error[] = [];
    const open = () =>
      openPostgresStore({ url, role: 'server', segmentSizes: SMALL_SEGMENTS, onError: (error) => errors.push(error) });
    stores.push(await open(), await open());
    const audience = await makeAudience(stores[0]!);
    const { account_id, id } = audience;
    let last = 0;
    const write = async (writer: number) => {
      const store = stores[writer % 2]!;
      const own: string[] = [];
      for (let n = 0; n < 60; n++) {
        const number = numberOf(++last);
        own.push(readDocument(await store.contacts.create(account_id, id, { number, first_name: 'Anna' })).id);
        await store.contacts.update(account_id, id, own[n >> 1]!, {
          first_name: n % 3 === 0 ? `Bo ${n}` : `Anna ${n}`,
        });
        // Rows of everybody, so that several change the same contact.
        const rows = Array.from({ length: 5 }, (_, row) => ({
          number: numberOf(5000 + row),
          last_name: `Annan ${n}`,
        }));
        await store.contacts.upsert(account_id, id, rows, 'update');
      }
    };
    await Promise.all(Array.from({ length: 6 }, (_, writer) => write(writer)));
    assert.deepEqual(await stores[0]!.check(), []);
    const contacts = await allContacts(stores[0]!, audience);
    const expected = contacts.filter((each) => searchText(each).includes('anna')).map((each) => each.id);
    for (const { ids, total } of await walkBoth(stores[1]!, audience, { needles: ['anna'] })) {
      assert.deepEqual(ids, expected);
      assert.equal(total, expected.length);
    }
    assert.deepEqual(errors, []);
  });
});
