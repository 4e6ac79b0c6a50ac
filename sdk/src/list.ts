/** Lists, page by page. */
import type { CallOptions, Http } from './http.ts';
import type { Query } from './path.ts';

export interface PageQuery {
  /** Most items of a page, 1 to 1,000; the server's default is 50. A long walk is quickest with 1,000. */
  page_size?: number;
  /** Begin at this page, instead of at the first one; `last` is the last one, from which `previous` leads on. */
  page_token?: string;
}

export interface Page<Item> {
  data: Item[];
  /** From 1. */
  number: number;
  /** How many items there are on all pages, exactly. */
  total: number;
  /** The token of the next page; null on the last one. */
  next: string | null;
  /** The token of the page before; null on the first two, since the first page needs none, and where a server gives none. */
  previous: string | null;
}

interface WirePage<Item> {
  data: Item[];
  pagination: { number: number; total: number; links: { previous: string | null; next: string | null } };
}

/**
 * A list that nothing was asked of yet: iterate over it, or ask for one page.
 *
 * @example
 * for await (const contact of audience.contacts.list({ search: 'ana' })) console.log(contact.number);
 * const { data, total, next } = await audience.contacts.list().page();
 * const hundred = await audience.contacts.list().toArray({ limit: 100 });
 */
export class List<Item> implements AsyncIterable<Item> {
  readonly #http: Http;
  readonly #path: string;
  readonly #query: Query;
  readonly #options: CallOptions;

  constructor(http: Http, path: string, query: Query, options: CallOptions = {}) {
    this.#http = http;
    this.#path = path;
    this.#query = query;
    this.#options = options;
  }

  /** One page: the first, or that of a token. */
  async page(token?: string): Promise<Page<Item>> {
    const query = token === undefined ? this.#query : { ...this.#query, page_token: token };
    const request = { method: 'GET' as const, path: this.#path, query };
    const { data, pagination } = await this.#http.send<WirePage<Item>>(request, this.#options);
    const { number, total, links } = pagination;
    return { data, number, total, next: tokenIn(links.next), previous: tokenIn(links.previous) };
  }

  /** Every page, one after the other. */
  async *pages(): AsyncGenerator<Page<Item>, void, undefined> {
    let token: string | undefined;
    for (;;) {
      const page: Page<Item> = await this.page(token);
      yield page;
      // A server that leads to the same page again would lead there for ever.
      if (page.next === null || page.next === token) return;
      token = page.next;
    }
  }

  /** Every item: those that exist throughout the walk exactly once, whatever is written meanwhile. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Item, void, undefined> {
    for await (const { data } of this.pages()) yield* data;
  }

  /** The items in memory. @param limit at most so many of them. */
  async toArray({ limit = Number.POSITIVE_INFINITY }: { limit?: number } = {}): Promise<Item[]> {
    const items: Item[] = [];
    if (limit <= 0) return items;
    for await (const { data } of this.pages()) {
      items.push(...data.slice(0, limit - items.length));
      if (items.length >= limit) break;
    }
    return items;
  }
}

/** The token alone is taken from a link: the server may know itself under another name. */
function tokenIn(link: string | null): string | null {
  return link === null ? null : new URL(link, 'http://localhost').searchParams.get('page_token');
}
