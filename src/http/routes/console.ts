import { setTimeout as pause } from 'node:timers/promises';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { failure, MusterError } from '../../core/errors.ts';
import { csrfToken, followLink, hashToken, isCsrfToken, SESSION_UNUSED, signIn } from '../../core/sessions.ts';
import type { Store } from '../../core/store.ts';
import type { Access, AccessCheck } from '../auth.ts';
import { dataOf } from '../call.ts';
import { clearCookie, setCookie, tokenIn } from '../cookies.ts';

/**
 * A wrong key is answered so many milliseconds late, and no more than so many sign-ins are under way at once, those that wait among
 * them: beyond them no key is looked at. What keeps keys safe is their length; this keeps those who guess from being many.
 */
const WRONG_KEY_WAIT = 1000;
const MOST_SIGN_INS = 50;
/** Bytes of a body: a key, and room to spare. */
const MAX_BODY = 16 * 1024;

export interface SessionOptions {
  store: Store;
  check: AccessCheck;
  /** Whether browsers come by HTTPS. */
  isSecure: boolean;
}

/** Signing in to the console and out of it, below `/console`. */
export function sessionRoutes(app: FastifyInstance, { store, check, isSecure }: SessionOptions): void {
  let signIns = 0;

  async function signInOrWait(body: unknown): Promise<string> {
    signIns++;
    try {
      return await signIn(store, dataOf(body));
    } catch (error) {
      if (error instanceof MusterError && error.problems[0]?.code === 9001) await pause(WRONG_KEY_WAIT);
      throw error;
    } finally {
      signIns--;
    }
  }

  /** A session that began elsewhere is not gone on with: whoever knows its token knows nothing of the new one. */
  async function endSession({ headers }: FastifyRequest): Promise<void> {
    const token = tokenIn(headers, isSecure);
    if (token !== undefined) await store.sessions.end(hashToken(token));
  }

  const giveCookie = (reply: FastifyReply, token: string) =>
    reply.header('set-cookie', setCookie(token, isSecure, SESSION_UNUSED));

  /** What a page is told of its session; the cookie lives on with it. */
  async function show(reply: FastifyReply, { key, token }: Access) {
    const account = await store.accounts.get(key.account_id);
    if (account === undefined || token === undefined) throw failure(9001);
    giveCookie(reply, token);
    const { id, name, prefix, scope, expire_date } = key;
    return {
      data: {
        account: { id: account.id, name: account.name },
        key: { id, name, prefix, scope, expire_date },
        csrf_token: csrfToken(token),
      },
    };
  }

  app.addHook('onRequest', (_request, reply, next) => {
    reply.header('cache-control', 'no-store').header('referrer-policy', 'no-referrer');
    next();
  });
  app.setNotFoundHandler(() => {
    throw failure(9003);
  });

  app.post('/session', { bodyLimit: MAX_BODY }, async (request, reply) => {
    refuseOtherSites(request);
    if (signIns >= MOST_SIGN_INS) {
      reply.header('retry-after', '1');
      throw failure(9008);
    }
    const token = await signInOrWait(request.body);
    await endSession(request);
    return show(reply, await check.checkSession(token));
  });

  app.get('/session', async ({ headers }, reply) => show(reply, await check.checkSession(tokenIn(headers, isSecure))));

  app.delete('/session', async (request, reply) => {
    refuseOtherSites(request);
    const token = tokenIn(request.headers, isSecure);
    const session = token === undefined ? undefined : await store.sessions.find(hashToken(token));
    if (session !== undefined && !isCsrfToken(request.headers['x-muster-csrf'], token!)) throw failure(9007);
    await endSession(request);
    return reply.code(204).header('set-cookie', clearCookie(isSecure)).send();
  });

  // Not for HEAD, which programs send that look ahead: the link is good once.
  app.get('/sign-in', { exposeHeadRoute: false }, async (request, reply) => {
    const { token: link } = request.query as Record<string, unknown>;
    const token = typeof link === 'string' ? await followLink(store, link) : undefined;
    if (token === undefined) return reply.redirect('/?sign-in=expired', 303);
    await endSession(request);
    return giveCookie(reply, token).redirect('/', 303);
  });
}

/** Raises 9007 for what a page of another site makes a browser send, as browsers of today tell. */
function refuseOtherSites({ headers }: FastifyRequest): void {
  const site = headers['sec-fetch-site'];
  if (site === undefined || site === 'same-origin' || site === 'none') return;
  throw failure(9007, undefined, 'Only a page of this server may ask for this');
}
