import { type Contact, readDocument, writeDocument } from '../../core/contact-document.ts';
import type { ContactDetails } from '../../core/contact-fields.ts';
import { formatDate } from '../../core/dates.ts';
import { type ErrorCode, failure } from '../../core/errors.ts';
import {
  type Import,
  type ImportBatch,
  type ImportLayout,
  type ImportOptions,
  type ImportPhase,
  type ImportRow,
  isOpen,
  type JobSignal,
  judgeRow,
  noCounts,
  type Refusal,
} from '../../core/import-job.ts';
import type { ContactHand, MetContact, WriterAudience } from './contact-writer.ts';
import type { DatabaseSync } from './database.ts';

/** Contacts removed, and rows looked at for that, in one transaction. */
const REMOVE_ROWS = 500;
const SCAN_ROWS = 4000;

/** An import as its row holds it. */
interface ImportRecord {
  no: number;
  audience_no: number;
  status: Import['status'] | 'uploading' | 'abandoned';
  pass: number;
  batches: number;
  cursor: number;
  last_no: number;
  is_cancelled: number;
  owner: string | null;
  lease_until: number;
  finished: number | null;
  has_garbage: number;
  document: string;
  import: Import;
}

/**
 * What became of a row, as a batch keeps it: 0 when the file refused it, a refusal of the store's, or the contact's row
 * number after the first letter of the status, with the line it repeats.
 */
export type StoredFate = 0 | ['refused', Refusal] | [StoredStatus, no: number, repeats: number];
type StoredStatus = 'created' | 'updated' | 'unchanged' | 'skipped';

/** What it takes to undo a batch, in the order of its changes. */
interface StoredUndo {
  updated: [no: number, revision: number, document: string, isFirst: boolean][];
  removed: [no: number, revision: number, document: string][];
}

/** All that writes imports. As the writer's other operations they check before they write. */
export function makeImportWriter(db: DatabaseSync, hand: ContactHand) {
  const sql = prepareStatements(db);

  function find(importId: string): ImportRecord {
    const record = sql.find.get(importId) as ImportRecord | undefined;
    if (record === undefined) throw failure(9020);
    return { ...record, import: JSON.parse(record.document) };
  }

  function ofAudience(accountId: string, audienceId: string, importId: string): ImportRecord {
    const audience = hand.audienceOf(accountId, audienceId);
    const record = find(importId);
    const isVisible = record.status !== 'uploading' && record.status !== 'abandoned';
    if (record.audience_no !== audience.no || !isVisible) throw failure(9020);
    return record;
  }

  /** The import while this owner works on it, else what it is to do. */
  function held(importId: string, owner: string): ImportRecord | JobSignal {
    const row = sql.find.get(importId) as ImportRecord | undefined;
    if (row === undefined || row.owner !== owner || row.status !== 'running') return 'lost';
    const record = { ...row, import: JSON.parse(row.document) };
    if (record.is_cancelled === 0) return record;
    end(record, 'cancelled');
    return 'stopped';
  }

  function save(record: ImportRecord): void {
    const { status, phase } = record.import;
    const kept = record.status === 'uploading' || record.status === 'abandoned' ? record.status : status;
    sql.save.run(
      kept,
      phase,
      record.pass,
      record.batches,
      record.cursor,
      record.last_no,
      record.is_cancelled,
      record.owner,
      record.lease_until,
      record.finished,
      record.has_garbage,
      JSON.stringify(record.import),
      record.no,
    );
  }

  function end(record: ImportRecord, status: Import['status']): void {
    Object.assign(record.import, { status, finish_date: formatDate() });
    record.status = status;
    record.is_cancelled = 0;
    record.owner = null;
    record.lease_until = 0;
    record.finished = Date.now();
    // What a rehearsal noted of numbers is of no use any more.
    record.has_garbage = 1;
    save(record);
  }

  /** Puts the import in the line of those that wait. */
  function requeue(record: ImportRecord, phase: ImportPhase): Import {
    Object.assign(record.import, { status: 'queued', phase, error: null, start_date: null, finish_date: null });
    record.status = 'queued';
    record.finished = null;
    record.has_garbage = 1;
    save(record);
    return record.import;
  }

  /** Begins the file again, with nothing counted. */
  function beginPass(record: ImportRecord, phase: ImportPhase): void {
    Object.assign(record.import, noCounts(), { phase, bytes_done: 0, met: 0 });
    record.pass++;
    record.batches = 0;
    record.cursor = 0;
    record.has_garbage = 1;
  }

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
    const contact = hand.metByNumber(audience, row.contact.number);
    const isRepeat = contact?.import_no === record.no;
    const existing = contact && readDocument(contact.document);
    const judgement = judgeRow<ContactDetails>(existing, row.contact, record.import);
    if (judgement.status === 'refused') return ['refused', judgement.refusal];
    if (contact === undefined) {
      const { after } = judgement as { after: ContactDetails };
      return ['created', hand.insert(audience, after, { import: record.no, line: row.line }), 0];
    }
    if (!isRepeat) record.import.met++;
    const line = isRepeat ? contact.import_line! : row.line;
    if (judgement.status === 'updated') {
      const isFirst = !isRepeat || contact.import_changed !== 1;
      undo.updated.push([contact.no, contact.revision, contact.document, isFirst]);
      hand.change(contact, existing!, { ...existing!, ...judgement.after }, { import: record.no, line });
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
    const counts = { created: 0, updated: 0, unchanged: 0, skipped: 0, refused: 0 };
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
  function undoUpdate([no, revision, document]: StoredUndo['updated'][number]): boolean {
    const contact = hand.metByNo(no);
    if (contact === undefined || contact.revision !== revision + 1) return false;
    hand.restore(contact, readDocument(document), revision);
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
        const isDone = undoUpdate(change);
        // A contact that several rows changed is counted with the first of them, which is undone last.
        if (change[3]) counts[isDone ? 'restored' : 'left_alone']++;
        continue;
      }
      const contact = hand.metByNo(fate[1] as number);
      if (contact === undefined) continue;
      if (contact.revision === 1) {
        hand.remove(audience, contact.no);
        counts.deleted++;
      } else {
        counts.left_alone++;
      }
    }
  }

  const operations = {
    beginImport(accountId: string, audienceId: string, options: ImportOptions, fileName: string | null): string {
      const audience = hand.audienceOf(accountId, audienceId);
      const last = sql.last.get(accountId) as { id: string } | undefined;
      const begun: Import = {
        id: hand.makeId(last?.id),
        account_id: accountId,
        audience_id: audienceId,
        ...options,
        name: options.name ?? fileName,
        status: 'queued',
        phase: options.dry_run || options.mode === 'replace' ? 'rehearse' : 'apply',
        file: { name: fileName, bytes: 0, sha256: '' },
        layout: null,
        ...noCounts(),
        rows_total: null,
        bytes_done: 0,
        met: 0,
        undo: null,
        error: null,
        create_date: formatDate(),
        start_date: null,
        finish_date: null,
        is_expired: false,
      };
      sql.insert.run(begun.id, accountId, audienceId, audience.no, begun.phase, JSON.stringify(begun));
      return begun.id;
    },

    appendToImport(importId: string, sequence: number, bytes: Uint8Array): void {
      const record = find(importId);
      if (record.status !== 'uploading') throw failure(9020);
      sql.addChunk.run(record.no, sequence, bytes);
    },

    queueImport(importId: string, bytes: number, sha256: string): Import {
      const record = find(importId);
      if (record.status !== 'uploading') throw failure(9020);
      hand.audienceOf(record.import.account_id, record.import.audience_id);
      Object.assign(record.import.file, { bytes, sha256 });
      record.status = 'queued';
      save(record);
      return record.import;
    },

    abandonImport(importId: string): void {
      sql.abandon.run(importId);
    },

    runImport(accountId: string, audienceId: string, importId: string): Import {
      const record = ofAudience(accountId, audienceId, importId);
      const found = record.import;
      if (!found.dry_run || found.status !== 'completed') {
        throw failure(9022, undefined, 'Only a dry run that is completed can be run');
      }
      requireData(found);
      found.dry_run = false;
      const phase = found.mode === 'replace' ? 'rehearse' : 'apply';
      beginPass(record, phase);
      return requeue(record, phase);
    },

    undoImport(accountId: string, audienceId: string, importId: string): Import {
      const record = ofAudience(accountId, audienceId, importId);
      const found = record.import;
      if (isOpen(found.status)) throw failure(9022, undefined, 'The import is not over: cancel it, or wait');
      if (found.status === 'undone') throw failure(9022, undefined, 'The import is undone already');
      const hasChanged = !found.dry_run && found.phase !== 'rehearse';
      if (!hasChanged) throw failure(9022, undefined, 'The import has changed nothing that could be undone');
      requireData(found);
      found.undo ??= { deleted: 0, restored: 0, left_alone: 0 };
      record.cursor = record.batches;
      return requeue(record, 'undo');
    },

    cancelImport(accountId: string, audienceId: string, importId: string): Import {
      const record = ofAudience(accountId, audienceId, importId);
      const { status, phase } = record.import;
      if (!isOpen(status)) throw failure(9022, undefined, `The import is ${status}: there is nothing to cancel`);
      if (phase === 'undo') throw failure(9022, undefined, 'An undo goes on to its end');
      if (status === 'queued') {
        end(record, 'cancelled');
      } else {
        record.is_cancelled = 1;
        save(record);
      }
      return record.import;
    },

    claimImport(owner: string, lease: number): Import | undefined {
      const now = Date.now();
      const row = sql.claimable.get(now) as { id: string } | undefined;
      if (row === undefined) return undefined;
      const record = find(row.id);
      record.owner = owner;
      record.lease_until = now + lease;
      record.status = 'running';
      record.import.status = 'running';
      record.import.start_date ??= formatDate();
      save(record);
      return record.import;
    },

    renewImport(importId: string, owner: string, lease: number): JobSignal {
      const record = held(importId, owner);
      if (typeof record === 'string') return record;
      record.lease_until = Date.now() + lease;
      save(record);
      return 'go on';
    },

    releaseImport(importId: string, owner: string): void {
      const record = held(importId, owner);
      if (typeof record === 'string') return;
      record.lease_until = 0;
      record.owner = null;
      save(record);
    },

    describeImport(importId: string, owner: string, layout: ImportLayout): JobSignal {
      const record = held(importId, owner);
      if (typeof record === 'string') return record;
      record.import.layout = layout;
      save(record);
      return 'go on';
    },

    applyImport(importId: string, owner: string, batch: ImportBatch): JobSignal {
      const record = held(importId, owner);
      if (typeof record === 'string') return record;
      const found = record.import;
      if (found.rows_done !== batch.from) return 'lost';
      const audience = hand.audienceOf(found.account_id, found.audience_id);
      if (batch.from === 0) record.last_no = hand.lastNo(audience);
      const undo: StoredUndo = { updated: [], removed: [] };
      const isRehearsal = found.phase === 'rehearse';
      const fates = batch.rows.map((row): StoredFate => {
        const fate =
          row.refusal !== undefined
            ? 0
            : isRehearsal
              ? rehearseRow(record, audience, row)
              : applyRow(record, audience, row, undo);
        const refusal = row.refusal ?? (fate !== 0 && fate[0] === 'refused' ? (fate[1] as Refusal) : undefined);
        if (refusal !== undefined) {
          found.refused_by_code[refusal.code] = (found.refused_by_code[refusal.code] ?? 0) + 1;
        }
        return fate;
      });
      if (fates.length > 0) addBatch(record, batch.from + 1, fates, batch.cells, undo);
      found.rows_done += fates.length;
      found.bytes_done = batch.bytes;
      if (batch.isLast) {
        found.rows_total = found.rows_done;
        if (isRehearsal && found.mode === 'replace') found.removed = Math.max(0, audience.count - found.met);
      }
      save(record);
      return 'go on';
    },

    enterImportPhase(importId: string, owner: string, phase: ImportPhase): JobSignal {
      const record = held(importId, owner);
      if (typeof record === 'string') return record;
      if (phase === 'apply') beginPass(record, phase);
      if (phase === 'remove') {
        record.import.phase = phase;
        record.cursor = 0;
      }
      save(record);
      return 'go on';
    },

    removeSomeByImport(importId: string, owner: string): { signal: JobSignal; hasMore: boolean } {
      const record = held(importId, owner);
      if (typeof record === 'string') return { signal: record, hasMore: false };
      const found = record.import;
      const audience = hand.audienceOf(found.account_id, found.audience_id);
      const from = Math.max(record.cursor, hand.firstNo(audience) - 1);
      const rows = sql.scan.all(from, record.last_no, SCAN_ROWS) as unknown as MetContact[];
      const undo: StoredUndo = { updated: [], removed: [] };
      for (const { no, revision, import_no } of rows) {
        if (undo.removed.length === REMOVE_ROWS) break;
        record.cursor = no;
        if (import_no === record.no) continue;
        undo.removed.push([no, revision, hand.metByNo(no)!.document]);
        hand.remove(audience, no);
      }
      if (undo.removed.length > 0) addBatch(record, found.rows_done + 1, [], new Uint8Array(0), undo);
      found.removed += undo.removed.length;
      const hasMore = undo.removed.length === REMOVE_ROWS || rows.length === SCAN_ROWS;
      save(record);
      return { signal: 'go on', hasMore };
    },

    undoSomeOfImport(importId: string, owner: string): { signal: JobSignal; hasMore: boolean } {
      const record = held(importId, owner);
      if (typeof record === 'string') return { signal: record, hasMore: false };
      if (record.cursor === 0) return { signal: 'go on', hasMore: false };
      const { account_id, audience_id } = record.import;
      const audience = hand.audienceOf(account_id, audience_id);
      record.cursor--;
      const batch = sql.batch.get(record.no, record.pass, record.cursor) as { fates: string; undo: string | null };
      undoBatch(record, audience, batch);
      save(record);
      return { signal: 'go on', hasMore: record.cursor > 0 };
    },

    finishImport(
      importId: string,
      owner: string,
      status: 'completed' | 'failed' | 'undone',
      error?: { code: ErrorCode; message: string },
    ): void {
      const record = held(importId, owner);
      if (typeof record === 'string') return;
      record.import.error = error ?? null;
      end(record, status);
    },

    expireImports(retention: number): void {
      for (const { id } of sql.expired.all(Date.now() - retention) as { id: string }[]) {
        const record = find(id);
        record.import.is_expired = true;
        record.has_garbage = 1;
        save(record);
      }
    },
  };

  return {
    operations,

    /** For a server that has the store alone: whoever worked on imports, or uploaded them, is gone. */
    takeOver(): void {
      sql.freeLeases.run();
      sql.abandonUploads.run();
    },

    hasGarbage: () => sql.garbage.get() !== undefined,

    /** Removes some of what no import needs any more, in the transaction it is called in; whether there was something. */
    purge(): boolean {
      const found = sql.garbage.get() as { no: number; pass: number; status: string; document: string } | undefined;
      if (found === undefined) return false;
      const isGone = found.status === 'abandoned' || (JSON.parse(found.document) as Import).is_expired;
      // The numbers of a rehearsal are needed while it goes on, batches as long as there may be an undo.
      const isOver = !isOpen(found.status as Import['status']);
      const removed = [
        sql.purgeNumbers.run(found.no, isOver ? found.pass + 1 : found.pass),
        sql.purgeBatches.run(found.no, isGone ? found.pass + 1 : found.pass),
        isGone ? sql.purgeChunks.run(found.no) : { changes: 0 },
      ];
      if (removed.some(({ changes }) => changes > 0)) return true;
      if (found.status === 'abandoned') sql.forget.run(found.no);
      else sql.isClean.run(found.no);
      return true;
    },
  };
}

function requireData({ is_expired }: Import): void {
  if (is_expired) throw failure(9022, undefined, "The import's file and undo data are no longer kept");
}

/** A contact that a rehearsal would have made. */
function pretend(details: ContactDetails): Contact {
  return { id: NOBODY, create_date: '', update_date: '', ...details };
}
const NOBODY = '00000000-0000-0000-0000-000000000000';

function prepareStatements(db: DatabaseSync) {
  return {
    find: db.prepare('SELECT * FROM imports WHERE id = ?'),
    last: db.prepare('SELECT id FROM imports WHERE account_id = ? ORDER BY id DESC LIMIT 1'),
    insert: db.prepare(
      `INSERT INTO imports (id, account_id, audience_id, audience_no, status, phase, pass, batches, cursor, last_no,
         is_cancelled, lease_until, has_garbage, document)
       VALUES (?, ?, ?, ?, 'uploading', ?, 1, 0, 0, 0, 0, 0, 0, ?)`,
    ),
    save: db.prepare(
      `UPDATE imports SET status = ?, phase = ?, pass = ?, batches = ?, cursor = ?, last_no = ?, is_cancelled = ?,
         owner = ?, lease_until = ?, finished = ?, has_garbage = ?, document = ?
       WHERE no = ?`,
    ),
    abandon: db.prepare(
      "UPDATE imports SET status = 'abandoned', has_garbage = 1 WHERE id = ? AND status = 'uploading'",
    ),
    abandonUploads: db.prepare("UPDATE imports SET status = 'abandoned', has_garbage = 1 WHERE status = 'uploading'"),
    freeLeases: db.prepare("UPDATE imports SET lease_until = 0 WHERE status = 'running'"),
    forget: db.prepare('DELETE FROM imports WHERE no = ?'),
    // An audience's imports run one after the other, the oldest first.
    claimable: db.prepare(
      `SELECT id FROM imports AS i
       WHERE status IN ('queued', 'running') AND lease_until < ?1 AND NOT EXISTS (
         SELECT 1 FROM imports AS o
         WHERE o.status IN ('queued', 'running') AND o.audience_no = i.audience_no AND o.no <> i.no
           AND (o.no < i.no OR (o.status = 'running' AND o.lease_until >= ?1)))
       ORDER BY no LIMIT 1`,
    ),
    expired: db.prepare(
      "SELECT id FROM imports WHERE finished < ? AND json_extract(document, '$.is_expired') = 0 ORDER BY no LIMIT 100",
    ),
    addChunk: db.prepare('INSERT INTO import_chunks (import_no, sequence, bytes) VALUES (?, ?, ?)'),
    number: db.prepare('SELECT line, document FROM import_numbers WHERE import_no = ? AND pass = ? AND number = ?'),
    addNumber: db.prepare(
      'INSERT INTO import_numbers (import_no, pass, number, line, document) VALUES (?, ?, ?, ?, ?)',
    ),
    changeNumber: db.prepare('UPDATE import_numbers SET document = ? WHERE import_no = ? AND pass = ? AND number = ?'),
    addBatch: db.prepare(
      `INSERT INTO import_batches (import_no, pass, batch, first_row, rows, created, updated, unchanged, skipped, refused,
         fates, cells, undo)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    ),
    batch: db.prepare('SELECT fates, undo FROM import_batches WHERE import_no = ? AND pass = ? AND batch = ?'),
    scan: db.prepare('SELECT no, revision, import_no FROM contacts WHERE no > ? AND no <= ? ORDER BY no LIMIT ?'),
    garbage: db.prepare('SELECT no, pass, status, document FROM imports WHERE has_garbage = 1 ORDER BY no LIMIT 1'),
    isClean: db.prepare('UPDATE imports SET has_garbage = 0 WHERE no = ?'),
    purgeNumbers: db.prepare(
      `DELETE FROM import_numbers WHERE import_no = ?1 AND (pass, number) IN (
         SELECT pass, number FROM import_numbers WHERE import_no = ?1 AND pass < ?2 LIMIT 2000)`,
    ),
    purgeBatches: db.prepare(
      `DELETE FROM import_batches WHERE no IN (
         SELECT no FROM import_batches WHERE import_no = ?1 AND pass < ?2 LIMIT 20)`,
    ),
    purgeChunks: db.prepare(
      'DELETE FROM import_chunks WHERE no IN (SELECT no FROM import_chunks WHERE import_no = ? LIMIT 8)',
    ),
  };
}
