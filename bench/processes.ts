import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';
import type { Load, LoadResult } from './load.ts';

export const KEY = 'bench-key-of-sixteen';

export interface Server {
  port: number;
  pid: number;
  /** Milliseconds from the start of the process to its first answer. */
  startTook: number;
  stop(): Promise<void>;
}

/** What `npm start` gives to Node. */
const START = (createRequire(import.meta.url)('../package.json').scripts.start as string).split(' ').slice(1);

/**
 * Starts Muster as its user would, on a free port. What it compiles is kept beside its data: the first start in a directory is
 * that of a fresh checkout.
 */
export async function startMuster(directory: string, databaseUrl = ''): Promise<Server> {
  const began = performance.now();
  const child = spawn(process.execPath, START, {
    env: {
      ...process.env,
      PORT: '0',
      MUSTER_DATA: directory,
      NODE_COMPILE_CACHE: `${directory}-compiled`,
      DATABASE_URL: databaseUrl,
      MUSTER_BOOTSTRAP_KEY: KEY,
      RATE_LIMIT: '0',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let port = 0;
  for await (const line of createInterface({ input: child.stdout! })) {
    const found = /listens on http:\/\/127\.0\.0\.1:(\d+)/.exec(line);
    if (found === null) continue;
    port = Number(found[1]);
    break;
  }
  child.stdout!.resume();
  await fetch(`http://127.0.0.1:${port}/v1/audiences`, { headers: { 'x-dexatel-key': KEY } }).then((r) => r.text());
  return { port, pid: child.pid!, startTook: performance.now() - began, stop: () => end(child) };
}

export interface LimitServer {
  port: number;
  /** What it answers from now on. */
  answer(status: number, body: string): Promise<void>;
  stop(): Promise<void>;
}

export async function startLimitServer(): Promise<LimitServer> {
  const child = fork(new URL('limit-server.ts', import.meta.url));
  const [{ port }] = (await once(child, 'message')) as [{ port: number }];
  return {
    port,
    async answer(status, body) {
      child.send({ status, body });
      await once(child, 'message');
    },
    stop: () => end(child),
  };
}

/** Runs a load in a process of its own. */
export async function load(wanted: Load): Promise<LoadResult> {
  const child = fork(new URL('load.ts', import.meta.url));
  child.send(wanted);
  const [result] = (await once(child, 'message')) as [LoadResult];
  await end(child);
  if (result.wrong > 0) throw new Error(`${result.wrong} answers were not ${wanted.status}`);
  return result;
}

/** A process's private memory in MB: mapped file pages are not counted. */
export function privateMemory(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/RssAnon:\s+(\d+)/.exec(status)?.[1] ?? Number.NaN) / 1024;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  await ended;
}
