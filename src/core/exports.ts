import { refuse } from './body.ts';
import { type Place, readSearch, readTagFilter } from './contacts.ts';
import { type Problem, problem } from './errors.ts';
import type { Audience, Store } from './store.ts';

export const EXPORT_FORMATS = ['csv', 'ndjson', 'xlsx'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

/** An export that has begun: nothing but the store itself can fail any more. */
export interface Export {
  format: ExportFormat;
  audience: Audience;
  /** The documents of all that match, in batches, oldest first, of one moment. Whoever does not read to the end calls `return`. */
  documents: AsyncIterableIterator<string[]>;
}

/** Begins an export of an audience's contacts, or of those that a search and tags find. Raises 1301, 9012, 9013, 9503. */
export async function exportContacts(
  store: Store,
  place: Place,
  request: { format?: unknown; search?: unknown; tag?: unknown },
): Promise<Export> {
  const problems: Problem[] = [];
  const needles = readSearch(request.search, problems);
  const tags = readTagFilter(request.tag, problems);
  const format = EXPORT_FORMATS.find((each) => each === (request.format ?? 'csv'));
  if (format === undefined) {
    problems.push(problem(9013, 'format', `'{place}' should be in: [${EXPORT_FORMATS.join(', ')}]`));
  }
  if (format === undefined || problems.length > 0) {
    return refuse(problems, store.audiences.get(place.account_id, place.audience_id));
  }
  const audience = await store.audiences.get(place.account_id, place.audience_id);
  const documents = await begin(store.contacts.export(place.account_id, place.audience_id, needles, tags));
  return { format, audience, documents };
}

/** Reads the first item, so that what is refused is refused now. */
async function begin<Item>(source: AsyncIterable<Item>): Promise<AsyncIterableIterator<Item>> {
  const rest = source[Symbol.asyncIterator]();
  let first: IteratorResult<Item> | undefined = await rest.next();
  const begun: AsyncIterableIterator<Item> = {
    async next() {
      const found = first;
      first = undefined;
      return found ?? rest.next();
    },
    // Unlike a generator's own, it ends the source even when nothing was asked for yet.
    async return() {
      await rest.return?.();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]: () => begun,
  };
  return begun;
}
