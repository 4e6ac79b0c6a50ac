/** What of an audience is shown, as the address bar has it. A link of it shows a colleague the same. */
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { useLocation, useSearch } from 'wouter';

export type Order = 'newest' | 'oldest';

export interface View {
  search: string;
  /** All of them. */
  tags: string[];
  order: Order;
}

/** The one contact that is open: its id, or a new one. */
export const NEW = 'new';

/** Milliseconds without typing before the address follows: browsers refuse addresses that change all the time. */
const ADDRESS_FOLLOWS = 300;

function read(query: string): View & { contact: string | undefined } {
  const given = new URLSearchParams(query);
  return {
    search: given.get('search') ?? '',
    tags: given.getAll('tag'),
    order: given.get('order') === 'oldest' ? 'oldest' : 'newest',
    contact: given.get('contact') ?? undefined,
  };
}

function write({ search, tags, order }: View, contact: string | undefined): string {
  const query = new URLSearchParams();
  if (search !== '') query.set('search', search);
  for (const tag of tags) query.append('tag', tag);
  if (order !== 'newest') query.set('order', order);
  if (contact !== undefined) query.set('contact', contact);
  return query.toString();
}

/** The view, what changes it, and the contact that is open. */
export function useView() {
  const [path, go] = useLocation();
  const query = useSearch();
  const [view, setView] = useState<View>(() => read(query));
  const written = useRef(query);
  const { contact } = useMemo(() => read(query), [query]);

  const put = useCallback(
    (next: string, replace: boolean) => {
      written.current = next;
      go(next === '' ? path : `${path}?${next}`, { replace });
    },
    [go, path],
  );

  // The address has changed by itself: back, forward, or a link.
  useEffect(() => {
    if (query === written.current) return;
    written.current = query;
    setView(read(query));
  }, [query]);

  useEffect(() => {
    const next = write(view, contact);
    if (next === written.current) return;
    const timer = setTimeout(() => put(next, true), ADDRESS_FOLLOWS);
    return () => clearTimeout(timer);
  }, [view, contact, put]);

  const change = useCallback((part: Partial<View>) => setView((now) => ({ ...now, ...part })), []);
  const open = useCallback((id: string | undefined) => put(write(view, id), false), [put, view]);
  return { view, change, contact, open };
}
