import { Button, Group, NativeSelect, Radio, Stack, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { CreatedApiKey } from 'muster-sdk';
import { type FormEvent, useState } from 'react';
import { muster } from '../../api/client.ts';
import { keys } from '../../api/keys.ts';
import { reasonOf } from '../../parts/states.tsx';
import { texts } from '../../texts/index.ts';

const words = texts.apiKeys.form;
const CHOICES = ['never', '30', '90', '365'];

/** A moment of the API so many days from now. */
function inDays(days: number): string {
  return new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 19).replace('T', ' ');
}

export function KeyForm({ onClose, onMade }: { onClose: () => void; onMade: (key: CreatedApiKey) => void }) {
  const client = useQueryClient();
  const [name, setName] = useState('');
  const [scope, setScope] = useState<'read' | 'write'>('read');
  const [expires, setExpires] = useState('never');
  const [isMissing, setIsMissing] = useState(false);
  const create = useMutation({
    mutationFn: () =>
      muster.keys.create({
        name: name.trim(),
        scope,
        expire_date: expires === 'never' ? null : inDays(Number(expires)),
      }),
    onSuccess(key) {
      void client.invalidateQueries({ queryKey: keys.apiKeys });
      onMade(key);
    },
  });

  function submit(event: FormEvent) {
    event.preventDefault();
    setIsMissing(name.trim() === '');
    if (name.trim() !== '') create.mutate();
  }

  return (
    <form onSubmit={submit} noValidate>
      <Stack>
        <TextInput
          label={words.name}
          placeholder={words.namePlaceholder}
          value={name}
          onChange={(event) => {
            setName(event.currentTarget.value);
            create.reset();
          }}
          error={isMissing && name.trim() === '' ? words.required : create.error && reasonOf(create.error)}
          dir="auto"
          data-autofocus
        />
        <Radio.Group label={words.scope} value={scope} onChange={(value) => setScope(value as 'read' | 'write')}>
          <Stack gap="xs" mt="xs">
            {(['read', 'write'] as const).map((value) => (
              <Radio key={value} value={value} label={words[value][0]} description={words[value][1]} />
            ))}
          </Stack>
        </Radio.Group>
        <NativeSelect
          label={words.expires}
          value={expires}
          onChange={(event) => setExpires(event.currentTarget.value)}
          data={CHOICES.map((value) => ({ value, label: words.choices[value]! }))}
        />
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            {texts.actions.cancel}
          </Button>
          <Button type="submit" loading={create.isPending}>
            {words.submit}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
