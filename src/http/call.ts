import type { IncomingHttpHeaders } from 'node:http';
import { type ErrorCode, MusterError, type Problem, problem } from '../core/errors.ts';
import { readId } from '../core/ids.ts';
import type { NumberRule } from '../core/number.ts';
import type { Key, Store, Terms } from '../core/store.ts';
import type { Json } from './json.ts';

/** A request as handlers see it: plain data, after the key and its scope were checked. */
export interface Call {
  key: Key;
  params: Record<string, string>;
  query: Record<string, unknown>;
  headers: IncomingHttpHeaders;
  /** The parsed body, or of an upload the raw one, a stream; undefined when there was none. */
  body: unknown;
  /**
   * What links are built on, as `https://contacts.example.com`. To be read when the store has answered: a write that was carried
   * out before is answered as then.
   */
  origin: string;
  /** What a write is bound to. */
  terms: Terms | undefined;
}

/** What handlers need of the world. */
export interface Context {
  store: Store;
  numberRule: NumberRule;
  imports: ImportContext;
  /** The server's version. */
  version: string;
  /** Whether the server stops: answers that would go on for long end then. */
  isClosing(): boolean;
}

export interface ImportContext {
  /** Most bytes of a file. */
  maxBytes: number;
  /** Milliseconds that files, verdicts and undo data are kept. */
  retention: number;
  /** Says that an import waits to be worked on. */
  wake(): void;
}

/** A handler's answer: its JSON; undefined for an empty 204. */
export interface JsonAnswer {
  status: number;
  json: Json | undefined;
  /** The entity tag of the one thing it shows. */
  tag?: string;
}

/** An answer that is sent as it is made. Nothing of it was sent yet when a handler raises an error instead. */
export interface StreamAnswer {
  status: number;
  stream: AsyncIterable<string | Uint8Array>;
  /** Its media type. */
  type: string;
  /** The name under which browsers keep it. */
  fileName?: string;
  /** How the stream is packed, for clients that asked for it. */
  encoding?: 'gzip';
}

export type Answer = JsonAnswer | StreamAnswer;

export type Handler = (call: Call) => Promise<Answer>;

/** The member `data` of a body. */
export function dataOf(body: unknown): unknown {
  return (body as { data?: unknown } | null | undefined)?.data;
}

const IDS = { audience_id: 1302, contact_id: 1352, import_id: 9021, key_id: 9031 } as const satisfies Record<
  string,
  ErrorCode
>;

/** Reads the path's ids. Raises 1302, 1352, 9021, 9031. */
export function readPath(call: Call): Record<'account_id' | keyof typeof IDS, string> {
  const problems: Problem[] = [];
  const ids = { account_id: call.key.account_id, audience_id: '', contact_id: '', import_id: '', key_id: '' };
  for (const name of Object.keys(IDS) as (keyof typeof IDS)[]) {
    const text = call.params[name];
    if (text === undefined) continue;
    const id = readId(text);
    if (id === undefined) problems.push(problem(IDS[name]));
    else ids[name] = id;
  }
  if (problems.length > 0) throw new MusterError(problems);
  return ids;
}
