/** What an import does to contacts beside applying rows: removing those that no row met, and taking everything back. */
import { readDocument } from '../../core/contact-document.ts';
import { formatDate } from '../../core/dates.ts';
import { failure } from '../../core/errors.ts';
import type { Query } from './database.ts';
import { IS_KNOWN, lookingUp } from './fragments.ts';
import { EVER_BEFORE } from './ids.ts';
import type { ImportRecord } from './import-records.ts';
import { addBatch, type StoredFate, type StoredUndo } from './import-rows.ts';
import { insertContacts, removeContacts, updateContacts, type WrittenContact } from './write-contacts.ts';

/** Contacts removed, and rows looked at for that, in one transaction. */
const REMOVE_ROWS = 500;
const SCAN_ROWS = 4000;

/** Removes some contacts that no row met; whether there are more. The caller saves the record. Raises 1301. */
export async function removeSome(query: Query, record: ImportRecord): Promise<boolean> {
  await requireAudience(query, record);
  const { audience_id, id } = record;
  const values = [audience_id, id, record.removed_to ?? EVER_BEFORE, record.last_id ?? EVER_BEFORE];
  const [scan] = await query<{ unmet: string[] | null; last_id: string | null; count: number }>(SCAN, values);
  const { last_id, count } = scan!;
  const unmet = scan!.unmet ?? [];
  const isFull = unmet.length === REMOVE_ROWS;
  record.removed_to = (isFull ? unmet.at(-1)! : last_id) ?? record.removed_to;
  if (unmet.length > 0) {
    const held = await query<{ id: string; revision: number; document: string }>(HOLD, [audience_id, unmet]);
    await removeContacts(
      query,
      audience_id,
      held.map((contact) => contact.id),
    );
    const removed = held.map(({ revision, document }): [number, string] => [revision, document]);
    const undo: StoredUndo = { updated: [], removed };
    if (held.length > 0) await addBatch(query, record, record.import.rows_done + 1, [], new Uint8Array(0), undo);
    record.import.removed += held.length;
  }
  return isFull || count === SCAN_ROWS;
}

const SCAN = `
  WITH scanned AS (
    SELECT id, import_id FROM contacts WHERE audience_id = $1 AND id > $3 AND id <= $4 ORDER BY id LIMIT ${SCAN_ROWS}
  ), unmet AS (
    SELECT id FROM scanned WHERE import_id IS DISTINCT FROM $2 ORDER BY id LIMIT ${REMOVE_ROWS}
  )
  SELECT (SELECT array_agg(id ORDER BY id) FROM unmet) AS unmet,
    (SELECT id FROM scanned ORDER BY id DESC LIMIT 1) AS last_id,
    (SELECT count(*)::int FROM scanned) AS count`;

const HOLD = lookingUp('id, revision, document', 'id', true);

/** Takes back a batch, the last first; whether there are more. The caller saves the record. Raises 1301. */
export async function undoSome(query: Query, record: ImportRecord): Promise<boolean> {
  if (record.batches_left === 0) return false;
  await requireAudience(query, record);
  record.batches_left--;
  const values = [record.audience_id, record.id, record.pass, record.batches_left];
  const [batch] = await query<{ fates: string; undo: string | null }>(BATCH, values);
  await undoBatch(query, record, batch!);
  return record.batches_left > 0;
}

const BATCH = `
  SELECT fates, undo FROM import_batches WHERE audience_id = $1 AND import_id = $2 AND pass = $3 AND batch = $4`;

async function undoBatch(
  query: Query,
  record: ImportRecord,
  batch: { fates: string; undo: string | null },
): Promise<void> {
  const fates: StoredFate[] = JSON.parse(batch.fates);
  const { updated, removed }: StoredUndo = batch.undo === null ? { updated: [], removed: [] } : JSON.parse(batch.undo);
  const { audience_id } = record;
  const counts = record.import.undo!;

  const back = removed.map(([revision, document]): WrittenContact => ({ contact: readDocument(document), revision }));
  const restored = await insertContacts(query, audience_id, back);
  counts.restored += restored;
  counts.left_alone += back.length - restored;

  const touched = fates.filter(isChange);
  const ids = [...new Set(touched.map(([, id]) => id))];
  const held = ids.length === 0 ? [] : await query<Held>(HOLD_WITH_MARKS, [audience_id, ids]);
  const contacts = new Map(held.map((each) => [each.id, { ...each, stored: each.revision, isGone: false }]));

  for (const [status, id] of touched.reverse()) {
    const contact = contacts.get(id);
    if (status === 'updated') {
      const [, revision, document, isFirst] = updated.pop()!;
      const isOurs = contact?.revision === revision + 1;
      if (isOurs) Object.assign(contact, { revision, document });
      // A contact that several rows changed is counted with the first of them, which is undone last.
      if (isFirst) counts[isOurs ? 'restored' : 'left_alone']++;
    } else if (contact !== undefined) {
      contact.isGone = contact.revision === 1;
      counts[contact.isGone ? 'deleted' : 'left_alone']++;
    }
  }

  const all = [...contacts.values()];
  const now = formatDate();
  const changed = all.filter(({ isGone, stored, revision }) => !isGone && stored !== revision);
  await updateContacts(
    query,
    audience_id,
    changed.map(({ document, stored, revision, import_id, import_line, import_changed }) => ({
      contact: { ...readDocument(document), update_date: now },
      revision: revision - stored,
      importId: import_id,
      importLine: import_line,
      importChanged: import_changed,
    })),
  );
  await removeContacts(
    query,
    audience_id,
    all.filter(({ isGone }) => isGone).map(({ id }) => id),
  );
}

type Change = ['created' | 'updated', id: string, repeats: number];

function isChange(fate: StoredFate): fate is Change {
  return fate !== 0 && (fate[0] === 'created' || fate[0] === 'updated');
}

interface Held {
  id: string;
  revision: number;
  document: string;
  import_id: string | null;
  import_line: number | null;
  import_changed: boolean | null;
}

const HOLD_WITH_MARKS = lookingUp('id, revision, document, import_id, import_line, import_changed', 'id', true);

async function requireAudience(query: Query, { audience_id, import: { account_id } }: ImportRecord): Promise<void> {
  const [row] = await query<{ is_known: boolean }>(`SELECT ${IS_KNOWN} AS is_known`, [audience_id, account_id]);
  if (!row!.is_known) throw failure(1301);
}
