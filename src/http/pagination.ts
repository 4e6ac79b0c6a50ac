import type { Walk } from '../core/paging.ts';

const BEGIN = Buffer.from('{"data":[');

/**
 * A page as the API answers it, in UTF-8. Links carry `page_size` before `page_token`: the public client that pages reads the token
 * with `new URLSearchParams(links.next).get('page_token')`, which misses a first parameter.
 * @param items the page's items, JSON joined by commas.
 * @param filters the request's own filters, to be kept in the links.
 */
export function pageJson(walk: Walk, items: Uint8Array, url: string, filters: [string, unknown][]): Buffer {
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
  const end = `],"pagination":${JSON.stringify({ number, size, total, links })}}`;
  return Buffer.concat([BEGIN, items, Buffer.from(end)]);
}
