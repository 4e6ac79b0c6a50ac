import type { CopyStore } from '../core/copy.ts';
import { SetupError } from '../core/errors.ts';
import type { Finding, Store } from '../core/store.ts';

export interface StoreOptions {
  /** The directory of the embedded store, when no database is named. */
  data: string;
  /** A PostgreSQL database. */
  databaseUrl: string | undefined;
  /** Whether the database is a Citus cluster, over whose machines the store is spread. */
  isDistributed?: boolean;
  /** Servers do what is to be done beside requests; administration works beside them. */
  role: 'server' | 'administration';
  /** Server processes of this machine that share a database. */
  processes?: number;
  /** Threads of the embedded store that search side by side. */
  searchThreads?: number;
  /** Called when the store cannot acknowledge writes any more and the process should end. */
  onDeath?: (error: Error) => void;
  /** Told what goes wrong beside every operation. */
  onError?: (error: Error) => void;
}

/** Opens the store that the configuration names. Raises SetupError. */
export async function openStore({ data, databaseUrl, isDistributed, ...options }: StoreOptions): Promise<Store> {
  // What the other store needs is not loaded.
  if (databaseUrl === undefined) {
    if (isDistributed) throw new SetupError('CITUS and --distribute need a database: set DATABASE_URL');
    const { openSqliteStore } = await import('./sqlite/index.ts');
    return openSqliteStore({ directory: data, ...options });
  }
  const { openPostgresStore } = await import('./postgres/index.ts');
  return openPostgresStore({ url: databaseUrl, isDistributed, ...options });
}

/** Opens the store at one end of a copy, while no server works on it. Raises SetupError. */
export async function openCopyStore(
  { data, databaseUrl, isDistributed }: Pick<StoreOptions, 'data' | 'databaseUrl' | 'isDistributed'>,
  end: 'source' | 'target',
): Promise<CopyStore> {
  if (databaseUrl === undefined) {
    const { openSqliteCopyStore } = await import('./sqlite/copy.ts');
    return openSqliteCopyStore({ directory: data, end });
  }
  const { openPostgresCopyStore } = await import('./postgres/copy.ts');
  return openPostgresCopyStore({ url: databaseUrl, isDistributed, end });
}

/**
 * Puts a backup of the embedded store into its directory, which has none yet; what a check found wrong with it: nothing is
 * restored then. Raises SetupError. @param progress told of bytes copied first, of contacts checked then.
 */
export async function restoreStore(
  { data, databaseUrl }: Pick<StoreOptions, 'data' | 'databaseUrl'>,
  file: string,
  progress: (what: 'bytes' | 'contacts', done: number, of: number) => void,
): Promise<Finding[]> {
  if (databaseUrl !== undefined) {
    throw new SetupError('the store is in PostgreSQL: restore it with pg_restore, or leave DATABASE_URL out');
  }
  const { restoreSqliteStore } = await import('./sqlite/restore.ts');
  return restoreSqliteStore(file, data, progress);
}

/** Where the store lies, for people: a database without its password. */
export function placeOf({ data, databaseUrl }: Pick<StoreOptions, 'data' | 'databaseUrl'>): string {
  if (databaseUrl === undefined) return data;
  const { host, pathname } = new URL(databaseUrl);
  return `PostgreSQL at ${host}, database ${decodeURIComponent(pathname.slice(1))}`;
}
