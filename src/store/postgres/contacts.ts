import { readDocument, writeDocument } from '../../core/contact-document.ts';
import { applyChange, type ContactChange } from '../../core/contact-fields.ts';
import { formatDate } from '../../core/dates.ts';
import { type Precondition, requireContact } from '../../core/entity-tags.ts';
import { failure, MusterError } from '../../core/errors.ts';
import type { Store } from '../../core/store.ts';
import { conflictWith, makeCreate } from './create-contacts.ts';
import { type Database, isTaken, type Query, reading, surely } from './database.ts';
import { counting, IS_KNOWN, losing, refinding, retagging, untagging } from './fragments.ts';
import type { Write } from './idempotency.ts';
import { idOrNobody } from './ids.ts';
import { foundBy } from './postings.ts';
import { OthersWereFaster } from './write-contacts.ts';

/** Times an operation looks again when others were faster; from the fourth on a change holds the contact meanwhile. */
const ATTEMPTS = 20;
const FREE_ATTEMPTS = 3;

export function makeContacts(
  database: Database,
  write: Write,
): Pick<Store['contacts'], 'create' | 'get' | 'update' | 'delete'> {
  const { query } = database;
  return {
    create: makeCreate(database, write),

    get: (accountId, audienceId, contactId) =>
      reading(async () => {
        const values = [idOrNobody(audienceId), idOrNobody(accountId), idOrNobody(contactId)];
        const [row] = await query<Pick<Found, 'is_known' | 'document'>>(GET, values);
        return documentOf(row!);
      }),

    update: (accountId, audienceId, contactId, change, terms) =>
      surely(async () => {
        const values = [idOrNobody(audienceId), idOrNobody(accountId), idOrNobody(contactId)];
        for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
          try {
            // A transaction whose commit is lost is not run again: it would meet its own work, which no precondition fits.
            const changed =
              attempt < FREE_ATTEMPTS && terms === undefined
                ? await changeContact(query, READ, values, change)
                : await write(terms, (within) => changeHeld(within, values, change, terms?.precondition));
            if (changed !== undefined) return changed;
          } catch (error) {
            // The next attempt sees whose number it is.
            if (!isTaken(error, 'contacts_number')) throw error;
          }
        }
        throw failure(9503);
      }),

    async delete(accountId, audienceId, contactId, terms) {
      const values = [idOrNobody(audienceId), idOrNobody(accountId), idOrNobody(contactId)];
      if (terms !== undefined) {
        return write(terms, async (within) => {
          const [row] = await within<Found>(READ_LOCKED, [...values, null]);
          requireContact(documentOf(row!), terms.precondition);
          await within(DELETE, values);
        });
      }
      return surely(async (isAgain) => {
        for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
          const [row] = await query<{ is_known: boolean; is_there: boolean; is_gone: boolean }>(DELETE, values);
          if (!row!.is_known) throw failure(1301);
          if (row!.is_gone) return;
          // Somebody else has changed it at this very moment, and it is looked at again.
          if (row!.is_there) continue;
          if (isAgain) return;
          throw failure(1351);
        }
        throw failure(9503);
      });
    },
  };
}

/** A contact's new document; undefined when somebody else has changed it meanwhile. Raises 1301, 1351, 1360, 9009. */
async function changeContact(
  query: Query,
  read: string,
  values: string[],
  change: ContactChange,
  precondition?: Precondition,
): Promise<string | undefined> {
  const [row] = await query<Found>(read, [...values, change.number ?? null]);
  const { holder } = row!;
  const document = documentOf(row!);
  requireContact(document, precondition);
  if (holder !== null && holder !== values[2]) throw new MusterError([conflictWith(holder)]);
  const after = applyChange(readDocument(document), change);
  if (after === undefined) return document;
  const changed = writeDocument({ ...after, update_date: formatDate() });
  const [audienceId, , contactId] = values;
  const { revision, found_by } = row!;
  const written = await query(UPDATE, [
    audienceId,
    contactId,
    document,
    after.number,
    foundBy(after),
    changed,
    revision,
    found_by,
  ]);
  return written.length > 0 ? changed : undefined;
}

/** As `changeContact`, with the contact held until the transaction ends. */
async function changeHeld(
  query: Query,
  values: string[],
  change: ContactChange,
  precondition: Precondition | undefined,
): Promise<string> {
  const changed = await changeContact(query, READ_LOCKED, values, change, precondition);
  if (changed === undefined) throw new OthersWereFaster();
  return changed;
}

/** The document that was found. Raises 1301, 1351. */
function documentOf({ is_known, document }: Pick<Found, 'is_known' | 'document'>): string {
  if (!is_known) throw failure(1301);
  if (document === null) throw failure(1351);
  return document;
}

const GET = `
  SELECT ${IS_KNOWN} AS is_known, (SELECT document FROM contacts WHERE audience_id = $1 AND id = $3) AS document`;

interface Found {
  is_known: boolean;
  document: string | null;
  revision: number | null;
  found_by: string | null;
  /** The contact that has the number to be given. */
  holder: string | null;
}

const READ = `
  SELECT ${IS_KNOWN} AS is_known,
    (SELECT document FROM contacts WHERE audience_id = $1 AND id = $3) AS document,
    (SELECT revision FROM contacts WHERE audience_id = $1 AND id = $3) AS revision,
    (SELECT found_by FROM contacts WHERE audience_id = $1 AND id = $3) AS found_by,
    (SELECT id FROM contacts WHERE audience_id = $1 AND number = $4) AS holder`;

const READ_LOCKED = `
  WITH held AS MATERIALIZED (SELECT document, revision, found_by FROM contacts WHERE audience_id = $1 AND id = $3 FOR UPDATE)
  SELECT ${IS_KNOWN} AS is_known,
    (SELECT document FROM held) AS document,
    (SELECT revision FROM held) AS revision,
    (SELECT found_by FROM held) AS found_by,
    (SELECT id FROM contacts WHERE audience_id = $1 AND number = $4) AS holder`;

// What others commit while the statement waits for them it does not see: only a contact that is as it was read is changed, for
// its tags are those that the statement sees.
const UPDATE = `
  WITH changed AS (
    UPDATE contacts SET number = $4, found_by = $5, document = $6, revision = revision + 1
    WHERE audience_id = $1 AND id = $2 AND document = $3 AND revision = $7
    RETURNING id, $3::text AS before, document AS after, $8::text AS found_by_before, found_by
  ), ${refinding('changed')}, ${retagging('changed')}
  SELECT id FROM changed`;

const DELETE = `
  WITH seen AS MATERIALIZED (
    SELECT document, revision FROM contacts WHERE audience_id = $1 AND id = $3
  ), gone AS (
    DELETE FROM contacts
    WHERE audience_id = $1 AND id = $3 AND ${IS_KNOWN}
      AND document = (SELECT document FROM seen) AND revision = (SELECT revision FROM seen)
    RETURNING id, document, found_by
  ), ${losing('gone')}, ${untagging('gone')}, ${counting('SELECT -1 FROM gone')}
  SELECT ${IS_KNOWN} AS is_known, EXISTS (SELECT FROM seen) AS is_there, EXISTS (SELECT FROM gone) AS is_gone`;
