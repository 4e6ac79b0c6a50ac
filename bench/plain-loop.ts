import { join } from 'node:path';
import type { SampleContact } from '../sample/make-contacts.ts';
import { type Contact, writeDocument } from '../src/core/contact-document.ts';
import { fillContact } from '../src/core/contact-fields.ts';
import { formatDate } from '../src/core/dates.ts';
import { makeId } from '../src/core/ids.ts';
import { searchText } from '../src/core/search-text.ts';
import { contactNo, idBytes, openDocument, openForWriting } from '../src/store/sqlite/database.ts';
import { migrate } from '../src/store/sqlite/migrations.ts';

const TRANSACTION_ROWS = 1000;

/**
 * The fastest a single loop inserts rows into the same schema, with the same durability: everything made beforehand, nothing
 * looked up, nothing counted. Rows a second.
 */
export function plainInsertLoop(directory: string, contacts: SampleContact[]): number {
  const db = openForWriting(join(directory, 'plain.db'));
  migrate(db);
  const insert = db.prepare('INSERT INTO contacts (no, audience_no, id, number, open_document) VALUES (?, 1, ?, ?, ?)');
  const index = db.prepare('INSERT INTO contacts_search (rowid, text) VALUES (?, ?)');
  const addNumber = db.prepare('INSERT INTO contact_numbers (audience_no, number, no) VALUES (1, ?, ?)');
  const mark = db.prepare('INSERT INTO contact_tags (tag_no, no) VALUES (?, ?)');
  const tagNos = new Map<string, number>();
  const now = formatDate();
  const rows = contacts.map((sample, at) => {
    const number = sample.number.slice(1);
    const contact: Contact = {
      id: makeId(),
      ...fillContact({ ...sample, number }),
      create_date: now,
      update_date: now,
    };
    return {
      no: contactNo(1, at + 1),
      id: idBytes(contact.id),
      number,
      document: openDocument(writeDocument(contact)),
      text: searchText(contact),
      tags: contact.tags.map((tag) => {
        if (!tagNos.has(tag)) tagNos.set(tag, tagNos.size + 1);
        return tagNos.get(tag)!;
      }),
    };
  });
  const addTag = db.prepare('INSERT INTO tags (no, audience_no, tag, contacts_count) VALUES (?, 1, ?, 0)');
  for (const [tag, no] of tagNos) addTag.run(no, tag);
  // Each transaction's numbers in their order, which is faster than as they come.
  const numbered = rows.map((_, at) => (at % TRANSACTION_ROWS === 0 ? rows.slice(at, at + TRANSACTION_ROWS) : []));
  for (const some of numbered) some.sort((one, other) => (one.number < other.number ? -1 : 1));
  const began = performance.now();
  for (let at = 0; at < rows.length; at += TRANSACTION_ROWS) {
    db.exec('BEGIN IMMEDIATE');
    const some = rows.slice(at, at + TRANSACTION_ROWS);
    for (const row of some) insert.run(row.no, row.id, row.number, row.document);
    for (const row of some) index.run(BigInt(row.no), row.text);
    for (const row of numbered[at]!) addNumber.run(row.number, row.no);
    for (const row of some) for (const tag of row.tags) mark.run(tag, row.no);
    db.exec('COMMIT');
  }
  const took = (performance.now() - began) / 1000;
  db.close();
  return rows.length / took;
}
