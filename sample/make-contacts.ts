/** Contact files for tests, measurements and first steps: the same bytes for the same arguments. */
import type { FileFormat } from '../src/files/contact-file.ts';
import { messyRows } from './messy.ts';
import { createPeople, type SampleContact } from './people.ts';
import { createRandom } from './random.ts';

export type { SampleContact };

export interface SampleOptions {
  /** How many rows; those that must be refused are among them, the header is not. */
  rows: number;
  /** What people really upload instead of a file without faults. */
  messy?: boolean;
  seed?: number;
  format?: FileFormat;
}

/** What a correct import of a file into an empty audience reports. */
export interface ExpectedImport {
  rows: number;
  created: number;
  /** Accepted rows that repeat the number of an earlier accepted one: updated or unchanged, not created. */
  duplicates: number;
  /** Refused rows by error code. */
  refused: Record<string, number>;
}

export interface SampleFile {
  /** The text of the file, to be taken once. */
  chunks: Iterable<string>;
  /** Filled while the chunks are taken: complete after the last one. */
  expected: ExpectedImport;
}

const CHUNK = 64 * 1024;

/** Valid contacts without end, no number twice, the same for the same seed. */
export function* sampleContacts(seed: number): Generator<SampleContact, never> {
  const next = createPeople(createRandom(seed));
  for (;;) yield next().contact;
}

/** Makes a contact file; memory does not grow with it. */
export function makeContactFile(options: SampleOptions): SampleFile {
  const { rows, messy = false, seed = 1, format = 'csv' } = options;
  const expected: ExpectedImport = { rows: 0, created: 0, duplicates: 0, refused: {} };
  const pieces = messy ? messyRows(rows, seed, format, expected) : cleanRows(rows, seed, format, expected);
  return { chunks: inChunks(pieces), expected };
}

function* cleanRows(rows: number, seed: number, format: FileFormat, expected: ExpectedImport): Generator<string> {
  const contacts = sampleContacts(seed);
  const separator = format === 'tsv' ? '\t' : ',';
  if (format !== 'ndjson')
    yield `${['number', 'first_name', 'last_name', 'timestamp', 'date', 'tags'].join(separator)}\n`;
  for (let row = 0; row < rows; row++) {
    const contact = contacts.next().value;
    expected.rows++;
    expected.created++;
    if (format === 'ndjson') {
      yield `${JSON.stringify(contact)}\n`;
    } else {
      const { number, first_name, last_name, timestamp, date, tags } = contact;
      const cells = [number, first_name, last_name ?? '', timestamp ?? '', date ?? '', tags.join(';')];
      // No sample name, date or tag holds a separator, a quote or a line break: a test reads every cell back.
      yield `${cells.join(separator)}\n`;
    }
  }
}

function* inChunks(pieces: Iterable<string>): Generator<string> {
  let chunk = '';
  for (const piece of pieces) {
    chunk += piece;
    if (chunk.length < CHUNK) continue;
    yield chunk;
    chunk = '';
  }
  if (chunk !== '') yield chunk;
}
