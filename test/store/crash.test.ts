/**
 * A server that is killed in the middle of its work, over and over, on one data directory. Whatever it had acknowledged is
 * there when the store is opened again; of what was under way each operation is there whole or not at all.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { fold, searchText } from '../../src/core/search-text.ts';
import type { Audience, Store } from '../../src/core/store.ts';
import { checkDatabase } from '../../src/store/sqlite/check.ts';
import { allContacts, FROM_START, numberOf, raises, until } from '../support/contacts.ts';
import { type Line, NAMES, type Step } from '../support/crash-writer.ts';
import { makeDirectory, openStore } from '../support/directory.ts';
import { startScript, startStoreProcess } from '../support/processes.ts';

const KILLS = 32;
/** Acknowledgements after which a server is killed, at the most. */
const MOST_ACKNOWLEDGED = 150;
/** And the longest time from then, in milliseconds. */
const LONGEST_DELAY = 25;
/** Of every so many kills one comes while the server may still be starting. */
const EARLY_EVERY = 6;

/** What is known of a contact: its id is not, when its writing was never acknowledged. */
interface Known {
  id?: string;
  tag: string | null;
  name: string | null;
}

test(`${KILLS} times killed under load, a store has all it acknowledged and nothing half`, async () => {
  const directory = makeDirectory();
  let store = openStore(directory);
  const { id: account } = await store.accounts.create('Owner');
  const audiences: Audience[] = [];
  for (const name of ['One', 'Two', 'Three']) {
    audiences.push(await store.audiences.create(account, { name, channel: 'SMS', contacts: [] }));
  }
  await store.close();

  let contacts = new Map<string, Map<string, Known>>(audiences.map(({ id }) => [id, new Map()]));
  let passing = new Map<string, number>();
  const seen = { acknowledged: 0, undone: 0 };

  for (let round = 0; round < KILLS; round++) {
    const args = [directory, account, audiences.map(({ id }) => id).join(','), String(100_000 * (round + 1))];
    const lines = await runAndKill(args, round % EARLY_EVERY === EARLY_EVERY - 1);
    const underWay = new Map<number, Step>();
    for (const line of lines) {
      if ('begins' in line) {
        underWay.set(line.begins.writer, line.begins);
      } else {
        seen.acknowledged++;
        apply(underWay.get(line.acknowledged)!, line.ids);
        underWay.delete(line.acknowledged);
      }
    }

    store = openStore(directory);
    const found = await readAll(store, account, audiences);
    for (const step of underWay.values()) settle(step, found);
    for (const { id } of audiences)
      assert.deepEqual(found.contacts.get(id), withIds(contacts.get(id)!, found.contacts.get(id)!));
    assert.deepEqual(found.passing, passing);
    assert.deepEqual(await store.check(), []);
    // The next round is held to what is there now, ids of unacknowledged contacts included.
    ({ contacts, passing } = found);
    await store.close();
  }
  // Kills that never met a write, or only whole ones, would have shown nothing.
  assert.ok(seen.acknowledged > KILLS);
  assert.ok(seen.undone > 0, 'no operation was lost: the kills came too late');

  function apply(step: Step, ids: string[] = []): void {
    if (step.kind === 'add audience') passing.set(step.audience, step.count);
    else if (step.kind === 'drop audience') passing.delete(step.audience);
    else {
      const own = contacts.get(step.audience)!;
      for (const [index, number] of step.numbers.entries()) {
        if (step.kind === 'remove') own.delete(number);
        else own.set(number, { id: ids[index] ?? own.get(number)?.id, tag: step.tag, name: step.name });
      }
    }
  }

  /** What was under way has happened or has not; when any of it has, all of it has. */
  function settle(step: Step, found: Found): void {
    const isDone =
      step.kind === 'add audience'
        ? found.passing.has(step.audience)
        : step.kind === 'drop audience'
          ? !found.passing.has(step.audience)
          : step.numbers.some((number) => {
              const contact = found.contacts.get(step.audience)!.get(number);
              return step.kind === 'remove' ? contact === undefined : contact?.tag === step.tag;
            });
    if (isDone) apply(step);
    else seen.undone++;
  }
});

test('a server killed while it purges a deleted audience goes on with that when it starts again', async () => {
  const directory = makeDirectory();
  const file = join(directory, 'muster.db');
  const store = openStore(directory);
  const { id: account } = await store.accounts.create('Owner');
  const kept = await store.audiences.create(account, { name: 'Kept', channel: 'SMS', contacts: [] });
  const gone = await store.audiences.create(account, { name: 'Gone', channel: 'SMS', contacts: [] });
  const behind = await store.audiences.create(account, { name: 'Behind', channel: 'SMS', contacts: [] });
  const rows = (from: number, count: number) =>
    Array.from({ length: count }, (_, n) => ({ number: numberOf(from + n), first_name: 'Anna', last_name: 'Purge' }));
  for (const { id } of [kept, behind]) await store.contacts.upsert(account, id, rows(0, 100), 'update');
  for (let n = 0; n < 25_000; n += 1000) await store.contacts.upsert(account, gone.id, rows(n, 1000), 'update');
  await store.close();
  assert.equal(countRows(file), 25_200);

  let left = 25_200;
  for (let kill = 0; kill < 4; kill++) {
    const server = startStoreProcess(directory);
    assert.deepEqual(await server.ask('open server'), {});
    if (kill === 0) assert.deepEqual(await server.ask(`delete ${account} ${gone.id}`), {});
    await until(async () => countRows(file) < left);
    await server.kill();
    left = countRows(file);
    assert.ok(left > 200, 'the kill came before the purge had ended');
    // The file alone: a store would purge on.
    assert.deepEqual(checkDatabase(file), []);
  }

  const again = openStore(directory);
  await raises(1301, again.audiences.get(account, gone.id));
  await again.audiences.create(account, { name: 'GONE', channel: 'SMS', contacts: rows(0, 5) });
  for (const audience of [kept, behind]) {
    assert.equal((await allContacts(again, audience)).length, 100);
    assert.equal((await allContacts(again, audience, ['purge'])).length, 100);
    assert.equal((await again.audiences.get(account, audience.id)).contacts_count, 100);
  }
  await until(async () => countRows(file) === 205);
  assert.deepEqual(await again.check(), []);
  await again.close();
});

/** Starts a server that writes, kills it at a random moment, and gives what it said until then. */
async function runAndKill(args: string[], isEarly: boolean): Promise<Line[]> {
  const child = startScript('crash-writer.ts', args);
  const closed = once(child, 'close');
  const enough = 1 + Math.floor(Math.random() * MOST_ACKNOWLEDGED);
  let text = '';
  let acknowledged = 0;
  child.stdout!.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
    acknowledged += chunk.split('"acknowledged"').length - 1;
    // Not at once: that would always be in the same moment of the writer's round.
    if (acknowledged >= enough) setTimeout(() => child.kill('SIGKILL'), Math.random() * LONGEST_DELAY);
  });
  if (isEarly) setTimeout(() => child.kill('SIGKILL'), Math.random() * 400);
  const [code, signal] = await closed;
  assert.deepEqual({ code, signal }, { code: null, signal: 'SIGKILL' }, 'the server ended by itself');
  // The last line may be cut: what it began to say was said to nobody.
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Line);
}

interface Found {
  contacts: Map<string, Map<string, Known>>;
  /** The audiences that came and went: name to count of contacts. */
  passing: Map<string, number>;
}

/** All that a store holds; counters, order and searches must agree with it. */
async function readAll(store: Store, account: string, audiences: Audience[]): Promise<Found> {
  const found: Found = { contacts: new Map(), passing: new Map() };
  const { items, total, hasNext } = await store.audiences.page(account, FROM_START);
  assert.deepEqual({ total, hasNext }, { total: items.length, hasNext: false });
  for (const audience of items) {
    const contacts = await allContacts(store, audience);
    assert.equal(audience.contacts_count, contacts.length, `the counter of ${audience.name}`);
    const ids = contacts.map((contact) => contact.id);
    assert.deepEqual(ids, ids.toSorted());
    if (!audiences.some(({ id }) => id === audience.id)) {
      found.passing.set(audience.name, contacts.length);
      assert.equal((await allContacts(store, audience, ['guest'])).length, contacts.length);
      continue;
    }
    for (const needle of [...NAMES.map(fold), '  12', numberOf(100_000).slice(1, 9)]) {
      assert.deepEqual(
        (await allContacts(store, audience, [needle])).map((contact) => contact.id),
        contacts.filter((contact) => searchText(contact).includes(needle)).map((contact) => contact.id),
        `searching ${needle}`,
      );
    }
    const known = contacts.map(({ number, id, timestamp, first_name }): [string, Known] => [
      number,
      { id, tag: timestamp, name: first_name },
    ]);
    found.contacts.set(audience.id, new Map(known));
  }
  return found;
}

/** What must be there, with the ids that are there where none was ever answered. In no order: so are the numbers. */
function withIds(expected: Map<string, Known>, found: Map<string, Known>): Map<string, Known> {
  return new Map([...expected].map(([number, known]) => [number, { ...known, id: known.id ?? found.get(number)?.id }]));
}

function countRows(file: string): number {
  const db = new DatabaseSync(file, { readOnly: true, timeout: 5000 });
  try {
    return (db.prepare('SELECT count(*) AS rows FROM contacts').get() as { rows: number }).rows;
  } finally {
    db.close();
  }
}
