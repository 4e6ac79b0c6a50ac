/**
 * What the PostgreSQL store asks of a database: statements, transactions, and walks through one snapshot. A pool of
 * connections to a server is one (`pool.ts`); tests bring another, on PostgreSQL in WebAssembly.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { failure, MusterError } from '../../core/errors.ts';

/** How a statement is run. */
export interface StatementOptions {
  /**
   * Whether the server plans it anew, as a search needs: which way is best depends on how large the tables are now. Other
   * statements are prepared once a connection.
   */
  isPlannedAnew?: boolean;
}

export type Query = <Row = Record<string, unknown>>(
  text: string,
  values?: unknown[],
  options?: StatementOptions,
) => Promise<Row[]>;

/**
 * `write` takes place once. `again` may take place once more when the answer to its commit is lost, and does no harm then. Both
 * see what others commit meanwhile. `snapshot` reads everything as it is at one moment; `derive` does so as well, and writes what
 * follows from it: it is begun again when somebody else has changed a row that it changes, and may take place once more.
 */
export type TransactionKind = 'write' | 'again' | 'snapshot' | 'derive';

export interface Statement {
  text: string;
  values: unknown[];
}

/** Rows of a statement as they are at one moment. */
export interface Cursor<Row> {
  /** The next rows; none at the end. */
  next(count: number): Promise<Row[]>;
  close(): Promise<void>;
}

export interface Database {
  /** Transactions that may be under way at once. */
  connections: number;
  /** One statement, which is a transaction of its own. */
  query: Query;
  /** What `work` wrote stands whole when this resolves, and not at all when it rejects. `work` may run several times. */
  transaction<T>(work: (query: Query) => Promise<T>, kind?: TransactionKind): Promise<T>;
  /** Rows of a statement. @param prepare gives it, from what is there at the same moment. */
  cursor<Row>(prepare: (query: Query) => Promise<Statement>): Promise<Cursor<Row>>;
  /** After a write found no space: raises 9503 unless there is some again. */
  requireSpace?(): Promise<void>;
  close(): Promise<void>;
}

/** The connection was lost before the answer to a statement came: nobody knows whether it was carried out. */
export class AnswerLost extends Error {
  override name = 'AnswerLost';
}

/** How long to wait before a database whose connection was lost is asked again, in milliseconds. */
export const SECOND_TRY = 300;
/** What a 9503 says when it cannot promise that nothing was changed. */
export const UNKNOWN_OUTCOME =
  'The database was lost before it answered, and whether the change was made is not known: look before you try again';

/**
 * Runs an operation that writes by single statements. When the connection is lost in the middle it is run once more, and
 * `isAgain` says that the first time may have done its work. Raises 9503 when that is lost too.
 */
export function surely<T>(operation: (isAgain: boolean) => Promise<T>): Promise<T> {
  return twice(operation, UNKNOWN_OUTCOME);
}

/** Runs an operation that only reads, once more when the connection is lost in the middle. Raises 9503. */
export function reading<T>(operation: () => Promise<T>): Promise<T> {
  return twice(operation);
}

async function twice<T>(operation: (isAgain: boolean) => Promise<T>, detail?: string): Promise<T> {
  try {
    return await operation(false);
  } catch (error) {
    if (!(error instanceof AnswerLost)) throw error;
  }
  await pause(SECOND_TRY);
  try {
    return await operation(true);
  } catch (error) {
    const isAway = error instanceof AnswerLost || (error instanceof MusterError && error.problems[0]?.code === 9503);
    throw isAway ? failure(9503, undefined, detail) : error;
  }
}

/** Of a statement behind one that failed in the same transaction. */
export const IS_ABORTED = '25P02';

/**
 * Waits for all statements of one transaction that were sent one behind the other. Raises what the one that failed raised, and not
 * that those behind it could not run any more: they may stand before it in the list.
 */
export async function inTurn(sent: Promise<unknown>[]): Promise<void> {
  const answers = await Promise.allSettled(sent);
  const reasons = answers.flatMap((each) => (each.status === 'rejected' ? [each.reason] : []));
  if (reasons.length > 0) throw reasons.find((reason) => sqlState(reason).code !== IS_ABORTED) ?? reasons[0];
}

/** The error's SQLSTATE and the constraint it names, if PostgreSQL raised it. */
export function sqlState(error: unknown): { code?: string; constraint?: string } {
  return error instanceof Error ? (error as { code?: string; constraint?: string }) : {};
}

/** Whether a write was refused because of this unique index. On a cluster that of a part has the part's number behind its name. */
export function isTaken(error: unknown, index: string): boolean {
  const { code, constraint = '' } = sqlState(error);
  return code === '23505' && constraint.replace(/_\d+$/, '') === index;
}
