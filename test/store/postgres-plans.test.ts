/** How PostgreSQL goes about statements that it plans once, on tables that are empty then and large later. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Query } from '../../src/store/postgres/database.ts';
import { makePostgresStore } from '../../src/store/postgres/index.ts';
import { openPool } from '../../src/store/postgres/pool.ts';
import { allContacts, makeAudience, numberOf } from '../support/contacts.ts';
import { importRows, rowsOf, undoImport } from '../support/import-jobs.ts';
import { makeDatabase, NEEDS_SERVER, SERVER_URL, watched } from '../support/postgres.ts';

const CHANGES_CONTACTS = /\b(UPDATE|DELETE FROM) (contacts|contact_tags)\b/;
/** Each row is held against all that the audience has. */
const EACH_WITH_ALL = /Join Filter: \(+(contacts|contact_tags)\./;

/** The plan of a statement whatever its values are. */
async function planOf(query: Query, text: string): Promise<string> {
  await query(`PREPARE planned AS ${text}`, [], { isPlannedAnew: true });
  const [{ types }] = (await query(
    "SELECT parameter_types::text[] AS types FROM pg_prepared_statements WHERE name = 'planned'",
    [],
    { isPlannedAnew: true },
  )) as [{ types: string[] }];
  const values = types.map((type) => `NULL::${type}`).join(', ');
  const lines = await query<{ 'QUERY PLAN': string }>(`EXPLAIN EXECUTE planned (${values})`, [], {
    isPlannedAnew: true,
  });
  await query('DEALLOCATE planned', [], { isPlannedAnew: true });
  return lines.map((line) => line['QUERY PLAN']).join('\n');
}

describe('plans of statements that change contacts', { skip: NEEDS_SERVER }, () => {
  test('made on empty tables: each contact and each tag is looked up by its key', async () => {
    const database = await makeDatabase(SERVER_URL!);
    const pool = openPool(database.url, () => {}, { name: 'muster test' });
    const heard = new Set<string>();
    const store = await makePostgresStore(
      watched(pool, (text) => CHANGES_CONTACTS.test(text) && heard.add(text)),
      'administration',
    );
    // Steps of the schema run once.
    heard.clear();
    try {
      const audience = await makeAudience(store);
      const { account_id, id } = audience;
      const rows = (count: number, tag: string) =>
        rowsOf(Array.from({ length: count }, (_, n) => ({ number: numberOf(n), tags: [tag] })));
      await importRows(store, audience, rows(3, 'a'));
      const changing = await importRows(store, audience, rows(3, 'b'));
      await importRows(store, audience, rows(3, 'b'));
      await undoImport(store, audience, changing.id);
      await importRows(store, audience, rows(2, 'b'), { mode: 'replace', max_removals: '100%' });
      const [first, second] = await allContacts(store, audience);
      await store.contacts.update(account_id, id, first!.id, { tags: [] });
      await store.contacts.delete(account_id, id, second!.id);
      assert.ok(heard.size >= 5, `${heard.size} statements`);
      await pool.transaction(async (query) => {
        await query('TRUNCATE contacts, contact_tags');
        for (const text of heard) {
          const plan = await planOf(query, text);
          assert.doesNotMatch(plan, EACH_WITH_ALL, `${text}\n${plan}`);
        }
      });
    } finally {
      await store.close();
      await database.drop();
    }
  });
});
