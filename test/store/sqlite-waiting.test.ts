/** What new contacts are found by waits to be written, but not without bounds. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { makeAudience, numberOf } from '../support/contacts.ts';
import { makeDirectory, openStore } from '../support/directory.ts';

test('numbers of sixteen audiences wait at the most, and all are known', async () => {
  const directory = makeDirectory();
  const store = openStore(directory);
  const first = await makeAudience(store);
  const { account_id } = first;
  const audiences = [first];
  for (let n = 1; n < 40; n++) {
    audiences.push(await store.audiences.create(account_id, { name: `Waiting ${n}`, channel: 'SMS', contacts: [] }));
  }
  for (const { id } of audiences) await store.contacts.create(account_id, id, { number: numberOf(1) });
  const db = new DatabaseSync(join(directory, 'muster.db'), { readOnly: true });
  const { waiting } = db
    .prepare('SELECT count(*) AS waiting FROM audiences WHERE numbered_sequence < last_sequence')
    .get() as { waiting: number };
  db.close();
  assert.ok(waiting > 0 && waiting <= 16, `${waiting} wait`);
  for (const { id } of audiences) {
    await assert.rejects(store.contacts.create(account_id, id, { number: numberOf(1) }), /^MusterError: 1360/);
  }
  await store.close();
  const checked = openStore(directory, 'administration');
  assert.deepEqual(await checked.check(), []);
  await checked.close();
});
