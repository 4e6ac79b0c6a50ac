/** The console as it is built from what lies here now. */
import { execFileSync } from 'node:child_process';
import { globSync, mkdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const VITE = fileURLToPath(new URL('../../node_modules/vite/bin/vite.js', import.meta.url));
export const DIST = join(ROOT, 'console/dist');
/** Test files run side by side, and one of them builds. */
const LOCK = join(tmpdir(), `muster-console-build-${Buffer.from(ROOT).toString('hex').slice(-24)}`);
/** Milliseconds after which whoever held the lock is taken for dead. */
const STALE = 120_000;

/** Builds the console unless that was done since its sources last changed. */
export async function buildConsole(): Promise<void> {
  for (;;) {
    try {
      mkdirSync(LOCK);
      break;
    } catch {
      if (Date.now() - changed(LOCK) > STALE) rmSync(LOCK, { recursive: true, force: true });
      await setTimeout(100);
    }
  }
  try {
    const sources = globSync(['console/*.*', 'console/{src,public}/**/*.*', 'sdk/src/*', 'package-lock.json'], {
      cwd: ROOT,
    });
    const newest = Math.max(...sources.map((file) => changed(join(ROOT, file))));
    if (changed(join(DIST, 'index.html')) < newest) {
      execFileSync(process.execPath, [VITE, 'build', 'console', '--logLevel', 'warn'], { cwd: ROOT, stdio: 'inherit' });
    }
  } finally {
    rmSync(LOCK, { recursive: true, force: true });
  }
}

/** When a file was last changed, in milliseconds; 0 when there is none. */
function changed(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
