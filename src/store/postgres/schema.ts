/**
 * The schema's steps, in order. A new store runs them all; one that has run somewhere is never changed.
 *
 * Accounts, keys and audiences are few and everywhere; all else belongs to one audience, and has `audience_id` in its primary
 * key and in every statement: on a Citus cluster it lies on the machine that has the audience. Idempotency keys are an account's, and
 * lie wherever their own id leads.
 */
export const MIGRATIONS: readonly { number: number; name: string; sql: readonly string[] }[] = [
  {
    number: 1,
    name: 'accounts, keys, audiences, contacts',
    sql: [
      'CREATE TABLE migrations (number int PRIMARY KEY, name text NOT NULL)',

      // A row of each transaction of late: whoever loses the answer to its COMMIT sees by it whether it took place, and else puts
      // a row in its place, so that it never will.
      `CREATE TABLE commits (
        token uuid PRIMARY KEY,
        is_void boolean NOT NULL,
        made_at timestamptz NOT NULL DEFAULT clock_timestamp()
      )`,
      'CREATE INDEX commits_age ON commits (made_at)',

      `CREATE TABLE accounts (
        id uuid PRIMARY KEY,
        no bigint GENERATED ALWAYS AS IDENTITY,
        name text COLLATE "C" NOT NULL,
        create_date text COLLATE "C" NOT NULL
      )`,

      `CREATE TABLE keys (
        id uuid PRIMARY KEY,
        no bigint GENERATED ALWAYS AS IDENTITY,
        account_id uuid NOT NULL REFERENCES accounts (id),
        name text COLLATE "C" NOT NULL,
        prefix text COLLATE "C" NOT NULL,
        scope text COLLATE "C" NOT NULL CHECK (scope IN ('read', 'write')),
        hash bytea NOT NULL,
        create_date text COLLATE "C" NOT NULL,
        last_use_date text COLLATE "C",
        expire_date text COLLATE "C",
        CONSTRAINT keys_hash UNIQUE (hash)
      )`,

      // What is deleted stays as a mark until its contacts are purged, and no write that began before can leave any more.
      `CREATE TABLE audiences (
        id uuid PRIMARY KEY,
        account_id uuid NOT NULL REFERENCES accounts (id),
        name text COLLATE "C" NOT NULL,
        name_key text COLLATE "C" NOT NULL,
        channel text COLLATE "C" NOT NULL CHECK (channel IN ('SMS', 'WHATSAPP', 'VIBER')),
        create_date text COLLATE "C" NOT NULL,
        update_date text COLLATE "C" NOT NULL,
        deleted_at timestamptz,
        is_purged boolean NOT NULL DEFAULT false
      )`,
      'CREATE UNIQUE INDEX audiences_name ON audiences (account_id, name_key) WHERE deleted_at IS NULL',
      'CREATE INDEX audiences_order ON audiences (account_id, id) WHERE deleted_at IS NULL',
      'CREATE INDEX audiences_deleted ON audiences (deleted_at) WHERE deleted_at IS NOT NULL',

      // The count of an audience is the sum of its slots: writers at the same time take different ones, and none waits.
      `CREATE TABLE contact_counts (
        audience_id uuid NOT NULL,
        slot int NOT NULL,
        count bigint NOT NULL,
        PRIMARY KEY (audience_id, slot)
      ) WITH (fillfactor = 50)`,

      // document: the contact as it goes out; the others stand beside it for their indexes. No foreign key to audiences: it
      // would lock the audience's row for every contact.
      `CREATE TABLE contacts (
        audience_id uuid NOT NULL,
        id uuid NOT NULL,
        number text COLLATE "C" NOT NULL,
        search text COLLATE "C" NOT NULL,
        document text COLLATE "C" NOT NULL,
        revision int NOT NULL DEFAULT 1,
        PRIMARY KEY (audience_id, id)
      )`,
      'CREATE UNIQUE INDEX contacts_number ON contacts (audience_id, number)',

      // An id's first 60 bits: 48 of milliseconds, 12 of their fractions (RFC 9562, 6.2, method 3). Behind the id given.
      `CREATE FUNCTION muster_place(last uuid) RETURNS bigint LANGUAGE plpgsql VOLATILE PARALLEL SAFE AS $$
        BEGIN
          RETURN greatest(
            (extract(epoch FROM clock_timestamp()) * 1000000)::bigint * 512 / 125,
            ('x' || left(last::text, 8) || substr(last::text, 10, 4) || substr(last::text, 16, 3))::bit(60)::bigint + 1
          );
        END
      $$`,
      // A UUIDv7 of its place, and of the variant and random bits in hexadecimal.
      `CREATE FUNCTION muster_id(place bigint, tail text) RETURNS uuid LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
        BEGIN
          RETURN (lpad(to_hex(place >> 12), 12, '0') || '7' || lpad(to_hex(place & 4095), 3, '0') || tail)::uuid;
        END
      $$`,
    ],
  },
  {
    number: 2,
    name: 'imports',
    sql: [
      // The import that met the contact last, the first line that did, and whether it changed it: names repeats in a file, and
      // what a replacing import keeps.
      `ALTER TABLE contacts
        ADD COLUMN import_id uuid, ADD COLUMN import_line int, ADD COLUMN import_changed boolean`,

      // document: the import as it is shown. The columns are what is asked for, and where its work stands.
      `CREATE TABLE imports (
        audience_id uuid NOT NULL,
        id uuid NOT NULL,
        account_id uuid NOT NULL,
        status text COLLATE "C" NOT NULL,
        phase text COLLATE "C" NOT NULL,
        pass int NOT NULL, -- moves when the file is begun again; what belongs to earlier passes is purged
        batches int NOT NULL, -- of this pass
        batches_left int NOT NULL, -- to be undone
        removed_to uuid, -- how far removing is
        last_id uuid, -- the audience's last contact when the pass began
        is_cancelled boolean NOT NULL,
        owner text COLLATE "C",
        lease_until timestamptz NOT NULL, -- of an upload: when it is given up
        finished_at timestamptz,
        is_expired boolean NOT NULL,
        has_garbage boolean NOT NULL,
        document text COLLATE "C" NOT NULL,
        PRIMARY KEY (audience_id, id)
      )`,
      'CREATE INDEX imports_id ON imports (id)',
      'CREATE INDEX imports_account ON imports (account_id, id)',
      "CREATE INDEX imports_open ON imports (lease_until) WHERE status IN ('queued', 'running', 'uploading')",
      'CREATE INDEX imports_finished ON imports (finished_at) WHERE NOT is_expired',
      'CREATE INDEX imports_garbage ON imports (id) WHERE has_garbage',

      // One row an audience: whoever claims one of its imports holds it, so that they run one after the other.
      'CREATE TABLE import_lanes (audience_id uuid PRIMARY KEY)',

      `CREATE TABLE import_chunks (
        audience_id uuid NOT NULL,
        import_id uuid NOT NULL,
        sequence int NOT NULL,
        bytes bytea NOT NULL,
        PRIMARY KEY (audience_id, import_id, sequence)
      )`,
      'ALTER TABLE import_chunks ALTER COLUMN bytes SET STORAGE EXTERNAL',

      // fates, and the file's own words about the same rows; what it takes to undo them.
      `CREATE TABLE import_batches (
        audience_id uuid NOT NULL,
        import_id uuid NOT NULL,
        pass int NOT NULL,
        batch int NOT NULL,
        first_row int NOT NULL,
        rows int NOT NULL,
        created int NOT NULL,
        updated int NOT NULL,
        unchanged int NOT NULL,
        skipped int NOT NULL,
        refused int NOT NULL,
        fates text COLLATE "C" NOT NULL,
        cells bytea NOT NULL,
        undo text COLLATE "C",
        PRIMARY KEY (audience_id, import_id, pass, batch)
      )`,

      // A rehearsal changes no contact: what it would have made of a number, for the rows that repeat it.
      `CREATE TABLE import_numbers (
        audience_id uuid NOT NULL,
        import_id uuid NOT NULL,
        pass int NOT NULL,
        number text COLLATE "C" NOT NULL,
        line int NOT NULL,
        document text COLLATE "C",
        PRIMARY KEY (audience_id, import_id, pass, number)
      )`,
    ],
  },
  {
    number: 3,
    name: 'sessions',
    sql: [
      `CREATE TABLE sessions (
        id uuid PRIMARY KEY,
        key_id uuid NOT NULL REFERENCES keys (id) ON DELETE CASCADE,
        hash bytea NOT NULL UNIQUE,
        create_date text COLLATE "C" NOT NULL,
        last_use_date text COLLATE "C" NOT NULL,
        expire_date text COLLATE "C" NOT NULL
      )`,
      'CREATE INDEX sessions_key ON sessions (key_id)',
      'CREATE INDEX sessions_end ON sessions (expire_date)',

      // Links that sign in once.
      `CREATE TABLE sign_in_links (
        hash bytea PRIMARY KEY,
        key_id uuid NOT NULL REFERENCES keys (id) ON DELETE CASCADE,
        expire_date text COLLATE "C" NOT NULL
      )`,
      'CREATE INDEX sign_in_links_key ON sign_in_links (key_id)',
    ],
  },
  {
    number: 4,
    name: 'idempotency keys',
    sql: [
      // Writes that take effect once: id is a digest of account and key, so that they spread evenly, and are looked for in one place
      // whatever the write is about. The outcome comes at the end of the transaction that takes the key.
      `CREATE TABLE idempotency_keys (
        id uuid PRIMARY KEY,
        fingerprint text COLLATE "C" NOT NULL,
        note text COLLATE "C" NOT NULL,
        outcome bytea,
        made bigint NOT NULL -- milliseconds since the epoch
      ) WITH (fillfactor = 50)`,
      'CREATE INDEX idempotency_keys_age ON idempotency_keys (made)',
    ],
  },
  {
    number: 5,
    name: 'tags',
    sql: [
      // Which contacts have a tag, in their order.
      `CREATE TABLE contact_tags (
        audience_id uuid NOT NULL,
        tag text COLLATE "C" NOT NULL,
        id uuid NOT NULL,
        PRIMARY KEY (audience_id, tag, id)
      )`,
      // The tags in a contact's document, which is parsed only when there are any.
      `CREATE FUNCTION muster_tags(document text) RETURNS SETOF text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
        SELECT json_array_elements_text(
          CASE WHEN strpos(document, '"tags":[]') > 0 THEN '[]'::json ELSE document::json -> 'tags' END)
      $$`,
      `INSERT INTO contact_tags (audience_id, tag, id)
       SELECT audience_id, tag, id FROM contacts, muster_tags(document) AS tag`,
    ],
  },
  {
    number: 6,
    name: 'search texts in a table of their own',
    sql: [
      'CREATE TABLE contact_search (audience_id uuid NOT NULL, id uuid NOT NULL, search text COLLATE "C" NOT NULL)',
      'INSERT INTO contact_search (audience_id, id, search) SELECT audience_id, id, search FROM contacts ORDER BY audience_id, id',
      'CREATE INDEX contact_search_id ON contact_search (id)',
      // Without a key of its own: for replication, which also moves it between the machines of a cluster.
      'ALTER TABLE contact_search REPLICA IDENTITY FULL',
      'ALTER TABLE contacts DROP COLUMN search',
    ],
  },
  {
    number: 7,
    name: 'posting lists',
    sql: [
      // found_by: the search text, and behind a tab each tag as JSON.
      `ALTER TABLE contacts ADD COLUMN found_by text COLLATE "C" NOT NULL DEFAULT ''`,
      `UPDATE contacts SET found_by = contact_search.search || coalesce((
         SELECT string_agg(E'\\t' || to_json(tag)::text, '' ORDER BY place)
         FROM muster_tags(contacts.document) WITH ORDINALITY AS its (tag, place)
       ), '')
       FROM contact_search
       WHERE contact_search.audience_id = contacts.audience_id AND contact_search.id = contacts.id`,
      'DROP TABLE contact_search',

      // A part of an audience: the contacts from first_id on to the next segment, as they were when its postings were made.
      // ids: theirs, 16 bytes each, in their order: a contact's place there is its slot.
      `CREATE TABLE contact_segments (
        audience_id uuid NOT NULL,
        segment int NOT NULL,
        first_id uuid NOT NULL,
        ids bytea NOT NULL,
        PRIMARY KEY (audience_id, segment)
      )`,
      'CREATE UNIQUE INDEX contact_segments_order ON contact_segments (audience_id, first_id)',
      // Some of the ids are read without the others.
      'ALTER TABLE contact_segments ALTER COLUMN ids SET STORAGE EXTERNAL',
      // In which of a segment's contacts a term is: see postings.ts.
      `CREATE TABLE contact_postings (
        audience_id uuid NOT NULL,
        segment int NOT NULL,
        term text COLLATE "C" NOT NULL,
        list bytea NOT NULL,
        PRIMARY KEY (audience_id, segment, term)
      )`,
      // What contacts were found by before and after each write since, null where there was none: postings and changes together say
      // what every contact is found by. Written and removed, never changed: nobody waits for another here.
      `CREATE TABLE contact_changes (
        audience_id uuid NOT NULL,
        id uuid NOT NULL,
        before text COLLATE "C",
        after text COLLATE "C"
      )`,
      'CREATE INDEX contact_changes_order ON contact_changes (audience_id, id)',
      // Without a key of its own: for replication, which also moves it between the machines of a cluster.
      'ALTER TABLE contact_changes REPLICA IDENTITY FULL',
      'INSERT INTO contact_changes (audience_id, id, after) SELECT audience_id, id, found_by FROM contacts ORDER BY audience_id, id',

      // To compress them takes longer than to write them, and ids and packed bytes hardly shrink.
      'ALTER TABLE import_batches ALTER COLUMN fates SET STORAGE EXTERNAL, ALTER COLUMN cells SET STORAGE EXTERNAL',

      // How many of a segment's contacts come up to an id.
      `CREATE FUNCTION muster_slot(ids bytea, last uuid) RETURNS int LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
        DECLARE
          low int := 0;
          high int := length(ids) / 16;
          middle int;
        BEGIN
          WHILE low < high LOOP
            middle := (low + high) / 2;
            IF substr(ids, middle * 16 + 1, 16) <= uuid_send(last) THEN low := middle + 1; ELSE high := middle; END IF;
          END LOOP;
          RETURN low;
        END
      $$`,
    ],
  },
];
