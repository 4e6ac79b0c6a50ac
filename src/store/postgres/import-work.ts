/** Imports as the jobs know them that work on them. */
import { formatDate } from '../../core/dates.ts';
import type { Import, JobSignal } from '../../core/import-job.ts';
import type { Store } from '../../core/store.ts';
import { type Database, type Query, reading } from './database.ts';
import { makeBatches } from './import-batches.ts';
import type { ImportPlaces } from './import-places.ts';
import { beginPass, endImport, holdImport, holdOwn, type ImportRecord, saveImport } from './import-records.ts';
import { removeSome, undoSome } from './import-steps.ts';

/** Audiences that one look for work tries, and imports that expire at once. */
const CANDIDATES = 16;
const EXPIRE = 100;
/** With fewer connections an import keeps to one of them: others need theirs. */
const ENOUGH_CONNECTIONS = 8;

type Kept =
  | 'claim'
  | 'renew'
  | 'release'
  | 'describe'
  | 'apply'
  | 'batchesAtOnce'
  | 'enter'
  | 'removeSome'
  | 'undoSome'
  | 'finish'
  | 'expire';

/** @param purge says that something may be removed. */
export function makeImportWork(
  { connections, query, transaction }: Database,
  places: ImportPlaces,
  purge: () => void,
): Pick<Store['imports'], Kept> {
  const applyBatch = makeBatches({ transaction }, places);

  /** Works on an import that is the owner's, in one transaction, and saves it. */
  async function work<T>(
    importId: string,
    owner: string,
    step: (within: Query, record: ImportRecord) => Promise<T>,
    lease?: number,
  ): Promise<{ signal: JobSignal; result?: T }> {
    const audienceId = await places.find(importId);
    if (audienceId === undefined) return { signal: 'lost' };
    return transaction(async (within) => {
      const record = await holdOwn(within, audienceId, importId, owner);
      if (typeof record === 'string') return { signal: record };
      const result = await step(within, record);
      await saveImport(within, record, lease);
      return { signal: 'go on', result };
    });
  }

  /** Takes the oldest import of an audience that may be worked on, unless another process is at the same. */
  async function claimOf(audienceId: string, owner: string, lease: number): Promise<Import | undefined> {
    return transaction(async (within) => {
      const lane = await within(HOLD_LANE, [audienceId]);
      if (lane.length === 0) return undefined;
      const [found] = await within<{ id: string }>(CLAIMABLE_OF, [audienceId]);
      if (found === undefined) return undefined;
      const record = (await holdImport(within, audienceId, found.id))!;
      // It may have been cancelled while this waited for it.
      if (record.status !== 'queued' && record.status !== 'running') return undefined;
      record.owner = owner;
      record.status = 'running';
      record.import.status = 'running';
      record.import.start_date ??= formatDate();
      await saveImport(within, record, lease);
      return record.import;
    });
  }

  return {
    async claim(owner, lease) {
      const found = await reading(() => query<{ audience_id: string }>(CLAIMABLE));
      for (const { audience_id } of found) {
        const claimed = await claimOf(audience_id, owner, lease);
        if (claimed === undefined) continue;
        places.note(claimed.id, audience_id);
        return claimed;
      }
      return undefined;
    },

    renew: async (importId, owner, lease) => (await work(importId, owner, async () => {}, lease)).signal,

    async release(importId, owner) {
      const free = async (_: Query, record: ImportRecord) => {
        record.owner = null;
      };
      await work(importId, owner, free, 0);
    },

    async describe(importId, owner, layout) {
      const describe = async (_: Query, record: ImportRecord) => {
        record.import.layout = layout;
      };
      return (await work(importId, owner, describe)).signal;
    },

    async apply(importId, owner, batch) {
      if (await applyBatch(importId, owner, batch)) return 'go on';
      // It has changed nothing; what was cancelled ends now.
      const { signal } = await work(importId, owner, async () => {});
      return signal === 'go on' ? 'lost' : signal;
    },

    batchesAtOnce: connections < ENOUGH_CONNECTIONS ? 1 : 2,

    async enter(importId, owner, phase) {
      const { signal } = await work(importId, owner, async (_, record) => {
        if (phase === 'apply') beginPass(record, phase);
        if (phase === 'remove') {
          record.import.phase = phase;
          record.removed_to = null;
        }
      });
      purge();
      return signal;
    },

    async removeSome(importId, owner) {
      const { signal, result } = await work(importId, owner, removeSome);
      return { signal, hasMore: result ?? false };
    },

    async undoSome(importId, owner) {
      const { signal, result } = await work(importId, owner, undoSome);
      return { signal, hasMore: result ?? false };
    },

    async finish(importId, owner, status, error) {
      const finish = async (_: Query, record: ImportRecord) => {
        record.import.error = error ?? null;
        endImport(record, status);
      };
      await work(importId, owner, finish, 0);
      purge();
    },

    async expire(retention) {
      const expired = await reading(() => query<{ audience_id: string; id: string }>(EXPIRED, [retention]));
      for (const { audience_id, id } of expired) {
        await transaction(async (within) => {
          const record = await holdImport(within, audience_id, id);
          if (record === undefined || !record.is_finished) return;
          record.import.is_expired = true;
          record.has_garbage = true;
          await saveImport(within, record);
        });
      }
      if (expired.length > 0) purge();
    },
  };
}

/** An audience's imports run one after the other, the oldest first. */
const IS_CLAIMABLE = `
  status IN ('queued', 'running') AND lease_until < clock_timestamp() AND NOT EXISTS (
    SELECT FROM imports AS other
    WHERE other.audience_id = imports.audience_id AND other.status IN ('queued', 'running') AND other.id <> imports.id
      AND (other.id < imports.id OR (other.status = 'running' AND other.lease_until >= clock_timestamp())))`;

const CLAIMABLE = `SELECT audience_id FROM imports WHERE ${IS_CLAIMABLE} ORDER BY id LIMIT ${CANDIDATES}`;

const HOLD_LANE = 'SELECT audience_id FROM import_lanes WHERE audience_id = $1 FOR UPDATE SKIP LOCKED';

const CLAIMABLE_OF = `SELECT id FROM imports WHERE audience_id = $1 AND ${IS_CLAIMABLE} ORDER BY id LIMIT 1`;

const EXPIRED = `
  SELECT audience_id, id FROM imports
  WHERE finished_at < clock_timestamp() - $1::float8 * interval '1 millisecond' AND NOT is_expired
  ORDER BY finished_at LIMIT ${EXPIRE}`;
