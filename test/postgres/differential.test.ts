/** The same requests to a server on SQLite and to one on PostgreSQL: the same answers to the byte, ids and dates aside. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { NEEDS_SERVER } from '../support/postgres.ts';
import { makePair, type Pair } from './pair.ts';
import { anyText, partOf } from './texts.ts';

const SEED = 20260402;
const CSV = { headers: { 'content-type': 'text/csv' } };

// Few numbers, so that writes meet; spelled in many ways, some of which are none.
const number = fc.oneof(
  {
    weight: 8,
    arbitrary: fc
      .tuple(fc.integer({ min: 100, max: 130 }), fc.constantFrom('', '+', '00', '+1 (202) 555-', '１２０２５５５'))
      .map(([n, how]) => (how.length > 2 ? `${how}0${n}` : `${how}120255501${String(n).slice(1)}`)),
  },
  { weight: 1, arbitrary: fc.constantFrom('12', '999', null, 12025550100, '1202555010x', '+'.repeat(60)) },
);
const member = fc.oneof({ weight: 20, arbitrary: anyText }, fc.constantFrom(null, '', 'x'.repeat(33), 5, ['a'], {}));
const tags = fc.oneof(
  { weight: 10, arbitrary: fc.array(anyText, { maxLength: 3 }) },
  fc.constantFrom(null, 'vip', [1], Array(11).fill('t')),
);
const contact = fc.record(
  { number, first_name: member, last_name: member, timestamp: member, date: member, tags },
  { requiredKeys: ['number'] },
);
const change = fc.record(
  { number, first_name: member, last_name: member, custom1: member, tags },
  { requiredKeys: [] },
);
const audienceName = fc.oneof(
  { weight: 3, arbitrary: anyText.map((text) => text.replaceAll(/[^\p{L}\p{N} ]/gu, '').slice(0, 45)) },
  { weight: 1, arbitrary: anyText },
);
const at = fc.nat(1000);
const pageSize = fc.constantFrom(1, 2, 3, 3, 7, 7, 50, 50, 1000, 0, 'x');
const search = fc.oneof(anyText, partOf(anyText), fc.constantFrom('1202', '+1 (202) 555', '0', 'a'));
const fileRow = fc.tuple(number, anyText, anyText, fc.constantFrom('', 'vip', 'a;b'));
const file = fc
  .array(fileRow, { maxLength: 12 })
  .map((rows) => `number,first_name,last_name,tags\n${rows.map((cells) => cells.map(quote).join(',')).join('\n')}\n`);
const options = fc.record({
  mode: fc.constantFrom('merge', 'replace'),
  on_conflict: fc.constantFrom('update', 'skip'),
  empty: fc.constantFrom('keep', 'clear'),
  tags: fc.constantFrom('', 'spring'),
  max_removals: fc.constantFrom('100%', '10%', '2'),
  dry_run: fc.constantFrom('true', 'false', 'false'),
});

const quote = (cell: unknown) => `"${String(cell ?? '').replaceAll('"', '""')}"`;
const escaped = (text: string) => encodeURIComponent(text.toWellFormed());

/** What there is to ask about: audiences, contacts and imports, by the first server's ids, those that are gone too. */
interface World {
  pair: Pair;
  audiences: string[];
  contacts: { audience: string; id: string }[];
  imports: string[];
}

type Step = (world: World) => Promise<void>;
const step = <T>(arbitrary: fc.Arbitrary<T>, run: (world: World, value: T) => Promise<void>): fc.Arbitrary<Step> =>
  arbitrary.map((value) =>
    Object.assign((world: World) => run(world, value), { toString: () => JSON.stringify(value) }),
  );

const pick = <T>(from: T[], n: number): T => from[n % from.length]!;
let names = 0;

async function makeAudience({ pair, audiences }: World, name: unknown, contacts: unknown): Promise<void> {
  const { status, body } = await pair.askData('POST', '/v1/audiences', { name, channel: 'SMS', contacts });
  if (status === 201) audiences.push(body.data.id);
}

/** Walks a list from its first page to its last, and back. */
async function walk({ ask }: Pair, path: string): Promise<void> {
  let said = await ask('GET', path);
  for (const way of ['next', 'previous']) {
    while (said.status === 200 && said.body.pagination.links[way] != null) {
      const { pathname, search } = new URL(said.body.pagination.links[way]);
      said = await ask('GET', pathname + search);
    }
  }
}

const STEPS: [weight: number, step: fc.Arbitrary<Step>][] = [
  [
    2,
    step(fc.tuple(audienceName, fc.array(contact, { maxLength: 4 })), (world, [text, some]) =>
      makeAudience(world, text, some),
    ),
  ],
  [
    1,
    step(fc.tuple(at, audienceName), async ({ pair, audiences }, [n, name]) => {
      await pair.askData('PUT', `/v1/audiences/${pick(audiences, n)}`, { name });
    }),
  ],
  [
    1,
    step(at, async (world, n) => {
      if (world.audiences.length < 3) await makeAudience(world, `Another ${++names}`, []);
      const gone = pick(world.audiences, n);
      await world.pair.ask('DELETE', `/v1/audiences/${gone}`);
      // Some are asked about again.
      if (n % 3 === 0) return;
      world.audiences = world.audiences.filter((id) => id !== gone);
      world.contacts = world.contacts.filter(({ audience }) => audience !== gone);
      world.imports = world.imports.filter((path) => !path.includes(gone));
    }),
  ],
  [
    8,
    step(fc.tuple(at, contact), async ({ pair, audiences, contacts }, [n, data]) => {
      const audience = pick(audiences, n);
      const { status, body } = await pair.askData('POST', `/v1/audiences/${audience}/contacts`, data);
      if (status === 201) contacts.push({ audience, id: body.data.id });
    }),
  ],
  [
    5,
    step(
      fc.tuple(at, fc.array(contact, { maxLength: 12 }), fc.constantFrom('update', 'skip', 'update', 'skip', 'other')),
      async ({ pair, audiences }, [n, contacts, on_conflict]) => {
        await pair.askData('POST', `/v1/audiences/${pick(audiences, n)}/contacts/bulk`, { contacts, on_conflict });
      },
    ),
  ],
  [
    5,
    step(fc.tuple(at, at, change), async ({ pair, contacts, audiences }, [n, m, data]) => {
      if (contacts.length === 0) return;
      const { audience, id } = pick(contacts, n);
      // Now and then in an audience that may be another.
      const place = m % 10 === 0 ? pick(audiences, m) : audience;
      await pair.askData('PUT', `/v1/audiences/${place}/contacts/${id}`, data);
      await pair.ask('GET', `/v1/audiences/${place}/contacts/${id}`);
    }),
  ],
  [
    2,
    step(at, async (world, n) => {
      const { pair, contacts } = world;
      if (contacts.length === 0) return;
      const { audience, id } = pick(contacts, n);
      await pair.ask('DELETE', `/v1/audiences/${audience}/contacts/${id}`);
      await pair.ask('GET', `/v1/audiences/${audience}/contacts/${id}`);
      if (n % 3 !== 0) world.contacts = contacts.filter((each) => each.id !== id);
    }),
  ],
  [
    8,
    step(fc.tuple(at, search, pageSize), async ({ pair, audiences }, [n, text, size]) => {
      await walk(
        pair,
        `/v1/audiences/${pick(audiences, n)}/contacts?filter[search]=${escaped(text)}&page_size=${size}`,
      );
    }),
  ],
  [
    3,
    step(fc.tuple(at, pageSize), async ({ pair, audiences }, [n, size]) => {
      await pair.ask('GET', `/v1/audiences/${pick(audiences, n)}`);
      await walk(pair, `/v1/audiences/${pick(audiences, n)}/contacts?page_size=${size}`);
      await walk(pair, `/v1/audiences?page_size=${size}&filter[channel]=SMS`);
    }),
  ],
  [
    2,
    step(fc.tuple(at, fc.constantFrom('csv', 'ndjson', 'json'), search), async ({ pair, audiences }, [n, as, text]) => {
      const query = `format=${as}${n % 2 === 0 ? '' : `&filter[search]=${escaped(text)}`}`;
      await pair.ask('GET', `/v1/audiences/${pick(audiences, n)}/contacts/export?${query}`);
    }),
  ],
  [
    4,
    step(fc.tuple(at, file, options), async ({ pair, audiences, imports }, [n, body, how]) => {
      const path = `/v1/audiences/${pick(audiences, n)}/imports`;
      const said = await pair.ask('POST', `${path}?${new URLSearchParams(how)}`, { body, ...CSV });
      if (said.status !== 202) return;
      imports.push(`${path}/${said.body.data.id}`);
      await lookAt(pair, imports.at(-1)!);
    }),
  ],
  [
    2,
    step(fc.tuple(at, fc.constantFrom('undo', 'run', 'cancel')), async ({ pair, imports }, [n, what]) => {
      if (imports.length === 0) return;
      await pair.ask('POST', `${pick(imports, n)}/${what}`);
      await lookAt(pair, pick(imports, n));
    }),
  ],
  [
    2,
    step(
      fc.tuple(at, fc.constantFrom('{', '', '[]', '{"data":1}', '{"data":{"number":"\\ud800"}}', '\ufeff{}')),
      async ({ pair, audiences }, [n, body]) => {
        const path = `/v1/audiences/${pick(audiences, n)}/contacts`;
        const headers = { 'content-type': 'application/json' };
        for (const to of ['/v1/audiences', path, `${path}/bulk`]) await pair.ask('POST', to, { body, headers });
      },
    ),
  ],
  [
    1,
    step(
      fc.tuple(at, fc.constantFrom('x', '%00', '%FF', '%ED%A0%80', "'", 'null', '0'.repeat(300))),
      async ({ pair, audiences }, [n, odd]) => {
        const path = `/v1/audiences/${pick(audiences, n)}`;
        for (const each of [`/v1/audiences/${odd}`, `${path}/contacts/${odd}`, `${path}/imports/${odd}`, `/v1/${odd}`])
          await pair.ask('GET', each);
        for (const query of ['filter[search]', 'page_token', 'page_size', 'filter[x]', 'format'])
          await pair.ask('GET', `${path}/contacts?${query}=${odd}`);
      },
    ),
  ],
];

/** An import that has ended, its rows and what it refused, and what became of its audience. */
async function lookAt(pair: Pair, path: string): Promise<void> {
  await pair.ended(path);
  await pair.ask('GET', path);
  await walk(pair, `${path}/rows?page_size=5`);
  for (const status of ['refused', 'created']) await pair.ask('GET', `${path}/rows?status=${status}`);
  await pair.ask('GET', `${path}/refused.csv`);
  await walk(pair, `${path.replace(/\/imports\/.*/, '')}/contacts?page_size=1000`);
}

describe('either store', { skip: NEEDS_SERVER }, () => {
  it('answers whatever it is asked, in whatever order, as the other does', async () => {
    const pair = await makePair();
    const world: World = { pair, audiences: [], contacts: [], imports: [] };
    await makeAudience(world, 'The first', []);
    const steps = fc.array(fc.oneof(...STEPS.map(([weight, arbitrary]) => ({ weight, arbitrary }))), {
      minLength: 20,
      maxLength: 40,
    });
    await fc.assert(
      fc.asyncProperty(steps, async (some) => {
        await makeAudience(world, `World ${++names}`, []);
        // Most is asked of the newest.
        Object.assign(world, {
          audiences: world.audiences.slice(-4),
          contacts: world.contacts.slice(-20),
          imports: world.imports.slice(-4),
        });
        for (const each of some) await each(world);
      }),
      { seed: SEED, numRuns: 30, endOnFailure: true },
    );
    await pair.stop();
  });

  it('finds what the other finds, whatever is looked for', async () => {
    const pair = await makePair();
    const people = fc.sample(fc.tuple(anyText, anyText), { seed: SEED, numRuns: 600 });
    const contacts = people.map(([first, last], n) => ({
      number: `1202555${String(1000 + n)}`,
      first_name: first.slice(0, 32).toWellFormed(),
      last_name: last.slice(0, 32).toWellFormed(),
    }));
    const world: World = { pair, audiences: [], contacts: [], imports: [] };
    await makeAudience(world, 'Everybody', []);
    const path = `/v1/audiences/${world.audiences[0]}/contacts`;
    const { body } = await pair.askData('POST', `${path}/bulk`, { contacts });
    assert.ok(body.data.created > 500, JSON.stringify(body).slice(0, 500));

    const texts = fc.constantFrom(...people.flat());
    const looked = fc.oneof(
      { weight: 3, arbitrary: partOf(texts) },
      { weight: 1, arbitrary: anyText },
      { weight: 1, arbitrary: fc.tuple(partOf(texts), partOf(texts)).map((parts) => parts.join(' ')) },
    );
    let found = 0;
    await fc.assert(
      fc.asyncProperty(looked, fc.constantFrom(3, 50, 1000), async (text, size) => {
        const query = `filter[search]=${escaped(text)}`;
        const { body, status } = await pair.ask('GET', `${path}?page_size=1&${query}`);
        if (status !== 200) return;
        found += body.pagination.total;
        await walk(pair, `${path}?page_size=${Math.max(size, Math.ceil(body.pagination.total / 5))}&${query}`);
        if (body.pagination.total < 20) await pair.ask('GET', `${path}/export?format=ndjson&${query}`);
      }),
      { seed: SEED, numRuns: 600, endOnFailure: true },
    );
    assert.ok(found > 600, 'most of it was there');
    await pair.stop();
  });
});
