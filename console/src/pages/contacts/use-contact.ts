import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type Contact, type ContactChange, type ContactInput, etagOf } from 'muster-sdk';
import { muster } from '../../api/client.ts';
import { keys } from '../../api/keys.ts';
import { putContact, refreshContacts } from './use-contact-pages.ts';

/** A contact as it was read, and what it is recognised by when it is written. */
export interface ReadContact {
  contact: Contact;
  tag: string | undefined;
}

async function readContact(audienceId: string, id: string, signal?: AbortSignal): Promise<ReadContact> {
  const contact = await muster.audience(audienceId).contacts.get(id, { ...(signal && { signal }) });
  return { contact, tag: etagOf(contact) };
}

export function useContact(audienceId: string, id: string) {
  return useQuery({
    queryKey: keys.contact(audienceId, id),
    queryFn: ({ signal }) => readContact(audienceId, id, signal),
    // While somebody edits it, what others do to it shows when it is saved.
    refetchOnWindowFocus: false,
    staleTime: 0,
  });
}

/** Changes to one contact; every list that shows it follows. */
export function useContactChanges(audienceId: string) {
  const client = useQueryClient();
  const { contacts } = muster.audience(audienceId);
  const put = (contact: Contact) => {
    client.setQueryData(keys.contact(audienceId, contact.id), { contact, tag: etagOf(contact) });
    putContact(client, audienceId, contact);
    void client.invalidateQueries({ queryKey: keys.tags(audienceId) });
  };
  return {
    /** Raises PreconditionFailedError when it is no longer the one that was read. */
    save: useMutation({
      mutationFn: ({ id, change, tag }: { id: string; change: ContactChange; tag: string | undefined }) =>
        contacts.update(id, change, { ifMatch: tag }),
      onSuccess: put,
    }),
    add: useMutation({
      mutationFn: (input: ContactInput) => contacts.create(input),
      onSuccess: () => refreshContacts(client),
    }),
    /** The contact as it is now, after somebody else has changed it. */
    readAgain: async (id: string) => {
      const read = await readContact(audienceId, id);
      client.setQueryData(keys.contact(audienceId, id), read);
      return read;
    },
    /** Sets back what a change has changed. */
    restore: async (before: Contact, change: ContactChange) => {
      const names = Object.keys(change) as (keyof ContactChange & keyof Contact)[];
      put(await contacts.update(before.id, Object.fromEntries(names.map((name) => [name, before[name]]))));
    },
    /** Takes a contact away again that was just added. */
    removeAdded: async (id: string) => {
      await contacts.delete(id);
      await refreshContacts(client);
    },
  };
}
