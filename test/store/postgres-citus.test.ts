/**
 * Spread over a Citus cluster, what belongs to an audience lies on one machine: each statement on it says which audience it is
 * about, so that one machine answers it. Here the statements of every operation are listened to; a real cluster runs the
 * whole contract where TEST_CITUS_URL names one.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { copyStore, keptImports, recordsOf, tablesOf } from '../../src/core/copy-run.ts';
import { idempotencyId } from '../../src/core/idempotency.ts';
import { makePostgresCopyStore } from '../../src/store/postgres/copy.ts';
import { BY_AUDIENCE, BY_ID, EVERYWHERE, ON_COORDINATOR } from '../../src/store/postgres/distribute.ts';
import { forgetOutcomes } from '../../src/store/postgres/idempotency.ts';
import { openPostgresStore } from '../../src/store/postgres/index.ts';
import { allContacts, makeAudience, numberOf } from '../support/contacts.ts';
import { newKey } from '../support/contract.ts';
import { PLACES } from '../support/copies.ts';
import { importRows, OPTIONS, rowsOf, undoImport, upload, verdictsOf } from '../support/import-jobs.ts';
import { fillStore } from '../support/installation.ts';
import {
  createPglite,
  makeDatabase,
  makePgliteDatabase,
  NEEDS_SERVER,
  openPglite,
  SERVER_URL,
  watched,
} from '../support/postgres.ts';

/** Statements about more than one audience, or that look for work in all of them: these may ask every machine. */
const ACROSS: [what: string, statement: RegExp][] = [
  ['counts for a page of audiences', /^SELECT audience_id, sum\(count\).* FROM contact_counts WHERE audience_id = ANY/],
  ["a page of the account's imports", /^WITH page AS \(SELECT id, document FROM imports WHERE account_id = \$2/],
  ["the place behind the account's imports", /^SELECT muster_place\(\(SELECT id FROM imports WHERE account_id = \$1/],
  ['imports that wait', /^SELECT audience_id FROM imports WHERE status IN/],
  ['imports that have expired', /^SELECT audience_id, id FROM imports WHERE finished_at </],
];

const ACROSS_IDS: (typeof ACROSS)[number] = [
  'outcomes that are too old',
  /^SELECT id FROM idempotency_keys WHERE made <=/,
];

const ANY = { precondition: { match: '*' as const } };

describe('statements on what belongs to an audience', () => {
  const heard = new Set<string>();
  let opened: Awaited<ReturnType<typeof openPglite>>;

  before(async () => {
    opened = await openPglite((text) => heard.add(text.replace(/\s+/g, ' ').trim()));
    heard.clear();
    const { store } = opened;
    const audience = await makeAudience(store);
    const { account_id, id } = audience;
    const created = await store.contacts.create(account_id, id, { number: numberOf(1), first_name: 'Ana' });
    const { id: contactId } = JSON.parse(created);
    await store.contacts.get(account_id, id, contactId);
    await store.contacts.update(account_id, id, contactId, { last_name: 'Li' });
    await store.contacts.update(account_id, id, contactId, { last_name: 'Lo' }, ANY);
    await store.contacts.upsert(account_id, id, [{ number: numberOf(1) }, { number: numberOf(2) }], 'update');
    await allContacts(store, audience);
    await store.contacts.page(account_id, id, {
      direction: 'after',
      size: 5,
      needles: [],
      tags: ['a', 'b'],
      count: true,
    });
    await store.contacts.page(account_id, id, {
      direction: 'after',
      size: 5,
      needles: ['ana'],
      tags: ['a'],
      count: false,
    });
    await store.contacts.tags(account_id, id);
    await store.figures.created(account_id, id, [contactId]);
    await store.figures.prefixes(account_id);
    for (const needles of [['ana'], ['  an', 'li']]) await allContacts(store, audience, needles);
    await store.contacts.page(account_id, id, {
      direction: 'before',
      position: contactId,
      size: 5,
      needles: [],
      count: true,
    });
    for await (const _ of store.contacts.export(account_id, id, ['ana']));
    await store.contacts.delete(account_id, id, contactId);
    const again = await store.contacts.create(account_id, id, { number: numberOf(3) });
    await store.contacts.delete(account_id, id, JSON.parse(again).id, ANY);
    await store.audiences.create(account_id, { name: 'Full', channel: 'SMS', contacts: [{ number: numberOf(1) }] });
    await store.audiences.page(account_id, { direction: 'after', size: 5 });
    await store.audiences.rename(account_id, id, 'Renamed');
    await store.audiences.rename(account_id, id, 'Renamed again', ANY);
    await store.keys.create(newKey(account_id));

    const rows = rowsOf([{ number: numberOf(1) }, { number: numberOf(2), first_name: 'Bea' }, undefined]);
    const options = { mode: 'replace', max_removals: '100%' } as const;
    const done = await importRows(store, audience, rows, options);
    await verdictsOf(store, audience, done.id, 'refused');
    await store.imports.page(account_id, { direction: 'after', size: 5 }, id);
    await undoImport(store, audience, done.id);
    const waiting = await upload(store, audience);
    await store.imports.read(waiting.id, 0, 5);
    await store.imports.cancel(account_id, id, waiting.id);
    await store.imports.abandon(await store.imports.begin(account_id, id, OPTIONS, null));
    await store.imports.expire(0);
    await store.audiences.delete(account_id, id);

    const other = await makeAudience(store);
    const once = { account_id: other.account_id, key: 'one', fingerprint: 'f', note: '', onRepeat() {} };
    for (let time = 0; time < 2; time++) {
      await store.contacts.create(other.account_id, other.id, { number: numberOf(1) }, { idempotency: once });
    }
    await opened.query('UPDATE idempotency_keys SET made = 0 WHERE id = $1', [idempotencyId(once)]);
    await forgetOutcomes(opened)();
  });
  after(() => opened.close());

  const TABLE = new RegExp(`\\b(?:FROM|JOIN|UPDATE|INTO|USING) (?:${BY_AUDIENCE.join('|')})\\b`);
  const SAYS_WHICH = /\baudience_id = \$1\b|^INSERT INTO \w+ \(audience_id\b.*(?:VALUES \(\$1\b|SELECT \$1\b)/;

  test('each of them says which audience it is about, those that may not need to aside', () => {
    const silent = [...heard].filter((text) => TABLE.test(text) && !SAYS_WHICH.test(text));
    const strange = silent.filter((text) => !ACROSS.some(([, statement]) => statement.test(text)));
    assert.deepEqual(strange, []);
    for (const [what, statement] of [...ACROSS, ACROSS_IDS]) {
      assert.ok(
        [...heard].some((text) => statement.test(text)),
        `${what}: no such statement was heard`,
      );
    }
  });

  test('each about idempotency keys says which, but for the one that looks for old ones', () => {
    const about = [...heard].filter((text) => new RegExp(`\\b(?:${BY_ID.join('|')})\\b`).test(text));
    assert.ok(about.length >= 5);
    const says = /\bid = (?:\$1\b|ANY\(\$1\b)|^INSERT INTO \w+ \(id\b.*VALUES \(\$1\b/;
    const silent = about.filter((text) => !says.test(text) && !ACROSS_IDS[1].test(text));
    assert.deepEqual(silent, []);
  });

  test('every table was asked', () => {
    const all = [...heard].join('\n');
    for (const table of [...BY_AUDIENCE, ...BY_ID]) assert.match(all, new RegExp(`\\b${table}\\b`), table);
  });

  test('what is written everywhere at once is written without what belongs to one audience', () => {
    const everywhere = new RegExp(`^(?:INSERT INTO|UPDATE|DELETE FROM) (?:${EVERYWHERE.join('|')})\\b`);
    const written = [...heard].filter((text) => everywhere.test(text));
    assert.ok(written.length >= 4);
    assert.deepEqual(
      written.filter((text) => new RegExp(`\\b(?:${BY_AUDIENCE.join('|')})\\b`).test(text)),
      [],
    );
  });

  test('every table of the schema has its place', async () => {
    const rows = await opened.query<{ name: string }>(
      "SELECT tablename::text AS name FROM pg_tables WHERE schemaname = 'public' ORDER BY 1",
    );
    assert.deepEqual(
      rows.map(({ name }) => name),
      [...EVERYWHERE, ...BY_AUDIENCE, ...BY_ID, ...ON_COORDINATOR].sort(),
    );
  });

  test('what lies by audience has it in every unique index', async () => {
    const rows = await opened.query<{ tablename: string; indexdef: string }>(
      "SELECT tablename::text, indexdef FROM pg_indexes WHERE schemaname = 'public' AND indexdef LIKE 'CREATE UNIQUE%'",
    );
    const without = rows.filter(
      ({ tablename, indexdef }) =>
        (BY_AUDIENCE as readonly string[]).includes(tablename) && !/\(audience_id\b/.test(indexdef),
    );
    assert.deepEqual(without, []);
  });
});

test('the document says where each table lies', () => {
  const text = readFileSync(new URL('../../docs/citus.md', import.meta.url), 'utf8');
  for (const [tables, where] of [
    [EVERYWHERE, 'on every machine'],
    [BY_AUDIENCE, 'with their audience'],
    [BY_ID, 'spread by their own ids'],
    [ON_COORDINATOR, 'on the coordinator'],
  ] as const) {
    assert.ok(text.includes(`| ${tables.map((table) => `\`${table}\``).join(', ')} | ${where} |`), where);
  }
});

test('a copy says in each statement on rows which audience they are of, to a cluster and from it', async () => {
  const heard = new Set<string>();
  const [source, target] = [await PLACES.sqlite(), await createPglite()];
  const database = watched(makePgliteDatabase(target), (text) => heard.add(text.replace(/\s+/g, ' ').trim()));
  const filled = await source.use();
  await fillStore(filled);
  await filled.close();
  const [from, to] = [await source.open('source'), await makePostgresCopyStore(database, 'target')];
  heard.clear();
  assert.equal(await copyStore(from, to), 'complete');
  for await (const { id } of recordsOf(to, { table: 'audiences' })) {
    for (const table of ['imports', 'contacts'] as const) {
      for await (const _ of recordsOf(to, { table, audience: id as string }));
    }
    for (const each of await keptImports(to, id as string)) {
      for (const table of tablesOf('import')) {
        for await (const _ of recordsOf(to, { table, audience: id as string, import: each }));
      }
    }
  }
  await to.release();
  await Promise.all([from.close(), to.close()]);
  await target.close();

  const onRows = new RegExp(`\\b(?:FROM|JOIN|UPDATE|INTO|USING) (?:${BY_AUDIENCE.join('|')})\\b`);
  const ofAll = [
    /^SELECT count\(\*\)::float8 AS count FROM \w+$/,
    /^SELECT 1 FROM \w+ LIMIT 1$/,
    // From and to what lies on the same machine.
    /^INSERT INTO contact_counts .* SELECT audience_id, 0, count\(\*\) FROM contacts GROUP BY audience_id /,
  ];
  const asked = [...heard].filter((text) => onRows.test(text));
  assert.ok(asked.length > 15, `${asked.length} statements`);
  const silent = asked.filter(
    (text) =>
      !/\baudience_id = \$1\b|^(?:WITH made AS \( )?INSERT INTO \w+ \(audience_id\b.* (?:VALUES \(\$1\b|SELECT \$1\b)/.test(
        text,
      ),
  );
  assert.deepEqual(
    silent.filter((text) => !ofAll.some((statement) => statement.test(text))),
    [],
  );
});

test('a database without Citus is not spread, and the message says what to do', { skip: NEEDS_SERVER }, async () => {
  const { url, drop } = await makeDatabase(SERVER_URL!);
  try {
    await assert.rejects(openPostgresStore({ url, role: 'administration', isDistributed: true }), /no Citus.*install/);
    // What was there before is there after.
    await (await openPostgresStore({ url, role: 'administration' })).close();
  } finally {
    await drop();
  }
});
