/** Whoever adds a table, or a column, says whether and how a copy brings it along. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, test } from 'node:test';
import { COPIED_NAMES, type CopiedName } from '../../src/core/copy.ts';
import * as postgres from '../../src/store/postgres/copy-tables.ts';
import * as sqlite from '../../src/store/sqlite/copy-tables.ts';
import { openSqliteStore } from '../../src/store/sqlite/index.ts';
import { makeDirectory } from '../support/directory.ts';
import { openPglite } from '../support/postgres.ts';

type Schema = Record<string, string[]>;

const WHAT_TO_DO =
  'add it to COPIED_TABLES in src/core/copy.ts and, where the store differs, to its copy-tables.ts; or to NOT_COPIED there, with the reason';

async function sqliteSchema(): Promise<Schema> {
  const directory = makeDirectory();
  await openSqliteStore({ directory, role: 'administration' }).close();
  const db = new DatabaseSync(join(directory, 'muster.db'));
  const tables = db
    .prepare(
      "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type IN ('table', 'virtual') AND name NOT LIKE 'sqlite_%'",
    )
    .all() as { name: string }[];
  const columns = db.prepare('SELECT name FROM pragma_table_xinfo(?)');
  const schema = Object.fromEntries(
    tables.map(({ name }) => [name, (columns.all(name) as { name: string }[]).map((column) => column.name)]),
  );
  db.close();
  return schema;
}

async function postgresSchema(): Promise<Schema> {
  const opened = await openPglite();
  const rows = await opened.query<{ name: string; columns: string[] }>(
    `SELECT relname::text AS name, array_agg(attname::text) AS columns
     FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid AND attnum > 0 AND NOT attisdropped
     WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace GROUP BY relname`,
  );
  await opened.close();
  return Object.fromEntries(rows.map(({ name, columns }) => [name, columns]));
}

const STORES = [
  { name: 'sqlite', schemaOf: sqliteSchema, ...sqlite },
  { name: 'postgres', schemaOf: postgresSchema, ...postgres },
];

for (const { name, schemaOf, NOT_COPIED, knownColumns } of STORES) {
  describe(`what a copy knows of ${name}`, async () => {
    const schema = await schemaOf();

    test('every table is copied, or left out for a reason', () => {
      const known = [...COPIED_NAMES, ...Object.keys(NOT_COPIED)];
      for (const table of Object.keys(schema)) assert.ok(known.includes(table), `${table}: ${WHAT_TO_DO}`);
      for (const table of known) assert.ok(schema[table] !== undefined, `there is no table ${table}`);
      for (const table of Object.keys(NOT_COPIED)) assert.ok(!(COPIED_NAMES as string[]).includes(table), table);
    });

    for (const table of COPIED_NAMES as CopiedName[]) {
      test(`every column of ${table} is copied, or filled by the store itself`, () => {
        assert.deepEqual(knownColumns(table).sort(), schema[table]!.toSorted());
      });
    }
  });
}
