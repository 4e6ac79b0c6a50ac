import { SetupError } from '../core/errors.ts';
import { readId } from '../core/ids.ts';
import { type ApiAudience, type ApiClient, type ApiContact, requireAudience, walkPages } from './api-client.ts';
import { print, printRows } from './output.ts';
import { count } from './progress.ts';

export interface ListOptions {
  audience: string;
  limit?: string;
  all?: boolean;
  json?: boolean;
}

const DEFAULT_LIMIT = 50;
const PAGE_SIZE = 1000;
const HEADER = ['ID', 'NUMBER', 'FIRST NAME', 'LAST NAME', 'TAGS', 'MADE'];

/** Prints the contacts of an audience, all or those that a search finds. */
export async function listContacts(client: ApiClient, search: string | undefined, options: ListOptions): Promise<void> {
  const limit = readLimit(options);
  const audience = await requireAudience(client, options.audience);
  const filter = search === undefined ? '' : `&filter[search]=${encodeURIComponent(search)}`;
  const path = `/v1/audiences/${audience.id}/contacts?page_size=${Math.min(limit, PAGE_SIZE)}${filter}`;
  const shown: ApiContact[] = [];
  let taken = 0;
  let all = 0;
  for await (const { item, total } of walkPages<ApiContact>(client, path)) {
    all = total;
    // JSON lines leave at once, whatever their number; a table must know its widest cell.
    if (options.json) print(JSON.stringify(item));
    else shown.push(item);
    if (++taken >= limit) break;
  }
  if (options.json) return;
  printContacts(shown);
  const more = all > taken ? ': --limit N or --all shows more' : '';
  console.error(`${count(taken)} of ${count(all)} contacts${more}`);
}

/** Prints one contact. */
export async function getContact(
  client: ApiClient,
  id: string,
  options: { audience: string; json?: boolean },
): Promise<void> {
  const contactId = readId(id);
  if (contactId === undefined) throw new SetupError(`'${id}' is no contact id: muster contacts search finds it`);
  const audience = await requireAudience(client, options.audience);
  const { data } = await client.get<{ data: ApiContact }>(`/v1/audiences/${audience.id}/contacts/${contactId}`);
  if (options.json) print(JSON.stringify(data));
  else printContacts([data]);
}

function printContacts(contacts: ApiContact[]): void {
  printRows(contacts, {}, HEADER, (contact) => [
    contact.id,
    `+${contact.number}`,
    contact.first_name ?? '',
    contact.last_name ?? '',
    contact.tags.join(', '),
    contact.create_date,
  ]);
}

/** Prints the account's audiences. */
export async function listAudiences(client: ApiClient, options: { json?: boolean }): Promise<void> {
  const audiences = await Array.fromAsync(walkPages<ApiAudience>(client, '/v1/audiences?page_size=1000'));
  printRows(
    audiences.map(({ item }) => item),
    options,
    ['ID', 'NAME', 'CHANNEL', 'CONTACTS', 'MADE'],
    ({ id, name, channel, contacts_count, create_date }) => [id, name, channel, count(contacts_count), create_date],
  );
}

/** Makes an audience and prints its id. */
export async function createAudience(
  client: ApiClient,
  name: string,
  options: { channel: string },
): Promise<ApiAudience> {
  const { data } = await client.post<{ data: ApiAudience }>('/v1/audiences', { name, channel: options.channel });
  return data;
}

/** How many items of a list to show. Raises SetupError. */
export function readLimit({ limit, all }: Pick<ListOptions, 'limit' | 'all'>): number {
  if (all) return Number.POSITIVE_INFINITY;
  if (limit === undefined) return DEFAULT_LIMIT;
  if (!/^[1-9]\d{0,8}$/.test(limit)) throw new SetupError(`--limit is '${limit}', but must be a whole number from 1`);
  return Number(limit);
}
