import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { failure, MusterError, SetupError } from '../../core/errors.ts';
import {
  AnswerLost,
  type Cursor,
  type Database,
  IS_ABORTED,
  type Query,
  SECOND_TRY,
  type Statement,
  sqlState,
  type TransactionKind,
  UNKNOWN_OUTCOME,
} from './database.ts';

/** Connections of one process, and those that exports may have besides. */
const CONNECTIONS = 16;
const CURSOR_CONNECTIONS = 8;
/** Processes of one machine have as many together as so many of them: a server lets in 100 by its own settings. */
const PROCESSES = 3;
const FEWEST_CONNECTIONS = 4;
/** How long an operation waits for a connection, in milliseconds, and how many may wait. */
const CONNECTION_WAIT = 5000;
const MAX_WAITING = 2000;
/** Times a transaction is begun again when others were in its way. */
const ATTEMPTS = 8;
/** How long the fate of a transaction may be unknown, in milliseconds. */
const FATE_WAIT = 5000;

/**
 * What every connection is set to, whatever the server's own defaults: a commit that is answered is on the disk, a transaction
 * sees what others commit, and nothing waits for ever. Rows are looked up by their indexes, each once, also in tables that have grown since they
 * were analysed, and statements are planned once, which would take longer than most of them.
 */
const SETTINGS = `
  SET statement_timeout = '30s';
  SET lock_timeout = '10s';
  SET idle_in_transaction_session_timeout = '15min';
  SET default_transaction_isolation = 'read committed';
  SET jit = off;
  SET enable_hashjoin = off;
  SET enable_mergejoin = off;
  SET enable_seqscan = off;
  SET enable_memoize = off;
  SET plan_cache_mode = force_generic_plan;
  SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off';
`;

/** The server is not there, cannot take us now, or has let us go. */
const LOST = /^(08...|57P0[1-5]|E[A-Z]+)$/;
const LOST_MESSAGE = /Connection terminated|not queryable|connection error|Client was closed/;
/** Others were in the way: a deadlock, or a serialization failure. */
const AGAIN = new Set(['40001', '40P01']);
/** No space, no memory, too many connections; a timeout; a server that only reads; failing disks. */
const UNAVAILABLE = /^(53...|57014|55P03|25006|58030|XX00[12])$/;

/**
 * A database of a PostgreSQL server.
 * @param onError told what goes wrong with connections nobody uses at the time.
 * @param options what the database calls the connections, and how many processes share them.
 */
export function openPool(
  url: string,
  onError: (error: Error) => void,
  { name, processes = 1 }: { name: string; processes?: number },
): Database {
  const share = (most: number) => Math.min(most, Math.floor((most * PROCESSES) / processes));
  const makePool = (max: number) => {
    const pool = new pg.Pool({
      connectionString: url,
      max,
      connectionTimeoutMillis: CONNECTION_WAIT,
      idleTimeoutMillis: 60_000,
      keepAlive: true,
      application_name: name,
      pipeline: true,
      onConnect: async (client: pg.ClientBase) => {
        // An error of a connection in use reaches its query as well; nobody else listens for it.
        client.on('error', () => {});
        await client.query(SETTINGS);
      },
    } as pg.PoolConfig);
    // A connection that breaks while it is idle leaves the pool by itself. Its error carries the connection, settings and all.
    pool.on('error', ({ message }) => onError(new Error(message)));
    return pool;
  };
  const connections = Math.max(FEWEST_CONNECTIONS, share(CONNECTIONS));
  const pool = makePool(connections);
  const cursors = makePool(Math.max(1, share(CURSOR_CONNECTIONS)));
  const names = new Map<string, string>();
  let isFull = false;

  async function connect(from: pg.Pool): Promise<pg.PoolClient> {
    if (from.waitingCount >= MAX_WAITING) throw failure(9503);
    try {
      return await from.connect();
    } catch {
      // Whatever the reason: nothing was asked of the database yet.
      throw failure(9503);
    }
  }

  /** The name a statement is prepared under. */
  function nameOf(text: string): string {
    let name = names.get(text);
    if (name === undefined) {
      name = `muster_${names.size + 1}`;
      names.set(text, name);
    }
    return name;
  }

  function queryOn(client: pg.ClientBase): Query {
    return async <Row>(text: string, values: unknown[] = [], options: { isPlannedAnew?: boolean } = {}) => {
      const statement = options.isPlannedAnew ? { text, values } : { name: nameOf(text), text, values };
      return (await client.query(statement)).rows as Row[];
    };
  }

  /** Runs work on a connection of its own, which goes back to the pool if it is still good. */
  async function withClient<T>(work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
    const client = await connect(pool);
    try {
      const result = await work(client);
      client.release();
      return result;
    } catch (error) {
      const isBroken = isLost(error) || error instanceof AnswerLost || client.getTransactionStatus() !== 'I';
      client.release(isBroken);
      throw error;
    }
  }

  /** Tries again while others are in the way. */
  async function patiently<T>(work: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await work();
      } catch (error) {
        const { code = '' } = sqlState(error);
        isFull ||= code === DISK_FULL;
        if (AGAIN.has(code) && attempt < ATTEMPTS) {
          await pause(Math.random() * 2 ** attempt * 5);
          continue;
        }
        throw translate(error);
      }
    }
  }

  /** One run of a transaction. Raises AnswerLost only when its fate cannot be found out. */
  async function runOnce<T>(work: (query: Query) => Promise<T>, kind: TransactionKind): Promise<T> {
    const token = randomUUID();
    let isCommitting = false;
    let result: T;
    try {
      return await withClient(async (client) => {
        // Nobody waits for it: it arrives with the first statement.
        const begun = begin(client, kind, token);
        try {
          result = await work(queryOn(client));
          await begun;
          isCommitting = true;
          const ended = client.query('COMMIT');
          // What was read stands whatever becomes of it, and whoever has the connection next is behind it.
          if (kind === 'snapshot') ended.catch(() => {});
          else await ended;
          return result;
        } catch (error) {
          if (!isLost(error)) await client.query('ROLLBACK').catch(() => {});
          // What stopped the transaction is told by the first statement that failed.
          if (sqlState(error).code === IS_ABORTED) await begun;
          throw error;
        }
      });
    } catch (error) {
      if (kind !== 'write' || !isCommitting || !isLost(error)) throw error;
      if (await wasCommitted(token)) return result!;
      throw error;
    }
  }

  /** A write leaves its token: it is there if, and only if, the transaction took place. */
  function begin(client: pg.ClientBase, kind: TransactionKind, token: string): Promise<unknown> {
    const begun = client.query(BEGIN[kind]);
    const left = kind === 'write' ? queryOn(client)(LEAVE_TOKEN, [token]) : undefined;
    const both = Promise.all([begun, left]);
    both.catch(() => {});
    return both;
  }

  /**
   * Whether a transaction took place whose commit was not answered; if not, its token is taken, so that it never will. This waits
   * for one that is still under way. (Its number would tell less: a server that crashed gives numbers again whose transactions
   * it has lost.) Raises AnswerLost when nobody can tell.
   */
  async function wasCommitted(token: string): Promise<boolean> {
    for (const deadline = Date.now() + FATE_WAIT; Date.now() < deadline; await pause(100)) {
      try {
        return await withClient(async (client) => {
          await queryOn(client)(TAKE_TOKEN, [token]);
          const [row] = await queryOn(client)<{ is_void: boolean }>(READ_TOKEN, [token]);
          return !row!.is_void;
        });
      } catch {
        // The database comes back, or it does not.
      }
    }
    throw new AnswerLost('the fate of a transaction is not known');
  }

  return {
    connections,

    query: (text, values, options) =>
      patiently(async () => {
        try {
          return await withClient((client) => queryOn(client)(text, values, options));
        } catch (error) {
          throw isLost(error) ? new AnswerLost((error as Error).message) : error;
        }
      }),

    async transaction(work, kind = 'write') {
      for (let isAgain = false; ; isAgain = true) {
        try {
          return await patiently(() => runOnce(work, kind));
        } catch (error) {
          if (error instanceof AnswerLost) throw failure(9503, undefined, UNKNOWN_OUTCOME);
          if (!(error instanceof LostBefore)) throw error;
          // It has changed nothing, and connections of a server that was restarted are all lost at once: one more try, when all
          // of them are known to be.
          if (isAgain) throw failure(9503);
          await pause(SECOND_TRY);
        }
      }
    },

    async cursor(prepare) {
      try {
        return await patiently(() => openCursor(prepare));
      } catch (error) {
        throw error instanceof LostBefore ? failure(9503) : error;
      }
    },

    async requireSpace() {
      if (!isFull) return;
      await this.query(TAKE_SPACE, [], { isPlannedAnew: true });
      isFull = false;
    },

    async close() {
      await Promise.all([pool.end(), cursors.end()]);
    },
  };

  async function openCursor<Row>(prepare: (query: Query) => Promise<Statement>): Promise<Cursor<Row>> {
    const client = await connect(cursors);
    let isOpen = true;
    const close = async (isBroken: boolean) => {
      if (!isOpen) return;
      isOpen = false;
      if (!isBroken) await client.query('ROLLBACK').catch(() => {});
      client.release(isBroken);
    };
    try {
      await client.query(BEGIN.snapshot);
      const { text, values } = await prepare(queryOn(client));
      await client.query(`DECLARE walk NO SCROLL CURSOR FOR ${text}`, values);
    } catch (error) {
      await close(isLost(error));
      throw error;
    }
    return {
      async next(count) {
        if (!isOpen) return [];
        try {
          return (await client.query(`FETCH ${count} FROM walk`)).rows as Row[];
        } catch (error) {
          await close(true);
          const told = translate(error);
          throw told instanceof LostBefore ? failure(9503) : told;
        }
      },
      close: () => close(false),
    };
  }
}

const DISK_FULL = '53100';
/** A megabyte that is there no longer when the statement has ended. */
const TAKE_SPACE = `CREATE TEMP TABLE space ON COMMIT DROP AS SELECT repeat(md5(n::text), 32) FROM generate_series(1, 1000) AS n`;
const BEGIN: Record<TransactionKind, string> = {
  write: 'BEGIN',
  again: 'BEGIN',
  snapshot: 'BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY',
  derive: 'BEGIN ISOLATION LEVEL REPEATABLE READ',
};
const LEAVE_TOKEN = 'INSERT INTO commits (token, is_void) VALUES ($1, false)';
const TAKE_TOKEN = 'INSERT INTO commits (token, is_void) VALUES ($1, true) ON CONFLICT (token) DO NOTHING';
const READ_TOKEN = 'SELECT is_void FROM commits WHERE token = $1';

/** A transaction's connection was lost before its commit. */
class LostBefore extends Error {}

function isLost(error: unknown): boolean {
  if (error instanceof LostBefore) return true;
  const { code } = sqlState(error);
  if (code !== undefined) return LOST.test(code);
  return error instanceof Error && LOST_MESSAGE.test(error.message);
}

function translate(error: unknown): unknown {
  if (error instanceof MusterError || error instanceof AnswerLost || error instanceof LostBefore) return error;
  if (isLost(error)) return new LostBefore((error as Error).message);
  const { code = '' } = sqlState(error);
  return UNAVAILABLE.test(code) || AGAIN.has(code) ? failure(9503) : error;
}

/** Says what an operator can mend when a first connection fails. Raises SetupError. @param variable where the URL was given. */
export async function requireServer(url: string, variable = 'DATABASE_URL'): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: CONNECTION_WAIT });
  client.on('error', () => {});
  const place = `PostgreSQL at ${client.host}:${client.port}, database '${client.database}'`;
  try {
    await client.connect();
    const { rows } = await client.query(
      `SELECT current_setting('server_version_num')::int AS version, current_setting('server_encoding') AS encoding`,
    );
    const { version, encoding } = rows[0];
    if (version < 150000) throw new SetupError(`${place} is too old: Muster needs PostgreSQL 15 or later`);
    if (encoding !== 'UTF8')
      throw new SetupError(`${place} has the encoding ${encoding}: make it with ENCODING 'UTF8'`);
  } catch (error) {
    if (error instanceof SetupError) throw error;
    throw new SetupError(`${place}, cannot be used (${(error as Error).message}): check ${variable}`);
  } finally {
    await client.end().catch(() => {});
  }
}
