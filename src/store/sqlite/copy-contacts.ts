/** Contacts on their way from store to store: with the places of those that an undo would put back. */
import { documentId, readDocument } from '../../core/contact-document.ts';
import { type CopiedContact, type CopyPage, type CopyPosition, type CopyRecord, copiedTable } from '../../core/copy.ts';
import type { Import } from '../../core/import-job.ts';
import { searchText } from '../../core/search-text.ts';
import { IMPORT_ID } from './copy-tables.ts';
import { contactNo, contactRange, DatabaseSync, idBytes, idText, openDocument } from './database.ts';
import type { StoredUndo } from './import-rows.ts';
import { makeTagWriter } from './tags.ts';

const ROWS = copiedTable('contacts').rows;
/** Sorts before every id. */
const NOTHING = new Uint8Array(0);

interface Row {
  no: number;
  id: Uint8Array;
  document: string | null;
  revision: number;
  import_id: string | null;
  import_line: number | null;
  import_changed: number | null;
}

export type ContactsReader = ReturnType<typeof makeContactsReader>;

export function makeContactsReader(db: DatabaseSync) {
  const audience = db.prepare('SELECT no FROM audiences WHERE id = ?');
  const behind = db.prepare('SELECT no FROM contacts WHERE audience_no = ? AND id > ? ORDER BY id LIMIT 1');
  const contacts = db.prepare(
    `SELECT no, id, document, revision, ${IMPORT_ID} AS import_id, import_line, import_changed
     FROM contacts WHERE no BETWEEN ? AND ? ORDER BY no LIMIT ${ROWS}`,
  );
  const idOf = db.prepare('SELECT id FROM contacts WHERE no = ?');
  const undoData = db.prepare(
    `SELECT b.undo, i.document FROM imports AS i JOIN import_batches AS b ON b.import_no = i.no AND b.pass = i.pass
     WHERE i.audience_no = ? AND i.status NOT IN ('uploading', 'abandoned') AND b.undo IS NOT NULL`,
  );

  // Contacts that imports removed, of one audience at a time: in a file that goes with the connection, since they may be many.
  const aside = new DatabaseSync('');
  aside.exec('CREATE TABLE vacancies (id BLOB PRIMARY KEY, no INTEGER UNIQUE) WITHOUT ROWID');
  const vacate = aside.prepare('INSERT OR IGNORE INTO vacancies (id, no) VALUES (?, ?)');
  const vacancies = aside.prepare(`SELECT id FROM vacancies WHERE id > ? ORDER BY id LIMIT ${ROWS}`);
  const vacancyOf = aside.prepare('SELECT id FROM vacancies WHERE no = ?');
  let known: string | undefined;

  function findVacancies(audienceId: string, no: number): void {
    if (known === audienceId) return;
    aside.exec('BEGIN; DELETE FROM vacancies');
    for (const { undo, document } of undoData.iterate(no) as Iterable<{ undo: string; document: string }>) {
      if ((JSON.parse(document) as Import).is_expired) continue;
      for (const [place, , former] of (JSON.parse(undo) as StoredUndo).removed) {
        vacate.run(idBytes(readDocument(former).id), place);
      }
    }
    aside.exec('COMMIT');
    known = audienceId;
  }

  function noOf(audienceId: string): number {
    return (audience.get(audienceId) as { no: number }).no;
  }

  return {
    page(audienceId: string, after: CopyPosition | null): CopyPage {
      const no = noOf(audienceId);
      findVacancies(audienceId, no);
      const position = after === null ? NOTHING : idBytes(after[0] as string);
      const first = behind.get(no, position) as { no: number } | undefined;
      const rows = first === undefined ? [] : (contacts.all(first.no, contactRange(no)[1]) as unknown as Row[]);
      const places = vacancies.all(position) as unknown as { id: Uint8Array }[];
      const records = merge(rows, places).map(toRecord);
      return { records, position: records.length === 0 ? null : [records.at(-1)!.id] };
    },

    /** The id of the audience's contact that has, or had, this row number; undefined when nobody knows it any more. */
    idAt(audienceId: string, no: number): string | undefined {
      findVacancies(audienceId, noOf(audienceId));
      const row = (idOf.get(no) ?? vacancyOf.get(no)) as { id: Uint8Array } | undefined;
      return row === undefined ? undefined : idText(row.id);
    },

    close: () => aside.close(),
  };
}

/** Contacts and places in the order of ids, as many as are held at once. A place whose contact is there again is none. */
function merge(rows: Row[], places: { id: Uint8Array }[]): Row[] {
  if (places.length === 0) return rows;
  const merged: Row[] = [];
  let next = 0;
  for (let at = 0; merged.length < ROWS && (at < rows.length || next < places.length); ) {
    const order = at === rows.length ? 1 : next === places.length ? -1 : Buffer.compare(rows[at]!.id, places[next]!.id);
    if (order >= 0) next++;
    if (order <= 0) merged.push(rows[at++]!);
    else merged.push({ ...NOBODY, id: places[next - 1]!.id });
  }
  return merged;
}

const NOBODY = { no: 0, document: null, revision: 0, import_id: null, import_line: null, import_changed: null };

function toRecord({ id, document, revision, import_id, import_line, import_changed }: Row): CopiedContact {
  const changed = import_changed === null ? null : import_changed === 1;
  // A document says its id as text already.
  return {
    id: document === null ? idText(id) : documentId(document),
    document,
    revision,
    import_id,
    import_line,
    import_changed: changed,
  };
}

export type ContactsLoader = ReturnType<typeof makeContactsLoader>;

/** For a target: the tables that a copy makes in it are there. */
export function makeContactsLoader(db: DatabaseSync) {
  const tags = makeTagWriter(db);
  const audience = db.prepare('SELECT no, last_sequence FROM audiences WHERE id = ?');
  const count = db.prepare('UPDATE audiences SET contacts_count = contacts_count + ?, last_sequence = ? WHERE no = ?');
  const importNo = db.prepare('SELECT no FROM imports WHERE id = ?');
  const insert = db.prepare(
    `INSERT INTO contacts (no, audience_no, id, number, open_document, revision, import_no, import_line, import_changed)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const index = db.prepare('INSERT INTO contacts_search (rowid, text) VALUES (?, ?)');
  const keepPlace = db.prepare('INSERT INTO copy_places (audience_no, id, no) VALUES (?, ?, ?)');
  const byId = db.prepare('SELECT no FROM contacts WHERE audience_no = ? AND id = ?');
  const placeById = db.prepare('SELECT no FROM copy_places WHERE audience_no = ? AND id = ?');
  const upTo = db.prepare('SELECT no FROM contacts WHERE audience_no = ? AND id <= ? ORDER BY id DESC LIMIT 1');

  function stateOf(audienceId: string): { no: number; last_sequence: number } {
    return audience.get(audienceId) as { no: number; last_sequence: number };
  }

  return {
    load(audienceId: string, records: CopyRecord[]): void {
      const { no: audienceNo, last_sequence } = stateOf(audienceId);
      const imports = new Map<string, number>();
      const noOfImport = (id: string | null) => {
        if (id === null) return null;
        if (!imports.has(id)) imports.set(id, (importNo.get(id) as { no: number }).no);
        return imports.get(id)!;
      };
      let sequence = last_sequence;
      let added = 0;
      // What was held may belong to a transaction that failed.
      tags.forget();
      for (const record of records as CopiedContact[]) {
        const { id, document, revision, import_id, import_line, import_changed } = record;
        const no = contactNo(audienceNo, ++sequence);
        if (document === null) {
          keepPlace.run(audienceNo, idBytes(id), no);
          continue;
        }
        const contact = readDocument(document);
        const changed = import_changed === null ? null : Number(import_changed);
        const of = noOfImport(import_id);
        insert.run(
          no,
          audienceNo,
          idBytes(id),
          contact.number,
          openDocument(document),
          revision,
          of,
          import_line,
          changed,
        );
        index.run(BigInt(no), searchText(contact));
        tags.retag(audienceNo, no, [], contact.tags);
        added++;
      }
      tags.flush();
      count.run(added, sequence, audienceNo);
    },

    /** The row number of a contact, or of the place it would be put back to; 0 when there is neither. */
    noOf(audienceId: string, id: string): number {
      const { no } = stateOf(audienceId);
      const bytes = idBytes(id);
      return ((byId.get(no, bytes) ?? placeById.get(no, bytes)) as { no: number } | undefined)?.no ?? 0;
    },

    /** The row number of the audience's last contact up to this id; 0 when there is none. */
    lastUpTo(audienceId: string, id: string | null): number {
      if (id === null) return 0;
      return (upTo.get(stateOf(audienceId).no, idBytes(id)) as { no: number } | undefined)?.no ?? 0;
    },
  };
}
