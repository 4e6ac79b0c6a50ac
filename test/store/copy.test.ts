/** A copy between any two stores has everything the source has, wherever it was stopped, and what is wrong with it is found. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { CopyStore } from '../../src/core/copy.ts';
import { checkCopy } from '../../src/core/copy-check.ts';
import { copyStore } from '../../src/core/copy-run.ts';
import { everythingIn, PLACES, type Place, type PlaceKind } from '../support/copies.ts';
import { fillStore, goOnAndUndo, type OpenImports } from '../support/installation.ts';

const KINDS = Object.keys(PLACES) as PlaceKind[];
const PAIRS = KINDS.flatMap((from) => KINDS.map((to) => ({ from, to })));

async function using<T>(place: Place, work: (store: Awaited<ReturnType<Place['use']>>) => Promise<T>): Promise<T> {
  const store = await place.use();
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}

/** Opens both ends for a while. */
async function between<T>(
  from: Place,
  to: Place,
  work: (source: CopyStore, target: CopyStore) => Promise<T>,
): Promise<T> {
  const source = await from.open('source');
  try {
    const target = await to.open('target');
    try {
      return await work(source, target);
    } finally {
      await target.close();
    }
  } finally {
    await source.close();
  }
}

/** Copies to the end; what a comparison finds. */
function copyAll(from: Place, to: Place): Promise<string[]> {
  return between(from, to, async (source, target) => {
    assert.equal(await copyStore(source, target), 'complete');
    const { differences } = (await checkCopy(source, target))!;
    if (differences.length === 0) await target.release();
    return differences;
  });
}

async function makeFilled(kind: PlaceKind): Promise<{ place: Place; open: OpenImports; seen: unknown }> {
  const place = await PLACES[kind]();
  const { open, seen } = await using(place, async (store) => ({
    open: await fillStore(store),
    seen: await everythingIn(store),
  }));
  return { place, open, seen };
}

for (const { from, to } of PAIRS) {
  test(`a copy from ${from} to ${to} shows the same, and goes on and is undone the same way`, async () => {
    const source = await makeFilled(from);
    const target = await PLACES[to]();
    const back = await PLACES[from]();
    assert.deepEqual(await copyAll(source.place, target), []);
    assert.deepEqual(await using(target, everythingIn), source.seen);
    assert.deepEqual(await copyAll(target, back), []);
    assert.deepEqual(await using(back, everythingIn), source.seen);

    const expected = await using(source.place, (store) => goOnAndUndo(store, source.open));
    assert.deepEqual(await using(target, (store) => goOnAndUndo(store, source.open)), expected);
    assert.deepEqual(await using(back, (store) => goOnAndUndo(store, source.open)), expected);
    await Promise.all([source.place, target, back].map((place) => place.remove()));
  });

  test(`a copy from ${from} to ${to} that stops after every batch gets to the same end`, async () => {
    const source = await makeFilled(from);
    const target = await PLACES[to]();
    let runs = 0;
    await between(source.place, target, async (one, other) => {
      while ((await copyStore(one, other, { isStopped: () => true })) === 'stopped') runs++;
    });
    await assert.rejects(using(target, everythingIn), /is the target of a copy that is not finished/);
    await assert.rejects(target.open('source'), /is the target of a copy that is not finished/);
    assert.ok(runs > 15, `${runs} runs`);
    assert.deepEqual(await copyAll(source.place, target), []);
    assert.deepEqual(await using(target, everythingIn), source.seen);
    await Promise.all([source.place, target].map((place) => place.remove()));
  });
}

describe('what a comparison finds', () => {
  const DAMAGE: { what: string; sql: Record<PlaceKind, string>; found: RegExp }[] = [
    {
      what: 'a revision',
      sql: both('UPDATE contacts SET revision = revision + 1'),
      found: /: the rows of contacts are not the same$/m,
    },
    {
      what: 'a document',
      sql: {
        sqlite: "UPDATE contacts SET open_document = replace(open_document, 'Kept', 'Lost')",
        postgres: "UPDATE contacts SET document = replace(document, 'Kept', 'Lost')",
      },
      found: /^audience 'Main' .*: the documents of its contacts are not the same$/m,
    },
    {
      what: 'a contact that is missing',
      sql: {
        sqlite: 'DELETE FROM contacts WHERE no = (SELECT max(no) FROM contacts)',
        postgres: 'DELETE FROM contacts WHERE id = (SELECT id FROM contacts ORDER BY id DESC LIMIT 1)',
      },
      found: /: it has \d+ contacts, the source \d+$/m,
    },
    {
      what: 'a counter',
      sql: {
        sqlite: "UPDATE audiences SET contacts_count = 7 WHERE name = 'Empty'",
        postgres: "INSERT INTO contact_counts SELECT id, 9, 7 FROM audiences WHERE name = 'Empty'",
      },
      found: /^audience 'Empty' .*: its counter says 7, it has 0 contacts$/m,
    },
    {
      what: 'an audience that is missing',
      sql: {
        sqlite: "UPDATE audiences SET delete_date = '2026-01-01 00:00:00' WHERE name = 'Empty'",
        postgres: "UPDATE audiences SET deleted_at = now() WHERE name = 'Empty'",
      },
      found: /^audience 'Empty' \(.*\) is missing$/m,
    },
    {
      what: 'a key',
      sql: {
        sqlite: "UPDATE keys SET hash = zeroblob(32) WHERE name = 'touched'",
        postgres: "UPDATE keys SET hash = decode('00', 'hex') WHERE name = 'touched'",
      },
      found: /^the rows of keys are not the same$/m,
    },
    {
      what: 'a key that nobody made',
      sql: {
        sqlite: `INSERT INTO keys (id, account_id, name, prefix, scope, hash, create_date)
          SELECT 'new', id, 'new', 'x', 'write', x'00', create_date FROM accounts WHERE name = 'First'`,
        postgres: `INSERT INTO keys (id, account_id, name, prefix, scope, hash, create_date)
          SELECT gen_random_uuid(), id, 'new', 'x', 'write', '\\x01', create_date FROM accounts WHERE name = 'First'`,
      },
      found: /^the keys as they are listed are not the same$/m,
    },
    {
      what: 'a file',
      sql: {
        sqlite: "UPDATE import_chunks SET bytes = CAST(replace(CAST(bytes AS TEXT), 'x', 'y') AS BLOB)",
        postgres: 'UPDATE import_chunks SET bytes = set_byte(bytes, 1, 121)',
      },
      found: /: the file of import \S+ are not the same$|: the file of import \S+ is not the same$/m,
    },
    {
      what: 'undo data',
      sql: both("UPDATE import_batches SET undo = replace(undo, 'Ana', 'Eva')"),
      found: /: the rows of import_batches of import \S+ are not the same$/m,
    },
    {
      what: 'verdicts',
      sql: both("UPDATE import_batches SET fates = replace(fates, 'updated', 'skipped')"),
      found: /: the verdicts of import \S+ are not the same$/m,
    },
  ];

  // The damage of one is added to that of those before it: a comparison says everything.
  for (const kind of KINDS) {
    test(`on ${kind}`, async (context) => {
      const source = await makeFilled('sqlite');
      const target = await PLACES[kind]();
      await between(source.place, target, (one, other) => copyStore(one, other));
      let before = '';
      for (const { what, sql, found } of DAMAGE) {
        await context.test(what, async () => {
          assert.doesNotMatch(before, found);
          await target.run(sql[kind]);
          const differences = await copyAll(source.place, target);
          before = differences.join('\n');
          assert.match(before, found);
          await assert.rejects(using(target, everythingIn), /is the target of a copy that is not finished/);
        });
      }
      await Promise.all([source.place, target].map((place) => place.remove()));
    });
  }

  function both(sql: string): Record<PlaceKind, string> {
    return { sqlite: sql, postgres: sql };
  }
});

for (const kind of KINDS) {
  describe(`what cannot be copied into ${kind}`, () => {
    test('a store in which something is', async () => {
      const source = await makeFilled('sqlite');
      const target = await PLACES[kind]();
      await using(target, (store) => store.accounts.create('Here first'));
      await assert.rejects(copyAll(source.place, target), /not empty \(it has accounts\)/);
      await using(target, async (store) => assert.equal((await store.accounts.list()).length, 1));
      await Promise.all([source.place, target].map((place) => place.remove()));
    });

    test('a part of another copy; nothing; a source that is not there', async () => {
      const [source, other, target] = [await makeFilled('sqlite'), await makeFilled('sqlite'), await PLACES[kind]()];
      await between(source.place, target, (one, two) => copyStore(one, two, { isStopped: () => true }));
      await assert.rejects(copyAll(other.place, target), /holds a part of another copy/);
      assert.deepEqual(await copyAll(source.place, target), []);

      const empty = await PLACES[kind]();
      await using(empty, async () => {});
      await assert.rejects(copyAll(empty, await PLACES.sqlite()), /nothing to copy/);
      await Promise.all([source.place, other.place, target, empty].map((place) => place.remove()));
    });

    test('what the source was given after the copy began is told, and not taken for whole', async () => {
      const [source, target] = [await makeFilled('sqlite'), await PLACES[kind]()];
      await between(source.place, target, (one, two) => copyStore(one, two));
      await using(source.place, async (store) => {
        const [account] = await store.accounts.list();
        const { items } = await store.audiences.page(account!.id, { direction: 'after', size: 1 });
        await store.contacts.create(account!.id, items[0]!.id, { number: '12025559999' });
      });
      assert.match(
        (await copyAll(source.place, target)).join('\n'),
        /^audience 'Main' .*: it has \d+ contacts, the source/m,
      );
      await Promise.all([source.place, target].map((place) => place.remove()));
    });
  });
}
