/** What the PostgreSQL store promises beside the contract of all stores. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import fc from 'fast-check';
import pg from 'pg';
import { readDocument } from '../../src/core/contact-document.ts';
import { MusterError, SetupError } from '../../src/core/errors.ts';
import type { Finding, Store } from '../../src/core/store.ts';
import { openPostgresStore } from '../../src/store/postgres/index.ts';
import { allContacts, contactsOf, FROM_START, makeAudience, numberOf, raises, until } from '../support/contacts.ts';
import { applyRows, claim, rowsOf, upload } from '../support/import-jobs.ts';
import { makeDatabase, NEEDS_SERVER, openPglite, runOnServer, SERVER_URL } from '../support/postgres.ts';

describe('the schema', { skip: NEEDS_SERVER }, () => {
  let database: Awaited<ReturnType<typeof makeDatabase>>;
  before(async () => {
    database = await makeDatabase(SERVER_URL!);
  });
  after(() => database.drop());
  const open = () => openPostgresStore({ url: database.url, role: 'administration' });

  test('twenty processes that start at once on an empty database make one store', async () => {
    const stores = await Promise.all(Array.from({ length: 20 }, open));
    const audience = await makeAudience(stores[0]!);
    for (const [index, store] of stores.entries()) {
      await store.contacts.create(audience.account_id, audience.id, { number: numberOf(index) });
      await store.close();
    }
    const store = await open();
    assert.equal((await allContacts(store, audience)).length, 20);
    await store.close();
  });

  test('a store of a newer version is refused, and left as it is', async () => {
    await runOnServer(database.url, "INSERT INTO migrations VALUES (1000, 'from the future')");
    await assert.rejects(open(), (error) => error instanceof SetupError && /newer Muster/.test(error.message));
    await runOnServer(database.url, 'DELETE FROM migrations WHERE number = 1000');
    await (await open()).close();
  });

  const WRONG: [title: string, change: (url: URL) => void, says: RegExp][] = [
    ['no server', (url) => (url.port = '1'), /127\.0\.0\.1:1.*cannot be used.*DATABASE_URL/],
    ['no such database', (url) => (url.pathname = '/muster_nobody'), /muster_nobody.*cannot be used/],
  ];
  for (const [title, change, says] of WRONG) {
    test(`${title}: a SetupError that keeps the password`, async () => {
      const url = new URL(database.url);
      url.password = 'secret-word';
      change(url);
      await assert.rejects(openPostgresStore({ url: url.href, role: 'server' }), (error) => {
        assert.ok(error instanceof SetupError, `${error}`);
        assert.match(error.message, says);
        assert.doesNotMatch(error.message, /secret-word|\n/);
        return true;
      });
    });
  }
});

describe('many at once', { skip: NEEDS_SERVER }, () => {
  let database: Awaited<ReturnType<typeof makeDatabase>>;
  let stores: Store[];
  before(async () => {
    database = await makeDatabase(SERVER_URL!);
    const open = () => openPostgresStore({ url: database.url, role: 'server' });
    stores = [await open(), await open()];
  });
  after(async () => {
    await Promise.all(stores.map((store) => store.close()));
    await database.drop();
  });

  test('writers of one audience do not wait for the commit of another', async () => {
    const [store] = stores as [Store];
    const { account_id, id } = await makeAudience(store);
    await store.contacts.create(account_id, id, { number: numberOf(0) });
    const slow = new pg.Client({ connectionString: database.url });
    await slow.connect();
    // A transaction that has counted and not yet committed, as a slow writer leaves it for a while.
    await slow.query('BEGIN');
    await slow.query('UPDATE contact_counts SET count = count + 0 WHERE audience_id = $1', [id]);
    for (let n = 1; n <= 20; n++) await store.contacts.create(account_id, id, { number: numberOf(n) });
    await store.contacts.upsert(account_id, id, [{ number: numberOf(21) }], 'error');
    assert.equal((await store.audiences.get(account_id, id)).contacts_count, 22);
    await slow.query('COMMIT');
    await slow.end();
    const made = Array.from({ length: 64 }, (_, n) =>
      stores[n % 2]!.contacts.create(account_id, id, { number: numberOf(100 + n) }),
    );
    await Promise.all(made);
    assert.equal((await store.audiences.get(account_id, id)).contacts_count, 86);
    assert.deepEqual(await store.check(), []);
  });

  test('one number from many sides: one contact, and everybody else is told its id', async () => {
    for (let round = 0; round < 10; round++) {
      const { account_id, id } = await makeAudience(stores[0]!);
      const outcomes = await Promise.allSettled(
        Array.from({ length: 20 }, (_, n) => stores[n % 2]!.contacts.create(account_id, id, { number: numberOf(1) })),
      );
      const [made, ...others] = outcomes.flatMap((each) =>
        each.status === 'fulfilled' ? [readDocument(each.value).id] : [],
      );
      assert.deepEqual(others, []);
      for (const each of outcomes) {
        if (each.status === 'fulfilled') continue;
        const [problem] = (each.reason as MusterError).problems;
        assert.deepEqual([problem!.code, problem!.contact_id], [1360, made]);
      }
      assert.equal((await stores[0]!.audiences.get(account_id, id)).contacts_count, 1);
    }
  });

  test('one after the other, by whichever process: in the order of making', async () => {
    const { account_id, id } = await makeAudience(stores[0]!);
    const ids: string[] = [];
    for (let n = 0; n < 100; n++) {
      const store = stores[n % 2]!;
      if (n % 5 > 0) ids.push(readDocument(await store.contacts.create(account_id, id, { number: numberOf(n) })).id);
      else {
        const rows = [{ number: numberOf(1000 + n) }, { number: numberOf(2000 + n) }];
        for (const fate of await store.contacts.upsert(account_id, id, rows, 'error'))
          ids.push((fate as { id: string }).id);
      }
    }
    const all = await allContacts(stores[0]!, { account_id, id } as never);
    assert.deepEqual(
      all.map((contact) => contact.id),
      ids,
    );
  });

  test('whatever meets whatever, nothing fails, and counters and search are right', async () => {
    const { account_id, id } = await makeAudience(stores[0]!);
    const number = fc.integer({ min: 0, max: 12 }).map(numberOf);
    const row = fc.record({ number, first_name: fc.constantFrom('Ana', 'Bea') });
    const write = fc.oneof(
      fc.record({ does: fc.constant('upsert' as const), rows: fc.array(row, { maxLength: 12 }) }),
      fc.record({ does: fc.constant('create' as const), row }),
      fc.record({ does: fc.constant('change' as const), of: fc.nat(12), row }),
      fc.record({ does: fc.constant('delete' as const), of: fc.nat(12) }),
    );
    const property = fc.asyncProperty(fc.array(write, { minLength: 10, maxLength: 30 }), async (writes) => {
      const there = (await allContacts(stores[0]!, { account_id, id } as never)).map((contact) => contact.id);
      const outcomes = writes.map(async (each, index) => {
        const { contacts } = stores[index % 2]!;
        if (each.does === 'upsert') return contacts.upsert(account_id, id, each.rows, 'update');
        if (each.does === 'create') return contacts.create(account_id, id, each.row);
        const of = there[each.of % there.length] ?? id;
        if (each.does === 'delete') return contacts.delete(account_id, id, of);
        return contacts.update(account_id, id, of, each.row);
      });
      for (const each of await Promise.allSettled(outcomes)) {
        if (each.status === 'fulfilled') continue;
        assert.ok(each.reason instanceof MusterError, `${each.reason}`);
        assert.ok([1360, 1351].includes(each.reason.problems[0]!.code), each.reason.message);
      }
      assert.deepEqual(await stores[0]!.check(), []);
    });
    await fc.assert(property, { numRuns: 25 });
  });

  test('two processes that look for work at the same time never work on one audience', async () => {
    const { account_id, id } = await makeAudience(stores[0]!);
    const options = { name: null, dry_run: false, mode: 'merge', on_conflict: 'update', empty: 'keep' } as const;
    const rest = { default_country: null, tags: [], columns: {}, max_removals: '10%', encoding: null, format: null };
    for (let n = 0; n < 5; n++) {
      const importId = await stores[0]!.imports.begin(account_id, id, { ...options, ...rest }, 'people.csv');
      await stores[0]!.imports.queue(importId, 0, '');
    }
    for (let n = 0; n < 5; n++) {
      const claimed = await Promise.all(
        Array.from({ length: 10 }, (_, worker) => stores[worker % 2]!.imports.claim(`worker ${worker}`, 60_000)),
      );
      const worker = claimed.findIndex((each) => each !== undefined);
      assert.equal(claimed.filter((each) => each !== undefined).length, 1, `round ${n}`);
      await stores[0]!.imports.finish(claimed[worker]!.id, `worker ${worker}`, 'completed');
    }
  });
});

test('what is made after the clock was set back comes behind what was there', async () => {
  const { store, query, close } = await openPglite();
  const { account_id: account, id: audience } = await makeAudience(store);
  await store.contacts.create(account, audience, { number: numberOf(1) });
  // As if they had been made centuries later.
  const later = (id: string) => `7${id.slice(1)}`;
  const at = later(audience);
  await query('UPDATE audiences SET id = $1', [at]);
  await query('UPDATE contact_counts SET audience_id = $1', [at]);
  await query(
    `UPDATE contacts SET audience_id = $1, id = ('7' || substr(id::text, 2))::uuid,
    document = regexp_replace(document, '"id":".', '"id":"7')`,
    [at],
  );
  await query("UPDATE contact_changes SET audience_id = $1, id = ('7' || substr(id::text, 2))::uuid", [at]);
  const moved = { account_id: account, id: at } as never;
  const audiences = [at];
  const contacts = (await allContacts(store, moved)).map(({ id }) => id);
  for (let n = 2; n < 6; n++) {
    contacts.push(readDocument(await store.contacts.create(account, at, { number: numberOf(n) })).id);
    const [fate] = await store.contacts.upsert(account, at, [{ number: numberOf(10 + n) }], 'error');
    contacts.push((fate as { id: string }).id);
    audiences.push((await store.audiences.create(account, { name: `Later ${n}`, channel: 'SMS', contacts: [] })).id);
  }
  const { items } = await store.audiences.page(account, FROM_START);
  assert.deepEqual(
    items.map(({ id }) => id),
    audiences,
  );
  assert.deepEqual(
    (await allContacts(store, moved)).map(({ id }) => id),
    contacts,
  );
  await store.contacts.delete(account, at, contacts[0]!);
  const page = await store.contacts.page(account, at, {
    ...FROM_START,
    position: contacts[0],
    needles: [],
    count: false,
  });
  assert.deepEqual(
    contactsOf(page).map(({ id }) => id),
    contacts.slice(1),
  );
  assert.deepEqual(await store.check(), []);
  await close();
});

test('more exports at once than there is room for are told to come again', async () => {
  const { store, close } = await openPglite();
  const { account_id, id } = await makeAudience(store);
  await store.contacts.upsert(account_id, id, [{ number: numberOf(1) }], 'error');
  const walks = Array.from({ length: 8 }, () => store.contacts.export(account_id, id, [])[Symbol.asyncIterator]());
  for (const walk of walks) await walk.next();
  await raises(9503, store.contacts.export(account_id, id, [])[Symbol.asyncIterator]().next());
  await walks[0]!.return?.();
  assert.equal((await Array.fromAsync(store.contacts.export(account_id, id, []))).flat().length, 1);
  for (const walk of walks) await walk.return?.();
  await close();
});

test('what a rehearsal noted of numbers goes when it is over', async () => {
  const { store, query, close } = await openPglite(undefined, 'server');
  const audience = await makeAudience(store);
  const { id } = await upload(store, audience, { dry_run: true });
  await claim(store, id);
  const rows = rowsOf(Array.from({ length: 5000 }, (_, n) => ({ number: numberOf(n) })));
  await applyRows(store, id, rows, 'worker', 1000);
  const noted = async () =>
    (await query<{ count: number }>('SELECT count(*)::int AS count FROM import_numbers'))[0]!.count;
  assert.equal(await noted(), 5000);
  await store.imports.finish(id, 'worker', 'completed');
  await until(async () => (await noted()) === 0);
  await close();
});

test('a backup is the business of pg_dump', async () => {
  const { store, close } = await openPglite();
  await assert.rejects(
    store.backup('anywhere'),
    (error) => error instanceof SetupError && /pg_dump/.test(error.message),
  );
  await close();
});

describe('searches of many', () => {
  const COUNT = 1200;
  let opened: Awaited<ReturnType<typeof openPglite>>;
  let audience: Awaited<ReturnType<typeof makeAudience>>;

  /** Where in the audience a name lies, so that each way to a page is taken. */
  const PLACES: [name: string, isThere: (n: number) => boolean][] = [
    ['everywhere', () => true],
    ['sprinkled', (n) => n % 2 === 0],
    ['onlyearly', (n) => n < 600],
    ['onlylate', (n) => n >= 600],
    ['bothends', (n) => n < 60 || n >= 1140],
    ['rarelate', (n) => n > 1000 && n % 40 === 0],
  ];

  before(async () => {
    opened = await openPglite();
    audience = await makeAudience(opened.store);
    const rows = Array.from({ length: COUNT }, (_, n) => {
      const names = PLACES.flatMap(([name, isThere]) => (isThere(n) ? [name] : []));
      return { number: numberOf(n), first_name: names.join(' ') };
    });
    for (let from = 0; from < COUNT; from += 600) {
      await opened.store.contacts.upsert(audience.account_id, audience.id, rows.slice(from, from + 600), 'error');
    }
  });
  after(() => opened.close());

  for (const [name, isThere] of PLACES) {
    test(`${name}: walked to the end, all are there, in order, and counted`, async () => {
      const expected = Array.from({ length: COUNT }, (_, n) => n)
        .filter(isThere)
        .map(numberOf);
      for (let time = 0; time < 3; time++) {
        const found: string[] = [];
        let total: number | undefined;
        for (let position: string | undefined, hasNext = true; hasNext; ) {
          const query = { ...FROM_START, size: 70, position, needles: [name], count: total === undefined };
          const page = await opened.store.contacts.page(audience.account_id, audience.id, query);
          const contacts = contactsOf(page);
          found.push(...contacts.map(({ number }) => number));
          total ??= page.total;
          position = page.last;
          hasNext = page.hasNext;
        }
        assert.deepEqual(found, expected);
        assert.equal(total, expected.length);
      }
    });
  }
});

describe('the check', () => {
  const DAMAGES: [title: string, damage: string, finding: RegExp][] = [
    ['a counter', 'UPDATE contact_counts SET count = count + 1', /the counter says 4 contacts, there are 3/],
    [
      'a number',
      "UPDATE contacts SET number = '1' WHERE number LIKE '%1'",
      /its number is 1, its document says 12025550001/,
    ],
    [
      'a document of another contact',
      'UPDATE contacts SET document = regexp_replace(document, \'"id":".\', \'"id":"7\') WHERE number LIKE \'%1\'',
      /its id is not that of its document/,
    ],
    ['a document', "UPDATE contacts SET document = '{' WHERE number LIKE '%1'", /its document cannot be read/],
    ['what a contact is found by', "UPDATE contacts SET found_by = 'x' WHERE number LIKE '%1'", /by something else/],
    ['a change that is lost', 'DELETE FROM contact_changes', /search does not find contact/],
    ['an audience', 'DELETE FROM audiences', /its audience does not exist/],
  ];
  for (const [title, damage, finding] of DAMAGES) {
    test(`finds ${title} that is wrong`, async () => {
      const { store, query, close } = await openPglite();
      const { account_id, id } = await makeAudience(store);
      const rows = [1, 2, 3].map((n) => ({ number: numberOf(n), first_name: 'Ana' }));
      await store.contacts.upsert(account_id, id, rows, 'error');
      const told: number[] = [];
      assert.deepEqual(await store.check((done, of) => told.push(done, of)), []);
      assert.deepEqual(told, [3, 3]);
      await query(damage);
      const findings: Finding[] = await store.check();
      assert.match(findings.map(({ what }) => what).join('\n'), finding);
      assert.match(findings[0]!.where!, /[0-9a-f]{8}-/);
      await close();
    });
  }
});
