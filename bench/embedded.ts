/** The budgets of the embedded store, measured against a limit in the same run. */
import { mkdtempSync, rmSync } from 'node:fs';
import { Agent, get } from 'node:http';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { type SampleContact, sampleContacts } from '../sample/make-contacts.ts';
import { measureImports } from './imports.ts';
import type { Question } from './load.ts';
import { options } from './options.ts';
import { plainInsertLoop } from './plain-loop.ts';
import { KEY, load, privateMemory, type Server, startLimitServer, startMuster } from './processes.ts';
import { median, report, round } from './report.ts';

const ROWS = options.rows;
const ROUNDS = options.isQuick ? 1 : 3;
const SECONDS = options.isQuick ? 2 : 4;
const BULK = 1000;
const PLAIN_ROWS = Math.min(ROWS, 200_000);
const PAGE = 50;
const SEARCHED_MATCHES = 30_000;

const directory = mkdtempSync(join(tmpdir(), 'muster-bench-'));
const limit = await startLimitServer();

console.log(
  `Muster with ${round(ROWS)} contacts in one audience (${availableParallelism()} cores, Node ${process.version})\n`,
);
const veryFirst = await startMuster(join(directory, 'data'));
reportStart('the very first start of a checkout, which compiles', veryFirst);
await veryFirst.stop();
rmSync(join(directory, 'data'), { recursive: true });
const first = await startMuster(join(directory, 'data'));
await new Promise((resolve) => setTimeout(resolve, 1000));
reportStart('start to first answer, empty store', first);
const idle = privateMemory(first.pid);
report('idle memory', `${round(idle, 0)} MB private`, '≤ 130 MB', idle <= 130);

function reportStart(what: string, { startTook }: Server): void {
  report(what, `${round(startTook, 0)} ms`, '≤ 1,000 ms', startTook <= 1000);
}

const origin = `http://127.0.0.1:${first.port}`;
const headers = { 'x-dexatel-key': KEY, 'content-type': 'application/json' };

async function ask(path: string, init: { method?: string; body?: string } = {}) {
  const answer = await fetch(path.startsWith('http') ? path : origin + path, { headers, ...init });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${text}`);
  return { text, json: JSON.parse(text) };
}

/**
 * The same question in so many words that none of them is answered from what the server keeps of earlier answers: a parameter
 * nobody reads makes each another one, and there are more than are kept.
 */
function questions(path: string): Question[] {
  return Array.from({ length: 5000 }, (_, index) => ({ method: 'GET', path: `${path}&n=${index}` }));
}

/**
 * The median time of each question in milliseconds, asked in turn, one after the other, and each made anew: what slows the
 * machine for a while slows them all.
 */
async function medianTimes(...paths: string[]): Promise<number[]> {
  const times: number[][] = paths.map(() => []);
  const end = performance.now() + (paths.length * SECONDS * 1000) / 2;
  for (let n = 0; performance.now() < end; n++) {
    for (const [index, path] of paths.entries()) {
      const began = performance.now();
      await answerOf(`${path}&n=${n % 5000}`);
      times[index]!.push(performance.now() - began);
    }
  }
  return times.map(median);
}

const agent = new Agent({ keepAlive: true, maxSockets: 1 });

/** Asks over one connection with as little of a client as there is. */
function answerOf(path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    get({ agent, port: first.port, path, headers }, (answer) => {
      answer.on('end', resolve).resume();
      if (answer.statusCode !== 200) reject(new Error(`${path}: ${answer.statusCode}`));
    }).on('error', reject);
  });
}

async function createAudience(name: string): Promise<string> {
  const { json } = await ask('/v1/audiences', {
    method: 'POST',
    body: JSON.stringify({ data: { name, channel: 'SMS' } }),
  });
  return json.data.id;
}

try {
  const contacts = sampleContacts(1);
  const audience = await createAudience('Bench');
  await measureBulk(audience, contacts);
  await measurePages(audience);
  await measureSearch(audience);
  await measureCreates(contacts);
  await Promise.all([first.stop(), limit.stop()]);
  await measureImports(directory, ROWS);
} finally {
  await Promise.all([first.stop(), limit.stop()]);
  rmSync(directory, { recursive: true, force: true });
}
/** Fills the audience by bulk calls, two under way, while a page is read now and then. */
async function measureBulk(audience: string, contacts: Iterator<SampleContact>): Promise<void> {
  const take = (count: number) => Array.from({ length: count }, () => contacts.next().value as SampleContact);
  const path = `/v1/audiences/${audience}/contacts`;
  const bodies: string[] = [];
  const sample: SampleContact[] = [];
  for (let at = 0; at < ROWS; at += BULK) {
    const rows = take(Math.min(BULK, ROWS - at));
    if (sample.length < PLAIN_ROWS) sample.push(...rows);
    bodies.push(JSON.stringify({ data: { contacts: rows } }));
  }
  const plain = plainInsertLoop(directory, sample.slice(0, PLAIN_ROWS));

  let memory = 0;
  let isLoading = true;
  const reads: number[] = [];
  const watch = (async () => {
    while (isLoading) {
      const began = performance.now();
      await ask(`${path}?page_size=${PAGE}&n=${reads.length}`);
      reads.push(performance.now() - began);
      memory = Math.max(memory, privateMemory(first.pid));
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  })();
  let next = 0;
  const began = performance.now();
  let plainTime = 0;
  const send = async () => {
    while (next < bodies.length) {
      const body = bodies[next++]!;
      await ask(`${path}/bulk`, { method: 'POST', body });
      if (next === PLAIN_ROWS / BULK) plainTime = performance.now() - began;
    }
  };
  await Promise.all([send(), send()]);
  const took = (performance.now() - began) / 1000;
  isLoading = false;
  await watch;

  // The plain loop inserts into an empty store, so its equal is the beginning of the load.
  const rate = plainTime > 0 ? PLAIN_ROWS / (plainTime / 1000) : ROWS / took;
  const ratio = rate / plain;
  report(
    `bulk of ${BULK} against a plain insert loop, first ${round(PLAIN_ROWS)}`,
    `${round(ratio)} (${round(rate, 0)}/s of ${round(plain, 0)}/s; all ${round(ROWS / took, 0)}/s)`,
    '≥ 0.6',
    ratio >= 0.6,
  );
  report(`memory of the server meanwhile`, `${round(memory, 0)} MB private`, '≤ 350 MB', memory <= 350);
  const quiet: number[] = [];
  for (let i = 0; i < 200; i++) {
    const start = performance.now();
    await ask(`${path}?page_size=${PAGE}&n=${quiet.length}`);
    quiet.push(performance.now() - start);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  const sorted = reads.toSorted((a, b) => a - b);
  const [mid, p99, still] = [median(reads), sorted[Math.floor(sorted.length * 0.99)]!, median(quiet)];
  report(
    'page read while bulk calls run: median and p99',
    `${round(mid / still)} times the quiet ${round(still)} ms; p99 ${round(p99, 0)} ms`,
    'median ≤ 3 times, p99 ≤ 50 ms',
    mid <= 3 * still && p99 <= 50,
  );
}

async function measurePages(audience: string): Promise<void> {
  const path = `/v1/audiences/${audience}/contacts?page_size=${PAGE}`;
  const { text } = await ask(path);
  await limit.answer(200, text);
  const kinds: Record<string, Question[]> = {
    'asked again while nothing is written': [{ method: 'GET', path }],
    'each made anew': questions(path),
  };
  for (const [kind, asked] of Object.entries(kinds)) {
    const ours: number[] = [];
    const theirs: number[] = [];
    const page = { connections: 32, seconds: SECONDS, headers, questions: asked, status: 200 };
    for (let i = 0; i < ROUNDS; i++) {
      theirs.push((await load({ ...page, port: limit.port })).perSecond);
      ours.push((await load({ ...page, port: first.port })).perSecond);
    }
    const ratio = median(ours) / median(theirs);
    const figures = `${round(ratio)} (${round(median(ours), 0)}/s of ${round(median(theirs), 0)}/s)`;
    report(`page of ${PAGE}, 32 connections, ${kind}`, figures, '≥ 0.5 of the limit server', ratio >= 0.5);
  }

  let deep = path;
  const last = Math.max(2, Math.min(20_000, Math.floor(ROWS / PAGE)));
  for (let number = 1; number < last; number++) {
    const { links } = (await ask(deep)).json.pagination;
    deep = new URL(links.next).pathname + new URL(links.next).search;
  }
  const [shallow, far] = (await medianTimes(path, deep)) as [number, number];
  const times = far / shallow;
  report(
    `page ${round(last)} against page 1`,
    `${round(times)} times (${round(far, 3)} ms to ${round(shallow, 3)} ms)`,
    '≤ 1.2 times',
    times <= 1.2,
  );
}

async function measureSearch(audience: string): Promise<void> {
  const path = `/v1/audiences/${audience}/contacts?page_size=${PAGE}&filter[search]=`;
  const terms = ['mar', 'ana', 'son', 'ste', 'and', 'ova', 'mic', 'jo', 'ma', 'al', '4915', '1202', 'mül', 'ан'];
  const found = await Promise.all(
    terms.map(async (term) => {
      const { json } = await ask(path + encodeURIComponent(term));
      return { term, total: json.pagination.total as number, next: json.pagination.links.next as string | null };
    }),
  );
  const wanted = SEARCHED_MATCHES * Math.min(1, ROWS / 1_000_000);
  found.sort((one, other) => Math.abs(one.total - wanted) - Math.abs(other.total - wanted));
  const { term, total, next } = found[0]!;
  const [opening] = (await medianTimes(path + encodeURIComponent(term))) as [number];
  const what = `search '${term}', ${round(total)} matches: first page, exact total`;
  report(what, `${round(opening)} ms median`, '≤ 15 ms', opening <= 15);
  if (next === null) return;
  const [later] = (await medianTimes(new URL(next).pathname + new URL(next).search)) as [number];
  report('a later page of it', `${round(later)} ms median`, '≤ 5 ms', later <= 5);
}

async function measureCreates(contacts: Iterator<SampleContact>): Promise<void> {
  const ours: number[] = [];
  const theirs: number[] = [];
  const path = `/v1/audiences/${await createAudience('Creates')}/contacts`;
  const make = (count: number) =>
    Array.from({ length: count }, (): Question => ({ method: 'POST', path, body: bodyOf(contacts.next().value!) }));
  const { text } = await ask(path, { method: 'POST', body: bodyOf(contacts.next().value!) });
  await limit.answer(201, text);
  for (let i = 0; i < ROUNDS; i++) {
    const creates = { connections: 64, seconds: SECONDS, headers, status: 201 };
    const { perSecond } = await load({ ...creates, port: limit.port, questions: make(1000) });
    theirs.push(perSecond);
    // More bodies than can be taken in the time: none is sent twice.
    ours.push(
      (await load({ ...creates, port: first.port, questions: make(Math.ceil(perSecond * SECONDS)) })).perSecond,
    );
  }
  const ratio = median(ours) / median(theirs);
  report(
    'durable create, 64 connections, against the limit server',
    `${round(ratio)} (${round(median(ours), 0)}/s of ${round(median(theirs), 0)}/s)`,
    '≥ 0.35',
    ratio >= 0.35,
  );
}

function bodyOf(contact: SampleContact): string {
  return JSON.stringify({ data: contact });
}
