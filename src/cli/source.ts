import { createReadStream, statSync } from 'node:fs';
import { basename } from 'node:path';
import { SetupError } from '../core/errors.ts';

/** What a command reads: a file, or standard input. */
export interface Source {
  /** Its name, for the server; undefined on standard input. */
  name: string | undefined;
  /** Bytes; undefined when nobody knows. */
  size: number | undefined;
  /** Whether it can be read from its beginning more than once. */
  isRepeatable: boolean;
  open(): AsyncIterable<Uint8Array> & { destroy(): void };
}

/** A file that can be sent: a path, or `-` for standard input. Raises SetupError when it cannot be read. */
export function openSource(file: string): Source {
  if (file === '-') {
    return { name: undefined, size: undefined, isRepeatable: false, open: () => process.stdin };
  }
  try {
    const stats = statSync(file);
    if (stats.isDirectory()) throw new SetupError(`${file} is a directory: name a file`);
    const isRepeatable = stats.isFile();
    const open = () => createReadStream(file);
    return { name: basename(file), size: isRepeatable ? stats.size : undefined, isRepeatable, open };
  } catch (error) {
    throw unreadable(file, error);
  }
}

/** The error for a source that failed: of the operating system's a SetupError, any other as it is. */
export function unreadable(file: string, error: unknown): unknown {
  const { code, syscall } = error as NodeJS.ErrnoException;
  const name = file === '-' ? 'standard input' : file;
  return syscall === undefined ? error : new SetupError(`${name} cannot be read (${code})`);
}
