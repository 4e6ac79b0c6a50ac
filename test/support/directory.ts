import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import type { Store } from '../../src/core/store.ts';
import { openSqliteStore, type SqliteOptions } from '../../src/store/sqlite/index.ts';

/** An empty directory of its own, removed when the file's (or the suite's) tests have ended. */
export function makeDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'muster-test-'));
  after(() => rmSync(directory, { recursive: true, force: true, maxRetries: 5 }));
  return directory;
}

/** Opens an embedded store. One that a failing test leaves open is closed behind it, or its threads would keep the run alive. */
export function openStore(directory: string, role: SqliteOptions['role'] = 'server'): Store {
  const store = openSqliteStore({ directory, role });
  after(() => store.close().catch(() => {}));
  return store;
}
