/** A local file, or standard input, on its way to the server. */
import { createReadStream, statSync } from 'node:fs';
import { basename } from 'node:path';
import { SetupError } from '../core/errors.ts';
import { type ApiClient, ConnectionError } from './api-client.ts';
import type { ApiImport } from './import-api.ts';
import type { Interrupts } from './interrupts.ts';
import { EXIT } from './output.ts';
import { makeProgress } from './progress.ts';
import { askSurely, isPassing, mayHaveHappened, type PassingError } from './retry.ts';

export interface Source {
  /** Its name, for the server; undefined on standard input. */
  name: string | undefined;
  /** Bytes; undefined when nobody knows. */
  size: number | undefined;
  /** Whether it can be read from its beginning more than once. */
  isRepeatable: boolean;
  open(): AsyncIterable<Uint8Array> & { destroy(): void };
}

/** A file that can be sent: a path, or `-` for standard input. Raises SetupError when it cannot be read. */
export function openSource(file: string): Source {
  if (file === '-') {
    return { name: undefined, size: undefined, isRepeatable: false, open: () => process.stdin };
  }
  try {
    const stats = statSync(file);
    if (stats.isDirectory()) throw new SetupError(`${file} is a directory: name a file`);
    const isRepeatable = stats.isFile();
    const open = () => createReadStream(file);
    return { name: basename(file), size: isRepeatable ? stats.size : undefined, isRepeatable, open };
  } catch (error) {
    throw unreadable(file, error);
  }
}

function unreadable(file: string, error: unknown): unknown {
  const { code, syscall } = error as NodeJS.ErrnoException;
  return syscall === undefined ? error : new SetupError(`${file} cannot be read (${code})`);
}

/** The file was sent, and nobody knows whether it arrived. */
export class LostAnswerError extends Error {
  override name = 'LostAnswerError';
}

/**
 * Sends a file as an import; undefined when Ctrl-C ended it before all was sent, and nothing is left on the server. When the
 * server goes away a file is sent anew, unless it may have arrived.
 * @param path of the imports, with the options as its query.
 * Raises LostAnswerError, SetupError when the file cannot be read, ApiError, ConnectionError.
 */
export async function uploadFile(
  client: ApiClient,
  source: Source,
  path: string,
  interrupts: Interrupts,
): Promise<ApiImport | undefined> {
  const aborting = new AbortController();
  let isBegun = false;
  let isSent = false;
  /** Whether there is an answer, or will be none: what becomes of the rest of the file does not matter. */
  let isOver = false;
  let readError: unknown;
  interrupts.act = () => {
    // A file that was sent to its end becomes an import: that is stopped by cancelling it.
    if (!isSent) aborting.abort();
    else if (interrupts.count > 1) process.exit(EXIT.interrupted);
  };
  if (interrupts.count > 0) return undefined;
  const progress = makeProgress();

  async function* bytes(stream: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    isBegun = true;
    let sent = 0;
    const began = Date.now();
    try {
      for await (const chunk of stream) {
        yield chunk;
        sent += chunk.length;
        const part = source.size === undefined ? undefined : Math.min(1, sent / Math.max(1, source.size));
        const rate = megabytes((sent * 1000) / Math.max(1, Date.now() - began));
        progress.update(part, `sending: ${megabytes(sent)}, ${rate}/s`);
      }
    } catch (error) {
      readError ??= isOver ? undefined : unreadable(source.name ?? 'standard input', error);
      throw error;
    }
    if (!aborting.signal.aborted) isSent = true;
  }

  const send = async () => {
    isSent = false;
    isOver = false;
    const stream = source.open();
    try {
      const { data } = await client.upload<{ data: ApiImport }>(path, bytes(stream), aborting.signal);
      return data;
    } finally {
      isOver = true;
      // An input that nobody ends would keep the process waiting.
      if (isBegun) stream.destroy();
    }
  };
  const mayRepeat = (error: PassingError) =>
    !aborting.signal.aborted &&
    readError === undefined &&
    (source.isRepeatable || !isBegun) &&
    !(isSent && mayHaveHappened(error));
  try {
    const onWait = () => progress.update(undefined, 'the server does not answer: waiting …');
    return await askSurely(send, { mayRepeat, onWait, signal: aborting.signal });
  } catch (error) {
    if (aborting.signal.aborted) return undefined;
    if (readError !== undefined) throw readError;
    if (!isPassing(error)) throw error;
    if (isSent && mayHaveHappened(error)) throw new LostAnswerError(error.message);
    if (!source.isRepeatable && isBegun) {
      throw new ConnectionError(`${error.message}; nothing was imported: give the input once more`, true);
    }
    throw error;
  } finally {
    interrupts.act = undefined;
    progress.clear();
  }
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
