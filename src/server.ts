import { availableParallelism } from 'node:os';
import { setFlagsFromString } from 'node:v8';
import manifest from '../package.json' with { type: 'json' };
import { makeFirstKey } from './bootstrap.ts';
import { readServerConfig, type ServerConfig } from './config.ts';
import { SetupError } from './core/errors.ts';
import { makeSignInLink } from './core/sessions.ts';
import type { Store } from './core/store.ts';
import { type App, makeApp } from './http/app.ts';
import { startImportRunner } from './jobs/import-runner.ts';
import { makeLog } from './log.ts';
import { openStore, placeOf } from './store/open.ts';
import { announceReady, onStop, superviseWorkers, workerRole } from './workers.ts';

/** How long requests under way may take to finish when the server stops, in milliseconds. */
const STOP_TIMEOUT = 8000;
/** What the console is built into. */
const CONSOLE = new URL('../console/dist/', import.meta.url);
/**
 * `npm start` keeps heaps small, for the embedded store has much beside them. In front of a database there is room, and to collect
 * as often would take a quarter of an import.
 */
const ROOMY_HEAP = '--heap-growing-percent=200';
/** How often a server that stops looks for connections with nothing more to answer, in milliseconds. */
const IDLE_CHECK = 50;

export interface RunningServer {
  /** Where it answers, as `http://127.0.0.1:8080`. */
  url: string;
  store: Store;
  /** Stops accepting, finishes what runs, closes the store. */
  stop(): Promise<void>;
}

export interface StartOptions {
  /** What the console is built into. */
  consoleFiles?: URL;
  /** Whether another process says where the server listens. */
  isOneOfMany?: boolean;
}

/**
 * Config → store → app → listen. Raises SetupError for what the operator must mend.
 * @param onDeath called when the store cannot acknowledge writes any more and the process should end.
 */
export async function startServer(
  config: ServerConfig,
  onDeath: (error: Error) => void,
  { consoleFiles = CONSOLE, isOneOfMany = false }: StartOptions = {},
): Promise<RunningServer> {
  const log = await makeLog(config.logLevel);
  const store = await openStore({
    ...config,
    processes: config.workers,
    role: 'server',
    searchThreads: Math.max(1, Math.min(4, availableParallelism() - 1)),
    onDeath(error) {
      log.fatal({ err: error }, 'the store died');
      onDeath(error);
    },
    onError: (error) => log.warn({ err: error }, 'something went wrong in the store, beside requests'),
  });
  const runner = startImportRunner({
    store,
    numberRule: config.numberRule,
    maxUnpacked: config.importMaxUnpacked,
    retention: config.importRetention,
    log,
  });
  const imports = { maxBytes: config.importMaxBytes, retention: config.importRetention, wake: runner.wake };
  const app = makeApp({ ...config, store, log, imports, consoleFiles, version: manifest.version });
  const stop = async () => {
    const late = setTimeout(() => app.server.closeAllConnections(), STOP_TIMEOUT);
    // A connection whose request is under way now is kept alive by its client afterwards: it is idle only then.
    const idle = setInterval(() => app.server.closeIdleConnections(), IDLE_CHECK);
    await app.close();
    clearTimeout(late);
    clearInterval(idle);
    await runner.stop();
    await store.close();
  };

  try {
    const url = await listen(app, config);
    const first = await makeFirstKey(store, config.bootstrapKey);
    log[isOneOfMany ? 'debug' : 'info'](`Muster listens on ${url}, its data is in ${placeOf(config)}`);
    if (first?.secret !== undefined) {
      // Whatever the level of the log: nobody could come in otherwise.
      const always = log.child({}, { level: 'info' });
      const curl = `curl -H 'X-Dexatel-Key: ${first.secret}' ${url}/v1/audiences`;
      always.info(`first start: made the account '${first.account}' and its key, shown only now: ${first.secret}`);
      always.info(`try it: ${curl}`);
      const link = await makeSignInLink(store, first.keyId);
      always.info(`or in a browser, by a link that is good once, for an hour: ${config.publicUrl ?? url}${link}`);
    }
    return { url, store, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/**
 * Runs the server as its environment says, in as many processes, until it is told to stop (SIGINT, SIGTERM: exit code 0). What the
 * operator must mend is one line on standard error and exit code 1.
 */
export async function serve(): Promise<void> {
  try {
    const config = readServerConfig();
    if (config.databaseUrl !== undefined) setFlagsFromString(ROOMY_HEAP);
    const role = workerRole();
    if (role !== 'none') await serveAsWorker(config, role === 'first');
    else if (config.workers > 1) superviseWorkers({ count: config.workers, log: await makeLog(config.logLevel) });
    else await serveAlone(config);
  } catch (error) {
    console.error(error instanceof SetupError ? `muster: ${error.message}` : error);
    process.exit(1);
  }
}

async function serveAlone(config: ServerConfig): Promise<void> {
  const server = await startServer(config, die);
  let isStopping = false;
  const stop = () => {
    // A second signal is somebody who does not want to wait.
    if (isStopping) process.exit(1);
    isStopping = true;
    void end(server);
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
}

async function serveAsWorker(config: ServerConfig, isFirst: boolean): Promise<void> {
  let server: RunningServer | undefined;
  let isStopping = false;
  // A terminal's interrupt comes twice: from the terminal, and from the process that started this one.
  onStop(() => {
    if (server === undefined) process.exit(0);
    if (!isStopping) void end(server);
    isStopping = true;
  });
  server = await startServer(config, die, { isOneOfMany: !isFirst });
  announceReady();
}

const die = () => process.exit(1);

function end(server: RunningServer): Promise<never> {
  return server.stop().then(
    () => process.exit(0),
    () => process.exit(1),
  );
}

const LISTEN_ERRORS: Record<string, string> = {
  EADDRINUSE: 'is in use: stop the program that has it, or set PORT to another',
  EACCES: 'may not be used by this user: set PORT to 1024 or higher',
  EADDRNOTAVAIL: 'is no address of this machine: set HOST',
  ENOTFOUND: 'is no known host: set HOST',
};

/** Listens, and answers where: a server on every address is reached at this machine's own. */
async function listen(app: App, { host, port }: ServerConfig): Promise<string> {
  try {
    await app.listen({ host, port });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const reason = LISTEN_ERRORS[code ?? ''];
    if (reason === undefined) throw error;
    throw new SetupError(`${host}:${port} ${reason}`);
  }
  const address = app.server.address() as { port: number };
  const name = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host.includes(':') ? `[${host}]` : host;
  return `http://${name}:${address.port}`;
}
