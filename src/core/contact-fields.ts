/**
 * The one definition of a contact's fields: their names, limits and codes. Single create and update, bulk, audience
 * create and files all read contacts through `readContact`; the wire schemas take their limits from here.
 */
import { isObject } from './body.ts';
import { type ErrorCode, type Problem, problem } from './errors.ts';
import { type NumberRule, parseNumber } from './number.ts';
import { cleanText, isLongerThan, isSoundText } from './text.ts';

/** What a client says of a contact. The number is E.164 digits without the plus. */
export interface ContactDetails {
  number: string;
  first_name: string | null;
  last_name: string | null;
  timestamp: string | null;
  date: string | null;
  tags: string[];
}

/** A change: an absent member keeps its value, null (or an empty list of tags) clears it. */
export type ContactChange = Partial<ContactDetails>;

/** A contact to create or upsert: its number and whatever else is said of it. */
export type ContactInput = ContactChange & { number: string };

export type TextFieldName = 'first_name' | 'last_name' | 'timestamp' | 'date';

export interface TextField {
  name: TextFieldName;
  /** The name newer clients give the same field; both are accepted, both are returned. */
  alias?: 'custom1' | 'custom2';
  /** Most characters, in Unicode code points. */
  max: number;
  tooLong: ErrorCode;
  about: string;
}

export const TEXT_FIELDS: readonly TextField[] = [
  { name: 'first_name', max: 32, tooLong: 1361, about: 'First name' },
  { name: 'last_name', max: 32, tooLong: 1362, about: 'Last name' },
  { name: 'timestamp', alias: 'custom1', max: 32, tooLong: 1363, about: 'Free text for personalising messages' },
  { name: 'date', alias: 'custom2', max: 70, tooLong: 1364, about: 'Free text for personalising messages' },
];

export const MAX_TAGS = 10;
export const MAX_TAG_LENGTH = 32;
/** Most contacts in one call. */
export const MAX_CONTACTS = 1000;

/**
 * Reads the members of a contact as sent, `raw`, into a change; members Muster does not know are ignored.
 * Broken rules are added to `problems`, all of them: 1353, 1354, 1355, 1359, 1361–1364, 9013.
 * @param place path of the contact in the request, as `data` or `data.contacts[3]`.
 * @param needsNumber whether an absent number is a broken rule (create) or keeps its value (update).
 */
export function readContact(
  raw: unknown,
  place: string,
  needsNumber: boolean,
  rule: NumberRule,
  problems: Problem[],
): ContactChange {
  if (!isObject(raw)) {
    problems.push(problem(9013, place, `'{place}' must be an object`));
    return {};
  }
  const change: ContactChange = {};
  if (raw.number !== undefined || needsNumber) readNumber(raw.number, `${place}.number`, rule, problems, change);
  for (const field of TEXT_FIELDS) readText(raw, field, place, problems, change);
  if (raw.tags !== undefined) readTags(raw.tags, `${place}.tags`, problems, change);
  return change;
}

/** One contact of a list as sent: what it says, and which rules it breaks. */
export interface ContactRow {
  contact: ContactChange;
  problems: Problem[];
}

/** Reads a list of contacts, each on its own; what is wrong with the list itself goes to `problems`: 1308, 9013. */
export function readContactRows(raw: unknown, place: string, rule: NumberRule, problems: Problem[]): ContactRow[] {
  if (!Array.isArray(raw)) {
    problems.push(problem(9013, place, `'{place}' must be a list of contacts`));
    return [];
  }
  if (raw.length > MAX_CONTACTS) {
    problems.push(problem(1308, place));
    return [];
  }
  return raw.map((each, index) => {
    const own: Problem[] = [];
    return { contact: readContact(each, `${place}[${index}]`, true, rule, own), problems: own };
  });
}

/** A contact as it is stored when nothing was said before: absent members are empty. */
export function fillContact(input: ContactInput): ContactDetails {
  return {
    number: input.number,
    first_name: input.first_name ?? null,
    last_name: input.last_name ?? null,
    timestamp: input.timestamp ?? null,
    date: input.date ?? null,
    tags: input.tags ?? [],
  };
}

/** The contact after a change, or undefined when the change changes nothing. */
export function applyChange<T extends ContactDetails>(contact: T, change: ContactChange): T | undefined {
  let changed = change.number !== undefined && change.number !== contact.number;
  for (const { name } of TEXT_FIELDS) changed ||= change[name] !== undefined && change[name] !== contact[name];
  changed ||= change.tags !== undefined && !sameTags(change.tags, contact.tags);
  return changed ? { ...contact, ...withoutAbsent(change) } : undefined;
}

function sameTags(one: string[], other: string[]): boolean {
  return one.length === other.length && one.every((tag, index) => tag === other[index]);
}

function withoutAbsent(change: ContactChange): ContactChange {
  return Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
}

function readNumber(raw: unknown, place: string, rule: NumberRule, problems: Problem[], change: ContactChange): void {
  if (raw === undefined || raw === null) {
    problems.push(problem(1353, place));
    return;
  }
  if (typeof raw !== 'string') {
    problems.push(problem(9013, place, `'{place}' must be a string`));
    return;
  }
  const number = parseNumber(raw, rule);
  if (typeof number === 'string') change.number = number;
  else problems.push(problem(number.code, place));
}

function readText(
  raw: Record<string, unknown>,
  field: TextField,
  place: string,
  problems: Problem[],
  change: ContactChange,
): void {
  const { name, alias } = field;
  let value = readTextMember(raw[name], `${place}.${name}`, field, problems);
  if (alias !== undefined && raw[alias] !== undefined) {
    const other = readTextMember(raw[alias], `${place}.${alias}`, field, problems);
    if (raw[name] === undefined) {
      value = other;
    } else if (value !== undefined && other !== undefined && value !== other) {
      problems.push(problem(9013, `${place}.${alias}`, `'{place}' differs from '${name}', which is the same field`));
    }
  }
  if (value !== undefined) change[name] = value;
}

/** The text to store, null when empty, undefined when absent or broken. */
function readTextMember(raw: unknown, place: string, field: TextField, problems: Problem[]): string | null | undefined {
  if (raw === undefined || raw === null) return raw;
  if (typeof raw !== 'string') {
    problems.push(problem(9013, place, `'{place}' must be a string or null`));
    return undefined;
  }
  if (!isSoundText(raw)) {
    problems.push(problem(9013, place, `'{place}' holds a character that cannot be stored`));
    return undefined;
  }
  const text = cleanText(raw, field.max);
  if (isLongerThan(text, field.max)) {
    problems.push(problem(field.tooLong, place));
    return undefined;
  }
  return text === '' ? null : text;
}

/** A tag as it is stored; undefined when it is none. */
export function readTag(raw: unknown): string | undefined {
  const text = typeof raw === 'string' && isSoundText(raw) ? cleanText(raw, MAX_TAG_LENGTH) : '';
  return text === '' || isLongerThan(text, MAX_TAG_LENGTH) ? undefined : text;
}

function readTags(raw: unknown, place: string, problems: Problem[], change: ContactChange): void {
  if (raw === null) {
    change.tags = [];
    return;
  }
  if (!Array.isArray(raw)) {
    problems.push(problem(9013, place, `'{place}' must be a list of strings or null`));
    return;
  }
  const tags = new Set<string>();
  let wrong = 0;
  for (const [index, tag] of raw.entries()) {
    const text = readTag(tag);
    if (text !== undefined) tags.add(text);
    // A body has room for millions of wrong tags: the first ones are told, and that there are too many.
    else if (++wrong <= MAX_TAGS) {
      const rule = `'{place}' must be a string of 1 to ${MAX_TAG_LENGTH} characters`;
      problems.push(problem(9013, `${place}[${index}]`, rule));
    }
  }
  if (tags.size + wrong > MAX_TAGS) problems.push(problem(1359, place));
  change.tags = [...tags];
}
