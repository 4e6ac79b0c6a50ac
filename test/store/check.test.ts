/** What an operator relies on: a check that sees each kind of damage and cries at nothing else, and a backup that holds all. */
import assert from 'node:assert/strict';
import { copyFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { before, describe, test } from 'node:test';
import { SetupError } from '../../src/core/errors.ts';
import type { Import } from '../../src/core/import-job.ts';
import type { Audience, Finding } from '../../src/core/store.ts';
import { allContacts, makeAudience, numberOf, until } from '../support/contacts.ts';
import { makeDirectory, openStore } from '../support/directory.ts';
import { importRows, rowsOf, upload } from '../support/import-jobs.ts';
import { startStoreProcess } from '../support/processes.ts';

const PEOPLE = [
  ['Łukasz', 'Żółć'],
  ['Anna-Maria', '𠮷野家'],
  ['Siobhán', "O'Brien"],
  [null, null],
] as const;

describe('a check', () => {
  const directory = makeDirectory();
  const file = join(directory, 'muster.db');
  let audience: Audience;
  let other: Audience;
  let imported: Audience;
  let done: Import;

  // A store with a life behind it: its rows were changed, deleted, made again, and an audience was purged.
  before(async () => {
    const store = openStore(directory);
    audience = await makeAudience(store, 'Damaged');
    other = await makeAudience(store, 'Other');
    for (const { account_id, id } of [audience, other]) {
      const rows = Array.from({ length: 250 }, (_, n) => {
        const [first_name, last_name] = PEOPLE[n % PEOPLE.length]!;
        return { number: numberOf(n), first_name, last_name, tags: n >= 200 && n < 203 ? ['vip'] : [] };
      });
      await store.contacts.upsert(account_id, id, rows, 'update');
    }
    const contacts = await allContacts(store, audience);
    const { account_id, id } = audience;
    for (const contact of contacts.slice(100, 120)) await store.contacts.delete(account_id, id, contact.id);
    for (const contact of contacts.slice(120, 140)) {
      await store.contacts.update(account_id, id, contact.id, {
        number: numberOf((Number(contact.number) % 1000) + 5000),
        last_name: 'Neu',
      });
    }
    const gone = await store.audiences.create(account_id, {
      name: 'Gone',
      channel: 'SMS',
      contacts: [{ number: numberOf(1) }],
    });
    const hash = new Uint8Array(32);
    await store.keys.create({ account_id, name: 'Key', prefix: 'muster_', scope: 'read', expire_date: null, hash });
    await store.audiences.delete(account_id, gone.id);
    await until(async () => countOf('SELECT count(*) FROM audiences WHERE delete_date IS NOT NULL') === 0);
    await until(async () => countOf('SELECT count(*) FROM contacts_unindexed') === 0);
    imported = await makeAudience(store, 'Imported');
    const rows = rowsOf([{ number: numberOf(1) }, undefined, { number: numberOf(2) }, { number: numberOf(1) }]);
    await importRows(store, imported, rows, { dry_run: true });
    await new Promise((resolve) => setTimeout(resolve, 5));
    await store.imports.expire(0);
    done = await importRows(store, imported, rows);
    await upload(store, imported);
    await store.close();
  });

  function countOf(sql: string): number {
    const db = new DatabaseSync(file, { readOnly: true });
    try {
      return Object.values(db.prepare(sql).get()!)[0] as number;
    } finally {
      db.close();
    }
  }

  /** What a check finds in a copy that was damaged. */
  async function findingsOf(damage: (copy: string) => void): Promise<Finding[]> {
    const place = makeDirectory();
    copyFileSync(file, join(place, 'muster.db'));
    damage(join(place, 'muster.db'));
    const store = openStore(place, 'administration');
    const findings = await store.check();
    await store.close();
    return findings;
  }

  /** Contacts are damaged by their place in the first audience: the first row, the second … */
  const ROW = (n: number) => `(SELECT no FROM contacts WHERE audience_no = 1 ORDER BY no LIMIT 1 OFFSET ${n})`;
  const rowNo = (n: number) => 2 ** 32 + 1 + n;

  test('of a sound store finds nothing, and tells how far it is', async () => {
    const store = openStore(directory, 'administration');
    const progress: [number, number][] = [];
    assert.deepEqual(await store.check((done, of) => progress.push([done, of])), []);
    assert.deepEqual(progress.at(-1), [482, 482]);
    await store.close();
    assert.deepEqual(await findingsOf(() => {}), []);
  });

  const inAudience = () => `audience ${audience.id}`;
  const DAMAGES: { damage: string; sql: string; findings: () => Finding[] }[] = [
    {
      damage: 'a counter that is one too high',
      sql: 'UPDATE audiences SET contacts_count = contacts_count + 1 WHERE no = 1',
      findings: () => [{ what: 'the counter says 231 contacts, there are 230', where: inAudience() }],
    },
    {
      damage: 'a counter that is one too low',
      sql: 'UPDATE audiences SET contacts_count = contacts_count - 1 WHERE no = 2',
      findings: () => [{ what: 'the counter says 249 contacts, there are 250', where: `audience ${other.id}` }],
    },
    {
      damage: 'a counter of rows that would give the last one out again',
      sql: 'UPDATE audiences SET last_sequence = last_sequence - 1 WHERE no = 1',
      findings: () => [{ what: 'the counter of rows given out is behind the rows', where: inAudience() }],
    },
    {
      damage: 'a row that was deleted behind the index and the counter',
      sql: `DELETE FROM contacts WHERE no = ${ROW(7)}`,
      findings: () => [
        { what: 'the counter says 230 contacts, there are 229', where: inAudience() },
        { what: `the number ${numberOf(7)} is not that of its contact`, where: `contact row ${rowNo(7)}` },
        { what: 'the search index holds a contact that does not exist', where: `contact row ${rowNo(7)}` },
      ],
    },
    {
      damage: 'a row that is not in the index',
      sql: `DELETE FROM contacts_search WHERE rowid = ${ROW(7)}`,
      findings: () => [{ what: 'it is missing from the search index', where: `contact row ${rowNo(7)}` }],
    },
    {
      damage: 'a row in the index that was never there',
      sql: "INSERT INTO contacts_search (rowid, text) VALUES (77, '  12025550150')",
      findings: () => [{ what: 'the search index holds a contact that does not exist', where: 'contact row 77' }],
    },
    {
      damage: 'an index that holds a longer text',
      sql: `INSERT OR REPLACE INTO contacts_search (rowid, text) VALUES (${ROW(3)}, '  ${numberOf(3)}  more')`,
      findings: () => [{ what: 'the search index holds another text for it', where: `contact row ${rowNo(3)}` }],
    },
    {
      damage: 'an index that holds another text of the same length',
      sql: `INSERT OR REPLACE INTO contacts_search (rowid, text) VALUES (${ROW(0)}, '  ${numberOf(0)}  lukasz  zolk')`,
      findings: () => [{ what: 'search does not find it', where: `contact row ${rowNo(0)}` }],
    },
    {
      damage: 'a row that is in the index and waits for it',
      sql: `INSERT INTO contacts_unindexed (no, text) VALUES (${ROW(7)}, '  ${numberOf(7)}')`,
      findings: () => [{ what: 'it is in the search index and waits to be indexed', where: `contact row ${rowNo(7)}` }],
    },
    {
      damage: 'a row that waits for the index with another text',
      sql: `DELETE FROM contacts_search WHERE rowid = ${ROW(7)};
        INSERT INTO contacts_unindexed (no, text) VALUES (${ROW(7)}, '  ${numberOf(7)}  more')`,
      findings: () => [{ what: 'it waits to be indexed with another text', where: `contact row ${rowNo(7)}` }],
    },
    {
      damage: 'a row that waits for the index and was never there',
      sql: "INSERT INTO contacts_unindexed (no, text) VALUES (77, '  12025550150')",
      findings: () => [{ what: 'the search index holds a contact that does not exist', where: 'contact row 77' }],
    },
    {
      damage: 'a number that is not that of the document',
      sql: `UPDATE contacts SET number = '1' WHERE no = ${ROW(7)}`,
      findings: () => [
        { what: `its number is 1, its document says ${numberOf(7)}`, where: `contact row ${rowNo(7)}` },
        { what: `the number ${numberOf(7)} is not that of its contact`, where: `contact row ${rowNo(7)}` },
      ],
    },
    {
      damage: 'a number that is missing',
      sql: `DELETE FROM contact_numbers WHERE no = ${ROW(7)}`,
      findings: () => [{ what: 'it is not found by its number', where: `contact row ${rowNo(7)}` }],
    },
    {
      damage: 'a number of a contact that does not exist',
      sql: "INSERT INTO contact_numbers (audience_no, number, no) VALUES (1, '12025559999', 77)",
      findings: () => [{ what: 'the number 12025559999 is not that of its contact', where: 'contact row 77' }],
    },
    {
      damage: 'a number that is there and waits to be written',
      sql: 'UPDATE audiences SET numbered_sequence = last_sequence - 1 WHERE no = 1',
      findings: () => [{ what: 'its number waits to be written and is there', where: `contact row ${rowNo(249)}` }],
    },
    {
      damage: 'a number that waits to be written and is that of another contact',
      sql: `UPDATE contact_numbers SET no = ${ROW(7)} WHERE audience_no = 1 AND number = '${numberOf(249)}';
        UPDATE audiences SET numbered_sequence = last_sequence - 1 WHERE no = 1`,
      findings: () => [
        { what: 'another contact has its number', where: `contact row ${rowNo(249)}` },
        { what: `the number ${numberOf(249)} is not that of its contact`, where: `contact row ${rowNo(7)}` },
      ],
    },
    {
      damage: 'two numbers that wait to be written and are the same',
      sql: `DELETE FROM contact_numbers WHERE audience_no = 1 AND no >= ${rowNo(243)};
        UPDATE audiences SET numbered_sequence = 243 WHERE no = 1;
        UPDATE contacts SET number = '${numberOf(243)}',
          open_document = replace(open_document, '${numberOf(247)}', '${numberOf(243)}') WHERE no = ${rowNo(247)};
        INSERT OR REPLACE INTO contacts_search (rowid, text) VALUES (${rowNo(247)}, '  ${numberOf(243)}')`,
      findings: () => [{ what: 'another contact has its number', where: `contact row ${rowNo(247)}` }],
    },
    {
      damage: 'a contact that is not among those of its tag',
      sql: `DELETE FROM contact_tags WHERE no = ${rowNo(201)}`,
      findings: () => [
        { what: "it is not found by its tag 'vip'", where: `contact row ${rowNo(201)}` },
        { what: 'the counter says 3 contacts, 2 have it', where: 'tag vip' },
      ],
    },
    {
      damage: 'a contact that is among those of its tag and waits to be',
      sql: `INSERT INTO contact_tags_waiting (no, tag_no) SELECT no, tag_no FROM contact_tags WHERE no = ${rowNo(201)}`,
      findings: () => [
        { what: "it is found twice by its tag 'vip'", where: `contact row ${rowNo(201)}` },
        { what: '4 contacts are found by it, 3 have it', where: 'tag vip' },
      ],
    },
    {
      damage: 'a contact that waits to be among those of a tag it does not have',
      sql: `INSERT INTO contact_tags_waiting (no, tag_no) SELECT ${ROW(7)}, tag_no FROM contact_tags WHERE no = ${rowNo(201)}`,
      findings: () => [{ what: '4 contacts are found by it, 3 have it', where: 'tag vip' }],
    },
    {
      damage: 'a count of a tag that is wrong',
      sql: 'UPDATE tags SET contacts_count = 5 WHERE audience_no = 1',
      findings: () => [{ what: 'the counter says 5 contacts, 3 have it', where: 'tag vip' }],
    },
    {
      damage: 'an id that is not that of the document',
      sql: `UPDATE contacts SET id = zeroblob(16) WHERE no = ${ROW(7)}`,
      findings: () => [{ what: 'its id is not that of its document', where: `contact row ${rowNo(7)}` }],
    },
    {
      damage: 'a document that is cut',
      sql: `UPDATE contacts SET open_document = substr(document, 1, 100) WHERE no = ${ROW(7)}`,
      findings: () => [{ what: 'its document cannot be read', where: `contact row ${rowNo(7)}` }],
    },
    {
      damage: 'a document with another name',
      sql: `UPDATE contacts SET open_document = replace(open_document, 'Łukasz', 'Lukaszek') WHERE no = ${ROW(4)}`,
      findings: () => [{ what: 'the search index holds another text for it', where: `contact row ${rowNo(4)}` }],
    },
    {
      damage: 'a contact in an audience that does not exist',
      sql: `UPDATE contacts SET audience_no = 99 WHERE no = ${ROW(7)}`,
      findings: () => [{ what: 'its audience does not exist', where: `contact row ${rowNo(7)}` }],
    },
    {
      damage: 'a contact among the rows of another audience',
      sql: `UPDATE contacts SET audience_no = 2, number = '1' WHERE no = ${ROW(7)}`,
      findings: () => [
        { what: 'it lies among the rows of another audience', where: `contact row ${rowNo(7)}` },
        { what: `the number ${numberOf(7)} is not that of its contact`, where: `contact row ${rowNo(7)}` },
      ],
    },
    {
      damage: 'an audience of an account that does not exist',
      sql: `PRAGMA foreign_keys = OFF; DELETE FROM accounts WHERE id IN (SELECT account_id FROM audiences WHERE no = 2)`,
      findings: () => [{ what: 'a row refers to one that does not exist', where: 'audiences' }],
    },
    {
      damage: 'a file of an import that was changed',
      sql: "UPDATE import_chunks SET bytes = CAST('numbeR' || char(10) AS BLOB) WHERE import_no = 2",
      findings: () => [{ what: 'its file is not the one that was uploaded', where: `import ${done.id}` }],
    },
    {
      damage: 'a file of an import that is cut off',
      sql: 'DELETE FROM import_chunks WHERE import_no = 2',
      findings: () => [{ what: 'its file is not the one that was uploaded', where: `import ${done.id}` }],
    },
    {
      damage: 'verdicts that are missing, or of an import that does not exist',
      sql: 'UPDATE import_batches SET import_no = 99 WHERE import_no = 2 AND batch = 1',
      findings: () => [
        { what: 'its rows_done is 4, its verdicts say 3', where: `import ${done.id}` },
        { what: 'its unchanged is 1, its verdicts say 0', where: `import ${done.id}` },
        { what: 'a batch of verdicts names an import that does not exist', where: 'import row 99' },
      ],
    },
    {
      damage: 'a piece of a file and a contact of an import that does not exist',
      sql: 'UPDATE import_chunks SET import_no = 98 WHERE import_no = 2; UPDATE contacts SET import_no = 97 WHERE import_no = 2',
      findings: () => [
        { what: 'its file is not the one that was uploaded', where: `import ${done.id}` },
        { what: 'a piece of a file names an import that does not exist', where: 'import row 98' },
        { what: 'a contact names an import that does not exist', where: 'import row 97' },
      ],
    },
    {
      damage: 'a key of an account that does not exist',
      sql: "PRAGMA foreign_keys = OFF; UPDATE keys SET account_id = 'nobody'",
      findings: () => [{ what: 'a row refers to one that does not exist', where: 'keys' }],
    },
  ];
  for (const { damage, sql, findings } of DAMAGES) {
    test(`finds ${damage}`, async () => {
      const found = await findingsOf((copy) => {
        const db = new DatabaseSync(copy);
        db.exec(sql);
        db.close();
      });
      assert.deepEqual(found, findings());
    });
  }

  test('finds an index of the table that lacks an entry', async () => {
    const found = await findingsOf((copy) => {
      const db = new DatabaseSync(copy, { defensive: false });
      // The index looks away while a row gets another number.
      db.exec(`
        PRAGMA writable_schema = ON;
        UPDATE sqlite_schema SET sql = sql || ' WHERE id <> x''00''' WHERE name = 'contacts_id';
        PRAGMA writable_schema = RESET;
        UPDATE contacts SET id = x'00' WHERE no = ${ROW(7)};
        PRAGMA writable_schema = ON;
        UPDATE sqlite_schema SET sql = replace(sql, ' WHERE id <> x''00''', '') WHERE name = 'contacts_id';
        PRAGMA writable_schema = RESET;
      `);
      db.close();
    });
    assert.ok(found.length > 0);
    for (const { what } of found) assert.match(what, /^the file is damaged: .*contacts_id/);
  });

  test('finds a search index whose own pages are damaged', async () => {
    const found = await findingsOf((copy) => {
      const db = new DatabaseSync(copy, { defensive: false });
      db.exec('UPDATE contacts_search_data SET block = zeroblob(length(block)) WHERE id > 1000');
      db.close();
    });
    assert.ok(found.length > 0);
    for (const { what } of found) assert.match(what, /^the file is damaged: .*contacts_search/);
  });

  test('finds pages that something else has written over', async () => {
    const found = await findingsOf((copy) => {
      const bytes = readFileSync(copy);
      // The schema on the first page stays whole, so that the store opens.
      bytes.fill(0x5a, Math.floor(bytes.length / 2), Math.floor(bytes.length / 2) + 3 * 4096);
      writeFileSync(copy, bytes);
    });
    assert.ok(found.length > 0);
    for (const { what } of found) assert.match(what, /^the file is damaged: /);
  });
});

describe('a backup', () => {
  test('taken while writes go on opens as a sound store with all that was acknowledged before it began', async () => {
    const directory = makeDirectory();
    const store = openStore(directory);
    const audience = await makeAudience(store);
    const key = {
      account_id: audience.account_id,
      name: 'Key',
      prefix: 'muster_',
      scope: 'write',
      expire_date: null,
    } as const;
    const hash = new Uint8Array(32).fill(7);
    await store.keys.create({ ...key, hash });
    const beside = startStoreProcess(directory);
    await beside.ask('open administration');

    let isWriting = true;
    const acknowledged: string[] = [];
    const writer = (async () => {
      while (isWriting) {
        const from = acknowledged.length;
        const rows = Array.from({ length: 20 }, (_, n) => ({ number: numberOf(from + n), first_name: 'Copied' }));
        await store.contacts.upsert(audience.account_id, audience.id, rows, 'update');
        acknowledged.push(...rows.map((row) => row.number));
      }
    })();
    for (let copies = 0; copies < 5; copies++) {
      await until(async () => acknowledged.length > copies * 1000);
      const place = makeDirectory();
      const before = acknowledged.length;
      assert.deepEqual(await beside.ask(`backup ${join(place, 'muster.db')}`), {});
      const after = acknowledged.length;
      assert.deepEqual(readdirSync(place), ['muster.db']);

      const copy = openStore(place);
      const contacts = await allContacts(copy, audience);
      assert.ok(
        contacts.length >= before && contacts.length <= after + 20,
        `${before} ≤ ${contacts.length} ≤ ${after + 20}`,
      );
      assert.equal(contacts.length % 20, 0, 'a write is in it whole or not at all');
      assert.deepEqual(
        contacts.map((contact) => contact.number),
        contacts.map((_, n) => numberOf(n)),
      );
      assert.deepEqual(await allContacts(copy, audience, ['copied']), contacts);
      assert.equal((await copy.audiences.get(audience.account_id, audience.id)).contacts_count, contacts.length);
      assert.equal((await copy.keys.find(hash))?.name, 'Key');
      assert.deepEqual(await copy.check(), []);
      // It is a store like any other.
      await copy.contacts.create(audience.account_id, audience.id, { number: '33612345678' });
      await copy.close();
    }
    isWriting = false;
    await writer;
    assert.deepEqual(
      (await allContacts(store, audience)).map((contact) => contact.number),
      acknowledged,
    );
    await store.close();
    assert.equal(await beside.end(), 0);
  });

  test('to a file that exists is refused, and the file stays as it is', async () => {
    const directory = makeDirectory();
    const store = openStore(directory);
    const target = join(directory, 'precious');
    writeFileSync(target, 'last week');
    await assert.rejects(store.backup(target), (error: Error) => {
      assert.ok(error instanceof SetupError);
      assert.ok(error.message.includes(target));
      return true;
    });
    assert.equal(readFileSync(target, 'utf8'), 'last week');
    await assert.rejects(store.backup(join(directory, 'muster.db')), SetupError);
    await store.accounts.create('Unharmed');
    await store.close();
  });

  test('that cannot be written is refused in words and leaves nothing behind', async () => {
    const directory = makeDirectory();
    const store = openStore(directory);
    const before = readdirSync(directory);
    const target = join(directory, 'no', 'such', 'folder');
    await assert.rejects(store.backup(target), SetupError);
    assert.equal(existsSync(target), false);
    assert.deepEqual(readdirSync(directory), before);
    await store.close();
  });
});
