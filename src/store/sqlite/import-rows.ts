import { type Contact, documentId, readDocument, writeDocument } from '../../core/contact-document.ts';
import type { ContactDetails } from '../../core/contact-fields.ts';
import { type ImportRow, judgeRow, type Refusal } from '../../core/import-job.ts';
import type { ContactHand, WriterAudience } from './contact-writer.ts';
import type { ImportRecord, ImportStatements } from './import-records.ts';

/**
 * What became of a row, as a batch keeps it: 0 when the file refused it, a refusal of the store's, or the contact's row
 * number after the first letter of the status, with the line it repeats.
 */
export type StoredFate = 0 | ['refused', Refusal] | [StoredStatus, no: number, repeats: number];
type StoredStatus = 'created' | 'updated' | 'unchanged' | 'skipped' | 'removed';

/** What it takes to undo a batch, in the order of its changes. */
export interface StoredUndo {
  updated: [no: number, revision: number, document: string, isFirst: boolean][];
  removed: [no: number, revision: number, document: string][];
}

/** What an import does with the rows of a batch, and how a batch is taken back. */
export function makeImportRows(sql: ImportStatements, hand: ContactHand) {
  /** Judges a row without changing a contact. */
  function rehearseRow(
    record: ImportRecord,
    audience: WriterAudience,
    row: ImportRow & { refusal?: undefined },
  ): StoredFate {
    const { number } = row.contact;
    const contact = hand.metByNumber(audience, number);
    const earlier = sql.number.get(record.no, record.pass, number) as
      | { line: number; document: string | null }
      | undefined;
    if (earlier === undefined && contact !== undefined) record.import.met++;
    const text = earlier?.document ?? contact?.document;
    const existing = text === undefined ? undefined : readDocument(text);
    const judgement = judgeRow<ContactDetails>(existing, row.contact, record.import);
    if (judgement.status === 'refused') return ['refused', judgement.refusal];
    const after = 'after' in judgement ? writeDocument(pretend(judgement.after)) : null;
    if (earlier === undefined) sql.addNumber.run(record.no, record.pass, number, row.line, after);
    else if (after !== null) sql.changeNumber.run(after, record.no, record.pass, number);
    return [judgement.status, contact?.no ?? 0, earlier?.line ?? 0];
  }

  function applyRow(
    record: ImportRecord,
    audience: WriterAudience,
    row: ImportRow & { refusal?: undefined },
    undo: StoredUndo,
  ): StoredFate {
    const met = hand.metByNumber(audience, row.contact.number);
    const isMeant = met !== undefined && (row.id === undefined || documentId(met.document) === row.id);
    const contact = isMeant ? met : undefined;
    const isRepeat = contact?.import_no === record.no;
    const existing = contact && readDocument(contact.document);
    const judgement = judgeRow<ContactDetails>(existing, row.contact, record.import);
    if (judgement.status === 'refused') return ['refused', judgement.refusal];
    if (contact === undefined && judgement.status === 'skipped') return ['skipped', 0, 0];
    if (contact === undefined) {
      const { after } = judgement as { after: ContactDetails };
      return ['created', hand.insert(audience, after, { import: record.no, line: row.line }), 0];
    }
    if (!isRepeat) record.import.met++;
    if (judgement.status === 'removed') {
      undo.removed.push([contact.no, contact.revision, contact.document]);
      hand.remove(audience, contact);
      return ['removed', contact.no, 0];
    }
    const line = isRepeat ? contact.import_line! : row.line;
    if (judgement.status === 'updated') {
      const isFirst = !isRepeat || contact.import_changed !== 1;
      undo.updated.push([contact.no, contact.revision, contact.document, isFirst]);
      hand.change(audience, contact, existing!, { ...existing!, ...judgement.after }, { import: record.no, line });
    } else if (!isRepeat) {
      hand.mark(contact, { import: record.no, line });
    }
    return [judgement.status as StoredStatus, contact.no, isRepeat ? line : 0];
  }

  function addBatch(
    record: ImportRecord,
    first: number,
    fates: StoredFate[],
    cells: Uint8Array,
    undo: StoredUndo,
  ): void {
    const counts = { created: 0, updated: 0, unchanged: 0, skipped: 0, refused: 0, removed: 0 };
    for (const fate of fates) counts[fate === 0 ? 'refused' : fate[0]]++;
    const { created, updated, unchanged, skipped, refused } = counts;
    for (const [name, count] of Object.entries(counts)) record.import[name as keyof typeof counts] += count;
    const hasUndo = undo.updated.length + undo.removed.length > 0;
    sql.addBatch.run(
      record.no,
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
    );
  }

  /** Takes back one update; whether nobody had changed the contact since. */
  function undoUpdate(audience: WriterAudience, [no, revision, document]: StoredUndo['updated'][number]): boolean {
    const contact = hand.metByNo(no);
    if (contact === undefined || contact.revision !== revision + 1) return false;
    hand.restore(audience, contact, readDocument(document), revision);
    return true;
  }

  function undoBatch(
    record: ImportRecord,
    audience: WriterAudience,
    batch: { fates: string; undo: string | null },
  ): void {
    const fates: StoredFate[] = JSON.parse(batch.fates);
    const { updated, removed }: StoredUndo =
      batch.undo === null ? { updated: [], removed: [] } : JSON.parse(batch.undo);
    const counts = record.import.undo!;
    for (const [no, revision, document] of removed) {
      if (hand.putBack(audience, no, revision, readDocument(document))) counts.restored++;
      else counts.left_alone++;
    }
    for (const fate of fates.reverse()) {
      if (fate === 0 || (fate[0] !== 'created' && fate[0] !== 'updated')) continue;
      if (fate[0] === 'updated') {
        const change = updated.pop()!;
        const isDone = undoUpdate(audience, change);
        // A contact that several rows changed is counted with the first of them, which is undone last.
        if (change[3]) counts[isDone ? 'restored' : 'left_alone']++;
        continue;
      }
      const contact = hand.metByNo(fate[1] as number);
      if (contact === undefined) continue;
      if (contact.revision === 1) {
        hand.remove(audience, contact);
        counts.deleted++;
      } else {
        counts.left_alone++;
      }
    }
  }

  return { rehearseRow, applyRow, addBatch, undoBatch };
}

/** A contact that a rehearsal would have made. */
function pretend(details: ContactDetails): Contact {
  return { id: NOBODY, create_date: '', update_date: '', ...details };
}
const NOBODY = '00000000-0000-0000-0000-000000000000';
