import { createReadStream, createWriteStream, mkdtempSync, rmSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { sampleContacts, sampleFile } from '../sample/make-contacts.ts';
import { plainInsertLoop } from './plain-loop.ts';
import { KEY, privateMemory, type Server, startMuster } from './processes.ts';
import { median, report, round } from './report.ts';

const PAGE = 50;
const LARGE_FILE = 500e6;
const headers = { 'x-dexatel-key': KEY };

interface ImportState {
  status: string;
  rows_done: number;
  created: number;
  links: { self: string };
  error: unknown;
}

/** What was seen from the first byte sent to the last row done. */
interface Watched {
  seconds: number;
  /** Of pages read meanwhile, in milliseconds. */
  reads: number[];
  /** Most private memory of the server, in MB. */
  memory: number;
}

/** Imports a file of so many rows as a job into an audience of a fresh store, and one of 500 MB. */
export async function measureImports(parent: string, rows: number): Promise<void> {
  const directory = mkdtempSync(join(parent, 'imports-'));
  const file = join(directory, 'import.csv');
  await pipeline(Readable.from(sampleFile({ rows, messy: false, seed: 2, format: 'csv' })), createWriteStream(file));
  const contacts = sampleContacts(2);
  const plain = plainInsertLoop(
    directory,
    Array.from({ length: rows }, () => contacts.next().value),
  );
  const server = await startMuster(join(directory, 'data'));
  try {
    const audience = await createAudience(server);
    const { seconds, reads, memory } = await importFile(server, audience, file, '');
    const ratio = rows / seconds / plain;
    const figures = `${round(ratio)} (${round(rows / seconds, 0)}/s of ${round(plain, 0)}/s)`;
    report(`import of ${round(rows)} rows against a plain insert loop`, figures, '≥ 0.6', ratio >= 0.6);
    reportReads(reads, await quietReads(server, audience));
    report('memory of the server meanwhile', `${round(memory, 0)} MB private`, '≤ 350 MB', memory <= 350);

    await writeLargeFile(file, rows);
    const { size } = await stat(file);
    const large = await importFile(server, audience, file, '?dry_run=true');
    const what = `memory while a file of ${round(size / 1e6, 0)} MB is rehearsed after it`;
    report(what, `${round(large.memory, 0)} MB private`, '≤ 350 MB', large.memory <= 350);
  } finally {
    await server.stop();
    rmSync(file, { force: true });
  }
}

/** The same contacts again, with a column of notes that makes the file as large. */
async function writeLargeFile(file: string, rows: number): Promise<void> {
  const note = 'a note that nobody reads, '.repeat(Math.ceil(LARGE_FILE / rows / 26) + 1);
  const length = Math.max(10, Math.round(LARGE_FILE / rows) - 40);
  function* lines() {
    const contacts = sampleContacts(2);
    yield 'number,first_name,last_name,notes\r\n';
    for (let row = 0; row < rows; row++) {
      const { number, first_name, last_name } = contacts.next().value;
      yield `${number},${first_name ?? ''},${last_name ?? ''},"${note.slice(row % 26, (row % 26) + length)}"\r\n`;
    }
  }
  await pipeline(Readable.from(lines()), createWriteStream(file));
}

export async function importFile(server: Server, audience: string, file: string, query: string): Promise<Watched> {
  let memory = 0;
  const reads: number[] = [];
  let isOver = false;
  const watch = (async () => {
    while (!isOver) {
      reads.push(await readPage(server, audience, reads.length));
      memory = Math.max(memory, privateMemory(server.pid));
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  })();
  const began = performance.now();
  const answer = await fetch(`http://127.0.0.1:${server.port}/v1/audiences/${audience}/imports${query}`, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'text/csv' },
    body: Readable.toWeb(createReadStream(file)),
    duplex: 'half',
  } as RequestInit);
  let { data: state } = (await answer.json()) as { data: ImportState };
  const url = state.links.self;
  while (state.status === 'queued' || state.status === 'running') {
    await new Promise((resolve) => setTimeout(resolve, 100));
    ({ data: state } = (await (await fetch(url, { headers })).json()) as { data: ImportState });
  }
  const seconds = (performance.now() - began) / 1000;
  isOver = true;
  await watch;
  if (state.status !== 'completed') throw new Error(`the import ended as ${JSON.stringify(state)}`);
  return { seconds, reads, memory };
}

export async function createAudience(server: Server, name = 'Imports'): Promise<string> {
  const answer = await fetch(`http://127.0.0.1:${server.port}/v1/audiences`, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json' },
    body: JSON.stringify({ data: { name, channel: 'SMS' } }),
  });
  return ((await answer.json()) as { data: { id: string } }).data.id;
}

/** How long a page takes, in milliseconds. @param n makes each another question, so that no kept answer is given. */
async function readPage(server: Server, audience: string, n: number): Promise<number> {
  const began = performance.now();
  const path = `/v1/audiences/${audience}/contacts?page_size=${PAGE}&n=${n}`;
  const answer = await fetch(`http://127.0.0.1:${server.port}${path}`, { headers });
  await answer.arrayBuffer();
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  return performance.now() - began;
}

async function quietReads(server: Server, audience: string): Promise<number[]> {
  const reads: number[] = [];
  for (let n = 0; n < 200; n++) {
    reads.push(await readPage(server, audience, -n));
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return reads;
}

function reportReads(reads: number[], quiet: number[]): void {
  const p99 = reads.toSorted((a, b) => a - b)[Math.floor(reads.length * 0.99)]!;
  const [mid, still] = [median(reads), median(quiet)];
  report(
    'page read while a file is imported: median and p99',
    `${round(mid / still)} times the quiet ${round(still)} ms; p99 ${round(p99, 0)} ms`,
    'median ≤ 3 times, p99 ≤ 50 ms',
    mid <= 3 * still && p99 <= 50,
  );
}
