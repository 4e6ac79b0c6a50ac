/** The zip archive that a spreadsheet is (ECMA-376 part 2): its parts by name, unpacked as streams. */
import { crc32, createInflateRaw } from 'node:zlib';
import { type Entry, fromRandomAccessReaderPromise, RandomAccessReader, type ZipFile } from 'yauzl';
import { ContactFileError } from './contact-file.ts';
import type { FileSource } from './file-source.ts';
import { inflate, isPackingError, sizeText } from './inflate.ts';

export interface Archive {
  /** The names of what is in it, as `partName` writes them. */
  names: string[];
  has(name: string): boolean;
  /**
   * A part's content. Whoever stops reading closes it.
   * @throws ContactFileError when there is no such part, it is damaged or has a password, and when `spend` throws.
   */
  read(name: string): AsyncGenerator<Uint8Array, void, undefined>;
  /** Counts bytes that came out of the archive; throws ContactFileError when they are more than allowed. */
  spend(bytes: number): void;
  close(): void;
}

/** What is needed of an archive's directory: the rest of it, comments and such, may be large. */
type PartEntry = Pick<
  Entry,
  'relativeOffsetOfLocalHeader' | 'compressedSize' | 'compressionMethod' | 'crc32' | 'generalPurposeBitFlag'
>;

/** Workbooks of people have some hundred parts, pictures included. */
const MAX_PARTS = 10_000;
const MAX_NAME = 500;
/** The archive is read in pieces of this size, its directory too: not entry by entry. */
const WINDOW = 64 * 1024;
const STORED = 0;
const DEFLATED = 8;

/** Part names are compared without case, with slashes, from the root (ECMA-376 part 2, 6.2.2). */
export function partName(name: string): string {
  return name.replaceAll('\\', '/').replace(/^\/+/, '').toLowerCase();
}

/** What is said of a spreadsheet that is not whole. */
export function damaged(detail: string): ContactFileError {
  return new ContactFileError(
    `The spreadsheet is damaged or cut off: ${detail}. Open it, save it again as .xlsx or CSV, and upload that`,
  );
}

/**
 * Opens a zip archive by its directory, which stands at the end.
 * @param maxUnpacked most bytes that may be unpacked from it in all; they are counted as they come out, what the archive
 * says of itself is not believed.
 * @throws ContactFileError when it is damaged or cut off.
 */
export async function openArchive(source: FileSource, maxUnpacked: number): Promise<Archive> {
  const reader = new SourceReader(source);
  let unpacked = 0;

  /** Errors of the library are about the archive, errors of the source are none of the author's business. */
  function explain(error: unknown): unknown {
    if (reader.failure !== undefined) return reader.failure;
    return error instanceof ContactFileError ? error : damaged('it is no whole zip archive');
  }

  function spend(bytes: number): void {
    unpacked += bytes;
    if (unpacked > maxUnpacked) {
      throw new ContactFileError(
        `The spreadsheet unpacks to more than ${sizeText(maxUnpacked)} (IMPORT_MAX_UNPACKED). Split it into several files`,
      );
    }
  }

  // Names are taken as bytes: the library would refuse names that could do harm when files are written, and none are.
  const options = { autoClose: false, decodeStrings: false };
  let zip: ZipFile;
  const parts = new Map<string, PartEntry>();
  try {
    zip = await fromRandomAccessReaderPromise(reader, source.size, options);
  } catch (error) {
    throw explain(error);
  }
  try {
    let count = 0;
    for await (const entry of zip.eachEntry()) {
      if (++count > MAX_PARTS) {
        throw new ContactFileError(
          `The spreadsheet holds more than ${MAX_PARTS} files. Save its contacts alone as .xlsx or CSV`,
        );
      }
      if (entry.fileNameLength > MAX_NAME) continue;
      const { relativeOffsetOfLocalHeader, compressedSize, compressionMethod, crc32, generalPurposeBitFlag } = entry;
      const part = { relativeOffsetOfLocalHeader, compressedSize, compressionMethod, crc32, generalPurposeBitFlag };
      parts.set(partName(entry.fileNameRaw.toString()), part);
    }
  } catch (error) {
    zip.close();
    throw explain(error);
  }

  async function* read(name: string): AsyncGenerator<Uint8Array, void, undefined> {
    const part = parts.get(name);
    if (part === undefined) throw damaged(`${shown(name)} is missing in it`);
    if ((part.generalPurposeBitFlag & 1) !== 0) {
      throw new ContactFileError('The spreadsheet has a password. Save it without one, as .xlsx or CSV');
    }
    const { compressionMethod } = part;
    if (compressionMethod !== STORED && compressionMethod !== DEFLATED) {
      throw damaged(`${shown(name)} is packed in a way that spreadsheets are not`);
    }
    let start: number;
    try {
      ({ fileDataStart: start } = await zip.readLocalFileHeaderPromise(part as Entry, { minimal: true }));
    } catch (error) {
      throw explain(error);
    }
    const packed = rangeOf(source, start, start + part.compressedSize);
    let sum = 0;
    try {
      for await (const chunk of compressionMethod === STORED ? packed : inflate(packed, inflater())) {
        spend(chunk.length);
        sum = crc32(chunk, sum);
        yield chunk;
      }
    } catch (error) {
      throw isPackingError(error) ? damaged(`${shown(name)} cannot be unpacked`) : error;
    }
    if (sum !== part.crc32) throw damaged(`${shown(name)} is not what was saved`);
  }

  return { names: [...parts.keys()], has: (name) => parts.has(name), read, spend, close: () => zip.close() };
}

async function* rangeOf(source: FileSource, start: number, end: number): AsyncGenerator<Uint8Array, void, undefined> {
  for (let at = start; at < end; at += WINDOW) yield await source.read(at, Math.min(WINDOW, end - at));
}

const inflater = () => createInflateRaw({ chunkSize: 64 * 1024 });

/** A name from the archive as it may stand in a message. */
export function shown(name: string): string {
  return name.replace(/[\p{C}\p{Z}]+/gu, ' ').slice(0, 60);
}

/** A FileSource as yauzl reads it. */
class SourceReader extends RandomAccessReader {
  /** What the source raised. */
  failure: unknown;
  private readonly source: FileSource;
  private start = 0;
  private window: Uint8Array = new Uint8Array(0);

  constructor(source: FileSource) {
    super();
    this.source = source;
  }

  override read(
    buffer: Buffer,
    offset: number,
    length: number,
    position: number,
    callback: (error: Error | null) => void,
  ): void {
    this.fill(position, length).then(
      (bytes) => {
        if (bytes.length < length) return callback(new Error('The archive ends too early'));
        buffer.set(bytes, offset);
        callback(null);
      },
      (error) => {
        this.failure = error;
        callback(error);
      },
    );
  }

  private async fill(position: number, length: number): Promise<Uint8Array> {
    const isInside = position >= this.start && position + length <= this.start + this.window.length;
    if (!isInside) {
      if (position >= this.source.size) return new Uint8Array(0);
      this.window = await this.source.read(position, Math.max(length, WINDOW));
      this.start = position;
    }
    return this.window.subarray(position - this.start, position - this.start + length);
  }
}
