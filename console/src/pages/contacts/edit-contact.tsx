import { Button, Divider, Group, Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { Trash2 } from 'lucide-react';
import { etagOf, PreconditionFailedError } from 'muster-sdk';
import { useEffect, useState } from 'react';
import { notifyDone, notifyFailed } from '../../parts/notify.tsx';
import { reasonOf } from '../../parts/states.tsx';
import { useUnsaved } from '../../parts/unsaved.tsx';
import { texts } from '../../texts/index.ts';
import { Conflict } from './conflict.tsx';
import { ContactDetails } from './contact-details.tsx';
import { ContactForm } from './contact-form.tsx';
import { startEdit } from './edit-jobs.ts';
import { changeOf, type Entry, entryOf, problemsIn, problemsOf, rebased } from './rules.ts';
import { type ReadContact, useContactChanges } from './use-contact.ts';

const words = texts.contacts.panel;

interface EditContactProps {
  audienceId: string;
  read: ReadContact;
  onClose: () => void;
  onOpen: (id: string) => void;
}

/** A contact's fields, to be changed where they stand. What somebody else changed meanwhile is never written over unseen. */
export function EditContact({ audienceId, read, onClose, onOpen }: EditContactProps) {
  const [base, setBase] = useState(read);
  const [entry, setEntry] = useState<Entry>(() => entryOf(read.contact));
  const [theirs, setTheirs] = useState<ReadContact>();
  const { save, restore, readAgain } = useContactChanges(audienceId);
  const change = changeOf(entry, base.contact);
  const problems = problemsOf(entry);
  const isFaulty = Object.keys(problems).length > 0;
  useUnsaved(change !== undefined);

  // What was read anew is taken over while nothing is edited.
  useEffect(() => {
    if (change === undefined && read.tag !== base.tag) {
      setBase(read);
      setEntry(entryOf(read.contact));
    }
  }, [read, base.tag, change]);

  /** Saves an entry over a version of the contact, if that is still the one there is. */
  async function write(wanted: Entry, over: ReadContact) {
    const changed = changeOf(wanted, over.contact);
    if (isFaulty) return;
    if (changed === undefined) return take(over);
    try {
      const saved = await save.mutateAsync({ id: over.contact.id, change: changed, tag: over.tag });
      setTheirs(undefined);
      setBase({ contact: saved, tag: etagOf(saved) });
      setEntry(entryOf(saved));
      notifyDone(words.saved, { onUndo: () => restore(over.contact, changed) });
    } catch (error) {
      if (!(error instanceof PreconditionFailedError)) return;
      await readAgain(over.contact.id).then(setTheirs, (failure) => notifyFailed(failure));
    }
  }

  function take(version: ReadContact) {
    setBase(version);
    setEntry(entryOf(version.contact));
    setTheirs(undefined);
    save.reset();
  }

  const remove = useMutation({
    mutationFn: () => startEdit(audienceId, { select: { ids: [base.contact.id] }, action: 'delete' }),
    onSuccess: onClose,
    onError: (error) => notifyFailed(error),
  });

  const isConflict = save.error instanceof PreconditionFailedError;
  const { rest, problems: refused } = problemsIn(save.error);
  const isUnexplained = save.error !== null && !isConflict && (rest.length > 0 || Object.keys(refused).length === 0);
  return (
    <>
      {theirs && (
        <Conflict
          mine={rebased(entry, base.contact, theirs.contact)}
          theirs={theirs.contact}
          isSaving={save.isPending}
          onKeepMine={() => void write(rebased(entry, base.contact, theirs.contact), theirs)}
          onTakeTheirs={() => take(theirs)}
        />
      )}
      <ContactForm
        audienceId={audienceId}
        entry={entry}
        onChange={(next) => {
          setEntry(next);
          if (save.isError && !isConflict) save.reset();
        }}
        problems={problems}
        error={save.error}
        onSubmit={() => void write(entry, base)}
        onOpen={onOpen}
      >
        {isUnexplained && (
          <Text size="sm" c="red" role="alert">
            {reasonOf(save.error)}
          </Text>
        )}
        <Group gap="xs">
          <Button type="submit" disabled={change === undefined || isFaulty} loading={save.isPending}>
            {words.save}
          </Button>
          {change !== undefined && (
            <Button variant="default" onClick={() => take(base)}>
              {words.discard}
            </Button>
          )}
        </Group>
      </ContactForm>
      <Divider my="md" />
      <ContactDetails contact={base.contact} />
      <Button
        mt="md"
        size="xs"
        variant="subtle"
        color="red"
        leftSection={<Trash2 size={14} aria-hidden="true" />}
        loading={remove.isPending}
        onClick={() => remove.mutate()}
      >
        {words.delete}
      </Button>
    </>
  );
}
