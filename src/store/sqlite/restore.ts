import {
  closeSync,
  existsSync,
  fstatSync,
  fsyncSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { SetupError } from '../../core/errors.ts';
import type { Finding } from '../../core/store.ts';
import { syncDirectory } from './backup.ts';
import { checkDatabase } from './check.ts';
import { openForReading } from './database.ts';
import { migrateFile, prepareDirectory } from './index.ts';
import { lockDirectory } from './lock.ts';

/** What may lie in a directory without a store: what whoever has it for itself leaves, and a restore that broke off. */
const LEFT_OVER = /^(?:server\.(?:lock|pid)(?:-journal)?|muster\.db\.partial(?:-wal|-shm|-journal)?)$/;
/** Bytes that are copied at once. */
const BLOCK = 4 * 1024 * 1024;

/**
 * Puts a backup into a directory that has no store: copies it beside its place, brings it to the newest schema, checks all of it,
 * and only then gives it its name. What a check finds; nothing is restored then. Raises SetupError: no backup, made by a newer
 * version, a directory that is not empty or in use.
 * @param progress told of bytes copied first, of contacts checked then.
 */
export async function restoreSqliteStore(
  file: string,
  directory: string,
  progress: (what: 'bytes' | 'contacts', done: number, of: number) => void = () => {},
): Promise<Finding[]> {
  requireBackup(file);
  prepareDirectory(directory);
  const lock = lockDirectory(directory);
  const partial = join(directory, 'muster.db.partial');
  const remove = () => {
    for (const end of ['', '-wal', '-shm', '-journal']) rmSync(`${partial}${end}`, { force: true });
  };
  try {
    requireEmpty(directory);
    remove();
    await copyFile(file, partial, (done, of) => progress('bytes', done, of));
    const findings = examine(partial, file, (done, of) => progress('contacts', done, of));
    if (findings.length > 0) return findings;
    renameSync(partial, join(directory, 'muster.db'));
    syncDirectory(directory);
    return [];
  } finally {
    remove();
    lock.release();
  }
}

function requireBackup(file: string): void {
  const found = statSync(file, { throwIfNoEntry: false });
  if (found === undefined) throw new SetupError(`there is no file ${file}`);
  if (!found.isFile()) throw new SetupError(`${file} is no file: name one that muster backup has written`);
  // SQLite makes an empty file a new store.
  if (found.size === 0) throw new SetupError(`${file} is empty: name one that muster backup has written`);
  // What a store was given last may lie beside it: alone it is not whole.
  const log = statSync(`${file}-wal`, { throwIfNoEntry: false });
  if (log !== undefined && log.size > 0) {
    throw new SetupError(`${file} is a store that is in use, or was: make a backup of it with muster backup first`);
  }
}

function requireEmpty(directory: string): void {
  const found = readdirSync(directory).find((name) => !LEFT_OVER.test(name));
  if (found === undefined) return;
  const what = existsSync(join(directory, 'muster.db')) ? 'there is a store' : `it has ${found}`;
  throw new SetupError(`${directory} is not empty (${what}): set MUSTER_DATA to a directory that is, or to a new one`);
}

/** Brings the copy of a backup to the newest schema and checks it. @param file the backup, for messages. */
function examine(copy: string, file: string, progress: (done: number, of: number) => void): Finding[] {
  try {
    requireStore(copy, file);
    migrateFile(copy, false);
    return checkDatabase(copy, progress);
  } catch (error) {
    if (error instanceof SetupError) throw new SetupError(error.message.replaceAll(copy, file));
    if ((error as { errcode?: number }).errcode === undefined) throw error;
    throw new SetupError(`${file} cannot be restored: ${(error as Error).message}`);
  }
}

function requireStore(copy: string, file: string): void {
  const db = openForReading(copy);
  try {
    const tables = db
      .prepare("SELECT name FROM sqlite_schema WHERE name IN ('migrations', 'accounts', 'contacts')")
      .all();
    if (tables.length < 3)
      throw new SetupError(`${file} is no store of Muster: name one that muster backup has written`);
  } finally {
    db.close();
  }
}

async function copyFile(from: string, to: string, progress: (done: number, of: number) => void): Promise<void> {
  const source = openSync(from, 'r');
  try {
    const { size } = fstatSync(source);
    const target = openSync(to, 'wx', 0o600);
    try {
      const block = Buffer.allocUnsafe(BLOCK);
      for (let done = 0, read: number; ; done += read) {
        read = readSync(source, block);
        if (read === 0) break;
        for (let written = 0; written < read; ) written += writeSync(target, block, written, read - written);
        progress(done + read, size);
        await new Promise((resolve) => setImmediate(resolve));
      }
      fsyncSync(target);
    } finally {
      closeSync(target);
    }
  } finally {
    closeSync(source);
  }
}
