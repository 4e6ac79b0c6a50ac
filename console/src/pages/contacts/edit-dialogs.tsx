/** The dialogs that change many contacts at once. */
import { Button, Group, Modal, Stack, TagsInput, Text, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { type ContactEdit, type ContactSelection, LIMITS } from 'muster-sdk';
import { type FormEvent, useState } from 'react';
import { reasonOf } from '../../parts/states.tsx';
import { texts } from '../../texts/index.ts';
import { startEdit } from './edit-jobs.ts';
import { tagsProblem } from './rules.ts';
import { useTags } from './tag-filter.tsx';

interface DialogProps {
  audienceId: string;
  select: ContactSelection;
  count: number;
  isOpen: boolean;
  onClose: () => void;
  onStarted: () => void;
}

/** More than these are deleted only by who types how many. */
const MANY = 100;

/** Begins an edit, and closes the dialog when it has begun. */
function useStart({ audienceId, onClose, onStarted }: Pick<DialogProps, 'audienceId' | 'onClose' | 'onStarted'>) {
  return useMutation({
    mutationFn: (edit: ContactEdit) => startEdit(audienceId, edit),
    onSuccess() {
      onClose();
      onStarted();
    },
  });
}

export function TagChosen({ action, ...props }: DialogProps & { action: 'add_tags' | 'remove_tags' }) {
  const words = texts.contacts.tagDialog;
  const title = action === 'add_tags' ? words.addTitle(props.count) : words.removeTitle(props.count);
  return (
    <Modal opened={props.isOpen} onClose={props.onClose} title={title}>
      <TagForm {...props} action={action} />
    </Modal>
  );
}

function TagForm({
  audienceId,
  select,
  onClose,
  onStarted,
  action,
}: DialogProps & { action: 'add_tags' | 'remove_tags' }) {
  const words = texts.contacts.tagDialog;
  const [tags, setTags] = useState<string[]>([]);
  const [isAsked, setIsAsked] = useState(false);
  const { data: known } = useTags(audienceId, true);
  const start = useStart({ audienceId, onClose, onStarted });
  const problem = tags.length === 0 ? words.required : tagsProblem(tags);

  function submit(event: FormEvent) {
    event.preventDefault();
    setIsAsked(true);
    if (problem === undefined) start.mutate({ select, action, tags });
  }

  return (
    <form onSubmit={submit}>
      <Stack>
        <TagsInput
          label={words.label}
          placeholder={tags.length === 0 ? words.placeholder : undefined}
          data={known?.map(({ tag }) => tag) ?? []}
          limit={8}
          value={tags}
          onChange={setTags}
          maxTags={LIMITS.tags}
          error={(isAsked || tags.length > 0 ? problem : undefined) ?? (start.error && reasonOf(start.error))}
          acceptValueOnBlur
          data-autofocus
        />
        {action === 'add_tags' && (
          <Text size="xs" c="dimmed">
            {words.limit}
          </Text>
        )}
        <Buttons
          onClose={onClose}
          isPending={start.isPending}
          submit={action === 'add_tags' ? words.add : words.remove}
        />
      </Stack>
    </form>
  );
}

export function DeleteChosen(props: DialogProps) {
  const words = texts.contacts.deleteDialog;
  return (
    <Modal opened={props.isOpen} onClose={props.onClose} title={words.title(props.count)}>
      <DeleteForm {...props} />
    </Modal>
  );
}

function DeleteForm({ audienceId, select, count, onClose, onStarted }: DialogProps) {
  const words = texts.contacts.deleteDialog;
  const [typed, setTyped] = useState('');
  const start = useStart({ audienceId, onClose, onStarted });
  const isSure = count <= MANY || typed.replace(/\D/g, '') === String(count);

  function submit(event: FormEvent) {
    event.preventDefault();
    if (isSure) start.mutate({ select, action: 'delete' });
  }

  return (
    <form onSubmit={submit}>
      <Stack>
        <Text size="sm">{words.hint}</Text>
        {count > MANY && (
          <TextInput
            label={words.confirm(String(count))}
            value={typed}
            onChange={(event) => setTyped(event.currentTarget.value)}
            inputMode="numeric"
            autoComplete="off"
            data-autofocus
          />
        )}
        {start.error && (
          <Text size="sm" c="red" role="alert">
            {reasonOf(start.error)}
          </Text>
        )}
        <Buttons
          onClose={onClose}
          isPending={start.isPending}
          submit={words.submit(count)}
          color="red"
          isDisabled={!isSure}
        />
      </Stack>
    </form>
  );
}

interface ButtonsProps {
  onClose: () => void;
  isPending: boolean;
  submit: string;
  color?: string;
  isDisabled?: boolean;
}

function Buttons({ onClose, isPending, submit, color, isDisabled }: ButtonsProps) {
  return (
    <Group justify="flex-end" gap="xs">
      <Button variant="default" onClick={onClose}>
        {texts.actions.cancel}
      </Button>
      <Button type="submit" color={color} loading={isPending} disabled={isDisabled}>
        {submit}
      </Button>
    </Group>
  );
}
