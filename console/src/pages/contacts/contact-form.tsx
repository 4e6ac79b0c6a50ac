import { Anchor, Stack, TagsInput, TextInput } from '@mantine/core';
import { DuplicateContactError, LIMITS } from 'muster-sdk';
import type { FormEvent, KeyboardEvent, ReactNode } from 'react';
import { Flag } from '../../parts/flag.tsx';
import { usePhones } from '../../parts/use-phones.ts';
import { texts } from '../../texts/index.ts';
import { doubtOf, type Entry, type Field, type Problems, problemsIn, TEXT_FIELDS } from './rules.ts';
import { useTags } from './tag-filter.tsx';

const words = texts.contacts.panel;
const NAMES = TEXT_FIELDS.filter((field) => field.endsWith('_name'));
const TEXTS = TEXT_FIELDS.filter((field) => !field.endsWith('_name'));

interface ContactFormProps {
  audienceId: string;
  entry: Entry;
  onChange: (entry: Entry) => void;
  /** What breaks a rule, and is to be shown. */
  problems: Problems;
  /** What the server said of the last attempt. */
  error: unknown;
  onSubmit: () => void;
  onOpen: (id: string) => void;
  children: ReactNode;
}

/** The fields of a contact to be filled. What is wrong shows while it is typed. */
export function ContactForm({
  audienceId,
  entry,
  onChange,
  problems,
  error,
  onSubmit,
  onOpen,
  children,
}: ContactFormProps) {
  const plans = usePhones();
  const { data: known } = useTags(audienceId, true);
  const refused = problemsIn(error).problems;
  const of = (field: Field): ReactNode => problems[field] ?? refused[field];
  const duplicateId = error instanceof DuplicateContactError ? error.contactId : undefined;
  const numberProblem = of('number');
  const country = plans?.readPhone(entry.number.replace(/\D/g, '').replace(/^00/, '')).country;

  function submit(event: FormEvent | KeyboardEvent) {
    event.preventDefault();
    onSubmit();
  }

  return (
    <form
      onSubmit={submit}
      onKeyDown={(event) => {
        if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) submit(event);
      }}
      noValidate
    >
      <Stack gap="sm">
        <TextInput
          label={words.number}
          description={numberProblem ? undefined : (doubtOf(entry.number, plans) ?? words.numberHint)}
          value={entry.number}
          onChange={(event) => onChange({ ...entry, number: event.currentTarget.value })}
          error={
            numberProblem && (
              <>
                {numberProblem}{' '}
                {duplicateId !== undefined && problems.number === undefined && (
                  <Anchor component="button" type="button" size="xs" onClick={() => onOpen(duplicateId)}>
                    {texts.contacts.rules.showDuplicate}
                  </Anchor>
                )}
              </>
            )
          }
          inputWrapperOrder={['label', 'input', 'description', 'error']}
          leftSection={country && <Flag country={country} />}
          type="tel"
          dir="ltr"
          autoComplete="off"
          data-autofocus
          data-doubtful={doubtOf(entry.number, plans) !== undefined || undefined}
        />
        {NAMES.map((field) => (
          <TextInput
            key={field}
            label={words[field]}
            value={entry[field]}
            onChange={(event) => onChange({ ...entry, [field]: event.currentTarget.value })}
            error={of(field)}
            dir="auto"
            autoComplete="off"
          />
        ))}
        <TagsInput
          label={words.tags}
          description={words.tagsHint}
          data={known?.map(({ tag }) => tag) ?? []}
          limit={8}
          value={entry.tags}
          onChange={(tags) => onChange({ ...entry, tags })}
          maxTags={LIMITS.tags}
          error={of('tags')}
          inputWrapperOrder={['label', 'input', 'description', 'error']}
          acceptValueOnBlur
        />
        {TEXTS.map((field) => (
          <TextInput
            key={field}
            label={words[field]}
            value={entry[field]}
            onChange={(event) => onChange({ ...entry, [field]: event.currentTarget.value })}
            error={of(field)}
            description={words.textHint}
            inputWrapperOrder={['label', 'input', 'description', 'error']}
            dir="auto"
            autoComplete="off"
          />
        ))}
        {children}
      </Stack>
    </form>
  );
}
