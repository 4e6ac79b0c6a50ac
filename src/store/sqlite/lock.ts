import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { SetupError } from '../../core/errors.ts';

/**
 * Takes a data directory for one server. The lock is SQLite's own on a file beside the store, so that the operating
 * system lets go of it when the process ends, however it ends. Raises SetupError when another server has it.
 */
export function lockDirectory(directory: string): { release(): void } {
  const db = new DatabaseSync(join(directory, 'server.lock'), { timeout: 0 });
  const note = join(directory, 'server.pid');
  try {
    // The transaction writes nothing and never ends. One that committed would lock out, for that moment, whoever has the lock
    // not yet: of servers that start at once all could be refused. So the process is noted in a file of its own.
    db.exec('BEGIN IMMEDIATE');
    writeFileSync(note, `${process.pid}\n`);
  } catch (error) {
    db.close();
    if ((error as { errcode?: number }).errcode !== 5) throw error;
    const holder = readNote(note);
    const who = holder === undefined ? 'another Muster server' : `another Muster server (process ${holder})`;
    throw new SetupError(`${who} is using ${directory}: stop it, or set MUSTER_DATA to another directory`);
  }
  return { release: () => db.close() };
}

function readNote(file: string): string | undefined {
  try {
    return /^\d+$/m.exec(readFileSync(file, 'utf8'))?.[0];
  } catch {
    return undefined; // the holder is about to write it
  }
}
