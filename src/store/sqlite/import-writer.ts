import { formatDate } from '../../core/dates.ts';
import { type ErrorCode, failure } from '../../core/errors.ts';
import {
  type Import,
  type ImportBatch,
  type ImportLayout,
  type ImportOptions,
  type ImportPhase,
  isOpen,
  type JobSignal,
  noCounts,
  type Refusal,
} from '../../core/import-job.ts';
import type { ContactHand, MetContact } from './contact-writer.ts';
import type { DatabaseSync } from './database.ts';
import { makeImportRecords } from './import-records.ts';
import { makeImportRows, type StoredFate, type StoredUndo } from './import-rows.ts';

/** Contacts removed, and rows looked at for that, in one transaction. */
const REMOVE_ROWS = 500;
const SCAN_ROWS = 4000;

/** All that writes imports. As the writer's other operations they check before they write. */
export function makeImportWriter(db: DatabaseSync, hand: ContactHand) {
  const { sql, find, ofAudience, held, save, end, requeue, beginPass } = makeImportRecords(db, hand);
  const { rehearseRow, applyRow, addBatch, undoBatch } = makeImportRows(sql, hand);

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
      // An undo that failed on its way goes on where it was.
      if (found.phase !== 'undo') record.cursor = record.batches;
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
      hand.findNumbers(
        audience,
        batch.rows.flatMap((row) => (row.refusal === undefined ? [row.contact.number] : [])),
      );
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
        const { document } = hand.metByNo(no)!;
        undo.removed.push([no, revision, document]);
        hand.remove(audience, { no, document });
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
