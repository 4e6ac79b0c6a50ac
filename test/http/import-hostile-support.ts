/** What tests of hostile files and connections share: servers that must live through all of it, and how much memory they take. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { after, afterEach } from 'node:test';
import { until } from '../support/contacts.ts';
import { type Server, startServer } from '../support/server.ts';
import { type Loose, makeAudience, makeClient, numberOf, succeeded } from './support.ts';

export const MEGABYTE = 1024 * 1024;
/** How much more memory than before a server may hold while it takes a file of 100 MB: garbage of its work, and not the file. */
export const MOST_GROWTH = 150 * MEGABYTE;

/** A server that allows little, and one that allows what is large. */
export const small = await startServer({
  env: { IMPORT_MAX_BYTES: String(8 * MEGABYTE), IMPORT_MAX_UNPACKED: String(20 * MEGABYTE) },
});
export const large = await startServer({ env: { IMPORT_MAX_BYTES: '100000000000' } });
export const client = makeClient(small);

afterEach(async () => {
  for (const server of [small, large]) {
    assert.equal(server.process.exitCode, null, 'the server lives');
    const other = makeClient(server);
    assert.equal((await other.get('/healthz')).status, 200);
    const { path } = await makeAudience(other);
    const found = await imported(server, path, 'number,first_name\n+12025550150,Ana\n');
    assert.deepEqual([found.status, found.created, found.rows_total], ['completed', 1, 1], 'others import as ever');
  }
});

after(() => {
  const lines = [...small.log, ...large.log].map((line) => JSON.parse(line));
  const troubles = lines.filter(({ level }) => level >= 40);
  assert.deepEqual(troubles, [], 'none of this is an error of the server');
});

export type Body = string | Uint8Array | AsyncIterable<Uint8Array>;

/** Uploads a file, whole or as it is made, and waits for the end of its import. */
export async function imported(
  server: Server,
  path: string,
  body: Body,
  type = 'text/csv',
  query = '',
): Promise<Loose> {
  const isStream = typeof body === 'object' && Symbol.asyncIterator in body;
  const response = await fetch(`${server.url}${path}/imports?${query}`, {
    method: 'POST',
    headers: { 'x-dexatel-key': server.key, 'content-type': type },
    body: (isStream ? ReadableStream.from(body) : body) as string,
    ...(isStream && { duplex: 'half' }),
  });
  const text = await response.text();
  assert.equal(response.status, 202, text);
  const { self } = JSON.parse(text).data.links;
  const other = makeClient(server);
  let found: Loose;
  await until(async () => {
    found = succeeded(await other.get(self));
    return !['queued', 'running'].includes(found.status);
  });
  const { created, updated, unchanged, skipped, refused: wrong, rows_done } = found;
  assert.equal(created + updated + unchanged + skipped + wrong, rows_done);
  return found;
}

/** A file of at least so many bytes, whose rows are all good. */
export const fileOf = (size: number): string =>
  `number\n${Array.from({ length: Math.ceil(size / 12) }, (_, n) => numberOf(n)).join('\n')}\n`;

/** The refused rows of an import, each as its line and message. */
export const refusals = async (found: Loose): Promise<string[]> =>
  (await client.get(`${found.links.rows}?status=refused`)).data.map((each: Loose) => `${each.line}: ${each.message}`);

export const FILE = 'number,first_name\n+12025550150,Ana\n';

export const HAS_PROC = existsSync('/proc/self/status');

/**
 * Does work and tells by how much the server's own memory grew meanwhile, at its most, in bytes (proc(5), Linux alone). Pages of
 * its files do not count: reading maps the store into memory, and the system takes such pages back as it likes.
 */
export async function growthOf<T>(server: Server, work: () => Promise<T>): Promise<{ result: T; grown: number }> {
  const now = () => {
    const status = readFileSync(`/proc/${server.process.pid}/status`, 'utf8');
    return Number(/^RssAnon:\s+(\d+) kB$/m.exec(status)![1]) * 1024;
  };
  const before = now();
  let most = before;
  const watch = setInterval(() => {
    most = Math.max(most, now());
  }, 10);
  try {
    const result = await work();
    return { result, grown: Math.max(most, now()) - before };
  } finally {
    clearInterval(watch);
  }
}
