/** What keeps SQLite from writing for a while. */
import { rmSync, writeFileSync } from 'node:fs';
import { failure } from '../../core/errors.ts';

const SQLITE_UNAVAILABLE = new Set([5, 6, 8, 10, 13, 14]); // BUSY, LOCKED, READONLY, IOERR, FULL, CANTOPEN

const SQLITE_WITHOUT_SPACE = new Set([10, 13]);
/** What there must be for a disk to have space again, in bytes. */
const SPACE = 1 << 20;

/** Whether the database itself cannot write now: locked by another program, no space, a failing disk. */
export function isUnavailable(error: unknown): boolean {
  return SQLITE_UNAVAILABLE.has(codeOf(error));
}

/** Whether a write found no space, or a failing disk. */
export function isWithoutSpace(error: unknown): boolean {
  return SQLITE_WITHOUT_SPACE.has(codeOf(error));
}

/** SQLite's primary result code; -1 for what is not SQLite's. */
function codeOf(error: unknown): number {
  const { errcode } = error as { errcode?: number };
  return errcode === undefined ? -1 : errcode & 0xff;
}

/** Raises 9503 unless a file can be written. */
export function takeSpace(file: string): void {
  try {
    writeFileSync(file, new Uint8Array(SPACE), { flush: true });
  } catch {
    throw failure(9503);
  } finally {
    rmSync(file, { force: true });
  }
}
