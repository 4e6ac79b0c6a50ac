import { Button, Group, Modal, SegmentedControl, Stack, Text, TextInput } from '@mantine/core';
import { AUDIENCE_NAME, type Audience, type Channel, ConflictError, LIMITS } from 'muster-sdk';
import { type FormEvent, useState } from 'react';
import { notifyDone } from '../../parts/notify.tsx';
import { reasonOf } from '../../parts/states.tsx';
import { texts } from '../../texts/index.ts';
import { useAudienceChanges } from './use-audiences.ts';

const words = texts.audiences.form;
const CHANNELS: Channel[] = ['SMS', 'WHATSAPP', 'VIBER'];

interface AudienceFormProps {
  /** The one to rename; without it a new one is created. */
  audience?: Audience;
  isOpen: boolean;
  onClose: () => void;
  onCreated?: (audience: Audience) => void;
}

/** The dialog that creates an audience, or renames it. */
export function AudienceForm({ isOpen, onClose, ...rest }: AudienceFormProps) {
  return (
    <Modal opened={isOpen} onClose={onClose} title={rest.audience ? words.renameTitle : words.createTitle}>
      <Form {...rest} onClose={onClose} />
    </Modal>
  );
}

function Form({ audience, onClose, onCreated }: Omit<AudienceFormProps, 'isOpen'>) {
  const [name, setName] = useState(audience?.name ?? '');
  const [channel, setChannel] = useState<Channel>(audience?.channel ?? 'SMS');
  const [isAsked, setIsAsked] = useState(false);
  const { create, rename } = useAudienceChanges();
  const change = audience ? rename : create;
  const problem = problemOf(name);

  async function submit(event: FormEvent) {
    event.preventDefault();
    setIsAsked(true);
    if (problem !== undefined) return;
    const cleaned = name.trim().normalize('NFC');
    if (audience) {
      rename.mutate(
        { id: audience.id, name: cleaned },
        {
          onSuccess: () => {
            onClose();
            notifyDone(texts.audiences.done.renamed(cleaned));
          },
        },
      );
    } else {
      create.mutate(
        { name: cleaned, channel },
        {
          onSuccess: (made) => {
            onClose();
            notifyDone(texts.audiences.done.created(cleaned));
            onCreated?.(made);
          },
        },
      );
    }
  }

  // What is not typed yet is no mistake; what is typed wrong is shown at once.
  const shown = name.trim() === '' && !isAsked ? undefined : problem;
  const failure = change.error && (change.error instanceof ConflictError ? words.taken : reasonOf(change.error));
  return (
    <form onSubmit={submit} noValidate>
      <Stack>
        <TextInput
          label={words.name}
          placeholder={words.namePlaceholder}
          value={name}
          onChange={(event) => {
            setName(event.currentTarget.value);
            change.reset();
          }}
          error={shown ?? failure}
          dir="auto"
          data-autofocus
          autoComplete="off"
        />
        {audience === undefined && (
          <div>
            <Text size="sm" fw={500} id="channel-label" mb={4}>
              {words.channel}
            </Text>
            <SegmentedControl
              fullWidth
              aria-labelledby="channel-label"
              value={channel}
              onChange={(value) => setChannel(value as Channel)}
              data={CHANNELS.map((value) => ({ value, label: texts.channels[value] }))}
            />
            <Text size="xs" c="dimmed" mt={6}>
              {words.channelHint}
            </Text>
          </div>
        )}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            {texts.actions.cancel}
          </Button>
          <Button type="submit" loading={change.isPending}>
            {audience ? words.rename : words.create}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function problemOf(text: string): string | undefined {
  const name = text.trim().normalize('NFC');
  if (name === '') return words.required;
  if ([...name].length > LIMITS.audience_name) return words.tooLong;
  return AUDIENCE_NAME.test(name) ? undefined : words.characters;
}
