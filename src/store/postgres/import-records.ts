import { formatDate } from '../../core/dates.ts';
import { failure } from '../../core/errors.ts';
import { type Import, type ImportPhase, type JobSignal, noCounts } from '../../core/import-job.ts';
import type { Query } from './database.ts';

/** An import as its row holds it. */
export interface ImportRecord {
  audience_id: string;
  id: string;
  status: Import['status'] | 'uploading' | 'abandoned';
  pass: number;
  batches: number;
  /** Batches that an undo has still to take back. */
  batches_left: number;
  /** The last contact that removing has looked at. */
  removed_to: string | null;
  /** The audience's last contact when the pass began. */
  last_id: string | null;
  is_cancelled: boolean;
  owner: string | null;
  is_finished: boolean;
  has_garbage: boolean;
  import: Import;
}

type RecordRow = Omit<ImportRecord, 'import'> & { document: string };

/** The import, held to the end of the transaction; undefined when there is none. */
export function holdImport(query: Query, audienceId: string, importId: string): Promise<ImportRecord | undefined> {
  return findImport(query, HOLD, audienceId, importId);
}

/** The import as it is now. */
export function readImport(query: Query, audienceId: string, importId: string): Promise<ImportRecord | undefined> {
  return findImport(query, READ, audienceId, importId);
}

async function findImport(query: Query, text: string, audienceId: string, importId: string) {
  const [row] = await query<RecordRow>(text, [audienceId, importId]);
  if (row === undefined) return undefined;
  const { document, ...record } = row;
  return { ...record, import: JSON.parse(document) };
}

/** Whether this owner works on the import. */
export function isOwn(record: ImportRecord | undefined, owner: string): record is ImportRecord {
  return record !== undefined && record.owner === owner && record.status === 'running';
}

/** The import while this owner works on it, else what the owner is to do. */
export async function holdOwn(
  query: Query,
  audienceId: string,
  importId: string,
  owner: string,
): Promise<ImportRecord | JobSignal> {
  const record = await holdImport(query, audienceId, importId);
  if (!isOwn(record, owner)) return 'lost';
  if (!record.is_cancelled) return record;
  endImport(record, 'cancelled');
  await saveImport(query, record, 0);
  return 'stopped';
}

/** @param lease milliseconds from now on that it is its owner's; without it that stays as it is. */
export async function saveImport(query: Query, record: ImportRecord, lease: number | null = null): Promise<void> {
  const { phase, is_expired } = record.import;
  await query(SAVE, [
    record.audience_id,
    record.id,
    record.status,
    phase,
    record.pass,
    record.batches,
    record.batches_left,
    record.removed_to,
    record.last_id,
    record.is_cancelled,
    record.owner,
    lease,
    record.is_finished,
    is_expired,
    record.has_garbage,
    JSON.stringify(record.import),
  ]);
}

/** Ends the import; to be saved without a lease. */
export function endImport(record: ImportRecord, status: Import['status']): void {
  Object.assign(record.import, { status, finish_date: formatDate() });
  record.status = status;
  record.is_cancelled = false;
  record.owner = null;
  record.is_finished = true;
  // What a rehearsal noted of numbers is of no use any more.
  record.has_garbage = true;
}

/** Puts the import in the line of those that wait. */
export function requeueImport(record: ImportRecord, phase: ImportPhase): void {
  Object.assign(record.import, { status: 'queued', phase, error: null, start_date: null, finish_date: null });
  record.status = 'queued';
  record.is_finished = false;
  record.has_garbage = true;
}

/** Begins the file again, with nothing counted. */
export function beginPass(record: ImportRecord, phase: ImportPhase): void {
  Object.assign(record.import, noCounts(), { phase, bytes_done: 0, met: 0 });
  record.pass++;
  record.batches = 0;
  record.batches_left = 0;
  record.removed_to = null;
  record.has_garbage = true;
}

export function requireData({ is_expired }: Import): void {
  if (is_expired) throw failure(9022, undefined, "The import's file and undo data are no longer kept");
}

const READ = `
  SELECT audience_id, id, status, pass, batches, batches_left, removed_to, last_id, is_cancelled, owner,
    finished_at IS NOT NULL AS is_finished, has_garbage, document
  FROM imports WHERE audience_id = $1 AND id = $2`;
const HOLD = `${READ} FOR UPDATE`;

const SAVE = `
  UPDATE imports SET
    status = $3, phase = $4, pass = $5, batches = $6, batches_left = $7, removed_to = $8, last_id = $9, is_cancelled = $10,
    owner = $11,
    lease_until = coalesce(
      CASE WHEN $12::float8 = 0 THEN '-infinity' ELSE clock_timestamp() + $12 * interval '1 millisecond' END, lease_until),
    finished_at = CASE WHEN $13::boolean THEN coalesce(finished_at, clock_timestamp()) END,
    is_expired = $14, has_garbage = $15, document = $16
  WHERE audience_id = $1 AND id = $2`;
