import { setImmediate as nextTurn } from 'node:timers/promises';
import { type Contact, writeDocument } from '../../core/contact-document.ts';
import { type ContactInput, fillContact } from '../../core/contact-fields.ts';
import { formatDate } from '../../core/dates.ts';
import { inTurn, type Query, sqlState } from './database.ts';
import {
  counting,
  finding,
  fromLines,
  type Line,
  losing,
  oneByOne,
  placed,
  refinding,
  retagging,
  tagging,
  toLines,
  untagging,
} from './fragments.ts';
import { idAt } from './ids.ts';
import { foundBy } from './postings.ts';

/** A contact as it is written: with the mark of the import that met it last, when one did. */
export interface WrittenContact {
  contact: Contact;
  /** Its document, where it is written already. */
  document?: string;
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

/** Rows that are put into words before others have their turn. The database takes them in meanwhile. */
const TURN_ROWS = 250;
const IS_TAKEN = '23505';

/** Inserts contacts and counts them; how many: one whose number somebody took meanwhile is left out. */
export async function insertContacts(query: Query, audienceId: string, rows: WrittenContact[]): Promise<number> {
  if (rows.length === 0) return 0;
  // In the order of numbers, as everybody: of two that insert the same numbers one waits, and not both for each other.
  const sorted = rows.toSorted(byNumber);
  const [row] = await query<{ inserted: number }>(INSERT, [audienceId, ...columnsOf(sorted)]);
  return row!.inserted;
}

/**
 * Inserts contacts that must all be new, and counts them. Raises OthersWereFaster. (With a way out for numbers that are taken
 * PostgreSQL looks each up twice.)
 */
export async function insertAll(query: Query, audienceId: string, rows: WrittenContact[]): Promise<void> {
  if (rows.length === 0) return;
  try {
    await inTurn([addContacts(query, audienceId, rows.toSorted(byNumber)), query(COUNT, [audienceId, rows.length])]);
  } catch (error) {
    throw sqlState(error).code === IS_TAKEN ? new OthersWereFaster() : error;
  }
}

/** Inserts contacts that must all be new, and does not count them. */
export async function addContacts(query: Query, audienceId: string, rows: WrittenContact[]): Promise<void> {
  const sent: Promise<unknown>[] = [];
  const send = (text: string, values: unknown[]) => {
    const answer = query(text, values);
    // Its failure is met in its turn.
    answer.catch(() => {});
    sent.push(answer);
  };
  for (let from = 0; from < rows.length; from += TURN_ROWS) {
    if (from > 0) await nextTurn();
    const columns = columnsOf(rows.slice(from, from + TURN_ROWS));
    send(ADD, [audienceId, ...columns]);
    send(FIND, [audienceId, columns[0], columns.at(-1)]);
  }
  const tagged = rows.filter(({ contact }) => contact.tags.length > 0);
  if (tagged.length > 0) {
    const tags = tagged.flatMap(({ contact }) => contact.tags.map((tag) => ({ id: contact.id, tag })));
    send(TAG, [audienceId, toLines(tags, ({ id }) => id), tags.map(({ tag }) => tag)]);
  }
  await inTurn(sent);
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

/** The columns of rows: ids first, what they are found by last. */
function columnsOf(rows: WrittenContact[]): string[] {
  const column = (read: (row: WrittenContact) => Line) => toLines(rows, read);
  return [
    column(({ contact }) => contact.id),
    column(({ contact }) => contact.number),
    column(({ contact, document }) => document ?? writeDocument(contact)),
    column(({ revision }) => revision),
    column(({ importId }) => importId),
    column(({ importLine }) => importLine),
    column(({ importChanged }) => importChanged),
    column(({ contact }) => foundBy(contact)),
  ];
}

const MEMBERS = 'id, number, document, revision, import_id, import_line, import_changed, found_by';
const ROWS = `unnest(
      ${fromLines(2, 'uuid')}, ${fromLines(3, 'text')}, ${fromLines(4, 'text')}, ${fromLines(5, 'int')},
      ${fromLines(6, 'uuid')}, ${fromLines(7, 'int')}, ${fromLines(8, 'boolean')}, ${fromLines(9, 'text')}
    ) AS row (${MEMBERS})`;

const ADD = `
  INSERT INTO contacts (audience_id, ${MEMBERS}) SELECT $1, row.* FROM ${ROWS}`;

const FIND = `
  INSERT INTO contact_changes (audience_id, id, after)
  SELECT $1, row.* FROM unnest(${fromLines(2, 'uuid')}, ${fromLines(3, 'text')}) AS row`;

const TAG = `
  INSERT INTO contact_tags (audience_id, id, tag)
  SELECT $1, row.* FROM unnest(${fromLines(2, 'uuid')}, $3::text[]) AS row ON CONFLICT DO NOTHING`;

const COUNT = `WITH ${counting('SELECT $2::bigint')} SELECT count FROM added`;

const INSERT = `
  WITH made AS (
    INSERT INTO contacts (audience_id, ${MEMBERS}) SELECT $1, row.* FROM ${ROWS}
    ON CONFLICT DO NOTHING
    RETURNING id, document, found_by
  ), ${finding('made')}, ${tagging('made')}, ${counting('SELECT count(*) FROM made HAVING count(*) > 0')}
  SELECT count(*)::int AS inserted FROM made`;

const UPDATE = `
  WITH given AS MATERIALIZED (
    SELECT row.*, former.document AS former, former.found_by AS found_by_before, former.ctid AS place FROM ${ROWS}, LATERAL (
      SELECT document, found_by, ctid FROM contacts WHERE audience_id = $1 AND id = row.id OFFSET 0
    ) AS former
  ), retagged AS MATERIALIZED (
    SELECT id, former AS before, document AS after FROM given
    WHERE strpos(former, '"tags":[]') = 0 OR strpos(document, '"tags":[]') = 0
  ), ${retagging('retagged')}, ${refinding('given')}
  UPDATE contacts SET
    number = row.number, document = row.document, revision = contacts.revision + row.revision,
    import_id = row.import_id, import_line = row.import_line, import_changed = row.import_changed,
    found_by = row.found_by
  FROM ${oneByOne('SELECT * FROM given')} AS row
  WHERE contacts.audience_id = $1 AND contacts.ctid = row.place`;

const REMOVE = `
  WITH gone AS (
    DELETE FROM contacts USING ${placed('contacts', 'id = each.id', 'SELECT unnest($2::uuid[]) AS id')} AS leaving
    WHERE contacts.audience_id = $1 AND contacts.ctid = leaving.place
    RETURNING contacts.id, contacts.document, contacts.found_by
  ), ${losing('gone')}, ${untagging('gone')}, ${counting('SELECT -count(*) FROM gone HAVING count(*) > 0')}
  SELECT count(*)::int AS removed FROM gone`;
