import { type InfiniteData, keepPreviousData, type QueryClient, useInfiniteQuery } from '@tanstack/react-query';
import type { Contact, Page } from 'muster-sdk';
import { useMemo, useState } from 'react';
import { muster } from '../../api/client.ts';
import { keys } from '../../api/keys.ts';
import type { View } from './view.ts';

/** Rows of a page: a few screens, and read in a few milliseconds. */
export const PAGE_SIZE = 200;
/** Pages that are read again when somebody comes back to the window; more would take long. */
const FEW_PAGES = 5;

/**
 * The contacts that match, as far as they are loaded. The newest come first by walking from the last page backwards: nothing is counted
 * or skipped on the way, so a page costs the same wherever it lies.
 */
export function useContactPages(audienceId: string, { search, tags, order }: View) {
  const isBackwards = order === 'newest';
  const wanted = search.trim();
  const pages = useInfiniteQuery({
    queryKey: [...keys.contacts(audienceId), { search: wanted, tags, order }],
    queryFn: async ({ pageParam, signal }) => {
      const query = { search: wanted || undefined, tags, page_size: PAGE_SIZE };
      const page = await muster.audience(audienceId).contacts.list(query, { signal }).page(pageParam);
      return isBackwards ? { ...page, data: page.data.reverse() } : page;
    },
    initialPageParam: isBackwards ? 'last' : (undefined as string | undefined),
    getNextPageParam: (page) => (isBackwards ? page.previous : page.next) ?? undefined,
    // What was there stays until the new rows are: a table that blinks is hard to read.
    placeholderData: keepPreviousData,
    refetchOnWindowFocus: (query) => (query.state.data?.pages.length ?? 0) <= FEW_PAGES,
  });
  // Where the new rows cannot be had, those of before stay as well.
  const [kept, keep] = useState(pages.data);
  if (pages.data !== undefined && pages.data !== kept) keep(pages.data);
  const data = pages.data ?? kept;
  const rows = useMemo(() => data?.pages.flatMap((page) => page.data) ?? [], [data]);
  const isStale = pages.isPlaceholderData || pages.data === undefined;
  return { ...pages, rows, total: data?.pages[0]?.total, isStale };
}

/** Puts a changed contact into all lists that show it. */
export function putContact(client: QueryClient, audienceId: string, contact: Contact): void {
  client.setQueriesData<InfiniteData<Page<Contact>>>({ queryKey: keys.contacts(audienceId) }, (data) => {
    if (data === undefined) return data;
    const pages = data.pages.map((page) =>
      page.data.some(({ id }) => id === contact.id)
        ? { ...page, data: page.data.map((each) => (each.id === contact.id ? contact : each)) }
        : page,
    );
    return { ...data, pages };
  });
}

/** Everything that counts or lists contacts is read again: their lists lie under those of audiences. */
export function refreshContacts(client: QueryClient): Promise<unknown> {
  return Promise.all([
    client.invalidateQueries({ queryKey: keys.audiences }),
    client.invalidateQueries({ queryKey: keys.overview }),
  ]);
}
