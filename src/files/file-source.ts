/** A stored file, to be read from the beginning or anywhere: an archive is read from its end. */
export interface FileSource {
  /** Bytes in all. */
  size: number;
  /** The bytes from `offset`, as many as asked for; fewer only at the end of the file. */
  read(offset: number, length: number): Promise<Uint8Array>;
}

const CHUNK = 256 * 1024;

/** The file's bytes from the beginning, in chunks. Every call reads it again. */
export async function* bytesOf(source: FileSource): AsyncGenerator<Uint8Array, void, undefined> {
  for (let at = 0; at < source.size; at += CHUNK) yield await source.read(at, CHUNK);
}
