import { Alert, Button, Group, Modal, Stack, TextInput } from '@mantine/core';
import { TriangleAlert } from 'lucide-react';
import type { Audience } from 'muster-sdk';
import { type FormEvent, useState } from 'react';
import { notifyDone } from '../../parts/notify.tsx';
import { reasonOf } from '../../parts/states.tsx';
import { texts } from '../../texts/index.ts';
import { useAudienceChanges } from './use-audiences.ts';

const words = texts.audiences.remove;

interface DeleteAudienceProps {
  audience: Audience;
  isOpen: boolean;
  onClose: () => void;
  onDeleted?: () => void;
}

/** Asks for the audience's name before it goes, and says what goes with it. */
export function DeleteAudience({ isOpen, onClose, ...rest }: DeleteAudienceProps) {
  return (
    <Modal opened={isOpen} onClose={onClose} title={words.title}>
      <Form {...rest} onClose={onClose} />
    </Modal>
  );
}

function Form({ audience, onClose, onDeleted }: Omit<DeleteAudienceProps, 'isOpen'>) {
  const [typed, setTyped] = useState('');
  const { remove } = useAudienceChanges();
  const isSame = typed.trim().normalize('NFC') === audience.name;
  const count = audience.contacts_count;

  function submit(event: FormEvent) {
    event.preventDefault();
    if (!isSame) return;
    remove.mutate(audience.id, {
      onSuccess: () => {
        onClose();
        onDeleted?.();
        notifyDone(texts.audiences.done.removed(audience.name));
      },
    });
  }

  return (
    <form onSubmit={submit}>
      <Stack>
        <Alert
          color="red"
          variant="light"
          icon={<TriangleAlert size={18} aria-hidden="true" />}
          title={count === 0 ? words.whatNone : words.what(count)}
        >
          {words.hint}
        </Alert>
        <TextInput
          label={<bdi>{words.confirm(audience.name)}</bdi>}
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
          error={remove.error && reasonOf(remove.error)}
          dir="auto"
          autoComplete="off"
          data-autofocus
        />
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            {texts.actions.cancel}
          </Button>
          <Button type="submit" color="red" disabled={!isSame} loading={remove.isPending}>
            {words.submit(count)}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
