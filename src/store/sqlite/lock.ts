import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { SetupError } from '../../core/errors.ts';

/**
 * Takes a data directory for one server. The lock is SQLite's own on a file beside the store, so that the operating
 * system lets go of it when the process ends, however it ends. Raises SetupError when another server has it.
 */
export function lockDirectory(directory: string): { release(): void } {
  const db = new DatabaseSync(join(directory, 'server.lock'), { timeout: 0 });
  try {
    db.exec('CREATE TABLE IF NOT EXISTS server (pid INTEGER NOT NULL) STRICT');
    db.exec(`DELETE FROM server; INSERT INTO server VALUES (${process.pid})`);
    db.exec('BEGIN IMMEDIATE');
  } catch (error) {
    const holder = serverOf(db);
    db.close();
    if ((error as { errcode?: number }).errcode !== 5) throw error;
    const who = holder === undefined ? 'another Muster server' : `another Muster server (process ${holder})`;
    throw new SetupError(`${who} is using ${directory}: stop it, or set MUSTER_DATA to another directory`);
  }
  return { release: () => db.close() };
}

function serverOf(db: DatabaseSync): number | undefined {
  try {
    return (db.prepare('SELECT pid FROM server').get() as { pid: number } | undefined)?.pid;
  } catch {
    return undefined; // the holder is just writing it
  }
}
