/** One server of several processes (`WORKERS`): this one listens, hands each connection to a worker, and replaces workers that die. */
import cluster, { type Worker } from 'node:cluster';
import { isSea } from 'node:sea';

/** How long to wait before a worker is replaced: less after the first death, more while each is soon dead again, in milliseconds. */
const SHORTEST_PAUSE = 100;
const LONGEST_PAUSE = 10_000;
/** A worker that has lived so long died of something new. */
const SETTLED = 30_000;
/** How long workers may take to stop before they are ended, in milliseconds: longer than each of them gives its requests. */
const STOP_TIMEOUT = 9500;

/** What a worker is told, and what it tells. */
const STOP = 'stop';
const READY = 'ready';

export interface WorkersOptions {
  count: number;
  log: { info(message: string): void; error(message: string): void };
}

/**
 * Starts the first worker, which brings the store up to date and makes the first key, then the others; replaces what dies. Ends the
 * process: with 1 when the first worker cannot start (which it has explained), with 0 on SIGTERM or SIGINT once all have finished.
 */
export function superviseWorkers({ count, log }: WorkersOptions): void {
  // An executable of its own has no script to name: its arguments begin where that would stand.
  if (isSea()) cluster.setupPrimary({ exec: process.argv[2], args: process.argv.slice(3), execArgv: [] });
  const births = new Map<Worker, number>();
  const answering = new Set<Worker>();
  let pause = SHORTEST_PAUSE;
  let isUp = false;
  let isStopping = false;
  let exitCode = 0;

  function start(): void {
    if (!isStopping) births.set(cluster.fork(), Date.now());
  }

  cluster.on('message', (worker, message) => {
    if (message !== READY) return;
    answering.add(worker);
    if (!isUp) for (let more = 1; more < count; more++) start();
    isUp = true;
    if (answering.size < count) return;
    log.info(`${count} processes answer: ${[...answering].map(({ process: { pid } }) => pid).join(', ')}`);
  });

  cluster.on('exit', (worker, code, signal) => {
    const lived = Date.now() - births.get(worker)!;
    births.delete(worker);
    answering.delete(worker);
    if (isStopping) {
      if (code !== 0) exitCode = 1;
      if (births.size === 0) process.exit(exitCode);
      return;
    }
    if (!isUp) process.exit(1);
    if (lived > SETTLED) pause = SHORTEST_PAUSE;
    log.error(`process ${worker.process.pid} ended (${signal ?? code}): another one takes its place`);
    setTimeout(start, pause);
    pause = Math.min(2 * pause, LONGEST_PAUSE);
  });

  function endAll(): void {
    for (const worker of births.keys()) worker.process.kill('SIGKILL');
    process.exit(1);
  }

  function stop(): void {
    // A second signal is somebody who does not want to wait.
    if (isStopping) endAll();
    isStopping = true;
    if (births.size === 0) process.exit(0);
    for (const worker of births.keys()) worker.send(STOP, () => {});
    setTimeout(endAll, STOP_TIMEOUT);
  }
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  start();
}

/** Whether this process is one of several, and whether it is the first of them, which speaks for all. */
export function workerRole(): 'none' | 'first' | 'other' {
  if (cluster.worker === undefined) return 'none';
  return cluster.worker.id === 1 ? 'first' : 'other';
}

/** Tells the process that started this one that it answers. */
export function announceReady(): void {
  process.send?.(READY);
}

/** Calls back when this worker is told to stop, by whoever started it or by a signal; every time it is told. */
export function onStop(stop: () => void): void {
  process.on('message', (message) => message === STOP && stop());
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
}
