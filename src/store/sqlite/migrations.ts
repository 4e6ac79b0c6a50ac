import { SetupError } from '../../core/errors.ts';
import { type DatabaseSync, makeTransaction } from './database.ts';

/** The schema's steps, in order. A new store runs them all; one that has run somewhere is never changed. */
export const MIGRATIONS: readonly { number: number; name: string; sql: string }[] = [
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
  {
    number: 2,
    name: 'imports',
    sql: `
      -- revision moves with every change of the contact: what an import left is told by it from what somebody changed since.
      ALTER TABLE contacts ADD COLUMN revision INTEGER NOT NULL DEFAULT 1;
      -- The import that met the contact last, the first line that did, and whether it changed it: names repeats in a file,
      -- and what a replacing import keeps.
      ALTER TABLE contacts ADD COLUMN import_no INTEGER;
      ALTER TABLE contacts ADD COLUMN import_line INTEGER;
      ALTER TABLE contacts ADD COLUMN import_changed INTEGER;

      -- document: the import as it is shown. The columns are what is asked for, and where its work stands.
      CREATE TABLE imports (
        no INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,
        account_id TEXT NOT NULL REFERENCES accounts (id),
        audience_id TEXT NOT NULL,
        audience_no INTEGER NOT NULL,
        status TEXT NOT NULL,
        phase TEXT NOT NULL,
        pass INTEGER NOT NULL, -- moves when the file is begun again; what belongs to earlier passes is purged
        batches INTEGER NOT NULL, -- of this pass
        cursor INTEGER NOT NULL, -- how far removing or undoing is
        last_no INTEGER NOT NULL, -- the audience's last contact when the pass began
        is_cancelled INTEGER NOT NULL,
        owner TEXT,
        lease_until INTEGER NOT NULL, -- milliseconds since the epoch, as is:
        finished INTEGER,
        has_garbage INTEGER NOT NULL,
        document TEXT NOT NULL
      ) STRICT;
      CREATE INDEX imports_account ON imports (account_id, id);
      CREATE INDEX imports_audience ON imports (audience_no, id);
      CREATE INDEX imports_open ON imports (audience_no, no) WHERE status IN ('queued', 'running');
      CREATE INDEX imports_garbage ON imports (no) WHERE has_garbage = 1;

      CREATE TABLE import_chunks (
        no INTEGER PRIMARY KEY,
        import_no INTEGER NOT NULL,
        sequence INTEGER NOT NULL,
        bytes BLOB NOT NULL
      ) STRICT;
      CREATE UNIQUE INDEX import_chunks_order ON import_chunks (import_no, sequence);

      -- fates, and the file's own words about the same rows; what it takes to undo them.
      CREATE TABLE import_batches (
        no INTEGER PRIMARY KEY,
        import_no INTEGER NOT NULL,
        pass INTEGER NOT NULL,
        batch INTEGER NOT NULL,
        first_row INTEGER NOT NULL,
        rows INTEGER NOT NULL,
        created INTEGER NOT NULL,
        updated INTEGER NOT NULL,
        unchanged INTEGER NOT NULL,
        skipped INTEGER NOT NULL,
        refused INTEGER NOT NULL,
        fates TEXT NOT NULL,
        cells BLOB NOT NULL,
        undo TEXT
      ) STRICT;
      CREATE UNIQUE INDEX import_batches_order ON import_batches (import_no, pass, batch);

      -- A rehearsal changes no contact: what it would have made of a number, for the rows that repeat it.
      CREATE TABLE import_numbers (
        import_no INTEGER NOT NULL,
        pass INTEGER NOT NULL,
        number TEXT NOT NULL,
        line INTEGER NOT NULL,
        document TEXT,
        PRIMARY KEY (import_no, pass, number)
      ) STRICT, WITHOUT ROWID;
    `,
  },
  {
    number: 3,
    name: 'sessions',
    sql: `
      CREATE TABLE sessions (
        no INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        key_id TEXT NOT NULL REFERENCES keys (id) ON DELETE CASCADE,
        hash BLOB NOT NULL UNIQUE,
        create_date TEXT NOT NULL,
        last_use_date TEXT NOT NULL,
        expire_date TEXT NOT NULL
      ) STRICT;
      CREATE INDEX sessions_key ON sessions (key_id);
      CREATE INDEX sessions_end ON sessions (expire_date);

      -- Links that sign in once.
      CREATE TABLE sign_in_links (
        hash BLOB PRIMARY KEY,
        key_id TEXT NOT NULL REFERENCES keys (id) ON DELETE CASCADE,
        expire_date TEXT NOT NULL
      ) STRICT;
      CREATE INDEX sign_in_links_key ON sign_in_links (key_id);
    `,
  },
  {
    number: 4,
    name: 'search index merged less often',
    // Merging is most of what a single create costs. With 16 segments of a size instead of 4 (FTS5's default), and no hurry
    // before there are 64, a group of 32 creates costs 19 µs a row there instead of 32, and a search as much as before.
    sql: `
      INSERT INTO contacts_search (contacts_search, rank) VALUES ('automerge', 16);
      INSERT INTO contacts_search (contacts_search, rank) VALUES ('crisismerge', 64);
    `,
  },
  {
    number: 5,
    name: 'idempotency keys',
    sql: `
      -- Writes that take effect once, by the order of their making: id is a digest of account and key.
      CREATE TABLE idempotency_keys (
        no INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        fingerprint TEXT NOT NULL,
        note TEXT NOT NULL,
        outcome BLOB NOT NULL,
        made INTEGER NOT NULL -- milliseconds since the epoch
      ) STRICT;
    `,
  },
  {
    number: 6,
    name: 'tags',
    // Five seconds for a million contacts with one and a half tags each.
    sql: `
      CREATE TABLE tags (
        no INTEGER PRIMARY KEY,
        audience_no INTEGER NOT NULL,
        tag TEXT NOT NULL,
        contacts_count INTEGER NOT NULL
      ) STRICT;
      CREATE UNIQUE INDEX tags_tag ON tags (audience_no, tag);

      -- Which contacts have a tag, in their order.
      CREATE TABLE contact_tags (
        tag_no INTEGER NOT NULL,
        no INTEGER NOT NULL,
        PRIMARY KEY (tag_no, no)
      ) STRICT, WITHOUT ROWID;

      INSERT INTO tags (audience_no, tag, contacts_count)
      SELECT c.audience_no, t.value, count(*) FROM contacts AS c, json_each(c.document, '$.tags') AS t
      WHERE instr(c.document, '"tags":[]') = 0 GROUP BY 1, 2;
      INSERT INTO contact_tags (tag_no, no)
      -- The other way round SQLite would read all contacts for each tag.
      SELECT g.no, c.no FROM contacts AS c CROSS JOIN json_each(c.document, '$.tags') AS t
      CROSS JOIN tags AS g ON g.audience_no = c.audience_no AND g.tag = t.value
      WHERE instr(c.document, '"tags":[]') = 0 ORDER BY 1, 2;
    `,
  },
  {
    number: 7,
    name: 'documents without their closing brace',
    // A page joins them with what it adds to each, as they are. Ten seconds for a million contacts.
    sql: `
      ALTER TABLE contacts RENAME COLUMN document TO open_document;
      UPDATE contacts SET open_document = substr(open_document, 1, length(open_document) - 1);
      ALTER TABLE contacts ADD COLUMN document TEXT GENERATED ALWAYS AS (open_document || '}') VIRTUAL;
    `,
  },
  {
    number: 8,
    name: 'contacts that wait to be indexed',
    sql: `
      -- What new contacts are found by until they are in contacts_search: see index-writer.ts.
      CREATE TABLE contacts_unindexed (
        no INTEGER PRIMARY KEY,
        text TEXT NOT NULL
      ) STRICT;
    `,
  },
  {
    number: 9,
    name: 'numbers that wait to be written',
    // Two seconds for a million contacts.
    sql: `
      -- Which contact has a number: of contacts up to their audience's numbered_sequence. See number-writer.ts.
      CREATE TABLE contact_numbers (
        audience_no INTEGER NOT NULL,
        number TEXT NOT NULL,
        no INTEGER NOT NULL,
        PRIMARY KEY (audience_no, number)
      ) STRICT, WITHOUT ROWID;
      INSERT INTO contact_numbers (audience_no, number, no)
      SELECT audience_no, number, no FROM contacts ORDER BY audience_no, number;
      DROP INDEX contacts_number;

      ALTER TABLE audiences ADD COLUMN numbered_sequence INTEGER NOT NULL DEFAULT 0;
      UPDATE audiences SET numbered_sequence = last_sequence;
    `,
  },
  {
    number: 10,
    name: 'tags that wait to be written',
    sql: `
      -- Which tags new contacts have, until they are in contact_tags: see tags.ts.
      CREATE TABLE contact_tags_waiting (
        no INTEGER NOT NULL,
        tag_no INTEGER NOT NULL,
        PRIMARY KEY (no, tag_no)
      ) STRICT, WITHOUT ROWID;
    `,
  },
];

const NEWEST = MIGRATIONS.at(-1)!.number;

/**
 * Brings a store to the newest schema, each step in a transaction of its own. Running it twice, or in two processes at
 * once, does no harm. Raises SetupError for a store that a newer version of Muster has changed.
 * @param upTo the last step to take: for tests of those behind it.
 */
export function migrate(db: DatabaseSync, upTo = NEWEST): void {
  if (versionOf(db) === NEWEST) return;
  db.exec('CREATE TABLE IF NOT EXISTS migrations (number INTEGER PRIMARY KEY, name TEXT NOT NULL) STRICT');
  const inTransaction = makeTransaction(db, 'IMMEDIATE');
  const insert = db.prepare('INSERT INTO migrations (number, name) VALUES (?, ?)');
  for (const { number, name, sql } of MIGRATIONS) {
    inTransaction(() => {
      if (number > upTo || versionOf(db) >= number) return;
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
