/** A real server in a process of its own, on a directory of its own, for tests through the door. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { makeDirectory } from './directory.ts';
import { databaseOf } from './postgres.ts';

const MAIN = fileURLToPath(new URL('../../bin/server.js', import.meta.url));
const CLI = fileURLToPath(new URL('../../bin/muster.js', import.meta.url));

/** Where nobody has stored a key. */
const NO_CONFIGURATION = join(tmpdir(), 'muster-test-no-configuration');

/** The key every server of the tests starts with, unless a test chooses otherwise. */
export const FIRST_KEY = 'first-key-of-the-tests';

export interface ServerOptions {
  /** Where the store lies; without it an empty directory that goes away after the tests. */
  directory?: string;
  /** A PostgreSQL database that holds the store instead. */
  databaseUrl?: string;
  /** Variables beside those that every server of the tests has; undefined takes one away. */
  env?: Record<string, string | undefined>;
}

export interface Exit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

export interface Server {
  /** Where it answers, as `http://127.0.0.1:49152`; another one after each restart. */
  readonly url: string;
  readonly directory: string;
  /** Where its store lies instead of the directory, when the tests run on PostgreSQL. */
  readonly databaseUrl: string | undefined;
  /** The `write` key it started with. */
  readonly key: string;
  /** Everything it has logged, line by line, since its last start. */
  readonly log: readonly string[];
  readonly process: ChildProcess;
  /** Sends a signal and waits for the end. */
  stop(signal?: 'SIGTERM' | 'SIGINT'): Promise<Exit>;
  /** Ends it as a power cut would. */
  kill(): Promise<Exit>;
  /** Starts it again on the same directory, after it has ended. @param more variables beside those it had. */
  restart(more?: Record<string, string>): Promise<void>;
  /** Runs `muster` beside it on the same store; what it prints. */
  muster(...args: string[]): Promise<string>;
}

/** The environment of a child: nothing of the developer's own settings reaches it. */
export function environment(variables: Record<string, string | undefined>): NodeJS.ProcessEnv {
  const { PATH, TMPDIR, NODE_COMPILE_CACHE } = process.env;
  const own = { HOST: '127.0.0.1', PORT: '0', XDG_CONFIG_HOME: NO_CONFIGURATION };
  const passed = { PATH, TMPDIR, NODE_COMPILE_CACHE, ...own, ...variables };
  return Object.fromEntries(Object.entries(passed).filter(([, value]) => value !== undefined));
}

/** A server's process as it starts, whatever becomes of it; killed at the end of the test when it still runs. */
export function spawnServer(variables: Record<string, string | undefined>): ChildProcess {
  const child = spawn(process.execPath, [MAIN], { env: environment(variables), stdio: ['ignore', 'pipe', 'pipe'] });
  const end = () => child.kill('SIGKILL');
  after(end);
  process.once('exit', end);
  child.once('exit', () => process.removeListener('exit', end));
  return child;
}

/**
 * Starts a server and waits until it listens. It ends when the test or, at the top of a file, the file has ended
 * (not to be called in a `before`: what a hook leaves behind ends with the first suite).
 */
export async function startServer({
  directory = makeDirectory(),
  databaseUrl,
  env = {},
}: ServerOptions = {}): Promise<Server> {
  const store = { MUSTER_DATA: directory, DATABASE_URL: databaseUrl ?? (await databaseOf(directory)) };
  const variables = { ...store, MUSTER_BOOTSTRAP_KEY: FIRST_KEY, ...env };
  let running = await launch(variables);

  async function end(signal: NodeJS.Signals): Promise<Exit> {
    const { child } = running;
    if (child.exitCode === null && child.signalCode === null) {
      const exited = once(child, 'exit');
      child.kill(signal);
      await exited;
    }
    return { code: child.exitCode, signal: child.signalCode };
  }

  return {
    get url() {
      return running.url;
    },
    get log() {
      return running.log;
    },
    get process() {
      return running.child;
    },
    directory,
    databaseUrl: store.DATABASE_URL,
    key: variables.MUSTER_BOOTSTRAP_KEY ?? '',
    stop: (signal = 'SIGTERM') => end(signal),
    kill: () => end('SIGKILL'),
    async restart(more = {}) {
      running = await launch({ ...variables, ...more });
    },
    async muster(...args) {
      const { stdout } = await promisify(execFile)(process.execPath, [CLI, ...args], {
        env: environment(store),
      });
      return stdout;
    },
  };
}

async function launch(variables: Record<string, string | undefined>) {
  const child = spawnServer(variables);
  const log: string[] = [];
  const errors: string[] = [];
  createInterface({ input: child.stderr! }).on('line', (line) => errors.push(line));
  const url = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout! }).on('line', (line) => {
      log.push(line);
      const [, found] = /Muster listens on (http:\/\/\S+?),/.exec(line) ?? [];
      if (found !== undefined) resolve(found);
    });
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      reject(new Error(`the server ended (${code ?? signal}) before it listened: ${[...errors, ...log].join('\n')}`));
    });
  });
  return { child, url, log };
}
