import { existsSync } from 'node:fs';
import { join } from 'node:path';
import {
  COPIED_NAMES,
  type CopiedName,
  type CopyForm,
  type CopyPage,
  type CopyPosition,
  type CopyRecord,
  type CopySize,
  type CopyStore,
  type CopyUnit,
  type CopyValue,
  copiedTable,
  readCheckpoint,
  writeCheckpoint,
} from '../../core/copy.ts';
import { SetupError } from '../../core/errors.ts';
import { type ContactsLoader, makeContactsLoader, makeContactsReader } from './copy-contacts.ts';
import { exportBatch, importBatch, makeImportsLoader } from './copy-imports.ts';
import { statementsOf } from './copy-tables.ts';
import { type DatabaseSync, idText, makeTransaction, openForWriting, type StatementSync } from './database.ts';
import { openSqliteStore } from './index.ts';
import { writeNumbers } from './number-writer.ts';

/** Lets go of the event loop for a moment: what others asked for is sent. */
const turn = () => new Promise((resolve) => setImmediate(resolve));

export interface SqliteCopyOptions {
  directory: string;
  /** What is copied from must be there, and whole; what is copied to may be made. */
  end: 'source' | 'target';
}

/** Opens the embedded store for a copy, which has its directory for itself. Raises SetupError. */
export function openSqliteCopyStore({ directory, end }: SqliteCopyOptions): CopyStore {
  const file = join(directory, 'muster.db');
  if (end === 'source' && !existsSync(file)) throw new SetupError(`there is no store in ${directory}`);
  const store = openSqliteStore({ directory, role: end === 'source' ? 'source' : 'target' });
  const db = openForWriting(file);
  // A batch and its checkpoint are one transaction: a power cut may take the last ones, and never a part of one.
  db.exec('PRAGMA synchronous = NORMAL; PRAGMA cache_size = -65536; PRAGMA wal_autocheckpoint = 16000');
  const inTransaction = makeTransaction(db, 'IMMEDIATE');
  const contacts = makeContactsReader(db);
  const readers = new Map<CopiedName, PageReader>();
  for (const name of COPIED_NAMES) if (name !== 'contacts') readers.set(name, makePageReader(db, name));
  let load: ReturnType<typeof makeLoader> | undefined;

  function isBegun(): boolean {
    return db.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'copy_state'").get() !== undefined;
  }

  function requireEmpty(): void {
    const found = COPIED_NAMES.find((name) => db.prepare(`SELECT 1 FROM ${name} LIMIT 1`).get() !== undefined);
    if (found !== undefined)
      throw new SetupError(`${directory} is not empty (it has ${found}): copy into a new directory`);
  }

  return {
    store,

    async size() {
      const count = (name: keyof CopySize) =>
        (db.prepare(`SELECT count(*) AS count FROM ${name}`).get() as { count: number }).count;
      const { contacts: counted } = db
        .prepare('SELECT coalesce(sum(contacts_count), 0) AS contacts FROM audiences WHERE delete_date IS NULL')
        .get() as { contacts: number };
      return { contacts: counted, import_chunks: count('import_chunks'), import_batches: count('import_batches') };
    },

    async page(unit, after) {
      // The other store is asked first: it works while this one reads.
      await turn();
      if (unit.table === 'contacts') return contacts.page(unit.audience!, after);
      const page = readers.get(unit.table)!(unit, after);
      if (unit.table !== 'import_batches') return page;
      return { ...page, records: page.records.map((record) => exportBatch(contacts, unit.audience!, record)) };
    },

    async begin(source) {
      return inTransaction(() => {
        if (isBegun()) {
          const state = db.prepare('SELECT source, checkpoint FROM copy_state').get() as {
            source: string;
            checkpoint: string | null;
          };
          if (state.source !== source)
            throw new SetupError(`${directory} holds a part of another copy: copy into a new directory`);
          return state.checkpoint === null ? undefined : readCheckpoint(state.checkpoint);
        }
        requireEmpty();
        db.exec(`
          CREATE TABLE copy_state (source TEXT NOT NULL, checkpoint TEXT) STRICT;
          CREATE TABLE copy_places (
            audience_no INTEGER NOT NULL, id BLOB NOT NULL, no INTEGER NOT NULL, PRIMARY KEY (audience_no, id)
          ) STRICT, WITHOUT ROWID;
        `);
        db.prepare('INSERT INTO copy_state (source) VALUES (?)').run(source);
        return undefined;
      });
    },

    async load(unit, records, checkpoint) {
      await turn();
      load ??= makeLoader(db);
      inTransaction(() => load!(unit, records, writeCheckpoint(checkpoint)));
    },

    async settle(tell) {
      // Contacts come in the order of ids, their numbers in none.
      tell('making the index of numbers');
      await turn();
      inTransaction(() => writeNumbers(db));
    },

    async release() {
      db.exec('PRAGMA wal_checkpoint(TRUNCATE); PRAGMA synchronous = FULL');
      inTransaction(() => db.exec('DROP TABLE copy_places; DROP TABLE copy_state'));
    },

    async close() {
      contacts.close();
      db.close();
      await store.close();
    },
  };
}

type PageReader = (unit: CopyUnit, after: CopyPosition | null) => CopyPage;

/** Reads a table's rows as they are. */
function makePageReader(db: DatabaseSync, name: CopiedName): PageReader {
  const { first, next, scopes, order } = statementsOf(name);
  const [begin, goOn] = [db.prepare(first), db.prepare(next)];
  const { of, columns } = copiedTable(name);
  return (unit, after) => {
    const scope = Array<string>(scopes).fill((of === 'import' ? unit.import : unit.audience) ?? '');
    const rows = (after === null ? begin.all(...scope) : goOn.all(...scope, ...after.map(toStored))) as CopyRecord[];
    const last = rows.at(-1);
    const position = last === undefined ? null : order.map((_, index) => last[`position_${index}`]!);
    return { records: rows.map((row) => toRecord(columns, row)), position };
  };
}

function toRecord(columns: Record<string, CopyForm>, row: CopyRecord): CopyRecord {
  return Object.fromEntries(Object.entries(columns).map(([column, form]) => [column, toCopied(form, row[column]!)]));
}

function toCopied(form: CopyForm, value: CopyValue): CopyValue {
  if (value === null) return null;
  if (form === 'boolean') return value === 1;
  return form === 'id' && value instanceof Uint8Array ? idText(value) : value;
}

function toStored(value: CopyValue): string | number | Uint8Array | null {
  return typeof value === 'boolean' ? Number(value) : value;
}

/** Writes rows, in the transaction it is called in. */
function makeLoader(db: DatabaseSync) {
  const contacts: ContactsLoader = makeContactsLoader(db);
  const loadImport = makeImportsLoader(db, contacts);
  const keep = db.prepare('UPDATE copy_state SET checkpoint = ?');
  const inserts = new Map<CopiedName, { statement: StatementSync; scopes: number }>();
  for (const name of COPIED_NAMES) {
    if (name === 'contacts' || name === 'imports') continue;
    const { insert: text, scopes } = statementsOf(name);
    inserts.set(name, { statement: db.prepare(text), scopes });
  }

  function insert(unit: CopyUnit, record: CopyRecord): void {
    const { table } = unit;
    const { statement, scopes } = inserts.get(table)!;
    const { of, columns } = copiedTable(table);
    const scope = Array<string>(scopes).fill((of === 'import' ? unit.import : unit.audience) ?? '');
    statement.run(...scope, ...Object.keys(columns).map((column) => toStored(record[column]!)));
  }

  return (unit: CopyUnit, records: CopyRecord[], checkpoint: string): void => {
    if (unit.table === 'contacts') contacts.load(unit.audience!, records);
    else if (unit.table === 'imports') for (const record of records) loadImport(unit.audience!, record);
    else if (unit.table === 'import_batches')
      for (const record of records) insert(unit, importBatch(contacts, unit.audience!, record));
    else for (const record of records) insert(unit, record);
    keep.run(checkpoint);
  };
}
