/** Contact files for tests, measurements and first steps: the same bytes for the same arguments. */
import { messyRows } from './messy.ts';
import { createPeople, type SampleContact } from './people.ts';
import { createRandom } from './random.ts';

export type { SampleContact };

export type SampleFormat = 'csv' | 'tsv' | 'ndjson';

export interface SampleOptions {
  /** How many rows; those that must be refused are among them, the header is not. */
  rows: number;
  /** What people really upload instead of a file without faults. */
  messy?: boolean;
  seed?: number;
  format?: SampleFormat;
}

/** What a correct import of a file into an empty audience reports. */
export interface Expected {
  rows: number;
  created: number;
  /** Accepted rows that repeat the number of an earlier accepted one: updated or unchanged, not created. */
  duplicates: number;
  /** Refused rows by error code. */
  refused: Record<string, number>;
}

const CHUNK = 64 * 1024;

/** Valid contacts without end, no number twice, the same for the same seed: `for (const contact of sampleContacts(1)) …`. */
export function* sampleContacts(seed: number): Generator<SampleContact, never, undefined> {
  const next = createPeople(createRandom(seed));
  for (;;) yield next().contact;
}

/**
 * A contact file in pieces of text; what the generator returns in the end is what a correct import of it reports. Memory does
 * not grow with the file. Without `messy` it has the columns number, first_name, last_name, timestamp, date and tags, lines
 * that end in LF, and valid rows alone, no number twice.
 */
export function* sampleFile(options: SampleOptions): Generator<string, Expected, undefined> {
  const { rows, messy = false, seed = 1, format = 'csv' } = options;
  const expected: Expected = { rows: 0, created: 0, duplicates: 0, refused: {} };
  let chunk = '';
  for (const piece of messy ? messyRows(rows, seed, format, expected) : plainRows(rows, seed, format, expected)) {
    chunk += piece;
    if (chunk.length < CHUNK) continue;
    yield chunk;
    chunk = '';
  }
  if (chunk !== '') yield chunk;
  return expected;
}

function* plainRows(rows: number, seed: number, format: SampleFormat, expected: Expected): Generator<string> {
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
      // Quotes are not needed: no name, date or tag holds a separator or a quote. A test reads every cell back.
      yield `${cells.join(separator)}\n`;
    }
  }
}
