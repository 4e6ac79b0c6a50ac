import { Button, Group, Text } from '@mantine/core';
import { useState } from 'react';
import { notifyDone } from '../../parts/notify.tsx';
import { reasonOf } from '../../parts/states.tsx';
import { useUnsaved } from '../../parts/unsaved.tsx';
import { texts } from '../../texts/index.ts';
import { ContactForm } from './contact-form.tsx';
import { nameOf } from './name.ts';
import { EMPTY, type Entry, problemsIn, problemsOf, TEXT_FIELDS } from './rules.ts';
import { useContactChanges } from './use-contact.ts';

const words = texts.contacts.panel;

interface AddContactProps {
  audienceId: string;
  onClose: () => void;
  onOpen: (id: string) => void;
}

/** A form for one contact more. */
export function AddContact({ audienceId, onClose, onOpen }: AddContactProps) {
  const [entry, setEntry] = useState<Entry>(EMPTY);
  const [isAsked, setIsAsked] = useState(false);
  const { add, removeAdded } = useContactChanges(audienceId);
  const found = problemsOf(entry);
  useUnsaved(!add.isSuccess && JSON.stringify(entry) !== JSON.stringify(EMPTY));
  // What nobody has typed yet is no mistake.
  const problems = isAsked || entry.number !== '' ? found : { ...found, number: undefined };
  const { rest, problems: refused } = problemsIn(add.error);

  function submit() {
    setIsAsked(true);
    if (Object.keys(found).length > 0) return;
    const texts = TEXT_FIELDS.map((field) => [field, entry[field].trim() || null]);
    add.mutate(
      { number: entry.number.trim(), ...Object.fromEntries(texts), tags: entry.tags },
      {
        onSuccess: (made) => {
          notifyDone(words.added(nameOf(made)), { onUndo: () => removeAdded(made.id) });
          onClose();
        },
      },
    );
  }

  return (
    <ContactForm
      audienceId={audienceId}
      entry={entry}
      onChange={(next) => {
        setEntry(next);
        if (add.isError) add.reset();
      }}
      problems={problems}
      error={add.error}
      onSubmit={submit}
      onOpen={onOpen}
    >
      {add.error !== null && (rest.length > 0 || Object.keys(refused).length === 0) && (
        <Text size="sm" c="red" role="alert">
          {reasonOf(add.error)}
        </Text>
      )}
      <Group gap="xs">
        <Button type="submit" loading={add.isPending}>
          {words.add}
        </Button>
        <Button variant="default" onClick={onClose}>
          {texts.actions.cancel}
        </Button>
      </Group>
    </ContactForm>
  );
}
