import { type Contact, readDocument } from '../../core/contact-document.ts';
import { applyChange, type ContactInput } from '../../core/contact-fields.ts';
import { formatDate } from '../../core/dates.ts';
import { failure } from '../../core/errors.ts';
import type { OnConflict, RowFate, Store } from '../../core/store.ts';
import { conflictWith } from './create-contacts.ts';
import { inTurn } from './database.ts';
import { IS_KNOWN, lookingUp, NEXT_PLACE } from './fragments.ts';
import type { Write } from './idempotency.ts';
import { idOrNobody } from './ids.ts';
import { insertAll, newContact, updateContacts, type WrittenContact } from './write-contacts.ts';

export function makeUpsert(write: Write): Pick<Store['contacts'], 'upsert'> {
  return {
    upsert: (accountId, audienceId, rows, onConflict, terms) =>
      write(terms, async (query) => {
        const id = idOrNobody(audienceId);
        const numbers = [...new Set(rows.map((row) => row.number))].sort();
        const [known, held] = await Promise.all([
          query<{ is_known: boolean; place: string }>(PLACE, [id, idOrNobody(accountId)]),
          query<{ document: string }>(onConflict === 'update' ? HELD : FOUND, [id, numbers]),
        ]);
        const { is_known, place } = known[0]!;
        if (!is_known) throw failure(1301);
        const contacts = held.map(({ document }) => readDocument(document));
        const { fates, created, updated } = applyRows(rows, contacts, onConflict, BigInt(place));
        await inTurn([insertAll(query, id, created), updateContacts(query, id, updated)]);
        return fates;
      }),
  };
}

/** What the rows come to, in order: a row meets what the rows before it made. */
function applyRows(rows: ContactInput[], contacts: Contact[], onConflict: OnConflict, place: bigint) {
  const met = new Map(contacts.map((contact): [string, WrittenContact] => [contact.number, { contact, revision: 0 }]));
  const created: WrittenContact[] = [];
  const updated = new Set<WrittenContact>();
  const fates = rows.map((row): RowFate => {
    const existing = met.get(row.number);
    if (existing === undefined) {
      const made = newContact(row, place + BigInt(created.length));
      created.push(made);
      met.set(row.number, made);
      return { status: 'created', id: made.contact.id };
    }
    const { id } = existing.contact;
    if (onConflict === 'error') return { status: 'refused', problem: conflictWith(id) };
    if (onConflict === 'skip') return { status: 'skipped', id };
    const after = applyChange(existing.contact, row);
    if (after === undefined) return { status: 'unchanged', id };
    // A contact of this call is inserted as its last row leaves it.
    if (existing.revision === 0) updated.add(existing);
    existing.contact = { ...after, update_date: formatDate() };
    existing.revision++;
    return { status: 'updated', id };
  });
  return { fates, created, updated: [...updated] };
}

const PLACE = `SELECT ${IS_KNOWN} AS is_known, ${NEXT_PLACE}::text AS place`;
const FOUND = lookingUp('document', 'number');
const HELD = lookingUp('document', 'number', true);
