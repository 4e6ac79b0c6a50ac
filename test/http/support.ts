/** What tests through the door say again and again: requests whose answers are held against the contract, whatever the test is about. */
import assert from 'node:assert/strict';
import { Check, Errors as schemaErrors } from 'typebox/value';
import { ERRORS, type ErrorCode } from '../../src/core/errors.ts';
import { HEADERS_TAKEN } from '../../src/http/openapi-texts.ts';
import { errorsOf, OPERATIONS, type Operation, type OperationId } from '../../src/http/operations.ts';
import { ANSWERS, Errors } from '../../src/http/schemas.ts';
import type { Server } from '../support/server.ts';

/** A UUID that nothing has. */
export const NOBODY = '00000000-0000-7000-8000-000000000000';
export const DATE = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/;

// biome-ignore lint/suspicious/noExplicitAny: what an answer holds is what the tests are about
export type Loose = any;

export interface Answer {
  status: number;
  headers: Headers;
  text: string;
  /** The parsed body, undefined when there is none. */
  body: Loose;
  /** The body's `data`. */
  data: Loose;
  /** The codes of the body's errors, in order. */
  codes: number[];
}

export interface Send {
  /** A body as bytes or text, instead of `data`. */
  body?: string | Uint8Array | FormData;
  headers?: Record<string, string>;
  signal?: AbortSignal;
}

export type Client = ReturnType<typeof makeClient>;

/**
 * A client that checks each answer: a success against the operation's schema, a failure against the envelope, the
 * catalogue and the codes that the operation says it has. @param key null sends none.
 */
export function makeClient(server: Pick<Server, 'url' | 'key'>, key: string | null = server.key) {
  async function send(method: string, path: string, { body, headers = {}, signal }: Send = {}): Promise<Answer> {
    const url = path.startsWith('http') ? path : server.url + path;
    const response = await fetch(url, {
      method,
      body: body as string,
      signal,
      headers: { ...(key !== null && { 'X-Dexatel-Key': key }), ...headers },
    });
    const answer = await readAnswer(response);
    checkAnswer(method, new URL(url).pathname, answer);
    return answer;
  }
  const withData = (method: string) => (path: string, data: unknown) =>
    send(method, path, { body: JSON.stringify({ data }), headers: { 'content-type': 'application/json' } });
  return {
    send,
    get: (path: string) => send('GET', path),
    post: withData('POST'),
    put: withData('PUT'),
    delete: (path: string) => send('DELETE', path),
  };
}

async function readAnswer(response: Response): Promise<Answer> {
  const text = await response.text();
  const isJson = /json/.test(response.headers.get('content-type') ?? '');
  const body = isJson && text !== '' ? JSON.parse(text) : undefined;
  const codes = (body?.errors ?? []).map(({ code }: { code: number }) => code);
  return { status: response.status, headers: response.headers, text, body, data: body?.data, codes };
}

/** The operation a request reaches, if any: a broken or endless path reaches none. */
export function operationOf(method: string, path: string): OperationId | undefined {
  if (/%(?![0-7][0-9a-f])/i.test(path)) return undefined;
  const fits = ({ method: own, path: pattern }: Operation) =>
    own === method && new RegExp(`^${pattern.replace(/:\w+/g, '[^/]{1,1000}')}/?$`).test(path);
  const found = Object.entries(OPERATIONS).filter(([, operation]) => fits(operation));
  // `…/contacts/bulk` and the like go before `…/contacts/:contact_id`.
  const fixed = /\/(?:bulk|edits|export|preview)$/;
  const exact = found.find(([, operation]) => fixed.exec(path)?.[0] === fixed.exec(operation.path)?.[0]);
  return exact?.[0] as OperationId | undefined;
}

function checkAnswer(method: string, path: string, answer: Answer): void {
  if (!path.startsWith('/v1') || method === 'HEAD') return;
  const operation = operationOf(method, path);
  assert.match(answer.headers.get('x-request-id') ?? '', /./, 'every answer has a request id');
  if (answer.status >= 400) checkErrors(method, path, answer, operation);
  else {
    assert.ok(operation, `${method} ${path} is no operation, and answered ${answer.status}`);
    const { status, schema, type, isTagged = false } = ANSWERS[operation];
    assert.equal(answer.headers.has('etag'), isTagged, `${operation} has an ETag: ${isTagged}`);
    if (answer.status === 304) {
      assert.ok(HEADERS_TAKEN[operation]?.includes('If-None-Match'), `${operation} does not say that it answers 304`);
      assert.deepEqual([answer.text, answer.headers.get('content-type')], ['', null]);
      return;
    }
    assert.equal(answer.status, status, `${method} ${path}: ${answer.text}`);
    if (schema === null) assert.equal(answer.text, '', `${operation} answers with no body`);
    else if (type !== undefined) assert.equal(answer.headers.get('content-type'), type);
    else {
      assert.equal(answer.headers.get('content-type'), 'application/json; charset=utf-8');
      if (!Check(schema, answer.body)) {
        assert.fail(`${operation}: ${JSON.stringify(schemaErrors(schema, answer.body).slice(0, 3))}`);
      }
    }
  }
}

function checkErrors(method: string, path: string, answer: Answer, operation: OperationId | undefined): void {
  assert.equal(answer.headers.get('content-type'), 'application/json; charset=utf-8');
  if (!Check(Errors, answer.body)) {
    assert.fail(`the envelope: ${answer.text} ${JSON.stringify(schemaErrors(Errors, answer.body).slice(0, 3))}`);
  }
  const { errors } = answer.body;
  for (const error of errors) {
    assert.equal(error.path, path, 'the path, without the query');
    assert.equal(error.method, method);
    assert.equal(error.status, ERRORS[error.code as ErrorCode].status, `the status of ${error.code}`);
    const age = Date.now() - Date.parse(`${error.timestamp.replace(' ', 'T')}Z`);
    assert.ok(age > -2000 && age < 60_000, `the timestamp ${error.timestamp} is now, in UTC`);
    if (operation !== undefined) {
      const known = errorsOf(OPERATIONS[operation]);
      assert.ok(known.includes(error.code as ErrorCode), `${operation} does not say that it can answer ${error.code}`);
    }
  }
  const statuses = errors.map((error: Loose) => error.status);
  assert.equal(answer.status, statuses.includes(400) ? 400 : statuses[0], 'the status of the answer');
}

/** Asserts a refusal with exactly these codes, and, where given, messages. */
export function refused(answer: Answer, ...expected: (number | [code: number, message: string])[]): void {
  assert.ok(answer.status >= 400, `was not refused: ${answer.status} ${answer.text.slice(0, 500)}`);
  const got = answer.body.errors.map(({ code, message }: Loose, index: number) =>
    Array.isArray(expected[index]) ? [code, message] : code,
  );
  assert.deepEqual(got, expected);
}

/** Asserts that a request did not fail; its `data`. */
export function succeeded(answer: Answer): Loose {
  assert.ok(answer.status < 300, `${answer.status} ${answer.text.slice(0, 500)}`);
  return answer.data;
}

let made = 0;

/** An audience with a name of its own; its path. */
export async function makeAudience(client: Client, contacts: object[] = []): Promise<{ id: string; path: string }> {
  const { id } = succeeded(
    await client.post('/v1/audiences', { name: `Audience ${++made}`, channel: 'SMS', contacts }),
  );
  return { id, path: `/v1/audiences/${id}` };
}

/** The nth of the tests' numbers, all valid. */
export function numberOf(n: number): string {
  return String(12025550000 + n);
}

/** Fills an audience, a thousand contacts in a call. */
export async function fill(client: Client, path: string, contacts: object[]): Promise<void> {
  for (let from = 0; from < contacts.length; from += 1000) {
    const part = contacts.slice(from, from + 1000);
    const data = succeeded(await client.post(`${path}/contacts/bulk`, { contacts: part }));
    assert.equal(data.created, part.length, 'all of them are new');
  }
}

/** All items of a list from its first page along `next`, checking each page's numbers on the way. */
export async function walk(client: Client, path: string): Promise<Loose[]> {
  const items: Loose[] = [];
  let number = 0;
  for (let next: string | null = path; next !== null; ) {
    const page: Answer = await client.get(next);
    assert.equal(page.status, 200, page.text.slice(0, 500));
    items.push(...page.data);
    assert.equal(page.body.pagination.number, ++number);
    assert.equal(page.body.pagination.size, page.data.length);
    next = page.body.pagination.links.next;
  }
  return items;
}

/** Everything an account holds: its audiences, and every contact of each. */
export async function everything(client: Client): Promise<Loose[]> {
  const audiences = await walk(client, '/v1/audiences?page_size=1000');
  return Promise.all(
    audiences.map(async (audience) => ({
      ...audience,
      contacts: await walk(client, `/v1/audiences/${audience.id}/contacts?page_size=1000`),
    })),
  );
}

/** Runs work that must change nothing of what the account holds. */
export async function changesNothing<T>(client: Client, work: () => Promise<T>): Promise<T> {
  const before = await everything(client);
  const result = await work();
  assert.deepEqual(await everything(client), before, 'nothing else happened');
  return result;
}

/** Waits until the second that dates are given in is over. */
export async function nextSecond(): Promise<void> {
  const now = Math.floor(Date.now() / 1000);
  while (Math.floor(Date.now() / 1000) === now) await new Promise((resolve) => setTimeout(resolve, 20));
}
