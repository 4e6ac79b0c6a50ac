import { createHash } from 'node:crypto';
import { isObject, refuse } from './body.ts';
import { MAX_TAG_LENGTH, MAX_TAGS } from './contact-fields.ts';
import type { Place } from './contacts.ts';
import { failure, type Problem, problem } from './errors.ts';
import { fingerprintOf } from './idempotency.ts';
import { type Import, type ImportOptions, ROW_STATUSES, type RowStatus } from './import-job.ts';
import { readCountry } from './mend-number.ts';
import { type PageRequest, readPageRequest, type Walk } from './paging.ts';
import { IMPORT_CHUNK, type Store, type Terms } from './store.ts';
import { cleanText, isLongerThan, isSoundText } from './text.ts';
import { readVerdicts, shortCells, type Verdict } from './verdicts.ts';

export const IMPORT_MODES = ['merge', 'replace'] as const;
export const IMPORT_ON_CONFLICT = ['update', 'skip'] as const;
export const IMPORT_EMPTY = ['keep', 'clear'] as const;
export const IMPORT_FORMATS = ['csv', 'tsv', 'ndjson', 'xlsx'] as const;
export const MAX_IMPORT_NAME = 100;
/** What a replacing run may remove unless it is told otherwise. */
export const MAX_REMOVALS = '10%';

const REMOVALS = /^(?:\d{1,9}|\d{1,3}(?:\.\d{1,3})?%)$/;

/** A file as it comes in. */
export interface Upload {
  /** The options as they were sent. */
  options: Record<string, unknown>;
  fileName: string | null;
  bytes: AsyncIterable<Uint8Array>;
}

/**
 * Takes a file for an audience: it is in the store, whole, when this returns, and its import waits to be worked on. What
 * breaks off leaves nothing. Raises 1301, 9006 (larger than `maxBytes`), 9013, and what its terms raise.
 */
export async function createImport(
  store: Store,
  place: Place,
  { options: raw, fileName, bytes }: Upload,
  { maxBytes }: { maxBytes: number },
  terms?: Terms,
): Promise<Import> {
  const problems: Problem[] = [];
  const options = readImportOptions(raw, problems);
  if (problems.length > 0) return refuse(problems, store.audiences.get(place.account_id, place.audience_id));
  const name = fileName === null ? null : cleanText(fileName.toWellFormed().replaceAll('\0', ''), 1000).slice(0, 200);
  const termsOf = (digest: string) => bound(terms, [JSON.stringify(options), name ?? '', digest]);
  return takeFile(store, place, { options, name, bytes }, maxBytes, termsOf);
}

/**
 * Brings a file into the store, whole, or leaves nothing. Raises 1301, 9006, and what its terms raise.
 * @param termsOf the terms of the write that makes the import, once the file's SHA-256 is known.
 */
export async function takeFile(
  store: Store,
  place: Place,
  { options, name, bytes }: { options: ImportOptions; name: string | null; bytes: AsyncIterable<Uint8Array> },
  maxBytes: number,
  termsOf: (sha256: string) => Terms | undefined,
): Promise<Import> {
  const id = await store.imports.begin(place.account_id, place.audience_id, options, name);
  try {
    const sha256 = createHash('sha256');
    let size = 0;
    let sequence = 0;
    for await (const piece of inPieces(bytes)) {
      size += piece.length;
      if (size > maxBytes)
        throw failure(9006, undefined, `The file is larger than ${maxBytes} bytes (IMPORT_MAX_BYTES)`);
      sha256.update(piece);
      await store.imports.append(id, sequence++, piece);
    }
    const digest = sha256.digest('hex');
    const made = await store.imports.queue(id, size, digest, termsOf(digest));
    // The file came once more, and the import it made the first time is there.
    if (made.id !== id) await store.imports.abandon(id);
    return made;
  } catch (error) {
    await store.imports.abandon(id).catch(() => {});
    throw error;
  }
}

/** The most of a file that is looked at without being kept, in bytes: a spreadsheet has its directory at its end. */
export const MAX_PREVIEW = 32 * 1024 * 1024;

/**
 * What a file would be read with, and its bytes, for a look at it that leaves nothing behind. Raises 1301, 9006 (larger than
 * `MAX_PREVIEW`), 9013.
 */
export async function receivePreview(
  store: Store,
  place: Place,
  { options: raw, fileName, bytes }: Upload,
): Promise<{ options: ImportOptions; isPart: boolean; fileName: string | null; file: Uint8Array }> {
  const problems: Problem[] = [];
  const { partial, ...rest } = raw;
  const options = readImportOptions(rest, problems);
  const isPart = readFlag(partial, 'partial', problems);
  if (problems.length > 0) return refuse(problems, store.audiences.get(place.account_id, place.audience_id));
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of bytes) {
    size += chunk.length;
    if (size > MAX_PREVIEW) {
      throw failure(9006, undefined, `A preview takes at most ${MAX_PREVIEW} bytes: send the file's beginning`);
    }
    chunks.push(chunk.slice());
  }
  return { options, isPart, fileName, file: Buffer.concat(chunks) };
}

/** Terms of a write that says more than its request did: what came with the file is known behind its last byte. */
function bound(terms: Terms | undefined, said: string[]): Terms | undefined {
  const { idempotency } = terms ?? {};
  if (idempotency === undefined) return terms;
  return { ...terms, idempotency: { ...idempotency, fingerprint: fingerprintOf([idempotency.fingerprint, ...said]) } };
}

/** The bytes in pieces of `IMPORT_CHUNK`, the last one shorter. A piece holds until the next one is asked for. */
async function* inPieces(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  // Shared, so that it reaches the thread of a store that has one without being copied.
  const piece = new Uint8Array(new SharedArrayBuffer(IMPORT_CHUNK));
  let length = 0;
  for await (let rest of bytes) {
    while (length + rest.length >= IMPORT_CHUNK) {
      const part = rest.subarray(0, IMPORT_CHUNK - length);
      piece.set(part, length);
      yield piece;
      rest = rest.subarray(part.length);
      length = 0;
    }
    piece.set(rest, length);
    length += rest.length;
  }
  if (length > 0) yield piece.subarray(0, length);
}

/** A page of an account's imports, or of one audience's, newest first. Raises 1301, 9010, 9011. */
export async function listImports(
  store: Store,
  accountId: string,
  request: PageRequest,
  audienceId?: string,
): Promise<{ items: Import[]; walk: Walk }> {
  const problems: Problem[] = [];
  const placed = readPageRequest(request, `imports ${accountId} ${audienceId ?? ''}`, problems);
  if (placed === undefined) {
    return refuse(problems, audienceId === undefined ? undefined : store.audiences.get(accountId, audienceId));
  }
  const { items, hasNext, total } = await store.imports.page(accountId, placed.slice, audienceId);
  const ends = { count: items.length, first: items[0]?.id, last: items.at(-1)?.id, hasNext, total };
  return { items, walk: placed.walk(ends) };
}

/**
 * A page of verdicts in the file's order, of all rows or of one status; of long rows the beginning. Raises 1301, 9010–9012,
 * 9020, 9022 (they are no longer kept).
 */
export async function listVerdicts(
  store: Store,
  place: Place,
  importId: string,
  request: PageRequest & { status?: unknown },
): Promise<{ items: Verdict[]; walk: Walk }> {
  const problems: Problem[] = [];
  const status = readStatus(request.status, problems);
  const placed = readPageRequest(request, `rows ${importId} ${status ?? ''}`, problems);
  const found = await store.imports.get(place.account_id, place.audience_id, importId);
  if (placed === undefined) return refuse(problems);
  if (found.is_expired) throw failure(9022, undefined, "The import's rows are no longer kept");
  const total = status === undefined ? found.rows_done : found[status];
  const { direction, position, size } = placed.slice;
  const edge = position === undefined ? 0 : rowOf(position);
  const items: Verdict[] = [];
  if (direction === 'after') {
    for await (const verdicts of verdictsAfter(store, place, importId, edge, status)) {
      items.push(...verdicts.map(shortened));
      if (items.length > size) break;
    }
  } else {
    // Backwards the page is what a walk from its beginning would have shown: its number says how far that is.
    for await (const verdicts of verdictsAfter(store, place, importId, 0, status)) {
      items.push(...verdicts.filter(({ row }) => row < edge).map(shortened));
      if (verdicts.some(({ row }) => row >= edge)) break;
      items.splice(0, items.length - size);
    }
    items.splice(0, items.length - size);
  }
  const hasNext = direction === 'before' || items.length > size;
  items.splice(size);
  const ends = { count: items.length, first: placeOf(items[0]), last: placeOf(items.at(-1)), hasNext, total };
  return { items, walk: placed.walk(ends) };
}

/** The refused rows of an import, in batches. Raises 1301, 9020. */
export function refusedRows(store: Store, place: Place, importId: string): AsyncGenerator<Verdict[]> {
  return verdictsAfter(store, place, importId, 0, 'refused');
}

async function* verdictsAfter(
  store: Store,
  { account_id, audience_id }: Place,
  importId: string,
  edge: number,
  status?: RowStatus,
): AsyncGenerator<Verdict[]> {
  for (let after = edge; ; ) {
    const batches = await store.imports.verdicts(account_id, audience_id, importId, after, status);
    if (batches.length === 0) return;
    for (const batch of batches) {
      yield readVerdicts(batch, after, status);
      after = batch.firstRow + batch.fates.length - 1;
      // Unpacking many batches must not hold the event loop.
      await new Promise(setImmediate);
    }
  }
}

function shortened(verdict: Verdict): Verdict {
  return { ...verdict, cells: shortCells(verdict.cells) };
}

/** Page tokens carry ids: a row's place is written as one. */
function placeOf(verdict: Verdict | undefined): string | undefined {
  return verdict && `00000000-0000-0000-0000-${verdict.row.toString(16).padStart(12, '0')}`;
}

function rowOf(position: string): number {
  return Number.parseInt(position.slice(-12), 16);
}

function readStatus(raw: unknown, problems: Problem[]): RowStatus | undefined {
  if (raw === undefined || raw === '') return undefined;
  const status = ROW_STATUSES.find((each) => each === raw);
  if (status === undefined)
    problems.push(problem(9012, undefined, `'status' should be in: [${ROW_STATUSES.join(', ')}]`));
  return status;
}

/** Reads an import's options as sent, every default filled in. Broken ones are added to `problems`: 9013. */
export function readImportOptions(raw: Record<string, unknown>, problems: Problem[]): ImportOptions {
  const wrong = (name: string, rule: string) => problems.push(problem(9013, name, `'{place}' ${rule}`));

  function oneOf<Value extends string>(name: string, values: readonly Value[]): Value | undefined {
    const given = raw[name];
    if (isAbsent(given)) return undefined;
    const found = values.find((value) => typeof given === 'string' && value === given.trim().toLowerCase());
    if (found === undefined) wrong(name, `should be in: [${values.join(', ')}]`);
    return found;
  }

  function text(name: string, max: number): string | null {
    const given = raw[name];
    if (isAbsent(given)) return null;
    if (typeof given === 'string' && isSoundText(given)) {
      const clean = cleanText(given, max);
      if (!isLongerThan(clean, max)) return clean;
    }
    wrong(name, `must be text of at most ${max} characters`);
    return null;
  }

  function country(): string | null {
    const given = raw.default_country;
    if (isAbsent(given)) return null;
    const found = typeof given === 'string' ? readCountry(given) : undefined;
    if (found === undefined) wrong('default_country', 'must be a country of two letters, as GB');
    return found ?? null;
  }

  function tags(): string[] {
    const given = raw.tags;
    if (isAbsent(given)) return [];
    const list = typeof given === 'string' ? given.split(',') : given;
    const clean = Array.isArray(list)
      ? list.map((tag) => (typeof tag === 'string' && isSoundText(tag) ? cleanText(tag, MAX_TAG_LENGTH) : undefined))
      : [undefined];
    const isRight = clean.every((tag) => tag !== undefined && !isLongerThan(tag, MAX_TAG_LENGTH));
    const found = new Set(clean.filter((tag): tag is string => tag !== undefined && tag !== ''));
    if (!isRight || found.size > MAX_TAGS) {
      wrong('tags', `must be at most ${MAX_TAGS} texts of at most ${MAX_TAG_LENGTH} characters`);
    }
    return [...found];
  }

  function columns(): Record<string, string> {
    if (isAbsent(raw.mapping)) return {};
    const given = typeof raw.mapping === 'string' ? parse(raw.mapping) : raw.mapping;
    const isRight = isObject(given) && Object.values(given).every((field) => COLUMN_FIELDS.includes(field as string));
    if (!isRight) {
      const rule = "must be a JSON object of columns (a name, or a place such as '#3'), each with one of";
      wrong('mapping', `${rule}: [${COLUMN_FIELDS.join(', ')}]`);
    }
    return isRight ? (given as Record<string, string>) : {};
  }

  function maxRemovals(): string {
    const given = raw.max_removals;
    if (isAbsent(given)) return MAX_REMOVALS;
    const said = typeof given === 'number' ? String(given) : given;
    if (typeof said === 'string' && REMOVALS.test(said)) return said;
    wrong('max_removals', "must be a number of contacts, as '500', or a part of them, as '10%'");
    return MAX_REMOVALS;
  }

  return {
    name: text('name', MAX_IMPORT_NAME),
    dry_run: readFlag(raw.dry_run, 'dry_run', problems),
    mode: oneOf('mode', IMPORT_MODES) ?? 'merge',
    on_conflict: oneOf('on_conflict', IMPORT_ON_CONFLICT) ?? 'update',
    empty: oneOf('empty', IMPORT_EMPTY) ?? 'keep',
    default_country: country(),
    tags: tags(),
    columns: columns(),
    max_removals: maxRemovals(),
    encoding: text('encoding', 40),
    format: oneOf('format', IMPORT_FORMATS) ?? null,
  };
}

/** What a column can be mapped to; `full_name` is split into first and last name. */
export const COLUMN_FIELDS: readonly string[] = [
  'number',
  'first_name',
  'last_name',
  'full_name',
  'timestamp',
  'date',
  'tags',
  'ignore',
];

function readFlag(given: unknown, name: string, problems: Problem[]): boolean {
  if (isAbsent(given) || given === false || given === 'false') return false;
  if (given !== true && given !== 'true') problems.push(problem(9013, name, "'{place}' must be true or false"));
  return true;
}

function isAbsent(given: unknown): given is undefined | null | '' {
  return given === undefined || given === null || given === '';
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
