import { isUtf8 } from 'node:buffer';
import { ContactFileError } from './contact-file.ts';

/** Text cut anywhere, and the encoding it was written in. */
export interface DecodedText {
  encoding: string;
  chunks: AsyncIterable<string>;
}

/** What a decoder writes for bytes that are no character. */
export const REPLACEMENT = '\uFFFD';

/** Chunks are decoded in pieces of this size: a source that hands a whole file over at once must not become rows at once. */
const PIECE = 64 * 1024;

/**
 * The text of a file's bytes, without its byte order mark. UTF-8 unless a byte order mark says UTF-16, or `said` another. Bytes that are no
 * character become U+FFFD; the caller looks for it.
 * @throws {ContactFileError} the bytes are those of a spreadsheet or of a compressed file.
 */
export async function decodeText(source: AsyncIterable<Uint8Array>, said?: string): Promise<DecodedText> {
  const pieces = inPieces(source);
  let head: Uint8Array = new Uint8Array(0);
  while (head.length < 4) {
    const next = await pieces.next();
    if (next.done) break;
    head = head.length === 0 ? next.value : Buffer.concat([head, next.value]);
  }
  refuseOtherFiles(head);
  const encoding = said ?? encodingOf(head);
  return { encoding, chunks: decode(head, pieces, encoding) };
}

/**
 * The encoding of a file that can be read before it is decoded: as a byte order mark says; UTF-8 when all of it is; else
 * Windows-1252, which programs write that know no better.
 */
export async function detectEncoding(source: AsyncIterable<Uint8Array>): Promise<string> {
  let rest: Uint8Array = new Uint8Array(0);
  let isBegun = false;
  for await (const chunk of source) {
    if (!isBegun && chunk.length >= 2) {
      const marked = encodingOf(chunk);
      if (marked !== 'utf-8') return marked;
    }
    isBegun = true;
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    const whole = bytes.length - brokenTail(bytes);
    if (!isUtf8(bytes.subarray(0, whole))) return 'windows-1252';
    rest = bytes.subarray(whole);
  }
  return rest.length === 0 ? 'utf-8' : 'windows-1252';
}

/** How many bytes at the end begin a character that is not whole yet. */
function brokenTail(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back]!;
    if (byte < 0x80) return 0;
    if (byte >= 0xc0) return back < (byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2) ? back : 0;
  }
  return 0;
}

/** What a byte order mark says. */
function encodingOf(head: Uint8Array): string {
  if (head[0] === 0xff && head[1] === 0xfe) return 'utf-16le';
  if (head[0] === 0xfe && head[1] === 0xff) return 'utf-16be';
  return 'utf-8';
}

function refuseOtherFiles(head: Uint8Array): void {
  const starts = (...bytes: number[]) => bytes.every((byte, index) => head[index] === byte);
  if (starts(0x50, 0x4b, 0x03, 0x04) || starts(0xd0, 0xcf, 0x11, 0xe0)) {
    throw new ContactFileError('The file is a spreadsheet or an archive, not text: save it as CSV first');
  }
  if (starts(0x1f, 0x8b)) throw new ContactFileError('The file is compressed: unpack it with gunzip first');
}

async function* decode(head: Uint8Array, rest: AsyncIterable<Uint8Array>, encoding: string): AsyncGenerator<string> {
  const decoder = new TextDecoder(encoding);
  yield decoder.decode(head, { stream: true });
  for await (const piece of rest) yield decoder.decode(piece, { stream: true });
  yield decoder.decode();
}

async function* inPieces(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const chunk of source) {
    for (let at = 0; at < chunk.length; at += PIECE) yield chunk.subarray(at, at + PIECE);
  }
}
