/** The embedded store when its file cannot be written for a while: it says so, changes nothing, and recovers. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, describe, test } from 'node:test';
import { readDocument } from '../../src/core/contact-document.ts';
import { MusterError } from '../../src/core/errors.ts';
import { searchNeedles } from '../../src/core/search-text.ts';
import type { Audience, NewKey } from '../../src/core/store.ts';
import { allContacts, FROM_START, makeAudience, numberOf, raises } from '../support/contacts.ts';
import { makeDirectory, openStore } from '../support/directory.ts';

describe('while another program holds the write lock', () => {
  const directory = makeDirectory();
  const hash = new Uint8Array(32);
  const store = openStore(directory);
  let other: DatabaseSync;
  let audience: Audience;
  let keyId: string;

  before(async () => {
    audience = await makeAudience(store);
    const rows = [1, 2, 3].map((n) => ({ number: numberOf(n), first_name: 'Before' }));
    await store.contacts.upsert(audience.account_id, audience.id, rows, 'update');
    const key: NewKey = {
      account_id: audience.account_id,
      name: 'Key',
      prefix: 'muster_abcde',
      scope: 'write',
      expire_date: null,
      hash,
    };
    keyId = (await store.keys.create(key)).id;
    other = new DatabaseSync(join(directory, 'muster.db'));
  });
  after(() => other.close());

  test('every write fails with 9503 and changes nothing, reads go on, and afterwards all works', async () => {
    const { account_id: account, id } = audience;
    const contacts = await allContacts(store, audience);
    const [first, second] = contacts;
    const state = async () => ({
      accounts: await store.accounts.list(),
      keys: await store.keys.list(),
      audiences: await store.audiences.page(account, FROM_START),
      contacts: await allContacts(store, audience),
      found: await allContacts(store, audience, searchNeedles('before')),
    });
    const untouched = await state();
    const newKey = (n: number): NewKey => ({
      account_id: account,
      name: 'Other',
      prefix: 'muster_other',
      scope: 'read',
      expire_date: null,
      hash: new Uint8Array(32).fill(n),
    });
    const WRITES: Record<string, () => Promise<unknown>> = {
      'accounts.create': () => store.accounts.create('Late'),
      'keys.create': () => store.keys.create(newKey(1)),
      'keys.touch': () => store.keys.touch(keyId),
      'keys.revoke': () => store.keys.revoke(keyId),
      'keys.rotate': () => store.keys.rotate(keyId, newKey(2), '2000-01-01 00:00:00'),
      'audiences.create': () => store.audiences.create(account, { name: 'Late', channel: 'SMS', contacts: [] }),
      'audiences.rename': () => store.audiences.rename(account, id, 'Late too'),
      'audiences.delete': () => store.audiences.delete(account, id),
      'contacts.create': () => store.contacts.create(account, id, { number: numberOf(9) }),
      'contacts.update': () => store.contacts.update(account, id, first!.id, { first_name: 'After' }),
      'contacts.delete': () => store.contacts.delete(account, id, second!.id),
      'contacts.upsert': () => store.contacts.upsert(account, id, [{ number: numberOf(8) }], 'update'),
    };

    other.exec('BEGIN IMMEDIATE');
    // All at once, so that they wait as one transaction and fail as one.
    const failures = Object.entries(WRITES).map(async ([name, write]) => [name, await codesOf(write())]);
    const notReady = raises(9503, store.ready());
    // What only reads does not wait for them.
    assert.deepEqual(await state(), untouched);
    await notReady;
    assert.deepEqual(
      await Promise.all(failures),
      Object.keys(WRITES).map((name) => [name, [9503]]),
    );
    assert.deepEqual(await state(), untouched);
    other.exec('ROLLBACK');

    await store.ready();
    assert.deepEqual(await state(), untouched, 'a write that has failed does not happen later');
    const created = readDocument(
      await store.contacts.create(account, id, { number: numberOf(9), first_name: 'Afterwards' }),
    );
    assert.deepEqual(await allContacts(store, audience), [...contacts, created]);
    assert.deepEqual(await allContacts(store, audience, searchNeedles('afterwards')), [created]);
    assert.equal((await store.audiences.get(account, id)).contacts_count, 4);
    assert.deepEqual(await store.check(), []);
  });

  test('a write that waits for less than the time limit succeeds', async () => {
    other.exec('BEGIN IMMEDIATE');
    let isDone = false;
    const write = store.accounts.create('Patient').then(() => {
      isDone = true;
    });
    // The writer has the call when this read, asked for behind it, is answered; the lock still holds it up.
    await allContacts(store, audience, searchNeedles('before'));
    assert.equal(isDone, false);
    other.exec('ROLLBACK');
    await write;
    assert.equal((await store.accounts.list()).at(-1)?.name, 'Patient');
  });
});

test('a write that cannot be done fails alone: what waits with it is done, once', async () => {
  const store = openStore(makeDirectory());
  const audience = await makeAudience(store);
  const create = (n: number) => store.contacts.create(audience.account_id, audience.id, { number: numberOf(n) });
  const outcomes = await Promise.allSettled([
    create(1),
    create(2),
    // No such account: the database itself refuses it, in the middle of the group.
    store.audiences.create('nobody', { name: 'Nowhere', channel: 'SMS', contacts: [{ number: numberOf(1) }] }),
    create(2),
    create(3),
  ]);
  assert.deepEqual(
    outcomes.map(({ status }) => status),
    ['fulfilled', 'fulfilled', 'rejected', 'rejected', 'fulfilled'],
  );
  const numbers = (await allContacts(store, audience)).map((contact) => contact.number);
  assert.deepEqual(numbers, [1, 2, 3].map(numberOf));
  assert.deepEqual(await allContacts(store, audience, searchNeedles(numberOf(3))), [
    readDocument((outcomes[4] as PromiseFulfilledResult<string>).value),
  ]);
  assert.deepEqual(await store.check(), []);
});

test('more writes than may wait are told to come again, the others are done', async () => {
  const store = openStore(makeDirectory());
  const { id: account } = await store.accounts.create('Owner');
  const asked = 25_000;
  const codes = await Promise.all(Array.from({ length: asked }, () => codesOf(store.accounts.create('Crowd'))));
  const refused = codes.filter((each) => each[0] === 9503).length;
  const done = codes.filter((each) => each.length === 0).length;
  assert.ok(refused > 0);
  assert.equal(done + refused, asked);
  assert.equal((await store.accounts.list()).length, done + 1);
  assert.equal((await store.accounts.get(account))?.name, 'Owner');
});

test('closing finishes what was begun; what comes later is refused', async () => {
  const directory = makeDirectory();
  const store = openStore(directory);
  const audience = await makeAudience(store);
  const writes = Array.from({ length: 2500 }, (_, n) =>
    store.contacts.create(audience.account_id, audience.id, { number: numberOf(n) }),
  );
  const closed = store.close();
  await assert.rejects(store.accounts.create('Late'), /closed/);
  const documents = await Promise.all(writes);
  await closed;

  const again = openStore(directory);
  assert.deepEqual(await allContacts(again, audience), documents.map(readDocument));
  assert.equal((await again.accounts.list()).length, 1);
});

/** The codes an operation fails with; none when it succeeds. */
async function codesOf(operation: Promise<unknown>): Promise<number[]> {
  try {
    await operation;
    return [];
  } catch (error) {
    if (!(error instanceof MusterError)) throw error;
    return error.problems.map((problem) => problem.code);
  }
}

test('a store that closes beside a long read does not wait for it, nor make another process wait', async () => {
  const directory = makeDirectory();
  const server = openStore(directory);
  const reader = new DatabaseSync(join(directory, 'muster.db'));
  after(() => reader.close());
  reader.exec('BEGIN; SELECT count(*) FROM contacts');
  await server.accounts.create('Before');
  const administration = openStore(directory, 'administration');
  const began = Date.now();
  const isQuick = () => Date.now() - began < 3000;
  const closed = administration.close();
  await server.accounts.create('Meanwhile');
  assert.ok(isQuick());
  await closed;
  await server.close();
  assert.ok(isQuick());
});
