/** Places between which installations are copied: empty ones, and what is seen of a store there. */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { CopyStore } from '../../src/core/copy.ts';
import type { Import } from '../../src/core/import-job.ts';
import { searchNeedles } from '../../src/core/search-text.ts';
import type { Audience, Page, Slice, Store } from '../../src/core/store.ts';
import { makePostgresCopyStore, openPostgresCopyStore } from '../../src/store/postgres/copy.ts';
import { makePostgresStore, openPostgresStore } from '../../src/store/postgres/index.ts';
import { openSqliteCopyStore } from '../../src/store/sqlite/copy.ts';
import { openSqliteStore } from '../../src/store/sqlite/index.ts';
import { allContacts } from './contacts.ts';
import { makeDirectory } from './directory.ts';
import { verdictsOf } from './import-jobs.ts';
import { createPglite, makeDatabase, makePgliteDatabase, runOnServer, SERVER_URL } from './postgres.ts';

/** A place that a store can be in. */
export interface Place {
  /** Opens the store at one end of a copy. */
  open(end: 'source' | 'target'): Promise<CopyStore>;
  /** Opens the store to work on it. */
  use(): Promise<Store>;
  /** Changes what lies there behind the store's back. */
  run(sql: string): Promise<void>;
  remove(): Promise<void>;
}

async function makeSqlitePlace(): Promise<Place> {
  const directory = makeDirectory();
  return {
    open: async (end) => openSqliteCopyStore({ directory, end }),
    use: async () => openSqliteStore({ directory, role: 'administration' }),
    async run(sql) {
      const db = new DatabaseSync(join(directory, 'muster.db'));
      db.exec(sql);
      db.close();
    },
    remove: async () => {},
  };
}

async function makePostgresPlace(): Promise<Place> {
  if (SERVER_URL !== undefined) {
    const { url, drop } = await makeDatabase(SERVER_URL);
    return {
      open: (end) => openPostgresCopyStore({ url, end }),
      use: () => openPostgresStore({ url, role: 'administration' }),
      run: (sql) => runOnServer(url, sql),
      remove: drop,
    };
  }
  const pglite = await createPglite();
  const database = makePgliteDatabase(pglite);
  return {
    open: (end) => makePostgresCopyStore(database, end),
    use: () => makePostgresStore(database, 'administration'),
    async run(sql) {
      await pglite.exec(sql);
    },
    remove: () => pglite.close(),
  };
}

export const PLACES = { sqlite: makeSqlitePlace, postgres: makePostgresPlace } as const;
export type PlaceKind = keyof typeof PLACES;

/** Searches that find one, many and none. */
const NEEDLES = ['ana', 'a', '120255', 'んこ', 'lukasz w', 'nobody has this'].map(searchNeedles);

async function pagesOf<Item extends { id: string }>(read: (slice: Slice) => Promise<Page<Item>>): Promise<Item[]> {
  const items: Item[] = [];
  for (let hasNext = true; hasNext; ) {
    const position = items.at(-1)?.id;
    const page = await read({ direction: 'after', size: 7, ...(position !== undefined && { position }) });
    items.push(...page.items);
    hasNext = page.hasNext;
  }
  return items;
}

export async function audiencesOf(store: Store): Promise<Audience[]> {
  const accounts = await store.accounts.list();
  const lists = accounts.map(({ id }) => pagesOf((slice) => store.audiences.page(id, slice)));
  return (await Promise.all(lists)).flat();
}

/** The imports of an audience, newest first. */
export function importsOf(store: Store, { account_id, id }: Audience): Promise<Import[]> {
  return pagesOf((slice) => store.imports.page(account_id, slice, id));
}

/** Everything that can be seen of a store. */
export async function everythingIn(store: Store): Promise<unknown> {
  const seen: unknown[] = [await store.accounts.list(), await store.keys.list()];
  seen.push(await store.sessions.find(createHash('sha256').update('session 2').digest()));
  for (const audience of await audiencesOf(store)) {
    seen.push(audience, await allContacts(store, audience));
    for (const needles of NEEDLES) {
      const query = { direction: 'after', size: 3, needles, count: true } as const;
      const { documents, ...page } = await store.contacts.page(audience.account_id, audience.id, query);
      seen.push([needles, page, Buffer.from(documents).toString()]);
    }
    const documents: string[] = [];
    for await (const batch of store.contacts.export(audience.account_id, audience.id, [])) documents.push(...batch);
    seen.push(documents);
    for (const each of await importsOf(store, audience)) {
      seen.push(each);
      // What an import that expired still has is on its way out.
      if (each.is_expired) continue;
      const file = createHash('sha256').update(await store.imports.read(each.id, 0, each.file.bytes));
      seen.push(file.digest('hex'), await verdictsOf(store, audience, each.id));
    }
  }
  return structuredClone(seen);
}
