/** `npm run bench -- --console`: what somebody at the console waits for, in a real Chromium, among so many contacts. */
import { createWriteStream, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { chromium, type Page } from 'playwright-core';
import { sampleFile } from '../sample/make-contacts.ts';
import { buildConsole } from '../test/console/built.ts';
import { CHROMIUM, skip } from '../test/console/chromium.ts';
import { createAudience, importFile } from './imports.ts';
import { KEY, startMuster } from './processes.ts';
import { median, report, round } from './report.ts';

/** Typed letter by letter; each letter is a search of its own. */
const SEARCHES = ['ana petro', 'martin 44', 'søren', '+1 202', 'garcía', 'łukasz', 'кова', 'priya sh'];
/** Milliseconds between two letters: a good typist, who sees each result. */
const TYPING = 200;
/** Milliseconds of scrolling, as fast as a wheel goes. */
const SCROLLING = 5_000;
const WHEEL = 120;

export async function measureConsole(rows: number): Promise<void> {
  if (skip) throw new Error(skip);
  await buildConsole();
  const directory = mkdtempSync(join(tmpdir(), 'muster-bench-'));
  const file = join(directory, 'contacts.csv');
  await pipeline(Readable.from(sampleFile({ rows, messy: false, seed: 2, format: 'csv' })), createWriteStream(file));
  const server = await startMuster(join(directory, 'data'));
  const browser = await chromium.launch({ executablePath: CHROMIUM!, args: ['--no-sandbox', '--disable-gpu'] });
  try {
    const audience = await createAudience(server);
    await importFile(server, audience, file, '');
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
    const url = `http://127.0.0.1:${server.port}`;
    await context.request.post(`${url}/console/session`, { data: { data: { key: KEY } } });
    const page = await context.newPage();
    await page.goto(`${url}/audiences/${audience}`);
    await page.getByRole('img').first().waitFor();
    await reportTyping(page, rows);
    await reportScrolling(page);
  } finally {
    await browser.close();
    await server.stop();
    rmSync(directory, { recursive: true, force: true });
  }
}

/** From the press of a key to the frame that shows the rows it found. */
async function reportTyping(page: Page, rows: number): Promise<void> {
  await page.evaluate(`
    pressed = 0; waits = [];
    addEventListener('keydown', () => { pressed = performance.now(); }, true);
    const told = [...document.querySelectorAll('[role=status]')].find(({ textContent }) => /contact/.test(textContent));
    new MutationObserver(() => {
      const from = pressed;
      requestAnimationFrame(() => setTimeout(() => waits.push(performance.now() - from)));
    }).observe(told, { characterData: true, subtree: true, childList: true });
  `);
  const field = page.getByRole('searchbox');
  for (const search of SEARCHES) {
    await field.fill('');
    await page.waitForTimeout(500);
    await page.keyboard.type(search, { delay: TYPING });
    await page.waitForTimeout(500);
  }
  const waits = await page.evaluate<number[]>('waits');
  const middle = median(waits);
  const slow = waits.toSorted((a, b) => a - b)[Math.floor(waits.length * 0.95)]!;
  const figures = `median ${round(middle, 0)} ms, 95 % within ${round(slow, 0)} ms (${waits.length} keys)`;
  report(`a key to its rows, among ${round(rows)}`, figures, '≤ 100 ms median', middle <= 100);
}

async function reportScrolling(page: Page): Promise<void> {
  await page.getByRole('searchbox').fill('');
  await page.waitForTimeout(1000);
  const { frames, waiting } = await page.evaluate<{ frames: number; waiting: number }>(`
    new Promise((resolve) => {
      const grid = document.querySelector('[role=grid]');
      const began = performance.now();
      let frames = 0;
      let waiting = 0;
      function frame() {
        frames++;
        grid.scrollTop += ${WHEEL};
        const { bottom } = grid.getBoundingClientRect();
        const isWaiting = [...grid.querySelectorAll('[role=row]')].some(
          (row) => row.children.length === 1 && row.getBoundingClientRect().top < bottom);
        if (isWaiting) waiting++;
        if (performance.now() - began < ${SCROLLING}) requestAnimationFrame(frame);
        else resolve({ frames, waiting });
      }
      requestAnimationFrame(frame);
    })`);
  const part = waiting / frames;
  const figures = `${round((frames / SCROLLING) * 1000, 0)} frames a second, ${round(part * 100, 1)} % with rows to come`;
  report(`scrolling ${round(frames * WHEEL, 0)} pixels`, figures, '≤ 1 % with rows to come', part <= 0.01);
}
