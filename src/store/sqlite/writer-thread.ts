import { parentPort, workerData } from 'node:worker_threads';
import { openForWriting } from './database.ts';
import { answerCalls, type ThreadCall, type ThreadOutcome } from './thread.ts';
import { type Call, makeWriter } from './writer.ts';

export interface WriterData {
  file: string;
  isServer: boolean;
  /** See contact-writer.ts. */
  maxWaiting: number | undefined;
}

/** The one thread that writes. Between messages a server's removes what deleted audiences left, and indexes what waits. */
const { file, isServer, maxWaiting } = workerData as WriterData;
const db = openForWriting(file);
const writer = makeWriter(db, maxWaiting);
if (isServer) writer.takeOver();
/** A transaction takes no more calls when it has so many rows: milliseconds for the writes that wait behind it. */
const TRANSACTION_ROWS = 1000;

function apply(calls: ThreadCall[]): ThreadOutcome[] {
  const outcomes = writer.apply(calls as Call[]);
  purgeLater();
  indexLater();
  return outcomes;
}

function close(): void {
  // A last checkpoint, so that a stopped store is one file; a reader in its way costs nothing but the file's size. It is not
  // waited for: the checkpoint holds the write lock meanwhile, and the server beside this process could not write.
  db.exec('PRAGMA busy_timeout = 0; PRAGMA wal_checkpoint(TRUNCATE)');
  db.close();
}

const PURGE_RETRY = 1000;
let purging = false;

function purgeLater(): void {
  if (purging || !isServer) return;
  purging = true;
  setImmediate(purgeSome);
}

function purgeSome(): void {
  purging = false;
  if (!db.isOpen) return;
  try {
    if (writer.purge()) purgeLater();
  } catch {
    // The database is busy or full: what is deleted is out of every answer already, and removing it can wait.
    setTimeout(purgeLater, PURGE_RETRY).unref();
  }
}

/** How long nothing is written before the contacts that wait are indexed, in milliseconds. */
const INDEX_AFTER = 1000;
const quiet = setTimeout(indexWaiting, INDEX_AFTER).unref();

function indexLater(): void {
  if (isServer) quiet.refresh();
}

function indexWaiting(): void {
  if (!isServer || !db.isOpen) return;
  try {
    writer.indexWaiting();
  } catch {
    // As above; searches find them where they wait.
    indexLater();
  }
}

answerCalls(parentPort!, TRANSACTION_ROWS, apply, close);
purgeLater();
