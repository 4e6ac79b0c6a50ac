/** A command on a terminal of its own: a real pseudo-terminal, which `script` of util-linux gives. */

import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { after } from 'node:test';
import { ROOT } from './command-line.ts';
import { until } from './contacts.ts';
import { environment } from './server.ts';

/** Why no test can have a terminal here; printed. */
export const NO_TERMINAL: string | false = isThere('script', '--version')
  ? false
  : 'script (util-linux), which gives a command a terminal, is not installed';

/** Whether a program is installed. */
export function isThere(program: string, ...args: string[]): boolean {
  try {
    execFileSync(program, args, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

export interface TerminalOptions {
  env?: Record<string, string | undefined>;
  /** How wide it is; 100 unless said. */
  columns?: number;
}

export type Terminal = ReturnType<typeof openTerminal>;

/** Runs a program on a terminal. @param words the program and its arguments. */
export function openTerminal(words: string[], { env = {}, columns = 100 }: TerminalOptions = {}) {
  // The shell in between goes: it would take the Ctrl-C for its own too.
  const quoted = words.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ');
  const command = `stty cols ${columns} rows 24; exec ${quoted}`;
  const child = spawn('script', ['-qec', command, '/dev/null'], {
    env: { ...environment(env), TERM: 'xterm-256color', ...env },
    cwd: ROOT,
  });
  after(() => child.kill('SIGKILL'));
  let screen = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    screen += text;
  });
  return {
    child,
    type: (keys: string) => child.stdin.write(keys),
    /** Everything that was written to it, behind what was waited for. */
    screen: () => screen,
    /** Waits until something is on the screen, behind what was waited for before. */
    async shows(what: RegExp): Promise<RegExpExecArray> {
      let found: RegExpExecArray | null = null;
      await until(async () => {
        found = what.exec(screen);
        return found !== null;
      }).catch((error) => assert.fail(`${error.message}: ${what} is not in ${JSON.stringify(screen)}`));
      screen = screen.slice(found!.index + found![0].length);
      return found!;
    },
    /** Waits for its end; the exit code. */
    ends: () => codeOf(child),
  };
}

/** `muster` on a terminal. */
export function openMuster(args: string[], options?: TerminalOptions) {
  return openTerminal([process.execPath, 'bin/muster.js', ...args], options);
}

/** Waits for the end of a process; its exit code. */
export async function codeOf(child: ChildProcess): Promise<number | null> {
  if (child.exitCode === null) await new Promise((resolve) => child.once('exit', resolve));
  return child.exitCode;
}
