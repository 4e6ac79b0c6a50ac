import { SetupError } from '../../core/errors.ts';
import type { Database, Query } from './database.ts';
import { MIGRATIONS } from './schema.ts';

const NEWEST = MIGRATIONS.at(-1)!.number;
/** Held while a step runs: any number will do that is the same in every process, and no other program's. */
const LOCK = 7_768_847_253;

/**
 * Brings a database to the newest schema, each step in a transaction of its own. Running it twice, or in many processes at
 * once, does no harm. Raises SetupError for a store that a newer version of Muster has changed.
 */
export async function migrate(database: Database): Promise<void> {
  if ((await versionOf(database.query)) === NEWEST) return;
  for (const { number, name, sql } of MIGRATIONS) {
    await database.transaction(async (query) => {
      await holdMigrations(query);
      if ((await versionOf(query)) >= number) return;
      for (const statement of sql) await query(statement, [], { isPlannedAnew: true });
      await query('INSERT INTO migrations (number, name) VALUES ($1, $2)', [number, name]);
    }, 'again');
  }
}

/** Keeps everybody else from changing the schema until the transaction ends. */
export async function holdMigrations(query: Query): Promise<void> {
  await query("SELECT set_config('lock_timeout', '5min', true), set_config('statement_timeout', '0', true)");
  await query(`SELECT pg_advisory_xact_lock(${LOCK})`);
}

/** The number of the newest step the database has run; 0 for a new one. */
async function versionOf(query: Query): Promise<number> {
  // Not to_regclass: it may remember from before that there is none.
  const tables = await query("SELECT 1 FROM pg_class WHERE relname = 'migrations' AND pg_table_is_visible(oid)");
  if (tables.length === 0) return 0;
  const [row] = await query<{ newest: number }>('SELECT coalesce(max(number), 0)::int AS newest FROM migrations');
  const { newest } = row!;
  if (newest > NEWEST) {
    const fix = 'start that version, or restore a backup made before it';
    throw new SetupError(`the store was made by a newer Muster (schema ${newest}, this one knows ${NEWEST}): ${fix}`);
  }
  return newest;
}
