/** What an import's rows do: judged one by one in memory, read and written a batch at a time. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { type Contact, readDocument, writeDocument } from '../../core/contact-document.ts';
import type { ContactDetails } from '../../core/contact-fields.ts';
import { formatDate } from '../../core/dates.ts';
import { type ImportRow, judgeRow, type Refusal } from '../../core/import-job.ts';
import type { Query } from './database.ts';
import { lookingUp, placed } from './fragments.ts';
import { NOBODY } from './ids.ts';
import type { ImportRecord } from './import-records.ts';
import { insertAll, newContact, removeContacts, updateContacts, type WrittenContact } from './write-contacts.ts';

/**
 * What became of a row, as a batch keeps it: 0 when the file refused it, a refusal of the store's, or the contact's id (empty
 * when there is none) after the status, with the line it repeats.
 */
export type StoredFate = 0 | ['refused', Refusal] | [StoredStatus, id: string, repeats: number];
type StoredStatus = 'created' | 'updated' | 'unchanged' | 'skipped' | 'removed';

/** What it takes to undo a batch, in the order of its changes. */
export interface StoredUndo {
  updated: [id: string, revision: number, document: string, isFirst: boolean][];
  removed: [revision: number, document: string][];
}

/** Rows that are judged before others have their turn. */
const TURN_ROWS = 250;

type SoundRow = ImportRow & { refusal?: undefined };

/** A contact that rows meet, as they leave it. */
interface Met {
  contact: Contact;
  /** Undefined until it is written down: a thousand of them would be in the way of the garbage collector. */
  document: string | undefined;
  /** In the database; 0 of a new one. */
  stored: number;
  revision: number;
  importId: string | null;
  importLine: number | null;
  importChanged: boolean | null;
  isChanged: boolean;
}

/** What a batch does, before anything is counted. */
export interface Judged {
  fates: StoredFate[];
  undo: StoredUndo;
  /** Contacts of the audience that its rows are the first to meet. */
  met: number;
}

/**
 * Judges a batch and does what it says, in the transaction it is called in. Of the record it takes what a whole pass has in
 * common, so that the batch in front may still be under way, if it has none of these numbers.
 * @param numbers those of the rows. @param place where new contacts begin in the order of ids.
 * @param sent takes statements that are under way, for the caller to wait for.
 */
export function judgeBatch(
  query: Query,
  record: ImportRecord,
  rows: ImportRow[],
  numbers: string[],
  place: Promise<bigint>,
  sent: Promise<unknown>[],
): Promise<Judged> {
  return (record.import.phase === 'rehearse' ? rehearse : apply)(query, record, rows, numbers, place, sent);
}

async function apply(
  query: Query,
  record: ImportRecord,
  rows: ImportRow[],
  numbers: string[],
  place: Promise<bigint>,
  sent: Promise<unknown>[],
): Promise<Judged> {
  const [first, met] = await Promise.all([place, readMet(query, record, numbers, true)]);
  const held = [...met.values()];
  const undo: StoredUndo = { updated: [], removed: [] };
  let firstMet = 0;
  const created: Met[] = [];
  const removed: string[] = [];

  function applyRow({ contact: given, id: chosen, line }: SoundRow): StoredFate {
    const found = met.get(given.number);
    const isMeant = chosen === undefined || found?.contact.id === chosen;
    const existing = isMeant ? found : undefined;
    const isRepeat = existing?.importId === record.id;
    const judgement = judgeRow<ContactDetails>(existing?.contact, given, record.import);
    if (judgement.status === 'refused') return ['refused', judgement.refusal];
    if (existing === undefined && judgement.status === 'skipped') return ['skipped', '', 0];
    if (existing === undefined) {
      const { after } = judgement as { after: ContactDetails };
      const { contact } = newContact(after, first + BigInt(created.length));
      const marks = { importId: record.id, importLine: line, importChanged: true };
      const made = { contact, document: undefined, stored: 0, revision: 1, ...marks, isChanged: true };
      created.push(made);
      met.set(given.number, made);
      return ['created', contact.id, 0];
    }
    if (!isRepeat) firstMet++;
    const repeats = isRepeat ? existing.importLine! : 0;
    const { id } = existing.contact;
    if (judgement.status === 'removed') {
      undo.removed.push([existing.revision, documentOf(existing)]);
      removed.push(id);
      met.delete(given.number);
      return ['removed', id, 0];
    }
    if (judgement.status === 'updated') {
      undo.updated.push([id, existing.revision, documentOf(existing), !isRepeat || existing.importChanged !== true]);
      existing.contact = { ...existing.contact, ...judgement.after, update_date: formatDate() };
      existing.document = undefined;
      existing.revision++;
      existing.isChanged = true;
      existing.importChanged = true;
    } else if (!isRepeat) {
      existing.importChanged = false;
    }
    if (!isRepeat) {
      existing.importId = record.id;
      existing.importLine = line;
    }
    return [judgement.status as StoredStatus, id, repeats];
  }

  const isMarked = new Map(held.map((each) => [each, each.importId === record.id]));
  const fates: StoredFate[] = [];
  for (const row of rows) {
    fates.push(row.refusal !== undefined ? 0 : applyRow(row));
    if (fates.length % TURN_ROWS === 0) await nextTurn();
  }
  const changed = held.filter((each) => each.isChanged);
  const marked = held.filter((each) => !each.isChanged && each.importId === record.id && !isMarked.get(each));
  sent.push(
    insertAll(query, record.audience_id, created.map(toWrite)),
    updateContacts(query, record.audience_id, changed.map(toWrite)),
    markContacts(query, record, marked),
    removeContacts(query, record.audience_id, removed),
  );
  return { fates, undo, met: firstMet };
}

function documentOf({ document, contact }: Met): string {
  return document ?? writeDocument(contact);
}

function toWrite({ contact, document, stored, revision, importId, importLine, importChanged }: Met): WrittenContact {
  return { contact, document, revision: revision - stored, importId, importLine, importChanged };
}

async function markContacts(query: Query, record: ImportRecord, marked: Met[]): Promise<void> {
  if (marked.length === 0) return;
  const ids = marked.map(({ contact }) => contact.id);
  const lines = marked.map(({ importLine }) => importLine);
  await query(MARK, [record.audience_id, record.id, ids, lines]);
}

const MARK = `
  UPDATE contacts SET import_id = $2, import_line = its.line, import_changed = false
  FROM ${placed('contacts', 'id = each.id', 'SELECT unnest($3::uuid[]) AS id, unnest($4::int[]) AS line')} AS its
  WHERE contacts.audience_id = $1 AND contacts.ctid = its.place`;

/** Numbers as an array is written in SQL, which the driver would quote one by one. */
const listed = (numbers: string[]) => `{${numbers.join()}}`;

/** The contacts that have these numbers. @param holds to be changed. */
async function readMet(
  query: Query,
  record: ImportRecord,
  numbers: string[],
  holds: boolean,
): Promise<Map<string, Met>> {
  const found = await query<MetRow>(holds ? MEET : LOOK, [record.audience_id, listed(numbers)]);
  return new Map(
    found.map(({ document, revision, import_id, import_line, import_changed }): [string, Met] => {
      const contact = readDocument(document);
      const marks = { importId: import_id, importLine: import_line, importChanged: import_changed };
      return [contact.number, { contact, document, stored: revision, revision, ...marks, isChanged: false }];
    }),
  );
}

interface MetRow {
  document: string;
  revision: number;
  import_id: string | null;
  import_line: number | null;
  import_changed: boolean | null;
}

const MET = 'document, revision, import_id, import_line, import_changed';
const LOOK = lookingUp(MET, 'number');
const MEET = lookingUp(MET, 'number', true);

/** The numbers of rows, each once, in the order that everybody holds contacts in. */
export function numbersOf(rows: ImportRow[]): string[] {
  return [...new Set(rows.flatMap((row) => (row.refusal === undefined ? [row.contact.number] : [])))].sort();
}

/** What a rehearsal would have made of a number. */
interface Earlier {
  line: number;
  document: string | null;
}

/** Judges rows without changing a contact. */
async function rehearse(
  query: Query,
  record: ImportRecord,
  rows: ImportRow[],
  numbers: string[],
  place: Promise<bigint>,
  sent: Promise<unknown>[],
): Promise<Judged> {
  const asked = [record.audience_id, record.id, record.pass, listed(numbers)];
  const [, met, known] = await Promise.all([
    place,
    readMet(query, record, numbers, false),
    query<Earlier & { number: string }>(NUMBERS, asked),
  ]);
  const earlier = new Map(known.map(({ number, line, document }): [string, Earlier] => [number, { line, document }]));
  const noted = new Set<string>();
  let firstMet = 0;

  function rehearseRow({ contact: given, line }: SoundRow): StoredFate {
    const { number } = given;
    const before = earlier.get(number);
    const contact = met.get(number);
    if (before === undefined && contact !== undefined) firstMet++;
    const text = before?.document ?? contact?.document;
    const existing = text === undefined ? undefined : readDocument(text);
    const judgement = judgeRow<ContactDetails>(existing, given, record.import);
    if (judgement.status === 'refused') return ['refused', judgement.refusal];
    const after = 'after' in judgement ? writeDocument(pretend(judgement.after)) : (before?.document ?? null);
    earlier.set(number, { line: before?.line ?? line, document: after });
    if (before === undefined || 'after' in judgement) noted.add(number);
    return [judgement.status, contact?.contact.id ?? '', before?.line ?? 0];
  }

  const fates = rows.map((row): StoredFate => (row.refusal !== undefined ? 0 : rehearseRow(row)));
  const list = [...noted];
  if (list.length > 0) {
    const lines = list.map((number) => earlier.get(number)!.line);
    const documents = list.map((number) => earlier.get(number)!.document);
    sent.push(query(NOTE, [record.audience_id, record.id, record.pass, list, lines, documents]));
  }
  return { fates, undo: { updated: [], removed: [] }, met: firstMet };
}

/** A contact that a rehearsal would have made. */
function pretend(details: ContactDetails): Contact {
  return { id: NOBODY, create_date: '', update_date: '', ...details };
}

const NUMBERS = `
  SELECT found.* FROM unnest($4::text[]) AS asked (number), LATERAL (
    SELECT number, line, document FROM import_numbers
    WHERE audience_id = $1 AND import_id = $2 AND pass = $3 AND number = asked.number OFFSET 0
  ) AS found`;

const NOTE = `
  INSERT INTO import_numbers (audience_id, import_id, pass, number, line, document)
  SELECT $1, $2, $3, row.* FROM unnest($4::text[], $5::int[], $6::text[]) AS row (number, line, document)
  ON CONFLICT (audience_id, import_id, pass, number) DO UPDATE SET document = excluded.document`;

/** Adds a batch with its verdicts, and counts these. */
export async function addBatch(
  query: Query,
  record: ImportRecord,
  first: number,
  fates: StoredFate[],
  cells: Uint8Array,
  undo: StoredUndo,
): Promise<void> {
  const counts = { created: 0, updated: 0, unchanged: 0, skipped: 0, refused: 0, removed: 0 };
  for (const fate of fates) counts[fate === 0 ? 'refused' : fate[0]]++;
  const { created, updated, unchanged, skipped, refused } = counts;
  for (const [name, count] of Object.entries(counts)) record.import[name as keyof typeof counts] += count;
  const hasUndo = undo.updated.length + undo.removed.length > 0;
  await query(ADD_BATCH, [
    record.audience_id,
    record.id,
    record.pass,
    record.batches++,
    first,
    fates.length,
    created,
    updated,
    unchanged,
    skipped,
    refused,
    JSON.stringify(fates),
    cells,
    hasUndo ? JSON.stringify(undo) : null,
  ]);
}

const ADD_BATCH = `
  INSERT INTO import_batches (audience_id, import_id, pass, batch, first_row, rows, created, updated, unchanged, skipped,
    refused, fates, cells, undo)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`;
