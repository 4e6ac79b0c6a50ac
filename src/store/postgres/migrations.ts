import { SetupError } from '../../core/errors.ts';
import { type Database, type Query, sqlState } from './database.ts';
import { MIGRATIONS } from './schema.ts';

const NEWEST = MIGRATIONS.at(-1)!.number;
/** Held while a step runs: any number will do that is the same in every process, and no other program's. */
const LOCK = 7_768_847_253;
/** btree_gin and pg_trgm make the index that search uses. */
const EXTENSIONS = ['pg_trgm', 'btree_gin'];

/**
 * Brings a database to the newest schema, each step in a transaction of its own. Running it twice, or in many processes at
 * once, does no harm. Raises SetupError for a store that a newer version of Muster has changed, and when what it needs is
 * not there and cannot be made.
 */
export async function migrate(database: Database): Promise<void> {
  if ((await versionOf(database.query)) === NEWEST) return;
  for (const extension of EXTENSIONS)
    await database.transaction((query) => requireExtension(query, extension), 'again');
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

async function requireExtension(query: Query, name: string): Promise<void> {
  await holdMigrations(query);
  const found = await query('SELECT 1 FROM pg_extension WHERE extname = $1', [name]);
  if (found.length > 0) return;
  try {
    await query(`CREATE EXTENSION ${name}`, [], { isPlannedAnew: true });
  } catch (error) {
    const { code } = sqlState(error);
    if (code === undefined) throw error;
    const fix =
      code === '42501'
        ? `have a superuser run CREATE EXTENSION ${name} in this database`
        : "install PostgreSQL's contrib modules on the server (package postgresql-contrib)";
    throw new SetupError(
      `the database lacks the extension ${name}, and it cannot be made (${(error as Error).message}): ${fix}`,
    );
  }
}

/** The number of the newest step the database has run; 0 for a new one. */
async function versionOf(query: Query): Promise<number> {
  const [table] = await query<{ name: string | null }>("SELECT to_regclass('migrations')::text AS name");
  if (table?.name == null) return 0;
  const [row] = await query<{ newest: number }>('SELECT coalesce(max(number), 0)::int AS newest FROM migrations');
  const { newest } = row!;
  if (newest > NEWEST) {
    const fix = 'start that version, or restore a backup made before it';
    throw new SetupError(`the store was made by a newer Muster (schema ${newest}, this one knows ${NEWEST}): ${fix}`);
  }
  return newest;
}
