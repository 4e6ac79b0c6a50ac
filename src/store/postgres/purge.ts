import { MusterError } from '../../core/errors.ts';
import { AnswerLost, type Database } from './database.ts';

/** Most rows to remove in one transaction: others slip in between. */
const ROWS = 1000;
/** Pause before what others left is looked for, in milliseconds, and between two steps of removing. */
const LOOK = 60_000;

export interface Purge {
  /** Says that there is something to remove. */
  wake(): void;
  stop(): Promise<void>;
}

/**
 * Removes what deleted audiences and imports left, step by step, beside everything else. Every server process does it; a row
 * that one of them has in hand is passed over by the others.
 * @param steps each removes something, and tells whether there may be more.
 * @param onError told what is no matter of a database that is gone or full for a while.
 */
export function startPurge(steps: (() => Promise<boolean>)[], onError: (error: Error) => void): Purge {
  let isStopped = false;
  let isWanted = false;
  let running: Promise<void> | undefined;

  async function removeAll(): Promise<void> {
    while (isWanted && !isStopped) {
      isWanted = false;
      for (const step of steps) {
        try {
          while (!isStopped && (await step()));
        } catch (error) {
          // What is deleted is out of every answer already, and removing it can wait.
          if (!(error instanceof MusterError || error instanceof AnswerLost)) onError(error as Error);
        }
      }
    }
  }

  function wake(): void {
    isWanted = true;
    if (isStopped || running !== undefined) return;
    running = removeAll().finally(() => {
      running = undefined;
    });
  }

  const look = setInterval(wake, LOOK).unref();
  wake();
  return {
    wake,
    async stop() {
      isStopped = true;
      clearInterval(look);
      await running;
    },
  };
}

/** Forgets transactions whose fate nobody asks for any more. */
export function forgetCommits({ query }: Database): () => Promise<boolean> {
  return async () => {
    await query("DELETE FROM commits WHERE made_at < statement_timestamp() - interval '15 minutes'");
    return false;
  };
}

/**
 * Removes some contacts of a deleted audience, and at last lets go of its imports; whether there may be more. A write that began before the deletion may end after
 * it: a while later what it left is looked for once more, and only then the audience is forgotten.
 */
export function purgeAudience({ transaction }: Database): () => Promise<boolean> {
  return () =>
    transaction(async (query) => {
      const [deleted] = await query<{ id: string; is_purged: boolean }>(DELETED);
      if (deleted === undefined) return false;
      const { id, is_purged } = deleted;
      const [removed] = await query<{ count: number }>(REMOVE, [id]);
      const [untagged] = await query<{ count: number }>(UNTAG, [id]);
      const [forgotten] = await query<{ count: number }>(FORGET, [id]);
      const [unlisted] = await query<{ count: number }>(UNLIST, [id]);
      if ([removed, untagged, forgotten].some((each) => each!.count >= ROWS) || unlisted!.count > 0) return true;
      await query(ABANDON_IMPORTS, [id]);
      if (!is_purged) {
        await query('UPDATE audiences SET is_purged = true WHERE id = $1', [id]);
      } else {
        await query('DELETE FROM contact_counts WHERE audience_id = $1', [id]);
        // Of a segment that was made while it was deleted.
        await query('DELETE FROM contact_postings WHERE audience_id = $1', [id]);
        await query('DELETE FROM audiences WHERE id = $1', [id]);
      }
      return true;
    }, 'again');
}

const DELETED = `
  SELECT id, is_purged FROM audiences
  WHERE deleted_at IS NOT NULL AND (NOT is_purged OR deleted_at < clock_timestamp() - interval '15 minutes')
  ORDER BY deleted_at LIMIT 1 FOR UPDATE SKIP LOCKED`;

const ABANDON_IMPORTS = `
  UPDATE imports SET status = 'abandoned', has_garbage = true WHERE audience_id = $1 AND status <> 'abandoned'`;

/** Removes the oldest rows of a table, as one range, where a list might be compared with every row. Of a contact there may be several. */
function removing(table: 'contacts' | 'contact_changes'): string {
  return `
  WITH removed AS (
    DELETE FROM ${table} WHERE audience_id = $1 AND id <= (
      SELECT id FROM (SELECT id FROM ${table} WHERE audience_id = $1 ORDER BY id LIMIT ${ROWS}) AS oldest
      ORDER BY id DESC LIMIT 1)
    RETURNING id
  )
  SELECT count(*)::int AS count FROM removed`;
}

const REMOVE = removing('contacts');
const FORGET = removing('contact_changes');

/** One segment with its postings. */
const UNLIST = `
  WITH next AS MATERIALIZED (
    SELECT segment FROM contact_segments WHERE audience_id = $1 ORDER BY segment LIMIT 1
  ), postings AS (
    DELETE FROM contact_postings WHERE audience_id = $1 AND segment = (SELECT segment FROM next)
  ), removed AS (
    DELETE FROM contact_segments WHERE audience_id = $1 AND segment = (SELECT segment FROM next) RETURNING segment
  )
  SELECT count(*)::int AS count FROM removed`;

const UNTAG = `
  WITH removed AS (
    DELETE FROM contact_tags WHERE audience_id = $1 AND (tag, id) <= (
      SELECT tag, id FROM (SELECT tag, id FROM contact_tags WHERE audience_id = $1 ORDER BY tag, id LIMIT ${ROWS}) AS first
      ORDER BY tag DESC, id DESC LIMIT 1)
    RETURNING id
  )
  SELECT count(*)::int AS count FROM removed`;
