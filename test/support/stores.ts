/** The stores that the contract suite runs on. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Store } from '../../src/core/store.ts';
import { openSqliteStore } from '../../src/store/sqlite/index.ts';
import { openMemoryStore } from './memory-store.ts';
import { CITUS_URL, openOnServer, openTestStore } from './postgres.ts';

/** An open store with nothing in it. */
export interface TestStore {
  store: Store;
  /** Closes the store and opens it again: `store` is then another. */
  reopen(): Promise<void>;
  /** Another store on the same data, as another process has it beside this one. The test closes it. */
  openBeside(): Promise<Store>;
  /** How many contacts lie in it, those of deleted audiences included. */
  heldContacts(): Promise<number>;
  close(): Promise<void>;
}

export interface StoreKind {
  name: string;
  /** Whether calls that are made together take effect in the order they were made in. */
  keepsOrder: boolean;
  /** Why it is not tested now; printed. */
  skip: string | false;
  open(): Promise<TestStore>;
}

const sqlite = { name: 'sqlite', keepsOrder: true, open: () => openSqlite() };

async function openSqlite(maxWaiting?: number): Promise<TestStore> {
  const directory = mkdtempSync(join(tmpdir(), 'muster-test-'));
  const file = join(directory, 'muster.db');
  const openStore = () => openSqliteStore({ directory, role: 'server', maxWaiting, onDeath: throwLater });
  const under: TestStore = {
    store: openStore(),
    async reopen() {
      await under.store.close();
      under.store = openStore();
    },
    openBeside: async () => openSqliteStore({ directory, role: 'administration', maxWaiting, onDeath: throwLater }),
    heldContacts: async () => countRows(file),
    async close() {
      await under.store.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
  return under;
}

/** The PostgreSQL store spread over a cluster. */
const citus = { name: 'citus', keepsOrder: false, open: () => openOnServer(CITUS_URL!, true) };
const postgres = { name: 'postgres', keepsOrder: false, open: openTestStore };

/** The specification: the suite that every store passes must hold for it too. */
const model: StoreKind = {
  name: 'the model',
  keepsOrder: true,
  skip: false,
  async open(): Promise<TestStore> {
    const store = openMemoryStore();
    return {
      store,
      reopen: async () => {},
      openBeside: async () => store,
      heldContacts: () => countContacts(store),
      close: async () => {},
    };
  },
};

/** The real stores, PostgreSQL as `postgres.ts` has it. `TEST_STORES=sqlite` chooses some of them by name; without it all are tested. */
export const STORES: StoreKind[] = [sqlite, postgres, ...(CITUS_URL === undefined ? [] : [citus])].map((kind) => ({
  ...kind,
  skip: whySkip(kind.name),
}));

export const ALL_STORES: StoreKind[] = [model, ...STORES];

/** SQLite that lets few new contacts wait to be indexed: most are written and searched in both places. */
export const SQLITE_INDEXING: StoreKind = {
  name: 'sqlite that indexes often',
  keepsOrder: true,
  skip: whySkip('sqlite'),
  open: () => openSqlite(3),
};

function whySkip(name: string): string | false {
  const chosen = process.env.TEST_STORES?.split(',');
  return chosen === undefined || chosen.includes(name) ? false : `TEST_STORES names ${chosen.join(', ')} only`;
}

function countRows(file: string): number {
  const db = new DatabaseSync(file, { readOnly: true });
  try {
    return (db.prepare('SELECT count(*) AS rows FROM contacts').get() as { rows: number }).rows;
  } finally {
    db.close();
  }
}

async function countContacts(store: Store): Promise<number> {
  let count = 0;
  for (const { id } of await store.accounts.list()) {
    const { items } = await store.audiences.page(id, { direction: 'after', size: 1000 });
    for (const { contacts_count } of items) count += contacts_count;
  }
  return count;
}

/** A thread that dies by itself fails the test run, whichever test is under way. */
function throwLater(error: Error): void {
  setImmediate(() => {
    throw error;
  });
}
