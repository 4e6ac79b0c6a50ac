/** Random operations: every store answers as the model does, and no walk misses or repeats a contact. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import fc from 'fast-check';
import { type Contact, readDocument } from '../../src/core/contact-document.ts';
import type { ContactChange, ContactInput } from '../../src/core/contact-fields.ts';
import { MusterError } from '../../src/core/errors.ts';
import { searchNeedles } from '../../src/core/search-text.ts';
import type { Channel, ContactPage, OnConflict, Slice, Store } from '../../src/core/store.ts';
import { cleanText, isSoundText } from '../../src/core/text.ts';
import { contactsOf, FROM_START, makeAudience, NOBODY, numberOf, shownPage } from '../support/contacts.ts';
import { openMemoryStore } from '../support/memory-store.ts';
import { ALL_STORES, SQLITE_INDEXING, STORES, type TestStore } from '../support/stores.ts';

/** One thing as two stores know it: the same to a client, under different ids. */
interface Pair {
  real: string;
  model: string;
}
type Side = keyof Pair;
type AudiencePair = Pair & { account: Pair; contacts: Pair[] };

const NONE: Pair = { real: NOBODY, model: NOBODY };

// What is chosen from is small, so that operations meet: the same numbers, the same names, the same words.
const CHANNELS: Channel[] = ['SMS', 'VIBER', 'WHATSAPP'];
const AUDIENCE_NAMES = ['Summer', 'SUMMER', 'Straße', 'STRASSE', 'Winter'];
const WORDS = [
  'Ana',
  'ANAHIT',
  'Łukasz',
  "O'Brien",
  '100%',
  'a_b',
  '"x"',
  'AND',
  '王小明',
  'Straße',
  'ana-maria',
  'two words',
];

const text = fc
  .oneof({ weight: 4, arbitrary: fc.constantFrom(...WORDS) }, fc.string({ unit: 'grapheme', maxLength: 8 }))
  .map((each) => (isSoundText(each) ? cleanText(each) || null : null));
const given = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
const number = fc.nat(9).map(numberOf);
const members = {
  first_name: given(fc.option(text)),
  last_name: given(fc.option(text)),
  date: given(fc.constantFrom('x', null)),
  tags: given(fc.subarray(['vip', 'old'])),
};
const contact: fc.Arbitrary<ContactInput> = fc.record({ number, ...members });
const change: fc.Arbitrary<ContactChange> = fc.record({ number: given(number), ...members });
const contacts = fc.array(contact, { maxLength: 6 });
const which = fc.nat(1000);
/** Now and then somebody tries what is not theirs. */
const isForeign = fc.nat(11).map((n) => n === 0);
const search = fc.oneof(
  fc.constantFrom('', ...WORDS, 'an', 'a', '1202555', '0003', '%', '_', '"', '*', 'NEAR(', 'ana 1202'),
  fc.constantFrom(...WORDS).chain((word) => fc.nat(3).map((from) => word.slice(from))),
  fc.string({ unit: 'grapheme', maxLength: 4 }),
);
const slice = {
  direction: fc.constantFrom<Slice['direction']>('after', 'before'),
  position: fc.option(which),
  size: fc.integer({ min: 1, max: 5 }),
};

const write = fc.oneof(
  fc.record({
    does: fc.constant('audiences.create' as const),
    account: which,
    name: fc.constantFrom(...AUDIENCE_NAMES),
    channel: fc.constantFrom(...CHANNELS),
    contacts,
  }),
  fc.record({
    does: fc.constant('audiences.rename' as const),
    audience: which,
    isForeign,
    name: fc.constantFrom(...AUDIENCE_NAMES),
  }),
  fc.record({ does: fc.constant('audiences.delete' as const), audience: which, isForeign }),
  {
    weight: 5,
    arbitrary: fc.record({ does: fc.constant('contacts.create' as const), audience: which, isForeign, contact }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      does: fc.constant('contacts.update' as const),
      audience: which,
      isForeign,
      contact: which,
      change,
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ does: fc.constant('contacts.delete' as const), audience: which, isForeign, contact: which }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      does: fc.constant('contacts.upsert' as const),
      audience: which,
      isForeign,
      rows: contacts,
      onConflict: fc.constantFrom<OnConflict>('update', 'skip', 'error'),
    }),
  },
);
const read = fc.oneof(
  fc.record({
    does: fc.constant('audiences.page' as const),
    account: which,
    ...slice,
    channel: given(fc.constantFrom(...CHANNELS)),
  }),
  fc.record({ does: fc.constant('contacts.get' as const), audience: which, isForeign, contact: which }),
  {
    weight: 5,
    arbitrary: fc.record({
      does: fc.constant('contacts.page' as const),
      audience: which,
      isForeign,
      ...slice,
      search,
      tags: fc.subarray(['vip', 'old', 'nobody has it'], { maxLength: 2 }),
      count: fc.boolean(),
    }),
  },
);
/** Writes that are asked for together, then reads; some writes come from another process, or after a new start. */
const step = fc.record({
  first: fc.oneof(
    { weight: 20, arbitrary: fc.constant('nothing' as const) },
    { weight: 4, arbitrary: fc.constant('another process writes' as const) },
    { weight: 1, arbitrary: fc.constant('the store starts anew' as const) },
  ),
  writes: fc.array(write, { minLength: 1, maxLength: 8 }),
  reads: fc.array(read, { maxLength: 5 }),
});
type ValueOf<Of> = Of extends fc.Arbitrary<infer Value> ? Value : never;
type Operation = ValueOf<typeof write> | ValueOf<typeof read>;

for (const kind of [...STORES, SQLITE_INDEXING]) {
  describe(`random operations on ${kind.name}`, { skip: kind.skip }, () => {
    const model = openMemoryStore();
    let under: TestStore;
    let beside: Store;
    before(async () => {
      under = await kind.open();
      beside = await under.openBeside();
    });
    after(async () => {
      await beside.close();
      await under.close();
    });

    test('every answer is the model’s', async () => {
      const property = fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 20 }), async (steps) => {
        const world = makeWorld({ real: () => under.store, model: () => model });
        await world.begin();
        for (const { first, writes, reads } of steps) {
          if (first === 'the store starts anew') await under.reopen();
          const writer = first === 'another process writes' ? beside : under.store;
          await world.compareWrites(writes, writer, kind.keepsOrder);
          await world.compareAll();
          for (const each of reads) await world.compareRead(each);
        }
      });
      await fc.assert(property, { numRuns: 60 });
      assert.deepEqual(await under.store.check(), []);
    });

    test('any text is found by any part of it, and by nothing else', async () => {
      const anyText = fc
        .string({
          unit: fc.oneof(
            fc.constantFrom(' ', 'a', 'b', '"', 'ß', 'é'),
            fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
          ),
          maxLength: 12,
        })
        .map((each) => cleanText(each.replace(/\0/g, '').toWellFormed()) || null);
      const people = fc.array(fc.record({ first_name: anyText, last_name: anyText }), { minLength: 5, maxLength: 60 });
      const part = fc.record({ of: which, from: fc.nat(12), length: fc.integer({ min: 1, max: 6 }) });
      const property = fc.asyncProperty(
        people,
        fc.array(part, { minLength: 20, maxLength: 60 }),
        async (all, parts) => {
          const rows = all.map((each, index) => ({ number: numberOf(index), ...each }));
          const real = await makeAudience(under.store);
          const same = await makeAudience(model);
          await under.store.contacts.upsert(real.account_id, real.id, rows, 'update');
          await model.contacts.upsert(same.account_id, same.id, rows, 'update');
          for (const { of, from, length } of parts) {
            const { first_name, last_name } = all[of % all.length]!;
            const typed = `${first_name ?? ''} ${last_name ?? ''}`.slice(from, from + length).toWellFormed();
            const query = { ...FROM_START, needles: searchNeedles(typed), count: true };
            const found = await under.store.contacts.page(real.account_id, real.id, query);
            const expected = await model.contacts.page(same.account_id, same.id, query);
            const names = (page: ContactPage) => contactsOf(page).map(({ number }) => number);
            assert.deepEqual(names(found), names(expected), `found by ${JSON.stringify(typed)}`);
            assert.equal(found.total, expected.total);
          }
        },
      );
      await fc.assert(property, { numRuns: 25 });
    });
  });
}

/** Two stores to which the same is done. */
function makeWorld(stores: Record<Side, () => Store>) {
  const accounts: Pair[] = [];
  const audiences: AudiencePair[] = [];
  const labels = { real: new Map<string, string>(), model: new Map<string, string>() };

  /** What a client sees but for ids, which become the order in which they were first seen, and dates. */
  function plain(side: Side, value: unknown): unknown {
    if (typeof value === 'string') {
      if (value.startsWith('{"id":')) return plain(side, JSON.parse(value));
      if (!/^[0-9a-f]{8}-[0-9a-f-]{27}$/.test(value)) return value;
      const seen = labels[side];
      if (!seen.has(value)) seen.set(value, `id ${seen.size}`);
      return seen.get(value);
    }
    if (Array.isArray(value)) return value.map((each) => plain(side, each));
    if (typeof value !== 'object' || value === null) return value;
    const kept = Object.entries(value).filter(([name]) => name !== 'create_date' && name !== 'update_date');
    return Object.fromEntries(kept.map(([name, each]) => [name, plain(side, each)]));
  }

  function pick<T extends Pair>(from: T[], index: number): T | undefined {
    return from[index % from.length];
  }

  /** The same operation on one side. */
  function run(side: Side, operation: Operation, store = stores[side]()): Promise<unknown> {
    if ('account' in operation) {
      const account = pick(accounts, operation.account)![side];
      if (operation.does === 'audiences.create') return store.audiences.create(account, operation);
      const { direction, size, channel } = operation;
      const position = operation.position === null ? undefined : (pick(audiences, operation.position) ?? NONE)[side];
      return store.audiences.page(account, { direction, position, size }, channel);
    }
    const found = pick(audiences, operation.audience);
    const audience = (found ?? NONE)[side];
    const owner = found?.account ?? accounts[0]!;
    const account = (operation.isForeign ? accounts.find((each) => each !== owner)! : owner)[side];
    const contactOf = (index: number) => (pick(found?.contacts ?? [], index) ?? NONE)[side];
    switch (operation.does) {
      case 'audiences.rename':
        return store.audiences.rename(account, audience, operation.name);
      case 'audiences.delete':
        return store.audiences.delete(account, audience);
      case 'contacts.create':
        return store.contacts.create(account, audience, operation.contact);
      case 'contacts.update':
        return store.contacts.update(account, audience, contactOf(operation.contact), operation.change);
      case 'contacts.delete':
        return store.contacts.delete(account, audience, contactOf(operation.contact));
      case 'contacts.upsert':
        return store.contacts.upsert(account, audience, operation.rows, operation.onConflict);
      case 'contacts.get':
        return store.contacts.get(account, audience, contactOf(operation.contact));
      case 'contacts.page': {
        const { direction, size, count } = operation;
        const position = operation.position === null ? undefined : contactOf(operation.position);
        const needles = searchNeedles(operation.search);
        return store.contacts
          .page(account, audience, { direction, position, size, needles, tags: operation.tags, count })
          .then(shownPage);
      }
    }
  }

  const compare = (real: unknown, model: unknown, what: string) =>
    assert.deepEqual(plain('real', real), plain('model', model), what);

  async function bothSides<T>(ask: (side: Side) => Promise<T>): Promise<Record<Side, T>> {
    return { real: await ask('real'), model: await ask('model') };
  }

  return {
    async begin() {
      for (let n = 0; n < 2; n++) {
        const both = await bothSides((side) => stores[side]().accounts.create('Owner'));
        accounts.push({ real: both.real.id, model: both.model.id });
      }
      for (const account of accounts) {
        const asked = { name: 'First', channel: 'SMS' as const, contacts: [] };
        const both = await bothSides((side) => stores[side]().audiences.create(account[side], asked));
        audiences.push({ real: both.real.id, model: both.model.id, account, contacts: [] });
      }
    },

    /** Asks for all of them at once, if the store keeps the order of calls. @param writer the real store, or another on its data. */
    async compareWrites(writes: Operation[], writer: Store, keepsOrder: boolean) {
      const real: unknown[] = keepsOrder
        ? await Promise.all(writes.map((each) => outcomeOf(run('real', each, writer))))
        : await Array.fromAsync(writes, (each) => outcomeOf(run('real', each, writer)));
      const model: unknown[] = [];
      for (const each of writes) model.push(await outcomeOf(run('model', each)));
      for (const [index, each] of writes.entries()) {
        compare(real[index], model[index], each.does);
        const made = [real[index], model[index]] as { value?: { id: string } }[];
        if (each.does === 'audiences.create' && made[0]!.value !== undefined) {
          const account = pick(accounts, each.account)!;
          audiences.push({ real: made[0]!.value.id, model: made[1]!.value!.id, account, contacts: [] });
        }
      }
    },

    async compareRead(operation: Operation) {
      const both = await bothSides((side) => outcomeOf(run(side, operation)));
      compare(both.real, both.model, operation.does);
    },

    /** All there is: audiences with their counters, contacts in order. New contacts become known to later operations. */
    async compareAll() {
      for (const account of accounts) {
        const both = await bothSides((side) => stores[side]().audiences.page(account[side], FROM_START));
        compare(both.real, both.model, 'all audiences');
      }
      for (const audience of audiences) {
        const query = { ...FROM_START, needles: [], count: true };
        const both = await bothSides((side) =>
          outcomeOf(stores[side]().contacts.page(audience.account[side], audience[side], query).then(shownPage)),
        );
        compare(both.real, both.model, 'all contacts');
        const tags = await bothSides((side) =>
          outcomeOf(stores[side]().contacts.tags(audience.account[side], audience[side])),
        );
        compare(tags.real, tags.model, 'all tags');
        const ids = (side: Side) =>
          ((both[side] as { value?: { contacts: Contact[] } }).value?.contacts ?? []).map(({ id }) => id);
        const known = new Set(audience.contacts.map((each) => each.real));
        const model = ids('model');
        for (const [index, real] of ids('real').entries()) {
          if (!known.has(real)) audience.contacts.push({ real, model: model[index]! });
        }
      }
    },
  };
}

/** What an operation came to; a failure that no client may see ends the test. */
async function outcomeOf(operation: Promise<unknown>): Promise<{ value: unknown } | { problems: unknown }> {
  try {
    return { value: await operation };
  } catch (error) {
    if (error instanceof MusterError) return { problems: error.problems };
    throw error;
  }
}

for (const kind of [...ALL_STORES, SQLITE_INDEXING]) {
  describe(`a walk in the middle of writes on ${kind.name}`, { skip: kind.skip }, () => {
    let under: TestStore;
    before(async () => {
      under = await kind.open();
    });
    after(() => under.close());

    const meanwhile = fc.oneof(
      fc.record({ does: fc.constantFrom('create' as const, 'create matching' as const) }),
      fc.record({
        does: fc.constantFrom('delete' as const, 'renumber' as const, 'unmatch' as const, 'match' as const),
        of: which,
      }),
      // The contact that the walk stands on, the next one and the one before are where it could stumble.
      fc.record({ does: fc.constant('delete near' as const), of: fc.constantFrom(-1, 0, 1) }),
    );
    const walk = {
      matches: fc.array(fc.boolean(), { maxLength: 25 }),
      size: fc.integer({ min: 1, max: 6 }),
      isSearch: fc.boolean(),
      direction: fc.constantFrom<Slice['direction']>('after', 'before'),
      writes: fc.array(fc.array(meanwhile, { maxLength: 5 }), { maxLength: 12 }),
    };

    test('meets everything that lives throughout exactly once, in order', async () => {
      const property = fc.asyncProperty(fc.record(walk), async ({ matches, size, isSearch, direction, writes }) => {
        const { store } = under;
        const { account_id: account, id: audience } = await makeAudience(store);
        let made = 0;
        const nameOf = (isMatch: boolean) => (isMatch ? 'Wanted' : 'Other');
        const rows = matches.map((isMatch) => ({ number: numberOf(made++), first_name: nameOf(isMatch) }));
        const fates = await store.contacts.upsert(account, audience, rows, 'error');
        /** All that were ever made, in order; those that live; those that were to be met all the time. */
        const order = fates.map((fate) => (fate as { id: string }).id);
        const living = new Set(order);
        const throughout = new Set(order.filter((_, index) => !isSearch || matches[index]));

        async function change(operation: { does: string; of?: number }, at: string | undefined) {
          const { does, of = 0 } = operation;
          if (does === 'create' || does === 'create matching') {
            const contact = { number: numberOf(made++), first_name: nameOf(does === 'create matching') };
            const { id } = readDocument(await store.contacts.create(account, audience, contact));
            order.push(id);
            living.add(id);
            return;
          }
          const id = does === 'delete near' ? order[order.indexOf(at ?? '') + of] : [...living][of % living.size];
          if (id === undefined || !living.has(id)) return;
          if (does.startsWith('delete')) {
            await store.contacts.delete(account, audience, id);
            living.delete(id);
            throughout.delete(id);
          } else if (does === 'renumber') {
            await store.contacts.update(account, audience, id, { number: numberOf(made++) });
          } else {
            await store.contacts.update(account, audience, id, { first_name: nameOf(does === 'match') });
            if (isSearch && does === 'unmatch') throughout.delete(id);
          }
        }

        const met: string[] = [];
        const needles = isSearch ? searchNeedles('wanted') : [];
        let position: string | undefined;
        for (let at = 0; ; at++) {
          const slice: Slice = { direction, position, size };
          const page = await store.contacts.page(account, audience, { ...slice, needles, count: false });
          const ids = contactsOf(page).map(({ id }) => id);
          const { hasNext } = page;
          assert.ok(ids.length <= size);
          if (direction === 'after') met.push(...ids);
          else met.unshift(...ids);
          if (direction === 'after' ? !hasNext : ids.length === 0) break;
          position = direction === 'after' ? ids.at(-1) : ids[0];
          for (const operation of writes[at] ?? []) await change(operation, position);
        }

        const places = met.map((id) => order.indexOf(id));
        assert.ok(!places.includes(-1), 'only contacts that were there');
        assert.deepEqual(
          places,
          [...new Set(places)].sort((one, other) => one - other),
          'each once, in order',
        );
        for (const id of throughout) assert.ok(met.includes(id), `number ${order.indexOf(id)} was missed`);
      });
      await fc.assert(property, { numRuns: 150 });
    });
  });
}
