import { SetupError } from '../../core/errors.ts';
import type { Database, Query } from './database.ts';
import { holdMigrations } from './migrations.ts';

/** Few rows, which every statement may need: each machine of a cluster has them all. */
export const EVERYWHERE = ['migrations', 'accounts', 'keys', 'sessions', 'sign_in_links', 'audiences'] as const;
/** What belongs to an audience lies together on one machine: the first decides where, the others go with it. */
export const BY_AUDIENCE = [
  'contacts',
  'contact_counts',
  'contact_segments',
  'contact_postings',
  'contact_changes',
  'contact_tags',
  'imports',
  'import_lanes',
  'import_chunks',
  'import_batches',
  'import_numbers',
] as const;
/**
 * Idempotency keys are an account's, whose requests may be about any of its audiences: they are spread by their own ids. A write that
 * keeps its outcome so writes in two places, and the cluster commits both or neither. On the coordinator the outcome would
 * be out of that: the cluster knows of what it has spread only.
 */
export const BY_ID = ['idempotency_keys'] as const;
/** What a transaction leaves to be asked for is asked where it was begun: on the coordinator. */
export const ON_COORDINATOR = ['commits'] as const;
const FUNCTIONS = ['muster_place(uuid)', 'muster_id(bigint, text)', 'muster_tags(text)', 'muster_slot(bytea, uuid)'];

/**
 * Spreads the store over a Citus cluster, by audience. Each table is moved in a transaction of its own, so that a run that broke
 * off is gone on with; once everything is spread it does nothing. Raises SetupError where Citus is not there.
 */
export async function distribute(database: Database): Promise<void> {
  await database.transaction(requireCitus);
  const move = (table: string, statement: string) =>
    database.transaction(async (query) => {
      await holdMigrations(query);
      const values = [table];
      const found = await query('SELECT 1 FROM pg_dist_partition WHERE logicalrelid = $1::regclass', values);
      if (found.length === 0) await query(statement, values, { isPlannedAnew: true });
    });
  for (const table of EVERYWHERE) await move(table, 'SELECT create_reference_table($1::regclass)');
  const [first, ...others] = BY_AUDIENCE;
  await move(first, "SELECT create_distributed_table($1::regclass, 'audience_id')");
  for (const table of others) {
    await move(table, `SELECT create_distributed_table($1::regclass, 'audience_id', colocate_with => '${first}')`);
  }
  for (const table of BY_ID) {
    await move(table, "SELECT create_distributed_table($1::regclass, 'id', colocate_with => 'none')");
  }
  // Statements run where their audience is, and so must what they call.
  for (const name of FUNCTIONS) await database.query('SELECT create_distributed_function($1::regprocedure)', [name]);
}

async function requireCitus(query: Query): Promise<void> {
  await holdMigrations(query);
  const known = await query<{ name: string }>("SELECT extname AS name FROM pg_extension WHERE extname = 'citus'");
  if (known.length > 0) return;
  const available = await query("SELECT 1 FROM pg_available_extensions WHERE name = 'citus'");
  const fix =
    available.length > 0
      ? 'have a superuser run CREATE EXTENSION citus in this database, on every machine of the cluster'
      : 'install Citus on the server and name it in shared_preload_libraries, or leave out CITUS and --distribute';
  throw new SetupError(`the database has no Citus, and cannot be spread over machines: ${fix}`);
}
