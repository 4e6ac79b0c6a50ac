import type { ContactInput } from '../../core/contact-fields.ts';

/** A contact on its way to the writer: its members without their names, which take longer to send than what they name. */
export type PackedContact = [
  number: ContactInput['number'],
  first_name: ContactInput['first_name'],
  last_name: ContactInput['last_name'],
  timestamp: ContactInput['timestamp'],
  date: ContactInput['date'],
  tags: ContactInput['tags'],
];

export function pack({ number, first_name, last_name, timestamp, date, tags }: ContactInput): PackedContact {
  return [number, first_name, last_name, timestamp, date, tags];
}

export function unpack([number, first_name, last_name, timestamp, date, tags]: PackedContact): ContactInput {
  return { number, first_name, last_name, timestamp, date, tags } as ContactInput;
}
