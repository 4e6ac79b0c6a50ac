import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { JsonAnswer, StreamAnswer } from './call.ts';
import { attachment } from './file-name.ts';
import { JSON_TYPE, type Json, toBytes } from './json.ts';
import { isUnchanged } from './preconditions.ts';

/** Sends what a handler made; of a read that its client has already, only that (304, RFC 9110 13.1.2). */
export function sendAnswer(
  made: JsonAnswer | StreamAnswer,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  if ('stream' in made) return sendStream(made, request, reply);
  const { status, json, tag } = made;
  if (tag !== undefined) reply.header('etag', tag);
  const isRead = request.method === 'GET' || request.method === 'HEAD';
  if (isRead && isUnchanged(request.headers, tag)) return reply.code(304).send();
  reply.code(status);
  return json === undefined ? reply.send() : reply.type(JSON_TYPE).send(payload(json));
}

function payload(json: Json): string | Buffer {
  return typeof json === 'string' ? json : toBytes(json);
}

/** Sends an answer as it is made, past every cache and buffer on the way. */
function sendStream(made: StreamAnswer, request: FastifyRequest, reply: FastifyReply) {
  const { status, stream, type, fileName, encoding } = made;
  reply.code(status).type(type).header('cache-control', 'no-store').header('x-accel-buffering', 'no');
  if (fileName !== undefined) reply.header('content-disposition', attachment(fileName));
  if (encoding !== undefined) reply.header('content-encoding', encoding);
  const body = stream instanceof Readable ? stream : Readable.from(stream, { highWaterMark: 1 });
  if (request.method !== 'HEAD') return reply.send(body);
  // Nobody reads it, and what it holds must be let go.
  body.destroy();
  return reply.send(Readable.from([]));
}
