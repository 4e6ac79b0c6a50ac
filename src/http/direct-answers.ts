import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { failure } from '../core/errors.ts';
import type { AccessCheck } from './auth.ts';
import type { Call, Handler, JsonAnswer } from './call.ts';
import { byteLength, JSON_TYPE, readJson, sendJson } from './json.ts';
import type { KeptAnswers } from './kept-answers.ts';
import { OPERATIONS, type OperationId } from './operations.ts';

/** What is asked for thousands of times a second: reads and creates of JSON, never streams. */
export const HOT = ['listContacts', 'getContact', 'createContact'] as const satisfies OperationId[];
type HotId = (typeof HOT)[number];

/** Headers that change nothing in the answers of these operations, or whose meaning is known here. */
const PLAIN_HEADERS = new Set([
  ...['accept', 'accept-encoding', 'accept-language', 'authorization', 'connection', 'content-length', 'content-type'],
  ...['host', 'sec-fetch-mode', 'traceparent', 'tracestate', 'user-agent', 'x-dexatel-key', 'x-forwarded-for'],
  ...['x-forwarded-host', 'x-forwarded-proto', 'x-real-ip'],
]);
const ID = '([0-9a-f-]{36})';
const PLAIN_QUERY = /^[\w.[\]-]+=[\w.~-]*(?:&[\w.[\]-]+=[\w.~-]*)*$/;
/** Bytes: a larger body is no single contact. */
const MAX_BODY = 64 * 1024;

interface Needs {
  handlers: Record<OperationId, Handler>;
  check: AccessCheck;
  kept: KeptAnswers;
  originOf(request: IncomingMessage): string;
  makeRequestId(): string;
}

/** A plain request: which operation it asks for, and what its URL says. */
interface Plain {
  id: HotId;
  params: Record<string, string>;
  query: Record<string, string>;
}

/**
 * Answers plain requests of the hot operations in front of Fastify, with the key check, handlers and kept answers that all
 * others have: routing, hooks and replies that are ready for everything cost more than these answers do. What is not plain (any
 * other header, an encoded character, a parameter twice) goes the general way, and so does all that is refused: there is one
 * place that knows how to.
 */
export function makeDirectAnswers({ handlers, check, kept, originOf, makeRequestId }: Needs) {
  async function make(plain: Plain, request: IncomingMessage, version: number | undefined): Promise<JsonAnswer> {
    const { id, params, query } = plain;
    const { headers } = request;
    const { method, scope } = OPERATIONS[id];
    const access = await check.check(headers, version);
    if (scope === 'write' && access.key.scope !== 'write') throw failure(9002);
    const body = method === 'GET' ? undefined : readJson(await bodyOf(request), headers['content-type']);
    const call: Call = { key: access.key, params, query, headers, body, origin: originOf(request), terms: undefined };
    const handle = () => handlers[id](call) as Promise<JsonAnswer>;
    return method === 'GET' ? kept.make(request, access, handle) : handle();
  }

  function send(response: ServerResponse, { status, json, tag }: JsonAnswer): void {
    const headers: OutgoingHttpHeaders = { 'x-request-id': makeRequestId(), 'content-type': JSON_TYPE };
    if (tag !== undefined) headers.etag = tag;
    headers['content-length'] = byteLength(json!);
    sendJson(response.writeHead(status, headers), json!);
  }

  /**
   * @param version the store's, since the request came.
   * @param goOn takes the request the general way; what is raised here is answered there.
   */
  return (
    request: IncomingMessage,
    response: ServerResponse,
    version: number | undefined,
    goOn: (raised?: unknown) => void,
  ): void => {
    const plain = readPlain(request);
    if (plain === undefined) goOn();
    else make(plain, request, version).then((made) => send(response, made), goOn);
  };
}

const ROUTES = HOT.map((id) => {
  const { method, path } = OPERATIONS[id];
  const names = [...path.matchAll(/:(\w+)/g)].map(([, name]) => name!);
  return { id, method, names, pattern: new RegExp(`^${path.replace(/:\w+/g, ID)}$`) };
});

/** What a plain request of a hot operation asks for; undefined of any other. */
function readPlain({ method, url = '', headers }: IncomingMessage): Plain | undefined {
  const mark = url.indexOf('?');
  const path = mark < 0 ? url : url.slice(0, mark);
  for (const { id, method: own, names, pattern } of ROUTES) {
    const found = method === own ? pattern.exec(path) : null;
    if (found === null) continue;
    const query = mark < 0 ? {} : readQuery(url.slice(mark + 1));
    if (query === undefined || !isPlain(headers, own)) return undefined;
    return { id, params: Object.fromEntries(names.map((name, at) => [name, found[at + 1]!])), query };
  }
  return undefined;
}

function isPlain(headers: IncomingMessage['headers'], method: string): boolean {
  for (const name in headers) if (!PLAIN_HEADERS.has(name)) return false;
  const length = headers['content-length'];
  return !!headers.host && (method === 'GET' ? length === undefined : Number(length) <= MAX_BODY);
}

/** The parameters of a query that needs no decoding and names none of them twice. */
function readQuery(text: string): Record<string, string> | undefined {
  if (!PLAIN_QUERY.test(text)) return undefined;
  const query: Record<string, string> = {};
  for (const pair of text.split('&')) {
    const at = pair.indexOf('=');
    const name = pair.slice(0, at);
    if (name in query) return undefined;
    query[name] = pair.slice(at + 1);
  }
  return query;
}

/** The body of a request whose length is known. Raises what breaks it off. */
function bodyOf(request: IncomingMessage): Buffer | Promise<Buffer> {
  // Most have come with their head.
  if (request.complete) return request.read() ?? Buffer.alloc(0);
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = [];
    request.on('data', (part) => parts.push(part));
    request.on('end', () => resolve(Buffer.concat(parts)));
    request.on('error', reject);
  });
}
