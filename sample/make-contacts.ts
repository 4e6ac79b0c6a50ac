/** Made-up contacts, as data and as files, the same for the same arguments. */
import { type MessyRow, type MessyShape, messyRows, shapeOf } from './messy.ts';
import { NAMES } from './names.ts';
import { SAMPLE_PLANS, type SamplePlan } from './number-plans.ts';
import { createRandom, type Random } from './random.ts';

/** A contact that Muster accepts as it is. */
export interface SampleContact {
  /** E.164 with the plus. */
  number: string;
  first_name: string | null;
  last_name: string | null;
  timestamp: string | null;
  date: string | null;
  tags: string[];
}

export type SampleFormat = 'csv' | 'tsv' | 'ndjson';

export interface SampleOptions {
  rows: number;
  /** What people really upload, instead of a plain file. */
  messy?: boolean;
  seed?: number;
  format?: SampleFormat;
}

/** What a correct import of a file into an empty audience reports. */
export interface Expected {
  rows: number;
  created: number;
  /** Accepted rows that repeat the number of an earlier accepted row: updated or unchanged, not created. */
  duplicates: number;
  /** Refused rows by code. */
  refused: Record<string, number>;
}

/** A number before it is spelled. */
export interface SampleNumber {
  plan: SamplePlan;
  /** The national number, without a leading zero. */
  national: string;
  /** With the plus. */
  e164: string;
}

/** A contact with the number it came from. */
export interface Draft {
  number: SampleNumber;
  contact: SampleContact;
}

const TAGS = [
  'vip',
  'newsletter',
  'trial',
  'churned',
  'beta',
  'store-12',
  'wholesale',
  'événement',
  'клиент',
  'öğrenci',
  '2026',
];
const PIECE_ROWS = 500;
const COLUMNS = ['number', 'first_name', 'last_name', 'timestamp', 'date', 'tags'] as const;

/**
 * Plain, valid contacts, each with a number of its own, without end: `for (const contact of sampleContacts(1)) …`.
 * Memory does not grow, whatever the count.
 */
export function* sampleContacts(seed = 1): Generator<SampleContact, never, undefined> {
  const draft = createDrafts(createRandom(seed));
  for (;;) yield draft().contact;
}

/**
 * A file in pieces of text; what it returns when it is over is what a correct import of it reports.
 * The plain file has the header number,first_name,last_name,timestamp,date,tags, LF, and unique valid rows alone.
 */
export function* sampleFile(options: SampleOptions): Generator<string, Expected, undefined> {
  const { rows, messy = false, seed = 1, format = 'csv' } = options;
  const expected: Expected = { rows: 0, created: 0, duplicates: 0, refused: {} };
  const shape = messy ? shapeOf(seed, format) : undefined;
  const source = shape === undefined ? plainLines(seed, format) : messyLines(seed, format, shape);
  let piece = shape === undefined ? plainHeader(format) : shape.head;
  for (const { text, fate } of source) {
    if (expected.rows === rows) break;
    expected.rows++;
    if (fate === 'created') expected.created++;
    else if (fate === 'duplicate') expected.duplicates++;
    else expected.refused[fate] = (expected.refused[fate] ?? 0) + 1;
    piece += text;
    if (expected.rows % PIECE_ROWS === 0) {
      yield piece;
      piece = '';
    }
  }
  yield piece;
  return expected;
}

/** Makes one contact after the other, with numbers that never repeat. */
export function createDrafts(random: Random): () => Draft {
  const nextNumber = createNumbers(random);
  return () => {
    const number = nextNumber();
    const { given, family } = NAMES[random.pick(number.plan.people)]!;
    const first = random.chance(0.03)
      ? null
      : withSecond(random.pick(given), random.chance(0.15) ? random.pick(given) : '');
    const last = random.chance(0.06)
      ? null
      : withSecond(random.pick(family), random.chance(0.06) ? random.pick(family) : '');
    return {
      number,
      contact: {
        number: number.e164,
        first_name: first,
        last_name: last,
        timestamp: random.chance(0.45) ? momentOf(random) : null,
        date: random.chance(0.45) ? dayOf(random) : null,
        tags: random.chance(0.6) ? [] : tagsOf(random),
      },
    };
  };
}

const twoDigits = (value: number) => String(value).padStart(2, '0');
const dayOf = (random: Random) => `2027-${twoDigits(1 + random.below(12))}-${twoDigits(1 + random.below(28))}`;

function momentOf(random: Random): string {
  const day = `2026-${twoDigits(1 + random.below(12))}-${twoDigits(1 + random.below(28))}`;
  return `${day} ${twoDigits(8 + random.below(12))}:${random.pick(['00', '15', '30', '45'])}:00`;
}

function tagsOf(random: Random): string[] {
  const tags = new Set([random.pick(TAGS)]);
  while (random.chance(0.4) && tags.size < 4) tags.add(random.pick(TAGS));
  return [...tags];
}

/** A name, and a second one where both have room. */
function withSecond(name: string, second: string): string {
  const both = second === '' || second === name ? name : `${name} ${second}`;
  return (both.length <= 32 ? both : name).normalize('NFC');
}

/**
 * Numbers without repetition and without remembering them: a plan's numbers are walked in steps that have no divisor in
 * common with their count, which meets each of them once, in an order that looks like none.
 */
function createNumbers(random: Random): () => SampleNumber {
  const weighted = SAMPLE_PLANS.flatMap((plan, index) => new Array<number>(plan.weight).fill(index));
  const walks = SAMPLE_PLANS.map(({ prefixes, digits }) => {
    const size = prefixes.length * 10 ** digits;
    let step = Math.floor(size * (0.3 + 0.4 * random.next()));
    while (greatestDivisor(step, size) !== 1) step++;
    return { size, step, at: random.below(size), left: size };
  });
  return () => {
    for (let tries = 0; tries < 1000; tries++) {
      const index = random.pick(weighted);
      const walk = walks[index]!;
      if (walk.left === 0) continue;
      walk.left--;
      walk.at = (walk.at + walk.step) % walk.size;
      const plan = SAMPLE_PLANS[index]!;
      const prefix = plan.prefixes[walk.at % plan.prefixes.length]!;
      const national = prefix + String(Math.floor(walk.at / plan.prefixes.length)).padStart(plan.digits, '0');
      return { plan, national, e164: `+${plan.callingCode}${national}` };
    }
    throw new Error('There are no more numbers: ask for fewer rows');
  };
}

function greatestDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestDivisor(b, a % b);
}

interface FileLine {
  text: string;
  fate: MessyRow['fate'];
}

function plainHeader(format: SampleFormat): string {
  return format === 'ndjson' ? '' : `${COLUMNS.join(format === 'tsv' ? '\t' : ',')}\n`;
}

function* plainLines(seed: number, format: SampleFormat): Generator<FileLine> {
  const separator = format === 'tsv' ? '\t' : ',';
  for (const contact of sampleContacts(seed)) {
    const text =
      format === 'ndjson'
        ? JSON.stringify(contact)
        : COLUMNS.map((name) =>
            quote(name === 'tags' ? contact.tags.join(';') : (contact[name] ?? ''), separator),
          ).join(separator);
    yield { text: `${text}\n`, fate: 'created' };
  }
}

function* messyLines(seed: number, format: SampleFormat, shape: MessyShape): Generator<FileLine> {
  const random = createRandom(seed);
  for (const row of messyRows(random, createDrafts(random))) {
    const cells = shape.columns.map(({ role }) => row.cells[role]);
    let text: string;
    if (format === 'ndjson') {
      const members = shape.columns.map(({ role, header }) => [header, role === 'tags' ? row.tags : row.cells[role]]);
      text = JSON.stringify(Object.fromEntries(members));
    } else {
      text = cells.map((cell) => quote(cell, shape.separator, random.chance(0.03))).join(shape.separator);
    }
    yield { text: text + shape.lineEnd + (random.chance(0.01) ? shape.lineEnd : ''), fate: row.fate };
  }
}

function quote(cell: string, separator: string, always = false): string {
  if (!always && !cell.includes(separator) && !/["\r\n]/.test(cell)) return cell;
  return `"${cell.replaceAll('"', '""')}"`;
}
