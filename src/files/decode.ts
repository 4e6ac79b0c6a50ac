import { isAscii, isUtf8 } from 'node:buffer';
import { ContactFileError } from './contact-file.ts';

/** Text cut anywhere, and the encoding it was written in. */
export interface DecodedText {
  encoding: string;
  chunks: AsyncIterable<string>;
}

/** No text has it, and files that lost blocks are full of it. */
export const NUL = '\0';
/** What a decoder writes for bytes that are no character. */
export const REPLACEMENT = '\uFFFD';

/** Chunks are decoded in pieces of this size: a source that hands a whole file over at once must not become rows at once. */
const PIECE = 64 * 1024;

/**
 * The text of a file's bytes, without its byte order mark, which goes before what is `said`, as browsers have it; UTF-8 where
 * neither tells. Bytes that are no character become U+FFFD; the caller looks for it.
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
  const encoding = markOf(head) ?? said ?? 'utf-8';
  return { encoding, chunks: decode(head, pieces, encoding) };
}

/** What a first look at a whole file tells of its text. */
export interface TextSurvey {
  encoding: string;
  /** Whether all of it is known to be sound UTF-8 without a NUL; of other encodings nothing is known. */
  isSound: boolean;
}

/**
 * The encoding of a file that can be read before it is decoded: as a byte order mark says; UTF-16 when every other byte is zero
 * as in the Latin letters and digits of UTF-16; UTF-8 when its characters beyond ASCII are UTF-8, a few damaged ones aside; else
 * Windows-1252, which programs write that know no better.
 */
export async function surveyText(source: AsyncIterable<Uint8Array>): Promise<TextSurvey> {
  const chunks = source[Symbol.asyncIterator]();
  let head: Uint8Array = new Uint8Array(0);
  while (head.length < SURVEY_HEAD) {
    const next = await chunks.next();
    if (next.done) break;
    head = head.length === 0 ? next.value : Buffer.concat([head, next.value]);
  }
  const wide = wideEncodingOf(head);
  if (wide !== undefined) {
    await chunks.return?.();
    return { encoding: wide, isSound: false };
  }
  const found = { sound: 0, broken: 0 };
  let hasNul = false;
  let rest: Uint8Array = new Uint8Array(0);
  for (let chunk: Uint8Array | undefined = head; chunk !== undefined; ) {
    hasNul ||= chunk.includes(0);
    const bytes: Uint8Array = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    const whole = bytes.length - brokenTail(bytes);
    countCharacters(bytes.subarray(0, whole), found);
    rest = bytes.subarray(whole);
    const next = await chunks.next();
    chunk = next.done ? undefined : next.value;
  }
  // Two bytes that begin a character are hardly anything else; a single one is a letter of Windows-1252 too.
  if (rest.length > 1) found.sound++;
  if (rest.length > 0) found.broken++;
  if (found.broken === 0) return { encoding: 'utf-8', isSound: !hasNul };
  return { encoding: found.sound >= found.broken ? 'utf-8' : 'windows-1252', isSound: false };
}

/** So much of a file shows whether it is UTF-16. */
const SURVEY_HEAD = 4096;
/** Beyond so many characters it is settled that a file has them: those of sound chunks need no counting any more. */
const ENOUGH = 100_000;

/** Counts the characters beyond ASCII that are sound UTF-8, and bytes that belong to none. */
function countCharacters(bytes: Uint8Array, found: { sound: number; broken: number }): void {
  if (isAscii(bytes)) return;
  const isSound = isUtf8(bytes);
  if (isSound && found.sound > ENOUGH) return;
  const brokenBefore = found.broken;
  for (let at = 0; at < bytes.length; ) {
    const length = bytes[at]! < 0x80 ? 1 : characterLength(bytes, at);
    if (length > 1) found.sound++;
    else if (length === 0) found.broken++;
    at += length || 1;
  }
  // What only the strict rules of UTF-8 refuse, as halves of surrogate pairs, is damage too.
  if (!isSound && found.broken === brokenBefore) found.broken++;
}

/** How many bytes the character at `at` takes that is beyond ASCII; 0 when there is none. */
function characterLength(bytes: Uint8Array, at: number): number {
  const lead = bytes[at]!;
  const length = lead >= 0xf5 ? 0 : lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc2 ? 2 : 0;
  for (let next = 1; next < length; next++) if ((bytes[at + next]! & 0xc0) !== 0x80) return 0;
  return length;
}

/** UTF-16, as a byte order mark or zero bytes in every other place say. */
function wideEncodingOf(head: Uint8Array): string | undefined {
  const marked = markOf(head);
  if (marked !== undefined) return marked === 'utf-8' ? undefined : marked;
  const zeros = [0, 0];
  for (let at = 0; at < head.length; at++) if (head[at] === 0) zeros[at % 2]!++;
  const [even, odd] = zeros as [number, number];
  // A fifth of the characters: digits, separators and line ends are that many, whatever the script of the names.
  const enough = Math.max(1, head.length / 10);
  if (odd >= enough && even === 0) return 'utf-16le';
  return even >= enough && odd === 0 ? 'utf-16be' : undefined;
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

/** What a byte order mark says, if there is one. */
function markOf(head: Uint8Array): string | undefined {
  if (head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf) return 'utf-8';
  if (head[0] === 0xff && head[1] === 0xfe) return 'utf-16le';
  if (head[0] === 0xfe && head[1] === 0xff) return 'utf-16be';
  return undefined;
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
