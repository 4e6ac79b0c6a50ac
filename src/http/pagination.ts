import type { Walk } from '../core/paging.ts';
import type { Json } from './json.ts';

const BEGIN = '{"data":[';

/**
 * A page as the API answers it. Links carry `page_size` before `page_token`: the public client that pages reads the token
 * with `new URLSearchParams(links.next).get('page_token')`, which misses a first parameter.
 * @param items the page's items, JSON joined by commas: as text, or in UTF-8 in a buffer of their own.
 * @param filters the request's own filters, to be kept in the links.
 */
export function pageJson(
  walk: Walk,
  items: string | Uint8Array<ArrayBuffer>,
  url: string,
  filters: [string, unknown][],
): Json {
  let base = `${url}?page_size=${walk.pageSize}`;
  for (const [name, value] of filters) {
    if (typeof value === 'string') base += `&${encodeURIComponent(name)}=${encodeURIComponent(value)}`;
  }
  const link = (token: string | null) => (token === null ? null : `${base}&page_token=${token}`);
  const links = {
    first: base,
    current: link(walk.current) ?? base,
    previous: link(walk.previous),
    next: link(walk.next),
  };
  const { number, size, total } = walk;
  const after = `],"pagination":${JSON.stringify({ number, size, total, links })}}`;
  return typeof items === 'string' ? BEGIN + items + after : { before: BEGIN, bytes: items, after };
}
