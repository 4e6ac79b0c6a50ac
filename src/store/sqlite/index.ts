import { accessSync, constants, mkdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { unfinished } from '../../core/copy.ts';
import { failure, MusterError, SetupError } from '../../core/errors.ts';
import type { Idempotency } from '../../core/idempotency.ts';
import type { ContactQuery, RowFate, Store, Terms } from '../../core/store.ts';
import { backUp } from './backup.ts';
import { checkDatabase } from './check.ts';
import { type DatabaseSync, openForReading, openForWriting } from './database.ts';
import { makeExporter } from './export.ts';
import type { OnceOutcome } from './idempotency.ts';
import { lockDirectory } from './lock.ts';
import { migrate } from './migrations.ts';
import { pack } from './packed-contacts.ts';
import { makeReader, type Reader } from './reader.ts';
import { startThread, type Thread } from './thread.ts';
import type { Call, WriteOperations } from './writer.ts';
import type { WriterData } from './writer-thread.ts';

/** Rows that go into one message to the writer. */
const MESSAGE_ROWS = 1000;
/** Rows that may wait to be written; a call beyond them is told to come again, before they fill the memory. */
const MAX_WAITING = 20_000;
/** What a piece of a file, and a step of undoing or removing, weigh among rows. */
const CHUNK_ROWS = 100;
const STEP_ROWS = 500;
const READY_TIMEOUT = 2000;

export interface SqliteOptions {
  /** Holds everything: the store's file and its companions. Made when absent. */
  directory: string;
  /**
   * A server takes the directory for itself, and so does a copy at both its ends; administration works beside a running server.
   * What a copy has not finished opens for its target only.
   */
  role: 'server' | 'administration' | 'source' | 'target';
  /** Threads that search side by side. */
  searchThreads?: number;
  /** Fewer new contacts wait for their indexes than this, see contact-writer.ts: for tests. */
  maxWaiting?: number;
  /** Called when a thread of the store dies by itself: no write can be acknowledged any more. */
  onDeath?: (error: Error) => void;
}

/** Opens the embedded store. Raises SetupError: directory not usable, in use, or made by a newer version. */
export function openSqliteStore(options: SqliteOptions): Store {
  const { directory, role, searchThreads = 1, maxWaiting, onDeath = () => {} } = options;
  prepareDirectory(directory);
  const lock = role === 'administration' ? undefined : lockDirectory(directory);
  const file = join(directory, 'muster.db');
  try {
    migrateFile(file, role === 'target');
  } catch (error) {
    lock?.release();
    throw error;
  }

  // It is asked for the version, and for keys, after every commit.
  const db = openForReading(file, false);
  const reader = makeReader(db);
  const writing: WriterData = { file, isServer: role === 'server', maxWaiting };
  const writer = startThread('writer-thread', writing, MESSAGE_ROWS, onDeath);
  const startSearcher = () => startThread('search-thread', file, 1, onDeath);
  // A server's first search must not wait for its thread to start; the others start when they are first needed.
  const searchers: Thread[] = role === 'server' ? [startSearcher()] : [];
  const exporter = makeExporter(file, onDeath);

  function write<Name extends keyof WriteOperations>(
    operation: Name,
    args: Parameters<WriteOperations[Name]>,
    weight = 1,
    terms?: Terms,
  ): Promise<ReturnType<WriteOperations[Name]>> {
    if (writer.load() >= MAX_WAITING) return Promise.reject(failure(9503));
    const { idempotency } = terms ?? {};
    const done = idempotency ? once(idempotency, { operation, args }, weight) : writer.call(operation, args, weight);
    return done as Promise<ReturnType<WriteOperations[Name]>>;
  }

  async function once({ onRepeat, ...request }: Idempotency, call: Call, weight: number): Promise<unknown> {
    const { outcome, note } = (await writer.call('once', [request, call], weight)) as OnceOutcome;
    if (note !== undefined) onRepeat(note);
    if ('problems' in outcome) throw new MusterError(outcome.problems);
    return outcome.value;
  }

  /** The searching thread with the least to do. */
  function searcher(): Thread {
    const idle = searchers.find((thread) => thread.pending() === 0);
    if (idle !== undefined) return idle;
    if (searchers.length < searchThreads) {
      searchers.push(startSearcher());
      return searchers.at(-1)!;
    }
    return searchers.reduce((best, thread) => (thread.pending() < best.pending() ? thread : best));
  }

  function search<Name extends keyof Reader>(
    operation: Name,
    args: Parameters<Reader[Name]>,
  ): Promise<ReturnType<Reader[Name]>> {
    return searcher().call(operation, args) as Promise<ReturnType<Reader[Name]>>;
  }

  return {
    accounts: {
      create: (name) => write('createAccount', [name]),
      get: async (accountId) => reader.getAccount(accountId),
      list: async () => reader.listAccounts(),
    },
    keys: {
      create: (key) => write('createKey', [key]),
      createFirst: (accountName, key) => write('createFirstKey', [accountName, key]),
      find: async (hash) => reader.findKey(hash),
      list: async (accountId) => reader.listKeys(accountId),
      touch: (keyId) => write('touchKey', [keyId]),
      revoke: (keyId, accountId) => write('revokeKey', [keyId, accountId]),
      rotate: (keyId, key, oldExpires) => write('rotateKey', [keyId, key, oldExpires]),
    },
    sessions: {
      create: (session) => write('createSession', [session]),
      find: async (hash) => reader.findSession(hash),
      touch: (sessionId, expireDate) => write('touchSession', [sessionId, expireDate]),
      end: (hash) => write('endSession', [hash]),
      createLink: (link) => write('createSignInLink', [link]),
      redeemLink: (hash, session) => write('redeemSignInLink', [hash, session]),
    },
    audiences: {
      create: (accountId, audience, terms) =>
        write('createAudience', [accountId, audience], 1 + audience.contacts.length, terms),
      get: async (accountId, audienceId) => reader.getAudience(accountId, audienceId),
      page: async (accountId, slice, channel) => reader.pageAudiences(accountId, slice, channel),
      rename: (accountId, audienceId, name, terms) =>
        write('renameAudience', [accountId, audienceId, name, terms?.precondition], 1, terms),
      delete: (accountId, audienceId, terms) =>
        write('deleteAudience', [accountId, audienceId, terms?.precondition], 1, terms),
    },
    contacts: {
      create: (accountId, audienceId, contact, terms) =>
        write('createContact', [accountId, audienceId, pack(contact)], 1, terms),
      get: async (accountId, audienceId, contactId) => reader.getContact(accountId, audienceId, contactId),
      async page(accountId, audienceId, query: ContactQuery) {
        const isFiltered = query.needles.length > 0 || (query.tags ?? []).length > 0;
        return isFiltered
          ? search('pageContacts', [accountId, audienceId, query])
          : reader.pageContacts(accountId, audienceId, query);
      },
      export: exporter.export,
      tags: (accountId, audienceId) => search('listTags', [accountId, audienceId]),
      update: (accountId, audienceId, contactId, change, terms) =>
        write('updateContact', [accountId, audienceId, contactId, change, terms?.precondition], 1, terms),
      delete: (accountId, audienceId, contactId, terms) =>
        write('deleteContact', [accountId, audienceId, contactId, terms?.precondition], 1, terms),
      upsert: (accountId, audienceId, rows, onConflict, terms): Promise<RowFate[]> =>
        write('upsertContacts', [accountId, audienceId, rows.map(pack), onConflict], 1 + rows.length, terms),
    },
    imports: {
      begin: (accountId, audienceId, options, fileName) =>
        write('beginImport', [accountId, audienceId, options, fileName]),
      append: (importId, sequence, bytes) => write('appendToImport', [importId, sequence, bytes], CHUNK_ROWS),
      queue: (importId, bytes, sha256, terms) => write('queueImport', [importId, bytes, sha256], 1, terms),
      abandon: (importId) => write('abandonImport', [importId]),
      get: async (accountId, audienceId, importId) => reader.getImport(accountId, audienceId, importId),
      page: async (accountId, slice, audienceId) => reader.pageImports(accountId, slice, audienceId),
      verdicts: async (accountId, audienceId, importId, after, status) =>
        reader.readVerdicts(accountId, audienceId, importId, after, status),
      run: (accountId, audienceId, importId, terms) => write('runImport', [accountId, audienceId, importId], 1, terms),
      undo: (accountId, audienceId, importId, terms) =>
        write('undoImport', [accountId, audienceId, importId], 1, terms),
      cancel: (accountId, audienceId, importId, terms) =>
        write('cancelImport', [accountId, audienceId, importId], 1, terms),
      claim: (owner, lease) => write('claimImport', [owner, lease]),
      renew: (importId, owner, lease) => write('renewImport', [importId, owner, lease]),
      release: (importId, owner) => write('releaseImport', [importId, owner]),
      read: async (importId, offset, length) => reader.readFile(importId, offset, length),
      describe: (importId, owner, layout) => write('describeImport', [importId, owner, layout]),
      apply: (importId, owner, batch) => write('applyImport', [importId, owner, batch], 1 + batch.rows.length),
      // Its one writer is busy with the first; what else is written would wait for both.
      batchesAtOnce: 1,
      enter: (importId, owner, phase) => write('enterImportPhase', [importId, owner, phase]),
      removeSome: (importId, owner) => write('removeSomeByImport', [importId, owner], STEP_ROWS),
      undoSome: (importId, owner) => write('undoSomeOfImport', [importId, owner], STEP_ROWS),
      finish: (importId, owner, status, error) => write('finishImport', [importId, owner, status, error]),
      expire: (retention) => write('expireImports', [retention]),
    },
    figures: {
      created: (accountId, audienceId, from) => search('countCreated', [accountId, audienceId, from]),
      prefixes: (accountId, audienceId) => search('countPrefixes', [accountId, audienceId]),
    },
    about: async () => ({ kind: 'sqlite', bytes: sizeOf(file) }),
    version() {
      try {
        return reader.version();
      } catch {
        // Whoever asks for more is told why.
        return undefined;
      }
    },
    async ready() {
      reader.listAccounts();
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<never>((_, reject) => {
        timer = setTimeout(() => reject(failure(9503)), READY_TIMEOUT);
      });
      await Promise.race([write('ping', []), late]).finally(() => clearTimeout(timer));
    },
    backup: async (target) => backUp(file, target),
    check: async (progress) => checkDatabase(file, progress),
    async close() {
      await Promise.all([writer, exporter, ...searchers].map((thread) => thread.close()));
      db.close();
      lock?.release();
    },
  };
}

/** The store's file and the log of writes beside it. */
function sizeOf(file: string): number {
  return [file, `${file}-wal`].reduce((sum, each) => sum + (statSync(each, { throwIfNoEntry: false })?.size ?? 0), 0);
}

/** Makes the directory when it is absent. Raises SetupError when it cannot be used. */
export function prepareDirectory(directory: string): void {
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    accessSync(directory, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new SetupError(
      `the data directory ${directory} cannot be written (${code}): set MUSTER_DATA to one that can`,
    );
  }
}

/**
 * Brings the file to the newest schema. Raises SetupError, also with what SQLite has against it (no database, damaged, no space).
 * @param mayBeUnfinished whether it may be the target of a copy that is under way.
 */
export function migrateFile(file: string, mayBeUnfinished: boolean): void {
  let db: DatabaseSync | undefined;
  try {
    db = openForWriting(file);
    migrate(db);
    const copy = db.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'copy_state'").get();
    if (copy !== undefined && !mayBeUnfinished) throw new SetupError(unfinished(dirname(file)));
  } catch (error) {
    if ((error as { errcode?: number }).errcode === undefined) throw error;
    throw new SetupError(`${file} cannot be opened: ${(error as Error).message}`);
  } finally {
    db?.close();
  }
}
