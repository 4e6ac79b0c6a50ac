import { parentPort, workerData } from 'node:worker_threads';
import { MusterError } from '../../core/errors.ts';
import type { ContactQuery } from '../../core/store.ts';
import { openForReading } from './database.ts';
import { makeReader } from './reader.ts';
import { answerCalls, type ThreadCall, type ThreadOutcome } from './thread.ts';

/** A thread that searches: a count of many matches takes milliseconds, which the event loop must not wait for. */
const db = openForReading(workerData as string);
const reader = makeReader(db);

answerCalls(
  parentPort!,
  1,
  (calls) => calls.map(search),
  () => db.close(),
);

function search({ args }: ThreadCall): ThreadOutcome {
  try {
    return { value: reader.pageContacts(...(args as [string, string, ContactQuery])) };
  } catch (error) {
    if (error instanceof MusterError) return { problems: error.problems };
    return { crash: String((error as Error).stack) };
  }
}
