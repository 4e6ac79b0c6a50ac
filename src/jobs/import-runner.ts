import { randomUUID } from 'node:crypto';
import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises';
import { type ErrorCode, MusterError } from '../core/errors.ts';
import { allowedRemovals, type Import, type JobSignal } from '../core/import-job.ts';
import { type CountryCode, readCountry } from '../core/mend-number.ts';
import type { NumberRule } from '../core/number.ts';
import type { Store } from '../core/store.ts';
import { type FileWords, packCells } from '../core/verdicts.ts';
import type { ExplicitMapping } from '../files/columns.ts';
import { ContactFileError, type FileFormat, type FileLayout, type FileRow } from '../files/contact-file.ts';
import type { FileSource } from '../files/file-source.ts';
import { columnNames } from '../files/preview.ts';
import { readImportFile } from '../files/read.ts';
import { chosenRow, readChosen } from './edit-rows.ts';
import { type HandOver, isBusy, makeHandOver } from './hand-over.ts';
import { readRow } from './import-rows.ts';

export interface RunnerOptions {
  store: Store;
  numberRule: NumberRule;
  /** Most bytes that a compressed file may unpack to. */
  maxUnpacked: number;
  /** Milliseconds that files, verdicts and undo data are kept after an import ended. */
  retention: number;
  log: { error(about: object, message: string): void };
}

export interface ImportRunner {
  /** Says that there is something to do now. */
  wake(): void;
  /** Leaves what runs at its checkpoint, for whoever comes next. */
  stop(): Promise<void>;
}

/** Imports that are worked on at once, of different audiences: they take turns, batch by batch. */
const PARALLEL = 4;
/** Rows that are applied in one transaction, as many as a bulk call may bring: writes of the API wait for no more than these. */
const BATCH_ROWS = 1000;
/**
 * Rows that are judged before others have their turn: requests, and the batch in front, whose statements a store on a network
 * waits for to be answered (of 250 rows an import into PostgreSQL took 55 µs a row, of 50 it takes 51).
 */
const TURN_ROWS = 50;
const LEASE = 30_000;
const RENEW = 10_000;
/** How often a process looks for imports of others that died, in milliseconds. */
const LOOK = 2000;
const EXPIRE = 60_000;
/** How long to wait before a store that had no time is asked again. */
const BUSY_WAIT = 200;
/** Batches that a job going on again may pass over before it asks whether it is still wanted. */
const SKIPPED_BATCHES = 20;

/** Works on imports until it is stopped: those of this process, and those whose process is gone. */
export function startImportRunner({ store, numberRule, maxUnpacked, retention, log }: RunnerOptions): ImportRunner {
  const owner = randomUUID();
  const running = new Set<Promise<void>>();
  const stopping = new AbortController();
  let isClaiming = false;
  let isWanted = false;

  async function claimAll(): Promise<void> {
    isWanted = true;
    if (isClaiming) return;
    isClaiming = true;
    try {
      while (isWanted && !stopping.signal.aborted) {
        isWanted = false;
        while (running.size < PARALLEL && !stopping.signal.aborted) {
          const claimed = await store.imports.claim(owner, LEASE);
          if (claimed === undefined) break;
          const work = workOn(claimed).finally(() => {
            running.delete(work);
            wake();
          });
          running.add(work);
        }
      }
    } catch (error) {
      if (!isBusy(error)) log.error({ err: error }, 'imports could not be claimed');
    } finally {
      isClaiming = false;
    }
  }

  function wake(): void {
    if (!stopping.signal.aborted) void claimAll();
  }

  async function workOn(claimed: Import): Promise<void> {
    const job = new AbortController();
    const renewal = setInterval(() => {
      store.imports.renew(claimed.id, owner, LEASE).then(
        (signal) => signal !== 'go on' && job.abort(),
        () => {},
      );
    }, RENEW);
    const signal = AbortSignal.any([job.signal, stopping.signal]);
    try {
      const end = await runPhases(claimed, signal);
      if (end !== undefined) await surely(() => store.imports.finish(claimed.id, owner, end));
      else if (stopping.signal.aborted) await store.imports.release(claimed.id, owner);
    } catch (error) {
      await fail(claimed, error);
    } finally {
      clearInterval(renewal);
    }
  }

  async function fail(claimed: Import, error: unknown): Promise<void> {
    const about = toFailure(error);
    if (about.code === 9500) log.error({ err: error, import: claimed.id }, 'an import failed');
    await surely(() => store.imports.finish(claimed.id, owner, 'failed', about)).catch((later) =>
      log.error({ err: later, import: claimed.id }, 'an import could not be ended'),
    );
  }

  /** How the import ended; undefined when it is not ours to end: cancelled, lost, or left for the next start. */
  async function runPhases(claimed: Import, signal: AbortSignal): Promise<'completed' | 'undone' | undefined> {
    const { id, dry_run, mode } = claimed;
    let { phase } = claimed;
    if (phase === 'undo') {
      return (await repeat(() => store.imports.undoSome(id, owner), signal)) ? 'undone' : undefined;
    }
    if (phase === 'rehearse') {
      if (!(await readThrough(claimed, signal))) return undefined;
      if (dry_run) return 'completed';
      await requireFewRemovals(claimed);
      if ((await surely(() => store.imports.enter(id, owner, 'apply'))) !== 'go on') return undefined;
      phase = 'apply';
      claimed = { ...claimed, rows_done: 0, rows_total: null };
    }
    if (phase === 'apply') {
      if (!(await readThrough(claimed, signal))) return undefined;
      if (mode === 'merge') return 'completed';
      if ((await surely(() => store.imports.enter(id, owner, 'remove'))) !== 'go on') return undefined;
    }
    return (await repeat(() => store.imports.removeSome(id, owner), signal)) ? 'completed' : undefined;
  }

  /** Stops a replacing run before it changes anything, when it would remove more than it may. Raises 9024. */
  async function requireFewRemovals({ id, account_id, audience_id, max_removals }: Import): Promise<void> {
    const [{ removed, created, updated }, { contacts_count }] = await Promise.all([
      store.imports.get(account_id, audience_id, id),
      store.audiences.get(account_id, audience_id),
    ]);
    const allowed = allowedRemovals(max_removals, contacts_count);
    if (removed <= allowed) return;
    const message =
      `The import would create ${created}, change ${updated} and remove ${removed} of ${contacts_count} contacts; ` +
      `max_removals (${max_removals}) allows ${allowed}. Nothing was changed: check the file, or raise max_removals`;
    throw new MusterError([{ code: 9024, message }]);
  }

  /** Takes step after step; whether it came to the end. */
  async function repeat(
    step: () => Promise<{ signal: JobSignal; hasMore: boolean }>,
    signal: AbortSignal,
  ): Promise<boolean> {
    while (!signal.aborted) {
      const { signal: word, hasMore } = await surely(step);
      if (word !== 'go on') return false;
      if (!hasMore) return true;
      await nextTurn();
    }
    return false;
  }

  /** Reads the file from its checkpoint and hands its rows to the store; whether it came to the end of the file. */
  async function readThrough(claimed: Import, signal: AbortSignal): Promise<boolean> {
    if (claimed.rows_total !== null && claimed.rows_done === claimed.rows_total) return true;
    const line = makeHandOver(store.imports.batchesAtOnce, surely);
    try {
      return (await sendRows(claimed, signal, line)) && (await line.hasGoneOn());
    } finally {
      // Whatever is done to the import next comes behind them.
      await line.isEmpty();
    }
  }

  /** Whether it came to the end of the file. */
  async function sendRows(claimed: Import, signal: AbortSignal, line: HandOver): Promise<boolean> {
    const { id, file, action, default_country } = claimed;
    const rules = { rule: numberRule, country: countryOf(default_country) };
    const source = {
      size: file.bytes,
      read: (offset: number, length: number) => store.imports.read(id, offset, length),
    };
    const events = action === undefined ? readFile(claimed, source) : readChosen(source, BATCH_ROWS);
    const judge = (row: FileRow) => (action === undefined ? readRow(row, rules) : chosenRow(row));
    let from = 0;
    let skipped = 0;
    let bytesDone = 0;
    const send = async (rows: FileRow[], isLast: boolean): Promise<boolean> => {
      const read: ReturnType<typeof readRow>[] = [];
      for (const row of rows) {
        read.push(judge(row));
        if (read.length % TURN_ROWS === 0) await nextTurn();
      }
      const cells = packCells(read.map(({ words }): FileWords => words));
      const batch = { from, rows: read.map(({ row }) => row), cells, bytes: bytesDone, isLast };
      from += rows.length;
      return line.send(() => store.imports.apply(id, owner, batch));
    };
    for await (const { layout: found, rows, bytes } of events) {
      if (signal.aborted) break;
      if (found !== undefined) {
        if ((await surely(() => store.imports.describe(id, owner, showLayout(found)))) !== 'go on') return false;
        continue;
      }
      bytesDone = bytes;
      const done = claimed.rows_done;
      if (from + rows.length <= done) {
        from += rows.length;
        const isDue = ++skipped % SKIPPED_BATCHES === 0;
        if (isDue && (await surely(() => store.imports.renew(id, owner, LEASE))) !== 'go on') return false;
        await nextTurn();
        continue;
      }
      const isBegun = from < done;
      const fresh = isBegun ? rows.slice(done - from) : rows;
      if (isBegun) from = done;
      if (!(await send(fresh, false))) return false;
      await nextTurn();
    }
    if (signal.aborted) {
      await line.hasGoneOn();
      return false;
    }
    bytesDone = file.bytes;
    return send([], true);
  }

  function readFile({ file, columns, format, encoding, layout, empty }: Import, source: FileSource) {
    return readImportFile(source, {
      name: file.name ?? undefined,
      format: (format as FileFormat | null) ?? undefined,
      // What was found out once is not looked for again: the file is read as it was begun.
      encoding: encoding ?? layout?.encoding,
      mapping: columns as ExplicitMapping,
      empty,
      maxUnpacked,
      batchRows: BATCH_ROWS,
    });
  }

  /** Asks again while the store has no time: it has then changed nothing. */
  async function surely<T>(work: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await work();
      } catch (error) {
        if (!isBusy(error) || stopping.signal.aborted) throw error;
        await pause(BUSY_WAIT);
      }
    }
  }

  const look = setInterval(wake, LOOK);
  const expire = setInterval(() => {
    store.imports.expire(retention).catch((error) => log.error({ err: error }, 'old imports were not let go'));
  }, EXPIRE);
  wake();

  return {
    wake,
    async stop() {
      stopping.abort();
      clearInterval(look);
      clearInterval(expire);
      await Promise.all(running);
    },
  };
}

function countryOf(text: string | null): CountryCode | undefined {
  return text === null ? undefined : readCountry(text);
}

function showLayout({ format, encoding, mapping, ignored, header }: FileLayout) {
  // A column as a mapping can name it again.
  const names = columnNames(header);
  return {
    format,
    encoding,
    mapping: Object.fromEntries(mapping.map(({ column, field }) => [names[column], field])),
    ignored_columns: ignored,
    header,
  };
}

/** Why an import failed, for its owner: what nobody foresaw is told to the log alone. */
function toFailure(error: unknown): { code: ErrorCode; message: string } {
  if (error instanceof ContactFileError) return { code: 9023, message: error.message };
  if (error instanceof MusterError) return { code: error.problems[0]!.code, message: error.problems[0]!.message };
  return { code: 9500, message: 'Internal error' };
}
