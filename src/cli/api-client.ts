import { nameKey } from '../core/audiences.ts';
import { SetupError } from '../core/errors.ts';

/** An error the server answered with: its status, and each problem's code and message. */
export class ApiError extends Error {
  readonly status: number;
  readonly errors: { code: number; message: string; contact_id?: string }[];
  /** Seconds the server asks to wait, from `Retry-After`. */
  readonly retryAfter: number | undefined;
  constructor(status: number, errors: ApiError['errors'], retryAfter?: number) {
    super(errors.map(({ code, message }) => `${message} (${code})`).join('; ') || `the server answered ${status}`);
    this.name = 'ApiError';
    this.status = status;
    this.errors = errors;
    this.retryAfter = retryAfter;
  }
}

/** No answer came. Unless nobody was reached at all, what was asked for may or may not have happened. */
export class ConnectionError extends Error {
  readonly wasReached: boolean;
  constructor(message: string, wasReached: boolean) {
    super(message);
    this.name = 'ConnectionError';
    this.wasReached = wasReached;
  }
}

/** What says that no connection was made, so that nothing can have been sent. */
const NOT_REACHED = [
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
];

const NO_CONTENT = 204;
/** Unless it may neither follow redirects nor ask a window, fetch keeps a copy of all that it sends. */
const STREAMED: RequestInit = { duplex: 'half', redirect: 'error', window: null };

export interface ApiClient {
  get<T>(path: string): Promise<T>;
  post<T>(path: string, data?: unknown): Promise<T>;
  delete(path: string): Promise<void>;
  /**
   * Posts bytes of whatever length as they come, no faster than the server takes them. An error that the server answers before
   * it has seen all is raised as any other.
   */
  upload<T>(path: string, bytes: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<T>;
  /** The bytes of an answer, as they come. A connection that breaks before their end raises ConnectionError. */
  stream(path: string): AsyncGenerator<Uint8Array, void, undefined>;
}

/** Talks to a Muster server. Methods raise ApiError or ConnectionError. @param key raises SetupError when empty. */
export function makeApiClient(url: string, key: string): ApiClient {
  if (key === '') throw new SetupError('no API key: set MUSTER_KEY, or give --key');

  function ask(method: string, path: string, body: RequestInit = {}, type?: string): Promise<Response> {
    const headers = { 'x-dexatel-key': key, ...(type === undefined ? {} : { 'content-type': type }) };
    return fetch(path.startsWith('http') ? path : url + path, { ...body, method, headers });
  }

  async function send<T>(method: string, path: string, body?: RequestInit, type?: string): Promise<T> {
    let answer: Response;
    let text: string;
    try {
      answer = await ask(method, path, body, type);
      text = await answer.text();
    } catch (error) {
      throw connectionError(error, url);
    }
    if (!answer.ok) throw apiError(answer, text);
    return (answer.status === NO_CONTENT ? undefined : parse<T>(text, url)) as T;
  }

  async function* stream(path: string): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      const answer = await ask('GET', path);
      if (!answer.ok) throw apiError(answer, await answer.text());
      if (answer.body !== null) yield* answer.body;
    } catch (error) {
      throw error instanceof ApiError ? error : connectionError(error, url);
    }
  }

  return {
    get: (path) => send('GET', path),
    post: (path, data) =>
      data === undefined
        ? send('POST', path)
        : send('POST', path, { body: JSON.stringify({ data }) }, 'application/json'),
    delete: (path) => send('DELETE', path),
    upload: (path, bytes, signal) =>
      send('POST', path, { ...STREAMED, body: ReadableStream.from(bytes), signal }, 'application/octet-stream'),
    stream,
  };
}

function connectionError(error: unknown, url: string): ConnectionError {
  const { cause } = error as { cause?: { code?: string; message?: string } };
  const why = cause?.code ?? cause?.message ?? (error as Error).message;
  const wasReached = !NOT_REACHED.includes(why);
  const hint = wasReached ? '' : ': start the server, or set MUSTER_URL to where it is';
  return new ConnectionError(`no answer from ${url} (${why})${hint}`, wasReached);
}

function apiError(answer: Response, text: string): ApiError {
  const wait = Number(answer.headers.get('retry-after') ?? Number.NaN);
  return new ApiError(answer.status, errorsIn(text), Number.isNaN(wait) ? undefined : wait);
}

function parse<T>(text: string, url: string): T {
  try {
    return JSON.parse(text) as T;
  } catch {
    throw new SetupError(`${url} is no Muster server: its answer is not JSON. Set MUSTER_URL`);
  }
}

function errorsIn(text: string): ApiError['errors'] {
  try {
    return JSON.parse(text).errors ?? [];
  } catch {
    return [];
  }
}

export interface ApiAudience {
  id: string;
  name: string;
  channel: string;
  contacts_count: number;
  create_date: string;
}

export interface ApiContact {
  id: string;
  number: string;
  first_name: string | null;
  last_name: string | null;
  timestamp: string | null;
  date: string | null;
  tags: string[];
  create_date: string;
  update_date: string;
}

interface ApiPage<Item> {
  data: Item[];
  pagination: { total: number; links: { next: string | null } };
}

/** Every item of a list, page by page. @param path with its query; the pages follow the server's own tokens. */
export async function* walkPages<Item>(client: ApiClient, path: string): AsyncGenerator<{ item: Item; total: number }> {
  let next: string | null = path;
  while (next !== null) {
    const { data, pagination }: ApiPage<Item> = await client.get(next);
    for (const item of data) yield { item, total: pagination.total };
    const token: string | null =
      pagination.links.next === null ? null : new URL(pagination.links.next).searchParams.get('page_token');
    // The token alone is taken from the link: the server may know itself under another name.
    next = token === null ? null : `${path}${path.includes('?') ? '&' : '?'}page_token=${token}`;
  }
}

/** The audience of this name (in any case) or id. */
export async function findAudience(client: ApiClient, nameOrId: string): Promise<ApiAudience | undefined> {
  const name = nameKey(nameOrId.trim().normalize('NFC'));
  const id = nameOrId.trim().toLowerCase();
  for await (const { item } of walkPages<ApiAudience>(client, '/v1/audiences?page_size=1000')) {
    if (item.id === id || nameKey(item.name) === name) return item;
  }
  return undefined;
}

/** As `findAudience`. Raises SetupError when there is none. */
export async function requireAudience(client: ApiClient, nameOrId: string): Promise<ApiAudience> {
  const audience = await findAudience(client, nameOrId);
  if (audience === undefined) throw new SetupError(`there is no audience '${nameOrId}': see muster audiences list`);
  return audience;
}
