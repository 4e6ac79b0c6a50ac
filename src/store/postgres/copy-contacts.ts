/** Contacts on their way from store to store: with the places of those that an undo would put back. */
import { readDocument } from '../../core/contact-document.ts';
import { type CopiedContact, type CopyPage, type CopyPosition, type CopyRecord, copiedTable } from '../../core/copy.ts';
import type { Database, Query } from './database.ts';
import { EVER_BEFORE } from './ids.ts';
import { addContacts, type WrittenContact } from './write-contacts.ts';

const ROWS = copiedTable('contacts').rows;
/** Places that are looked up at once: each time all undo data of the audience is read. */
const PLACES = 50_000;

export function makeContactsReader({ query, transaction }: Database) {
  /** Places behind an id, of one audience at a time. */
  let known: { audienceId: string; from: string; places: string[]; isLast: boolean } | undefined;

  async function placesBehind(audienceId: string, position: string): Promise<string[]> {
    const isKnown = known !== undefined && known.audienceId === audienceId && known.from <= position;
    if (isKnown) {
      known!.places = known!.places.filter((id) => id > position);
      if (known!.places.length > 0 || known!.isLast) return known!.places;
    }
    const found = await transaction(async (within) => {
      await within("SELECT set_config('statement_timeout', '0', true)");
      return within<{ id: string }>(VACANCIES, [audienceId, position]);
    }, 'snapshot');
    const places = found.map(({ id }) => id);
    known = { audienceId, from: position, places, isLast: places.length < PLACES };
    return places;
  }

  return async (audienceId: string, after: CopyPosition | null): Promise<CopyPage> => {
    const position = (after?.[0] as string | undefined) ?? EVER_BEFORE;
    const rows = await query<CopiedContact>(PAGE, [audienceId, position]);
    const records = merge(rows, await placesBehind(audienceId, position));
    return { records, position: records.length === 0 ? null : [records.at(-1)!.id!] };
  };
}

/** Contacts and places in the order of ids, as many as are held at once. A place whose contact is there again is none. */
function merge(rows: CopiedContact[], places: string[]): CopiedContact[] {
  if (places.length === 0) return rows;
  const merged: CopiedContact[] = [];
  let next = 0;
  for (let at = 0; merged.length < ROWS && (at < rows.length || next < places.length); ) {
    const id = rows[at]?.id;
    const place = places[next];
    if (place !== undefined && (id === undefined || place <= id)) next++;
    if (id !== undefined && (place === undefined || id <= place)) merged.push(rows[at++]!);
    else merged.push({ ...NOBODY, id: place! });
  }
  return merged;
}

const NOBODY = { document: null, revision: 0, import_id: null, import_line: null, import_changed: null };

const PAGE = `
  SELECT id, document, revision, import_id, import_line, import_changed FROM contacts
  WHERE audience_id = $1 AND id > $2 ORDER BY id LIMIT ${ROWS}`;

/** A document begins with the id. */
const VACANCIES = `
  SELECT DISTINCT vacancy.id FROM imports
  JOIN import_batches AS batch
    ON batch.audience_id = $1 AND batch.import_id = imports.id AND batch.pass = imports.pass AND batch.undo IS NOT NULL,
  LATERAL json_array_elements(batch.undo::json -> 'removed') AS removed,
  LATERAL (SELECT substr(removed ->> 1, 8, 36)::uuid AS id) AS vacancy
  WHERE imports.audience_id = $1 AND NOT imports.is_expired AND imports.status NOT IN ('uploading', 'abandoned')
    AND vacancy.id > $2
  ORDER BY vacancy.id LIMIT ${PLACES}`;

/** Writes contacts. Nothing here puts a contact back at a place: it goes where its id says. */
export async function loadContacts(query: Query, audienceId: string, records: CopyRecord[]): Promise<void> {
  const rows = (records as CopiedContact[]).flatMap(({ document, revision, ...marks }): WrittenContact[] => {
    if (document === null) return [];
    const { import_id: importId, import_line: importLine, import_changed: importChanged } = marks;
    return [{ contact: readDocument(document), document, revision, importId, importLine, importChanged }];
  });
  await addContacts(query, audienceId, rows);
}
