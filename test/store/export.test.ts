import assert from 'node:assert/strict';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, it } from 'node:test';
import { makeExporter } from '../../src/store/sqlite/export.ts';
import { makeAudience, numberOf, raises, until } from '../support/contacts.ts';
import { makeDirectory, openStore } from '../support/directory.ts';

function throwLater(error: Error): void {
  setImmediate(() => {
    throw error;
  });
}

describe('exports of the embedded store', async () => {
  const directory = makeDirectory();
  const file = join(directory, 'muster.db');
  const store = openStore(directory);
  const { account_id, id } = await makeAudience(store);
  const rows = Array.from({ length: 1000 }, (_, n) => ({ number: numberOf(n) }));
  await store.contacts.upsert(account_id, id, rows, 'error');
  const begin = async (exporter = store.contacts) => {
    const walk = exporter.export(account_id, id, [])[Symbol.asyncIterator]();
    await walk.next();
    return walk;
  };

  /** Whether nothing holds an old snapshot: only then can the whole log be written back and begun anew. */
  function isLogFree(): boolean {
    const db = new DatabaseSync(file);
    try {
      const { busy } = db.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get() as { busy: number };
      return busy === 0;
    } finally {
      db.close();
    }
  }
  const write = () => store.accounts.create('Somebody');

  it('eight at once; the ninth is told to come again, and may when one is over', async () => {
    const walks = await Promise.all(Array.from({ length: 8 }, () => begin()));
    const { message } = await raises(9503, begin());
    assert.match(message, /Too many exports/);
    await walks[0]!.return!();
    walks[0] = await begin();
    await raises(9503, begin());
    for (const walk of walks) await walk.return!();
    await (await begin()).return!();
  });

  it('the snapshot is let go of when its reader stops, and at the end', async () => {
    const stopped = await begin();
    await write();
    assert.equal(isLogFree(), false, 'an export that is under way holds the log');
    await stopped.return!();
    assert.equal(isLogFree(), true);

    const read = await begin();
    await write();
    while (!(await read.next()).done);
    assert.equal(isLogFree(), true);
  });

  it('the snapshot of a reader that stands still is taken away: 9503', async (test) => {
    const exporter = makeExporter(file, throwLater, 20);
    test.after(() => exporter.close());
    const stalled = await begin(exporter as never);
    await write();
    await until(async () => isLogFree());
    const { message } = await raises(9503, stalled.next());
    assert.match(message, /stood still/);
    assert.deepEqual(await stalled.next(), { done: true, value: undefined });
    // Eight of them leave room for others.
    for (let n = 0; n < 12; n++) {
      await begin(exporter as never);
      await write();
      await until(async () => isLogFree());
    }
  });

  it('a store that closes ends its exports', async () => {
    const beside = openStore(directory, 'administration');
    const walk = await begin(beside.contacts);
    await beside.close();
    await write();
    assert.equal(isLogFree(), true);
    const rest = async () => {
      while (!(await walk.next()).done);
    };
    await raises(9503, rest());
  });
});
