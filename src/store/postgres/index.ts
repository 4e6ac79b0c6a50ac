import { failure, SetupError } from '../../core/errors.ts';
import type { Store } from '../../core/store.ts';
import { makeAccounts, makeKeys } from './accounts.ts';
import { makeAudiences } from './audiences.ts';
import { checkStore } from './check.ts';
import { makeContacts } from './contacts.ts';
import { requireFinished } from './copy-state.ts';
import { type Database, reading, surely } from './database.ts';
import { distribute } from './distribute.ts';
import { makeExporter } from './export.ts';
import { makeFigures } from './figures.ts';
import { forgetOutcomes, makeWrite } from './idempotency.ts';
import { idOrNobody } from './ids.ts';
import { makeImportPlaces } from './import-places.ts';
import { makeImportReader } from './import-reader.ts';
import { makeImportWork } from './import-work.ts';
import { makeImports } from './imports.ts';
import { migrate } from './migrations.ts';
import { makePages } from './pages.ts';
import { openPool, requireServer } from './pool.ts';
import { forgetCommits, purgeAudience, startPurge } from './purge.ts';
import { abandonUploads, purgeImports } from './purge-imports.ts';
import { keepSearchIndex, type SearchIndex } from './search-index.ts';
import { SEGMENT_SIZES, type SegmentSizes } from './segments.ts';
import { makeSessions } from './sessions.ts';
import { makeUpsert } from './upsert.ts';

const READY_TIMEOUT = 2000;
/** Contacts that a step of removing or undoing writes, about. */
const STEP_ROWS = 500;
/** What a server's connections are called in the database: a copy looks for them. */
export const SERVER_NAME = 'muster';

export interface PostgresOptions {
  /** `postgres://user:password@host:port/database`. */
  url: string;
  /**
   * Servers remove what deleted audiences left; administration works beside them. What a copy has not finished opens for its
   * target only.
   */
  role: 'server' | 'administration' | 'source' | 'target';
  /** Whether to spread the store over the machines of a Citus cluster, if it is not yet. */
  isDistributed?: boolean;
  /** Server processes of this machine, which share the connections that one of them would have. */
  processes?: number;
  /** For tests. */
  segmentSizes?: SegmentSizes;
  /** Told what goes wrong beside every operation, as a connection that breaks while nobody uses it. */
  onError?: (error: Error) => void;
}

/**
 * Opens the store in a PostgreSQL database, and brings its schema up to date. Any number of processes may do so at once.
 * Raises SetupError: not to be reached, not suited, or made by a newer version.
 */
export async function openPostgresStore({
  url,
  role,
  isDistributed = false,
  processes = 1,
  segmentSizes,
  onError = () => {},
}: PostgresOptions): Promise<Store> {
  await requireServer(url);
  const name = role === 'server' ? SERVER_NAME : `${SERVER_NAME} ${role}`;
  const database = openPool(url, onError, { name, processes });
  try {
    const store = await makePostgresStore(database, role, onError, segmentSizes);
    if (isDistributed) await distribute(database);
    return store;
  } catch (error) {
    await database.close();
    throw error;
  }
}

/** The store in a database that is open already; closing the store closes it. */
export async function makePostgresStore(
  database: Database,
  role: PostgresOptions['role'],
  onError: PostgresOptions['onError'] = () => {},
  sizes: SegmentSizes = SEGMENT_SIZES,
): Promise<Store> {
  await migrate(database);
  if (role !== 'target') await requireFinished(database.query);
  const { query } = database;
  const steps = [purgeAudience, forgetCommits, forgetOutcomes, abandonUploads, purgeImports].map((step) =>
    step(database),
  );
  const purge = role === 'server' ? startPurge(steps, onError) : { wake() {}, async stop() {} };
  const searchIndex: SearchIndex =
    role === 'server' ? keepSearchIndex(database, onError, sizes) : { wrote() {}, async stop() {} };
  const places = makeImportPlaces(database);
  const write = makeWrite(database);
  const exporter = makeExporter(database);
  const audiences = makeAudiences(database, write, purge.wake);
  const contacts = { ...makeContacts(database, write), ...makePages(database), ...makeUpsert(write) };
  const importWork = makeImportWork(database, places, purge.wake);

  /** What an operation answered, once the search index has been told how many contacts of the audience it wrote. */
  async function wrote<T>(audienceId: string, rows: number, answer: Promise<T>): Promise<T> {
    const answered = await answer;
    searchIndex.wrote(idOrNobody(audienceId), rows);
    return answered;
  }

  /** The same for an operation of an import. */
  async function imported<T>(importId: string, rows: number, answer: Promise<T>): Promise<T> {
    const answered = await answer;
    // It is done, whether or not that can be found out now.
    const audienceId = await places.find(importId).catch(() => undefined);
    if (audienceId !== undefined) searchIndex.wrote(audienceId, rows);
    return answered;
  }

  return {
    accounts: makeAccounts(database),
    keys: makeKeys(database),
    sessions: makeSessions(database),
    audiences: {
      ...audiences,
      async create(accountId, audience, terms) {
        const made = await audiences.create(accountId, audience, terms);
        searchIndex.wrote(made.id, audience.contacts.length);
        return made;
      },
    },
    contacts: {
      ...contacts,
      create: (...asked) => wrote(asked[1], 1, contacts.create(...asked)),
      update: (...asked) => wrote(asked[1], 1, contacts.update(...asked)),
      delete: (...asked) => wrote(asked[1], 1, contacts.delete(...asked)),
      upsert: (accountId, audienceId, rows, onConflict, terms) =>
        wrote(audienceId, rows.length, contacts.upsert(accountId, audienceId, rows, onConflict, terms)),
      export: exporter.export,
    },
    imports: {
      ...makeImports(database, write, places, purge.wake),
      ...makeImportReader(database, places),
      ...importWork,
      apply: (importId, owner, batch) =>
        imported(importId, batch.rows.length, importWork.apply(importId, owner, batch)),
      removeSome: (importId, owner) => imported(importId, STEP_ROWS, importWork.removeSome(importId, owner)),
      undoSome: (importId, owner) => imported(importId, STEP_ROWS, importWork.undoSome(importId, owner)),
    },
    figures: makeFigures(database),
    async about() {
      const [row] = await reading(() => query<{ is_citus: boolean; bytes: number }>(ABOUT));
      const { is_citus, bytes } = row!;
      // Of a cluster's machines each knows its own.
      return is_citus ? { kind: 'citus', bytes: null } : { kind: 'postgres', bytes };
    },
    // Others write as well, and to ask whether they did would cost what an answer costs.
    version: () => undefined,
    async ready() {
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<never>((_, reject) => {
        timer = setTimeout(() => reject(failure(9503)), READY_TIMEOUT);
      });
      // A write that changes nothing, which a server that only reads refuses.
      const write = surely(() => query("DELETE FROM keys WHERE hash = ''")).then(() => database.requireSpace?.());
      write.catch(() => {});
      await Promise.race([write, late]).finally(() => clearTimeout(timer));
    },
    async backup() {
      throw new SetupError('the store is in PostgreSQL: back it up with pg_dump, or with what your provider offers');
    },
    check: (progress) => checkStore(database, progress),
    async close() {
      await Promise.all([purge.stop(), searchIndex.stop(), exporter.close()]);
      await database.close();
    },
  };
}

const ABOUT = `
  SELECT EXISTS (SELECT FROM pg_extension WHERE extname = 'citus') AS is_citus,
    pg_database_size(current_database())::float8 AS bytes`;
