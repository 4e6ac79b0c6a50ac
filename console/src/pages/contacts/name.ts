import type { Contact } from 'muster-sdk';

type Named = Pick<Contact, 'number' | 'first_name' | 'last_name'>;

/** First and last name; undefined when the contact has neither. */
export function fullName({ first_name, last_name }: Named): string | undefined {
  const parts = [first_name, last_name].filter((part) => part !== null);
  return parts.length > 0 ? parts.join(' ') : undefined;
}

/** What a contact is called in a sentence. */
export function nameOf(contact: Named): string {
  return fullName(contact) ?? `+${contact.number}`;
}
