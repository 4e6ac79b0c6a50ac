/** The `muster` command as its users run it: a process of its own, in an environment of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { environment, type Server } from './server.ts';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export interface Outcome {
  code: number | null;
  stdout: string;
  stderr: string;
}

export interface CommandOptions {
  env?: Record<string, string | undefined>;
  /** What stands on standard input. */
  input?: string;
  /** Told of the process as soon as it runs. */
  onStart?: (child: ChildProcess) => void;
}

/** Runs `muster` with these arguments to its end. */
export async function runMuster(
  args: string[],
  { env = {}, input = '', onStart }: CommandOptions = {},
): Promise<Outcome> {
  const child = spawn(process.execPath, [`${ROOT}bin/muster.js`, ...args], { env: environment(env), cwd: ROOT });
  onStart?.(child);
  child.stdin.on('error', () => {}); // a command that needs no input may end before it is written
  child.stdin.end(input);
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { code: await ended, stdout, stderr };
}

/** The environment that lets `muster` talk to a server and work on its store. */
export function environmentOf({ url, key, directory, databaseUrl }: Server): Record<string, string | undefined> {
  return { MUSTER_URL: url, MUSTER_KEY: key, MUSTER_DATA: directory, DATABASE_URL: databaseUrl };
}
