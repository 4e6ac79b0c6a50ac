/** Forms that bring a file (multipart/form-data, RFC 7578): its bytes as they come, and the options beside it. */
import { Busboy, type BusboyFileStream } from '@fastify/busboy';
import { isObject } from '../core/body.ts';
import { failure, type MusterError } from '../core/errors.ts';

export interface Form {
  /** Every part but the file, by its name; what the part `options` says goes before them. */
  options: Record<string, unknown>;
  fileName: string | null;
  bytes: AsyncIterable<Uint8Array>;
  /** Lets go of what was not read. */
  discard(): void;
}

/** How much of a file is held while parts behind it are looked for: options behind a larger file come too late. */
export const FORM_LOOKAHEAD = 1024 * 1024;
const LIMITS = { fields: 50, fieldSize: 256 * 1024, parts: 60, headerPairs: 100 };

const BROKEN = 'The form is broken or cut off: send multipart/form-data with its boundary';
const NO_FILE = "The form has no part 'file'";
const TWO_FILES = "The form has more than one part 'file': send one file";
const TOO_MUCH = `The form has more than ${LIMITS.fields} parts, or one of more than ${LIMITS.fieldSize} bytes, beside the file`;
const TOO_LATE = `The form has parts behind a file of more than ${FORM_LOOKAHEAD} bytes: put them before the part 'file'`;
const WRONG_OPTIONS = "The part 'options' must be a JSON object";

/**
 * Reads a form up to its file. The parts beside the file may stand before it, and behind it when the file is no larger than
 * `FORM_LOOKAHEAD`; a larger file fails while it is read when a part follows. Raises 9013.
 * @param type the header Content-Type, with the boundary.
 */
export async function readForm(body: AsyncIterable<Uint8Array>, type: string): Promise<Form> {
  const source = body[Symbol.asyncIterator]();
  const parser = open(type);
  const fields: [string, string][] = [];
  const begun = Promise.withResolvers<BusboyFileStream | undefined>();
  let current: BusboyFileStream | undefined;
  let fileName: string | null = null;
  let isSealed = false;
  let isOver = false;
  let problem: Error | undefined;
  let release = () => {};

  const fail = (error: Error) => {
    problem ??= error;
    release();
  };
  const refuse = (detail: string) => fail(failure(9013, undefined, detail));

  parser.on('file', (_name, stream, name) => {
    stream.on('error', () => refuse(BROKEN));
    if (current !== undefined) {
      stream.resume();
      refuse(TWO_FILES);
      return;
    }
    current = stream;
    fileName = name === undefined || name === '' ? null : name;
    begun.resolve(stream);
  });
  parser.on('field', (name, value, _isNameCut, isCut) => {
    if (isSealed) refuse(TOO_LATE);
    else if (isCut) refuse(TOO_MUCH);
    else fields.push([name ?? '', value]);
  });
  for (const limit of ['partsLimit', 'fieldsLimit'] as const) parser.on(limit, () => refuse(TOO_MUCH));
  parser.on('error', () => refuse(BROKEN));

  /** Feeds the parser to the end of the form, at the speed at which the file is taken. */
  async function feed(): Promise<void> {
    try {
      while (!isOver && problem === undefined) {
        const { done, value } = await source.next();
        if (done) {
          await settled((then) => {
            parser.once('finish', then);
            parser.end();
          });
          break;
        }
        await settled((then) => parser.write(value, then));
      }
      if (!isOver && current === undefined) refuse(NO_FILE);
    } catch (error) {
      // The body itself broke off: whoever reads the file must not take what came for all of it.
      fail(error as Error);
    } finally {
      await source.return?.().catch(() => {});
      if (problem !== undefined) current?.destroy(problem);
      begun.resolve(undefined);
    }
  }

  /** Waits for a step of the parser, or for the end of all. */
  function settled(step: (then: () => void) => void): Promise<void> {
    return new Promise((resolve) => {
      release = resolve;
      if (problem === undefined && !isOver) step(() => resolve());
      else resolve();
    });
  }

  function giveUp(): void {
    isOver = true;
    release();
  }

  const fed = feed();
  const file = await begun.promise;
  if (file === undefined) {
    await fed;
    throw problem ?? failure(9013, undefined, NO_FILE);
  }
  const chunks: AsyncIterator<Uint8Array> = file[Symbol.asyncIterator]();
  const held: Uint8Array[] = [];
  let isRead = false;
  try {
    for (let size = 0; size < FORM_LOOKAHEAD && !isRead; ) {
      const { done, value } = await chunks.next();
      if (done) isRead = true;
      else size += held[held.push(value) - 1]!.length;
    }
    if (isRead) await fed;
    if (problem !== undefined) throw problem;
    isSealed = true;
    return { options: optionsOf(fields), fileName, bytes: rest(), discard: giveUp };
  } catch (error) {
    giveUp();
    throw problem ?? error;
  }

  async function* rest(): AsyncGenerator<Uint8Array> {
    try {
      yield* held.splice(0);
      while (!isRead) {
        const { done, value } = await chunks.next();
        if (done) isRead = true;
        else yield value;
      }
      // The file is whole only when the form is.
      await fed;
      if (problem !== undefined) throw problem;
    } catch (error) {
      throw problem ?? error;
    } finally {
      giveUp();
    }
  }
}

function open(type: string) {
  try {
    // Scripts send JSON as a file without meaning one: the name of the part alone tells.
    return new Busboy({ headers: { 'content-type': type }, limits: LIMITS, isPartAFile: (name) => name === 'file' });
  } catch {
    throw failure(9013, undefined, BROKEN);
  }
}

function optionsOf(fields: [string, string][]): Record<string, unknown> {
  const options = Object.fromEntries(fields);
  if (!Object.hasOwn(options, 'options')) return options;
  const { options: text, ...others } = options;
  const whole = parse(text!);
  if (!isObject(whole)) throw wrongOptions();
  return { ...others, ...whole };
}

const wrongOptions = (): MusterError => failure(9013, undefined, WRONG_OPTIONS);

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
