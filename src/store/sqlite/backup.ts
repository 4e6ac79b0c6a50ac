import { chmodSync, closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { SetupError } from '../../core/errors.ts';

/**
 * Writes a copy of the store as it is at this moment to a new file, while servers go on writing: `VACUUM INTO` reads one
 * snapshot and compacts on the way. (The online backup call begins again at every write of another process.)
 * Raises SetupError when the target exists or cannot be written.
 */
export function backUp(file: string, target: string): void {
  if (existsSync(target)) throw new SetupError(`${target} exists already: name a new file`);
  const partial = `${target}.partial`;
  const db = new DatabaseSync(file, { timeout: 5000 });
  try {
    rmSync(partial, { force: true });
    db.prepare('VACUUM INTO ?').run(partial);
    // It holds people's numbers, like the directory it comes from: for the owner alone.
    chmodSync(partial, 0o600);
    sync(partial, 'r+');
    renameSync(partial, target);
    syncDirectory(dirname(target));
  } catch (error) {
    rmSync(partial, { force: true });
    throw new SetupError(`the backup to ${target} failed: ${(error as Error).message}`);
  } finally {
    db.close();
  }
}

/** Makes sure that a directory's names are on the disk. */
export function syncDirectory(directory: string): void {
  sync(directory, 'r');
}

/** Makes sure that a file's bytes, or a directory's names, are on the disk. */
function sync(path: string, flags: 'r' | 'r+'): void {
  const file = openSync(path, flags);
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
