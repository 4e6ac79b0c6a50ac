import { hash, randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import Fastify, { type FastifyBaseLogger, type FastifyReply, type FastifyRequest } from 'fastify';
import { failure } from '../core/errors.ts';
import type { NumberRule } from '../core/number.ts';
import type { Store } from '../core/store.ts';
import { type Access, makeAccessCheck } from './auth.ts';
import { answerBadHttp } from './bad-http.ts';
import type { Call, Context, Handler, ImportContext } from './call.ts';
import { makeConsoleFiles } from './console-files.ts';
import { makeDirectAnswers } from './direct-answers.ts';
import { errorJson, statusOf, toMusterError } from './errors.ts';
import { type FirstAnswer, keyIn } from './idempotency.ts';
import { JSON_TYPE, readJson } from './json.ts';
import { makeKeptAnswers } from './kept-answers.ts';
import type { OperationId } from './operations.ts';
import { accountRoutes } from './routes/accounts.ts';
import { audienceRoutes } from './routes/audiences.ts';
import { sessionRoutes } from './routes/console.ts';
import { contactRoutes } from './routes/contacts.ts';
import { exportRoutes } from './routes/exports.ts';
import { figureRoutes } from './routes/figures.ts';
import { importRoutes } from './routes/imports.ts';
import { keyRoutes } from './routes/keys.ts';
import { openRoutes } from './routes/open.ts';
import { sendAnswer } from './send-answer.ts';
import { readTerms } from './terms.ts';
import { addOperations, PREFIX } from './v1.ts';

export interface AppOptions {
  store: Store;
  log: FastifyBaseLogger;
  numberRule: NumberRule;
  /** What links are built on; undefined follows the request's own host. */
  publicUrl: string | undefined;
  /** Requests a second for one key; 0 is no limit. */
  rateLimit: number;
  imports: ImportContext;
  /** What the console is built into. */
  consoleFiles: URL;
  /** The server's version. */
  version: string;
}

declare module 'fastify' {
  interface FastifyRequest {
    access: Access;
    /** A digest of the body, of a write that is to take effect once. */
    digest: string;
    /** The first answer to the same request, which this one gives again. */
    repeats: FirstAnswer | undefined;
  }
}

/** Most bytes of a body: 1,000 contacts with every member at its limit fit. */
export const MAX_BODY = 8 * 1024 * 1024;

/**
 * Node counts a request's time from its first byte to its last, however the client gets on: a day lets 2 GiB through a line of
 * 200 kbit/s. What stands still is let go much sooner, and the head of a request has a minute.
 */
const REQUEST_TIMEOUT = 24 * 3_600_000;
const HEAD_TIMEOUT = 60_000;
/** How long a connection with a request may be silent in both directions. */
const SILENCE = 120_000;
/** How long an idle connection stays open: longer than proxies keep theirs, so that none is closed while it asks. */
const KEEP_ALIVE = 72_000;
const TIMEOUTS = { requestTimeout: REQUEST_TIMEOUT, headersTimeout: HEAD_TIMEOUT, keepAliveTimeout: KEEP_ALIVE };

/** A request that waits for the end of its turn of the event loop. */
interface Arrived {
  request: IncomingMessage;
  response: ServerResponse;
  /** Answers it the general way. */
  handle: RequestListener;
}

export type App = ReturnType<typeof makeApp>;

/** The HTTP server, not yet listening. */
export function makeApp(options: AppOptions) {
  const { store, log, publicUrl } = options;
  let isClosing = false;
  const { numberRule, imports, version } = options;
  const context: Context = { store, numberRule, imports, version, isClosing: () => isClosing };
  const makeRequestId = makeRequestIds();
  const isSecure = publicUrl?.startsWith('https:') ?? false;
  const check = makeAccessCheck(store, isSecure, (error) => log.warn({ err: error }, 'a last use was not noted'));
  const kept = makeKeptAnswers(check, makeRequestId);
  // What counts requests or writes each of them down must see them all.
  const seesAll = options.rateLimit > 0 || log.level === 'debug';

  const handlers: Record<OperationId, Handler> = {
    ...accountRoutes(context),
    ...audienceRoutes(context),
    ...contactRoutes(context),
    ...exportRoutes(context),
    ...figureRoutes(context),
    ...importRoutes(context),
    ...keyRoutes(context),
  };
  const answerDirectly = makeDirectAnswers({ handlers, check, kept, originOf, makeRequestId });
  /** What was raised by requests before they came to Fastify, which answers it. */
  const raised = new WeakMap<IncomingMessage, unknown>();

  const arrived: Arrived[] = [];

  /**
   * Answers what has come in this turn of the event loop, at its end: by then most bodies are there, what is written together
   * goes to the store in one message, and it is asked once for its version. What is true of that is true of each request: all
   * have come before.
   */
  function answerArrived(): void {
    const version = store.version();
    for (const { request, response, handle } of arrived.splice(0)) {
      if (isClosing) handle(request, response);
      else if (!kept.answer(request, response, version)) {
        answerDirectly(request, response, version, (error) => {
          if (error !== undefined) raised.set(request, error);
          handle(request, response);
        });
      }
    }
  }

  // Fastify is given no logger: what is worth telling is told here, and a request costs no logger of its own.
  const app = Fastify({
    bodyLimit: MAX_BODY,
    forceCloseConnections: 'idle',
    return503OnClosing: false,
    genReqId: makeRequestId,
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 1000 },
    frameworkErrors: answerBadUrl,
    clientErrorHandler: answerBadHttp,
    serverFactory: (handle) =>
      createServer(TIMEOUTS, (request, response) => {
        if (seesAll) handle(request, response);
        else if (arrived.push({ request, response, handle }) === 1) setImmediate(answerArrived);
      }).setTimeout(SILENCE),
  });

  /** A URL that cannot be read has no route, and so no hook has looked at the key yet. */
  function answerBadUrl(thrown: unknown, request: FastifyRequest, reply: FastifyReply): void {
    reply.header('x-request-id', request.id);
    const first = request.url.startsWith(PREFIX) ? check.check(request.headers) : Promise.resolve();
    first.then(
      () => answerError(thrown, request, reply),
      (refused) => answerError(refused, request, reply),
    );
  }

  function answerError(thrown: unknown, request: FastifyRequest, reply: FastifyReply): void {
    const { error, isUnexpected } = toMusterError(thrown);
    const status = statusOf(error);
    if (isUnexpected) log.error({ err: thrown, request: request.id, method: request.method, url: request.url });
    else if (status === 503) log.warn({ request: request.id, method: request.method, url: request.url }, 'not ready');
    if (status === 401) reply.header('www-authenticate', 'Bearer');
    if (status === 503) reply.header('retry-after', '1');
    if (status === 413) reply.removeHeader('connection');
    // Closing at once would break the connection of a client that still sends, and it would never read why.
    if (!request.raw.complete) request.raw.resume();
    const path = request.url.split('?', 1)[0]!;
    reply
      .code(status)
      .type(JSON_TYPE)
      .send(errorJson(error, request.method, path, request.repeats?.date));
  }
  app.setErrorHandler(answerError);
  app.decorateRequest('access');
  app.decorateRequest('digest', '');
  app.decorateRequest('repeats');

  app.addHook('onRequest', (request, reply, next) => {
    reply.header('x-request-id', request.id);
    next((raised.get(request.raw) as Error | undefined) ?? (isClosing ? failure(9503) : undefined));
  });
  app.addHook('preClose', (done) => {
    isClosing = true;
    done();
  });
  if (log.level === 'debug') {
    app.addHook('onResponse', (request, reply, next) => {
      const took = Math.round(reply.elapsedTime * 10) / 10;
      log.debug({ request: request.id, status: reply.statusCode, ms: took }, `${request.method} ${request.url}`);
      next();
    });
  }

  // One parser for every type: what is no JSON is refused with our own code, and no type at all is taken as JSON.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(['application/json', '*'], { parseAs: 'buffer' }, (request, body: Buffer, done) => {
    if (keyIn(request.headers) !== undefined) request.digest = hash('sha256', body, 'base64url');
    let parsed: unknown;
    try {
      // DELETE takes no body; clients that send one with everything mean nothing by it.
      if (request.method !== 'DELETE') parsed = readJson(body, request.headers['content-type']);
    } catch (error) {
      return done(error as Error);
    }
    done(null, parsed);
  });

  openRoutes(app, store);
  app.register(async (console) => sessionRoutes(console, { store, check, isSecure }), { prefix: '/console' });
  const consoleFiles = makeConsoleFiles(options.consoleFiles);
  app.setNotFoundHandler(async (request, reply) => {
    const answer = await consoleFiles.answer(request, reply);
    if (answer === undefined) throw failure(9003);
    return answer;
  });

  addOperations(app, { check, handlers, rateLimit: options.rateLimit, answer });

  function originOf({ headers, socket }: IncomingMessage): string {
    return publicUrl ?? `http://${headers.host || ownAddress(socket)}`;
  }

  async function answer(handle: Handler, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const { access } = request;
    const isRead = request.method === 'GET' || request.method === 'HEAD';
    const call: Call = {
      key: access.key,
      params: request.params as Record<string, string>,
      query: request.query as Record<string, unknown>,
      headers: request.headers,
      body: request.body,
      origin: originOf(request.raw),
      terms: undefined,
    };
    if (!isRead) call.terms = readTerms(call, request, reply);
    // Every read answers 200 or throws, and what it throws is not kept.
    const made = await (isRead ? kept.make(request.raw, access, () => handle(call)) : handle(call));
    return sendAnswer(made, request, reply);
  }

  return app;
}

/** Where a request arrived: for the rare client that names no host. */
function ownAddress(socket: Socket): string {
  const address = socket.localAddress ?? '127.0.0.1';
  return `${address.includes(':') ? `[${address}]` : address}:${socket.localPort}`;
}

/** Request ids that tell processes and requests apart, at the cost of an addition. */
function makeRequestIds(): () => string {
  const process = randomBytes(4).toString('hex');
  let count = 0;
  return () => `${process}-${(++count).toString(36)}`;
}
