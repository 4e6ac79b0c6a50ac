/** An import while the server works on it: its progress, and Ctrl-C. */
import type { Import, Muster } from '../../sdk/src/index.ts';
import { isOpen } from '../core/import-job.ts';
import { WAITING } from './connection.ts';
import { cancelIfOpen, importsOf } from './import-api.ts';
import { nounOf } from './import-summary.ts';
import { askYesOrNo, type Interrupts, isTerminal } from './interrupts.ts';
import { EXIT } from './output.ts';
import { count, makeProgress, type Progress } from './progress.ts';

/** Waits between looks, in milliseconds: short at first, since most imports are over soon. */
const FIRST_WAIT = 30;
const LONGEST_WAIT = 400;

/**
 * Follows an import to its end and shows how far it is; a server that goes away is waited for. Ctrl-C asks on a terminal whether
 * to cancel the import, and elsewhere cancels it; once more it leaves the import to itself and ends the process. An undo
 * cannot be cancelled: it is left to itself at once.
 */
export async function followImport(muster: Muster, begun: Import, interrupts: Interrupts): Promise<Import> {
  let found = begun;
  let isUnwanted = false;
  let question: { close(): void } | undefined;
  const view = makeView();
  interrupts.act = () => {
    view.clear();
    if (isUnwanted || question !== undefined || found.phase === 'undo') leave(found);
    if (!isTerminal()) {
      isUnwanted = true;
      return;
    }
    question = askYesOrNo(`\nCancel the ${nounOf(found)}? What is done so far stays.`, (isYes) => {
      question = undefined;
      isUnwanted = isYes;
    });
  };
  // Ctrl-C may have come while the last of the file was on its way.
  if (interrupts.count > 0) interrupts.act();
  const onRetry = () => {
    if (question === undefined) view.showWait();
  };
  try {
    for (let wait = FIRST_WAIT, isCancelled = false; isOpen(found.status); wait = Math.min(LONGEST_WAIT, wait * 1.5)) {
      if (question === undefined) view.show(found);
      await new Promise((resolve) => setTimeout(resolve, wait));
      if (isUnwanted && !isCancelled) {
        isCancelled = true;
        found = await cancelIfOpen(muster, found);
      } else {
        found = await importsOf(muster, found).get(found.id, { onRetry });
      }
    }
  } finally {
    interrupts.act = undefined;
    question?.close();
    // The question stands on the terminal without an answer.
    if (question !== undefined) console.error();
    view.clear();
  }
  return found;
}

function leave(found: Import): never {
  const { id, phase } = found;
  const what = `The ${phase === 'undo' ? 'undo' : nounOf(found)}`;
  const cancel = phase === 'undo' ? '' : `, muster imports cancel ${id} stops it`;
  console.error(`\n${what} goes on by itself: muster imports show ${id} says how far it is${cancel}`);
  process.exit(EXIT.interrupted);
}

function makeView() {
  let progress: Progress = makeProgress();
  let phase: string | undefined;
  let firstRows = 0;
  let began = 0;
  /** What a replacing run is about to remove, as its rehearsal found. */
  let toRemove = 0;

  function show(found: Import): void {
    if (found.phase === 'rehearse') toRemove = found.removed;
    if (found.status !== 'queued' && phase !== found.phase) {
      // Each phase has a rate and an end of its own.
      phase = found.phase;
      progress.clear();
      progress = makeProgress();
      firstRows = found.rows_done;
      began = Date.now();
    }
    const { part, text } = describe(found);
    progress.update(part, text);
  }

  function describe(found: Import): { part: number | undefined; text: string } {
    if (found.status === 'queued') return { part: undefined, text: 'waiting for its turn …' };
    if (phase === 'undo') {
      const { deleted, restored, left_alone } = found.undo!;
      const undone = deleted + restored + left_alone;
      const all = found.created + found.updated + found.removed;
      return { part: partOf(undone, all), text: `undoing: ${count(undone)} of ${count(all)} changes` };
    }
    if (phase === 'remove') {
      return { part: partOf(found.removed, toRemove), text: `removing: ${count(found.removed)} contacts` };
    }
    const rate = count(Math.round(((found.rows_done - firstRows) * 1000) / Math.max(1, Date.now() - began)));
    const what = phase === 'rehearse' ? 'trying: ' : '';
    return {
      part: partOf(found.bytes_done, found.file.bytes),
      text: `${what}${count(found.rows_done)} ${found.kind === 'edit' ? 'contacts' : 'rows'}, ${rate}/s`,
    };
  }

  return {
    show,
    showWait: () => progress.update(undefined, WAITING),
    clear: () => progress.clear(),
  };
}

function partOf(done: number, all: number): number | undefined {
  return all > 0 ? Math.min(1, done / all) : undefined;
}
