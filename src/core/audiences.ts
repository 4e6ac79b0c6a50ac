import { readMembers, refuse } from './body.ts';
import { type ContactInput, type ContactRow, readContactRows } from './contact-fields.ts';
import { ERRORS, type Problem, problem } from './errors.ts';
import type { NumberRule } from './number.ts';
import { type PageRequest, readPageRequest, type Walk } from './paging.ts';
import type { Audience, Channel, Store, Terms } from './store.ts';
import { cleanText, isLongerThan, isSoundText } from './text.ts';

export const CHANNELS: readonly Channel[] = ['SMS', 'WHATSAPP', 'VIBER'];
/** Most characters of an audience's name, in Unicode code points. */
export const MAX_NAME = 45;

const WORD = '[\\p{L}\\p{M}\\p{Nd}_-]+';
/** What a name is made of. */
export const NAME = new RegExp(`^${WORD}(?: ${WORD})*$`, 'u');

/** What two names of one account must differ in: the name without case. */
export function nameKey(name: string): string {
  // Upper case first: `ß` and `SS`, `ς` and `σ` are one letter to people.
  return name.toUpperCase().toLowerCase();
}

/**
 * Creates an audience with its first contacts, all or nothing.
 * Raises 1007, 1303–1309, 9013, for its contacts 1353–1364, and what its terms raise.
 */
export async function createAudience(
  store: Store,
  accountId: string,
  data: unknown,
  rule: NumberRule,
  terms?: Terms,
): Promise<Audience> {
  const problems: Problem[] = [];
  const members = readMembers(data, problems);
  if (problems.length > 0) return refuse(problems);
  const name = readName(members.name, problems);
  const channel = readChannel(members.channel, problems);
  const rows = readContactRows(members.contacts ?? [], 'data.contacts', rule, problems);
  for (const row of rows) problems.push(...row.problems);
  refuseRepeats(rows, problems);
  if (problems.length > 0) return refuse(problems);
  const contacts = rows.map((row) => row.contact as ContactInput);
  return store.audiences.create(accountId, { name: name!, channel: channel!, contacts }, terms);
}

/** Renames an audience. Raises 1007, 1301, 1303–1305, 1309, 9013, and what its terms raise. */
export async function renameAudience(
  store: Store,
  accountId: string,
  id: string,
  data: unknown,
  terms?: Terms,
): Promise<Audience> {
  const problems: Problem[] = [];
  const members = readMembers(data, problems);
  const name = problems.length === 0 ? readName(members.name, problems) : undefined;
  if (problems.length > 0) return refuse(problems, store.audiences.get(accountId, id));
  return store.audiences.rename(accountId, id, name!, terms);
}

/** A page of the account's audiences, in creation order. Raises 9010, 9011, 9012. */
export async function listAudiences(
  store: Store,
  accountId: string,
  request: PageRequest & { channel?: unknown },
): Promise<{ items: Audience[]; walk: Walk }> {
  const problems: Problem[] = [];
  const channel = readChannelFilter(request.channel, problems);
  const placed = readPageRequest(request, `audiences ${accountId} ${channel ?? ''}`, problems);
  if (placed === undefined) return refuse(problems);
  const { items, hasNext, total } = await store.audiences.page(accountId, placed.slice, channel);
  const ends = { count: items.length, first: items[0]?.id, last: items.at(-1)?.id, hasNext, total };
  return { items, walk: placed.walk(ends) };
}

function readName(raw: unknown, problems: Problem[]): string | undefined {
  const place = 'data.name';
  if (raw === undefined || raw === null || raw === '') problems.push(problem(1303, place));
  else if (typeof raw !== 'string') problems.push(problem(9013, place, `'{place}' must be a string`));
  else if (!isSoundText(raw)) problems.push(problem(9013, place, `'{place}' holds a character that cannot be stored`));
  else {
    const name = cleanText(raw, MAX_NAME);
    if (name === '') problems.push(problem(1303, place));
    else if (isLongerThan(name, MAX_NAME)) problems.push(problem(1305, place));
    else if (!NAME.test(name)) problems.push(problem(1304, place));
    else return name;
  }
  return undefined;
}

function readChannel(raw: unknown, problems: Problem[]): Channel | undefined {
  const place = 'data.channel';
  if (raw === undefined || raw === null || raw === '') {
    problems.push(problem(1306, place));
    return undefined;
  }
  const channel = toChannel(raw);
  if (channel === undefined) problems.push(problem(1307, place));
  return channel;
}

function readChannelFilter(raw: unknown, problems: Problem[]): Channel | undefined {
  if (raw === undefined || raw === '') return undefined;
  const channel = toChannel(raw);
  if (channel === undefined) {
    problems.push(problem(9012, undefined, `'filter[channel]' should be in: [${CHANNELS.join(', ')}]`));
  }
  return channel;
}

function toChannel(raw: unknown): Channel | undefined {
  if (typeof raw !== 'string') return undefined;
  const wanted = raw.trim().toUpperCase();
  return CHANNELS.find((channel) => channel === wanted);
}

function refuseRepeats(rows: ContactRow[], problems: Problem[]): void {
  const seen = new Map<string, number>();
  for (const [index, { contact }] of rows.entries()) {
    if (contact.number === undefined) continue;
    const first = seen.get(contact.number);
    if (first === undefined) seen.set(contact.number, index);
    else {
      const text = `'{place}' repeats 'data.contacts[${first}].number': ${ERRORS[1360].message}`;
      problems.push(problem(1360, `data.contacts[${index}].number`, text));
    }
  }
}
