/** Requests: attempts, retries, time limits, and errors made of whatever goes wrong. */

import { keepTag } from './entity-tags.ts';
import { ConnectionError, type ErrorAnswer, errorOf, MusterError, ProtocolError } from './errors.ts';
import { type Guard, makeGuard, pause } from './guard.ts';
import { type Query, queryText } from './path.ts';
import { isWorthRetrying, waitBefore } from './retry.ts';
import type { Upload } from './upload.ts';

/** What can be said of any single call, as its last argument. */
export interface CallOptions {
  /** Ends the call, waits between attempts included; it then raises the signal's reason. */
  signal?: AbortSignal;
  /** Milliseconds for one attempt; of a file or of events, for each silence. 0 is for ever. */
  timeout?: number;
  /** How often the call is made again after a failure that permits it. */
  maxRetries?: number;
  /** Told before each wait. When it answers `false`, the error is raised instead. */
  onRetry?: (retry: Retry) => unknown;
  /** Instead of a random one, to repeat a write across restarts of the caller. */
  idempotencyKey?: string;
  /** Of a change or a deletion: only while this is the entity tag still, see `etagOf`. Else PreconditionFailedError is raised. */
  ifMatch?: string | undefined;
  /** Headers beside those that every request has. */
  headers?: Record<string, string>;
}

/** A call that is about to be made again. */
export interface Retry {
  error: MusterError;
  /** How often it failed so far. */
  attempts: number;
  /** Milliseconds until then. */
  wait: number;
}

export interface HttpOptions {
  baseUrl: string;
  apiKey: string | null;
  headers: (() => Record<string, string>) | undefined;
  timeout: number;
  maxRetries: number;
  retryDelay: number;
  onRetry: CallOptions['onRetry'];
  idempotency: boolean | undefined;
  fetch: typeof fetch;
}

export interface Request {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  path: string;
  query?: Query;
  /** Sent as the member `data`. */
  data?: unknown;
  /** Sent as it is, instead of `data`. */
  json?: string;
  upload?: Upload;
  /** Whether a POST leaves the same behind when it is carried out twice. */
  isRepeatable?: boolean;
  /** Whether the server passes an idempotency key over: a POST whose answer was lost is then not made again. */
  isUnkeyed?: boolean;
  /** Whether an error says that an attempt before, whose answer was lost, did it. The call then gives undefined. */
  isDone?: (error: unknown) => boolean;
}

/** What has begun to arrive. Whoever reads it stops the guard. */
export interface Answer {
  response: Response;
  guard: Guard;
}

/** What resources make their requests with. */
export interface Http {
  /** The body of the answer, parsed; undefined when there is none. */
  send<Body>(request: Request, options?: CallOptions): Promise<Body>;
  /** The answer's member `data`. */
  data<Data>(request: Request, options?: CallOptions): Promise<Data>;
  /** The answer as it comes. */
  open<Result>(request: Request, options: CallOptions, read: (answer: Answer) => Result): Promise<Result>;
}

/** What says that nobody was reached, in Node, Deno and Bun; browsers do not say. */
const NOT_REACHED =
  /^(?:ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|UND_ERR_CONNECT_TIMEOUT|ConnectionRefused)$/;

export function makeHttp(defaults: HttpOptions): Http {
  // A server that tells of idempotency keys keeps its promise for all that follows.
  let isIdempotent = defaults.idempotency ?? false;

  async function attempt(url: string, request: Request, headers: Headers, guard: Guard): Promise<Response> {
    const { method, data, json, upload } = request;
    const body = json ?? (data === undefined ? undefined : JSON.stringify({ data }));
    const init: RequestInit = { method, headers, signal: guard.signal };
    const response = await (upload === undefined
      ? // A redirect would carry the key to another address.
        defaults.fetch(url, { ...init, redirect: 'manual', ...(body !== undefined && { body }) })
      : upload.send(defaults.fetch, url, init, guard.touch));
    if (defaults.idempotency === undefined) {
      isIdempotent ||= response.headers.has('idempotency-key') || response.headers.has('idempotent-replayed');
    }
    if (response.ok) return response;
    if (response.type === 'opaqueredirect' || (response.status >= 300 && response.status < 400)) {
      throw new ProtocolError(`${defaults.baseUrl} answers with a redirect: set baseUrl to where it leads`);
    }
    throw errorOf(await readError(response));
  }

  async function perform<Result>(
    request: Request,
    options: CallOptions,
    read: (answer: Answer) => Result | Promise<Result>,
  ): Promise<Result> {
    const { method, upload } = request;
    const {
      timeout = defaults.timeout,
      maxRetries = defaults.maxRetries,
      onRetry = defaults.onRetry,
      signal,
    } = options;
    const url = defaults.baseUrl + request.path + queryText(request.query ?? {});
    const headers = new Headers({ ...defaults.headers?.(), ...options.headers });
    if (options.ifMatch !== undefined) headers.set('if-match', options.ifMatch);
    if (defaults.apiKey !== null) headers.set('x-dexatel-key', defaults.apiKey);
    if (request.data !== undefined || request.json !== undefined) headers.set('content-type', 'application/json');
    // What a file is shows in its content and its name.
    if (upload !== undefined) headers.set('content-type', 'application/octet-stream');
    if (method !== 'GET') headers.set('idempotency-key', options.idempotencyKey ?? randomKey());
    let isLost = false;
    for (let count = 0; ; count++) {
      const guard = makeGuard(timeout, signal);
      try {
        if (signal?.aborted) throw signal.reason;
        const response = await attempt(url, request, headers, guard);
        return await read({ response, guard });
      } catch (thrown) {
        guard.stop();
        const error = explain(thrown, guard, request, defaults.baseUrl);
        if (isLost && request.isDone?.(error)) return undefined as Result;
        isLost ||= error instanceof MusterError && error.isOutcomeUnknown;
        // Of a file that was not sent to its end nothing is kept.
        const isCut = upload !== undefined && !upload.isSent;
        const canRepeat =
          (isIdempotent && !request.isUnkeyed) || isCut || method !== 'POST' || request.isRepeatable === true;
        const canSend = upload === undefined || upload.isRepeatable || !upload.isBegun;
        if (count >= maxRetries || !canSend || !isWorthRetrying(error, canRepeat)) throw error;
        const wait = waitBefore(count, error, defaults.retryDelay);
        if (wait === undefined || onRetry?.({ error, attempts: count + 1, wait }) === false) throw error;
        await pause(wait, signal);
      }
    }
  }

  async function send<Body>(request: Request, options: CallOptions = {}): Promise<Body> {
    return perform(request, options, async ({ response, guard }) => {
      const text = await response.text();
      guard.stop();
      const body = text === '' ? undefined : parse(text, defaults.baseUrl);
      const tag = response.headers.get('etag');
      if (tag !== null) keepTag((body as { data?: unknown } | undefined)?.data, tag);
      return body as Body;
    });
  }

  return {
    send,
    data: async <Data>(request: Request, options?: CallOptions) =>
      (await send<{ data: Data } | undefined>(request, options))?.data as Data,
    open: perform,
  };
}

/** What to raise for what was thrown on the way. */
function explain(thrown: unknown, guard: Guard, request: Request, baseUrl: string): unknown {
  const reason = guard.reason();
  if (reason !== undefined) return reason.error;
  if (request.upload?.failure !== undefined) return request.upload.failure.error;
  return thrown instanceof MusterError ? thrown : connectionError(thrown, baseUrl);
}

/** The error for a line that broke, or was never there. */
export function connectionError(thrown: unknown, baseUrl = ''): ConnectionError {
  if (thrown instanceof ConnectionError) return thrown;
  const { message, code, cause } = thrown as { message?: string; code?: string; cause?: typeof thrown };
  const { code: inner, message: told } = (cause ?? {}) as { code?: string; message?: string };
  const why = inner ?? code ?? told ?? message ?? String(thrown);
  const what = baseUrl === '' ? 'the answer broke off' : `no answer from ${baseUrl}`;
  return new ConnectionError(`${what} (${why})`, !NOT_REACHED.test(why), thrown);
}

async function readError(response: Response): Promise<ErrorAnswer> {
  const text = await response.text();
  let errors: ErrorAnswer['errors'] = [];
  try {
    const body = JSON.parse(text) as { errors?: ErrorAnswer['errors'] } | null;
    if (Array.isArray(body?.errors)) errors = body.errors;
  } catch {
    // A proxy's page: the status says enough.
  }
  const { headers, status } = response;
  const requestId = headers.get('x-request-id') ?? undefined;
  return { status, errors, requestId, retryAfter: secondsIn(headers.get('retry-after')) };
}

/** `Retry-After` in either of its forms (RFC 9110, section 10.2.3), in seconds from now. */
function secondsIn(header: string | null): number | undefined {
  if (header === null) return undefined;
  const seconds = /^\d+$/.test(header) ? Number(header) : (Date.parse(header) - Date.now()) / 1000;
  return Number.isNaN(seconds) ? undefined : Math.max(0, seconds);
}

function parse(text: string, baseUrl: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new ProtocolError(`${baseUrl} is no server of this API: its answer is not JSON. Set baseUrl`);
  }
}

/** 128 random bits. `crypto.randomUUID` is missing in pages that come without TLS. */
function randomKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
