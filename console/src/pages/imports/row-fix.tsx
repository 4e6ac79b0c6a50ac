import { Button, Group, Text, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { ImportRow, SingleImport } from 'muster-sdk';
import { type FormEvent, useState } from 'react';
import { keys } from '../../api/keys.ts';
import { reasonOf } from '../../parts/states.tsx';
import { texts } from '../../texts/index.ts';
import { FIXABLE, type FixableField, fixedRows, fixOf, saveFix } from './fixed-rows.ts';

const words = texts.imports.fix;

/** A refused row as a form: what is put right becomes a contact at once. */
export function RowFix({ row, found, onClose }: { row: ImportRow; found: SingleImport; onClose: () => void }) {
  const client = useQueryClient();
  const [fix, setFix] = useState(() => fixOf(row, found));
  const save = useMutation({
    mutationFn: () => saveFix(found, fix),
    onSuccess({ results: [result] }) {
      if (result === undefined || result.status === 'refused') return;
      const fixed = fixedRows(found.id);
      fixed.set({ ...fixed.get(), [row.row]: result.status });
      void client.invalidateQueries({ queryKey: keys.audiences });
      onClose();
    },
  });
  const [result] = save.data?.results ?? [];
  const refusal = result?.status === 'refused' ? result.errors.map(({ message }) => message).join(' ') : undefined;

  function submit(event: FormEvent) {
    event.preventDefault();
    save.mutate();
  }

  return (
    <form onSubmit={submit} aria-label={words.label(row.line)}>
      <Group gap="xs" align="end">
        {FIXABLE.filter((field) => fix[field] !== undefined).map((field: FixableField) => (
          <TextInput
            key={field}
            label={texts.imports.map.fields[field]}
            value={fix[field]}
            onChange={(event) => {
              setFix({ ...fix, [field]: event.currentTarget.value });
              save.reset();
            }}
            dir="auto"
            autoFocus={field === 'number'}
            size="xs"
          />
        ))}
        <Button type="submit" size="xs" loading={save.isPending}>
          {words.save}
        </Button>
        <Button variant="default" size="xs" onClick={onClose}>
          {words.cancel}
        </Button>
      </Group>
      <Text role="status" size="xs" mt={6} c={refusal !== undefined || save.isError ? 'var(--danger)' : 'dimmed'}>
        {refusal ?? (save.error === null ? words.hint : reasonOf(save.error))}
      </Text>
    </form>
  );
}
