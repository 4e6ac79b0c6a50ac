/** An import's progress as server-sent events (WHATWG HTML, section 9.2). */
import { setTimeout as pause } from 'node:timers/promises';
import { MusterError } from '../core/errors.ts';
import { type Import, isOpen } from '../core/import-job.ts';

/** How often the import is looked at, in milliseconds. */
const LOOK = 500;
/** How long the connection may be silent: proxies close what is silent for longer, in milliseconds. */
const SILENCE = 15_000;

/**
 * An event `progress` whenever the import has changed, the first at once, and `done` when it has ended; each carries the
 * import. Ends then, when the import is gone with its audience, and when the server stops.
 */
export async function* followImport(
  read: () => Promise<Import>,
  show: (found: Import) => unknown,
  isClosing: () => boolean,
): AsyncGenerator<string> {
  let last = '';
  let spoken = 0;
  while (!isClosing()) {
    const found = await read().catch(unlessGone);
    if (found === undefined) return;
    const data = JSON.stringify(show(found));
    if (!isOpen(found.status)) {
      yield `event: done\ndata: ${data}\n\n`;
      return;
    }
    if (data !== last) {
      yield `event: progress\ndata: ${data}\n\n`;
      last = data;
      spoken = Date.now();
    } else if (Date.now() - spoken >= SILENCE) {
      yield ': still at it\n\n';
      spoken = Date.now();
    }
    await pause(LOOK);
  }
}

function unlessGone(error: unknown): undefined {
  if (error instanceof MusterError && error.problems.every(({ code }) => code === 1301 || code === 9020)) return;
  throw error;
}
