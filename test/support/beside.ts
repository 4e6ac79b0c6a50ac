/** What tests do to the store of a running server behind its back, as time, another program or a fault does it. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import pg from 'pg';
import type { Store } from '../../src/core/store.ts';
import { openStore } from '../../src/store/open.ts';
import { runOnServer } from './postgres.ts';
import type { Server } from './server.ts';

type Place = Pick<Server, 'directory' | 'databaseUrl'>;

/** The store as administration has it. The test closes it. */
export function openBeside({ directory, databaseUrl }: Place): Promise<Store> {
  return openStore({ data: directory, databaseUrl, role: 'administration' });
}

/** Lets the last hour of a key pass. */
export async function expireKey(place: Place, name: string): Promise<void> {
  assert.equal(await change(place, `UPDATE keys SET expire_date = '2026-01-01 00:00:00' WHERE name = '${name}'`), 1);
}

/** Makes the counter of the only audience, which has no contacts, say 7. */
export async function breakCounter(place: Place): Promise<void> {
  const isEmbedded = place.databaseUrl === undefined;
  const slot = 'INSERT INTO contact_counts (audience_id, slot, count) SELECT id, 99, 7 FROM audiences';
  assert.equal(await change(place, isEmbedded ? 'UPDATE audiences SET contacts_count = 7' : slot), 1);
}

/**
 * Lets time pass until the leases of a server that was killed are over. The embedded store takes them away at the next start: there
 * cannot be another server.
 */
export async function endLeases(place: Place): Promise<void> {
  if (place.databaseUrl === undefined) return;
  await change(place, "UPDATE imports SET lease_until = '-infinity' WHERE status IN ('queued', 'running')");
}

/** Keeps everybody else from writing, as another program may; the function that lets them write again. */
export async function holdStore({ directory, databaseUrl }: Place): Promise<() => Promise<void>> {
  if (databaseUrl === undefined) {
    const db = new DatabaseSync(join(directory, 'muster.db'), { timeout: 5000 });
    db.exec('BEGIN IMMEDIATE');
    return async () => {
      db.exec('ROLLBACK');
      db.close();
    };
  }
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  await client.query(
    'BEGIN; LOCK TABLE accounts, keys, audiences, contacts, contact_counts, imports IN EXCLUSIVE MODE',
  );
  return () => client.end();
}

/** Runs a statement on the store's tables; how many rows it changed. */
async function change({ directory, databaseUrl }: Place, text: string): Promise<number> {
  if (databaseUrl !== undefined) {
    return runOnServer(databaseUrl, `WITH changed AS (${text} RETURNING 1) SELECT count(*)::int FROM changed`);
  }
  const db = new DatabaseSync(join(directory, 'muster.db'), { timeout: 5000 });
  try {
    return Number(db.prepare(text).run().changes);
  } finally {
    db.close();
  }
}
