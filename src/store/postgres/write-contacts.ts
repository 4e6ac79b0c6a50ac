import { type Contact, writeDocument } from '../../core/contact-document.ts';
import { type ContactInput, fillContact } from '../../core/contact-fields.ts';
import { formatDate } from '../../core/dates.ts';
import { searchText } from '../../core/search-text.ts';
import type { Query } from './database.ts';
import { counting, fromLines, type Line, retagging, tagging, toLines, untagging } from './fragments.ts';
import { idAt } from './ids.ts';

/** A contact as it is written: with the mark of the import that met it last, when one did. */
export interface WrittenContact {
  contact: Contact;
  /** What to add to the revision it has; of one that is inserted, its revision. */
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

/** Inserts contacts and counts them; how many: one whose number somebody took meanwhile is left out. */
export async function insertContacts(query: Query, audienceId: string, rows: WrittenContact[]): Promise<number> {
  if (rows.length === 0) return 0;
  // In the order of numbers, as everybody: of two that insert the same numbers one waits, and not both for each other.
  const sorted = rows.toSorted(byNumber);
  const [row] = await query<{ inserted: number }>(INSERT, [audienceId, ...columnsOf(sorted)]);
  return row!.inserted;
}

/** Inserts contacts that must all be new. Raises OthersWereFaster. */
export async function insertAll(query: Query, audienceId: string, rows: WrittenContact[]): Promise<void> {
  if ((await insertContacts(query, audienceId, rows)) < rows.length) throw new OthersWereFaster();
}

/** Gives contacts their new members, and the marks of an import. The caller holds them. */
export async function updateContacts(query: Query, audienceId: string, rows: WrittenContact[]): Promise<void> {
  if (rows.length > 0) await query(UPDATE, [audienceId, ...columnsOf(rows)]);
}

/** Removes contacts and counts them. The caller holds them. */
export async function removeContacts(query: Query, audienceId: string, ids: string[]): Promise<void> {
  if (ids.length > 0) await query(REMOVE, [audienceId, ids]);
}

function byNumber(one: WrittenContact, other: WrittenContact): number {
  return one.contact.number < other.contact.number ? -1 : 1;
}

function columnsOf(rows: WrittenContact[]): string[] {
  const column = (read: (row: WrittenContact) => Line) => toLines(rows, read);
  return [
    column(({ contact }) => contact.id),
    column(({ contact }) => contact.number),
    column(({ contact }) => searchText(contact)),
    column(({ contact }) => writeDocument(contact)),
    column(({ revision }) => revision),
    column(({ importId }) => importId),
    column(({ importLine }) => importLine),
    column(({ importChanged }) => importChanged),
  ];
}

const ROWS = `unnest(
      ${fromLines(2, 'uuid')}, ${fromLines(3, 'text')}, ${fromLines(4, 'text')}, ${fromLines(5, 'text')},
      ${fromLines(6, 'int')}, ${fromLines(7, 'uuid')}, ${fromLines(8, 'int')}, ${fromLines(9, 'boolean')}
    ) AS row (id, number, search, document, revision, import_id, import_line, import_changed)`;

const INSERT = `
  WITH made AS (
    INSERT INTO contacts
      (audience_id, id, number, search, document, revision, import_id, import_line, import_changed)
    SELECT $1, row.* FROM ${ROWS}
    ON CONFLICT DO NOTHING
    RETURNING id, document
  ), ${tagging('made')}, ${counting('SELECT count(*) FROM made HAVING count(*) > 0')}
  SELECT count(*)::int AS inserted FROM made`;

const UPDATE = `
  WITH given AS MATERIALIZED (
    SELECT row.*, former.document AS former FROM ${ROWS}, LATERAL (
      SELECT document FROM contacts WHERE audience_id = $1 AND id = row.id OFFSET 0
    ) AS former
  ), retagged AS MATERIALIZED (
    SELECT id, former AS before, document AS after FROM given
    WHERE strpos(former, '"tags":[]') = 0 OR strpos(document, '"tags":[]') = 0
  ), ${retagging('retagged')}
  UPDATE contacts SET
    number = row.number, search = row.search, document = row.document, revision = contacts.revision + row.revision,
    import_id = row.import_id, import_line = row.import_line, import_changed = row.import_changed
  FROM given AS row
  WHERE contacts.audience_id = $1 AND contacts.id = row.id`;

const REMOVE = `
  WITH gone AS (
    DELETE FROM contacts USING unnest($2::uuid[]) AS leaving (id)
    WHERE contacts.audience_id = $1 AND contacts.id = leaving.id
    RETURNING contacts.id, contacts.document
  ), ${untagging('gone')}, ${counting('SELECT -count(*) FROM gone HAVING count(*) > 0')}
  SELECT count(*)::int AS removed FROM gone`;
