/** A PostgreSQL server of the tests' own, where its programs are installed: one that may be killed. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, globSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runOnServer } from './postgres.ts';

const PROGRAMS = globSync('/usr/lib/postgresql/*/bin')
  .sort()
  .findLast((directory) => existsSync(join(directory, 'initdb')));

/** Why tests that need one are not run. */
export const NEEDS_PROGRAMS = PROGRAMS === undefined && 'the programs of PostgreSQL are not in /usr/lib/postgresql';

export interface PostgresServer {
  /** Of the database `postgres`, as its superuser. */
  url: string;
  /** Ends it at once; the processes it leaves behind notice in a moment, and end as well. */
  kill(): Promise<void>;
  /** Stops it as an administrator does who does not wait for clients. */
  stop(): Promise<void>;
  /** Starts it, and waits until it answers. */
  start(): Promise<void>;
  /** Kills it and removes its data. */
  remove(): Promise<void>;
}

export async function makeServer(): Promise<PostgresServer> {
  const directory = mkdtempSync(join(tmpdir(), 'muster-postgres-'));
  const user = serverUser();
  if (user !== undefined) chownSync(directory, user.uid, user.gid);
  const data = join(directory, 'data');
  const port = await freePort();
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`;
  const run = (program: string, args: string[]) => [join(PROGRAMS!, program), args] as const;
  const [initdb, how] = run('initdb', ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C.UTF-8']);
  execFileSync(initdb, how, { ...user, stdio: 'pipe', cwd: directory });
  let server: ChildProcess | undefined;

  async function start(): Promise<void> {
    // Each server of ours may have two dozen connections, and test files run side by side.
    const settings = [
      'listen_addresses=127.0.0.1',
      `port=${port}`,
      `unix_socket_directories=${directory}`,
      'max_connections=500',
    ];
    const [program, args] = run('postgres', ['-D', data, ...settings.flatMap((each) => ['-c', each])]);
    for (const deadline = Date.now() + 30_000; ; ) {
      server ??= spawn(program, args, { ...user, stdio: 'ignore', cwd: directory });
      try {
        await runOnServer(url, 'SELECT 1');
        return;
      } catch (error) {
        if (Date.now() > deadline) throw error;
        // It does not start before the last process of the one that was killed has noticed.
        if (server.exitCode !== null) server = undefined;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    }
  }

  async function end(signal: NodeJS.Signals): Promise<void> {
    if (server === undefined || server.exitCode !== null || server.signalCode !== null) return;
    const ended = once(server, 'exit');
    server.kill(signal);
    await ended;
    server = undefined;
  }
  const kill = () => end('SIGKILL');

  process.once('exit', () => server?.kill('SIGKILL'));
  await start();
  return {
    url,
    kill,
    stop: () => end('SIGINT'), // PostgreSQL's "fast shutdown"
    start,
    async remove() {
      await kill();
      rmSync(directory, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
    },
  };
}

/** PostgreSQL does not run as root: the user that its package has made. */
export function serverUser(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const id = (option: string) => Number(execFileSync('id', [option, 'postgres']).toString());
  return { uid: id('-u'), gid: id('-g') };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}
