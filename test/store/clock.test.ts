/** The order of creation, when the clock is set back: ids made before the step lie in what is now the future. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { readDocument } from '../../src/core/contact-document.ts';
import { allContacts, contactsOf, FROM_START, makeAudience, numberOf } from '../support/contacts.ts';
import { makeDirectory, openStore } from '../support/directory.ts';

/** The id as if it had been made centuries later. */
const later = (id: string) => `7${id.slice(1)}`;

test('what is made after the clock was set back comes behind what was there', async () => {
  const directory = makeDirectory();
  const before = openStore(directory);
  const audience = await makeAudience(before);
  const { account_id: account } = audience;
  const first = readDocument(await before.contacts.create(account, audience.id, { number: numberOf(1) }));
  await before.close();
  const db = new DatabaseSync(join(directory, 'muster.db'));
  db.prepare('UPDATE audiences SET id = ?').run(later(audience.id));
  db.prepare('UPDATE contacts SET id = ?, open_document = replace(open_document, ?, ?)').run(
    Buffer.from(later(first.id).replaceAll('-', ''), 'hex'),
    first.id,
    later(first.id),
  );
  db.close();

  const store = openStore(directory);
  const beside = openStore(directory, 'administration');
  const moved = { ...audience, id: later(audience.id) };
  const ids = [moved.id];
  const contacts = [later(first.id)];
  for (const [index, each] of [store, beside, store, beside].entries()) {
    const document = await each.contacts.create(account, moved.id, { number: numberOf(2 + index) });
    contacts.push(readDocument(document).id);
    const made = await each.audiences.create(account, { name: `Later ${index}`, channel: 'SMS', contacts: [] });
    ids.push(made.id);
  }
  const { items } = await store.audiences.page(account, FROM_START);
  assert.deepEqual(
    items.map(({ id }) => id),
    ids,
  );
  assert.deepEqual(
    (await allContacts(store, moved)).map(({ id }) => id),
    contacts,
  );
  // The place of a deleted contact is known by its id alone.
  await store.contacts.delete(account, moved.id, contacts[0]!);
  const query = { ...FROM_START, position: contacts[0]!, needles: [], count: false };
  const page = await store.contacts.page(account, moved.id, query);
  assert.deepEqual(
    contactsOf(page).map(({ id }) => id),
    contacts.slice(1),
  );
  assert.deepEqual(await store.check(), []);
});
