/**
 * A server that is killed at any moment keeps what became of a keyed write if, and only if, it keeps the write: who sends again what
 * was not answered is answered as if nothing had happened, and nothing is there twice.
 */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { startServer } from '../support/server.ts';
import { type Answer, makeAudience, makeClient, numberOf, walk } from './support.ts';

const CRASHES = 8;
const WRITERS = 8;
const server = await startServer();
const client = makeClient(server);

interface Write {
  method: string;
  path: string;
  data: object | undefined;
  key: string;
  /** What it is answered, sooner or later. */
  status: number;
  answer: Answer | undefined;
}

it('repeats with the same keys after eight crashes: no write is lost, and none is there twice', async () => {
  const { path } = await makeAudience(client);
  const writes: Write[] = [];
  let next = 0;

  const send = ({ method, path: to, data, key }: Write) =>
    client.send(method, to, {
      body: data && JSON.stringify({ data }),
      headers: { 'content-type': 'application/json', 'idempotency-key': key },
    });

  /** The answer, unless the server was killed before it gave one. */
  async function attempt(write: Omit<Write, 'key' | 'answer'>): Promise<Answer | undefined> {
    const made: Write = { ...write, key: `key-${writes.length}`, answer: undefined };
    writes.push(made);
    try {
      made.answer = await send(made);
    } catch (error) {
      if ((error as Error).name === 'AssertionError') throw error;
      return undefined;
    }
    assert.equal(made.answer.status, write.status, made.answer.text);
    return made.answer;
  }

  /** Writes that a second time would be refused, or would find nothing, until the server is gone. */
  async function write(): Promise<void> {
    for (;;) {
      const at = next;
      next += 10;
      const data = { number: numberOf(at), first_name: `Nr ${at}` };
      const made = await attempt({ method: 'POST', path: `${path}/contacts`, data, status: 201 });
      if (made === undefined) return;
      const contact = `${path}/contacts/${made.data.id}`;
      const contacts = [1, 2, 3, 4, 5, 6, 7, 8].map((more) => ({ number: numberOf(at + more) }));
      const bulk = { on_conflict: 'error', contacts };
      if (!(await attempt({ method: 'POST', path: `${path}/contacts/bulk`, data: bulk, status: 200 }))) return;
      if (!(await attempt({ method: 'PUT', path: contact, data: { number: numberOf(at + 9) }, status: 200 }))) return;
      if (at % 20 === 0 && !(await attempt({ method: 'DELETE', path: contact, data: undefined, status: 204 }))) return;
    }
  }

  /** Sends everything of this round again: what was not answered is answered now, what was is answered the same. */
  async function repeatAll(from: number): Promise<void> {
    for (const write of writes.slice(from)) {
      const again = await send(write);
      assert.equal(again.status, write.status, `${write.method} ${write.path}: ${again.text}`);
      if (write.answer !== undefined) {
        assert.equal(again.headers.get('idempotent-replayed'), 'true');
        assert.equal(again.text, write.answer.text);
      }
      write.answer = again;
      if (write.path.endsWith('bulk')) assert.equal(again.data.created, 8);
    }
  }

  let cutOff = 0;
  for (let crash = 0; crash < CRASHES; crash++) {
    const from = writes.length;
    const writers = Array.from({ length: WRITERS }, write);
    const patience = Math.random() * 200;
    const begun = Date.now();
    const acknowledged = () => writes.filter(({ answer }) => answer !== undefined).length;
    const enough = acknowledged() + 10;
    while (acknowledged() < enough || Date.now() - begun < patience) {
      await new Promise((resolve) => setTimeout(resolve, 3));
    }
    await server.kill();
    await Promise.all(writers);
    cutOff += writes.slice(from).filter(({ answer }) => answer === undefined).length;
    await server.restart();
    await repeatAll(from);
  }
  assert.ok(cutOff >= CRASHES, 'every crash cut some writes off');

  const stored = await walk(client, `${path}/contacts?page_size=1000`);
  const numbers = stored.map(({ number }) => number);
  assert.equal(new Set(numbers).size, numbers.length);
  const expected = new Set<string>();
  for (const { method, data, path: to, answer } of writes) {
    const sent = data as { number?: string; contacts?: { number: string }[] } | undefined;
    if (method === 'POST')
      for (const { number } of sent!.contacts ?? [sent as { number: string }]) expected.add(number);
    if (method === 'POST') continue;
    const made = writes.find((each) => each.answer!.data?.id === to.slice(-36) && each.method === 'POST')!;
    const first = (made.data as { number: string }).number;
    const second = numberOf(Number(first) - Number(numberOf(0)) + 9);
    expected.delete(first);
    if (method === 'PUT') expected.add(second);
    else expected.delete(second);
    assert.ok(answer);
  }
  assert.deepEqual(numbers.sort(), [...expected].sort());
  assert.equal((await client.get(path)).data.contacts_count, numbers.length);
  assert.deepEqual(JSON.parse(await server.muster('doctor', '--json')).findings, []);
});
