import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, test } from 'node:test';
import { readDocument } from '../../../src/core/contact-document.ts';
import { MusterError, type Problem } from '../../../src/core/errors.ts';
import type { Idempotency } from '../../../src/core/idempotency.ts';
import type { Audience, Store, Terms } from '../../../src/core/store.ts';
import { allContacts, makeAudience, NOBODY, numberOf, raises } from '../../support/contacts.ts';
import { describeStores, FULL, same } from '../../support/contract.ts';
import { OPTIONS, upload } from '../../support/import-jobs.ts';

let keys = 0;
const DIGEST = createHash('sha256').update('abc').digest('hex');

/** An import whose file has come and is not yet queued; its id. */
async function uploaded(store: Store, { account_id, id }: Audience): Promise<string> {
  const importId = await store.imports.begin(account_id, id, OPTIONS, 'people.csv');
  await store.imports.append(importId, 0, Buffer.from('abc'));
  return importId;
}

/** Terms of a write that takes effect once, and what it was told of repeats. */
function once(accountId: string, more: Partial<Idempotency> = {}): Terms & { told: string[] } {
  const told: string[] = [];
  const onRepeat = (note: string) => told.push(note);
  const key = `key-${++keys}`;
  return { idempotency: { account_id: accountId, key, fingerprint: 'f', note: 'first', onRepeat, ...more }, told };
}

/** The same terms, as a repeat has them. */
function again({ idempotency }: Terms, more: Partial<Idempotency> = {}): Terms & { told: string[] } {
  return once(idempotency!.account_id, { key: idempotency!.key, note: 'another', ...more });
}

/** What an operation came to. */
async function outcomeOf(operation: Promise<unknown>): Promise<{ value: unknown } | { problems: Problem[] }> {
  try {
    return { value: await operation };
  } catch (error) {
    if (error instanceof MusterError) return { problems: error.problems };
    throw error;
  }
}

interface Scene {
  store: Store;
  audience: Audience;
  /** A contact of the audience. */
  contactId: string;
  importId: string;
}

/** Every write, whether it succeeds, and what there is to see of it. */
const WRITES: [what: string, succeeds: boolean, write: (scene: Scene, terms: Terms) => Promise<unknown>][] = [
  [
    'create an audience',
    true,
    ({ store, audience: { account_id } }, terms) =>
      store.audiences.create(account_id, { name: 'Once', channel: 'VIBER', contacts: [FULL] }, terms),
  ],
  [
    'create an audience of a name that is there',
    false,
    ({ store, audience: { account_id, name } }, terms) =>
      store.audiences.create(account_id, { name, channel: 'SMS', contacts: [] }, terms),
  ],
  [
    'rename an audience',
    true,
    ({ store, audience: { account_id, id } }, terms) => store.audiences.rename(account_id, id, 'Renamed once', terms),
  ],
  [
    'rename an outdated audience',
    false,
    ({ store, audience: { account_id, id } }, terms) =>
      store.audiences.rename(account_id, id, 'Renamed once', { ...terms, precondition: { match: ['"other"'] } }),
  ],
  [
    'delete an audience',
    true,
    ({ store, audience: { account_id, id } }, terms) => store.audiences.delete(account_id, id, terms),
  ],
  [
    'create a contact',
    true,
    ({ store, audience: { account_id, id } }, terms) =>
      store.contacts.create(account_id, id, { ...FULL, number: numberOf(1) }, terms),
  ],
  [
    'create a contact of a number that is there',
    false,
    ({ store, audience: { account_id, id } }, terms) => store.contacts.create(account_id, id, FULL, terms),
  ],
  [
    'change a contact',
    true,
    ({ store, audience: { account_id, id }, contactId }, terms) =>
      store.contacts.update(account_id, id, contactId, { first_name: 'Changed' }, terms),
  ],
  [
    'change a contact to a number that is there',
    false,
    ({ store, audience: { account_id, id }, contactId }, terms) =>
      store.contacts.update(account_id, id, contactId, { number: numberOf(9) }, terms),
  ],
  [
    'delete a contact',
    true,
    ({ store, audience: { account_id, id }, contactId }, terms) =>
      store.contacts.delete(account_id, id, contactId, terms),
  ],
  [
    'upsert contacts',
    true,
    ({ store, audience: { account_id, id } }, terms) =>
      store.contacts.upsert(
        account_id,
        id,
        Array.from({ length: 300 }, (_, index) => ({ number: numberOf(index), first_name: 'Bulk' })),
        'error',
        terms,
      ),
  ],
  [
    'cancel an import',
    true,
    ({ store, audience: { account_id, id }, importId }, terms) => store.imports.cancel(account_id, id, importId, terms),
  ],
  [
    'run an import that cannot be run',
    false,
    ({ store, audience: { account_id, id }, importId }, terms) => store.imports.run(account_id, id, importId, terms),
  ],
];

describeStores('idempotency', (under) => {
  async function makeScene(): Promise<Scene> {
    const { store } = under;
    const audience = await makeAudience(store);
    const { id: contactId } = await under.create(audience, FULL);
    await under.create(audience, { number: numberOf(9) });
    const { id: importId } = await upload(store, audience);
    return { store, audience, contactId, importId };
  }

  /** All that an account holds. */
  async function everything({ store, audience: { account_id } }: Scene) {
    const { items } = await store.audiences.page(account_id, { direction: 'after', size: 1000 });
    const contacts = await Promise.all(items.map((each) => allContacts(store, each)));
    return { items, contacts, imports: await store.imports.page(account_id, { direction: 'after', size: 1000 }) };
  }

  for (const [what, succeeds, write] of WRITES) {
    describe(what, () => {
      test('a repeat is given what became of the first, and does nothing', async () => {
        const scene = await makeScene();
        const terms = once(scene.audience.account_id);
        const first = await outcomeOf(write(scene, terms));
        assert.equal('value' in first, succeeds);
        same(terms.told, []);
        const after = await everything(scene);
        for (let time = 0; time < 3; time++) {
          const repeat = again(terms);
          same(await outcomeOf(write(scene, repeat)), first);
          same(repeat.told, ['first']);
        }
        same(await everything(scene), after);
      });

      test('another request under the same key: 9014, and does nothing', async () => {
        const scene = await makeScene();
        const terms = once(scene.audience.account_id);
        await outcomeOf(write(scene, terms));
        const after = await everything(scene);
        const other = again(terms, { fingerprint: 'other' });
        await raises(9014, write(scene, other));
        same(other.told, []);
        same(await everything(scene), after);
        // The first one's stays what it was.
        const repeat = again(terms);
        await outcomeOf(write(scene, repeat));
        same(repeat.told, ['first']);
      });
    });
  }

  test('what has changed since is not seen in a repeat, and stays', async () => {
    const { store, audience } = await makeScene();
    const { account_id, id } = audience;
    const terms = once(account_id);
    const made = await store.contacts.create(account_id, id, { number: numberOf(1) }, terms);
    const { id: contactId } = readDocument(made);
    await store.contacts.update(account_id, id, contactId, { first_name: 'Later' });
    assert.equal(await store.contacts.create(account_id, id, { number: numberOf(1) }, again(terms)), made);
    await store.contacts.delete(account_id, id, contactId);
    assert.equal(await store.contacts.create(account_id, id, { number: numberOf(1) }, again(terms)), made);
    await raises(1351, store.contacts.get(account_id, id, contactId));
    await store.audiences.delete(account_id, id);
    assert.equal(await store.contacts.create(account_id, id, { number: numberOf(1) }, again(terms)), made);
  });

  test('keys are each account’s own', async () => {
    const one = await makeScene();
    const other = await makeScene();
    const create = ({ store, audience: { account_id, id } }: Scene, terms: Terms) =>
      store.contacts.create(account_id, id, { number: numberOf(1) }, terms);
    const terms = once(one.audience.account_id);
    const made = await create(one, terms);
    const { key } = terms.idempotency!;
    const others = once(other.audience.account_id, { key, fingerprint: 'other' });
    assert.notEqual(await create(other, others), made);
    same(others.told, []);
    assert.equal(await create(one, again(terms)), made);
  });

  test('what was not found is not kept: when it is there the repeat is carried out', async () => {
    const { store, audience } = await makeScene();
    const { account_id, id } = audience;
    const terms = once(account_id);
    const { id: made } = JSON.parse(await store.contacts.create(account_id, id, { number: numberOf(1) }));
    for (const repeat of [terms, again(terms), again(terms, { fingerprint: 'other' })]) {
      await raises(1351, store.contacts.delete(account_id, id, NOBODY, repeat));
      same(repeat.told, []);
    }
    await store.contacts.delete(account_id, id, made, again(terms));
    await raises(1351, store.contacts.get(account_id, id, made));
  });

  test('a file that comes again gives the import that it made the first time, and leaves its own as it is', async () => {
    const { store, audience } = await makeScene();
    const { account_id, id } = audience;
    const terms = once(account_id);
    const first = await uploaded(store, audience);
    const second = await uploaded(store, audience);
    const made = await store.imports.queue(first, 3, DIGEST, terms);
    const repeat = again(terms);
    same(await store.imports.queue(second, 3, DIGEST, repeat), made);
    same([made.id, repeat.told], [first, ['first']]);
    await raises(9020, store.imports.get(account_id, id, second));
    await store.imports.abandon(second);
    const third = await uploaded(store, audience);
    await raises(9014, store.imports.queue(third, 3, 'another', again(terms, { fingerprint: 'other' })));
    await store.imports.abandon(third);
    assert.equal((await store.imports.get(account_id, id, first)).status, 'queued');
  });

  test('100 at once: one write, and one outcome for all', async () => {
    const { store, audience } = await makeScene();
    const { account_id, id } = audience;
    const terms = once(account_id);
    const all = [terms, ...Array.from({ length: 99 }, () => again(terms))];
    const outcomes = await Promise.all(
      all.map((each) => store.contacts.create(account_id, id, { number: numberOf(1) }, each)),
    );
    assert.equal(new Set(outcomes).size, 1);
    assert.equal(all.filter(({ told }) => told.length === 0).length, 1);
    assert.equal(await under.countOf(audience), 3);
  });

  test('100 at once of which half say something else: one write', async () => {
    const { store, audience } = await makeScene();
    const { account_id, id } = audience;
    const terms = once(account_id);
    const outcomes = await Promise.all(
      Array.from({ length: 100 }, (_, index) =>
        outcomeOf(
          store.contacts.create(
            account_id,
            id,
            { number: numberOf(index % 2) },
            again(terms, { fingerprint: `${index % 2}` }),
          ),
        ),
      ),
    );
    const made = outcomes.filter((outcome) => 'value' in outcome);
    assert.deepEqual([made.length, new Set(made.map(({ value }) => value)).size], [50, 1]);
    for (const outcome of outcomes) if ('problems' in outcome) assert.equal(outcome.problems[0]!.code, 9014);
    assert.equal(await under.countOf(audience), 3);
  });

  test('others on the same data know of it, and so does the store when it is opened again', async () => {
    const { audience } = await makeScene();
    const { account_id, id } = audience;
    const terms = once(account_id);
    const made = await under.store.contacts.create(account_id, id, { number: numberOf(1) }, terms);
    const beside = await under.openBeside();
    const repeat = again(terms);
    assert.equal(await beside.contacts.create(account_id, id, { number: numberOf(1) }, repeat), made);
    same(repeat.told, ['first']);
    if (beside !== under.store) await beside.close();
    await under.reopen();
    assert.equal(await under.store.contacts.create(account_id, id, { number: numberOf(1) }, again(terms)), made);
    await raises(9014, under.store.contacts.delete(account_id, id, NOBODY, again(terms, { fingerprint: 'other' })));
    assert.equal(await under.countOf(audience), 3);
  });
});
