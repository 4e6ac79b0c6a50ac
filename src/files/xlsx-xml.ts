/** The XML parts of a spreadsheet as a stream of events, safe with whatever stands in them. */
import { TextDecoder } from 'node:util';
import { Parser } from 'htmlparser2';
import { damaged, shown } from './xlsx-archive.ts';

/** Who listens to a part. Names come without their namespace prefix. */
export interface XmlListener {
  open(name: string): void;
  /** An attribute of the element that was opened last, its name as it stands there: `r:id`. */
  attribute?(name: string, value: string): void;
  /** Text, in pieces cut anywhere, entities resolved. */
  text?(piece: string): void;
  close(name: string): void;
}

/** Spreadsheets are some ten elements deep. The parser's work for an element grows with the depth. */
const MAX_DEPTH = 100;
/** Most characters without a tag: the parser keeps what it has not made an event of. */
const MAX_PENDING = 16 * 1024 * 1024;

/**
 * Reads a part and tells `listener` what is in it; yields after every chunk, so that what has been gathered can be given out.
 * Memory does not grow with the part. Only XML's own five entities and characters by number are resolved; what a DOCTYPE
 * declares is not, so nothing expands.
 * @param name the part's name, for errors.
 * @throws ContactFileError when the part ends too early or is no XML.
 */
export async function* readXml(
  chunks: AsyncIterable<Uint8Array>,
  name: string,
  listener: XmlListener,
): AsyncGenerator<void, void, undefined> {
  let depth = 0;
  let hasRoot = false;
  let pending = 0;

  const parser = new Parser(
    {
      onopentagname(tag) {
        pending = 0;
        hasRoot = true;
        if (++depth > MAX_DEPTH) throw damaged(`${shown(name)} is nested too deeply`);
        listener.open(localName(tag));
      },
      onattribute(attribute, value) {
        listener.attribute?.(attribute, value);
      },
      ontext(piece) {
        // Resolved entities are one or two characters long, and the parser keeps the chunk they stand in.
        if (piece.length > 2) pending = 0;
        listener.text?.(piece);
      },
      onclosetag(tag) {
        pending = 0;
        depth--;
        listener.close(localName(tag));
      },
      oncomment() {
        pending = 0;
      },
    },
    { xmlMode: true, decodeEntities: true },
  );

  let decoder: TextDecoder | undefined;
  for await (const chunk of chunks) {
    decoder ??= decoderFor(chunk);
    const text = decoder.decode(chunk, { stream: true });
    pending += text.length;
    parser.write(text);
    if (pending > MAX_PENDING) throw damaged(`${shown(name)} has a piece that does not end`);
    yield;
  }
  if (!hasRoot || depth > 0) throw damaged(`${shown(name)} ends too early`);
  parser.end();
}

/** XML parts are UTF-8 or UTF-16 (ECMA-376 part 2, 6.1.2), the latter with a byte order mark. */
function decoderFor(head: Uint8Array): TextDecoder {
  if (head[0] === 0xff && head[1] === 0xfe) return new TextDecoder('utf-16le');
  if (head[0] === 0xfe && head[1] === 0xff) return new TextDecoder('utf-16be');
  return new TextDecoder();
}

/** A name without its namespace prefix. */
export function localName(name: string): string {
  const colon = name.indexOf(':');
  return colon < 0 ? name : name.slice(colon + 1);
}

/** Reads a part of bounded size to its end; for parts that are looked at as a whole. */
export async function readWholeXml(
  chunks: AsyncIterable<Uint8Array>,
  name: string,
  maxBytes: number,
  listener: XmlListener,
): Promise<void> {
  async function* bounded() {
    let bytes = 0;
    for await (const chunk of chunks) {
      bytes += chunk.length;
      if (bytes > maxBytes) throw damaged(`${shown(name)} is larger than it is in any spreadsheet`);
      yield chunk;
    }
  }
  for await (const _ of readXml(bounded(), name, listener));
}
