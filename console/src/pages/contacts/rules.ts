/** What may be entered, as the server will judge it: the SDK's limits, which are the server's own. */
import { type Contact, type ErrorDetail, LIMITS, MusterError } from 'muster-sdk';
import type * as phones from '../../parts/phone.ts';
import { texts } from '../../texts/index.ts';

const words = texts.contacts.rules;

export const TEXT_FIELDS = ['first_name', 'last_name', 'timestamp', 'date'] as const;
export type TextField = (typeof TEXT_FIELDS)[number];
export type Field = TextField | 'number' | 'tags';

/** What is entered: empty text is none. */
export type Entry = Record<TextField | 'number', string> & { tags: string[] };
export type Problems = Partial<Record<Field, string>>;

export const EMPTY: Entry = { number: '', first_name: '', last_name: '', timestamp: '', date: '', tags: [] };

export function entryOf(contact: Contact): Entry {
  const { first_name, last_name, timestamp, date, tags } = contact;
  return {
    number: `+${contact.number}`,
    first_name: first_name ?? '',
    last_name: last_name ?? '',
    timestamp: timestamp ?? '',
    date: date ?? '',
    tags,
  };
}

const cleaned = (text: string): string => text.trim().normalize('NFC');
const lengthOf = (text: string): number => [...cleaned(text)].length;

/** What of an entry breaks a rule for certain. */
export function problemsOf(entry: Entry): Problems {
  const problems: Problems = {};
  if (entry.number.trim() === '') problems.number = words.required;
  else if (lengthOf(entry.number) > LIMITS.number) problems.number = words.tooLong(LIMITS.number);
  for (const field of TEXT_FIELDS) {
    if (lengthOf(entry[field]) > LIMITS[field]) problems[field] = words.tooLong(LIMITS[field]);
  }
  const tags = tagsProblem(entry.tags);
  if (tags !== undefined) problems.tags = tags;
  return problems;
}

export function tagsProblem(tags: string[]): string | undefined {
  if (tags.length > LIMITS.tags) return words.tooManyTags;
  return tags.some((tag) => lengthOf(tag) > LIMITS.tag) ? words.tagTooLong : undefined;
}

/** What seems wrong with a number. The server has the last word: it may be told to accept more than the plans do. */
export function doubtOf(number: string, plans: typeof phones | undefined): string | undefined {
  if (plans === undefined || number.trim() === '') return undefined;
  const problem = plans.problemOfNumber(number);
  return problem && words.number[problem];
}

/** What an entry would change, as the API takes it. Undefined when nothing. */
export function changeOf(entry: Entry, contact: Contact): Record<string, unknown> | undefined {
  const before = entryOf(contact);
  const change: Record<string, unknown> = {};
  if (entry.number.replace(/[^\d]/g, '') !== contact.number) change.number = entry.number.trim();
  for (const field of TEXT_FIELDS) {
    const text = cleaned(entry[field]);
    if (text !== before[field]) change[field] = text === '' ? null : text;
  }
  if (JSON.stringify(entry.tags) !== JSON.stringify(contact.tags)) change.tags = entry.tags;
  return Object.keys(change).length > 0 ? change : undefined;
}

/** An entry over another version of its contact: what it changes of `base` stays, the rest is as the other version has it. */
export function rebased(entry: Entry, base: Contact, other: Contact): Entry {
  const change = changeOf(entry, base) ?? {};
  const own = Object.keys(change).map((field) => [field, entry[field as Field]]);
  return { ...entryOf(other), ...Object.fromEntries(own) };
}

const FIELD_OF: Record<number, Field> = {
  1353: 'number',
  1354: 'number',
  1355: 'number',
  1360: 'number',
  1359: 'tags',
  1361: 'first_name',
  1362: 'last_name',
  1363: 'timestamp',
  1364: 'date',
};

function saidOf({ code, message }: ErrorDetail): string {
  if (code === 1360) return words.duplicate;
  return code === 1354 ? words.invalidNumber : message;
}

/** What the server says of fields; `rest` is what belongs to none of them. */
export function problemsIn(error: unknown): { problems: Problems; rest: ErrorDetail[] } {
  const problems: Problems = {};
  const rest: ErrorDetail[] = [];
  for (const detail of error instanceof MusterError ? error.errors : []) {
    const [, member] = /'data\.(\w+)/.exec(detail.message) ?? [];
    const isField = member !== undefined && (member === 'number' || member === 'tags' || member in EMPTY);
    const field = FIELD_OF[detail.code] ?? (isField ? (member as Field) : undefined);
    if (field === undefined) rest.push(detail);
    else problems[field] ??= saidOf(detail);
  }
  return { problems, rest };
}
