/** The texts that cells of a spreadsheet share: a cell names its text by number (ECMA-376 part 1, 18.4). */
import { ContactFileError } from './contact-file.ts';
import { readXml } from './xlsx-xml.ts';

export interface SharedStrings {
  /** The text with this number, from 0; undefined when there is none. */
  at(index: number): string | undefined;
}

/** Most characters of all shared texts. They are the one thing of a spreadsheet that must be held as a whole. */
export const MAX_SHARED_TEXT = 50_000_000;
/** Most shared texts; 10 cells of each row that a sheet can have. */
const MAX_SHARED_STRINGS = 10_000_000;
/** Longer texts are kept as strings: a cell that names one costs a few bytes, and must not cost a copy. */
const LONG = 256;

export const NO_STRINGS: SharedStrings = { at: () => undefined };

/**
 * Reads the shared texts. They are held as bytes, side by side: a million strings would take several times as much.
 * @throws ContactFileError when they are too many or too long; when the part is damaged.
 */
export async function readSharedStrings(chunks: AsyncIterable<Uint8Array>, name: string): Promise<SharedStrings> {
  let bytes = Buffer.alloc(64 * 1024);
  let used = 0;
  /** Where each text ends. */
  let ends = new Uint32Array(4096);
  let count = 0;
  let characters = 0;
  const long = new Map<number, string>();

  let text = '';
  let isText = false;
  let isPhonetic = false;
  const parsing = readXml(chunks, name, {
    open(tag) {
      if (tag === 't') isText = !isPhonetic;
      else if (tag === 'rPh') isPhonetic = true;
      else if (tag === 'si') text = '';
    },
    text(piece) {
      if (!isText) return;
      text += piece;
      characters += piece.length;
      if (characters > MAX_SHARED_TEXT) throw tooMuch();
    },
    close(tag) {
      if (tag === 't') isText = false;
      else if (tag === 'rPh') isPhonetic = false;
      else if (tag === 'si') add(unescapeText(text));
    },
  });

  function add(value: string): void {
    if (count >= MAX_SHARED_STRINGS) throw tooMuch();
    if (count === ends.length) {
      const larger = new Uint32Array(ends.length * 2);
      larger.set(ends);
      ends = larger;
    }
    // Written and read again: a piece of a chunk would keep all of the chunk.
    if (value.length > LONG) long.set(count, Buffer.from(value).toString());
    else {
      if (used + value.length * 3 > bytes.length) {
        const larger = Buffer.alloc(bytes.length * 2);
        bytes.copy(larger);
        bytes = larger;
      }
      used += bytes.write(value, used);
    }
    ends[count++] = used;
  }

  for await (const _ of parsing);

  function at(index: number): string | undefined {
    if (!(index >= 0 && index < count)) return undefined;
    const end = ends[index];
    if (end === undefined) return undefined;
    const start = index === 0 ? 0 : ends[index - 1]!;
    return start === end ? (long.get(index) ?? '') : bytes.toString('utf8', start, end);
  }
  return { at };
}

function tooMuch(): ContactFileError {
  return new ContactFileError(
    'The spreadsheet holds more text than can be read from .xlsx (50 million characters). Save it as CSV, and upload that',
  );
}

/**
 * A text as the person sees it: `_x000D_` is how a spreadsheet writes a character that XML cannot hold (ECMA-376 part 1,
 * 22.9.2.19, ST_Xstring), and line breaks are LF (XML 1.0, 2.11).
 */
export function unescapeText(text: string): string {
  const normal = text.includes('\r') ? text.replace(/\r\n?/g, '\n') : text;
  if (!normal.includes('_x')) return normal;
  return normal.replace(/_x([0-9a-f]{4})_/gi, (_, code) => String.fromCharCode(Number.parseInt(code, 16)));
}
