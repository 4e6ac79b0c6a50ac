/** Contacts as CSV (RFC 4180), for spreadsheets and for imports. */
import type { Contact } from '../core/contact-document.ts';
import { joinTags } from './tags.ts';

/** A contact's columns. The first six are those that an import takes; it passes over the dates. */
export const COLUMNS = [
  'number',
  'first_name',
  'last_name',
  'timestamp',
  'date',
  'tags',
  'create_date',
  'update_date',
] as const;

/** A contact's cells. The number has its plus, which says to every reader that it begins with a country code. */
export function cellsOf(contact: Contact): string[] {
  return [
    `+${contact.number}`,
    contact.first_name ?? '',
    contact.last_name ?? '',
    contact.timestamp ?? '',
    contact.date ?? '',
    joinTags(contact.tags),
    contact.create_date,
    contact.update_date,
  ];
}

/**
 * What a spreadsheet runs as a formula: a sign of one at the beginning, also of full width, or the white space that some
 * drop before they look. Apostrophes before it too, so that the one which is added can be taken away again by a rule.
 */
const FORMULA = /^'*[=+\-@\t\r\n＝＋－＠]/;
const NEEDS_QUOTES = /[",\r\n]/;

/**
 * A cell that no spreadsheet runs: an apostrophe goes before what could be a formula, and an import takes it away again. The
 * same apostrophe makes a number text, of which no digit is lost.
 */
export function neutralise(cell: string): string {
  return FORMULA.test(cell) ? `'${cell}` : cell;
}

function writeCell(cell: string): string {
  const safe = neutralise(cell);
  return NEEDS_QUOTES.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** Text in UTF-8 with a byte order mark, without which spreadsheets take it for another encoding; lines end in CRLF. */
export async function* writeCsv(batches: AsyncIterable<Contact[]>): AsyncGenerator<string, void, undefined> {
  yield `\uFEFF${COLUMNS.join(',')}\r\n`;
  for await (const contacts of batches) {
    let text = '';
    for (const contact of contacts) text += `${cellsOf(contact).map(writeCell).join(',')}\r\n`;
    yield text;
  }
}
