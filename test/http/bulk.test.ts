/** Section 7 of the contract: many contacts in one call, an answer for each. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { startServer } from '../support/server.ts';
import {
  changesNothing,
  type Loose,
  makeAudience,
  makeClient,
  nextSecond,
  numberOf,
  refused,
  succeeded,
} from './support.ts';

const client = makeClient(await startServer());

const COUNTS = ['created', 'updated', 'unchanged', 'skipped', 'refused'] as const;
const counts = (outcome: Loose) =>
  Object.fromEntries(COUNTS.map((name) => [name, outcome[name]]).filter(([, count]) => count > 0));
const numbers = (count: number, from = 0) =>
  Array.from({ length: count }, (_, index) => ({ number: numberOf(from + index) }));

/** What every outcome must be, whatever the rows are. */
function isSound(outcome: Loose, rows: number): void {
  assert.deepEqual(
    outcome.results.map(({ index }: Loose) => index),
    Array.from({ length: rows }, (_, index) => index),
    'in the order sent',
  );
  for (const name of COUNTS) {
    assert.equal(
      outcome[name],
      outcome.results.filter(({ status }: Loose) => status === name).length,
      `the count of ${name}`,
    );
  }
}

const ANA = {
  number: '12025550150',
  first_name: 'Ana',
  last_name: 'Petro',
  timestamp: 'noon',
  date: 'May',
  tags: ['vip'],
};
const EVA = { number: '12025550151', first_name: 'Eva' };

interface Scenario {
  /** Beside Ana and Eva, who are there already. */
  on_conflict?: string;
  contacts: object[];
  /** The fate of each row: what, whose, and for a refused one its codes. */
  fates: (string | [status: string, id?: string])[];
  counts: object;
  /** All of the audience afterwards, the members that matter. */
  leaves: object[];
}

const SCENARIOS: Record<string, Scenario> = {
  'update is the default: members that are absent keep their value': {
    contacts: [{ number: '+1 202 555 0150', first_name: 'Anahit' }],
    fates: [['updated', 'ana']],
    counts: { updated: 1 },
    leaves: [{ ...ANA, first_name: 'Anahit' }, EVA],
  },
  'update: null and empty clear': {
    on_conflict: 'update',
    contacts: [{ number: '12025550150', first_name: null, last_name: ' ', tags: null, custom1: null, date: '' }],
    fates: [['updated', 'ana']],
    counts: { updated: 1 },
    leaves: [{ number: '12025550150', first_name: null, last_name: null, timestamp: null, date: null, tags: [] }, EVA],
  },
  'update: a number alone changes nothing': {
    contacts: [{ number: '12025550150' }, { number: '+1 (202) 555-0151', first_name: ' Eva ' }],
    fates: [
      ['unchanged', 'ana'],
      ['unchanged', 'eva'],
    ],
    counts: { unchanged: 2 },
    leaves: [ANA, EVA],
  },
  'update: mixed fates, each row its own': {
    contacts: [
      { number: '12025550150', first_name: 'Anna' },
      { number: '12' },
      { number: '12025550152', first_name: 'New' },
      EVA,
      {},
      { number: '12025550153', first_name: 'a'.repeat(33), tags: 7 },
    ],
    fates: [['updated', 'ana'], '1354', ['created'], ['unchanged', 'eva'], '1353', '1361 9013'],
    counts: { created: 1, updated: 1, unchanged: 1, refused: 3 },
    leaves: [{ ...ANA, first_name: 'Anna' }, EVA, { number: '12025550152', first_name: 'New' }],
  },
  'update: a number that occurs again is applied in order': {
    contacts: [
      { number: '12025550160', first_name: 'One' },
      { number: '+12025550160', last_name: 'Two' },
      { number: '12025550160', first_name: 'Three' },
      { number: '12025550160', first_name: 'Three', last_name: 'Two' },
    ],
    fates: [
      ['created', '#0'],
      ['updated', '#0'],
      ['updated', '#0'],
      ['unchanged', '#0'],
    ],
    counts: { created: 1, updated: 2, unchanged: 1 },
    leaves: [ANA, EVA, { number: '12025550160', first_name: 'Three', last_name: 'Two' }],
  },
  'update: there and back again': {
    contacts: [{ number: '12025550151', first_name: 'Other' }, EVA],
    fates: [
      ['updated', 'eva'],
      ['updated', 'eva'],
    ],
    counts: { updated: 2 },
    leaves: [ANA, EVA],
  },
  'skip: what is there stays as it is': {
    on_conflict: 'skip',
    contacts: [
      { number: '12025550150', first_name: 'No', tags: [] },
      { number: '12025550152' },
      { number: '12025550152', first_name: 'No' },
      { number: 'x' },
    ],
    fates: [['skipped', 'ana'], ['created', '#1'], ['skipped', '#1'], '1354'],
    counts: { created: 1, skipped: 2, refused: 1 },
    leaves: [ANA, EVA, { number: '12025550152', first_name: null }],
  },
  'error: what is there refuses the row, and says whose it is': {
    on_conflict: 'error',
    contacts: [
      { number: '12025550150', first_name: 'No' },
      { number: '12025550152', first_name: 'New' },
      { number: '+1 202 555 0152' },
    ],
    fates: [
      ['1360', 'ana'],
      ['created', '#1'],
      ['1360', '#1'],
    ],
    counts: { created: 1, refused: 2 },
    leaves: [ANA, EVA, { number: '12025550152', first_name: 'New' }],
  },
  'a refused row does not count as an earlier one': {
    contacts: [
      { number: '12025550152', first_name: 'a'.repeat(33) },
      { number: '12025550152', first_name: 'Good' },
    ],
    fates: ['1361', ['created', '#1']],
    counts: { created: 1, refused: 1 },
    leaves: [ANA, EVA, { number: '12025550152', first_name: 'Good' }],
  },
  'all refused: still 200': {
    contacts: [{ number: '1' }, null!, 'x' as unknown as object, [] as object, {}],
    fates: ['1354', '9013', '9013', '9013', '1353'],
    counts: { refused: 5 },
    leaves: [ANA, EVA],
  },
  'an empty list': { contacts: [], fates: [], counts: {}, leaves: [ANA, EVA] },
};

describe('rows and their fates', () => {
  for (const [name, { on_conflict, contacts, fates, counts: expected, leaves }] of Object.entries(SCENARIOS)) {
    it(name, async () => {
      const { path } = await makeAudience(client, [ANA, EVA]);
      const [ana, eva] = (await client.get(`${path}/contacts`)).data;
      const answer = await client.post(`${path}/contacts/bulk`, { contacts, on_conflict });
      assert.equal(answer.status, 200);
      const outcome = answer.data;
      isSound(outcome, contacts.length);
      assert.deepEqual(counts(outcome), expected);
      for (const [index, fate] of fates.entries()) {
        const [what, whose] = Array.isArray(fate) ? fate : [fate];
        const result = outcome.results[index];
        const id = result.id ?? result.errors?.[0].contact_id;
        assert.equal(result.errors?.map(({ code }: Loose) => code).join(' ') ?? result.status, what, `row ${index}`);
        if (whose === 'ana') assert.equal(id, ana.id);
        else if (whose === 'eva') assert.equal(id, eva.id);
        else if (whose !== undefined) assert.equal(id, outcome.results[Number(whose.slice(1))].id);
        else if (what !== 'created') assert.equal(id, undefined);
        if (what === '1360')
          assert.equal(result.errors[0].message, `'data.contacts[${index}].number': Contact already exists`);
      }
      const after = await client.get(`${path}/contacts`);
      const shown = after.data.map((contact: Loose, index: number) =>
        Object.fromEntries(Object.keys(leaves[index] ?? {}).map((member) => [member, contact[member]])),
      );
      assert.deepEqual(shown, leaves);
      assert.equal(after.body.pagination.total, leaves.length);
      assert.equal((await client.get(path)).data.contacts_count, leaves.length);
      await client.delete(path);
    });
  }

  it('dates move for what was updated, and for nothing else', async () => {
    const { path } = await makeAudience(client, [ANA, EVA, { number: '12025550152' }]);
    const before = (await client.get(`${path}/contacts`)).data;
    await nextSecond();
    succeeded(
      await client.post(`${path}/contacts/bulk`, { contacts: [{ number: ANA.number, first_name: 'Anna' }, EVA] }),
    );
    succeeded(
      await client.post(`${path}/contacts/bulk`, {
        on_conflict: 'skip',
        contacts: [{ number: '12025550152', first_name: 'No' }],
      }),
    );
    const after = (await client.get(`${path}/contacts`)).data;
    assert.ok(after[0].update_date > before[0].update_date);
    assert.equal(after[0].create_date, before[0].create_date);
    assert.deepEqual(after.slice(1), before.slice(1));
    await client.delete(path);
  });
});

describe('how many', () => {
  it('1,000 rows, 100 of them broken', async () => {
    const { path } = await makeAudience(client);
    const contacts = numbers(1000).map((each, index) => (index % 10 === 9 ? { number: 'x' } : each));
    const outcome = succeeded(await client.post(`${path}/contacts/bulk`, { contacts }));
    isSound(outcome, 1000);
    assert.deepEqual(counts(outcome), { created: 900, refused: 100 });
    for (const index of [9, 999]) {
      assert.deepEqual(outcome.results[index].errors, [
        { code: 1354, message: `'data.contacts[${index}].number' is invalid` },
      ]);
    }
    const stored = await client.get(`${path}/contacts?page_size=1000`);
    assert.deepEqual(
      stored.data.map(({ id }: Loose) => id),
      outcome.results.flatMap(({ id }: Loose) => id ?? []),
    );
    const again = succeeded(await client.post(`${path}/contacts/bulk`, { contacts }));
    assert.deepEqual(counts(again), { unchanged: 900, refused: 100 });
    await client.delete(path);
  });

  it('1,001 rows: 1308, and nothing is stored', async () => {
    const { path } = await makeAudience(client);
    const answer = await changesNothing(client, () =>
      client.post(`${path}/contacts/bulk`, { contacts: numbers(1001) }),
    );
    assert.equal(answer.status, 400);
    refused(answer, [1308, "'data.contacts' must be at most [1000] items in length"]);
    await client.delete(path);
  });

  it('1,000 times one number', async () => {
    const { path } = await makeAudience(client);
    const contacts = Array.from({ length: 1000 }, (_, index) => ({ number: numberOf(1), first_name: `Name ${index}` }));
    const outcome = succeeded(await client.post(`${path}/contacts/bulk`, { contacts }));
    assert.deepEqual(counts(outcome), { created: 1, updated: 999 });
    const { data } = await client.get(`${path}/contacts`);
    assert.deepEqual(
      data.map(({ first_name }: Loose) => first_name),
      ['Name 999'],
    );
    assert.equal((await client.get(`${path}/contacts?filter[search]=name+998`)).body.pagination.total, 0);
    await client.delete(path);
  });
});

describe('the call itself', () => {
  const LIST: [number, string] = [9013, "'data.contacts' must be a list of contacts"];
  const POLICY: [number, string] = [9013, "'data.on_conflict' should be in: [update, skip, error]"];
  const BROKEN: [string, object, [number, string][]][] = [
    ['no contacts', {}, [LIST]],
    ['contacts null', { contacts: null }, [LIST]],
    ['contacts an object', { contacts: { 0: { number: numberOf(1) }, length: 1 } }, [LIST]],
    ['contacts a text', { contacts: 'x' }, [LIST]],
    ...['UPDATE', 'replace', '', 1, 0, true, false, {}, [], ['update']].map(
      (on_conflict): [string, object, [number, string][]] => [
        `on_conflict ${JSON.stringify(on_conflict)}`,
        { on_conflict, contacts: [{ number: numberOf(1) }] },
        [POLICY],
      ],
    ),
    ['both', { on_conflict: 'x', contacts: 'x' }, [POLICY, LIST]],
    [
      'on_conflict, and too many',
      { on_conflict: 'x', contacts: numbers(1001) },
      [POLICY, [1308, "'data.contacts' must be at most [1000] items in length"]],
    ],
  ];
  for (const [what, data, expected] of BROKEN) {
    it(`${what}: refused, and nothing is stored`, async () => {
      const { path } = await makeAudience(client, [ANA]);
      const answer = await changesNothing(client, () => client.post(`${path}/contacts/bulk`, data));
      assert.equal(answer.status, 400);
      refused(answer, ...expected);
      await client.delete(path);
    });
  }

  it('on_conflict null is the default', async () => {
    const { path } = await makeAudience(client, [ANA]);
    const outcome = succeeded(
      await client.post(`${path}/contacts/bulk`, {
        on_conflict: null,
        contacts: [{ number: ANA.number, first_name: 'X' }],
      }),
    );
    assert.deepEqual(counts(outcome), { updated: 1 });
    await client.delete(path);
  });
});
