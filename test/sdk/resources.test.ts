/** Every operation of the API through the SDK, against a running server. */
import assert from 'node:assert/strict';
import { openAsBlob, writeFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { after, describe, it } from 'node:test';
import {
  AuthenticationError,
  ConflictError,
  DuplicateContactError,
  etagOf,
  ImportFailedError,
  Muster,
  MusterError,
  NotFoundError,
  PermissionError,
  PreconditionFailedError,
  ValidationError,
} from '../../sdk/src/index.ts';
import { OPERATIONS, type OperationId } from '../../src/http/operations.ts';
import { NOBODY, numberOf, operationOf } from '../http/support.ts';
import { makeDirectory } from '../support/directory.ts';
import { makeAudience, makePlace } from './support.ts';

const { server, proxy, muster, client } = await makePlace();
const directory = makeDirectory();

describe('audiences and accounts', () => {
  it('are created, read, listed, renamed and deleted', async () => {
    const made = await muster.audiences.create({
      name: 'Spring sale',
      channel: 'WHATSAPP',
      contacts: [{ number: numberOf(1) }],
    });
    assert.equal(made.contacts_count, 1);
    assert.deepEqual(await muster.audiences.get(made.id), made);
    const listed = await muster.audiences.list({ channel: 'WHATSAPP' }).toArray();
    assert.deepEqual(
      listed.map(({ id }) => id),
      [made.id],
    );
    assert.equal((await muster.audiences.rename(made.id, 'Summer sale')).name, 'Summer sale');
    await assert.rejects(muster.audiences.create({ name: 'summer SALE', channel: 'SMS' }), (error) => {
      assert.ok(error instanceof ConflictError && !(error instanceof DuplicateContactError));
      assert.equal(error.code, 1309);
      return true;
    });
    assert.equal((await muster.accounts.get(made.account_id)).id, made.account_id);
    assert.equal(await muster.audiences.delete(made.id), undefined);
    await assert.rejects(muster.audiences.get(made.id), NotFoundError);
  });
});

describe('keys', () => {
  it('are made, listed and revoked', async () => {
    const { secret, ...made } = await muster.keys.create({ name: 'nightly job', scope: 'read' });
    assert.deepEqual(
      (await muster.keys.list({ page_size: 1 }).toArray()).find(({ id }) => id === made.id),
      made,
    );
    const other = client({ apiKey: secret });
    assert.ok(await other.audiences.list().page());
    await muster.keys.revoke(made.id);
    await assert.rejects(other.audiences.list().page(), AuthenticationError);
    await assert.rejects(muster.keys.revoke(made.id), NotFoundError);
  });
});

describe('contacts', async () => {
  const audience = await makeAudience(muster);

  it('are created, read, changed and deleted', async () => {
    const made = await audience.contacts.create({ number: '+1 (202) 555-0150', first_name: 'Søren', tags: ['vip'] });
    assert.deepEqual([made.number, made.tags, made.last_name], ['12025550150', ['vip'], null]);
    const changed = await audience.contacts.update(made.id, { last_name: 'Berg', tags: null });
    assert.deepEqual([changed.first_name, changed.last_name, changed.tags], ['Søren', 'Berg', []]);
    assert.deepEqual(await audience.contacts.get(made.id), changed);
    await audience.contacts.delete(made.id);
    await assert.rejects(audience.contacts.get(made.id), NotFoundError);
    await assert.rejects(audience.contacts.delete(made.id), NotFoundError);
  });

  it('are changed and deleted only while nobody else has changed them, when that is asked for', async () => {
    const made = await audience.contacts.create({ number: numberOf(77) });
    const ifMatch = etagOf(made);
    assert.ok(ifMatch !== undefined && ifMatch === etagOf(await audience.contacts.get(made.id)));
    const changed = await audience.contacts.update(made.id, { first_name: 'Ana' }, { ifMatch });
    await assert.rejects(
      audience.contacts.update(made.id, { first_name: 'Eva' }, { ifMatch }),
      PreconditionFailedError,
    );
    await assert.rejects(audience.contacts.delete(made.id, { ifMatch }), PreconditionFailedError);
    await audience.contacts.delete(made.id, { ifMatch: etagOf(changed) });
  });

  it('tell in bulk what became of each', async () => {
    const rows = [{ number: numberOf(2) }, { number: '12' }, { number: numberOf(2) }];
    const { results, ...counts } = await audience.contacts.bulk(rows, { on_conflict: 'skip' });
    assert.deepEqual(counts, { created: 1, updated: 0, unchanged: 0, skipped: 1, refused: 1 });
    assert.deepEqual(
      results.map(({ status }) => status),
      ['created', 'refused', 'skipped'],
    );
  });

  it('come page by page, item by item, and as an array', async () => {
    const { contacts } = await makeAudience(muster);
    const rows = Array.from({ length: 25 }, (_, index) => ({
      number: numberOf(100 + index),
      first_name: index % 2 === 0 ? 'Łukasz' : 'Ana',
    }));
    await contacts.bulk(rows);
    const numbers = rows.map(({ number }) => number);

    const seen: string[] = [];
    for await (const { number } of contacts.list({ page_size: 10 })) seen.push(number);
    assert.deepEqual(seen, numbers);

    const list = contacts.list({ page_size: 10 });
    const first = await list.page();
    assert.deepEqual([first.data.length, first.number, first.total, first.previous], [10, 1, 25, null]);
    const second = await list.page(first.next!);
    assert.equal(second.number, 2);
    const third = await contacts.list({ page_token: second.next! }).page();
    assert.deepEqual([third.data.length, third.next], [5, null]);
    assert.deepEqual((await list.page(third.previous!)).data, second.data);

    assert.equal((await contacts.list({ page_size: 10 }).toArray({ limit: 12 })).length, 12);
    assert.deepEqual(await contacts.list().toArray({ limit: 0 }), []);
    assert.equal((await contacts.search('lukasz', { page_size: 5 }).toArray()).length, 13);
    assert.equal((await contacts.list({ search: '+1 (202) 555-0124' }).toArray()).length, 1);
  });

  it('are listed, exported and counted by their tags', async () => {
    const audience = await makeAudience(muster);
    await audience.contacts.bulk([
      { number: numberOf(1), tags: ['vip', 'a & b'] },
      { number: numberOf(2), tags: ['vip'] },
    ]);
    const found = await audience.contacts.list({ tags: ['vip', 'a & b'] }).toArray();
    assert.deepEqual(
      found.map(({ number }) => number),
      [numberOf(1)],
    );
    assert.match(await (await audience.contacts.export({ tags: ['a & b'] })).text(), new RegExp(numberOf(1)));
    assert.deepEqual(await audience.tags(), [
      { tag: 'vip', contacts_count: 2 },
      { tag: 'a & b', contacts_count: 1 },
    ]);
  });

  it('are shown by day and by country, with the account at a glance', async () => {
    const audience = await makeAudience(muster);
    await audience.contacts.create({ number: numberOf(1) });
    assert.equal((await audience.growth({ days: 3 })).length, 3);
    assert.deepEqual(await audience.countries(), [{ calling_code: '1', country: 'US', contacts_count: 1 }]);
    const { growth, store } = await muster.overview();
    assert.deepEqual([growth.length, store.ready], [30, true]);
  });

  it('come no further than somebody looks', async () => {
    const { contacts } = await makeAudience(muster);
    await contacts.bulk(Array.from({ length: 9 }, (_, index) => ({ number: numberOf(index) })));
    const before = proxy.seen.length;
    for await (const { number } of contacts.list({ page_size: 3 })) if (number === numberOf(3)) break;
    assert.equal(proxy.seen.length - before, 2);
  });

  it('are exported, as text, bytes and a stream to the disk', async () => {
    const { contacts } = await makeAudience(muster);
    await contacts.create({ number: numberOf(7), first_name: 'Ana' });
    await contacts.create({ number: numberOf(8), first_name: 'Bo' });
    const csv = await contacts.export({ search: 'ana' });
    assert.match(csv.contentType!, /^text\/csv/);
    assert.match(csv.fileName!, /\.csv$/);
    assert.match(await csv.text(), new RegExp(`${numberOf(7)},Ana`));
    const file = join(directory, 'contacts.ndjson');
    await writeFile(file, await contacts.export({ format: 'ndjson' }));
    assert.equal((await (await openAsBlob(file)).text()).trim().split('\n').length, 2);
    const archive = await (await contacts.export({ format: 'xlsx' })).bytes();
    assert.deepEqual([...archive.slice(0, 2)], [0x50, 0x4b]);
  });
});

describe('imports', () => {
  const CSV = `number,first_name\n${numberOf(1)},Ana\n12,Bo\n`;
  writeFileSync(join(directory, 'contacts.csv'), CSV);
  const bytes = new TextEncoder().encode(CSV);
  const sources = {
    text: () => CSV,
    bytes: () => bytes,
    'a buffer': () => bytes.buffer,
    'a Blob': () => new Blob([CSV]),
    'a File': () => new File([CSV], 'contacts.csv'),
    'a web stream': () => new Blob([CSV]).stream(),
    'a Node stream': () => Readable.from([bytes.slice(0, 10), bytes.slice(10)]),
    'an async generator of text': async function* () {
      yield* CSV.split(/(?=,)/);
    },
    'a list of parts': () => [CSV.slice(0, 5), bytes.slice(5)],
    'a function that opens it': () => () => Readable.from([bytes]),
    'a file of the disk': () => openAsBlob(join(directory, 'contacts.csv')),
  };
  for (const [name, source] of Object.entries(sources)) {
    it(`take ${name}`, async () => {
      const { imports } = await makeAudience(muster);
      const progress: number[] = [];
      const { id, file } = await imports.create(
        await source(),
        { tags: ['a', 'b'], mapping: { first_name: 'last_name' } },
        { onProgress: ({ sent }) => progress.push(sent) },
      );
      assert.equal(file.bytes, bytes.length);
      assert.equal(file.name, name === 'a File' ? 'contacts.csv' : null);
      assert.equal(progress.at(-1), bytes.length);
      const done = await imports.wait(id);
      assert.deepEqual([done.status, done.created, done.refused], ['completed', 1, 1]);
      assert.deepEqual([done.tags, done.mapping.first_name], [['a', 'b'], 'last_name']);
    });
  }

  it('are looked at before anything is sent', async () => {
    const { imports } = await makeAudience(muster);
    const { format, columns } = await imports.preview(CSV, { file_name: 'contacts.csv' });
    assert.deepEqual(
      [format, columns.map(({ name, field }) => [name, field])],
      ['csv', ['number', 'first_name'].map((name) => [name, name])],
    );
    assert.equal((await imports.list().page()).total, 0);
  });

  it('are tried, run, followed, listed, undone and cancelled', async () => {
    const { imports, contacts } = await makeAudience(muster);
    const shown = await imports.preview(CSV, { file_name: 'people.csv' });
    assert.ok(shown.columns.length > 0);
    const tried = await imports.create(CSV, { dry_run: true, name: 'First' });
    assert.equal((await imports.wait(tried.id)).created, 1);
    assert.equal((await contacts.list().page()).total, 0);

    await imports.run(tried.id);
    const events = [];
    for await (const event of imports.events(tried.id)) events.push(event);
    assert.deepEqual([events.at(-1)?.type, events.at(-1)?.import.status], ['done', 'completed']);
    assert.equal((await contacts.list().page()).total, 1);

    const [refused, ...others] = await imports.rows(tried.id, { status: 'refused' }).toArray();
    assert.deepEqual([refused?.line, refused?.code, others.length], [3, 1354, 0]);
    const file = await imports.refused(tried.id);
    assert.match(await file.text(), /^\ufeff?number,first_name,reason\r\n12,Bo,/);

    await imports.undo(tried.id);
    const seen: string[] = [];
    const undone = await imports.wait(tried.id, { onProgress: ({ status }) => seen.push(status) });
    assert.deepEqual([undone.status, undone.undo?.deleted, seen.at(-1)], ['undone', 1, 'undone']);
    await assert.rejects(imports.cancel(tried.id), ConflictError);
    assert.equal((await imports.get(tried.id)).name, 'First');
    assert.equal((await imports.list().toArray()).length, 1);
    assert.equal((await muster.imports.list().page()).data[0]?.id, tried.id);
  });

  it('of another kind change many contacts at once, and are taken back', async () => {
    const { imports, contacts } = await makeAudience(muster);
    await contacts.bulk([{ number: '12025550150' }, { number: '12025550151', tags: ['old'] }]);
    const { id, kind } = await contacts.edit({ select: { tags: ['old'] }, action: 'delete' });
    const done = await imports.wait(id);
    assert.deepEqual([kind, done.action, done.removed, (await contacts.list().page()).total], ['edit', 'delete', 1, 1]);
    await imports.undo(id);
    await imports.wait(id);
    assert.equal((await contacts.list().page()).total, 2);
  });

  it('that fail are errors of those who wait', async () => {
    const { imports } = await makeAudience(muster);
    const { id } = await imports.create('no contacts in here');
    await assert.rejects(imports.wait(id), (error) => {
      assert.ok(error instanceof ImportFailedError);
      assert.equal(error.import.error?.code, 9023);
      return true;
    });
  });
});

describe('errors', async () => {
  const audience = await makeAudience(muster);
  const ana = await audience.contacts.create({ number: numberOf(5) });
  const readKey = (await server.muster('keys', 'create', '--name', 'reader', '--scope', 'read')).match(
    /muster_\S+/,
  )![0];
  const scenarios: [string, () => Promise<unknown>, new (...args: never[]) => MusterError, number, number][] = [
    ['an unknown key', () => client({ apiKey: 'x' }).audiences.list().page(), AuthenticationError, 401, 9001],
    ['a read key', () => client({ apiKey: readKey }).audiences.delete(NOBODY), PermissionError, 403, 9002],
    ['an audience nobody has', () => muster.audiences.get(NOBODY), NotFoundError, 404, 1301],
    ['an id that is none', () => muster.audiences.get('a/b ?#'), ValidationError, 400, 1302],
    ['a broken rule', () => audience.contacts.create({ number: '12' }), ValidationError, 400, 1354],
    ['a number twice', () => audience.contacts.create({ number: numberOf(5) }), DuplicateContactError, 409, 1360],
  ];
  for (const [name, ask, kind, status, code] of scenarios) {
    it(`${name}: ${kind.name}`, async () => {
      const before = proxy.seen.length;
      await assert.rejects(ask(), (error) => {
        assert.ok(error instanceof kind && error instanceof MusterError);
        assert.deepEqual([error.name, error.status, error.code], [kind.name, status, code]);
        assert.equal(error.errors[0]?.code, code);
        assert.match(error.requestId!, /./);
        assert.ok(error.message.includes(String(code)));
        return true;
      });
      assert.equal(proxy.seen.length - before, 1, 'nothing is tried again');
    });
  }

  it('a duplicate carries the contact that is there', async () => {
    const error = await audience.contacts.create({ number: numberOf(5) }).catch((thrown) => thrown);
    assert.equal(error.contactId, ana.id);
  });

  it('all broken rules are told', async () => {
    const error = await audience.contacts
      .create({ number: '12', first_name: 'x'.repeat(33) })
      .catch((thrown) => thrown);
    assert.deepEqual(
      error.errors.map(({ code }: { code: number }) => code),
      [1354, 1361],
    );
  });

  it('misuse is a TypeError, before anything is sent', async () => {
    const before = proxy.seen.length;
    for (const id of ['', '.', '..', undefined as unknown as string]) {
      assert.throws(() => muster.audience(id), TypeError);
      assert.throws(() => audience.contacts.delete(id), TypeError);
    }
    for (const baseUrl of ['', 'localhost:8080', 'ftp://a']) {
      assert.throws(() => new Muster({ baseUrl, apiKey: 'x' }), TypeError);
    }
    for (const apiKey of ['', 'a\nb']) assert.throws(() => new Muster({ baseUrl: server.url, apiKey }), TypeError);
    assert.equal(proxy.seen.length, before);
  });

  it('what is no server of this API is told so', async () => {
    proxy.own = (path) => (path.startsWith('/elsewhere') ? { type: 'text/html', body: '<html>' } : undefined);
    await assert.rejects(
      client({ baseUrl: `${proxy.url}/elsewhere` })
        .audiences.list()
        .page(),
      { name: 'ProtocolError', message: /is no server of this API/ },
    );
    proxy.suffer({ status: 308, headers: { location: server.url } });
    await assert.rejects(muster.audiences.list().page(), { name: 'ProtocolError', message: /redirect: set baseUrl/ });
  });
});

it('the base URL may have /v1 and slashes behind it, and a path before', async () => {
  const { url } = proxy;
  for (const baseUrl of [url, `${url}/`, `${url}/v1`, `${url}/v1/`]) {
    assert.ok(await client({ baseUrl }).audiences.list().page());
  }
  assert.ok(proxy.seen.slice(-4).every(({ path }) => path === '/v1/audiences'));
});

after(() => {
  const used = new Set(proxy.seen.map(({ method, path }) => operationOf(method, path)));
  const missing = (Object.keys(OPERATIONS) as OperationId[]).filter((id) => !used.has(id));
  assert.deepEqual(missing, [], 'every operation of the API has a method');
});
