import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { Store } from '../core/store.ts';
import type { Access, AccessCheck } from './auth.ts';
import { isUnchanged } from './preconditions.ts';

/** All that is kept, questions and answers, in bytes or characters; a full store of answers is emptied. */
const MAX_KEPT = 8 * 1024 * 1024;
const MAX_ANSWER = 256 * 1024;
/** Questions to remember for being asked twice. */
const MAX_ASKED = 1000;

/** The answer to a read, ready to be sent. */
export interface ReadyAnswer {
  json: Buffer;
  /** Its entity tag, when it has one. */
  tag: string | undefined;
}

interface KeptAnswer extends ReadyAnswer {
  access: Access;
}

/**
 * Answers to reads, kept as bytes for as long as nothing at all was written: the store's version tells, exactly. Whoever asks
 * the same again between two writes (a console, a poll, many readers of a first page) is answered from memory, before
 * routing, hooks and the key's lookup: at the cost of a bare server. A question that is asked for the first time is not
 * kept, so that a walk through a million contacts pushes nothing out.
 */
export function makeKeptAnswers(store: Store, check: AccessCheck) {
  const kept = new Map<string, KeptAnswer>();
  const asked = new Set<string>();
  let version: number | undefined;
  let bytes = 0;

  function forget(): void {
    kept.clear();
    asked.clear();
    bytes = 0;
  }

  /** The store's version; what was kept at another one is forgotten. */
  function versionNow(): number | undefined {
    const now = store.version();
    if (now !== version) forget();
    version = now;
    return now;
  }

  function keep(question: string, answer: KeptAnswer): void {
    if (!asked.has(question)) {
      if (asked.size >= MAX_ASKED) asked.clear();
      asked.add(question);
      return;
    }
    const size = question.length + answer.json.length;
    if (size > MAX_ANSWER) return;
    if (bytes + size > MAX_KEPT) forget();
    kept.set(question, answer);
    bytes += size;
  }

  /** All that an answer depends on beside the store; undefined when that is not for us to say. */
  function questionOf({ method, url, headers }: IncomingMessage): string | undefined {
    const credentials = check.credentials(headers);
    if (method !== 'GET' || credentials === undefined || headers.host === undefined) return undefined;
    return `${credentials} ${headers.host} ${url}`;
  }

  return {
    /** Answers a request that was answered before and whose answer still holds; whether it did. */
    answer(request: IncomingMessage, response: ServerResponse, makeId: () => string, type: string): boolean {
      if (kept.size === 0) return false;
      const question = questionOf(request);
      if (question === undefined || versionNow() === undefined) return false;
      const found = kept.get(question);
      if (found === undefined || !check.use(found.access)) return false;
      const { json, tag } = found;
      const headers: OutgoingHttpHeaders = { 'x-request-id': makeId() };
      if (tag !== undefined) headers.etag = tag;
      if (isUnchanged(request.headers, tag)) {
        response.writeHead(304, headers).end();
        return true;
      }
      headers['content-type'] = type;
      headers['content-length'] = json.length;
      response.writeHead(200, headers).end(json);
      return true;
    },

    /**
     * Makes the answer to a request that may be answered, and keeps it if nothing was written meanwhile. What is not ready, as a
     * stream, is handed on and never kept.
     */
    async make<Other extends object>(
      request: IncomingMessage,
      access: Access,
      make: () => Promise<ReadyAnswer | Other>,
    ): Promise<ReadyAnswer | Other> {
      const before = versionNow();
      const made = await make();
      const question = questionOf(request);
      // What was written while the answer was made may be in it or not: only a quiet moment's answer is kept.
      const isQuiet = before !== undefined && versionNow() === before;
      if (isQuiet && question !== undefined && 'json' in made)
        keep(question, { access, json: made.json, tag: made.tag });
      return made;
    },
  };
}
