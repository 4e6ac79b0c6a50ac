/** A server that is killed at any moment has, when it starts again, everything it acknowledged. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { startServer } from '../support/server.ts';
import { type Answer, type Loose, makeAudience, makeClient, numberOf, succeeded, walk } from './support.ts';

const CRASHES = 10;
const WRITERS = 8;
const server = await startServer();
const client = makeClient(server);

/** What is known of a number: the names it may have now, undefined for none. More than one when a write was cut off. */
type Known = Map<string, Set<string | undefined>>;

it('ten crashes under load lose nothing that was acknowledged', async () => {
  const { path } = await makeAudience(client);
  const known: Known = new Map();
  const ids = new Map<string, string>();
  let next = 0;
  let acknowledged = 0;

  /** A write that may be cut off: what it leads to is certain only when it is answered. */
  async function attempt(numbers: string[], name: string | undefined, send: () => Promise<Answer>): Promise<Loose> {
    const before = numbers.map((number) => known.get(number) ?? new Set<string | undefined>([undefined]));
    for (const [at, number] of numbers.entries()) known.set(number, new Set([...before[at]!, name]));
    let answer: Answer;
    try {
      answer = await send();
    } catch (error) {
      if ((error as Error).name === 'AssertionError') throw error;
      return undefined; // killed before it answered
    }
    const data = succeeded(answer);
    for (const number of numbers) known.set(number, new Set([name]));
    acknowledged++;
    return data ?? true;
  }

  /** Creates, changes, deletes and sends in bulk, on numbers of its own, until the server is gone. */
  async function write(): Promise<void> {
    for (;;) {
      const at = next;
      next += 10;
      const name = `Name${at}x`;
      const made = await attempt([numberOf(at)], name, () =>
        client.post(`${path}/contacts`, { number: numberOf(at), first_name: name }),
      );
      if (made === undefined) return;
      ids.set(numberOf(at), made.id);
      const contact = `${path}/contacts/${made.id}`;
      if (at % 20 === 0) {
        if (
          (await attempt([numberOf(at)], `Changed${at}x`, () =>
            client.put(contact, { first_name: `Changed${at}x` }),
          )) === undefined
        )
          return;
      } else if (at % 30 === 0) {
        if ((await attempt([numberOf(at)], undefined, () => client.delete(contact))) === undefined) return;
      }
      const rows = [1, 2, 3, 4, 5, 6, 7, 8, 9].map((more) => numberOf(at + more));
      const sent = rows.map((number) => ({ number, first_name: `Bulk${at}x` }));
      if (
        (await attempt(rows, `Bulk${at}x`, () => client.post(`${path}/contacts/bulk`, { contacts: sent }))) ===
        undefined
      )
        return;
    }
  }

  /** Holds what is stored against what is known; what was uncertain is certain then. */
  async function check(): Promise<void> {
    const stored = await walk(client, `${path}/contacts?page_size=1000`);
    const names = new Map(stored.map((contact) => [contact.number, contact]));
    assert.equal(names.size, stored.length, 'no number twice');
    for (const [number, possible] of known) {
      const contact = names.get(number);
      assert.ok(
        possible.has(contact?.first_name),
        `${number} is ${contact?.first_name}, acknowledged was ${[...possible]}`,
      );
      if (contact !== undefined && ids.has(number)) assert.equal(contact.id, ids.get(number));
      known.set(number, new Set([contact?.first_name]));
    }
    for (const number of names.keys()) assert.ok(known.has(number), `${number} was never sent`);

    assert.equal((await client.get(path)).data.contacts_count, stored.length);
    assert.equal((await client.get(`${path}/contacts?page_size=1`)).body.pagination.total, stored.length);
    for (const [search, expected] of [
      ['1202', () => true],
      ['name', (name: string) => name.startsWith('Name')],
      ['changed', (name: string) => name.startsWith('Changed')],
      ['bu', (name: string) => name.startsWith('Bulk')],
    ] as [string, (name: string) => boolean][]) {
      const found = await walk(client, `${path}/contacts?page_size=1000&filter[search]=${search}`);
      const wanted = stored.filter(({ first_name }) => expected(first_name));
      assert.deepEqual(
        found.map(({ id }) => id),
        wanted.map(({ id }) => id),
        `the search for ${search}`,
      );
    }
    const last = stored.at(-1);
    if (last !== undefined) {
      assert.deepEqual(
        (await client.get(`${path}/contacts?filter[search]=${last.first_name}&page_size=1000`)).data.at(-1).id,
        last.id,
      );
    }
  }

  for (let crash = 0; crash < CRASHES; crash++) {
    const before = acknowledged;
    const writers = Array.from({ length: WRITERS }, write);
    // A random moment, but not before something was acknowledged.
    const patience = Math.random() * 250;
    const begun = Date.now();
    while (acknowledged < before + 5 || Date.now() - begun < patience) {
      await new Promise((resolve) => setTimeout(resolve, 3));
    }
    await server.kill();
    await Promise.all(writers);
    await server.restart();
    await check();
  }
  assert.ok(acknowledged >= CRASHES * 5);
  const findings = JSON.parse(await server.muster('doctor', '--json'));
  assert.deepEqual(findings.findings, []);
  assert.equal((await server.stop()).code, 0);
});
