import type { Socket } from 'node:net';
import type { ConnectionError } from 'fastify';
import { failure } from '../core/errors.ts';
import { errorJson } from './errors.ts';
import { JSON_TYPE } from './json.ts';

const BAD_URL = failure(9003, undefined, 'The URL holds characters that must be percent-encoded');

/** Answers what is no HTTP, and closes: there is no request to speak of. A URL as people type it gets a reason. */
export function answerBadHttp(error: ConnectionError, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const isUrl = error.code === 'HPE_INVALID_URL';
  const body = isUrl ? errorJson(BAD_URL, 'GET', '') : '';
  const status = isUrl
    ? '404 Not Found'
    : error.code === 'HPE_HEADER_OVERFLOW'
      ? '431 Request Header Fields Too Large'
      : '400 Bad Request';
  const head = [
    `HTTP/1.1 ${status}`,
    'Connection: close',
    `Content-Type: ${JSON_TYPE}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}
