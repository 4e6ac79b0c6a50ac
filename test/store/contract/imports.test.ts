/** Imports: uploading, and what becomes of rows in rehearsals, runs and undos. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import type { ContactInput } from '../../../src/core/contact-fields.ts';
import type { ImportOptions } from '../../../src/core/import-job.ts';
import { type Audience, IMPORT_CHUNK } from '../../../src/core/store.ts';
import { allContacts, makeAudience, NOBODY, numberOf, raises } from '../../support/contacts.ts';
import { describeStores, details, EMPTY, same } from '../../support/contract.ts';
import {
  applyRows,
  claim,
  countsOf,
  importRows,
  OPTIONS,
  REFUSAL,
  rowsOf,
  runRehearsed,
  undoImport,
  upload,
  verdictsOf,
  workOn,
} from '../../support/import-jobs.ts';

const ANA: ContactInput = { number: numberOf(1), first_name: 'Ana', last_name: 'Petrosyan', tags: ['old'] };
const BEA: ContactInput = { number: numberOf(2), first_name: 'Bea' };
const CEM: ContactInput = { number: numberOf(3), first_name: 'Cem' };

describeStores('imports', (under) => {
  const { create, update } = under;
  const held = async (audience: Audience) => (await allContacts(under.store, audience)).map(details);

  /** An audience with Ana and Bea. */
  async function made(): Promise<Audience> {
    const audience = await makeAudience(under.store);
    for (const contact of [ANA, BEA]) await create(audience, contact);
    return audience;
  }

  test('a file comes back as it was uploaded, from any place', async () => {
    const audience = await makeAudience(under.store);
    const { account_id, id } = audience;
    const { imports } = under.store;
    const file = randomBytes(2 * IMPORT_CHUNK + 1000);
    const importId = await imports.begin(account_id, id, OPTIONS, 'people.csv');
    // A piece may be used again once it is in the store.
    const piece = new Uint8Array(new SharedArrayBuffer(IMPORT_CHUNK));
    for (const sequence of [0, 1, 2]) {
      const part = file.subarray(sequence * IMPORT_CHUNK, (sequence + 1) * IMPORT_CHUNK);
      piece.set(part);
      await imports.append(importId, sequence, piece.subarray(0, part.length));
    }
    await raises(9020, imports.get(account_id, id, importId));
    assert.equal(await imports.claim('worker', 1000), undefined);
    const queued = await imports.queue(importId, file.length, 'abc');
    same(queued.file, { name: 'people.csv', bytes: file.length, sha256: 'abc' });
    same(await imports.get(account_id, id, importId), queued);
    for (const [offset, length] of [
      [0, 10],
      [IMPORT_CHUNK - 3, 10],
      [5, 2 * IMPORT_CHUNK],
      [file.length - 4, 4],
    ] as const) {
      const read = await imports.read(importId, offset, length);
      assert.equal(Buffer.compare(read, file.subarray(offset, offset + length)), 0, `${offset}, ${length}`);
    }
    assert.equal((await imports.read(importId, file.length - 4, 100)).length, 4);
    await imports.cancel(account_id, id, importId);
  });

  test('an upload that is abandoned is nowhere, and nothing can be added to it', async () => {
    const audience = await makeAudience(under.store);
    const { account_id, id } = audience;
    const { imports } = under.store;
    const importId = await imports.begin(account_id, id, OPTIONS, null);
    await imports.abandon(importId);
    await raises(9020, imports.append(importId, 0, new Uint8Array(1)));
    await raises(9020, imports.queue(importId, 1, 'abc'));
    await raises(9020, imports.get(account_id, id, importId));
    same((await imports.page(account_id, { direction: 'after', size: 10 })).items, []);
  });

  test('what is asked for is kept, and begins with nothing done', async () => {
    const audience = await makeAudience(under.store);
    const options: Partial<ImportOptions> = {
      name: 'Spring',
      dry_run: true,
      mode: 'replace',
      on_conflict: 'skip',
      empty: 'clear',
      default_country: 'GB',
      tags: ['a', 'b'],
      columns: { Handy: 'number' },
      max_removals: '500',
      encoding: 'windows-1251',
      format: 'tsv',
    };
    const queued = await upload(under.store, audience, options);
    const { id, file, create_date, ...rest } = queued;
    same(rest, {
      ...OPTIONS,
      ...options,
      account_id: audience.account_id,
      audience_id: audience.id,
      status: 'queued',
      phase: 'rehearse',
      layout: null,
      rows_done: 0,
      created: 0,
      updated: 0,
      unchanged: 0,
      skipped: 0,
      refused: 0,
      refused_by_code: {},
      removed: 0,
      rows_total: null,
      bytes_done: 0,
      met: 0,
      undo: null,
      error: null,
      start_date: null,
      finish_date: null,
      is_expired: false,
    });
    await under.store.imports.cancel(audience.account_id, audience.id, id);
  });

  const SCENARIOS: {
    title: string;
    rows: (ContactInput | undefined)[];
    options?: Partial<ImportOptions>;
    fates: [status: string, repeats?: number | null, code?: number][];
    becomes: ContactInput[];
    met: number;
    removed?: number;
  }[] = [
    { title: 'no rows', rows: [], fates: [], becomes: [ANA, BEA], met: 0 },
    {
      title: 'rows that are new, that change, that change nothing, that the file refuses',
      rows: [CEM, { number: ANA.number, last_name: 'Li' }, BEA, undefined],
      fates: [['created'], ['updated'], ['unchanged'], ['refused', null, 1354]],
      becomes: [{ ...ANA, last_name: 'Li' }, BEA, CEM],
      met: 2,
    },
    {
      title: 'repeats name the first line with their number, and meet what it made',
      rows: [
        { number: CEM.number },
        { number: CEM.number, first_name: 'One' },
        { number: ANA.number },
        { number: CEM.number, first_name: 'One' },
        { number: ANA.number, first_name: null },
        { number: ANA.number, last_name: 'Li' },
        { number: ANA.number, last_name: 'Li' },
      ],
      fates: [
        ['created'],
        ['updated', 2],
        ['unchanged'],
        ['unchanged', 2],
        ['updated', 4],
        ['updated', 4],
        ['unchanged', 4],
      ],
      becomes: [{ ...ANA, first_name: null, last_name: 'Li' }, BEA, { number: CEM.number, first_name: 'One' }],
      met: 1,
    },
    {
      title: 'on_conflict skip leaves what is there, repeats too',
      options: { on_conflict: 'skip' },
      rows: [{ number: ANA.number, first_name: 'X' }, CEM, { number: CEM.number, first_name: 'X' }],
      fates: [['skipped'], ['created'], ['skipped', 3]],
      becomes: [ANA, BEA, CEM],
      met: 1,
    },
    {
      title: 'tags of the import go to every row, and too many refuse it',
      options: { tags: ['new'] },
      rows: [
        { number: ANA.number },
        { number: BEA.number, tags: ['x'] },
        { number: CEM.number, tags: 'a b c d e f g h i j'.split(' ') },
      ],
      fates: [['updated'], ['updated'], ['refused', null, 1359]],
      becomes: [
        { ...ANA, tags: ['old', 'new'] },
        { ...BEA, tags: ['x', 'new'] },
      ],
      met: 2,
    },
    {
      title: 'mode replace removes whom no row met',
      options: { mode: 'replace', max_removals: '100%' },
      rows: [CEM, { number: BEA.number, first_name: 'B' }, { number: numberOf(4) }],
      fates: [['created'], ['updated'], ['created']],
      becomes: [{ ...BEA, first_name: 'B' }, CEM, { number: numberOf(4) }],
      met: 1,
      removed: 1,
    },
  ];
  for (const { title, rows: contacts, options = {}, fates, becomes, met, removed = 0 } of SCENARIOS) {
    test(`${title}: rehearsed, run, and undone`, async () => {
      const audience = await made();
      const before = await allContacts(under.store, audience);
      const rows = rowsOf(contacts);
      const expected = fates.map(([status, repeats_line = null, code = null], index) => ({
        line: index + 2,
        status,
        number: contacts[index]?.number ?? null,
        repeats_line,
        code,
      }));
      const shown = async (id: string) =>
        (await verdictsOf(under.store, audience, id)).map(({ line, status, number, repeats_line, code }) => ({
          line,
          status,
          number,
          repeats_line,
          code,
        }));

      const rehearsed = await importRows(under.store, audience, rows, { ...options, dry_run: true });
      assert.equal(rehearsed.status, 'completed');
      same(await shown(rehearsed.id), expected);
      same(await allContacts(under.store, audience), before);

      const run = await runRehearsed(under.store, audience, rehearsed.id, rows);
      same(await shown(run.id), expected);
      same(countsOf(run), { ...countsOf(rehearsed), removed });
      same([rehearsed.removed, run.met, rehearsed.met], [removed, met, met]);
      same(
        await held(audience),
        becomes.map((contact) => ({ ...EMPTY, ...contact })),
      );
      const counts = [run.created, run.updated, run.unchanged, run.skipped, run.refused];
      assert.equal(
        counts.reduce((sum, count) => sum + count),
        rows.length,
      );
      for (const verdict of await verdictsOf(under.store, audience, run.id)) {
        const contact = (await allContacts(under.store, audience)).find(({ number }) => number === verdict.number);
        assert.equal(verdict.contact_id, verdict.status === 'refused' ? null : contact!.id);
      }

      if (run.created + run.updated + removed === 0) return;
      const undone = await undoImport(under.store, audience, run.id);
      assert.equal(undone.status, 'undone');
      same(
        (await allContacts(under.store, audience)).map(({ update_date, ...contact }) => contact),
        before.map(({ update_date, ...contact }) => contact),
      );
      const changed = new Set(expected.filter(({ status }) => status === 'updated').map(({ number }) => number));
      const inFile = new Set(expected.filter(({ status }) => status === 'created').map(({ number }) => number));
      const restored = [...changed].filter((number) => !inFile.has(number)).length;
      same(undone.undo, { deleted: run.created, restored: undone.undo!.restored, left_alone: 0 });
      assert.ok(undone.undo!.restored >= restored + removed);
      assert.equal(await under.countOf(audience), before.length);
    });
  }

  test('verdicts can be asked for by their status, and from any row on', async () => {
    const audience = await made();
    const rows = rowsOf([CEM, undefined, BEA, undefined, { number: numberOf(5) }, undefined, undefined]);
    const { id } = await importRows(under.store, audience, rows);
    const lines = async (status?: 'created' | 'refused' | 'skipped') =>
      (await verdictsOf(under.store, audience, id, status)).map(({ line }) => line);
    same(await lines(), [2, 3, 4, 5, 6, 7, 8]);
    same(await lines('refused'), [3, 5, 7, 8]);
    same(await lines('created'), [2, 6]);
    same(await lines('skipped'), []);
    const [first] = await under.store.imports.verdicts(audience.account_id, audience.id, id, 4);
    assert.equal(first!.firstRow, 4);
    const [refused] = await verdictsOf(under.store, audience, id, 'refused');
    same([refused!.code, refused!.reason, refused!.message], [REFUSAL.code, REFUSAL.reason, REFUSAL.message]);
  });

  test('a rehearsal says what a run at that moment would: what was written since changes the run', async () => {
    const audience = await made();
    const rows = rowsOf([CEM, { number: ANA.number, first_name: 'Anna' }]);
    const rehearsed = await importRows(under.store, audience, rows, { dry_run: true });
    same([rehearsed.created, rehearsed.updated], [1, 1]);
    await create(audience, CEM);
    const run = await runRehearsed(under.store, audience, rehearsed.id, rows);
    same([run.created, run.updated, run.unchanged], [0, 1, 1]);
  });

  test('an undo leaves alone what somebody else changed since', async () => {
    const audience = await made();
    const rows = rowsOf([
      CEM,
      { number: numberOf(4) },
      { number: ANA.number, last_name: 'Li' },
      { number: BEA.number, last_name: 'Lo' },
    ]);
    const { id } = await importRows(under.store, audience, rows);
    const [ana, , cem, four] = await allContacts(under.store, audience);
    await update(audience, cem!.id, { last_name: 'Yılmaz' });
    await update(audience, ana!.id, { first_name: 'Anna' });
    await under.store.contacts.delete(audience.account_id, audience.id, four!.id);
    const { undo } = await undoImport(under.store, audience, id);
    same(undo, { deleted: 0, restored: 1, left_alone: 2 });
    same(await held(audience), [
      { ...EMPTY, ...ANA, first_name: 'Anna', last_name: 'Li' },
      { ...EMPTY, ...BEA },
      { ...EMPTY, ...CEM, last_name: 'Yılmaz' },
    ]);
  });

  test('a change that was taken back by hand is still a change', async () => {
    const audience = await made();
    const { id } = await importRows(under.store, audience, rowsOf([{ number: ANA.number, last_name: 'Li' }]));
    const [ana] = await allContacts(under.store, audience);
    await update(audience, ana!.id, { last_name: 'X' });
    await update(audience, ana!.id, { last_name: 'Li' });
    const { undo } = await undoImport(under.store, audience, id);
    same(undo, { deleted: 0, restored: 0, left_alone: 1 });
  });

  for (const [action, status] of [
    ['delete', 'removed'],
    ['add_tags', 'updated'],
  ] as const) {
    test(`an edit (${action}) takes who was chosen, and nobody who has the number since`, async () => {
      const audience = await made();
      const [ana, bea] = await allContacts(under.store, audience);
      const chosen = [
        { line: 1, contact: { number: ANA.number }, id: ana!.id },
        { line: 2, contact: { number: BEA.number }, id: bea!.id },
      ];
      await update(audience, ana!.id, { number: CEM.number });
      const di = await create(audience, { number: ANA.number, first_name: 'Di' });
      const before = await held(audience);
      const { id } = await importRows(under.store, audience, chosen, { action, tags: ['new'] });
      const verdicts = await verdictsOf(under.store, audience, id);
      same(
        verdicts.map((verdict) => verdict.status),
        ['skipped', status],
      );
      const left = (await allContacts(under.store, audience)).filter((contact) => contact.id !== bea!.id);
      same(
        left.map((contact) => [contact.id, contact.tags]),
        [
          [ana!.id, ANA.tags],
          [di.id, []],
        ],
      );
      await undoImport(under.store, audience, id);
      same(await held(audience), before);
    });
  }

  test('a removed contact comes back in its place, with its id; not when its number was taken', async () => {
    const audience = await made();
    const before = await allContacts(under.store, audience);
    const options = { mode: 'replace', max_removals: '100%' } as const;
    const { id } = await importRows(under.store, audience, rowsOf([CEM]), options);
    const other = await create(audience, { number: BEA.number, first_name: 'Another Bea' });
    const { undo } = await undoImport(under.store, audience, id);
    same(undo, { deleted: 1, restored: 1, left_alone: 1 });
    same(await allContacts(under.store, audience), [before[0], other]);
  });

  test('a replacing run leaves contacts that others made while it ran', async () => {
    const audience = await made();
    const options = { mode: 'replace', max_removals: '100%' } as const;
    const { id } = await upload(under.store, audience, options);
    await claim(under.store, id);
    await applyRows(under.store, id, rowsOf([CEM]));
    await under.store.imports.enter(id, 'worker', 'apply');
    await applyRows(under.store, id, rowsOf([CEM]));
    await create(audience, { number: numberOf(9) });
    await under.store.imports.enter(id, 'worker', 'remove');
    while ((await under.store.imports.removeSome(id, 'worker')).hasMore);
    await under.store.imports.finish(id, 'worker', 'completed');
    same(
      (await held(audience)).map(({ number }) => number),
      [CEM.number, numberOf(9)],
    );
    const { removed } = await under.store.imports.get(audience.account_id, audience.id, id);
    assert.equal(removed, 2);
  });

  test('only what has been rehearsed is run, and only what has changed something is undone', async () => {
    const audience = await made();
    const { account_id, id } = audience;
    const { imports } = under.store;
    const rehearsed = await importRows(under.store, audience, rowsOf([CEM]), { dry_run: true });
    await raises(9022, imports.undo(account_id, id, rehearsed.id));
    await raises(9022, imports.cancel(account_id, id, rehearsed.id));
    await imports.run(account_id, id, rehearsed.id);
    await raises(9022, imports.run(account_id, id, rehearsed.id));
    await raises(9022, imports.undo(account_id, id, rehearsed.id));
    await workOn(under.store, await claim(under.store, rehearsed.id), rowsOf([CEM]));
    await raises(9022, imports.run(account_id, id, rehearsed.id));
    await undoImport(under.store, audience, rehearsed.id);
    await raises(9022, imports.undo(account_id, id, rehearsed.id));
    await raises(9022, imports.run(account_id, id, rehearsed.id));
  });

  test('imports are found in their audience alone', async () => {
    const audience = await made();
    const other = await makeAudience(under.store);
    const sister = await under.store.audiences.create(audience.account_id, {
      name: 'Sister',
      channel: 'SMS',
      contacts: [],
    });
    const { id } = await importRows(under.store, audience, rowsOf([CEM]));
    const { imports } = under.store;
    const PLACES: [account: string, audience: string, code: 1301 | 9020][] = [
      [other.account_id, other.id, 9020],
      [other.account_id, audience.id, 1301],
      [audience.account_id, other.id, 1301],
      [audience.account_id, sister.id, 9020],
      [audience.account_id, NOBODY, 1301],
    ];
    for (const [account, place, code] of PLACES) {
      await raises(code, imports.get(account, place, id));
      await raises(code, imports.verdicts(account, place, id, 0));
      await raises(code, imports.run(account, place, id));
      await raises(code, imports.undo(account, place, id));
      await raises(code, imports.cancel(account, place, id));
    }
    await raises(9020, imports.get(audience.account_id, audience.id, NOBODY));
    await raises(1301, imports.begin(other.account_id, audience.id, OPTIONS, null));
    await raises(1301, imports.page(other.account_id, { direction: 'after', size: 5 }, audience.id));
    same((await imports.page(other.account_id, { direction: 'after', size: 5 })).items, []);
  });

  test('pages of imports, newest first, both ways', async () => {
    const audience = await makeAudience(under.store);
    const { account_id } = audience;
    const sister = await under.store.audiences.create(account_id, { name: 'Sister', channel: 'SMS', contacts: [] });
    const ids: string[] = [];
    for (const place of [audience, sister, audience, audience, sister]) {
      const { id } = await upload(under.store, place);
      await under.store.imports.cancel(account_id, place.id, id);
      ids.unshift(id);
    }
    const page = async (slice: object, of?: Audience) => {
      const { items, hasNext, total } = await under.store.imports.page(
        account_id,
        { direction: 'after', size: 2, ...slice },
        of?.id,
      );
      return [items.map(({ id }) => ids.indexOf(id)), hasNext, total];
    };
    same(await page({}), [[0, 1], true, 5]);
    same(await page({ position: ids[1] }), [[2, 3], true, 5]);
    same(await page({ position: ids[3] }), [[4], false, 5]);
    same(await page({ direction: 'before', position: ids[4] }), [[2, 3], true, 5]);
    same(await page({ direction: 'before', position: ids[1] }), [[0], true, 5]);
    same(await page({}, sister), [[0, 3], false, 2]);
    same(await page({ size: 10 }, audience), [[1, 2, 4], false, 3]);
  });

  test('an expired import keeps its counts and loses everything else', async () => {
    const audience = await made();
    const { account_id, id } = audience;
    const { imports } = under.store;
    const done = await importRows(under.store, audience, rowsOf([CEM]));
    await imports.expire(3_600_000);
    same(await imports.get(account_id, id, done.id), done);
    await new Promise((resolve) => setTimeout(resolve, 5));
    await imports.expire(0);
    same(await imports.get(account_id, id, done.id), { ...done, is_expired: true });
    await raises(9022, imports.undo(account_id, id, done.id));
    same(
      await held(audience),
      [ANA, BEA, CEM].map((contact) => ({ ...EMPTY, ...contact })),
    );
  });
});
