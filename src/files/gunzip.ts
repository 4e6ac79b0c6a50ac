/** Files compressed with gzip (RFC 1952). */
import { createGunzip } from 'node:zlib';
import { ContactFileError } from './contact-file.ts';
import { inflate, isCutOff, isPackingError, sizeText } from './inflate.ts';

/**
 * Unpacks gzip as a stream; several members one behind the other, as `cat a.gz b.gz` makes them, are one file. Memory does
 * not grow with the file, and the size that a gzip file claims to have is not looked at. Whoever stops reading closes it.
 * @param maxBytes most bytes the file may have when it is unpacked.
 * @throws ContactFileError when it has more, and when it is damaged or cut off; what was read until then has been given out.
 */
export async function* gunzip(
  source: AsyncIterable<Uint8Array>,
  maxBytes: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  let unpacked = 0;
  try {
    for await (const chunk of inflate(source, createGunzip({ chunkSize: 64 * 1024 }))) {
      unpacked += chunk.length;
      if (unpacked > maxBytes) {
        throw new ContactFileError(
          `The file unpacks to more than ${sizeText(maxBytes)} (IMPORT_MAX_UNPACKED). Split it into several files`,
        );
      }
      yield chunk;
    }
  } catch (error) {
    if (!isPackingError(error)) throw error;
    const detail = isCutOff(error) ? 'its end is missing' : 'it cannot be unpacked';
    throw new ContactFileError(`The compressed file is damaged or cut off: ${detail}. Compress it again and upload it`);
  }
}
