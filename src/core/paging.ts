import { type Problem, problem } from './errors.ts';
import { neighbourId } from './ids.ts';
import { packPageToken, unpackPageToken } from './page-token.ts';
import type { Page, PageEnds, Slice } from './store.ts';

export const DEFAULT_PAGE_SIZE = 50;
export const MAX_PAGE_SIZE = 1000;
/** The token of the last page of any list, for walks that go backwards. */
export const LAST_PAGE = 'last';

/** The query of a list as it came: text, absent, or (given twice) a list, which is broken. */
export interface PageRequest {
  page_size?: unknown;
  page_token?: unknown;
}

/** A page's place in its walk: its number, and the tokens of its neighbours, null where there is none. */
export interface Walk {
  /** Items in the page. */
  size: number;
  number: number;
  /** The size asked for; the page may hold fewer. */
  pageSize: number;
  total: number;
  current: string | null;
  previous: string | null;
  next: string | null;
}

export interface PlacedRequest {
  slice: Slice;
  /** The total of the walk so far: undefined on its first page. */
  total: number | undefined;
  /** The place of the page that was read. */
  walk(page: PageEnds): Walk;
}

/**
 * Reads `page_size` and `page_token`; undefined when there are `problems`, these (9010, 9011) or earlier ones.
 * @param scope what the walk is about: collection and filter.
 */
export function readPageRequest(request: PageRequest, scope: string, problems: Problem[]): PlacedRequest | undefined {
  // A token is judged by the filter it belongs to: with a broken filter there is nothing to judge it by.
  const canJudge = problems.length === 0;
  const size = readPageSize(request.page_size, problems);
  const token = request.page_token === '' ? undefined : request.page_token;
  const isPlace = token !== undefined && token !== LAST_PAGE;
  const place = isPlace && canJudge ? readToken(token, scope, size, problems) : undefined;
  if (problems.length > 0) return undefined;

  const pageSize = place?.size ?? size ?? DEFAULT_PAGE_SIZE;
  const isLast = token === LAST_PAGE;
  const direction = place?.direction ?? (isLast ? 'before' : 'after');
  const slice: Slice = { direction, position: place?.position, size: pageSize };
  return {
    slice,
    total: place?.total,
    walk(page) {
      const { count, hasNext } = page;
      const total = page.total ?? place?.total ?? count;
      const number = place?.number ?? (isLast ? Math.max(1, Math.ceil(total / pageSize)) : 1);
      const pack = (direction: Slice['direction'], position: string, at: number) =>
        packPageToken({ direction, position, number: at, size: pageSize, total }, scope);
      // An empty page lies beside the item its token stood on, and that item belongs to the page it leads to.
      const { position } = slice;
      const isBack = slice.direction === 'before';
      const beside = position === undefined ? undefined : neighbourId(position, isBack ? -1n : 1n);
      const first = page.first ?? beside;
      const last = page.last ?? beside;
      const hasPrevious = number > 1 && !(isBack && count === 0);
      return {
        size: count,
        number,
        pageSize,
        total,
        current: (token as string | undefined) ?? null,
        previous: hasPrevious && first !== undefined ? pack('before', first, number - 1) : null,
        next: hasNext && last !== undefined ? pack('after', last, number + 1) : null,
      };
    },
  };
}

function readPageSize(raw: unknown, problems: Problem[]): number | undefined {
  if (raw === undefined) return undefined;
  const size = typeof raw === 'string' && /^\d{1,4}$/.test(raw) ? Number(raw) : 0;
  if (size >= 1 && size <= MAX_PAGE_SIZE) return size;
  problems.push(problem(9011));
  return undefined;
}

function readToken(raw: unknown, scope: string, size: number | undefined, problems: Problem[]) {
  const place = typeof raw === 'string' ? unpackPageToken(raw, scope) : undefined;
  if (place === undefined) problems.push(problem(9010));
  else if (size === undefined || size === place.size) return place;
  else problems.push(problem(9010, undefined, "'page_token' belongs to a walk with another page_size"));
  return undefined;
}

/** A slice of items that are all at hand, in the order of their ids: a position has its place there, whether or not it exists. */
export function sliceOf<Item extends { id: string }>(all: Item[], { direction, position, size }: Slice): Page<Item> {
  if (direction === 'after') {
    const behind = all.filter(({ id }) => position === undefined || id > position);
    return { items: behind.slice(0, size), hasNext: behind.length > size };
  }
  const ahead = all.filter(({ id }) => position === undefined || id < position);
  return { items: ahead.slice(-size), hasNext: ahead.length < all.length };
}
