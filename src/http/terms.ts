import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Terms } from '../core/store.ts';
import type { Call } from './call.ts';
import { readIdempotency } from './idempotency.ts';
import { readPrecondition } from './preconditions.ts';

/**
 * What a write is bound to by its headers. A repeat is answered as the first was, whatever address it came to and whenever: the
 * call's origin and the request's `repeats` say so by the time the store has answered. Raises 9013.
 */
export function readTerms(call: Call, request: FastifyRequest, reply: FastifyReply): Terms | undefined {
  const { method, headers, routeOptions } = request;
  if (!routeOptions.config.isKeyed) return undefined;
  const precondition = method === 'POST' ? undefined : readPrecondition(headers);
  const idempotency = readIdempotency(request, call.key.account_id, call.origin, (first) => {
    reply.header('idempotent-replayed', 'true');
    request.repeats = first;
    call.origin = first.origin;
  });
  if (idempotency !== undefined) reply.header('idempotency-key', idempotency.key);
  return precondition || idempotency ? { precondition, idempotency } : undefined;
}
