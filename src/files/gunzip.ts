import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { ContactFileError } from './contact-file.ts';

/**
 * Unpacks gzip (RFC 1952) as a stream: memory does not grow with what comes out.
 * @throws {ContactFileError} more than `maxBytes` come out, or the file is damaged or cut off.
 */
export async function* gunzip(
  source: AsyncIterable<Uint8Array>,
  maxBytes: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  // The pipeline's end is met by whoever reads; without a callback it would be an uncaught error.
  const unpacked = pipeline(Readable.from(source), createGunzip(), () => {});
  let bytes = 0;
  try {
    for await (const chunk of unpacked as AsyncIterable<Uint8Array>) {
      bytes += chunk.length;
      if (bytes > maxBytes) {
        throw new ContactFileError(
          `The file unpacks to more than ${maxBytes} bytes (IMPORT_MAX_UNPACKED): cut it into parts`,
        );
      }
      yield chunk;
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (!code?.startsWith('Z_')) throw error;
    throw new ContactFileError('The compressed file is damaged or cut off: upload it again');
  } finally {
    unpacked.destroy();
  }
}
