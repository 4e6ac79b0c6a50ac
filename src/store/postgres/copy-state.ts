import { unfinished } from '../../core/copy.ts';
import { SetupError } from '../../core/errors.ts';
import type { Query } from './database.ts';

/** Whether a copy is under way into the database: it leaves its checkpoint there until it is whole. */
export async function isCopyTarget(query: Query): Promise<boolean> {
  const [row] = await query<{ name: string | null }>("SELECT to_regclass('copy_state')::text AS name");
  return row!.name !== null;
}

/** Raises SetupError for the target of a copy that is not finished. */
export async function requireFinished(query: Query): Promise<void> {
  if (await isCopyTarget(query)) throw new SetupError(unfinished('the database'));
}
