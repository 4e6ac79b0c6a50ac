/** What the SDK does when the network fails: what is safe is done again, what is not is never done twice. */
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, before, describe, it } from 'node:test';
import fc from 'fast-check';
import {
  ConnectionError,
  DuplicateContactError,
  etagOf,
  IdempotencyKeyReusedError,
  Muster,
  type MusterOptions,
  NotFoundError,
  PreconditionFailedError,
  RateLimitError,
  TimeoutError,
  UnavailableError,
} from '../../sdk/src/index.ts';
import { waitBefore } from '../../sdk/src/retry.ts';
import { NOBODY, numberOf } from '../http/support.ts';
import type { Fault } from './flaky-proxy.ts';
import { makeAudience, makePlace } from './support.ts';

const { proxy, muster, direct, client } = await makePlace();
const audience = await makeAudience(direct);
const past = audience.contacts;
const { contacts } = muster.audience(audience.id);
/** Thinks that the server knows no idempotency keys, as that of another API may. */
const unkeyed = client({ idempotency: false });
let numbers = 0;

afterEach(() => {
  proxy.judge = () => undefined;
  proxy.added = {};
});

/** Asks through the proxy, with these faults; the outcome, and the requests it took. */
async function ask<Result>(faults: Fault[], call: (through: typeof contacts) => Promise<Result>, by = muster) {
  const before = proxy.seen.length;
  proxy.suffer(...faults);
  const [outcome] = await Promise.allSettled([call(by.audience(audience.id).contacts)]);
  return { outcome: outcome!, requests: proxy.seen.slice(before) };
}

const LOST = ['cut before', 'cut after', 'cut midway', { status: 502 }, { status: 504 }] as const;
const UNCHANGED = [{ status: 429, headers: { 'retry-after': '0' } }, { status: 503 }] as const;
const named = (fault: Fault) => (typeof fault === 'string' ? fault : JSON.stringify(fault));

describe('a call after which everything is as it must be', () => {
  for (const fault of [...LOST, ...UNCHANGED]) {
    it(`reading: ${named(fault)}`, async () => {
      const { outcome, requests } = await ask([fault], (through) => through.list().page());
      assert.equal(outcome.status, 'fulfilled');
      assert.equal(requests.length, 2);
    });

    it(`changing: ${named(fault)}`, async () => {
      const { id } = await past.create({ number: numberOf(++numbers) });
      const { outcome, requests } = await ask([fault], (through) => through.update(id, { first_name: 'Ana' }));
      assert.equal(outcome.status, 'fulfilled');
      assert.equal(requests.length, 2);
      assert.equal((await past.get(id)).first_name, 'Ana');
    });

    it(`deleting, though the first call may have done it: ${named(fault)}`, async () => {
      const { id } = await past.create({ number: numberOf(++numbers) });
      const { outcome, requests } = await ask([fault, fault], (through) => through.delete(id));
      assert.deepEqual(outcome, { status: 'fulfilled', value: undefined });
      assert.equal(requests.length, 3);
      await assert.rejects(past.get(id), NotFoundError);
    });

    it(`many at once: ${named(fault)}`, async () => {
      const rows = [{ number: numberOf(++numbers) }, { number: '12' }];
      for (const on_conflict of ['update', 'skip'] as const) {
        const { outcome, requests } = await ask([fault], (through) => through.bulk(rows, { on_conflict }));
        assert.equal(outcome.status, 'fulfilled');
        assert.equal(requests.length, 2);
      }
      assert.equal((await past.search(rows[0]!.number).page()).total, 1);
    });
  }
});

describe('a creation, where the server knows no idempotency keys', () => {
  for (const fault of LOST) {
    it(`is not made twice: ${named(fault)}`, async () => {
      const number = numberOf(++numbers);
      const { outcome, requests } = await ask([fault], (through) => through.create({ number }), unkeyed);
      assert.equal(requests.length, 1);
      assert.equal(outcome.status, 'rejected');
      const { reason } = outcome as PromiseRejectedResult;
      if (typeof fault === 'string') assert.ok(reason instanceof ConnectionError && reason.isOutcomeUnknown);
      else assert.ok(reason instanceof UnavailableError && reason.status === fault.status);
    });
  }

  it('nor are many that must not exist yet', async () => {
    const rows = [{ number: numberOf(++numbers) }];
    const { requests } = await ask(['cut after'], (through) => through.bulk(rows, { on_conflict: 'error' }), unkeyed);
    assert.equal(requests.length, 1);
  });

  for (const fault of UNCHANGED) {
    it(`is made again when nothing was changed: ${named(fault)}`, async () => {
      const number = numberOf(++numbers);
      const { outcome, requests } = await ask([fault, fault], (through) => through.create({ number }));
      assert.equal(outcome.status, 'fulfilled');
      assert.equal(requests.length, 3);
    });
  }

  it('has one key for all of its attempts, and another one for the next call', async () => {
    const create = (through: typeof contacts) => through.create({ number: numberOf(++numbers) });
    const { requests } = await ask([{ status: 503 }, { status: 503 }], create);
    const { requests: next } = await ask([], create);
    const keys = [...requests, ...next].map(({ headers }) => headers['idempotency-key']);
    assert.match(String(keys[0]), /^[0-9a-f]{32}$/);
    assert.deepEqual([keys[1], keys[2]], [keys[0], keys[0]]);
    assert.notEqual(keys[3], keys[0]);
    const { requests: own } = await ask([], (through) =>
      through.create({ number: numberOf(++numbers) }, { idempotencyKey: 'mine', headers: { 'x-trace': 'a' } }),
    );
    assert.deepEqual([own[0]!.headers['idempotency-key'], own[0]!.headers['x-trace']], ['mine', 'a']);
    const { requests: reads } = await ask([], (through) => through.list().page());
    assert.equal(reads[0]!.headers['idempotency-key'], undefined);
  });

  it('is made again whatever happened when the server is said to know keys', async () => {
    const by = client({ idempotency: true });
    const { outcome } = await ask(['cut before'], (through) => through.create({ number: numberOf(++numbers) }), by);
    assert.equal(outcome.status, 'fulfilled');
  });

  it('is made again once an answer showed that the server knows keys', async () => {
    const by = client();
    const create = (through: typeof contacts) => through.create({ number: numberOf(++numbers) });
    assert.equal((await ask(['cut before'], create, by)).outcome.status, 'rejected');
    proxy.added = { 'idempotency-key': 'any' };
    await ask([], create, by);
    assert.equal((await ask(['cut before'], create, by)).outcome.status, 'fulfilled');
    const never = client({ idempotency: false });
    await ask([], create, never);
    assert.equal((await ask(['cut before'], create, never)).outcome.status, 'rejected');
  });

  it('is made again while nobody is there at all', async () => {
    const closed = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => closed.once('listening', resolve));
    const { port } = closed.address() as AddressInfo;
    await new Promise((resolve) => closed.close(resolve));
    let attempts = 0;
    const nobody = new Muster({
      baseUrl: `http://127.0.0.1:${port}`,
      apiKey: 'x',
      maxRetries: 3,
      retryDelay: 1,
      fetch: (...call) => {
        attempts++;
        return fetch(...call);
      },
    });
    await assert.rejects(nobody.audience(NOBODY).contacts.create({ number: numberOf(1) }), (error) => {
      assert.ok(error instanceof ConnectionError && !error.isOutcomeUnknown);
      assert.match(error.message, /ECONNREFUSED/);
      return true;
    });
    assert.equal(attempts, 4);
  });
});

describe('a file', () => {
  const CSV = ['number,first_name\n', `${numberOf(900)},Ana\n`];

  /** Opens the file, whose second half waits until the first request is lost. */
  function opener(): () => AsyncGenerator<string> {
    const before = proxy.seen.length;
    return async function* () {
      yield CSV[0]!;
      while (proxy.seen.length === before) await new Promise((resolve) => setTimeout(resolve, 1));
      if (proxy.seen.length === before + 1) await new Promise((resolve) => setTimeout(resolve, 50));
      yield CSV[1]!;
    };
  }

  it('that was not sent to its end is sent again, where it can be opened again', async () => {
    const { imports, id: audienceId } = await makeAudience(direct);
    const through = unkeyed.audience(audienceId).imports;
    proxy.suffer('cut before');
    const { id } = await through.create(opener());
    assert.equal((await imports.wait(id)).created, 1);
    proxy.suffer('cut before');
    await assert.rejects(through.create(opener()()), (error) => error instanceof ConnectionError);
    assert.equal((await imports.list().page()).total, 1);
  });

  it('that was sent to its end is not sent again where no keys are known, since it may have arrived', async () => {
    const own = await makeAudience(direct);
    const before = proxy.seen.length;
    proxy.suffer('cut after');
    const sent = unkeyed.audience(own.id).imports.create(CSV.join(''));
    await assert.rejects(sent, (error) => error instanceof ConnectionError && error.isOutcomeUnknown);
    assert.equal(proxy.seen.length - before, 1);
    assert.equal((await own.imports.list().page()).total, 1);
  });

  for (const fault of LOST) {
    it(`is undone once, though the answer is lost: ${named(fault)}`, async () => {
      const own = await makeAudience(direct);
      const { id } = await own.imports.create(CSV.join(''));
      await own.imports.wait(id);
      proxy.suffer(fault);
      await muster.audience(own.id).imports.undo(id);
      assert.equal((await own.imports.wait(id)).status, 'undone');
    });
  }
});

describe('a write, once an answer has shown that the server knows idempotency keys', () => {
  const keyed = client();
  before(async () => {
    await keyed.audience(audience.id).contacts.create({ number: numberOf(++numbers) });
  });

  for (const fault of LOST) {
    it(`creates once: ${named(fault)}`, async () => {
      const number = numberOf(++numbers);
      const { outcome, requests } = await ask([fault, fault], (through) => through.create({ number }), keyed);
      assert.equal(requests.length, 3);
      assert.equal(outcome.status, 'fulfilled');
      const { id } = (outcome as PromiseFulfilledResult<{ id: string }>).value;
      const { data } = await past.search(number).page();
      assert.deepEqual(
        data.map((each) => each.id),
        [id],
      );
    });

    it(`creates many once, and says that it did: ${named(fault)}`, async () => {
      const rows = [1, 2, 3].map(() => ({ number: numberOf(++numbers) }));
      const bulk = (through: typeof contacts) => through.bulk(rows, { on_conflict: 'error' });
      const { outcome } = await ask([fault, fault], bulk, keyed);
      assert.equal((outcome as PromiseFulfilledResult<{ created: number }>).value.created, 3);
    });

    it(`changes what was read, and does not take its own work for somebody else's: ${named(fault)}`, async () => {
      const made = await past.create({ number: numberOf(++numbers) });
      const change = (through: typeof contacts) =>
        through.update(made.id, { first_name: 'Once' }, { ifMatch: etagOf(made) });
      const { outcome } = await ask([fault], change, keyed);
      const { value } = outcome as PromiseFulfilledResult<{ first_name: string }>;
      assert.equal(value.first_name, 'Once');
      assert.equal(etagOf(value), etagOf(await past.get(made.id)));
      await assert.rejects(change(past), PreconditionFailedError);
    });

    it(`uploads a file once: ${named(fault)}`, async () => {
      const own = await makeAudience(direct);
      proxy.suffer(fault);
      const { id } = await keyed.audience(own.id).imports.create(`number\n${numberOf(901)}\n`);
      assert.equal((await own.imports.wait(id)).created, 1);
      assert.equal((await own.imports.list().page()).total, 1);
    });
  }

  it('says when the caller has used the key for something else', async () => {
    const idempotencyKey = 'chosen by the caller'.replaceAll(' ', '-');
    await past.create({ number: numberOf(++numbers) }, { idempotencyKey });
    const other = past.create({ number: numberOf(++numbers) }, { idempotencyKey });
    await assert.rejects(other, (error) => error instanceof IdempotencyKeyReusedError && error.code === 9014);
  });

  it('makes no API key again, whose secret the server cannot say twice', async () => {
    const { total } = await direct.keys.list().page();
    proxy.suffer('cut after');
    await assert.rejects(keyed.keys.create({ name: 'lost', scope: 'read' }), ConnectionError);
    assert.equal((await direct.keys.list().page()).total, total + 1);
  });
});

describe('a retry', () => {
  it('is told before each wait, and given up when nobody wants it', async () => {
    const told: [number, string][] = [];
    const onRetry: MusterOptions['onRetry'] = ({ error, attempts }) => {
      told.push([attempts, error.name]);
      return attempts < 2;
    };
    const by = client({ onRetry });
    const faults: Fault[] = ['cut before', { status: 503 }, { status: 503 }];
    const { outcome, requests } = await ask(faults, (through) => through.list().page(), by);
    assert.ok((outcome as PromiseRejectedResult).reason instanceof UnavailableError);
    assert.equal(requests.length, 2);
    assert.deepEqual(told, [
      [1, 'ConnectionError'],
      [2, 'UnavailableError'],
    ]);
    const own = await ask(faults, (through) => through.list({}, { onRetry: () => {} }).page(), by);
    assert.deepEqual([own.outcome.status, own.requests.length], ['fulfilled', 4]);
  });
});

describe('an end', () => {
  it('comes after all retries', async () => {
    const faults = Array.from({ length: 9 }, () => ({ status: 503, headers: { 'retry-after': '0' } }));
    const { outcome, requests } = await ask(faults, (through) => through.get(NOBODY), client({ maxRetries: 3 }));
    const { reason } = outcome as PromiseRejectedResult;
    assert.ok(reason instanceof UnavailableError);
    assert.deepEqual([reason.status, reason.retryAfter, reason.errors, requests.length], [503, 0, [], 4]);
  });

  it('comes at once when the server asks for more patience than anybody has', async () => {
    const fault = { status: 429, headers: { 'retry-after': '3600' } };
    const { outcome, requests } = await ask([fault], (through) => through.list().page());
    const { reason } = outcome as PromiseRejectedResult;
    assert.ok(reason instanceof RateLimitError);
    assert.deepEqual([reason.retryAfter, requests.length], [3600, 1]);
  });

  it('a deletion of what never was is told', async () => {
    const { outcome } = await ask([{ status: 503 }], (through) => through.delete(NOBODY));
    assert.ok((outcome as PromiseRejectedResult).reason instanceof NotFoundError);
  });

  it('a creation that is retried says what exists', async () => {
    const number = numberOf(++numbers);
    await past.create({ number });
    const { outcome } = await ask([{ status: 503 }], (through) => through.create({ number }));
    assert.ok((outcome as PromiseRejectedResult).reason instanceof DuplicateContactError);
  });
});

it('waits are as long as the server asks, grow, and differ by chance', () => {
  const told = (retryAfter?: number) => new UnavailableError('', { status: 503, errors: [], retryAfter });
  fc.assert(
    fc.property(fc.nat(20), fc.integer({ min: 1, max: 1000 }), fc.option(fc.nat(60)), (attempt, first, asked) => {
      const wait = waitBefore(attempt, told(asked ?? undefined), first)!;
      const step = Math.min(first * 2 ** attempt, 8000);
      assert.ok(wait >= (asked ?? 0) * 1000 + step / 2 && wait <= (asked ?? 0) * 1000 + step);
    }),
  );
  assert.equal(waitBefore(0, told(61), 1), undefined);
  assert.notEqual(waitBefore(5, told(), 100), waitBefore(5, told(), 100));
});

describe('time', () => {
  it('an answer that comes too late is not waited for; reading is tried again', async () => {
    const slow = { delay: 5000 };
    const { outcome, requests } = await ask([slow], (through) => through.list({}, { timeout: 100 }).page());
    assert.deepEqual([outcome.status, requests.length], ['fulfilled', 2]);
  });

  it('a creation that took too long may have happened', async () => {
    const call = (through: typeof contacts) => through.create({ number: numberOf(++numbers) });
    const { outcome, requests } = await ask([{ delay: 5000 }], call, client({ timeout: 100, idempotency: false }));
    const { reason } = outcome as PromiseRejectedResult;
    assert.ok(reason instanceof TimeoutError && reason instanceof ConnectionError && reason.isOutcomeUnknown);
    assert.equal(requests.length, 1);
  });
});

it('an upload that is over leaves no timer behind, though its source still moves', async () => {
  const own = await makeAudience(direct);
  const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
  const { promise: isOver, resolve: end } = Promise.withResolvers<void>();
  async function* source() {
    yield 'number\n';
    await isOver;
    yield '+12025550150\n';
  }
  const before = timers();
  proxy.suffer({ status: 400 });
  const sent = muster.audience(own.id).imports.create(source(), {}, { timeout: 60_000 });
  await assert.rejects(sent, { name: 'ValidationError' });
  end();
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.ok(timers() <= before, 'no timer is left');
});

describe('an aborted signal ends', () => {
  const reason = new Error('nobody wants it any more');

  it('a call before it begins', async () => {
    const { outcome, requests } = await ask([], (through) =>
      through.get(NOBODY, { signal: AbortSignal.abort(reason) }),
    );
    assert.deepEqual([(outcome as PromiseRejectedResult).reason, requests.length], [reason, 0]);
  });

  it('a call that waits for its answer', async () => {
    const aborting = new AbortController();
    proxy.judge = () => {
      setTimeout(() => aborting.abort(reason), 10);
      return { delay: 5000 };
    };
    await assert.rejects(contacts.list({}, { signal: aborting.signal }).page(), reason);
  });

  it('a wait between two attempts', async () => {
    const aborting = new AbortController();
    proxy.judge = () => {
      setTimeout(() => aborting.abort(reason), 20);
      return { status: 503, headers: { 'retry-after': '50' } };
    };
    await assert.rejects(contacts.get(NOBODY, { signal: aborting.signal }), reason);
  });

  it('a walk over pages, and leaves no listener behind', async () => {
    const aborting = new AbortController();
    await past.bulk(Array.from({ length: 5 }, () => ({ number: numberOf(++numbers) })));
    const walk = async () => {
      for await (const _ of contacts.list({ page_size: 2 }, { signal: aborting.signal })) aborting.abort(reason);
    };
    await assert.rejects(walk(), reason);
  });
});
