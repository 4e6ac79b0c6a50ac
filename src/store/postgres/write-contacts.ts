import { type Contact, writeDocument } from '../../core/contact-document.ts';
import { type ContactInput, fillContact } from '../../core/contact-fields.ts';
import { formatDate } from '../../core/dates.ts';
import { searchText } from '../../core/search-text.ts';
import type { Query } from './database.ts';
import { counting } from './fragments.ts';
import { idAt } from './ids.ts';

/** A contact as it is written: with the mark of the import that met it last, when one did. */
export interface WrittenContact {
  contact: Contact;
  /** What to add to its revision; of a new one, its revision. */
  revision: number;
  importId?: string | null;
  importLine?: number | null;
  importChanged?: boolean | null;
}

/** A contact to be made at this place in the order of ids. */
export function newContact(input: ContactInput, place: bigint): WrittenContact {
  const now = formatDate();
  return { contact: { id: idAt(place), ...fillContact(input), create_date: now, update_date: now }, revision: 1 };
}

/** What a transaction planned does not hold any more: it is to be begun again, as after a serialization failure. */
export class OthersWereFaster extends Error {
  readonly code = '40001';
}

/**
 * Inserts contacts and counts them. Whether all of them are there: a number that somebody took meanwhile keeps its contact.
 */
export async function insertContacts(query: Query, audienceId: string, rows: WrittenContact[]): Promise<boolean> {
  // In the order of numbers, as everybody: of two that insert the same numbers one waits, and not both for each other.
  const sorted = rows.toSorted(byNumber);
  const [row] = await query<{ inserted: number }>(INSERT, [audienceId, ...columnsOf(sorted)]);
  return row!.inserted === rows.length;
}

/** Gives contacts their new members, and the marks of an import. The caller holds them. */
export async function updateContacts(query: Query, audienceId: string, rows: WrittenContact[]): Promise<void> {
  await query(UPDATE, [audienceId, ...columnsOf(rows)]);
}

function byNumber(one: WrittenContact, other: WrittenContact): number {
  return one.contact.number < other.contact.number ? -1 : 1;
}

function columnsOf(rows: WrittenContact[]): unknown[] {
  return [
    rows.map(({ contact }) => contact.id),
    rows.map(({ contact }) => contact.number),
    rows.map(({ contact }) => searchText(contact)),
    rows.map(({ contact }) => writeDocument(contact)),
    rows.map(({ revision }) => revision),
    rows.map(({ importId }) => importId ?? null),
    rows.map(({ importLine }) => importLine ?? null),
    rows.map(({ importChanged }) => importChanged ?? null),
  ];
}

const ROWS = `unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::int[], $7::uuid[], $8::int[], $9::boolean[])
    AS row (id, number, search, document, revision, import_id, import_line, import_changed)`;

const INSERT = `
  WITH made AS (
    INSERT INTO contacts
      (audience_id, id, number, search, document, revision, import_id, import_line, import_changed)
    SELECT $1, row.* FROM ${ROWS}
    ON CONFLICT (audience_id, number) DO NOTHING
    RETURNING id
  ), ${counting('SELECT count(*) FROM made HAVING count(*) > 0')}
  SELECT count(*)::int AS inserted FROM made`;

const UPDATE = `
  UPDATE contacts SET
    number = row.number, search = row.search, document = row.document, revision = contacts.revision + row.revision,
    import_id = row.import_id, import_line = row.import_line, import_changed = row.import_changed
  FROM ${ROWS}
  WHERE contacts.audience_id = $1 AND contacts.id = row.id`;
