import type { Database } from './database.ts';

/** Gives up uploads whose process is gone: there is nothing more to do at once. */
export function abandonUploads({ query }: Database): () => Promise<boolean> {
  return async () => {
    await query(ABANDON);
    return false;
  };
}

const ABANDON = `
  UPDATE imports SET status = 'abandoned', has_garbage = true
  WHERE status = 'uploading' AND lease_until < statement_timestamp()`;

interface Garbage {
  audience_id: string;
  id: string;
}

/** Removes some of what no import needs any more; whether there may be more. */
export function purgeImports({ query, transaction }: Database): () => Promise<boolean> {
  /** Whether something was done: not when another process has the import in hand. */
  function purgeOne({ audience_id, id }: Garbage): Promise<boolean> {
    return transaction(async (within) => {
      const [found] = await within<{ pass: number; status: string; is_expired: boolean }>(HOLD, [audience_id, id]);
      if (found === undefined) return false;
      const { pass, status, is_expired } = found;
      const isGone = status === 'abandoned' || is_expired;
      // The numbers of a rehearsal are needed while it goes on, batches as long as there may be an undo.
      const isOver = status !== 'queued' && status !== 'running';
      const [removed] = await within<{ count: number }>(REMOVE, [
        audience_id,
        id,
        isOver ? pass + 1 : pass,
        isGone ? pass + 1 : pass,
        isGone,
      ]);
      if (removed!.count > 0) return true;
      await within(status === 'abandoned' ? FORGET : IS_CLEAN, [audience_id, id]);
      return true;
    }, 'again');
  }

  return async () => {
    for (const each of await query<Garbage>(GARBAGE)) if (await purgeOne(each)) return true;
    return false;
  };
}

const GARBAGE = 'SELECT audience_id, id FROM imports WHERE has_garbage ORDER BY id LIMIT 16';

const HOLD = `
  SELECT pass, status, is_expired FROM imports
  WHERE audience_id = $1 AND id = $2 AND has_garbage FOR UPDATE SKIP LOCKED`;

// Numbers are many: one range of them goes, where a list might be compared with every row, and the job that goes on would wait for that.
const REMOVE = `
  WITH numbers AS (
    DELETE FROM import_numbers WHERE audience_id = $1 AND import_id = $2 AND (pass, number) <= (
      SELECT pass, number FROM (
        SELECT pass, number FROM import_numbers WHERE audience_id = $1 AND import_id = $2 AND pass < $3
        ORDER BY pass, number LIMIT 2000
      ) AS oldest ORDER BY pass DESC, number DESC LIMIT 1)
    RETURNING 1
  ), batches AS (
    DELETE FROM import_batches WHERE audience_id = $1 AND import_id = $2 AND (pass, batch) IN (
      SELECT pass, batch FROM import_batches WHERE audience_id = $1 AND import_id = $2 AND pass < $4 LIMIT 20)
    RETURNING 1
  ), chunks AS (
    DELETE FROM import_chunks WHERE audience_id = $1 AND import_id = $2 AND sequence IN (
      SELECT sequence FROM import_chunks WHERE audience_id = $1 AND import_id = $2 AND $5::boolean LIMIT 8)
    RETURNING 1
  )
  SELECT ((SELECT count(*) FROM numbers) + (SELECT count(*) FROM batches) + (SELECT count(*) FROM chunks))::int AS count`;

const FORGET = 'DELETE FROM imports WHERE audience_id = $1 AND id = $2';
const IS_CLEAN = 'UPDATE imports SET has_garbage = false WHERE audience_id = $1 AND id = $2';
