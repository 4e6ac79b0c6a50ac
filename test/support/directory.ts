import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';

/** An empty directory of its own, removed when the file's (or the suite's) tests have ended. */
export function makeDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'muster-test-'));
  after(() => rmSync(directory, { recursive: true, force: true, maxRetries: 5 }));
  return directory;
}
