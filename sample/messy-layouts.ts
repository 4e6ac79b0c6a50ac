/** How untidy files are laid out: the columns as programs and people name them, and how cells are written. */
import type { MessyRow } from './messy.ts';
import type { Random } from './random.ts';

export interface Layout {
  separator: string;
  lineEnd: string;
  /** Whether the file begins with a byte order mark. */
  mark: boolean;
  /** Lines above the header: a title, or Excel's own line for the separator. */
  above?: string;
  /** Whether every cell is quoted, and not only those that must be. */
  quoteAll?: boolean;
  /** Headers, and what the columns hold: a field of a row, or a fixed text that nobody asked for. */
  columns: [header: string, holding: keyof MessyRow | string][];
}

/** A seed picks one of them. */
export const LAYOUTS: Layout[] = [
  {
    separator: ';',
    lineEnd: '\r\n',
    mark: true,
    columns: [
      ['Nachname', 'last_name'],
      ['Vorname', 'first_name'],
      ['Firma', 'company'],
      ['Handynummer', 'number'],
      ['Bemerkung', 'note'],
      ['Datum', 'date'],
      ['Schlagwörter', 'tags'],
    ],
  },
  {
    separator: ',',
    lineEnd: '\r\n',
    mark: true,
    columns: [
      ['First Name', 'first_name'],
      ['Phone', 'number'],
      ['Surname', 'last_name'],
      ['Company', 'company'],
      ['Timestamp', 'timestamp'],
      ['Date', 'date'],
      ['TAGS', 'tags'],
      ['Notes', 'note'],
    ],
  },
  {
    separator: ',',
    lineEnd: '\n',
    mark: false,
    columns: [
      ['First Name', 'first_name'],
      ['Last Name', 'last_name'],
      ['Organization Name', 'company'],
      ['Notes', 'note'],
      ['Labels', 'tags'],
      ['Phone 1 - Label', '= Mobile'],
      ['Phone 1 - Value', 'number'],
    ],
  },
  {
    separator: ';',
    lineEnd: '\r\n',
    mark: false,
    columns: [
      ['Nom', 'last_name'],
      ['Prénom', 'first_name'],
      ['Téléphone portable', 'number'],
      ['Société', 'company'],
      ['Étiquettes', 'tags'],
    ],
  },
  {
    separator: ',',
    lineEnd: '\r\n',
    mark: true,
    quoteAll: true,
    columns: [
      ['MOBILE_NUMBER', 'number'],
      ['FIRSTNAME', 'first_name'],
      ['LASTNAME', 'last_name'],
      ['COUNTRY', '= '],
      ['CUSTOM1', 'timestamp'],
      ['CUSTOM2', 'date'],
    ],
  },
  {
    separator: ';',
    lineEnd: '\r\n',
    mark: true,
    above: 'sep=;\r\n',
    columns: [
      ['customer number', 'note'],
      [' MSISDN ', 'number'],
      ['first_name', 'first_name'],
      ['last_name', 'last_name'],
      ['timestamp', 'timestamp'],
      ['date', 'date'],
      ['tags', 'tags'],
    ],
  },
  {
    separator: ',',
    lineEnd: '\r\n',
    mark: false,
    above: 'Клиенты магазина 12\r\n\r\n',
    columns: [
      ['Фамилия', 'last_name'],
      ['Имя', 'first_name'],
      ['Номер телефона', 'number'],
      ['Компания', 'company'],
      ['Время', 'timestamp'],
      ['Дата', 'date'],
    ],
  },
];

/**
 * A row as a line of a table.
 * @param whole also with the empty cells at its end, which some programs leave out.
 */
export function tableLine(row: MessyRow, layout: Layout, random: Random, whole = false): string {
  const { separator, quoteAll } = layout;
  const cells = layout.columns.map(([, holding]) => {
    if (holding.startsWith('= ')) return holding.slice(2);
    const value = row[holding as keyof MessyRow];
    return typeof value === 'string' ? value : value.join(separator === ',' ? ';' : ',');
  });
  if (!whole && random.chance(0.05)) while (cells.length > 2 && cells.at(-1) === '') cells.pop();
  return cells
    .map((cell) => (quoteAll || mustQuote(cell, separator) ? `"${cell.replaceAll('"', '""')}"` : cell))
    .join(separator);
}

/** A row as a line of JSON. Nobody agrees whether what is empty is null, empty text or not there at all. */
export function ndjsonLine(row: MessyRow, random: Random): string {
  const empty = (value: string) => (value === '' ? random.pick([null, undefined]) : value);
  return JSON.stringify({
    firstName: row.first_name,
    lastName: empty(row.last_name),
    phone: row.number,
    company: row.company,
    custom1: empty(row.timestamp),
    custom2: empty(row.date),
    tags: row.tags.length === 0 ? random.pick([null, undefined, row.tags]) : row.tags,
  });
}

function mustQuote(cell: string, separator: string): boolean {
  return cell.includes(separator) || cell.includes('"') || cell.includes('\n') || cell.includes('\r');
}
