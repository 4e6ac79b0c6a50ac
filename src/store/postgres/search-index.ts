import { MusterError } from '../../core/errors.ts';
import { AnswerLost, type Database } from './database.ts';

/**
 * How long contacts may lie in front of the search index before they are taken into it, in milliseconds, and how many may lie
 * there until then.
 */
const PATIENCE = 1000;
const ENOUGH_ROWS = 8000;

export interface SearchIndex {
  /** Says that so many contacts were written. */
  wrote(rows: number): void;
  stop(): Promise<void>;
}

/**
 * Keeps the search index quick. PostgreSQL puts new words on a list in front of it, which every search has to read from end to
 * end: 4 MB of it, about 10,000 contacts, take longer than the search itself (20 ms in place of 6). It is emptied by whoever
 * fills it, who then waits for hundreds of milliseconds, or once a minute. Here it is emptied soon after every write, beside
 * everything else. On the machines of a cluster it is left to PostgreSQL.
 * @param onError told what is no matter of a database that is gone or full for a while.
 */
export function keepSearchIndex({ query }: Database, onError: (error: Error) => void): SearchIndex {
  let waiting = 0;
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> | undefined;
  let isStopped = false;

  async function empty(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    waiting = 0;
    try {
      await query(EMPTY);
    } catch (error) {
      // What is not taken in now is found all the same, and taken in later.
      if (!(error instanceof MusterError || error instanceof AnswerLost)) onError(error as Error);
    }
  }

  function look(): void {
    if (isStopped || running !== undefined || waiting === 0) return;
    if (waiting < ENOUGH_ROWS) {
      timer ??= setTimeout(run, PATIENCE).unref();
      return;
    }
    run();
  }

  function run(): void {
    running = empty().finally(() => {
      running = undefined;
      look();
    });
  }

  return {
    wrote(rows) {
      waiting += rows;
      look();
    },
    async stop() {
      isStopped = true;
      clearTimeout(timer);
      await running;
    },
  };
}

const EMPTY = "SELECT gin_clean_pending_list('contact_search_words')";
