/** How commands find the contact that somebody names. */
import type { Audience, Contacts, Muster } from '../../sdk/src/index.ts';
import { SetupError } from '../core/errors.ts';
import { readId } from '../core/ids.ts';
import { parseNumber } from '../core/number.ts';
import { requireAudience } from './audiences.ts';

const PAGE_SIZE = 1000;

/** A contact as somebody names it. */
export type Wanted = { id: string } | { number: string };

/** Reads an id, or a number in any spelling. Raises SetupError for what is neither. */
export function readWanted(text: string): Wanted {
  const id = readId(text.trim());
  if (id !== undefined) return { id };
  const number = parseNumber(text, 'possible');
  if (typeof number === 'string') return { number };
  throw new SetupError(`'${text}' is no contact id and no number: muster contacts search finds them`);
}

/** The id of a contact. Raises SetupError when no contact has the number; an id is taken as it is. */
export async function idOf(contacts: Contacts, wanted: Wanted, { name }: Audience): Promise<string> {
  if ('id' in wanted) return wanted.id;
  for await (const { id, number } of contacts.search(wanted.number, { page_size: PAGE_SIZE })) {
    if (number === wanted.number) return id;
  }
  throw new SetupError(`there is no contact +${wanted.number} in '${name}'`);
}

/** The contacts of an audience, and the id of one of them. */
export async function findContact(
  muster: Muster,
  nameOrId: string,
  text: string,
): Promise<{ contacts: Contacts; id: string }> {
  const wanted = readWanted(text);
  const audience = await requireAudience(muster, nameOrId);
  const { contacts } = muster.audience(audience.id);
  return { contacts, id: await idOf(contacts, wanted, audience) };
}
