import {
  COPIED_NAMES,
  type CopiedName,
  type CopyPage,
  type CopyPosition,
  type CopyRecord,
  type CopySize,
  type CopyStore,
  type CopyUnit,
  copiedTable,
  readCheckpoint,
  writeCheckpoint,
} from '../../core/copy.ts';
import { SetupError } from '../../core/errors.ts';
import { loadContacts, makeContactsReader } from './copy-contacts.ts';
import { isCopyTarget } from './copy-state.ts';
import { statementsOf } from './copy-tables.ts';
import type { Database, Query } from './database.ts';
import { distribute } from './distribute.ts';
import { makePostgresStore, SERVER_NAME } from './index.ts';
import { holdMigrations } from './migrations.ts';
import { openPool, requireServer } from './pool.ts';

export interface PostgresCopyOptions {
  url: string;
  /** What is copied from must be there, and whole; what is copied to may be made. */
  end: 'source' | 'target';
  /** Whether to spread the store over the machines of a Citus cluster, if it is not yet. */
  isDistributed?: boolean;
  onError?: (error: Error) => void;
}

/** Opens the store in a database for a copy, while no server works on it. Raises SetupError. */
export async function openPostgresCopyStore({
  url,
  end,
  isDistributed = false,
  onError = () => {},
}: PostgresCopyOptions): Promise<CopyStore> {
  await requireServer(url, end === 'source' ? '--from' : '--to');
  const database = openPool(url, onError, { name: `${SERVER_NAME} copy` });
  try {
    const [found] = await database.query<{ name: string; is_there: boolean; servers: number }>(FIND, [SERVER_NAME]);
    const { name, is_there, servers } = found!;
    if (end === 'source' && !is_there) throw new SetupError(`there is no store in the database '${name}'`);
    if (servers > 0) throw new SetupError(`a Muster server is using the database '${name}': stop it first`);
    const copy = await makePostgresCopyStore(database, end);
    if (isDistributed) await distribute(database);
    return copy;
  } catch (error) {
    await database.close();
    throw error;
  }
}

const FIND = `
  SELECT current_database()::text AS name, to_regclass('accounts') IS NOT NULL AS is_there,
    (SELECT count(*)::int FROM pg_stat_activity WHERE datname = current_database() AND application_name = $1) AS servers`;

/** The store in a database that is open already; closing it closes that. */
export async function makePostgresCopyStore(database: Database, end: PostgresCopyOptions['end']): Promise<CopyStore> {
  const { query, transaction } = database;
  const store = await makePostgresStore(database, end);
  const pageOfContacts = makeContactsReader(database);
  const statements = new Map(COPIED_NAMES.map((name) => [name, statementsOf(name)]));
  /** The checkpoint this process wrote or found last, as text. */
  let last: string | null = null;

  /** Steps of the schema take as long as they take. */
  function patiently<T>(work: (query: Query) => Promise<T>): Promise<T> {
    return transaction(async (within) => {
      await holdMigrations(within);
      await within(
        "SELECT set_config('maintenance_work_mem', '256MB', true), set_config('enable_seqscan', 'on', true)",
      );
      return work(within);
    }, 'again');
  }

  return {
    store,

    async size() {
      const count = (name: keyof CopySize) =>
        patiently(
          async (within) =>
            (await within<{ count: number }>(`SELECT count(*)::float8 AS count FROM ${name}`))[0]!.count,
        );
      return {
        contacts: await count('contacts'),
        import_chunks: await count('import_chunks'),
        import_batches: await count('import_batches'),
      };
    },

    async page(unit, after) {
      if (unit.table === 'contacts') return pageOfContacts(unit.audience!, after);
      const { first, next, order } = statements.get(unit.table)!;
      const rows = await query<CopyRecord>(after === null ? first : next, [...scopeOf(unit), ...(after ?? [])]);
      return toPage(unit.table, rows, order);
    },

    async begin(source) {
      const [found] = (await isCopyTarget(query))
        ? await query<{ source: string; checkpoint: string | null }>(STATE)
        : [];
      if (found === undefined) await take(source);
      else if (found.source !== source)
        throw new SetupError('the database holds a part of another copy: copy into an empty one');
      last = found?.checkpoint ?? null;
      return last === null ? undefined : readCheckpoint(last);
    },

    async load(unit, records, checkpoint) {
      const text = writeCheckpoint(checkpoint);
      await transaction(async (within) => {
        // Together with its rows: a crash of the database may take the last ones, and never a part of one.
        await within("SELECT set_config('synchronous_commit', 'off', true)");
        const [kept] = await within<{ source: string }>(KEEP, [text, last]);
        if (kept === undefined) throw new SetupError('another process goes on with this copy');
        await loadRows(within, unit, records);
      });
      last = text;
    },

    async settle(tell) {
      const [state] = await query<{ indexes: string }>(STATE);
      for (const { name, sql } of JSON.parse(state!.indexes) as { name: string; sql: string }[]) {
        tell(`making the index ${name}`);
        const text = sql.replace(/^(CREATE (?:UNIQUE )?INDEX) /, '$1 IF NOT EXISTS ');
        await patiently((within) => within(text, [], { isPlannedAnew: true }));
      }
      tell('counting');
      await patiently(async (within) => {
        await within(COUNT);
        for (const name of COPIED_NAMES) await within(`ANALYZE ${name}`);
      });
    },

    async release() {
      await patiently((within) => within('DROP TABLE IF EXISTS copy_state'));
    },

    close: () => store.close(),
  };

  /** Makes the empty database the target of the copy. Raises SetupError. */
  async function take(source: string): Promise<void> {
    // Before the transaction, not in it: a cluster changes no table that it has read from on several connections.
    for (const name of COPIED_NAMES) {
      const rows = await query(`SELECT 1 FROM ${name} LIMIT 1`);
      if (rows.length > 0) throw new SetupError(`the database is not empty (it has ${name}): copy into an empty one`);
    }
    await patiently(async (within) => {
      // Rows come in the order of ids: that index grows at its end. Others are made at once when all are there.
      const indexes = await within<{ name: string; sql: string }>(INDEXES);
      for (const { name } of indexes) await within(`DROP INDEX ${name}`);
      await within('CREATE TABLE copy_state (source text NOT NULL, checkpoint text, indexes text NOT NULL)');
      await within('INSERT INTO copy_state (source, indexes) VALUES ($1, $2)', [source, JSON.stringify(indexes)]);
    });
  }

  async function loadRows(within: Query, unit: CopyUnit, records: CopyRecord[]): Promise<void> {
    if (unit.table === 'contacts') return loadContacts(within, unit.audience!, records);
    const { insert } = statements.get(unit.table)!;
    const columns = Object.keys(copiedTable(unit.table).columns);
    const values = records.flatMap((record) => columns.map((column) => record[column]));
    await within(insert(records.length), [...scopeOf(unit), ...values], { isPlannedAnew: true });
    if (unit.table === 'imports') {
      await within('INSERT INTO import_lanes (audience_id) VALUES ($1) ON CONFLICT (audience_id) DO NOTHING', [
        unit.audience,
      ]);
      await within(EXPIRE, [unit.audience]);
    }
  }
}

function scopeOf(unit: CopyUnit): string[] {
  const { of } = copiedTable(unit.table);
  return of === 'installation' ? [] : of === 'audience' ? [unit.audience!] : [unit.audience!, unit.import!];
}

function toPage(table: CopiedName, rows: CopyRecord[], order: number): CopyPage {
  const last = rows.at(-1);
  const position: CopyPosition | null =
    last === undefined ? null : Array.from({ length: order }, (_, index) => last[`position_${index}`]!);
  const columns = Object.keys(copiedTable(table).columns);
  const records = rows.map((row) => Object.fromEntries(columns.map((column) => [column, row[column]!])));
  return { records, position };
}

const STATE = 'SELECT source, checkpoint, indexes FROM copy_state';
const KEEP = 'UPDATE copy_state SET checkpoint = $1 WHERE checkpoint IS NOT DISTINCT FROM $2 RETURNING source';
const INDEXES = `
  SELECT indexrelid::regclass::text AS name, pg_get_indexdef(indexrelid) AS sql FROM pg_index
  WHERE indrelid IN ('contacts'::regclass, 'contact_changes'::regclass) AND NOT indisprimary`;

/** The import's document says whether it is expired. */
const EXPIRE = `
  UPDATE imports SET is_expired = true WHERE audience_id = $1 AND (document::json ->> 'is_expired')::boolean AND NOT is_expired`;

/** One slot an audience, all that its contacts are. */
const COUNT = `
  INSERT INTO contact_counts (audience_id, slot, count)
  SELECT audience_id, 0, count(*) FROM contacts GROUP BY audience_id
  ON CONFLICT (audience_id, slot) DO UPDATE SET count = excluded.count`;
