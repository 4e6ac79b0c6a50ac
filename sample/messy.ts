/** What people really upload: numbers in any spelling, rows that repeat or must be refused, headers of other programs. */
import type { Draft, SampleFormat, SampleNumber } from './make-contacts.ts';
import type { Random } from './random.ts';

export type Role = 'number' | 'first_name' | 'last_name' | 'timestamp' | 'date' | 'tags' | 'company' | 'kind';

export interface MessyRow {
  cells: Record<Role, string>;
  tags: string[];
  /** What becomes of the row in an empty audience: created, a repeat of an earlier accepted row, or the code of its one broken rule. */
  fate: 'created' | 'duplicate' | 1353 | 1354 | 1355 | 1361 | 1362 | 1363 | 1364;
}

export interface MessyShape {
  columns: { role: Role; header: string }[];
  separator: string;
  lineEnd: string;
  /** What stands before the first row: byte order mark, titles, header. */
  head: string;
}

type Family = [separator: ',' | ';', columns: [Role, string][], preamble?: string];

/** Headers as Excel users and other programs write them; seeds take them in turn. */
const FAMILIES: Family[] = [
  [
    ',',
    [
      ['first_name', 'First Name'],
      ['number', 'Phone'],
      ['last_name', 'Surname'],
      ['company', 'Company'],
      ['timestamp', 'Timestamp'],
      ['date', 'Date'],
    ],
  ],
  [
    ';',
    [
      ['last_name', 'Nachname'],
      ['first_name', 'Vorname'],
      ['company', 'Firma'],
      ['number', 'Handynummer'],
      ['tags', 'Gruppen'],
      ['timestamp', 'Uhrzeit'],
      ['date', 'Datum'],
    ],
  ],
  [
    ',',
    [
      ['first_name', 'Given Name'],
      ['last_name', 'Family Name'],
      ['company', 'Organization Name'],
      ['tags', 'Labels'],
      ['kind', 'Phone 1 - Label'],
      ['number', 'Phone 1 - Value'],
      ['timestamp', 'Custom Field 1'],
      ['date', 'Custom Field 2'],
    ],
  ],
  [
    ';',
    [
      ['company', 'CONTACT ID'],
      ['last_name', 'LASTNAME'],
      ['first_name', 'FIRSTNAME'],
      ['number', 'SMS'],
      ['timestamp', 'CUSTOM1'],
      ['date', 'CUSTOM2'],
    ],
  ],
  [
    ',',
    [
      ['kind', 'Title'],
      ['first_name', 'First Name'],
      ['last_name', 'Last Name'],
      ['company', 'Company'],
      ['number', 'Mobile Phone'],
      ['tags', 'Categories'],
      ['timestamp', 'custom_1'],
      ['date', 'custom_2'],
    ],
  ],
  [
    ';',
    [
      ['first_name', 'Prénom'],
      ['last_name', 'Nom'],
      ['company', 'Société'],
      ['number', 'Téléphone portable'],
      ['tags', 'Étiquettes'],
      ['timestamp', 'Heure'],
      ['date', 'DATE'],
    ],
    'Clients du magasin 12\r\n\r\n',
  ],
  [
    ',',
    [
      ['last_name', 'Фамилия'],
      ['first_name', 'Имя'],
      ['number', 'Номер телефона'],
      ['company', 'Компания'],
      ['timestamp', 'Время'],
      ['date', 'Дата'],
    ],
  ],
  [
    ';',
    [
      ['number', ' MSISDN '],
      ['first_name', 'first_name'],
      ['last_name', 'last_name'],
      ['timestamp', 'timestamp'],
      ['date', 'date'],
      ['tags', 'tags'],
      ['company', 'customer number'],
    ],
    'sep=;\r\n',
  ],
];

/** The shape of a seed's messy file. */
export function shapeOf(seed: number, format: SampleFormat): MessyShape {
  const [familySeparator, columns, preamble = ''] = FAMILIES[(seed + FAMILIES.length - 1) % FAMILIES.length]!;
  const separator = format === 'tsv' ? '\t' : familySeparator;
  const lineEnd = seed % 5 === 0 ? '\n' : '\r\n';
  const titles = format === 'csv' ? preamble : '';
  const header = columns.map(([, name], index) => (index % 3 === 0 ? `"${name}"` : name)).join(separator) + lineEnd;
  return {
    columns: columns.map(([role, name]) => ({ role, header: name })),
    separator,
    lineEnd,
    head: (seed % 7 === 0 ? '' : '\uFEFF') + (format === 'ndjson' ? '' : titles + header),
  };
}

const COMPANIES = [
  '',
  '',
  'Acme, Inc.',
  'Müller & Söhne; Berlin',
  'The "Corner" Shop',
  'ООО «Ромашка»',
  'Two\nLines Ltd.',
  'a|b',
  '株式会社さくら',
];
const WORDS = ['not a number', 'n/a', 'unknown', 'no phone', 'see notes', 'ask Maria', 'keine', '电话'];
const SHORT = ['12', '123', '+1 202', '+44 7', '555-01', '0'];
const SCIENTIFIC = ['4.47912E+11', '3.74911E+10', '4,47912E+11', '1.20256e+10'];
/** Calling codes that no country has. */
const NO_COUNTRY = ['+999123456789', '+210912345678', '00999 12 345 678', '+80312345678', '+9991234567'];
const OVERLONG = [
  `+1202${'0'.repeat(50)}`,
  'call only in the evening, after six: +1 202 555 0150',
  `+44 ${'7 '.repeat(30)}7`,
];
/** How many earlier numbers are remembered to be repeated. */
const REMEMBERED = 1000;

/** Rows without end. Of the rules of a contact's fields a refused row breaks exactly one. */
export function* messyRows(random: Random, draft: () => Draft): Generator<MessyRow, never, undefined> {
  const accepted: SampleNumber[] = [];
  let count = 0;
  for (;;) {
    const { number, contact } = draft();
    const row: MessyRow = {
      cells: {
        number: spell(number, random),
        first_name: contact.first_name ?? '',
        last_name: contact.last_name ?? '',
        timestamp: contact.timestamp ?? '',
        date: contact.date ?? '',
        tags: contact.tags.join(random.pick([';', ', ', '|'])),
        company: random.pick(COMPANIES),
        kind: random.pick(['mobile', 'Mobile', 'work', '']),
      },
      tags: contact.tags,
      fate: 'created',
    };
    const dice = random.next();
    if (dice < 0.06) {
      breakNumber(row, number, draft, random);
    } else if (dice < 0.075) {
      breakText(row, contact.first_name ?? 'Wolfeschlegelstein', random);
    } else if (dice < 0.125 && accepted.length > 0) {
      row.cells.number = spell(random.pick(accepted), random);
      row.fate = 'duplicate';
    } else {
      decorate(row, random);
      accepted[count++ % REMEMBERED] = number;
    }
    yield row;
  }
}

/** One of the spellings of a valid number; all of them are the same contact. */
function spell({ plan, national, e164 }: SampleNumber, random: Random): string {
  const code = plan.callingCode;
  const [area, rest] = [national.slice(0, 3), national.slice(3)];
  const half = Math.ceil(rest.length / 2);
  const [left, right] = [rest.slice(0, half), rest.slice(half)];
  const isArabic = plan.people[0] === 'arabic';
  switch (random.below(isArabic ? 15 : 13)) {
    case 0:
    case 1:
    case 2:
      return e164;
    case 3:
      return code + national;
    case 4:
      return `00${code}${national}`;
    case 5:
      return `+${code} ${area} ${left} ${right}`;
    case 6:
      return `+${code} (${area}) ${left}-${right}`;
    case 7:
      return `+${code}.${area}.${left}.${right}`;
    case 8:
      return `+${code} ${area}/${rest}`;
    case 9:
      return ` +${code}-${area}-${rest} `;
    case 10:
      return `00 ${code} ${area}\u00a0${left} ${right}`;
    case 11:
      return `${code} ${area} ${rest}  `;
    case 12:
      return random.chance(0.3) ? `+${inDigitsFrom(0xff10, code + national)}` : e164;
    default:
      return `+${inDigitsFrom(0x0660, code + national)}`;
  }
}

/** Digits of another script, whose zero is at `zero`. */
function inDigitsFrom(zero: number, digits: string): string {
  return digits.replace(/\d/g, (digit) => String.fromCharCode(zero + Number(digit)));
}

function breakNumber(row: MessyRow, number: SampleNumber, draft: () => Draft, random: Random): void {
  row.fate = 1354;
  row.cells.number = random.pick([
    () => random.pick(WORDS),
    () => random.pick(SCIENTIFIC),
    () => random.pick(NO_COUNTRY),
    () => random.pick(SHORT),
    () => `${number.e164}${random.pick([' / ', ', ', '; ', ' or ', '\n'])}${draft().number.e164}`,
    () => `${number.e164}${random.pick([' ext. 12', ' x12', '#12', ' доб. 305'])}`,
    () => {
      row.fate = 1355;
      return random.pick(OVERLONG);
    },
    () => {
      row.fate = 1353;
      // A row without anything in it would be a blank line, and no row.
      row.cells.last_name ||= 'Nobody';
      return '';
    },
  ])();
}

/** Makes one text longer than it may be. */
function breakText(row: MessyRow, name: string, random: Random): void {
  const long = (limit: number) => name.repeat(Math.ceil((limit + 1) / [...name].length));
  const [role, fate, limit] = random.pick([
    ['first_name', 1361, 32],
    ['last_name', 1362, 32],
    ['timestamp', 1363, 32],
    ['date', 1364, 70],
  ] as const);
  row.cells[role] = long(limit);
  row.fate = fate;
}

/** What happens to texts on their way through spreadsheets; nothing that would make them too long. */
function decorate({ cells }: MessyRow, random: Random): void {
  const isShort = (text: string) => text !== '' && text.length <= 24;
  if (random.chance(0.03) && isShort(cells.first_name)) cells.first_name += ' "Bo"';
  if (random.chance(0.02) && isShort(cells.last_name)) cells.last_name += ', Jr.';
  if (random.chance(0.02) && isShort(cells.last_name)) cells.last_name = cells.last_name.replace(/$/, '\nsen.');
  if (random.chance(0.04)) cells.first_name += '  ';
  if (random.chance(0.02) && isShort(cells.last_name)) cells.last_name = cells.last_name.toUpperCase();
  if (random.chance(0.01)) cells.first_name = cells.first_name.normalize('NFD');
}
