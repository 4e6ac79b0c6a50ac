/** The PostgreSQL store for tests: on a server where TEST_DATABASE_URL names one, else on PostgreSQL in WebAssembly. */
import { randomBytes } from 'node:crypto';
import { PGlite } from '@electric-sql/pglite';
import pg from 'pg';
import type { Store } from '../../src/core/store.ts';
import type { Cursor, Database, Query, Statement } from '../../src/store/postgres/database.ts';
import { makePostgresStore, openPostgresStore } from '../../src/store/postgres/index.ts';
import type { SegmentSizes } from '../../src/store/postgres/segments.ts';
import type { TestStore } from './stores.ts';

/** A server whose user may create databases, `postgres://…`; each test store gets a database of its own. */
export const SERVER_URL = process.env.TEST_DATABASE_URL;
/** A Citus cluster's coordinator, whose user may create databases and extensions. */
export const CITUS_URL = process.env.TEST_CITUS_URL;
/** Whether tests through the door run on PostgreSQL: `TEST_STORES=postgres`, and a server. */
export const IS_ON_POSTGRES = SERVER_URL !== undefined && process.env.TEST_STORES === 'postgres';
/** Why tests of what only the embedded store has are not run. */
export const EMBEDDED_ONLY = IS_ON_POSTGRES && 'only the embedded store has this';
/** Why tests that need a server are not run. */
export const NEEDS_SERVER = SERVER_URL === undefined && 'TEST_DATABASE_URL names no PostgreSQL server';

export function openTestStore(): Promise<TestStore> {
  return SERVER_URL === undefined ? openOnPglite() : openOnServer(SERVER_URL);
}

/** An empty database on the server; `drop` removes it, whoever is connected. */
export async function makeDatabase(server: string): Promise<{ url: string; drop(): Promise<void> }> {
  const name = `muster_test_${randomBytes(6).toString('hex')}`;
  await runOnServer(server, `CREATE DATABASE ${name} TEMPLATE template0 ENCODING 'UTF8'`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => runOnServer(server, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`) };
}

const databases = new Map<string, Promise<string>>();

/** The database that a server of the tests has instead of its directory when its tests run on PostgreSQL. It goes away after the tests. */
export async function databaseOf(directory: string): Promise<string | undefined> {
  if (!IS_ON_POSTGRES) return undefined;
  let found = databases.get(directory);
  if (found === undefined) {
    const made = makeDatabase(SERVER_URL!);
    found = made.then(({ url }) => url);
    databases.set(directory, found);
    // Behind all hooks: one of them ends the server.
    process.once('beforeExit', async () => (await made).drop());
  }
  return found;
}

/** Runs a statement on a connection of its own; the first column of its first row. */
export async function runOnServer(url: string, text: string, values: unknown[] = []): Promise<never> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query(text, values);
    return Object.values(rows[0] ?? {})[0] as never;
  } finally {
    await client.end();
  }
}

/** Makes a new database of a coordinator one of the cluster: it has to be made on each machine. */
async function joinCluster(server: string, url: string): Promise<void> {
  const name = new URL(url).pathname.slice(1);
  const workers: string = await runOnServer(
    server,
    "SELECT coalesce(json_agg(json_build_array(nodename, nodeport)), '[]')::text FROM pg_dist_node WHERE groupid <> 0",
  );
  await runOnServer(url, 'CREATE EXTENSION citus');
  for (const [host, port] of JSON.parse(workers) as [string, number][]) {
    const worker = new URL(server);
    Object.assign(worker, { hostname: host, port: String(port) });
    await runOnServer(worker.href, `CREATE DATABASE ${name} TEMPLATE template0 ENCODING 'UTF8'`);
    worker.pathname = `/${name}`;
    await runOnServer(worker.href, 'CREATE EXTENSION citus');
    await runOnServer(url, 'SELECT citus_add_node($1, $2)', [host, port]);
  }
}

/** So small that a few contacts make several segments. */
export const SMALL_SEGMENTS: SegmentSizes = { contacts: 12, changes: 4, fewChanged: 1 / 3, patience: 1 };

const COUNT_CONTACTS = 'SELECT count(*)::int AS count FROM contacts';

/** @param isDistributed whether the server is a Citus cluster's coordinator. */
export async function openOnServer(server: string, isDistributed = false): Promise<TestStore> {
  const { url, drop } = await makeDatabase(server);
  if (isDistributed) await joinCluster(server, url);
  const openStore = (role: 'server' | 'administration') =>
    openPostgresStore({ url, role, isDistributed, segmentSizes: SMALL_SEGMENTS });
  const under: TestStore = {
    store: await openStore('server'),
    async reopen() {
      await under.store.close();
      under.store = await openStore('server');
    },
    openBeside: () => openStore('administration'),
    heldContacts: () => runOnServer(url, COUNT_CONTACTS),
    async close() {
      await under.store.close();
      await drop();
    },
  };
  return under;
}

/** A store on PostgreSQL in WebAssembly, and a way to its tables. @param watch told every statement. */
export async function openPglite(
  watch: (text: string) => void = () => {},
  role: 'server' | 'administration' = 'administration',
): Promise<{ store: Store; query: Query; close(): Promise<void> }> {
  const pglite = await PGlite.create();
  const database = watched(makePgliteDatabase(pglite), watch);
  const store = await makePostgresStore(database, role, undefined, SMALL_SEGMENTS);
  return {
    store,
    query: database.query,
    async close() {
      await store.close();
      await pglite.close();
    },
  };
}

/** The database, with every statement told. */
export function watched(database: Database, watch: (text: string) => void): Database {
  const heard =
    (query: Query): Query =>
    (text, values, options) => {
      watch(text);
      return query(text, values, options);
    };
  return {
    ...database,
    query: heard(database.query),
    transaction: (work, kind) => database.transaction((query) => work(heard(query)), kind),
    cursor: (prepare) =>
      database.cursor(async (query) => {
        const statement = await prepare(heard(query));
        watch(statement.text);
        return statement;
      }),
  };
}

/** PostgreSQL in WebAssembly, with what the store needs. */
export function createPglite(): Promise<PGlite> {
  return PGlite.create();
}

async function openOnPglite(): Promise<TestStore> {
  const pglite = await createPglite();
  const database = makePgliteDatabase(pglite);
  const under: TestStore = {
    store: await makePostgresStore(database, 'server', undefined, SMALL_SEGMENTS),
    async reopen() {
      await under.store.close();
      under.store = await makePostgresStore(database, 'server', undefined, SMALL_SEGMENTS);
    },
    openBeside: () => makePostgresStore(database, 'administration'),
    heldContacts: async () => (await database.query<{ count: number }>(COUNT_CONTACTS))[0]!.count,
    async close() {
      await under.store.close();
      await pglite.close();
    },
  };
  return under;
}

/** A database in this process, of one connection: transactions wait for each other, and a walk reads all at its beginning. */
export function makePgliteDatabase(pglite: PGlite): Database {
  const queryOn =
    (on: Pick<PGlite, 'query'>): Query =>
    async <Row>(text: string, values: unknown[] = []) =>
      (await on.query<Row>(text, values)).rows;
  return {
    connections: 1,
    query: queryOn(pglite),
    transaction: (work) => pglite.transaction((transaction) => work(queryOn(transaction as never))),
    async cursor<Row>(prepare: (query: Query) => Promise<Statement>): Promise<Cursor<Row>> {
      const rows = await pglite.transaction(async (transaction) => {
        const { text, values } = await prepare(queryOn(transaction as never));
        return (await transaction.query<Row>(text, values)).rows;
      });
      return { next: async (count) => rows.splice(0, count), close: async () => {} };
    },
    close: async () => {},
  };
}
