/** Many writers at once: in one process, and in several on one data directory. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, describe, test } from 'node:test';
import { documentId, readDocument, writeDocument } from '../../src/core/contact-document.ts';
import { fillContact } from '../../src/core/contact-fields.ts';
import { formatDate } from '../../src/core/dates.ts';
import { MusterError, SetupError } from '../../src/core/errors.ts';
import { makeId } from '../../src/core/ids.ts';
import { searchText } from '../../src/core/search-text.ts';
import type { Account, Store } from '../../src/core/store.ts';
import { contactNo, idBytes } from '../../src/store/sqlite/database.ts';
import { openSqliteStore } from '../../src/store/sqlite/index.ts';
import { migrate } from '../../src/store/sqlite/migrations.ts';
import { allContacts, makeAudience, numberOf, raises } from '../support/contacts.ts';
import { makeDirectory, openStore } from '../support/directory.ts';
import { startStoreProcess } from '../support/processes.ts';

describe('many writes at once in one process', () => {
  const directory = makeDirectory();
  let store: Store;
  before(() => {
    store = openSqliteStore({ directory, role: 'server' });
  });
  after(() => store.close());

  test('100 creates of one number: one is made, 99 are told which', async () => {
    const audience = await makeAudience(store);
    const outcomes = await Promise.allSettled(
      Array.from({ length: 100 }, (_, n) =>
        store.contacts.create(audience.account_id, audience.id, { number: numberOf(1), first_name: `Racer ${n}` }),
      ),
    );
    const [winner, ...others] = outcomes.filter((outcome) => outcome.status === 'fulfilled');
    assert.equal(others.length, 0);
    const contact = readDocument(winner!.value);
    const refused = outcomes.filter((outcome) => outcome.status === 'rejected').map(({ reason }) => reason);
    assert.equal(refused.length, 99);
    for (const error of refused) {
      assert.ok(error instanceof MusterError);
      assert.deepEqual(
        error.problems.map(({ code, contact_id }) => ({ code, contact_id })),
        [{ code: 1360, contact_id: contact.id }],
      );
    }
    assert.deepEqual(await allContacts(store, audience), [contact]);
  });

  test('changes of 50 contacts to one number: one has it, 49 are told which and stay as they were', async () => {
    const audience = await makeAudience(store);
    const { account_id, id } = audience;
    const rows = Array.from({ length: 50 }, (_, n) => ({ number: numberOf(n) }));
    await store.contacts.upsert(account_id, id, rows, 'update');
    const contacts = await allContacts(store, audience);
    const outcomes = await Promise.allSettled(
      contacts.map((contact) => store.contacts.update(account_id, id, contact.id, { number: numberOf(99) })),
    );
    const winner = outcomes.findIndex((outcome) => outcome.status === 'fulfilled');
    for (const [index, outcome] of outcomes.entries()) {
      if (index === winner) continue;
      assert.equal(outcome.status, 'rejected');
      assert.equal(outcome.reason.problems[0].contact_id, contacts[winner]!.id);
    }
    const numbers = (await allContacts(store, audience)).map((contact) => contact.number);
    assert.deepEqual(
      numbers,
      contacts.map((contact, index) => (index === winner ? numberOf(99) : contact.number)),
    );
  });

  test('30 audiences of one name at once: one is made', async () => {
    const { id } = await store.accounts.create('Owner');
    const outcomes = await Promise.allSettled(
      Array.from({ length: 30 }, (_, n) =>
        store.audiences.create(id, { name: n % 2 === 0 ? 'Race' : 'RACE', channel: 'SMS', contacts: [] }),
      ),
    );
    assert.equal(outcomes.filter((outcome) => outcome.status === 'fulfilled').length, 1);
    assert.equal((await store.audiences.page(id, { direction: 'after', size: 10 })).total, 1);
  });

  test('creates spread over many audiences: each has its own, counted, found and in the order of creation', async () => {
    const audiences = await Promise.all(Array.from({ length: 40 }, () => makeAudience(store)));
    const expected = audiences.map((): string[] => []);
    const writes: Promise<unknown>[] = [];
    for (let n = 0; n < 50; n++) {
      for (const [index, audience] of audiences.entries()) {
        const number = numberOf((n * 37 + index) % 50);
        expected[index]!.push(number);
        const contact = { number, first_name: `Of ${index}`, last_name: 'Spread' };
        writes.push(store.contacts.create(audience.account_id, audience.id, contact));
      }
    }
    await Promise.all(writes);
    for (const [index, audience] of audiences.entries()) {
      const contacts = await allContacts(store, audience);
      assert.deepEqual(
        contacts.map((contact) => contact.number),
        expected[index],
      );
      const ids = contacts.map((contact) => contact.id);
      assert.deepEqual(ids, ids.toSorted());
      assert.deepEqual(await allContacts(store, audience, ['spread']), contacts);
      assert.equal((await store.audiences.get(audience.account_id, audience.id)).contacts_count, 50);
    }
    assert.deepEqual(await store.check(), []);
  });
});

describe('several processes on one data directory', () => {
  test('a second server is refused, beside the first and in it, until the first has closed', async () => {
    const directory = makeDirectory();
    const store = openStore(directory);
    const other = startStoreProcess(directory);
    const refused = await other.ask('open server');
    assert.equal(refused.error, 'SetupError');
    assert.match(refused.message!, new RegExp(`another Muster server \\(process ${process.pid}\\) is using`));
    assert.ok(refused.message!.includes(directory));
    assert.throws(() => openStore(directory), SetupError);
    // Being asked has not shaken the first one's hold.
    assert.equal((await other.ask('open server')).error, 'SetupError');
    await store.accounts.create('Still here');
    await store.close();
    assert.deepEqual(await other.ask('open server'), {});
    assert.throws(() => openStore(directory), SetupError);
    // A server that is killed leaves nothing that keeps the next one out.
    await other.kill();
    const again = openStore(directory);
    assert.equal((await again.accounts.list()).length, 1);
    await again.close();
  });

  test('of several servers that start at once one is let in', async () => {
    for (let round = 0; round < 4; round++) {
      const directory = makeDirectory();
      const processes = Array.from({ length: 4 }, () => startStoreProcess(directory));
      // Started and waiting: what they are told now they do at the same time.
      await Promise.all(processes.map((each) => each.ask('nothing')));
      const answers = await Promise.all(processes.map((each) => each.ask('open server')));
      const refused = answers.filter((answer) => answer.error !== undefined);
      for (const { error, message } of refused) assert.equal(error, 'SetupError', message);
      assert.equal(refused.length, 3);
      await Promise.all(processes.map((each) => each.kill()));
    }
  });

  test('administration works beside a server that writes, and each sees what the other has done', async () => {
    const directory = makeDirectory();
    const store = openStore(directory);
    const audience = await makeAudience(store);
    const { account_id, id } = audience;
    const other = startStoreProcess(directory);
    assert.deepEqual(await other.ask('open administration'), {});

    let isAsking = true;
    const written: string[] = [];
    const writer = (async () => {
      for (let n = 0; isAsking; n++) {
        written.push(numberOf(n));
        await store.contacts.create(account_id, id, { number: numberOf(n), first_name: 'Server' });
      }
    })();
    const made: Account[] = [];
    for (let n = 0; n < 20; n++) {
      const account = (await other.ask(`account Account-${n}`)).value as Account;
      made.push(account);
      // The server knows the account at once: it takes a key, and an audience, which refer to it.
      assert.deepEqual({ ...(await store.accounts.get(account.id)) }, account);
      const hash = createHash('sha256').update(account.id).digest();
      const key = {
        account_id: account.id,
        name: 'Key',
        prefix: 'muster_',
        scope: 'write',
        expire_date: null,
      } as const;
      await store.keys.create({ ...key, hash });
      await store.audiences.create(account.id, { name: 'First', channel: 'SMS', contacts: [] });
    }
    isAsking = false;
    await writer;
    assert.deepEqual(
      (await store.accounts.list()).slice(1).map((account) => ({ ...account })),
      made,
    );
    assert.deepEqual(
      (await allContacts(store, audience)).map((contact) => contact.number),
      written,
    );
    assert.deepEqual(await store.check(), []);
    await store.close();
    assert.equal(await other.end(), 0);
  });

  test('two processes that write contacts to one audience: none is lost, counters and order hold', async () => {
    const directory = makeDirectory();
    const store = openStore(directory);
    const audience = await makeAudience(store);
    const { account_id, id } = audience;
    const other = startStoreProcess(directory);
    await other.ask('open administration');
    for (let round = 0; round < 10; round++) {
      const from = 1000 * round;
      const [mine, theirs] = await Promise.all([
        Promise.all(
          Array.from({ length: 50 }, (_, n) => store.contacts.create(account_id, id, { number: numberOf(from + n) })),
        ),
        other.ask(`create ${account_id} ${id} ${from + 500} 50`),
      ]);
      assert.equal(mine.length, 50);
      assert.equal((theirs.value as string[] | undefined)?.length, 50, theirs.message);
      // What the other holds of the audience is stale after each of these.
      const problem = await other.ask(`create ${account_id} ${id} ${from} 1`);
      assert.equal(problem.error, 'MusterError');
      await assert.rejects(store.contacts.create(account_id, id, { number: numberOf(from + 500) }), MusterError);
    }
    const ids = (await allContacts(store, audience)).map((contact) => contact.id);
    assert.equal(ids.length, 1000);
    assert.deepEqual(ids, ids.toSorted());
    assert.equal((await store.audiences.get(account_id, id)).contacts_count, 1000);
    assert.deepEqual(await store.check(), []);

    // An audience that the other has deleted is gone here too, for writes as for reads.
    assert.deepEqual(await other.ask(`delete ${account_id} ${id}`), {});
    await assert.rejects(store.contacts.create(account_id, id, { number: numberOf(1) }), /1301/);
    await assert.rejects(store.audiences.get(account_id, id), /1301/);
    await store.close();
    assert.equal(await other.end(), 0);
  });
});

describe('migrations', () => {
  /** The schema as SQLite holds it, and the steps that made it. */
  function schemaOf(directory: string) {
    const db = new DatabaseSync(join(directory, 'muster.db'), { readOnly: true });
    try {
      return {
        schema: db.prepare('SELECT type, name, sql FROM sqlite_schema ORDER BY type, name').all(),
        steps: db.prepare('SELECT number, name FROM migrations ORDER BY number').all() as { number: number }[],
      };
    } finally {
      db.close();
    }
  }

  test('opening a store again changes nothing in its schema', async () => {
    const directory = makeDirectory();
    const first = openStore(directory);
    const { id } = await first.accounts.create('Stays');
    await first.close();
    const before = schemaOf(directory);
    assert.ok(before.steps.length > 0);
    const second = openStore(directory);
    const third = openStore(directory, 'administration');
    assert.equal((await third.accounts.get(id))?.name, 'Stays');
    await third.close();
    await second.close();
    assert.deepEqual(schemaOf(directory), before);
  });

  test('documents of a store that kept them whole are read as they were', async () => {
    const directory = makeDirectory();
    const [account_id, audience_id] = [makeId(), makeId()];
    const documents = [1, 2].map((n) => {
      const details = fillContact({ number: numberOf(n), first_name: n === 1 ? 'A}' : null });
      return writeDocument({ id: makeId(), ...details, create_date: formatDate(), update_date: formatDate() });
    });
    const db = new DatabaseSync(join(directory, 'muster.db'));
    migrate(db, 6);
    db.prepare("INSERT INTO accounts (id, name, create_date) VALUES (?, 'x', 'y')").run(account_id);
    db.prepare(
      `INSERT INTO audiences (no, id, account_id, name, name_key, channel, contacts_count, last_sequence, create_date, update_date)
       VALUES (1, ?, ?, 'x', 'x', 'SMS', 2, 2, 'y', 'y')`,
    ).run(audience_id, account_id);
    const insert = db.prepare('INSERT INTO contacts (no, audience_no, id, number, document) VALUES (?, 1, ?, ?, ?)');
    const index = db.prepare('INSERT INTO contacts_search (rowid, text) VALUES (?, ?)');
    for (const [at, document] of documents.entries()) {
      const contact = readDocument(document);
      insert.run(contactNo(1, at + 1), idBytes(contact.id), contact.number, document);
      index.run(BigInt(contactNo(1, at + 1)), searchText(contact));
    }
    db.close();
    const store = openStore(directory);
    for (const document of documents) {
      assert.equal(await store.contacts.get(account_id, audience_id, documentId(document)), document);
      const { number } = readDocument(document);
      const { contact_id } = await raises(1360, store.contacts.create(account_id, audience_id, { number }));
      assert.equal(contact_id, documentId(document));
    }
    assert.deepEqual(await store.check(), []);
    await store.close();
  });

  test('processes that start at once on an empty directory make one sound store', async () => {
    const reference = makeDirectory();
    await openStore(reference, 'administration').close();
    for (let round = 0; round < 4; round++) {
      const directory = makeDirectory();
      const processes = Array.from({ length: 4 }, () => startStoreProcess(directory));
      await Promise.all(processes.map((each) => each.ask('nothing')));
      const opened = await Promise.all(processes.map((each) => each.ask('open administration')));
      assert.deepEqual(
        opened,
        processes.map(() => ({})),
      );
      const made = await Promise.all(processes.map((each, index) => each.ask(`account Account-${index}`)));
      for (const answer of made) assert.equal(answer.error, undefined, answer.message);
      await Promise.all(processes.map((each) => each.ask('close')));
      await Promise.all(processes.map((each) => each.end()));
      assert.deepEqual(schemaOf(directory), schemaOf(reference));
      const store = openStore(directory);
      assert.equal((await store.accounts.list()).length, 4);
      assert.deepEqual(await store.check(), []);
      await store.close();
    }
  });

  test('a store of a newer version is refused, in either role, left as it was and opened again by what knows it', async () => {
    const directory = makeDirectory();
    const store = openStore(directory);
    await store.accounts.create('Precious');
    await store.close();
    const newest = schemaOf(directory).steps.at(-1)!.number;
    const db = new DatabaseSync(join(directory, 'muster.db'));
    db.prepare('INSERT INTO migrations (number, name) VALUES (?, ?)').run(newest + 7, 'from the future');
    db.close();
    const before = schemaOf(directory);
    for (const role of ['server', 'administration'] as const) {
      assert.throws(
        () => openStore(directory, role),
        (error: Error) => {
          assert.ok(error instanceof SetupError);
          assert.match(error.message, new RegExp(`newer Muster \\(schema ${newest + 7}, this one knows ${newest}\\)`));
          return true;
        },
      );
    }
    assert.deepEqual(schemaOf(directory), before);

    const undo = new DatabaseSync(join(directory, 'muster.db'));
    undo.prepare('DELETE FROM migrations WHERE number > ?').run(newest);
    undo.close();
    // The refusal kept no lock: this process may be the server now.
    const again = openStore(directory);
    assert.equal((await again.accounts.list()).length, 1);
    await again.close();
  });

  test('a directory that cannot be used is refused in words', () => {
    const directory = makeDirectory();
    const file = join(directory, 'a-file');
    new DatabaseSync(file).close();
    assert.throws(() => openStore(join(file, 'data')), {
      name: 'SetupError',
      message: /cannot be written/,
    });
  });
});
