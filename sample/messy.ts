/** What people really upload: the rows of an untidy file, and what becomes of each. */
import type { Expected, SampleFormat } from './make-contacts.ts';
import { LAYOUTS, type Layout, ndjsonLine, tableLine } from './messy-layouts.ts';
import { spellNumber } from './messy-numbers.ts';
import { createPeople, type Person } from './people.ts';
import { createRandom, type Random } from './random.ts';

/** A row before it is written: what each column holds. */
export interface MessyRow {
  number: string;
  first_name: string;
  last_name: string;
  timestamp: string;
  date: string;
  tags: string[];
  company: string;
  note: string;
}

const SHARE_REFUSED = 0.07;
const SHARE_REPEATED = 0.05;
/** How many earlier people are kept to be repeated: any number does, so that memory stays what it is. */
const KEPT = 1000;

const COMPANIES = [
  'Acme, Inc.',
  'Müller & Söhne; Erben',
  'O’Neill "Premium" Ltd',
  'ООО «Ромашка»',
  '',
  '株式会社サンプル',
  'Ararat LLC',
];
const NOTES = [
  '',
  '',
  '',
  'prefers mornings, not Mondays',
  'Gate code: "12#"\nring twice',
  'asked for a call; sent a text',
  'línea 1\r\nlínea 2',
];
const LONG_NAMES = [
  'Maximiliane Friederike Wilhelmine Charlotte',
  'Wolfeschlegelsteinhausenbergerdorff',
  'Αλεξάνδρα-Κωνσταντίνα-Παρασκευή Β.',
];

/** The pieces of the file's text; `expected` is counted up with the rows. */
export function* messyRows(rows: number, seed: number, format: SampleFormat, expected: Expected): Generator<string> {
  const random = createRandom(seed);
  const nextPerson = createPeople(random);
  const layout = layoutOf(seed, format);
  const refused = refusedRows(format, layout);
  const write = (row: MessyRow) => (format === 'ndjson' ? ndjsonLine(row, random) : tableLine(row, layout, random));
  const earlier: Person[] = [];

  if (layout.mark) yield '\uFEFF';
  if (format !== 'ndjson') yield (format === 'csv' ? (layout.above ?? '') : '') + tableHeader(layout);
  for (let count = 0; count < rows; count++) {
    expected.rows++;
    const person = nextPerson();
    if (random.chance(SHARE_REFUSED)) {
      const { code, make } = random.pick(refused);
      expected.refused[code] = (expected.refused[code] ?? 0) + 1;
      const made = make(rowOf(person, random), random, nextPerson);
      yield (typeof made === 'string' ? made : write(made)) + layout.lineEnd;
    } else if (earlier.length > 0 && random.chance(SHARE_REPEATED)) {
      expected.duplicates++;
      const again = random.pick(earlier);
      yield write({ ...rowOf(person, random), number: spellNumber(again, random) }) + layout.lineEnd;
    } else {
      expected.created++;
      if (earlier.length < KEPT) earlier.push(person);
      else if (random.chance(0.01)) earlier[random.below(KEPT)] = person;
      yield write(rowOf(person, random)) + layout.lineEnd;
    }
    if (random.chance(0.01)) yield blankLine(format, layout, random) + layout.lineEnd;
  }
}

function layoutOf(seed: number, format: SampleFormat): Layout {
  const layout = LAYOUTS[seed % LAYOUTS.length]!;
  return format === 'tsv' ? { ...layout, separator: '\t' } : layout;
}

function tableHeader(layout: Layout): string {
  return layout.columns.map(([name]) => (layout.quoteAll ? `"${name}"` : name)).join(layout.separator) + layout.lineEnd;
}

/** Lines without a contact, which a spreadsheet leaves where rows were cleared. They are no rows. */
function blankLine(format: SampleFormat, layout: Layout, random: Random): string {
  if (format === 'ndjson') return random.pick(['', '  ']);
  return random.pick(['', '   ', layout.separator.repeat(layout.columns.length - 1)]);
}

function rowOf({ contact, ...person }: Person, random: Random): MessyRow {
  let first = contact.first_name;
  let last = contact.last_name ?? '';
  if (random.chance(0.02)) first = `${first} "${first.slice(0, 2)}"`;
  if (random.chance(0.02)) last = `${last}, Jr.`;
  if (random.chance(0.01)) last = `${last}\nx`;
  if (random.chance(0.03)) first = ` ${first}  `;
  if (random.chance(0.01)) first = `${first} 🌸`;
  return {
    number: spellNumber({ contact, ...person }, random),
    first_name: first,
    last_name: last,
    timestamp: contact.timestamp ?? '',
    date: contact.date ?? '',
    tags: contact.tags,
    company: random.pick(COMPANIES),
    note: random.pick(NOTES),
  };
}

interface RefusedRow {
  code: number;
  /** Breaks one rule of a sound row: the row, or for what is no row any more the line itself. */
  make(row: MessyRow, random: Random, nextPerson: () => Person): MessyRow | string;
}

/** Every way in which a row is refused that a file of this format and layout can show. */
function refusedRows(format: SampleFormat, layout: Layout): RefusedRow[] {
  const number = (
    code: number,
    make: (row: MessyRow, random: Random, nextPerson: () => Person) => string,
  ): RefusedRow => ({
    code,
    make: (row, random, nextPerson) => ({ ...row, number: make(row, random, nextPerson) }),
  });
  const holds = (column: string) => format === 'ndjson' || layout.columns.some(([, holding]) => holding === column);
  const refused = [
    number(1353, (_, random) => random.pick(['', '  '])),
    number(1354, (_, random) => random.pick(['not a number', 'unknown', 'n/a', '#N/A', 'нет', '-', 'ask Ana'])),
    number(1354, (_, random) => random.pick(['4.47912E+11', '3.74912E+10', '1,20255E+10'])),
    number(1354, (_, random, nextPerson) => {
      const [one, other] = [nextPerson().contact.number, nextPerson().contact.number];
      return one + random.pick([' / ', ', ', ' or ', ';', '\n', ' ']) + other;
    }),
    number(1354, (_, random) => `+${random.pick([999, 210, 801])}${1_000_000 + random.below(9_000_000)}`),
    number(1354, (_, random) => random.pick(['12', '+1 202', '0', '+374 9', '4479'])),
    number(
      1354,
      (_, random, nextPerson) => nextPerson().contact.number + random.pick([' ext. 12', ' x45', ';ext=7', ' доб. 3']),
    ),
    number(1355, (_, random, nextPerson) =>
      random.pick([`+1202${'0'.repeat(50)}`, `${nextPerson().contact.number} after six please, but never on Sundays`]),
    ),
    number(1355, (_, __, nextPerson) => Array.from({ length: 5 }, () => nextPerson().contact.number).join(', ')),
    { code: 1361, make: (row: MessyRow, random: Random) => ({ ...row, first_name: random.pick(LONG_NAMES) }) },
    { code: 1362, make: (row: MessyRow, random: Random) => ({ ...row, last_name: random.pick(LONG_NAMES) }) },
  ];
  if (holds('timestamp')) {
    refused.push({
      code: 1363,
      make: (row) => ({ ...row, timestamp: 'next Tuesday at half past nine, or a bit later' }),
    });
  }
  if (holds('date'))
    refused.push({ code: 1364, make: (row) => ({ ...row, date: 'as soon as it is possible for you '.repeat(3) }) });
  if (holds('tags'))
    refused.push({ code: 1359, make: (row) => ({ ...row, tags: 'a b c d e f g h i j k'.split(' ') }) });
  if (format === 'ndjson') {
    refused.push({ code: 1005, make: (row, random) => ndjsonLine(row, random).slice(0, -1) });
    refused.push({ code: 1005, make: (row) => JSON.stringify([row.number, row.first_name]) });
    refused.push({ code: 9013, make: (_, __, nextPerson) => `{"phone": ${nextPerson().contact.number.slice(1)}}` });
  } else {
    // A separator nobody quoted: one cell more than there are columns.
    refused.push({
      code: 9013,
      make: (row, random) => `${tableLine(row, layout, random, true)}${layout.separator}Inc.`,
    });
  }
  return refused;
}
