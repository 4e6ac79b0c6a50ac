/** Lists that may be long: how much of one is shown, and how. */
import type { List } from '../../sdk/src/index.ts';
import { SetupError } from '../core/errors.ts';
import { type Column, isForPrograms, type OutputOptions, print, printRows, say } from './output.ts';
import { count } from './progress.ts';

export interface ListOptions extends OutputOptions {
  limit?: string;
  all?: boolean;
}

const DEFAULT_LIMIT = 50;

/** Prints the first items of a list, and how many there are where not all are shown. */
export async function printList<Item>(
  list: List<Item>,
  limit: number,
  options: OutputOptions,
  columns: Column<Item>[],
  what: string,
): Promise<void> {
  const isJson = isForPrograms(options);
  const shown: Item[] = [];
  let taken = 0;
  let all = 0;
  for await (const { data, total } of list.pages()) {
    all = total;
    const items = data.slice(0, limit - taken);
    taken += items.length;
    // JSON lines leave at once, whatever their number; a table must know its widest cell.
    if (isJson) for (const item of items) print(JSON.stringify(item));
    else shown.push(...items);
    if (taken >= limit) break;
  }
  if (!isJson) printRows(shown, { table: true }, columns);
  const isCut = all > taken;
  // A script must not take a part for all without a word.
  if (isCut || !isJson)
    say(`${count(taken)} of ${count(all)} ${what}${isCut ? ': --limit N or --all shows more' : ''}`);
}

/** How many items of a list to show. Raises SetupError. */
export function readLimit({ limit, all }: Pick<ListOptions, 'limit' | 'all'>): number {
  if (all) return Number.POSITIVE_INFINITY;
  if (limit === undefined) return DEFAULT_LIMIT;
  if (!/^[1-9]\d{0,8}$/.test(limit)) throw new SetupError(`--limit is '${limit}', but must be a whole number from 1`);
  return Number(limit);
}
