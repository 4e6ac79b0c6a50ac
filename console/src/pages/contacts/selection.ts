import type { Contact, ContactSelection } from 'muster-sdk';
import { useCallback, useMemo, useState } from 'react';
import type { View } from './view.ts';

/** Chosen contacts: some by themselves, or all that the view finds. */
export interface Selection {
  isAll: boolean;
  /** Those that were chosen by themselves, by id; with `isAll` none. */
  some: ReadonlyMap<string, Contact>;
}

const NOBODY: Selection = { isAll: false, some: new Map() };

export function useSelection({ search, tags }: View) {
  const filter = JSON.stringify([search.trim(), tags]);
  const [state, setState] = useState({ filter, selection: NOBODY });
  // What another search finds is another choice.
  const selection = state.filter === filter ? state.selection : NOBODY;
  const set = useCallback((next: Selection) => setState({ filter, selection: next }), [filter]);

  return useMemo(
    () => ({
      selection,
      clear: () => set(NOBODY),
      selectAll: () => set({ isAll: true, some: new Map() }),
      isChosen: ({ id }: Contact) => selection.isAll || selection.some.has(id),
      /** @param loaded what remains chosen when one is taken out of all. */
      choose(contacts: Contact[], isChosen: boolean, loaded: Contact[]) {
        const some = new Map(selection.isAll ? loaded.map((each) => [each.id, each]) : selection.some);
        for (const contact of contacts) {
          if (isChosen) some.set(contact.id, contact);
          else some.delete(contact.id);
        }
        set({ isAll: false, some });
      },
    }),
    [selection, set],
  );
}

export type Choosing = ReturnType<typeof useSelection>;

/** The choice as the API takes it. */
export function selectionOf({ isAll, some }: Selection, { search, tags }: View): ContactSelection {
  if (!isAll) return { ids: [...some.keys()] };
  const wanted = search.trim();
  return { ...(wanted !== '' && { search: wanted }), ...(tags.length > 0 && { tags }) };
}
