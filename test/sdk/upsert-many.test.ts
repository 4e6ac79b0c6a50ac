/** Contacts of whatever number over a line that breaks: a result for each row, in order, none lost, none applied out of order. */
import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import fc from 'fast-check';
import { ConnectionError, type ContactInput, NotFoundError, type UpsertResult } from '../../sdk/src/index.ts';
import { NOBODY, numberOf } from '../http/support.ts';
import { until } from '../support/contacts.ts';
import type { Fault } from './flaky-proxy.ts';
import { makeAudience, makePlace } from './support.ts';

const { server, proxy, muster, direct, client } = await makePlace();

afterEach(() => {
  proxy.judge = () => undefined;
  Object.assign(proxy.load, { most: 0 });
});

async function* slowly<Row>(rows: Row[]): AsyncGenerator<Row> {
  for (const [index, row] of rows.entries()) {
    if (index % 500 === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    yield row;
  }
}

async function gather<Row>(results: AsyncIterable<UpsertResult<Row>>): Promise<UpsertResult<Row>[]> {
  const all: UpsertResult<Row>[] = [];
  for await (const result of results) all.push(result);
  return all;
}

/** Each row has its result, at its place. */
function areInOrder<Row>(results: UpsertResult<Row>[], rows: Row[]): void {
  assert.equal(results.length, rows.length);
  for (const [index, result] of results.entries()) {
    assert.equal(result.index, index);
    assert.equal(result.row, rows[index]);
  }
}

const rowsOf = (count: number): ContactInput[] =>
  Array.from({ length: count }, (_, index) => ({ number: numberOf(index), first_name: `Nr ${index}` }));

describe('many contacts', () => {
  for (const [kind, iterable] of Object.entries({ array: <Row>(rows: Row[]) => rows, 'async generator': slowly })) {
    it(`of an ${kind} go in calls of a thousand, some at once`, async () => {
      const { contacts } = await makeAudience(muster);
      const rows = rowsOf(5300);
      rows[4321] = { number: '12' };
      const before = proxy.seen.length;
      proxy.judge = () => ({ delay: 20 });
      const results = await gather(contacts.upsertMany(iterable(rows), {}, { concurrency: 3 }));
      areInOrder(results, rows);
      const refused = results.filter(({ status }) => status !== 'created');
      assert.deepEqual(
        refused.map(({ index, status }) => [index, status]),
        [[4321, 'refused']],
      );
      assert.equal(proxy.seen.length - before, 6);
      assert.equal(proxy.load.most, 3);
    });
  }

  it('of none make no call', async () => {
    const { contacts } = await makeAudience(muster);
    const before = proxy.seen.length;
    assert.deepEqual(await gather(contacts.upsertMany([])), []);
    assert.equal(proxy.seen.length, before);
  });

  it('that are large go in calls that the server takes, and one that is too large is refused alone', async () => {
    const { contacts } = await makeAudience(muster);
    const rows: ContactInput[] = rowsOf(24).map((row) => ({ ...row, note: 'ü'.repeat(500_000) }));
    rows[7] = { number: numberOf(7), first_name: 'x'.repeat(9 * 1024 * 1024) };
    rows[8] = null as unknown as ContactInput;
    const results = await gather(contacts.upsertMany(rows));
    areInOrder(results, rows);
    const refused = results.flatMap((result) => (result.status === 'refused' ? [result] : []));
    assert.deepEqual(
      refused.map(({ index, errors }) => [index, errors[0]?.code]),
      [
        [7, 9006],
        [8, 9013],
      ],
    );
    assert.equal((await contacts.list().page()).total, 22);
  });

  it('come as soon as they are there, though the source waits', { timeout: 10_000 }, async () => {
    const { contacts } = await makeAudience(muster);
    const asked = Promise.withResolvers<void>();
    async function* source() {
      yield* rowsOf(2);
      await asked.promise;
    }
    const results = contacts.upsertMany(source(), {}, { batchSize: 1 });
    assert.equal((await results.next()).value?.status, 'created');
    asked.resolve();
    assert.equal((await results.next()).value?.status, 'created');
    assert.equal((await results.next()).done, true);
  });
});

describe('over a line that breaks', () => {
  const FAULTS: Fault[] = ['cut before', 'cut after', 'cut midway', { status: 502 }, { status: 503 }, { delay: 15 }];
  const SPELLINGS = [
    (digits: string) => digits,
    (digits: string) => `+${digits}`,
    (digits: string) => `00${digits}`,
    (digits: string) => `+${digits[0]} (${digits.slice(1, 4)}) ${digits.slice(4, 7)}-${digits.slice(7)}`,
    (digits: string) => digits.replace(/\d/g, (digit) => String.fromCharCode(0xff10 + Number(digit))),
  ];

  it('rows of one number are applied in order, each row has its result, and nobody is there twice', async () => {
    const row = fc.record({ person: fc.nat(6), spelling: fc.constantFrom(...SPELLINGS), isBroken: fc.nat(9) });
    const scenario = fc.record({
      rows: fc.array(row, { minLength: 1, maxLength: 40 }),
      batchSize: fc.integer({ min: 1, max: 6 }),
      concurrency: fc.integer({ min: 1, max: 5 }),
      faults: fc.array(fc.option(fc.constantFrom(...FAULTS), { nil: undefined }), { maxLength: 30 }),
    });
    await fc.assert(
      fc.asyncProperty(scenario, async ({ rows, batchSize, concurrency, faults }) => {
        const { contacts, id } = await makeAudience(direct);
        const through = client({ maxRetries: 40, retryDelay: 1 }).audience(id).contacts;
        const given = rows.map(({ person, spelling, isBroken }, index) => ({
          number: isBroken === 0 ? '12' : spelling(numberOf(person)),
          first_name: `Row ${index}`,
        }));
        proxy.suffer(...faults);
        const results = await gather(through.upsertMany(given, {}, { batchSize, concurrency }));
        areInOrder(results, given);
        const expected: Record<string, string> = {};
        for (const [index, { person, isBroken }] of rows.entries()) {
          assert.equal(results[index]!.status === 'refused', isBroken === 0);
          if (isBroken !== 0) expected[numberOf(person)] = `Row ${index}`;
        }
        const found = await contacts.list().toArray();
        assert.deepEqual(Object.fromEntries(found.map(({ number, first_name }) => [number, first_name])), expected);
        assert.equal(found.length, Object.keys(expected).length);
      }),
      { numRuns: 40 },
    );
  });
});

describe('what cannot go on', () => {
  it('is raised behind the results that are known', async () => {
    // Where the server knows no idempotency keys, a call whose answer was lost is not made again.
    const { contacts } = await makeAudience(client({ idempotency: false }));
    const rows = rowsOf(50);
    let calls = 0;
    proxy.judge = () => (++calls === 3 ? 'cut after' : { delay: calls === 1 ? 50 : 0 });
    const results: UpsertResult<ContactInput>[] = [];
    const run = async () => {
      for await (const result of contacts.upsertMany(
        rows,
        { on_conflict: 'error' },
        { batchSize: 10, concurrency: 2 },
      )) {
        results.push(result);
      }
    };
    await assert.rejects(run(), (error) => error instanceof ConnectionError && error.isOutcomeUnknown);
    areInOrder(results, rows.slice(0, 20));
    assert.ok(calls <= 4, 'nothing new begins');
  });

  it('is told of an audience that is not there', async () => {
    await assert.rejects(gather(muster.audience(NOBODY).contacts.upsertMany(rowsOf(3))), NotFoundError);
  });

  it('is told of a source that fails, behind what was sent', async () => {
    const { contacts } = await makeAudience(muster);
    const broken = new Error('the file ends here');
    function* source() {
      yield* rowsOf(5);
      throw broken;
    }
    const results: UpsertResult<ContactInput>[] = [];
    const run = async () => {
      for await (const result of contacts.upsertMany(source(), {}, { batchSize: 2 })) results.push(result);
    };
    await assert.rejects(run(), broken);
    assert.deepEqual(
      results.map(({ status }) => status),
      ['created', 'created', 'created', 'created'],
    );
  });

  it('is ended by a signal, and by leaving the loop, which ends the source', { timeout: 10_000 }, async () => {
    const { contacts } = await makeAudience(muster);
    const reason = new Error('enough');
    const aborting = new AbortController();
    let isEnded = false;
    async function* endless() {
      try {
        for (let index = 0; ; index++) yield { number: numberOf(index % 1000) };
      } finally {
        isEnded = true;
      }
    }
    const run = async () => {
      for await (const { index } of contacts.upsertMany(endless(), {}, { batchSize: 10, signal: aborting.signal })) {
        if (index === 25) aborting.abort(reason);
      }
    };
    await assert.rejects(run(), reason);
    // The loop is left at once, whether or not the source takes its time to end.
    await until(async () => isEnded);
    isEnded = false;
    for await (const { index } of contacts.upsertMany(endless(), {}, { batchSize: 10 })) if (index === 25) break;
    await until(async () => isEnded);
    const never = contacts.upsertMany(new ReadableStream<ContactInput>(), {}, { signal: AbortSignal.timeout(20) });
    await assert.rejects(never.next(), { name: 'TimeoutError' });
  });

  it('is misuse', async () => {
    const { contacts } = await makeAudience(muster);
    await assert.rejects(gather(contacts.upsertMany([], {}, { concurrency: 0 })), RangeError);
    await assert.rejects(gather(contacts.upsertMany([], {}, { batchSize: 1001 })), RangeError);
  });
});

// What a restart leaves behind ends with the suite it is in.
it('over a server that is killed and starts again, no row is lost', async () => {
  const { id } = await makeAudience(direct);
  const through = client({ maxRetries: 60, retryDelay: 50 }).audience(id).contacts;
  const rows = rowsOf(4000);
  const results: UpsertResult<ContactInput>[] = [];
  let restarting: Promise<void> | undefined;
  for await (const result of through.upsertMany(rows, {}, { batchSize: 100 })) {
    results.push(result);
    if (results.length === 500) restarting = server.kill().then(() => server.restart());
  }
  await restarting;
  areInOrder(results, rows);
  assert.ok(results.every(({ status }) => status === 'created' || status === 'unchanged'));
  const found = await client({ baseUrl: server.url }).audience(id).contacts.list({ page_size: 1000 }).toArray();
  assert.equal(found.length, 4000);
});
