import rateLimit from '@fastify/rate-limit';
import type { FastifyInstance, FastifyReply, FastifyRequest, HTTPMethods } from 'fastify';
import { failure, type MusterError } from '../core/errors.ts';
import { isCsrfToken } from '../core/sessions.ts';
import type { Scope } from '../core/store.ts';
import type { AccessCheck } from './auth.ts';
import type { Handler } from './call.ts';
import { isKeyed, OPERATIONS, type OperationId, TAKES_FILE } from './operations.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The scope a route needs. */
    scope?: Scope;
    /** Whether it takes an `Idempotency-Key`. */
    isKeyed?: boolean;
    /** For a method a path does not have: those it has. */
    allow?: string;
  }
}

/** What every operation's path begins with. */
export const PREFIX = '/v1';
const METHODS: HTTPMethods[] = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE'];

interface Needs {
  check: AccessCheck;
  handlers: Record<OperationId, Handler>;
  /** Requests a second for one key; 0 is no limit. */
  rateLimit: number;
  answer(handle: Handler, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply>;
}

/** Adds every operation, behind the check of keys and scopes; what else is asked for below `/v1` is 404 or 405. */
export function addOperations(app: FastifyInstance, { check, handlers, rateLimit: limit, answer }: Needs): void {
  app.register(
    async (v1) => {
      v1.addHook('onRequest', (request, reply, next) => {
        check
          .check(request.headers)
          .then((access) => {
            request.access = access;
            return refusal(request, reply);
          })
          .then(next, next);
      });
      if (limit > 0) {
        await v1.register(rateLimit, {
          max: limit,
          timeWindow: 1000,
          hook: 'preParsing',
          keyGenerator: (request) => request.access.key.id,
        });
      }
      v1.setNotFoundHandler(() => {
        throw failure(9003);
      });

      const addRoute = (to: Pick<typeof v1, 'route'>, id: OperationId) => {
        const { method, path, scope } = OPERATIONS[id];
        const url = path.slice(PREFIX.length);
        to.route({
          method,
          url,
          config: { scope, isKeyed: isKeyed(OPERATIONS[id]) },
          handler: (request, reply) => answer(handlers[id], request, reply),
        });
      };
      for (const id of Object.keys(OPERATIONS) as OperationId[]) if (!TAKES_FILE.includes(id)) addRoute(v1, id);
      // A file is taken as it comes, whatever its size and type; every other body is small and parsed.
      v1.register(async (files) => {
        files.removeAllContentTypeParsers();
        files.addContentTypeParser('*', (_request, body, done) => done(null, body));
        for (const id of TAKES_FILE) addRoute(files, id);
      });
      refuseOtherMethods(v1);
    },
    { prefix: PREFIX },
  );
}

/** Why a request with a good key, or session, goes no further, before its body is looked at; undefined when it may. */
function refusal(
  { is404, access, headers, routeOptions }: FastifyRequest,
  reply: FastifyReply,
): MusterError | undefined {
  if (is404) return failure(9003);
  const { allow, scope } = routeOptions.config;
  if (allow !== undefined) {
    reply.header('allow', allow);
    return failure(9004);
  }
  if (scope !== 'write') return undefined;
  if (access.key.scope !== 'write') return failure(9002);
  // Another site can make a browser send the cookie, and does not know this.
  return access.token === undefined || isCsrfToken(headers['x-muster-csrf'], access.token) ? undefined : failure(9007);
}

function refuseOtherMethods(v1: Pick<FastifyInstance, 'route'>): void {
  const paths = Map.groupBy(Object.values(OPERATIONS), ({ path }) => path);
  for (const [url, operations] of paths) {
    const known = operations.map(({ method }) => method as HTTPMethods);
    if (known.includes('GET')) known.push('HEAD');
    const allow = known.sort();
    const others = METHODS.filter((method) => !known.includes(method));
    v1.route({
      method: others,
      url: url.slice(PREFIX.length),
      config: { allow: allow.join(', ') },
      exposeHeadRoute: false,
      handler: () => {},
    });
  }
}
