/** A file on its way to the server, to become an import. */
import { type ImportSettings, type Imports, MusterError, type SingleImport } from '../../sdk/src/index.ts';
import { LostAnswerError, WAITING } from './connection.ts';
import type { Interrupts } from './interrupts.ts';
import { EXIT } from './output.ts';
import { makeProgress } from './progress.ts';
import { type Source, unreadable } from './source.ts';

/** The input broke off on its way, and cannot be sent again. */
export class LostInputError extends Error {
  override name = 'LostInputError';
}

/**
 * Sends a file as an import; undefined when Ctrl-C ended it before all was sent, and nothing is left on the server. When the
 * server goes away a file is sent anew, unless it may have arrived.
 * Raises LostAnswerError, LostInputError, SetupError when the file cannot be read, and what the SDK raises.
 */
export async function uploadFile(
  imports: Imports,
  source: Source,
  settings: ImportSettings,
  interrupts: Interrupts,
): Promise<SingleImport | undefined> {
  const aborting = new AbortController();
  let stream: ReturnType<Source['open']> | undefined;
  let isSent = false;
  interrupts.act = () => {
    // A file that was sent to its end becomes an import: that is stopped by cancelling it.
    if (!isSent) aborting.abort();
    else if (interrupts.count > 1) process.exit(EXIT.interrupted);
  };
  if (interrupts.count > 0) return undefined;
  const progress = makeProgress();

  async function* bytes(): AsyncGenerator<Uint8Array> {
    isSent = false;
    stream?.destroy();
    stream = source.open();
    let sent = 0;
    const began = Date.now();
    for await (const chunk of stream) {
      yield chunk;
      sent += chunk.length;
      const part = source.size === undefined ? undefined : Math.min(1, sent / Math.max(1, source.size));
      const rate = megabytes((sent * 1000) / Math.max(1, Date.now() - began));
      progress.update(part, `sending: ${megabytes(sent)}, ${rate}/s`);
    }
    if (!aborting.signal.aborted) isSent = true;
  }

  try {
    return await imports.create(source.isRepeatable ? bytes : bytes(), settings, {
      signal: aborting.signal,
      onRetry: () => progress.update(undefined, WAITING),
    });
  } catch (error) {
    if (aborting.signal.aborted) return undefined;
    if (!(error instanceof MusterError)) throw unreadable(source.name ?? '-', error);
    if (isSent && error.isOutcomeUnknown) throw new LostAnswerError(error.message);
    const isAway = error.isOutcomeUnknown || error.status === 503 || error.status === 429;
    if (!source.isRepeatable && stream !== undefined && isAway) {
      throw new LostInputError(`${error.message}; nothing was imported: give the input once more`);
    }
    throw error;
  } finally {
    interrupts.act = undefined;
    progress.clear();
    // An input that nobody ends would keep the process waiting.
    stream?.destroy();
  }
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
