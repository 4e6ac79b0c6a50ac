import { chmodSync, createWriteStream, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { sampleContacts, sampleFile } from '../sample/make-contacts.ts';
import { type Contact, writeDocument } from '../src/core/contact-document.ts';
import { fillContact } from '../src/core/contact-fields.ts';
import { formatDate } from '../src/core/dates.ts';
import { makeId } from '../src/core/ids.ts';
import { openPool } from '../src/store/postgres/pool.ts';
import { foundBy } from '../src/store/postgres/postings.ts';
import { takeAllIn } from '../src/store/postgres/search-index.ts';
import { createAudience, importFile } from './imports.ts';
import { KEY, type Server, startMuster } from './processes.ts';
import { median, report, round } from './report.ts';

const TIMES = 200;
/** Changes that a store of a million contacts may leave to be taken in later. */
const MAY_WAIT = 8000;
const SEARCHES = ['mar', 'ana', 'son', 'and', 'jo', '4915', 'ан'];

/**
 * The same contacts in both stores, side by side: an import against `COPY` into the same table, pages and searches against the
 * embedded store. @param url an empty database whose user may read files of this machine (a superuser on the same machine).
 */
export async function measurePostgres(parent: string, rows: number, url: string): Promise<void> {
  const directory = mkdtempSync(join(parent, 'postgres-'));
  const file = join(directory, 'import.csv');
  await pipeline(Readable.from(sampleFile({ rows, messy: false, seed: 2, format: 'csv' })), createWriteStream(file));
  const servers = { sqlite: await startMuster(join(directory, 'data')), postgres: await startMuster(directory, url) };
  try {
    const copied = await copyRate(parent, url, await createAudience(servers.postgres, 'Copied'), rows);
    const times: Record<string, Record<string, number>> = {};
    for (const [name, server] of Object.entries(servers)) {
      const audience = await createAudience(server);
      const { seconds } = await importFile(server, audience, file, '');
      if (name === 'postgres') {
        const rate = rows / (seconds + (await indexed(url)));
        const ratio = rate / copied;
        const figures = `${round(ratio)} (${round(rate, 0)}/s of ${round(copied, 0)}/s)`;
        const what = `PostgreSQL: import of ${round(rows)} rows against COPY, both with their posting lists`;
        report(what, figures, '≥ 0.6', ratio >= 0.6);
      }
      const path = `/v1/audiences/${audience}/contacts?page_size=50`;
      times[name] = { 'a page of 50': await medianOf(server, path) };
      for (const term of SEARCHES) {
        const search = `${path}&filter[search]=${encodeURIComponent(term)}`;
        times[name]![`search '${term}'`] = await medianOf(server, search);
        times[name]![`the next page of '${term}'`] = await medianOf(server, await nextOf(server, search));
      }
    }
    for (const [what, ours] of Object.entries(times.postgres!)) {
      const theirs = times.sqlite![what]!;
      const figures = `${round(ours / theirs)} times (${round(ours)} ms to ${round(theirs)} ms)`;
      report(`PostgreSQL: ${what} against the embedded store`, figures, '≤ 3 times', ours <= 3 * theirs);
    }
  } finally {
    await Promise.all(Object.values(servers).map((server) => server.stop()));
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Rows a second of `COPY` into an audience of the store, as one transaction, and of making the posting lists that search needs. */
async function copyRate(directory: string, url: string, audience: string, count: number): Promise<number> {
  const now = formatDate();
  function* contacts(): Generator<Contact> {
    const samples = sampleContacts(2);
    for (let row = 0; row < count; row++) {
      const sample = samples.next().value;
      const details = fillContact({ ...sample, number: sample.number.slice(1) });
      yield { id: makeId(), ...details, create_date: now, update_date: now };
    }
  }
  const tables: [name: string, columns: string, rows: (contact: Contact) => string[][]][] = [
    [
      'contacts',
      'audience_id, id, number, document, found_by',
      (it) => [[audience, it.id, it.number, writeDocument(it), foundBy(it)]],
    ],
    ['contact_changes', 'audience_id, id, after', (it) => [[audience, it.id, foundBy(it)]]],
    ['contact_tags', 'audience_id, tag, id', (it) => it.tags.map((tag) => [audience, tag, it.id])],
  ];
  chmodSync(directory, 0o755);
  const all = [...contacts()];
  for (const [name, , rowsOf] of tables) await writeLines(fileOf(name), all, rowsOf);

  function fileOf(name: string): string {
    return join(directory, `copy-${name}.txt`);
  }

  const database = openPool(url, () => {}, { name: 'muster bench' });
  try {
    const began = performance.now();
    await database.transaction(async (query) => {
      for (const [name, columns] of tables) await query(`COPY ${name} (${columns}) FROM '${fileOf(name)}'`);
    });
    await takeAllIn(database, audience);
    const seconds = (performance.now() - began) / 1000;
    // The import begins with tables as empty as these were.
    await database.query('TRUNCATE contacts, contact_changes, contact_tags, contact_segments, contact_postings');
    return count / seconds;
  } finally {
    await database.close();
    for (const [name] of tables) rmSync(fileOf(name), { force: true });
  }
}

/** Waits until an import's contacts are in the posting lists, but for those that may wait; how long that took, in seconds. */
async function indexed(url: string): Promise<number> {
  const began = performance.now();
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    for (;;) {
      const { rows } = await client.query('SELECT count(*)::int AS waiting FROM contact_changes');
      if (rows[0].waiting <= MAY_WAIT) return (performance.now() - began) / 1000;
      await pause(20);
    }
  } finally {
    await client.end();
  }
}

/** Writes rows as `COPY` reads them. */
async function writeLines(file: string, contacts: Contact[], rowsOf: (contact: Contact) => string[][]) {
  const escaped = (text: string) =>
    text.replace(/[\\\t\n\r]/g, (found) => `\\${{ '\t': 't', '\n': 'n', '\r': 'r' }[found] ?? found}`);
  function* lines() {
    for (const row of contacts.flatMap(rowsOf)) yield `${row.map(escaped).join('\t')}\n`;
  }
  await pipeline(Readable.from(lines()), createWriteStream(file));
  chmodSync(file, 0o644);
}

/** Where the next page is. */
async function nextOf(server: Server, path: string): Promise<string> {
  const answer = await fetch(`http://127.0.0.1:${server.port}${path}`, { headers: { 'x-dexatel-key': KEY } });
  const { pagination } = (await answer.json()) as { pagination: { links: { next: string } } };
  const { pathname, search } = new URL(pagination.links.next);
  return pathname + search;
}

/** The median time of a question, in milliseconds, each made anew. */
async function medianOf(server: Server, path: string): Promise<number> {
  const times: number[] = [];
  for (let n = 0; n < TIMES; n++) {
    const began = performance.now();
    const answer = await fetch(`http://127.0.0.1:${server.port}${path}&n=${n}`, { headers: { 'x-dexatel-key': KEY } });
    await answer.arrayBuffer();
    if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
    times.push(performance.now() - began);
  }
  return median(times);
}
