import {
  type Contact,
  documentId,
  documentNumber,
  documentTags,
  readDocument,
  writeDocument,
} from '../../core/contact-document.ts';
import {
  applyChange,
  type ContactChange,
  type ContactDetails,
  type ContactInput,
  fillContact,
} from '../../core/contact-fields.ts';
import { formatDate } from '../../core/dates.ts';
import { failure } from '../../core/errors.ts';
import { searchText } from '../../core/search-text.ts';
import { contactNo, contactRange, type DatabaseSync, idBytes, openDocument } from './database.ts';
import { makeIndexWriter } from './index-writer.ts';
import { makeNumberWriter, type NumberedAudience } from './number-writer.ts';
import { makeTagWriter } from './tags.ts';

export interface ContactRow {
  no: number;
  document: string;
}

/** An audience as the writer holds it between transactions. */
export interface WriterAudience extends NumberedAudience {
  accountId: string;
  count: number;
  /** The id made last in the audience: the next one sorts behind it. */
  lastId: string | undefined;
}

/** A contact's row, with what imports left on it. */
export interface MetContact {
  no: number;
  document: string;
  revision: number;
  import_no: number | null;
  import_line: number | null;
  import_changed: number | null;
}

/** What an import leaves on the contacts it meets. */
export interface ImportMark {
  import: number;
  line: number;
}

/** What imports do to contacts. */
export interface ContactHand {
  makeId(after?: string): string;
  /** Raises 1301. */
  audienceOf(accountId: string, audienceId: string): WriterAudience;
  /** The lowest row number the audience's contacts can have, and the highest they have had. */
  firstNo(audience: WriterAudience): number;
  lastNo(audience: WriterAudience): number;
  /** Looks for numbers at once that are about to be asked for. */
  findNumbers(audience: WriterAudience, numbers: string[]): void;
  metByNumber(audience: WriterAudience, number: string): MetContact | undefined;
  metByNo(no: number): MetContact | undefined;
  /** Its row number. */
  insert(audience: WriterAudience, input: ContactInput, mark: ImportMark): number;
  change(
    audience: WriterAudience,
    contact: { no: number },
    before: ContactDetails,
    after: Contact,
    mark: ImportMark,
  ): void;
  mark(contact: { no: number }, mark: ImportMark): void;
  /** Gives a contact its former members and revision back. */
  restore(audience: WriterAudience, contact: MetContact, former: Contact, revision: number): void;
  remove(audience: WriterAudience, contact: ContactRow): void;
  /** Puts a removed contact back in its place; not when its number has another contact now. Whether it did. */
  putBack(audience: WriterAudience, no: number, revision: number, former: Contact): boolean;
}

/**
 * Writes contacts, their counters and their index, inside transactions that the caller makes. It holds audiences between
 * transactions; tags are put down at once, counters (once an audience) and index rows by `flush`, at a transaction's end.
 * @param maxWaiting fewer contacts wait for their indexes than this, see index-writer.ts, number-writer.ts and tags.ts: for tests.
 */
export function makeContactWriter(db: DatabaseSync, makeId: (after?: string) => string, maxWaiting?: number) {
  const sql = prepareStatements(db);
  const tags = makeTagWriter(db, maxWaiting);
  const index = makeIndexWriter(db, maxWaiting);
  const numbers = makeNumberWriter(db, maxWaiting);
  const audiences = new Map<string, WriterAudience>();
  const touched = new Set<WriterAudience>();

  function audienceOf(accountId: string, audienceId: string): WriterAudience {
    let state = audiences.get(audienceId);
    if (state === undefined) {
      const row = sql.audience.get(audienceId) as Omit<WriterAudience, 'lastId' | 'waiting' | 'absent'> | undefined;
      if (row === undefined) throw failure(1301);
      const last = sql.lastContact.get(...contactRange(row.no)) as { document: string } | undefined;
      const lastId = last === undefined ? undefined : documentId(last.document);
      state = { ...row, lastId, waiting: new Map(), absent: new Set() };
      numbers.hold(state);
      audiences.set(audienceId, state);
    }
    if (state.accountId !== accountId) throw failure(1301);
    return state;
  }

  /** Makes a contact of a number that has none. */
  function insertContact(
    audience: WriterAudience,
    input: ContactInput,
    mark?: ImportMark,
  ): { no: number; id: string; document: string } {
    const id = makeId(audience.lastId);
    const now = formatDate();
    const contact: Contact = { id, ...fillContact(input), create_date: now, update_date: now };
    const document = writeDocument(contact);
    const no = contactNo(audience.no, audience.sequence + 1);
    const isChanged = mark === undefined ? null : 1;
    sql.insertContact.run(
      no,
      audience.no,
      id,
      contact.number,
      openDocument(document),
      mark?.import ?? null,
      mark?.line ?? null,
      isChanged,
    );
    audience.sequence++;
    audience.lastId = id;
    audience.count++;
    touched.add(audience);
    numbers.add(audience, contact.number, no);
    index.add(no, searchText(contact));
    tags.retag(audience.no, no, [], contact.tags);
    return { no, id, document };
  }

  function reindex(audience: WriterAudience, no: number, before: ContactDetails, after: ContactDetails): void {
    numbers.change(audience, no, before.number, after.number);
    tags.retag(audience.no, no, before.tags, after.tags);
    const text = searchText(after);
    if (text !== searchText(before)) index.change(no, text);
  }

  function removeContact(audience: WriterAudience, { no, document }: ContactRow): void {
    sql.deleteContact.run(no);
    numbers.remove(audience, documentNumber(document));
    tags.retag(audience.no, no, documentTags(document), []);
    audience.count--;
    touched.add(audience);
    index.remove(no);
  }

  /** The contact's new document, or undefined when the change changes nothing. */
  function changeContact(
    audience: WriterAudience,
    { no, document }: ContactRow,
    change: ContactChange,
  ): string | undefined {
    const before = readDocument(document);
    const after = applyChange(before, change);
    if (after === undefined) return undefined;
    const changed = writeDocument({ ...after, update_date: formatDate() });
    sql.updateContact.run(after.number, openDocument(changed), no);
    reindex(audience, no, before, after);
    return changed;
  }

  function byNumber(audience: WriterAudience, number: string): ContactRow | undefined {
    const no = numbers.find(audience, number);
    return no === undefined ? undefined : (sql.contactByNo.get(no) as unknown as ContactRow);
  }

  function contactOf(audience: WriterAudience, contactId: string): ContactRow {
    const row = sql.contactById.get(audience.no, idBytes(contactId));
    if (row === undefined) throw failure(1351);
    return row as unknown as ContactRow;
  }

  const hand: ContactHand = {
    makeId,
    audienceOf,
    firstNo: (audience) => contactNo(audience.no, 0),
    lastNo: (audience) => contactNo(audience.no, audience.sequence),
    findNumbers: numbers.findSome,
    metByNumber(audience, number) {
      const no = numbers.find(audience, number);
      return no === undefined ? undefined : hand.metByNo(no);
    },
    metByNo: (no) => sql.metByNo.get(no) as MetContact | undefined,
    insert: (audience, input, mark) => insertContact(audience, input, mark).no,
    change(audience, { no }, before, after, mark) {
      const document = writeDocument({ ...after, update_date: formatDate() });
      sql.updateByImport.run(openDocument(document), mark.import, mark.line, no);
      reindex(audience, no, before, after);
    },
    mark({ no }, mark) {
      sql.markContact.run(mark.import, mark.line, no);
    },
    restore(audience, { no, document }, former, revision) {
      const restored = writeDocument({ ...former, update_date: formatDate() });
      sql.restoreContact.run(former.number, openDocument(restored), revision, no);
      reindex(audience, no, readDocument(document), former);
    },
    remove: removeContact,
    putBack(audience, no, revision, former) {
      if (numbers.find(audience, former.number) !== undefined || sql.metByNo.get(no) !== undefined) return false;
      const put = openDocument(writeDocument(former));
      sql.putBackContact.run(no, audience.no, idBytes(former.id), former.number, put, revision);
      audience.count++;
      touched.add(audience);
      numbers.add(audience, former.number, no);
      index.add(no, searchText(former));
      tags.retag(audience.no, no, [], former.tags);
      return true;
    },
  };

  return {
    hand,
    purgeTags: tags.purge,
    purgeNumbers: numbers.purge,
    unindex: index.remove,
    audienceOf,
    insertContact,
    changeContact,
    removeContact,
    findNumbers: numbers.findSome,
    byNumber,
    contactOf,

    /** Says of an audience that was made in this transaction. */
    addAudience(id: string, audience: WriterAudience): void {
      audiences.set(id, audience);
    },

    /** Says that the audience is gone. */
    dropAudience(id: string, audience: WriterAudience): void {
      audiences.delete(id);
      touched.delete(audience);
      numbers.forget(audience);
    },

    /** Whether contacts wait for their indexes. */
    hasWaiting: () => index.hasWaiting() || numbers.hasWaiting() || tags.hasWaiting(),

    /** Indexes the contacts that wait, at the latest when the transaction ends. */
    indexWaiting(): void {
      index.indexWaiting();
      numbers.writeWaiting();
      tags.moveWaiting();
    },

    /** Writes counters and index, before the transaction ends. */
    flush(): void {
      for (const audience of touched) {
        sql.countAudience.run(audience.count, audience.sequence, audience.no);
        numbers.flush(audience);
      }
      index.flush();
      tags.flush();
      touched.clear();
    },

    /** Forgets what it holds: the transaction failed, or somebody else has written. */
    forget(): void {
      audiences.clear();
      touched.clear();
      numbers.forget();
      index.forget();
      tags.forget();
    },
  };
}

const MET = 'no, document, revision, import_no, import_line, import_changed';

function prepareStatements(db: DatabaseSync) {
  return {
    audience: db.prepare(
      `SELECT no, account_id AS accountId, contacts_count AS count, last_sequence AS sequence, numbered_sequence AS numbered
       FROM audiences WHERE id = ? AND delete_date IS NULL`,
    ),
    countAudience: db.prepare('UPDATE audiences SET contacts_count = ?, last_sequence = ? WHERE no = ?'),
    lastContact: db.prepare('SELECT document FROM contacts WHERE no BETWEEN ? AND ? ORDER BY no DESC LIMIT 1'),
    contactById: db.prepare('SELECT no, document FROM contacts WHERE audience_no = ? AND id = ?'),
    contactByNo: db.prepare('SELECT no, document FROM contacts WHERE no = ?'),
    metByNo: db.prepare(`SELECT ${MET} FROM contacts WHERE no = ?`),
    insertContact: db.prepare(
      `INSERT INTO contacts (no, audience_no, id, number, open_document, import_no, import_line, import_changed)
       VALUES (?, ?, unhex(?, '-'), ?, ?, ?, ?, ?)`,
    ),
    updateContact: db.prepare(
      'UPDATE contacts SET number = ?, open_document = ?, revision = revision + 1 WHERE no = ?',
    ),
    updateByImport: db.prepare(
      `UPDATE contacts SET open_document = ?, revision = revision + 1, import_no = ?, import_line = ?, import_changed = 1
       WHERE no = ?`,
    ),
    markContact: db.prepare('UPDATE contacts SET import_no = ?, import_line = ?, import_changed = 0 WHERE no = ?'),
    restoreContact: db.prepare('UPDATE contacts SET number = ?, open_document = ?, revision = ? WHERE no = ?'),
    putBackContact: db.prepare(
      'INSERT INTO contacts (no, audience_no, id, number, open_document, revision) VALUES (?, ?, ?, ?, ?, ?)',
    ),
    deleteContact: db.prepare('DELETE FROM contacts WHERE no = ?'),
  };
}
