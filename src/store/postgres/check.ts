import { readDocument } from '../../core/contact-document.ts';
import type { Finding } from '../../core/store.ts';
import { checkPostings } from './check-postings.ts';
import type { Database, Query } from './database.ts';
import { countOf } from './fragments.ts';
import { EVER_BEFORE } from './ids.ts';
import { foundBy } from './postings.ts';

/** Findings of one kind to tell; more of them would only say the same again. */
const MAX_FINDINGS = 20;
/** Contacts that are read at once; one of them is looked for with all its text. */
const CONTACTS = 1000;

/**
 * Checks the store as it is at one moment, beside running servers: each audience's counter and contacts, each contact's columns
 * against its document, and the posting lists against the contacts. The server's own files are the server's to check.
 */
export function checkStore(
  { transaction }: Database,
  progress: (done: number, of: number) => void = () => {},
): Promise<Finding[]> {
  return transaction(async (query) => {
    await query(`SELECT set_config('statement_timeout', '0', true)`);
    return [...(await checkCounters(query)), ...(await checkOrphans(query)), ...(await checkContacts(query, progress))];
  }, 'snapshot');
}

async function checkCounters(query: Query): Promise<Finding[]> {
  const wrong = await query<{ id: string; counted: number; rows: number }>(COUNTERS);
  return wrong.map(({ id, counted, rows }) => ({
    what: `the counter says ${counted} contacts, there are ${rows}`,
    where: `audience ${id}`,
  }));
}

const COUNTERS = `
  SELECT * FROM (
    SELECT id, ${countOf('audiences.id')} AS counted,
      (SELECT count(*)::float8 FROM contacts WHERE audience_id = audiences.id) AS rows
    FROM audiences WHERE deleted_at IS NULL
  ) AS audience WHERE counted <> rows ORDER BY id LIMIT ${MAX_FINDINGS}`;

async function checkOrphans(query: Query): Promise<Finding[]> {
  const found = await query<{ audience_id: string; id: string }>(ORPHANS);
  return found.map((contact) => ({ what: 'its audience does not exist', where: placeOf(contact) }));
}

const ORPHANS = `
  SELECT audience_id, id FROM contacts WHERE NOT EXISTS (SELECT FROM audiences WHERE id = contacts.audience_id)
  LIMIT ${MAX_FINDINGS}`;

interface Row {
  audience_id: string;
  id: string;
  number: string;
  found_by: string;
  document: string;
}

const UNREADABLE = 'its document cannot be read';

async function checkContacts(query: Query, progress: (done: number, of: number) => void): Promise<Finding[]> {
  const findings: Finding[] = [];
  const tell = (what: string, row: Row) => {
    if (findings.length < MAX_FINDINGS) findings.push({ what, where: placeOf(row) });
  };
  const [all] = await query<{ count: number }>('SELECT count(*)::float8 AS count FROM contacts');
  let done = 0;
  for (const { id, is_deleted } of await query<{ id: string; is_deleted: boolean }>(AUDIENCES)) {
    let isReadable = true;
    for (let position = EVER_BEFORE, rows: Row[]; ; position = rows.at(-1)!.id) {
      rows = await query<Row>(PAGE, [id, position]);
      for (const row of rows) {
        const wrong = wrongWith(row);
        if (wrong !== undefined) tell(wrong, row);
        isReadable &&= wrong !== UNREADABLE;
      }
      done += rows.length;
      progress(done, all!.count);
      if (rows.length < CONTACTS) break;
    }
    // Of a deleted audience contacts are removed for good, and nothing is looked for any more.
    if (!is_deleted) findings.push(...(await checkPostings(query, id)));
    // Where a document is no JSON the database cannot compare its tags, and ends the transaction.
    if (isReadable) findings.push(...(await checkTags(query, id)));
  }
  return findings.slice(0, MAX_FINDINGS);
}

/** That contacts are found by the tags they have, and by no other. */
async function checkTags(query: Query, audienceId: string): Promise<Finding[]> {
  const found = await query<{ id: string; tag: string; is_missing: boolean }>(TAGS, [audienceId]);
  return found.map(({ id, tag, is_missing }) => ({
    what: is_missing ? `it is not found by its tag '${tag}'` : `it is found by the tag '${tag}', which it has not`,
    where: placeOf({ audience_id: audienceId, id }),
  }));
}

const OWN_TAGS = 'SELECT id, tag COLLATE "C" FROM contacts, muster_tags(document) AS tag WHERE audience_id = $1';
const NOTED_TAGS = 'SELECT id, tag FROM contact_tags WHERE audience_id = $1';
const TAGS = `
  SELECT *, true AS is_missing FROM (${OWN_TAGS} EXCEPT ${NOTED_TAGS}) AS missing
  UNION ALL SELECT *, false FROM (${NOTED_TAGS} EXCEPT ${OWN_TAGS}) AS strange LIMIT ${MAX_FINDINGS}`;

const AUDIENCES = 'SELECT id, deleted_at IS NOT NULL AS is_deleted FROM audiences ORDER BY id';

const PAGE = `
  SELECT audience_id, id, number, found_by, document FROM contacts
  WHERE audience_id = $1 AND id > $2 ORDER BY id LIMIT ${CONTACTS}`;

function wrongWith({ id, number, found_by, document }: Row): string | undefined {
  try {
    const contact = readDocument(document);
    if (contact.number !== number) return `its number is ${number}, its document says ${contact.number}`;
    if (contact.id !== id) return 'its id is not that of its document';
    if (foundBy(contact) !== found_by) return 'it is found by something else than its document says';
  } catch {
    return UNREADABLE;
  }
  return undefined;
}

function placeOf({ audience_id, id }: { audience_id: string; id: string }): string {
  return `contact ${id} of audience ${audience_id}`;
}
