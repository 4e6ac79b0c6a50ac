/** Two servers, one on either store, that are asked the same and must answer the same to the byte, ids and dates aside. */
import assert from 'node:assert/strict';
import type { Loose } from '../http/support.ts';
import { until } from '../support/contacts.ts';
import { makeDatabase, SERVER_URL } from '../support/postgres.ts';
import { type Server, startServer } from '../support/server.ts';

export interface Asked {
  body?: string | Uint8Array<ArrayBuffer>;
  headers?: Record<string, string>;
}

export interface Said {
  status: number;
  text: string;
  /** Parsed, when it is JSON. */
  body: Loose;
}

export interface Pair {
  /** Asks both; what the first said. Ids and page tokens in path and body are the first's: the other is asked with its own. */
  ask(method: string, path: string, asked?: Asked): Promise<Said>;
  /** Asks both with `{"data": …}`. */
  askData(method: string, path: string, data: unknown): Promise<Said>;
  /** Waits until an import has ended on both, or is gone. */
  ended(path: string): Promise<void>;
  stop(): Promise<void>;
}

const UUID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;
const DATE = /\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/g;
const TOKEN = /(?<=page_token=)[\w-]+/g;
/** Characters of a token behind its text: a check over ids. */
const CHECK_LENGTH = 12;
/** Headers that are another's for each answer: the time, the length of addresses, a hash over ids. */
const OWN_HEADERS = ['date', 'content-length', 'etag', 'x-request-id'];

/** One of the two: what it said, with ids numbered in the order they came up. */
function makeSide(server: Server) {
  const ids: string[] = [];
  const tokens: string[] = [];
  const numbers = new Map<string, number>();
  const numberOf = (id: string) => {
    if (!numbers.has(id)) numbers.set(id, ids.push(id) - 1);
    return `(id ${numbers.get(id)})`;
  };

  function withoutNames(text: string): string {
    return text
      .replaceAll(server.url, '')
      .replace(TOKEN, (token) => {
        if (!tokens.includes(token)) tokens.push(token);
        return Buffer.from(token.slice(0, -CHECK_LENGTH), 'base64url').toString('latin1');
      })
      .replace(UUID, numberOf)
      .replace(DATE, '(date)');
  }

  async function ask(method: string, path: string, { body, headers }: Asked) {
    const answer = await fetch(server.url + path, {
      method,
      body,
      headers: { 'x-dexatel-key': server.key, 'accept-encoding': 'identity', ...headers },
    });
    const text = await answer.text();
    const shown = [...answer.headers].filter(([name]) => !OWN_HEADERS.includes(name));
    const isTagged = answer.headers.has('etag');
    const compared = {
      status: answer.status,
      headers: withoutNames(JSON.stringify(shown)),
      isTagged,
      text: withoutNames(text),
    };
    return { status: answer.status, text, compared };
  }

  return { ids, tokens, ask };
}

export async function makePair(): Promise<Pair> {
  const { url, drop } = await makeDatabase(SERVER_URL!);
  process.once('beforeExit', drop);
  const servers = [
    await startServer({ env: { DATABASE_URL: undefined } }),
    await startServer({ databaseUrl: url }),
  ] as const;
  const [one, other] = servers.map(makeSide) as [ReturnType<typeof makeSide>, ReturnType<typeof makeSide>];

  /** What the other is asked when the first is asked this. */
  const translate = (text: string) =>
    text
      .replace(TOKEN, (token) => other.tokens[one.tokens.indexOf(token)] ?? token)
      .replace(UUID, (id) => other.ids[one.ids.indexOf(id)] ?? id);

  async function ask(method: string, path: string, asked: Asked = {}): Promise<Said> {
    const { body } = asked;
    const [mine, theirs] = await Promise.all([
      one.ask(method, path, asked),
      other.ask(method, translate(path), { ...asked, body: typeof body === 'string' ? translate(body) : body }),
    ]);
    assert.deepEqual(theirs.compared, mine.compared, `${method} ${path} ${typeof body === 'string' ? body : ''}`);
    const { status, text } = mine;
    return { status, text, body: /^[[{]/.test(text) ? tryParse(text) : undefined };
  }

  return {
    ask,
    askData: (method, path, data) =>
      ask(method, path, { body: JSON.stringify({ data }), headers: { 'content-type': 'application/json' } }),
    async ended(path) {
      for (const [side, own] of [
        [one, path],
        [other, translate(path)],
      ] as const) {
        await until(async () => {
          const { status, text } = await side.ask('GET', own, {});
          return status !== 200 || !['queued', 'running'].includes(JSON.parse(text).data.status);
        });
      }
    },
    async stop() {
      for (const server of servers) {
        assert.deepEqual(JSON.parse(await server.muster('doctor', '--json')).findings, []);
        await server.stop();
      }
    },
  };
}

function tryParse(text: string): Loose {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // lines of JSON
  }
}
