/** Uploads: a file as the body of a request, or as a part of a form, with what is said of it beside. */
import type { IncomingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';
import { isObject } from '../core/body.ts';
import { failure, type MusterError } from '../core/errors.ts';
import type { Upload } from '../core/imports.ts';
import { baseName, readFileName } from './file-name.ts';
import { FILE_TYPES, FORM_TYPE } from './file-types.ts';
import { readForm } from './form.ts';

const WRONG_TYPE = `Unsupported media type: send the file as one of ${FILE_TYPES.join(', ')}, or as the part 'file' of ${FORM_TYPE}`;
const WRONG_CODING = 'Unsupported content encoding: send the file as it is, or packed by gzip';
/** What a form may hold beside its file: all the parts that it may have, and what lies between and behind them. */
const FORM_ROOM = 16 * 1024 * 1024;
const CODINGS = ['', 'identity', 'gzip', 'x-gzip'];

export interface ReceivedUpload extends Upload {
  /** Lets what was not read through, so that a client that still sends can read why. */
  discard(): void;
}

/**
 * Reads what a request says of the file it brings; the file itself is read by whoever takes it.
 * @param body the raw body; undefined when there is none.
 * @param maxBytes a file that says it is larger is not looked at; a form may be a little larger than its file.
 * Raises 9005, 9006, 9013.
 */
export async function readUpload(
  headers: IncomingHttpHeaders,
  query: Record<string, unknown>,
  body: Readable | undefined,
  maxBytes: number,
): Promise<ReceivedUpload> {
  const type = headers['content-type'] ?? '';
  const isForm = isType(type, [FORM_TYPE]);
  if (!isForm && !isType(type, FILE_TYPES)) throw failure(9005, undefined, WRONG_TYPE);
  const coding = headers['content-encoding']?.trim().toLowerCase() ?? '';
  if (!CODINGS.includes(coding) || (isForm && coding.endsWith('gzip'))) throw failure(9005, undefined, WRONG_CODING);

  const { file_name, ...options } = query;
  const named = typeof file_name === 'string' ? baseName(file_name) : null;
  const bytes = body === undefined ? none() : bytesOf(body);
  const length = Number(headers['content-length']);
  if (isForm) {
    const most = maxBytes + FORM_ROOM;
    if (length > most) throw formTooLarge(most);
    const form = await readForm(bounded(bytes, most), type);
    return { ...form, options: gather({ ...options, ...form.options }), fileName: named ?? form.fileName };
  }
  if (length > maxBytes) throw fileTooLarge(maxBytes);
  return {
    options: gather(options),
    fileName: named ?? readFileName(headers['content-disposition']),
    bytes,
    discard: () => body?.resume(),
  };
}

function isType(header: string, types: string[]): boolean {
  return types.includes(header.split(';', 1)[0]!.trim().toLowerCase());
}

/** Options with `mapping[Column]=field` gathered into one mapping, over what `mapping` itself says. */
function gather(given: Record<string, unknown>): Record<string, unknown> {
  const options: Record<string, unknown> = {};
  const columns: [string, unknown][] = [];
  for (const [name, value] of Object.entries(given)) {
    const [, column] = /^mapping\[(.*)\]$/s.exec(name) ?? [];
    if (column === undefined) options[name] = value;
    else columns.push([column, value]);
  }
  if (columns.length === 0) return options;
  const mapping = readMapping(options.mapping);
  // What is no mapping is refused where options are read.
  return mapping === undefined ? options : { ...options, mapping: { ...mapping, ...Object.fromEntries(columns) } };
}

function readMapping(given: unknown): Record<string, unknown> | undefined {
  if (given === undefined || given === '') return {};
  try {
    const read: unknown = typeof given === 'string' ? JSON.parse(given) : given;
    return isObject(read) ? read : undefined;
  } catch {
    return undefined;
  }
}

function fileTooLarge(maxBytes: number): MusterError {
  return failure(9006, undefined, `The file is larger than ${maxBytes} bytes (IMPORT_MAX_BYTES)`);
}

function formTooLarge(most: number): MusterError {
  const room = `${FORM_ROOM} bytes beside it`;
  return failure(9006, undefined, `The form is larger than ${most} bytes (IMPORT_MAX_BYTES for its file, and ${room})`);
}

/** The bytes, as long as there are no more of them. A form can go on for ever without a file in it. */
async function* bounded(bytes: AsyncIterable<Uint8Array>, most: number): AsyncGenerator<Uint8Array> {
  let count = 0;
  for await (const chunk of bytes) {
    count += chunk.length;
    if (count > most) throw formTooLarge(most);
    yield chunk;
  }
}

/** The body's bytes. What nobody takes any more is thrown away as it comes. */
async function* bytesOf(body: Readable): AsyncGenerator<Uint8Array> {
  try {
    yield* body.iterator({ destroyOnReturn: false });
  } finally {
    // Not at once: an iterator that ends pauses its stream a moment later, and the rest would never be let through.
    setImmediate(() => body.resume());
  }
}

async function* none(): AsyncGenerator<Uint8Array> {}
