import type { Page, Slice } from '../../core/store.ts';
import { type DatabaseSync, limitTo } from './database.ts';

/** Ids that sort behind and before every other. */
export const EVER_AFTER = 'ffffffff-ffff-ffff-ffff-ffffffffffff';
export const EVER_BEFORE = '00000000-0000-0000-0000-000000000000';

/** A query for a range of rows, read upwards and downwards. */
export function bothWays(db: DatabaseSync, select: string, column: string, size: string) {
  return {
    up: db.prepare(`${select} ORDER BY ${column} ${limitTo(size)}`),
    down: db.prepare(`${select} ORDER BY ${column} DESC ${limitTo(size)}`),
  };
}

/** The items of a slice in creation order, and whether more lie behind them. `before` reads the nearest first. */
export function takeSlice<Item>(
  slice: Slice,
  read: Record<'after' | 'before' | 'from', (size: number) => Item[]>,
): Page<Item> {
  if (slice.direction === 'before') {
    return { items: read.before(slice.size).reverse(), hasNext: read.from(1).length > 0 };
  }
  const items = read.after(slice.size + 1);
  const hasNext = items.length > slice.size;
  if (hasNext) items.pop();
  return { items, hasNext };
}
