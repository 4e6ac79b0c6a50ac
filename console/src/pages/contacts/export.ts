import type { Contact } from 'muster-sdk';
import { downloadFrom, downloadText } from '../../parts/download.ts';
import type { View } from './view.ts';

export type ExportFormat = 'csv' | 'xlsx' | 'ndjson';

const COLUMNS = ['number', 'first_name', 'last_name', 'timestamp', 'date', 'tags'] as const;

/** Downloads all that the view finds, as the server writes it. The session's cookie goes along. */
export function exportView(
  audienceId: string,
  { search, tags }: Pick<View, 'search' | 'tags'>,
  format: ExportFormat,
): void {
  const query = new URLSearchParams({ format });
  if (search.trim() !== '') query.set('filter[search]', search.trim());
  for (const tag of tags) query.append('filter[tag]', tag);
  downloadFrom(`/v1/audiences/${encodeURIComponent(audienceId)}/contacts/export?${query}`);
}

/** Chosen contacts as CSV, as the server's own exports are: what a spreadsheet would run as a formula begins with an apostrophe. */
export function exportChosen(contacts: Iterable<Contact>): void {
  const lines = [COLUMNS.join(',')];
  for (const contact of contacts) {
    const cells = COLUMNS.map((column) => {
      if (column === 'number') return `'+${contact.number}`;
      return column === 'tags' ? contact.tags.join(';') : (contact[column] ?? '');
    });
    lines.push(cells.map(cellOf).join(','));
  }
  downloadText('contacts.csv', 'text/csv', `${lines.join('\r\n')}\r\n`);
}

function cellOf(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n;]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
