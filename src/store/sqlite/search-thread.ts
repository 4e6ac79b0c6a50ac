import { parentPort, workerData } from 'node:worker_threads';
import { MusterError } from '../../core/errors.ts';
import { openForReading } from './database.ts';
import { makeReader, type Reader } from './reader.ts';
import { answerCalls, type ThreadCall, type ThreadOutcome } from './thread.ts';

/** A thread that searches and counts: many matches take milliseconds, which the event loop must not wait for. */
const db = openForReading(workerData as string);
const reader = makeReader(db);

answerCalls(
  parentPort!,
  1,
  (calls) => calls.map(search),
  () => db.close(),
);

function search({ operation, args }: ThreadCall): ThreadOutcome {
  try {
    const read = reader[operation as keyof Reader] as (...args: unknown[]) => unknown;
    return { value: read(...args) };
  } catch (error) {
    if (error instanceof MusterError) return { problems: error.problems };
    return { crash: String((error as Error).stack) };
  }
}
