import type { Walk } from '../core/paging.ts';

/**
 * A page as the API answers it. Links carry `page_size` before `page_token`: the public client that pages reads the token
 * with `new URLSearchParams(links.next).get('page_token')`, which misses a first parameter.
 * @param items the page's items as JSON text.
 * @param filters the request's own filters, to be kept in the links.
 */
export function pageJson<Item>(walk: Walk<Item>, items: string, url: string, filters: [string, unknown][]): string {
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
  const { number, total } = walk;
  return `{"data":[${items}],"pagination":${JSON.stringify({ number, size: walk.items.length, total, links })}}`;
}
