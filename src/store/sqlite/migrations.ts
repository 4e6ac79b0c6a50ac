import { SetupError } from '../../core/errors.ts';
import { type DatabaseSync, makeTransaction } from './database.ts';

/** The schema's steps, in order. A new store runs them all; one that has run somewhere is never changed. */
const MIGRATIONS: readonly { number: number; name: string; sql: string }[] = [
  {
    number: 1,
    name: 'accounts, keys, audiences, contacts',
    sql: `
      CREATE TABLE accounts (
        no INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        name TEXT NOT NULL,
        create_date TEXT NOT NULL
      ) STRICT;

      CREATE TABLE keys (
        no INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        account_id TEXT NOT NULL REFERENCES accounts (id),
        name TEXT NOT NULL,
        prefix TEXT NOT NULL,
        scope TEXT NOT NULL CHECK (scope IN ('read', 'write')),
        hash BLOB NOT NULL UNIQUE,
        create_date TEXT NOT NULL,
        last_use_date TEXT,
        expire_date TEXT
      ) STRICT;

      -- AUTOINCREMENT: the number of a deleted audience must not come back while its contacts are being purged.
      CREATE TABLE audiences (
        no INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,
        account_id TEXT NOT NULL REFERENCES accounts (id),
        name TEXT NOT NULL,
        name_key TEXT NOT NULL,
        channel TEXT NOT NULL CHECK (channel IN ('SMS', 'WHATSAPP', 'VIBER')),
        contacts_count INTEGER NOT NULL,
        last_sequence INTEGER NOT NULL,
        create_date TEXT NOT NULL,
        update_date TEXT NOT NULL,
        delete_date TEXT
      ) STRICT;
      CREATE UNIQUE INDEX audiences_name ON audiences (account_id, name_key) WHERE delete_date IS NULL;
      CREATE INDEX audiences_order ON audiences (account_id, id) WHERE delete_date IS NULL;
      CREATE INDEX audiences_deleted ON audiences (no) WHERE delete_date IS NOT NULL;

      -- no = audience_no * 2^32 + sequence: the contacts of an audience lie together, in creation order.
      -- document: the contact as it goes out; id and number stand beside it for their indexes.
      CREATE TABLE contacts (
        no INTEGER PRIMARY KEY,
        audience_no INTEGER NOT NULL,
        id BLOB NOT NULL,
        number TEXT NOT NULL,
        document TEXT NOT NULL
      ) STRICT;
      CREATE UNIQUE INDEX contacts_id ON contacts (audience_no, id);
      CREATE UNIQUE INDEX contacts_number ON contacts (audience_no, number);

      -- The search text of each contact, under the contact's no.
      CREATE VIRTUAL TABLE contacts_search USING fts5(
        text, content = '', contentless_delete = 1, tokenize = 'trigram case_sensitive 1'
      );
    `,
  },
];

const NEWEST = MIGRATIONS.at(-1)!.number;

/**
 * Brings a store to the newest schema, each step in a transaction of its own. Running it twice, or in two processes at
 * once, does no harm. Raises SetupError for a store that a newer version of Muster has changed.
 */
export function migrate(db: DatabaseSync): void {
  if (versionOf(db) === NEWEST) return;
  db.exec('CREATE TABLE IF NOT EXISTS migrations (number INTEGER PRIMARY KEY, name TEXT NOT NULL) STRICT');
  const inTransaction = makeTransaction(db, 'IMMEDIATE');
  const insert = db.prepare('INSERT INTO migrations (number, name) VALUES (?, ?)');
  for (const { number, name, sql } of MIGRATIONS) {
    inTransaction(() => {
      if (versionOf(db) >= number) return;
      insert.run(number, name);
      db.exec(sql);
    });
  }
}

/** The number of the newest migration the store has run; 0 for a new store. */
function versionOf(db: DatabaseSync): number {
  const exists = db.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'migrations'").get() !== undefined;
  if (!exists) return 0;
  const { newest } = db.prepare('SELECT coalesce(max(number), 0) AS newest FROM migrations').get() as {
    newest: number;
  };
  if (newest > NEWEST) {
    const fix = 'start that version, or restore a backup made before it';
    throw new SetupError(`the store was made by a newer Muster (schema ${newest}, this one knows ${NEWEST}): ${fix}`);
  }
  return newest;
}
