/** Stores that were made before contacts could be found by their tags are brought up to date with what they hold. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { PGlite } from '@electric-sql/pglite';

import { type Contact, writeDocument } from '../../src/core/contact-document.ts';
import { searchText } from '../../src/core/search-text.ts';
import type { Store } from '../../src/core/store.ts';
import { makePostgresStore } from '../../src/store/postgres/index.ts';
import { MIGRATIONS as POSTGRES } from '../../src/store/postgres/schema.ts';
import { contactNo, idBytes } from '../../src/store/sqlite/database.ts';
import { openSqliteStore } from '../../src/store/sqlite/index.ts';
import { MIGRATIONS as SQLITE } from '../../src/store/sqlite/migrations.ts';
import { contactsOf, FROM_START, numberOf } from '../support/contacts.ts';
import { makeDirectory } from '../support/directory.ts';
import { makePgliteDatabase } from '../support/postgres.ts';

const DATE = '2026-01-01 00:00:00';
const idOf = (n: number) => `019b7000-0000-7000-8000-${String(n).padStart(12, '0')}`;
const ACCOUNT = idOf(1);
const AUDIENCES = [idOf(2), idOf(3)];
const TAGS = [['vip', 'a "b"'], [], ['vip'], ['"tags":[]', 'é\n']];

/** The same contacts in each audience. */
const contacts = TAGS.map(
  (tags, n): Contact => ({
    id: idOf(10 + n),
    number: numberOf(n),
    first_name: '"tags":[]',
    last_name: null,
    timestamp: null,
    date: null,
    tags,
    create_date: DATE,
    update_date: DATE,
  }),
);

async function hasTags(store: Store): Promise<void> {
  for (const id of AUDIENCES) {
    assert.deepEqual(structuredClone(await store.contacts.tags(ACCOUNT, id)), [
      { tag: 'vip', contacts_count: 2 },
      { tag: '"tags":[]', contacts_count: 1 },
      { tag: 'a "b"', contacts_count: 1 },
      { tag: 'é\n', contacts_count: 1 },
    ]);
    const query = { ...FROM_START, needles: [], tags: ['vip'], count: true };
    const page = await store.contacts.page(ACCOUNT, id, query);
    assert.deepEqual([page.total, contactsOf(page).map(({ number }) => number)], [2, [numberOf(0), numberOf(2)]]);
  }
  assert.deepEqual(await store.check(), []);
  await store.contacts.delete(ACCOUNT, AUDIENCES[0]!, contacts[0]!.id);
  assert.equal((await store.contacts.tags(ACCOUNT, AUDIENCES[0]!))[0]!.contacts_count, 1);
  assert.deepEqual(await store.check(), []);
}

/** The steps before the one that brings tags. */
function before<Step extends { number: number; name: string }>(steps: readonly Step[]): Step[] {
  const tags = steps.findIndex(({ name }) => name === 'tags');
  assert.ok(tags > 0);
  return steps.slice(0, tags);
}

test('an embedded store of before', async () => {
  const directory = makeDirectory();
  const db = new DatabaseSync(join(directory, 'muster.db'));
  db.exec('CREATE TABLE migrations (number INTEGER PRIMARY KEY, name TEXT NOT NULL) STRICT');
  for (const { number, name, sql } of before(SQLITE)) {
    db.exec(sql);
    db.prepare('INSERT INTO migrations (number, name) VALUES (?, ?)').run(number, name);
  }
  db.prepare('INSERT INTO accounts (id, name, create_date) VALUES (?, ?, ?)').run(ACCOUNT, 'Owner', DATE);
  for (const [at, id] of AUDIENCES.entries()) {
    db.prepare(
      `INSERT INTO audiences (no, id, account_id, name, name_key, channel, contacts_count, last_sequence, create_date, update_date)
       VALUES (?1, ?2, ?3, ?2, ?2, 'SMS', ?4, ?4, ?5, ?5)`,
    ).run(at + 1, id, ACCOUNT, contacts.length, DATE);
    for (const [index, contact] of contacts.entries()) {
      const no = contactNo(at + 1, index + 1);
      const bytes = idBytes(contact.id);
      db.prepare('INSERT INTO contacts (no, audience_no, id, number, document) VALUES (?, ?, ?, ?, ?)').run(
        ...[no, at + 1, bytes, contact.number, writeDocument(contact)],
      );
      db.prepare('INSERT INTO contacts_search (rowid, text) VALUES (?, ?)').run(BigInt(no), searchText(contact));
    }
  }
  db.close();
  const store = openSqliteStore({ directory, role: 'server', onDeath: assert.fail });
  await hasTags(store);
  await store.close();
});

test('a PostgreSQL store of before', async () => {
  const pglite = await PGlite.create();
  for (const { number, name, sql } of before(POSTGRES)) {
    for (const statement of sql) await pglite.exec(statement);
    await pglite.query('INSERT INTO migrations (number, name) VALUES ($1, $2)', [number, name]);
  }
  await pglite.query('INSERT INTO accounts (id, name, create_date) VALUES ($1, $2, $3)', [ACCOUNT, 'Owner', DATE]);
  for (const id of AUDIENCES) {
    await pglite.query(
      `INSERT INTO audiences (id, account_id, name, name_key, channel, create_date, update_date)
       VALUES ($1, $2, $3, $3, 'SMS', $4, $4)`,
      [id, ACCOUNT, `Audience ${id}`, DATE],
    );
    await pglite.query('INSERT INTO contact_counts VALUES ($1, 1, $2)', [id, contacts.length]);
    for (const contact of contacts) {
      await pglite.query(
        'INSERT INTO contacts (audience_id, id, number, search, document) VALUES ($1, $2, $3, $4, $5)',
        [id, contact.id, contact.number, searchText(contact), writeDocument(contact)],
      );
    }
  }
  const store = await makePostgresStore(makePgliteDatabase(pglite), 'administration');
  await hasTags(store);
  await store.close();
  await pglite.close().catch(() => {});
});
