/** Batches of imports: while one is under way, the one behind it is worked on already, and takes effect when it has. */
import { setTimeout as pause } from 'node:timers/promises';
import { failure } from '../../core/errors.ts';
import type { ImportBatch } from '../../core/import-job.ts';
import { type Database, inTurn, type Query } from './database.ts';
import { countOf, IS_KNOWN, NEXT_PLACE } from './fragments.ts';
import type { ImportPlaces } from './import-places.ts';
import { holdImport, type ImportRecord, isOwn, readImport, saveImport } from './import-records.ts';
import { addBatch, type Judged, judgeBatch, numbersOf } from './import-rows.ts';

/**
 * How long a batch that is ready waits for the one in front before it lets go of everything, in milliseconds. The one in front
 * may be waiting for somebody who waits for this one, which PostgreSQL cannot see; it gives a circle that it sees as long.
 */
const PATIENCE = 1000;

/** A batch under way, as the one behind it knows it. */
interface UnderWay {
  numbers: ReadonlySet<string>;
  /** Settled when nothing is in front of it. */
  isFirst: Promise<unknown>;
  /** Settled when its contacts have their places in the order of ids; `end` is the place behind them. */
  hasPlaces: Promise<void>;
  end: bigint;
  /** Whether it took effect. Never rejects. */
  isDone: Promise<boolean>;
}

/** The batch in front is in the way: what was done beside it cannot stand. */
class InTheWay extends Error {}
/** The batch is not the next one, or the import not the owner's to work on. */
class NotNext extends Error {}

/**
 * What applies a batch, in one transaction with its verdicts and the checkpoint; whether it did, else it has changed nothing.
 * A batch that comes while the one in front is under way is looked up, judged and written beside it, unless they share numbers. Its
 * last step is to hold the import: it takes effect only if it is then the next one. Raises 1301.
 */
export function makeBatches({ transaction }: Pick<Database, 'transaction'>, places: ImportPlaces) {
  const last = new Map<string, UnderWay>();

  return function apply(importId: string, owner: string, batch: ImportBatch): Promise<boolean> {
    const front = last.get(importId);
    const numbers = numbersOf(batch.rows);
    const { promise: hasPlaces, resolve: placesAreKnown } = Promise.withResolvers<void>();
    const isFirst = front?.isDone ?? Promise.resolve();
    const own: UnderWay = { numbers: new Set(numbers), isFirst, hasPlaces, end: 0n, isDone: isFirst.then(() => false) };
    const answer = front === undefined ? attempt() : behind(front);
    own.isDone = answer.catch(() => false);
    last.set(importId, own);
    own.isDone.then(() => last.get(importId) === own && last.delete(importId));
    return answer;

    async function behind(before: UnderWay): Promise<boolean> {
      await before.isFirst;
      if (numbers.some((number) => before.numbers.has(number))) {
        await before.isDone;
        return attempt();
      }
      await Promise.race([before.hasPlaces, before.isDone]);
      try {
        return await attempt(before);
      } catch (error) {
        if (!(error instanceof InTheWay)) throw error;
      }
      await before.isDone;
      return attempt();
    }

    /** @param beside the batch in front, while it may be under way. */
    async function attempt(beside?: UnderWay): Promise<boolean> {
      const audienceId = await places.find(importId);
      if (audienceId === undefined) return false;
      const isNext = (record: ImportRecord) => !record.is_cancelled && record.import.rows_done === batch.from;
      try {
        await transaction(async (within) => {
          const known = await readImport(within, audienceId, importId);
          if (!isOwn(known, owner) || (beside === undefined && !isNext(known))) throw new NotNext();
          const audience = readAudience(within, known);
          const place = audience.then((it) => {
            const first = BigInt(it.place);
            const start = beside !== undefined && beside.end > first ? beside.end : first;
            own.end = start + BigInt(batch.rows.length);
            placesAreKnown();
            return start;
          });
          const sent: Promise<unknown>[] = [];
          const judged = await judgeBatch(within, known, batch.rows, numbers, place, sent);
          await inTurn(sent);
          if (beside !== undefined) await waitFor(beside, await place);
          const record = await holdImport(within, audienceId, importId);
          if (!isOwn(record, owner) || !isNext(record) || record.pass !== known.pass) throw new NotNext();
          await inTurn([...settle(within, record, batch, judged, await audience), saveImport(within, record)]);
        });
        return true;
      } catch (error) {
        if (error instanceof NotNext) return false;
        throw error;
      }
    }
  };
}

/** Waits until the batch in front took effect. Raises InTheWay. @param place that of the first new contact behind it. */
async function waitFor(front: UnderWay, place: bigint): Promise<void> {
  const late = new AbortController();
  const isDone = await Promise.race([front.isDone, pause(PATIENCE, false, { signal: late.signal })]);
  late.abort();
  // It may have begun again since, and have its contacts behind these.
  if (!isDone || front.end > place) throw new InTheWay();
}

/** Counts what the batch did; statements under way. */
function settle(
  query: Query,
  record: ImportRecord,
  batch: ImportBatch,
  { fates, undo, met }: Judged,
  { last_id, count }: AudienceNow,
): Promise<unknown>[] {
  const found = record.import;
  if (batch.from === 0) record.last_id = last_id;
  for (const [index, fate] of fates.entries()) {
    const refusal = batch.rows[index]!.refusal ?? (fate !== 0 && fate[0] === 'refused' ? fate[1] : undefined);
    if (refusal !== undefined) found.refused_by_code[refusal.code] = (found.refused_by_code[refusal.code] ?? 0) + 1;
  }
  const added = fates.length > 0 ? [addBatch(query, record, batch.from + 1, fates, batch.cells, undo)] : [];
  found.met += met;
  found.rows_done += fates.length;
  found.bytes_done = batch.bytes;
  if (batch.isLast) {
    found.rows_total = found.rows_done;
    if (found.phase === 'rehearse' && found.mode === 'replace') found.removed = Math.max(0, count - found.met);
  }
  return added;
}

interface AudienceNow {
  is_known: boolean;
  place: string;
  last_id: string | null;
  count: number;
}

/** The audience as it is before the batch. Raises 1301. */
async function readAudience(query: Query, { audience_id, import: { account_id } }: ImportRecord): Promise<AudienceNow> {
  const [audience] = await query<AudienceNow>(AUDIENCE, [audience_id, account_id]);
  if (!audience!.is_known) throw failure(1301);
  return audience!;
}

const AUDIENCE = `
  SELECT ${IS_KNOWN} AS is_known, ${NEXT_PLACE}::text AS place, ${countOf('$1')} AS count,
    (SELECT id FROM contacts WHERE audience_id = $1 ORDER BY id DESC LIMIT 1) AS last_id`;
