/** Contacts of whatever number, in calls of a bounded size, a bounded number of them side by side. */
import { MusterError } from './errors.ts';
import type { CallOptions, Http } from './http.ts';
import type { BulkOutcome, BulkResult, OnConflict } from './types.ts';

export interface UpsertManyOptions extends CallOptions {
  /** Most calls at once; 4 unless said. With 1 contacts are created in the order of the rows. */
  concurrency?: number;
  /** Most rows of a call, up to 1,000. Fewer bring results sooner where rows come slowly. */
  batchSize?: number;
}

/** What became of a row: `index` is its place among all rows, from 0, `row` the row as it was given. */
export type UpsertResult<Row> = BulkResult & { row: Row };

const MAX_ROWS = 1000;
/** The server takes 8 MiB; the rest is for what stands around the rows. */
const MAX_BYTES = 8 * 1024 * 1024 - 1024;
/** How many of a number's last digits tell numbers apart. */
const KEY_DIGITS = 7;

interface Batch<Row> {
  first: number;
  rows: Row[];
  json: string;
  keys: Set<string>;
}

export async function* upsertMany<Row>(
  http: Http,
  path: string,
  rows: Iterable<Row> | AsyncIterable<Row>,
  onConflict: OnConflict,
  { concurrency = 4, batchSize = MAX_ROWS, ...options }: UpsertManyOptions,
): AsyncGenerator<UpsertResult<Row>, void, undefined> {
  if (!(concurrency >= 1)) throw new RangeError('concurrency must be at least 1');
  if (!(batchSize >= 1 && batchSize <= MAX_ROWS)) throw new RangeError(`batchSize must be from 1 to ${MAX_ROWS}`);
  const ending = new AbortController();
  const aborted = new Promise<never>((_, reject) => {
    ending.signal.addEventListener('abort', () => reject(ending.signal.reason));
  });
  aborted.catch(() => {});
  const end = () => ending.abort(options.signal?.reason);
  if (options.signal?.aborted) end();
  else options.signal?.addEventListener('abort', end);
  const batches = cut(rows, batchSize);
  const running: { keys: Set<string>; done: Promise<UpsertResult<Row>[]> }[] = [];
  let isOver = false;
  let sourceFailure: { error: unknown } | undefined;

  async function send(batch: Batch<Row>, before: Promise<unknown>[]): Promise<UpsertResult<Row>[]> {
    await Promise.all(before);
    const json = `{"data":{"on_conflict":${JSON.stringify(onConflict)},"contacts":[${batch.json}]}}`;
    const request = { method: 'POST' as const, path, json, isRepeatable: onConflict !== 'error' };
    const { results } = await http
      .data<BulkOutcome>(request, { ...options, idempotencyKey: undefined, signal: ending.signal })
      .catch((error) => ({ results: [refusal(error, batch)] }));
    return results.map((result) => ({ ...result, index: batch.first + result.index, row: batch.rows[result.index]! }));
  }

  function start(batch: Batch<Row>): void {
    // Rows of one number must be applied in order: a call waits for those before it that may hold its numbers.
    const before = running.filter(({ keys }) => hasCommon(keys, batch.keys)).map(({ done }) => done);
    const done = send(batch, before);
    // Raised when its turn comes; until then nothing new begins.
    done.catch(() => {
      isOver = true;
    });
    running.push({ keys: batch.keys, done });
  }

  async function read(): Promise<Batch<Row> | undefined> {
    try {
      const { done, value } = await batches.next();
      if (!done) return value;
    } catch (error) {
      sourceFailure = { error };
    }
    isOver = true;
    return undefined;
  }

  try {
    let next: Promise<void> | undefined;
    while (!isOver || running.length > 0) {
      if (!isOver && running.length < concurrency) {
        next ??= read().then((batch) => {
          next = undefined;
          if (batch !== undefined && !isOver) start(batch);
        });
      }
      const head = running[0];
      // A source that is slow does not hold back results that are there.
      const results = await Promise.race([aborted, ...(head ? [head.done] : []), ...(next && !isOver ? [next] : [])]);
      if (results) {
        running.shift();
        yield* results;
      }
    }
    if (sourceFailure !== undefined) throw sourceFailure.error;
  } finally {
    options.signal?.removeEventListener('abort', end);
    ending.abort();
    await Promise.allSettled(running.map(({ done }) => done));
    // A source that hangs may not hold back the error.
    void batches.return(undefined).catch(() => {});
  }
}

/** Of a row that is too large for any call. Any other error is raised. */
function refusal<Row>(error: unknown, { rows }: Batch<Row>): BulkResult {
  const isTooLarge = error instanceof MusterError && error.status === 413 && rows.length === 1;
  if (!isTooLarge) throw error;
  return { index: 0, status: 'refused', errors: error.errors.map(({ code, message }) => ({ code, message })) };
}

async function* cut<Row>(
  rows: Iterable<Row> | AsyncIterable<Row>,
  size: number,
): AsyncGenerator<Batch<Row>, void, undefined> {
  const encoder = new TextEncoder();
  let batch: Batch<Row> = { first: 0, rows: [], json: '', keys: new Set() };
  let bytes = 0;
  for await (const row of rows) {
    // What is no JSON, as a function, is for the server to refuse.
    const json = JSON.stringify(row) ?? 'null';
    const own = encoder.encode(json).length + 1;
    if (batch.rows.length >= size || (bytes + own > MAX_BYTES && batch.rows.length > 0)) {
      yield batch;
      batch = { first: batch.first + batch.rows.length, rows: [], json: '', keys: new Set() };
      bytes = 0;
    }
    batch.json += batch.rows.length === 0 ? json : `,${json}`;
    batch.rows.push(row);
    bytes += own;
    const key = keyOf(row);
    if (key !== '') batch.keys.add(key);
  }
  if (batch.rows.length > 0) yield batch;
}

/**
 * The same for all spellings of a number: its last digits, which no prefix changes. Different numbers may share it, which
 * costs a little time and nothing else. The digits of other scripts that servers take have their value in the last four bits.
 */
function keyOf(row: unknown): string {
  const { number } = (row ?? {}) as { number?: unknown };
  const digits = String(number ?? '').match(/[0-9０-９٠-٩۰-۹]/g) ?? [];
  return digits
    .slice(-KEY_DIGITS)
    .map((digit) => digit.charCodeAt(0) & 15)
    .join('');
}

function hasCommon(some: Set<string>, others: Set<string>): boolean {
  for (const each of some) if (others.has(each)) return true;
  return false;
}
