import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { Access, AccessCheck } from './auth.ts';
import type { Answer, JsonAnswer } from './call.ts';
import { byteLength, JSON_TYPE, toBytes } from './json.ts';
import { isUnchanged } from './preconditions.ts';

/** All that is kept, questions and answers, in bytes or characters; a full store of answers is emptied. */
const MAX_KEPT = 8 * 1024 * 1024;
const MAX_ANSWER = 256 * 1024;
/** Questions to remember for being asked twice. */
const MAX_ASKED = 1000;

interface KeptAnswer {
  access: Access;
  json: Buffer;
  /** Its entity tag, when it has one. */
  tag: string | undefined;
}

export type KeptAnswers = ReturnType<typeof makeKeptAnswers>;

/**
 * Answers to reads, kept as bytes for as long as nothing at all was written: the store's version tells, exactly. Whoever asks
 * the same again between two writes (a console, a poll, many readers of a first page) is answered from memory, before
 * routing, hooks and the key's lookup: at the cost of a bare server. A question that is asked for the first time is not
 * kept, so that a walk through a million contacts pushes nothing out.
 */
export function makeKeptAnswers(check: AccessCheck, makeRequestId: () => string) {
  const kept = new Map<string, KeptAnswer>();
  const asked = new Set<string>();
  let version: number | undefined;
  let bytes = 0;

  function forget(): void {
    kept.clear();
    asked.clear();
    bytes = 0;
  }

  /** Forgets what was kept at another version of the store than the one it has now. */
  function moveTo(now: number | undefined): void {
    if (now !== version) forget();
    version = now;
  }

  function keep(question: string, access: Access, { json, tag }: JsonAnswer): void {
    if (!asked.has(question)) {
      if (asked.size >= MAX_ASKED) asked.clear();
      asked.add(question);
      return;
    }
    const size = question.length + byteLength(json!);
    if (size > MAX_ANSWER) return;
    if (bytes + size > MAX_KEPT) forget();
    kept.set(question, { access, json: toBytes(json!), tag });
    bytes += size;
  }

  /** All that an answer depends on beside the store; undefined when that is not for us to say. */
  function questionOf({ method, url, headers }: IncomingMessage): string | undefined {
    const credentials = check.credentials(headers);
    if (method !== 'GET' || credentials === undefined || headers.host === undefined) return undefined;
    return `${credentials} ${headers.host} ${url}`;
  }

  return {
    /** Answers a request that was answered before and whose answer still holds; whether it did. @param now the store's version. */
    answer(request: IncomingMessage, response: ServerResponse, now: number | undefined): boolean {
      moveTo(now);
      const question = kept.size === 0 ? undefined : questionOf(request);
      const found = question === undefined ? undefined : kept.get(question);
      if (found === undefined || !check.use(found.access)) return false;
      const { json, tag } = found;
      const headers: OutgoingHttpHeaders = { 'x-request-id': makeRequestId() };
      if (tag !== undefined) headers.etag = tag;
      if (isUnchanged(request.headers, tag)) {
        response.writeHead(304, headers).end();
        return true;
      }
      headers['content-type'] = JSON_TYPE;
      headers['content-length'] = json.length;
      response.writeHead(200, headers).end(json);
      return true;
    },

    /**
     * Makes the answer to a read that may be answered, and keeps it unless it is a stream. What is written meanwhile may be in it: it
     * is kept as one of the version before, and goes with it.
     */
    async make<Made extends Answer>(
      request: IncomingMessage,
      access: Access,
      make: () => Promise<Made>,
    ): Promise<Made> {
      const before = version;
      const made = await make();
      if (before === undefined || before !== version || 'stream' in made) return made;
      const question = questionOf(request);
      if (question !== undefined) keep(question, access, made);
      return made;
    },
  };
}
