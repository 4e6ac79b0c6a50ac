/** Growth, countries and the account at a glance. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import manifest from '../../package.json' with { type: 'json' };
import { originOf } from '../../src/core/calling-codes.ts';
import { startServer } from '../support/server.ts';
import { type Loose, makeAudience, makeClient, refused, succeeded } from './support.ts';

const server = await startServer();
const client = makeClient(server);
const NUMBERS = [
  ...['12025550150', '12125550151', '14165550150', '18765551234'],
  ...['79161234567', '77012345678'],
  ...['447912345678', '447912345679', '447781123456'],
  ...['37494123456', '870773111632'],
];
const { path } = await makeAudience(
  client,
  NUMBERS.map((number) => ({ number })),
);
const today = () => new Date().toISOString().slice(0, 10);

describe('growth', () => {
  for (const [query, days] of [
    ['', 30],
    ['?days=1', 1],
    ['?days=366', 366],
    ['?days=007', 7],
  ] as const) {
    it(`${query || 'unless said'}: ${days} days, oldest first, today last`, async () => {
      const before = today();
      const { data } = await client.get(`${path}/growth${query}`);
      if (before !== today()) return;
      assert.equal(data.length, days);
      assert.deepEqual(data.at(-1), { date: before, contacts_count: NUMBERS.length, created: NUMBERS.length });
      for (const [index, day] of data.slice(0, -1).entries()) {
        const next = Date.parse(data[index + 1].date) - Date.parse(day.date);
        assert.deepEqual([next, day.contacts_count, day.created], [24 * 3_600_000, 0, 0]);
      }
    });
  }

  for (const days of ['0', '367', '-1', '1.5', 'x', '', '30&days=30']) {
    it(`days=${days}: 9013`, async () => {
      refused(await client.get(`${path}/growth?days=${days}`), [9013, "'days' must be a whole number from 1 to 366"]);
    });
  }

  it('counts what is there now', async () => {
    const other = await makeAudience(client, [{ number: '12025550150' }, { number: '12025550151' }]);
    const [{ id }] = (await client.get(`${other.path}/contacts`)).data;
    const now = async () =>
      (await client.get(`${other.path}/growth?days=2`)).data.map((day: Loose) => day.contacts_count);
    assert.deepEqual(await now(), [0, 2]);
    await client.delete(`${other.path}/contacts/${id}`);
    assert.deepEqual(await now(), [0, 1]);
    await client.delete(other.path);
  });
});

describe('countries', () => {
  it('by calling code, and by the next digits where countries share one', async () => {
    assert.deepEqual((await client.get(`${path}/countries`)).data, [
      { calling_code: '44', country: 'GB', contacts_count: 3 },
      { calling_code: '1', country: 'US', contacts_count: 2 },
      { calling_code: '1', country: 'CA', contacts_count: 1 },
      { calling_code: '1', country: 'JM', contacts_count: 1 },
      { calling_code: '374', country: 'AM', contacts_count: 1 },
      { calling_code: '7', country: 'KZ', contacts_count: 1 },
      { calling_code: '7', country: 'RU', contacts_count: 1 },
      { calling_code: '870', country: null, contacts_count: 1 },
    ]);
    const empty = await makeAudience(client);
    assert.deepEqual((await client.get(`${empty.path}/countries`)).data, []);
    await client.delete(empty.path);
  });

  for (const [prefix, code, country] of [
    ['1242', '1', 'BS'],
    ['1809', '1', 'DO'],
    ['1000', '1', 'US'],
    ['7495', '7', 'RU'],
    ['3906', '39', 'IT'],
    ['3581', '358', 'FI'],
    ['8835', '883', null],
    ['44', '44', 'GB'],
    ['1', '1', 'US'],
    ['9999', '999', null],
  ] as const) {
    it(`${prefix}… is ${country ?? 'no country'}`, () => {
      assert.deepEqual(originOf(prefix), { calling_code: code, country });
    });
  }
});

describe('the account at a glance', () => {
  it('has all of its audiences together, and how the store is', async () => {
    const second = await makeAudience(client, [{ number: '12025550150' }]);
    const { growth, countries, store, ...counts } = succeeded(await client.get('/v1/overview'));
    assert.deepEqual(counts, { audiences_count: 2, contacts_count: NUMBERS.length + 1 });
    assert.equal(growth.length, 30);
    assert.equal(growth.at(-1).contacts_count, NUMBERS.length + 1);
    assert.deepEqual(
      countries.slice(0, 2).map(({ contacts_count }: Loose) => contacts_count),
      [3, 3],
    );
    const kind = process.env.TEST_STORES === 'postgres' ? 'postgres' : 'sqlite';
    assert.deepEqual({ ...store, bytes: 0 }, { kind, ready: true, version: manifest.version, bytes: 0 });
    assert.ok(store.bytes > 10_000);
    await client.delete(second.path);
    assert.equal((await client.get('/v1/overview')).data.audiences_count, 1);
  });

  it('has nothing of another account', async () => {
    await server.muster('accounts', 'create', 'Other');
    const other = makeClient(server, (await server.muster('keys', 'create', '--account', 'Other')).trim());
    const { audiences_count, contacts_count, countries } = (await other.get('/v1/overview')).data;
    assert.deepEqual([audiences_count, contacts_count, countries], [0, 0, []]);
  });
});
