/** A real Chromium on a real server's console. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { type AddressInfo, createServer } from 'node:net';
import { after } from 'node:test';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { Muster } from '../../sdk/src/index.ts';
import { type Server, startServer } from '../support/server.ts';
import { buildConsole } from './built.ts';
import { CHROMIUM } from './chromium.ts';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
/** The window of a laptop, and of a phone. */
export const LAPTOP = { width: 1440, height: 900 };
export const PHONE = { width: 360, height: 740 };

export interface OpenOptions {
  /** The key to sign in with; undefined leaves nobody signed in. */
  key?: string | undefined;
  scheme?: 'light' | 'dark';
  window?: { width: number; height: number };
}

export interface Place {
  server: Server;
  muster: Muster;
  browser: Browser;
  /** A browser of its own, with cookies of its own, on a page of the console. */
  open(path: string, options?: OpenOptions): Promise<Page>;
}

/**
 * A server with a built console, and a browser; both end with the test file.
 * @param isFixed whether the server comes back on the same port when it is started again.
 */
export async function makePlace({ isFixed = false } = {}): Promise<Place> {
  await buildConsole();
  const server = await startServer({ env: isFixed ? { PORT: String(await freePort()) } : {} });
  const args = ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking', '--disable-sync'];
  const browser = await chromium.launch({ executablePath: CHROMIUM!, args });
  after(() => browser.close());
  const muster = new Muster({ baseUrl: server.url, apiKey: server.key });

  async function open(path: string, options: OpenOptions = {}): Promise<Page> {
    const { scheme = 'light', window = LAPTOP } = options;
    const key = 'key' in options ? options.key : server.key;
    const context = await browser.newContext({ viewport: window, colorScheme: scheme, locale: 'en-GB' });
    if (key !== undefined) await signIn(context, server.url, key);
    const page = await context.newPage();
    await watch(page);
    await page.goto(server.url + path);
    return page;
  }

  return { server, muster, browser, open };
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

export async function signIn(context: BrowserContext, url: string, key: string): Promise<void> {
  const answer = await context.request.post(`${url}/console/session`, { data: { data: { key } } });
  assert.equal(answer.status(), 200);
}

const troubles = new WeakMap<Page, string[]>();

/** Notes what no page may ever do: crash, or want what the policy forbids. */
async function watch(page: Page): Promise<void> {
  const seen: string[] = [];
  troubles.set(page, seen);
  page.on('pageerror', (error) => seen.push(`error: ${error.message}`));
  page.on('console', (message) => {
    if (/content security policy/i.test(message.text())) seen.push(message.text());
    else if (message.type() === 'error' && !/Failed to load resource/.test(message.text())) seen.push(message.text());
  });
}

/** Asserts that the page went without errors of its own, and closes it with its browser. */
export async function close(page: Page): Promise<void> {
  await page.context().close();
  assert.deepEqual(troubles.get(page), []);
}

interface AxeResult {
  violations: { id: string; help: string; nodes: { target: string[]; failureSummary: string }[] }[];
}

/** Asserts that axe finds no violation of WCAG 2.2 AA, nor of its best practices, on the page as it is. */
export async function isAccessible(page: Page, what: string): Promise<void> {
  // What is still coming into sight has colours of its own.
  await page.evaluate(`Promise.all(
    document.getAnimations()
      .filter(({ effect }) => effect.getComputedTiming().iterations !== Infinity)
      .map(({ finished }) => finished.catch(() => {})))`);
  await page.evaluate(AXE);
  const { violations } = await page.evaluate<AxeResult>('axe.run(document, { resultTypes: ["violations"] })');
  const told = violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${target.join(' ')} (${failureSummary})`),
  );
  assert.deepEqual(told, [], what);
}
