import { readMembers, refuse } from './body.ts';
import {
  type ContactChange,
  type ContactInput,
  type ContactRow,
  MAX_TAG_LENGTH,
  MAX_TAGS,
  readContact,
  readContactRows,
  readTag,
} from './contact-fields.ts';
import { failure, type Problem, problem } from './errors.ts';
import type { NumberRule } from './number.ts';
import { type PageRequest, readPageRequest, type Walk } from './paging.ts';
import { MAX_SEARCH, searchNeedles } from './search-text.ts';
import type { OnConflict, RowFate, Store, Terms } from './store.ts';
import { isLongerThan, isSoundText } from './text.ts';

/** The audience a request is about. */
export interface Place {
  account_id: string;
  audience_id: string;
}

/** Creates one contact; answers its document. Raises 1007, 1301, 1353–1364, 9013, and what its terms raise. */
export async function createContact(
  store: Store,
  place: Place,
  data: unknown,
  rule: NumberRule,
  terms?: Terms,
): Promise<string> {
  const problems: Problem[] = [];
  const contact = readData(data, true, rule, problems);
  if (problems.length > 0) return refuse(problems, store.audiences.get(place.account_id, place.audience_id));
  return store.contacts.create(place.account_id, place.audience_id, contact as ContactInput, terms);
}

/** Changes what is given of a contact; answers its document. Raises 1007, 1301, 1351, 1353–1364, 9013, and what its terms raise. */
export async function updateContact(
  store: Store,
  place: Place,
  contactId: string,
  data: unknown,
  rule: NumberRule,
  terms?: Terms,
): Promise<string> {
  const problems: Problem[] = [];
  const change = readData(data, false, rule, problems);
  if (problems.length > 0) return refuse(problems, store.contacts.get(place.account_id, place.audience_id, contactId));
  return store.contacts.update(place.account_id, place.audience_id, contactId, change, terms);
}

/** A page of an audience's contacts, oldest first, as the store has it ready. Raises 1301, 9010, 9011, 9012. */
export async function listContacts(
  store: Store,
  place: Place,
  request: PageRequest & { search?: unknown; tag?: unknown },
): Promise<{ documents: Uint8Array<ArrayBuffer>; walk: Walk }> {
  const problems: Problem[] = [];
  const needles = readSearch(request.search, problems);
  const tags = readTagFilter(request.tag, problems);
  const scope = `contacts ${place.audience_id} ${needles.join('\0')}${tags.map((tag) => `\0\0${tag}`).join('')}`;
  const placed = readPageRequest(request, scope, problems);
  if (placed === undefined) return refuse(problems, store.audiences.get(place.account_id, place.audience_id));
  const isFiltered = needles.length + tags.length > 0;
  const query = {
    ...placed.slice,
    needles,
    tags,
    count: placed.total === undefined || !isFiltered,
  };
  const page = await store.contacts.page(place.account_id, place.audience_id, query);
  return { documents: page.documents, walk: placed.walk(page) };
}

/** One row's result in a bulk call: its fate, and the number it came to. */
export type BulkResult =
  | { index: number; status: 'created' | 'updated' | 'unchanged' | 'skipped'; id: string; number: string }
  | { index: number; status: 'refused'; errors: Problem[] };

export interface BulkOutcome {
  created: number;
  updated: number;
  unchanged: number;
  skipped: number;
  refused: number;
  results: BulkResult[];
}

export const ON_CONFLICT: readonly OnConflict[] = ['update', 'skip', 'error'];

/**
 * Upserts up to 1,000 contacts in one transaction, a result for each row. Raises 1007, 1301, 1308, 9013, and what its terms
 * raise: 9014 also when a server that reads numbers otherwise carried the same out before.
 */
export async function upsertContacts(
  store: Store,
  place: Place,
  data: unknown,
  rule: NumberRule,
  terms?: Terms,
): Promise<BulkOutcome> {
  const problems: Problem[] = [];
  const members = readMembers(data, problems);
  const hasMembers = problems.length === 0;
  const onConflict = readOnConflict(members.on_conflict ?? 'update', problems);
  const rows = hasMembers ? readContactRows(members.contacts, 'data.contacts', rule, problems) : [];
  if (problems.length > 0) return refuse(problems, store.audiences.get(place.account_id, place.audience_id));
  const accepted = rows.filter((row) => row.problems.length === 0).map((row) => row.contact as ContactInput);
  const fates = await store.contacts.upsert(place.account_id, place.audience_id, accepted, onConflict, terms);
  if (fates.length !== accepted.length) throw failure(9014, undefined, READ_OTHERWISE);
  return summarise(rows, fates);
}

/** Between a call and its repeat the server was given another rule for numbers, or other numbering plans. */
const READ_OTHERWISE = 'The call was carried out by a server that accepts other numbers: look at the contacts';

function summarise(rows: ContactRow[], fates: RowFate[]): BulkOutcome {
  const outcome: BulkOutcome = { created: 0, updated: 0, unchanged: 0, skipped: 0, refused: 0, results: [] };
  let next = 0;
  for (const [index, { contact, problems }] of rows.entries()) {
    const fate = problems.length === 0 ? fates[next++]! : undefined;
    if (fate === undefined || fate.status === 'refused') {
      const errors =
        fate === undefined ? problems : [{ ...fate.problem, ...problem(1360, `data.contacts[${index}].number`) }];
      outcome.refused++;
      outcome.results.push({ index, status: 'refused', errors });
    } else {
      outcome[fate.status]++;
      outcome.results.push({ index, status: fate.status, id: fate.id, number: contact.number! });
    }
  }
  return outcome;
}

function readData(data: unknown, needsNumber: boolean, rule: NumberRule, problems: Problem[]): ContactChange {
  const members = readMembers(data, problems);
  return problems.length > 0 ? {} : readContact(members, 'data', needsNumber, rule, problems);
}

function readOnConflict(raw: unknown, problems: Problem[]): OnConflict {
  const found = ON_CONFLICT.find((each) => each === raw);
  if (found === undefined) {
    problems.push(problem(9013, 'data.on_conflict', `'{place}' should be in: [${ON_CONFLICT.join(', ')}]`));
  }
  return found ?? 'update';
}

/** Reads `filter[search]` into needles; what is wrong with it goes to `problems`: 9012. */
export function readSearch(raw: unknown, problems: Problem[]): string[] {
  if (raw === undefined) return [];
  const message = searchProblem(raw);
  if (message === undefined) return searchNeedles(raw as string);
  problems.push(problem(9012, undefined, message));
  return [];
}

function searchProblem(raw: unknown): string | undefined {
  if (typeof raw !== 'string') return "'filter[search]' must be given once";
  if (!isSoundText(raw)) return "'filter[search]' holds a character that cannot be searched";
  if (isLongerThan(raw.trim(), MAX_SEARCH)) return `'filter[search]' must be at most ${MAX_SEARCH} characters`;
  return undefined;
}

/** Reads `filter[tag]`, one tag or a list of them; what is wrong with it goes to `problems`: 9012. */
export function readTagFilter(raw: unknown, problems: Problem[]): string[] {
  const tags = raw === undefined ? [] : [raw].flat().map(readTag);
  if (tags.includes(undefined)) {
    const rule = `'filter[tag]' must be a tag of 1 to ${MAX_TAG_LENGTH} characters, or be given once for each of several`;
    problems.push(problem(9012, undefined, rule));
  } else if (new Set(tags).size > MAX_TAGS) {
    problems.push(problem(9012, undefined, `'filter[tag]' may name ${MAX_TAGS} tags, as many as a contact can have`));
  }
  return [...new Set(tags)].filter((tag) => tag !== undefined);
}
