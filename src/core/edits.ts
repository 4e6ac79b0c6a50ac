/**
 * Edits of many contacts at once. An edit is a job as an import is, with the same progress, verdicts, cancel and undo: its file
 * is the numbers and ids of the contacts that were chosen, as they were at one moment.
 */
import { isObject, readMembers, refuse } from './body.ts';
import { documentId, readDocument } from './contact-document.ts';
import { MAX_CONTACTS, readContact } from './contact-fields.ts';
import { type Place, readSearch, readTagFilter } from './contacts.ts';
import { MusterError, type Problem, problem } from './errors.ts';
import { readId } from './ids.ts';
import { EDIT_ACTIONS, type EditAction, type Import } from './import-job.ts';
import { readImportOptions, takeFile } from './imports.ts';
import type { Store, Terms } from './store.ts';

interface Selection {
  ids?: string[];
  needles: string[];
  tags: string[];
}

/**
 * Begins an edit: the contacts are chosen, once and for all, when this returns. Raises 1007, 1301, 1359, 9013, and what its terms
 * raise.
 */
export async function createEdit(store: Store, place: Place, data: unknown, terms?: Terms): Promise<Import> {
  const problems: Problem[] = [];
  const members = readMembers(data, problems);
  const hasMembers = problems.length === 0;
  const action = hasMembers ? readAction(members.action, problems) : undefined;
  const tags = hasMembers ? readEditTags(action, members.tags, problems) : [];
  const selection = hasMembers ? readSelection(members.select, problems) : undefined;
  if (problems.length > 0) return refuse(problems, store.audiences.get(place.account_id, place.audience_id));
  const options = { ...readImportOptions({}, problems), tags, action: action! };
  const file = { options, name: null, bytes: chosenContacts(store, place, selection!) };
  // Nobody sends it: what limits uploads does not limit how many are edited.
  return takeFile(store, place, file, Number.POSITIVE_INFINITY, () => terms);
}

/** The contacts' numbers and ids, a line each. */
async function* chosenContacts(
  store: Store,
  { account_id, audience_id }: Place,
  { ids, needles, tags }: Selection,
): AsyncGenerator<Uint8Array> {
  const line = (document: string) => `${readDocument(document).number} ${documentId(document)}\n`;
  const lines = (documents: string[]) => new TextEncoder().encode(documents.map(line).join(''));
  if (ids === undefined) {
    for await (const documents of store.contacts.export(account_id, audience_id, needles, tags)) yield lines(documents);
    return;
  }
  for (const id of ids) {
    const document = await store.contacts.get(account_id, audience_id, id).catch(passOver);
    if (document !== undefined) yield lines([document]);
  }
}

/** A contact that somebody deleted meanwhile needs no edit. */
function passOver(error: unknown): undefined {
  if (!(error instanceof MusterError) || error.problems[0]?.code !== 1351) throw error;
}

function readAction(raw: unknown, problems: Problem[]): EditAction | undefined {
  const action = EDIT_ACTIONS.find((each) => each === raw);
  if (action === undefined) {
    problems.push(problem(9013, 'data.action', `'{place}' should be in: [${EDIT_ACTIONS.join(', ')}]`));
  }
  return action;
}

function readEditTags(action: EditAction | undefined, raw: unknown, problems: Problem[]): string[] {
  if (action === 'delete') {
    // Whoever names tags here means to choose by them, and would delete all the others too.
    const isNamed = raw !== undefined && raw !== null;
    if (isNamed) problems.push(problem(9013, 'data.tags', DELETE_BY));
    return [];
  }
  const before = problems.length;
  const { tags = [] } = readContact({ tags: raw ?? [] }, 'data', false, 'valid', problems);
  if (problems.length === before && tags.length === 0) {
    problems.push(problem(9013, 'data.tags', "'{place}' must name the tags to add or to remove"));
  }
  return tags;
}

const DELETE_BY = "'{place}' means nothing to a delete: choose contacts by their tags in 'data.select.tags'";
const SELECT = '\'{place}\' must be {"ids": […]}, or {"search", "tags"} with what a list is filtered by; {} is all';

const EMPTY = "'{place}' is empty, which every contact matches: leave it out where all are meant";

function readSelection(raw: unknown, problems: Problem[]): Selection {
  const selection: Selection = { needles: [], tags: [] };
  if (!isObject(raw) || ('ids' in raw && ('search' in raw || 'tags' in raw))) {
    problems.push(problem(9013, 'data.select', SELECT));
    return selection;
  }
  if ('ids' in raw) {
    const ids = Array.isArray(raw.ids) ? raw.ids.map((id) => (typeof id === 'string' ? readId(id) : undefined)) : [];
    if (ids.length === 0 || ids.length > MAX_CONTACTS || ids.includes(undefined)) {
      problems.push(problem(9013, 'data.select.ids', `'{place}' must be a list of 1 to ${MAX_CONTACTS} identifiers`));
    }
    return { ...selection, ids: [...new Set(ids.filter((id) => id !== undefined))] };
  }
  const own: Problem[] = [];
  selection.needles = readSearch(raw.search ?? undefined, own);
  selection.tags = readTagFilter(raw.tags ?? undefined, own);
  for (const { message } of own) {
    const said = message
      .replace("'filter[search]'", "'data.select.search'")
      .replace("'filter[tag]'", "'data.select.tags'");
    problems.push(problem(9013, undefined, said));
  }
  if (own.length === 0) {
    // A variable that is empty by mistake must not choose everybody.
    const isEmpty = (said: unknown, read: string[]) => said !== undefined && said !== null && read.length === 0;
    if (isEmpty(raw.search, selection.needles)) problems.push(problem(9013, 'data.select.search', EMPTY));
    if (isEmpty(raw.tags, selection.tags)) problems.push(problem(9013, 'data.select.tags', EMPTY));
  }
  return selection;
}
