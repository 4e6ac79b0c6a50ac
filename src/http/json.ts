/** JSON on its way in and out. */
import { isUtf8 } from 'node:buffer';
import type { ServerResponse } from 'node:http';
import { failure } from '../core/errors.ts';

export const JSON_TYPE = 'application/json; charset=utf-8';
const IS_JSON = /^application\/(?:json|[\w.-]+\+json)\s*(?:;|$)/i;

/**
 * The value of a body that should be JSON; no content type at all is taken as JSON. An empty body is undefined.
 * Raises 1005, 9005.
 */
export function readJson(body: Buffer, type: string | undefined): unknown {
  if (body.length === 0) return undefined;
  if (type !== undefined && !IS_JSON.test(type)) throw failure(9005);
  if (!isUtf8(body)) throw failure(1005);
  try {
    return JSON.parse(body.toString());
  } catch {
    throw failure(1005);
  }
}

/** JSON to be sent: text, or bytes that a store has had ready with text around them. */
export type Json = string | JsonAround;

export interface JsonAround {
  before: string;
  /** In UTF-8, in a buffer of their own. Used up when they are sent. */
  bytes: Uint8Array<ArrayBuffer>;
  after: string;
}

/** Its length in UTF-8. */
export function byteLength(json: Json): number {
  if (typeof json === 'string') return Buffer.byteLength(json);
  return Buffer.byteLength(json.before) + json.bytes.length + Buffer.byteLength(json.after);
}

/** It in UTF-8, copied. */
export function toBytes(json: Json): Buffer {
  if (typeof json === 'string') return Buffer.from(json);
  return Buffer.concat([Buffer.from(json.before), json.bytes, Buffer.from(json.after)]);
}

/** Ends an answer, whose head is written, with it. */
export function sendJson(response: ServerResponse, json: Json): void {
  if (typeof json === 'string') {
    response.end(json);
    return;
  }
  const { before, bytes, after } = json;
  response.write(before);
  response.write(bytes);
  response.end(after, ((error?: Error) => {
    if (error == null) letGo(bytes);
  }) as () => void);
}

/**
 * Frees the bytes' memory. Left to the garbage collector it would be called for them at every few hundred pages, to go through a
 * heap that has nothing to do with them: it took as long as making the pages.
 */
function letGo({ buffer }: Uint8Array<ArrayBuffer>): void {
  buffer.transfer(0);
}
