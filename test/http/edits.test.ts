/** Edits of many contacts: jobs as imports are, chosen at one moment, followed, cancelled and undone. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { sampleContacts } from '../../sample/make-contacts.ts';
import { until } from '../support/contacts.ts';
import { startServer } from '../support/server.ts';
import { type Answer, type Client, type Loose, makeAudience, makeClient, refused } from './support.ts';

const server = await startServer();
const client = makeClient(server);

const edit = ({ path }: { path: string }, data: object, of: Client = client): Promise<Answer> =>
  of.post(`${path}/contacts/edits`, data);

async function ended(answer: Answer, of: Client = client): Promise<Loose> {
  assert.equal(answer.status, 202, answer.text);
  const { links } = answer.data;
  let found: Loose;
  await until(async () => {
    found = (await of.get(links.self)).data;
    return !['queued', 'running'].includes(found.status);
  });
  return found;
}

const undo = async (found: Loose) => ended(await client.send('POST', `${new URL(found.links.self).pathname}/undo`));
const contactsOf = async ({ path }: { path: string }): Promise<Loose[]> =>
  (await client.get(`${path}/contacts?page_size=1000`)).data;
const tagsOf = async (audience: { path: string }) =>
  Object.fromEntries((await contactsOf(audience)).map(({ first_name, tags }) => [first_name, tags.join(' ')]));
const PEOPLE = [
  { number: '12025550150', first_name: 'Ana', tags: ['vip'] },
  { number: '12025550151', first_name: 'Bo', tags: ['vip', 'old'] },
  { number: '12025550152', first_name: 'Cy' },
];

describe('an edit', () => {
  for (const [title, data, after, counts] of [
    [
      'adds tags to all',
      { select: {}, action: 'add_tags', tags: ['new', 'vip'] },
      { Ana: 'vip new', Bo: 'vip old new', Cy: 'new vip' },
      { updated: 3 },
    ],
    [
      'adds a tag to what a search finds, and leaves what has it',
      { select: { search: 'ana' }, action: 'add_tags', tags: ['vip'] },
      { Ana: 'vip', Bo: 'vip old', Cy: '' },
      { unchanged: 1 },
    ],
    [
      'removes tags from what carries a tag',
      { select: { tags: ['vip'] }, action: 'remove_tags', tags: ['vip', 'none'] },
      { Ana: '', Bo: 'old', Cy: '' },
      { updated: 2 },
    ],
    [
      'deletes what carries two tags',
      { select: { tags: ['vip', 'old'] }, action: 'delete' },
      { Ana: 'vip', Cy: '' },
      { removed: 1 },
    ],
    ['deletes all', { select: {}, action: 'delete' }, {}, { removed: 3 }],
    [
      'of nobody does nothing',
      { select: { search: 'zoe' }, action: 'delete' },
      { Ana: 'vip', Bo: 'vip old', Cy: '' },
      {},
    ],
  ] as const) {
    it(`${title}, and is taken back`, async () => {
      const audience = await makeAudience(client, PEOPLE);
      const before = await contactsOf(audience);
      const found = await ended(await edit(audience, data));
      assert.deepEqual([found.kind, found.action, found.status], ['edit', data.action, 'completed']);
      assert.deepEqual(await tagsOf(audience), after);
      const all = { created: 0, updated: 0, unchanged: 0, skipped: 0, refused: 0, removed: 0, ...counts };
      for (const [name, count] of Object.entries(all)) assert.equal(found[name], count, name);
      assert.equal((await client.get(audience.path)).data.contacts_count, Object.keys(after).length);
      if (!('updated' in counts || 'removed' in counts)) return;
      const undone = await undo(found);
      assert.equal(undone.status, 'undone');
      const shown = (contacts: Loose[]) => contacts.map(({ update_date, ...rest }) => rest);
      assert.deepEqual(shown(await contactsOf(audience)), shown(before));
      assert.equal((await client.get(audience.path)).data.contacts_count, 3);
    });
  }

  it('takes the contacts that are named, once each, and passes over what is gone', async () => {
    const audience = await makeAudience(client, PEOPLE);
    const [ana, bo] = await contactsOf(audience);
    await client.send('DELETE', `${audience.path}/contacts/${bo!.id}`);
    const ids = [ana!.id, bo!.id, ana!.id.toUpperCase()];
    const found = await ended(await edit(audience, { select: { ids }, action: 'delete' }));
    assert.deepEqual([found.rows_done, found.removed], [1, 1]);
    assert.deepEqual(Object.keys(await tagsOf(audience)), ['Cy']);
  });

  it('is no upload: what limits those does not limit how many are changed', async () => {
    const small = await startServer({ env: { IMPORT_MAX_BYTES: '100' } });
    const own = makeClient(small);
    const audience = await makeAudience(own, PEOPLE);
    const begun = await edit(audience, { select: {}, action: 'delete' }, own);
    assert.equal((await ended(begun, own)).removed, PEOPLE.length);
    await small.stop();
  });

  it('passes over whoever was given the number of one that was chosen', async () => {
    const audience = await makeAudience(client, [PEOPLE[0]!]);
    const [ana] = await contactsOf(audience);
    // The edit waits behind a file, and meanwhile the number changes hands.
    const numbers = Array.from({ length: 20_000 }, (_, at) => 12026000000 + at);
    const file = { body: `number\n${numbers.join('\n')}\n`, headers: { 'content-type': 'text/csv' } };
    const before = await client.send('POST', `${audience.path}/imports`, file);
    const chosen = await edit(audience, { select: { ids: [ana!.id] }, action: 'delete' });
    assert.equal((await client.put(`${audience.path}/contacts/${ana!.id}`, { number: '12025550159' })).status, 200);
    const { id } = (await client.post(`${audience.path}/contacts`, { number: '12025550150', first_name: 'Di' })).data;
    assert.ok(['queued', 'running'].includes((await client.get(before.data.links.self)).data.status), 'it has waited');
    const found = await ended(chosen);
    assert.deepEqual([found.rows_done, found.removed, found.skipped], [1, 0, 1]);
    for (const each of [ana!.id, id]) assert.equal((await client.get(`${audience.path}/contacts/${each}`)).status, 200);
  });

  it('refuses alone whoever would have too many tags, and says so', async () => {
    const tags = Array.from({ length: 10 }, (_, at) => `t${at}`);
    const audience = await makeAudience(client, [{ ...PEOPLE[0]!, tags }, PEOPLE[2]!]);
    const found = await ended(await edit(audience, { select: {}, action: 'add_tags', tags: ['one more'] }));
    assert.deepEqual([found.updated, found.refused, found.refused_by_code], [1, 1, { 1359: 1 }]);
    const rows = (await client.get(`${found.links.rows}?status=refused`)).data;
    assert.deepEqual([rows.length, rows[0].number, rows[0].code], [1, '12025550150', 1359]);
  });

  it('says of every contact what became of it', async () => {
    const audience = await makeAudience(client, PEOPLE);
    const found = await ended(await edit(audience, { select: {}, action: 'delete' }));
    const rows = (await client.get(found.links.rows)).data;
    assert.deepEqual(
      rows.map(({ status, number, line }: Loose) => [line, status, number]),
      PEOPLE.map(({ number }, index) => [index + 1, 'removed', number]),
    );
  });

  it('leaves alone what somebody changed before it is taken back', async () => {
    const audience = await makeAudience(client, PEOPLE);
    const [ana] = await contactsOf(audience);
    const found = await ended(await edit(audience, { select: {}, action: 'add_tags', tags: ['new'] }));
    await client.send('PUT', `${audience.path}/contacts/${ana!.id}`, {
      body: '{"data":{"first_name":"Anahit"}}',
      headers: { 'content-type': 'application/json' },
    });
    assert.deepEqual((await undo(found)).undo, { deleted: 0, restored: 2, left_alone: 1 });
    assert.deepEqual(await tagsOf(audience), { Anahit: 'vip new', Bo: 'vip old', Cy: '' });
  });

  it('is listed among the imports, and a repeat with its idempotency key begins no other', async () => {
    const audience = await makeAudience(client, PEOPLE);
    const headers = { 'content-type': 'application/json', 'idempotency-key': 'delete-all' };
    const body = JSON.stringify({ data: { select: {}, action: 'delete' } });
    const first = await client.send('POST', `${audience.path}/contacts/edits`, { body, headers });
    await ended(first);
    const again = await client.send('POST', `${audience.path}/contacts/edits`, { body, headers });
    assert.equal(again.data.id, first.data.id);
    const list = (await client.get(`${audience.path}/imports`)).data;
    assert.deepEqual(
      list.map(({ id, kind }: Loose) => [id, kind]),
      [[first.data.id, 'edit']],
    );
  });
});

describe('what cannot be edited', () => {
  for (const [title, data, ...codes] of [
    ['without an action', { select: {} }, 9013, 9013],
    ['an unknown action', { select: {}, action: 'bless', tags: ['x'] }, 9013],
    ['without a choice: all must be said', { action: 'delete' }, 9013],
    ['ids and a search', { select: { ids: [], search: 'x' }, action: 'delete' }, 9013],
    ['no ids', { select: { ids: [] }, action: 'delete' }, 9013],
    ['a search for nothing', { select: { search: ' ' }, action: 'delete' }, 9013],
    ['a search for a mark alone', { select: { search: '\u0301' }, action: 'delete' }, 9013],
    ['no tags to choose by', { select: { tags: [] }, action: 'delete' }, 9013],
    ['what is no id', { select: { ids: ['x'] }, action: 'delete' }, 9013],
    [
      'a delete by tags that are not in the choice: it would be of all',
      { select: {}, action: 'delete', tags: ['x'] },
      9013,
    ],
    ['without tags', { select: {}, action: 'add_tags' }, 9013],
    ['no tags', { select: {}, action: 'remove_tags', tags: [] }, 9013],
    ['an empty tag', { select: {}, action: 'add_tags', tags: [' '] }, 9013],
    ['too many tags', { select: {}, action: 'add_tags', tags: 'abcdefghijk'.split('') }, 1359],
    ['an endless search', { select: { search: 'x'.repeat(101) }, action: 'delete' }, 9013],
    ['a tag that is none', { select: { tags: [7] }, action: 'delete' }, 9013],
  ] as const) {
    it(title, async () => {
      const audience = await makeAudience(client, PEOPLE);
      refused(await edit(audience, data), ...codes);
      assert.equal((await contactsOf(audience)).length, 3);
      assert.deepEqual((await client.get(`${audience.path}/imports`)).data, []);
    });
  }
});

// The last one: the server that it starts again ends with it.
it('an edit survives a kill, and is done once', async () => {
  const people = sampleContacts(3);
  const audience = await makeAudience(client);
  for (let call = 0; call < 20; call++) {
    const contacts = Array.from({ length: 1000 }, () => people.next().value!);
    await client.post(`${audience.path}/contacts/bulk`, { contacts });
  }
  const count = (await client.get(audience.path)).data.contacts_count;
  const made = await edit(audience, { select: {}, action: 'delete' });
  const path = new URL(made.data.links.self).pathname;
  await until(async () => (await client.get(path)).data.rows_done > 0);
  await server.kill();
  await server.restart({ PORT: new URL(server.url).port });
  let found: Loose;
  await until(async () => {
    found = (await client.get(path)).data;
    return found.status === 'completed';
    // Where other servers may live, its lease is waited for.
  }, 90_000);
  assert.deepEqual([found!.removed, found!.rows_done], [count, count]);
  assert.equal((await client.get(audience.path)).data.contacts_count, 0);
  const undone = await undo(found!);
  assert.equal(undone.undo.restored, count);
  assert.equal((await client.get(audience.path)).data.contacts_count, count);
  assert.match(await server.muster('doctor'), /sound/);
});
