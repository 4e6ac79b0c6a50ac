import { formatDate } from '../../core/dates.ts';
import { failure } from '../../core/errors.ts';
import { type Import, type ImportPhase, type JobSignal, noCounts } from '../../core/import-job.ts';
import type { ContactHand } from './contact-writer.ts';
import type { DatabaseSync } from './database.ts';

/** An import as its row holds it. */
export interface ImportRecord {
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

export type ImportStatements = ReturnType<typeof prepareStatements>;

/** The rows of imports: finding them, and moving them from state to state. */
export function makeImportRecords(db: DatabaseSync, hand: ContactHand) {
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

  return { sql, find, ofAudience, held, save, end, requeue, beginPass };
}

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
