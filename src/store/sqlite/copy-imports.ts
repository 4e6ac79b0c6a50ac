/** Imports on their way from store to store: here they name contacts by row numbers, elsewhere by ids. */
import { documentId } from '../../core/contact-document.ts';
import type { CopyRecord } from '../../core/copy.ts';
import type { ContactsLoader, ContactsReader } from './copy-contacts.ts';
import type { DatabaseSync } from './database.ts';
import type { StoredFate, StoredUndo } from './import-rows.ts';

/** Fates and undo data as they travel. An id is empty where there was no contact. */
type CopiedFate = 0 | ['refused', unknown] | [status: string, id: string, repeats: number];
interface CopiedUndo {
  updated: [id: string, revision: number, document: string, isFirst: boolean][];
  removed: [revision: number, document: string][];
}

/** An id that nothing has: of a contact that is gone for good. */
const NOBODY = '00000000-0000-0000-0000-000000000000';

/** A batch as it travels. */
export function exportBatch(contacts: ContactsReader, audienceId: string, record: CopyRecord): CopyRecord {
  const fates = (JSON.parse(record.fates as string) as StoredFate[]).map((fate): CopiedFate => {
    if (fate === 0 || fate[0] === 'refused') return fate;
    const [status, no, repeats] = fate;
    return [status, no === 0 ? '' : (contacts.idAt(audienceId, no) ?? NOBODY), repeats];
  });
  if (record.undo === null) return { ...record, fates: JSON.stringify(fates) };
  const { updated, removed } = JSON.parse(record.undo as string) as StoredUndo;
  const undo: CopiedUndo = {
    updated: updated.map(([, revision, document, isFirst]) => [documentId(document), revision, document, isFirst]),
    removed: removed.map(([, revision, document]) => [revision, document]),
  };
  return { ...record, fates: JSON.stringify(fates), undo: JSON.stringify(undo) };
}

/** A batch as it is kept here. */
export function importBatch(contacts: ContactsLoader, audienceId: string, record: CopyRecord): CopyRecord {
  const noOf = (id: string) => (id === '' ? 0 : contacts.noOf(audienceId, id));
  const fates = (JSON.parse(record.fates as string) as CopiedFate[]).map((fate) => {
    if (fate === 0 || fate[0] === 'refused') return fate;
    const [status, id, repeats] = fate as [string, string, number];
    return [status, noOf(id), repeats];
  });
  if (record.undo === null) return { ...record, fates: JSON.stringify(fates) };
  const { updated, removed } = JSON.parse(record.undo as string) as CopiedUndo;
  const undo: StoredUndo = {
    updated: updated.map(([id, revision, document, isFirst]) => [noOf(id), revision, document, isFirst]),
    removed: removed.map(([revision, document]) => [noOf(documentId(document)), revision, document]),
  };
  return { ...record, fates: JSON.stringify(fates), undo: JSON.stringify(undo) };
}

/** Writes an import's record; once more when its audience's contacts are there. */
export function makeImportsLoader(db: DatabaseSync, contacts: ContactsLoader) {
  const insert = db.prepare(
    `INSERT INTO imports (id, account_id, audience_id, audience_no, status, phase, pass, batches, cursor, last_no, is_cancelled,
       lease_until, finished, has_garbage, document)
     VALUES (?, ?, ?3, (SELECT no FROM audiences WHERE id = ?3), ?, ?, ?, ?, ?, ?, ?, 0, ?, 0, ?)
     ON CONFLICT (id) DO UPDATE SET cursor = excluded.cursor, last_no = excluded.last_no`,
  );
  return (audienceId: string, record: CopyRecord): void => {
    const { id, account_id, status, phase, pass, batches, batches_left, finished, document } = record;
    const removedTo = contacts.lastUpTo(audienceId, record.removed_to as string | null);
    const cursor = phase === 'undo' ? batches_left! : removedTo;
    const lastNo = contacts.lastUpTo(audienceId, record.last_id as string | null);
    const isCancelled = Number(record.is_cancelled);
    insert.run(
      id as string,
      account_id as string,
      audienceId,
      status as string,
      phase as string,
      pass as number,
      batches as number,
      cursor as number,
      lastNo,
      isCancelled,
      finished as number | null,
      document as string,
    );
  };
}
