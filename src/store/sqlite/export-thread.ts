import { parentPort, workerData } from 'node:worker_threads';
import { MusterError } from '../../core/errors.ts';
import type { ContactFilter } from '../../core/store.ts';
import { type Cursor, openCursor } from './export.ts';
import { answerCalls, type ThreadCall, type ThreadOutcome } from './thread.ts';

/** A thread that reads exports: a search among a million contacts holds up nobody but other exports. */
const cursors = new Map<number, Cursor>();

const OPERATIONS: Record<string, (...args: never[]) => unknown> = {
  open(id: number, accountId: string, audienceId: string, filter: ContactFilter) {
    cursors.set(id, openCursor(workerData as string, accountId, audienceId, filter));
  },
  next: (id: number) => cursors.get(id)?.next() ?? [],
  close(id: number) {
    cursors.get(id)?.close();
    cursors.delete(id);
  },
};

answerCalls(
  parentPort!,
  1,
  (calls) => calls.map(answer),
  () => {
    for (const cursor of cursors.values()) cursor.close();
  },
);

function answer({ operation, args }: ThreadCall): ThreadOutcome {
  try {
    return { value: OPERATIONS[operation]!(...(args as never[])) };
  } catch (error) {
    if (error instanceof MusterError) return { problems: error.problems };
    return { crash: String((error as Error).stack) };
  }
}
