/** What `muster login` keeps: servers and the keys for them, for their user's eyes alone. */
import { chmodSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Logins, userDirectory } from '../config.ts';
import { SetupError } from '../core/errors.ts';

/** Where they are. */
export function loginsFile(): string {
  return join(userDirectory(), 'logins.json');
}

/** All of them; none when nobody signed in. Raises SetupError when the file cannot be read. */
export function readLogins(): Logins {
  const file = loginsFile();
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return { servers: {} };
    throw new SetupError(`${file} cannot be read (${code})`);
  }
  try {
    const { current, servers } = JSON.parse(text) as Partial<Logins>;
    if (typeof servers === 'object' && servers !== null) return { current, servers };
  } catch {
    // Told below.
  }
  throw new SetupError(`${file} is damaged: remove it and sign in again with muster login`);
}

/** Keeps them, in a file that is there whole or as it was, readable by its owner alone. */
export function writeLogins(logins: Logins): void {
  const file = loginsFile();
  const directory = userDirectory();
  const made = `${file}.${process.pid}`;
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    chmodSync(directory, 0o700);
    writeFileSync(made, `${JSON.stringify(logins, null, 2)}\n`, { mode: 0o600, flag: 'wx' });
    renameSync(made, file);
  } catch (error) {
    rmSync(made, { force: true });
    throw new SetupError(`${file} cannot be written (${(error as NodeJS.ErrnoException).code})`);
  }
}
