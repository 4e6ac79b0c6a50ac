import { MusterError } from '../../core/errors.ts';
import { AnswerLost, type Database } from './database.ts';
import { SEGMENT_SIZES, type SegmentSizes, takeIn } from './segments.ts';

/** How many changes there are is looked at when a process has written this part of enough. */
const SHARE = 1 / 4;
/** How long to wait after what went wrong, in milliseconds. */
const RETRY = 5000;
/** Rows that are taken in before the table of changes is vacuumed: every search reads past those that are gone. */
const VACUUM_ROWS = 20_000;

export interface SearchIndex {
  /** Says that so many contacts of an audience were written. */
  wrote(audienceId: string, rows: number): void;
  stop(): Promise<void>;
}

/**
 * Keeps search quick: takes changes into posting lists when there are many, an audience after the other, beside everything else.
 * Any number of processes do it. What is not taken in yet is found all the same.
 * @param onError told what is no matter of a database that is gone or full for a while.
 */
export function keepSearchIndex(
  database: Database,
  onError: (error: Error) => void,
  sizes: SegmentSizes = SEGMENT_SIZES,
): SearchIndex {
  const few = sizes.changes * SHARE;
  /** Contacts of audiences that were written since it was looked. */
  const written = new Map<string, number>();
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> | undefined;
  let isStopped = false;
  let isFailing = false;
  /** Rows that are gone since the table was vacuumed. */
  let gone = 0;

  function due(least: number): string[] {
    return [...written].filter(([, rows]) => rows >= least).map(([audienceId]) => audienceId);
  }

  /** @param isPatient whether they have waited long enough. */
  async function run(isPatient: boolean): Promise<void> {
    for (const audienceId of due(isPatient ? few : sizes.contacts)) {
      // What is left of an audience that is written right now waits for more.
      if (isPatient) written.delete(audienceId);
      else written.set(audienceId, few);
      try {
        const least = isPatient ? sizes.changes : sizes.contacts;
        const taken = await takeAllIn(database, audienceId, sizes, least, () => isStopped);
        gone += taken.gone;
        if (taken.isBusy) written.set(audienceId, few);
        if (gone < (isPatient ? 1 : VACUUM_ROWS)) continue;
        gone = 0;
        await vacuum(database);
      } catch (error) {
        written.set(audienceId, few);
        isFailing = true;
        if (!(error instanceof MusterError || error instanceof AnswerLost)) onError(error as Error);
        return;
      }
    }
    isFailing = false;
  }

  function start(isPatient: boolean): void {
    clearTimeout(timer);
    timer = undefined;
    if (isStopped || running !== undefined) return;
    running = run(isPatient).finally(() => {
      running = undefined;
      look();
    });
  }

  function look(): void {
    if (isStopped || running !== undefined) return;
    if (due(sizes.contacts).length > 0 && !isFailing) start(false);
    else if (due(few).length > 0) timer ??= setTimeout(start, isFailing ? RETRY : sizes.patience, true).unref();
  }

  /** What was left when no server was there. */
  async function findLeft(): Promise<void> {
    const audiences = await database.transaction(async (query) => {
      await query("SELECT set_config('statement_timeout', '0', true)");
      return query<{ audience_id: string }>(LEFT, [sizes.changes]);
    }, 'snapshot');
    for (const { audience_id } of audiences) written.set(audience_id, sizes.changes);
    look();
  }
  function lookForLeft(): void {
    if (isStopped) return;
    findLeft().catch((error) => {
      if (!isStopped && !(error instanceof MusterError)) onError(error as Error);
      setTimeout(lookForLeft, RETRY).unref();
    });
  }
  lookForLeft();

  return {
    wrote(audienceId, rows) {
      written.set(audienceId, (written.get(audienceId) ?? 0) + rows);
      look();
    },
    async stop() {
      isStopped = true;
      clearTimeout(timer);
      await running;
    },
  };
}

const LEFT = 'SELECT audience_id FROM contact_changes GROUP BY audience_id HAVING count(*) >= $1';

/**
 * Takes an audience's changes in until fewer than `least` are left; how many rows that are gone are still to be vacuumed, and whether
 * another process is at it.
 */
export async function takeAllIn(
  database: Database,
  audienceId: string,
  sizes: SegmentSizes = SEGMENT_SIZES,
  least: number = sizes.changes,
  isStopped: () => boolean = () => false,
): Promise<{ gone: number; isBusy: boolean }> {
  let gone = 0;
  while (!isStopped()) {
    const taken = await takeIn(database, audienceId, sizes, least);
    if (taken === undefined) return { gone, isBusy: true };
    if (taken === 0) break;
    gone += taken;
    if (gone < VACUUM_ROWS) continue;
    gone = 0;
    await vacuum(database);
  }
  return { gone, isBusy: false };
}

/** Without giving its last pages back, for which everybody would have to wait. */
async function vacuum({ query }: Database): Promise<void> {
  try {
    await query('VACUUM (TRUNCATE false) contact_changes', [], { isPlannedAnew: true });
  } catch (error) {
    // Somebody else is at it, or it takes too long: the server's own does it in time.
    if (!(error instanceof MusterError || error instanceof AnswerLost)) throw error;
  }
}
