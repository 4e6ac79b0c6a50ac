/** Imports as the API knows them: uploads, states, and what may be asked of them. */
import { formatDate } from '../../core/dates.ts';
import { failure } from '../../core/errors.ts';
import { type Import, isOpen, noCounts } from '../../core/import-job.ts';
import type { Store, Terms } from '../../core/store.ts';
import { type Database, type Query, surely } from './database.ts';
import { IS_KNOWN } from './fragments.ts';
import type { Write } from './idempotency.ts';
import { idAt, idOrNobody } from './ids.ts';
import type { ImportPlaces } from './import-places.ts';
import {
  beginPass,
  endImport,
  holdImport,
  type ImportRecord,
  requeueImport,
  requireData,
  saveImport,
} from './import-records.ts';

/** How long an upload may stand still before it is given up: its process is gone. In milliseconds. */
const UPLOAD_PATIENCE = 3_600_000;

type Kept = 'begin' | 'append' | 'queue' | 'abandon' | 'run' | 'undo' | 'cancel';

/** @param purge says that something may be removed. */
export function makeImports(
  { query, transaction }: Database,
  write: Write,
  places: ImportPlaces,
  purge: () => void,
): Pick<Store['imports'], Kept> {
  /** Changes an import that can be seen, and answers it. Raises 1301, 9020. */
  async function change(
    accountId: string,
    audienceId: string,
    importId: string,
    terms: Terms | undefined,
    work: (record: ImportRecord) => void,
  ): Promise<Import> {
    const place = [idOrNobody(audienceId), idOrNobody(accountId)];
    const changed = await write(terms, async (within) => {
      await requireAudience(within, place);
      const record = await holdImport(within, place[0]!, idOrNobody(importId));
      if (record === undefined || record.status === 'uploading' || record.status === 'abandoned') throw failure(9020);
      work(record);
      await saveImport(within, record);
      return record.import;
    });
    purge();
    return changed;
  }

  return {
    async begin(accountId, audienceId, options, fileName) {
      const account_id = idOrNobody(accountId);
      const audience_id = idOrNobody(audienceId);
      return transaction(async (within) => {
        await requireAudience(within, [audience_id, account_id]);
        const [row] = await within<{ place: string }>(PLACE, [account_id]);
        const begun: Import = {
          id: idAt(BigInt(row!.place)),
          account_id,
          audience_id,
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
        await within(ADD_LANE, [audience_id]);
        const { id, phase } = begun;
        await within(INSERT, [audience_id, id, account_id, phase, UPLOAD_PATIENCE, JSON.stringify(begun)]);
        places.note(id, audience_id);
        return id;
      });
    },

    async append(importId, sequence, bytes) {
      const audienceId = await places.of(importId);
      const values = [audienceId, importId, sequence, bytes, UPLOAD_PATIENCE];
      const [row] = await surely(() => query<{ is_open: boolean }>(APPEND, values));
      if (!row!.is_open) throw failure(9020);
    },

    async queue(importId, bytes, sha256, terms) {
      const audienceId = await places.of(importId);
      return write(terms, async (within) => {
        const record = await holdImport(within, audienceId, importId);
        if (record?.status !== 'uploading') throw failure(9020);
        await requireAudience(within, [audienceId, record.import.account_id]);
        Object.assign(record.import.file, { bytes, sha256 });
        record.status = 'queued';
        await saveImport(within, record, 0);
        return record.import;
      });
    },

    async abandon(importId) {
      const audienceId = await places.find(importId);
      if (audienceId === undefined) return;
      await surely(() => query(ABANDON, [audienceId, importId]));
      purge();
    },

    run: (accountId, audienceId, importId, terms) =>
      change(accountId, audienceId, importId, terms, (record) => {
        const found = record.import;
        if (!found.dry_run || found.status !== 'completed') {
          throw failure(9022, undefined, 'Only a dry run that is completed can be run');
        }
        requireData(found);
        found.dry_run = false;
        const phase = found.mode === 'replace' ? 'rehearse' : 'apply';
        beginPass(record, phase);
        requeueImport(record, phase);
      }),

    undo: (accountId, audienceId, importId, terms) =>
      change(accountId, audienceId, importId, terms, (record) => {
        const found = record.import;
        if (isOpen(found.status)) throw failure(9022, undefined, 'The import is not over: cancel it, or wait');
        if (found.status === 'undone') throw failure(9022, undefined, 'The import is undone already');
        const hasChanged = !found.dry_run && found.phase !== 'rehearse';
        if (!hasChanged) throw failure(9022, undefined, 'The import has changed nothing that could be undone');
        requireData(found);
        found.undo ??= { deleted: 0, restored: 0, left_alone: 0 };
        // An undo that failed half way goes on where it was.
        if (found.phase !== 'undo') record.batches_left = record.batches;
        requeueImport(record, 'undo');
      }),

    cancel: (accountId, audienceId, importId, terms) =>
      change(accountId, audienceId, importId, terms, (record) => {
        const { status, phase } = record.import;
        if (!isOpen(status)) throw failure(9022, undefined, `The import is ${status}: there is nothing to cancel`);
        if (phase === 'undo') throw failure(9022, undefined, 'An undo goes on to its end');
        if (status === 'queued') endImport(record, 'cancelled');
        else record.is_cancelled = true;
      }),
  };
}

/** @param place audience and account. Raises 1301. */
async function requireAudience(query: Query, place: string[]): Promise<void> {
  const [row] = await query<{ is_known: boolean }>(`SELECT ${IS_KNOWN} AS is_known`, place);
  if (!row!.is_known) throw failure(1301);
}

const PLACE = `
  SELECT muster_place((SELECT id FROM imports WHERE account_id = $1 ORDER BY id DESC LIMIT 1))::text AS place`;

const ADD_LANE = 'INSERT INTO import_lanes (audience_id) VALUES ($1) ON CONFLICT (audience_id) DO NOTHING';

const INSERT = `
  INSERT INTO imports (audience_id, id, account_id, status, phase, pass, batches, batches_left, is_cancelled, lease_until,
    is_expired, has_garbage, document)
  VALUES ($1, $2, $3, 'uploading', $4, 1, 0, 0, false, clock_timestamp() + $5::float8 * interval '1 millisecond',
    false, false, $6)`;

const APPEND = `
  WITH open AS (
    UPDATE imports SET lease_until = clock_timestamp() + $5::float8 * interval '1 millisecond'
    WHERE audience_id = $1 AND id = $2 AND status = 'uploading'
    RETURNING id
  ), added AS (
    INSERT INTO import_chunks (audience_id, import_id, sequence, bytes) SELECT $1, id, $3, $4 FROM open
    ON CONFLICT (audience_id, import_id, sequence) DO NOTHING
  )
  SELECT EXISTS (SELECT FROM open) AS is_open`;

const ABANDON = `
  UPDATE imports SET status = 'abandoned', has_garbage = true WHERE audience_id = $1 AND id = $2 AND status = 'uploading'`;
