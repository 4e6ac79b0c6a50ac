/** Unpacking as a stream, for gzip files and for the parts of a spreadsheet. */
import { pipeline } from 'node:stream/promises';
import type { Gunzip, InflateRaw } from 'node:zlib';

/**
 * What `stream` makes of `source`, chunk by chunk. Whoever stops reading closes both. An error of zlib is passed on as it
 * is (`isPackingError` recognises it), one of the source too.
 */
export async function* inflate(
  source: AsyncIterable<Uint8Array>,
  stream: Gunzip | InflateRaw,
): AsyncGenerator<Uint8Array, void, undefined> {
  // Its errors come out of `stream` as well, where they are waited for.
  const flowing = pipeline(source, stream).catch(() => {});
  try {
    for await (const chunk of stream) yield chunk;
  } finally {
    stream.destroy();
    await flowing;
  }
}

/** Whether an error says that packed data is damaged or ends too early. */
export function isPackingError(error: unknown): error is Error & { code: string } {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' && code.startsWith('Z_');
}

/** Whether that error says that the data ends too early. */
export function isCutOff(error: { code: string }): boolean {
  return error.code === 'Z_BUF_ERROR';
}

/** A number of bytes as a person says it. */
export function sizeText(bytes: number): string {
  const megabytes = bytes / (1024 * 1024);
  return megabytes < 1 ? `${bytes} bytes` : `${Math.floor(megabytes)} MB`;
}
