import { Checkbox, Group, NumberInput, Radio, Select, Stack, TagsInput, Text } from '@mantine/core';
import { LIMITS } from 'muster-sdk';
import { texts } from '../../texts/index.ts';
import { listCountries } from './countries.ts';
import type { Draft, Mode } from './draft.ts';

const words = texts.imports.options;
const MODES: Mode[] = ['update', 'skip', 'replace'];

/** What the rows of the file do to the audience. */
export function OptionsForm({ draft, onChange }: { draft: Draft; onChange: (change: Partial<Draft>) => void }) {
  const { mode, maxRemovals, country, tags, doesClear } = draft;
  return (
    <Stack gap="lg">
      <Radio.Group label={words.mode} value={mode} onChange={(value) => onChange({ mode: value as Mode })}>
        <Stack gap="sm" mt="xs">
          {MODES.map((value) => (
            <Radio key={value} value={value} label={words.modes[value][0]} description={words.modes[value][1]} />
          ))}
        </Stack>
      </Radio.Group>
      {mode === 'replace' && (
        <Group gap="xs" align="end" pl={32}>
          <NumberInput
            label={words.maxRemovals}
            value={maxRemovals}
            onChange={(value) => onChange({ maxRemovals: Math.min(100, Math.max(0, Number(value) || 0)) })}
            min={0}
            max={100}
            suffix=" %"
            maw={260}
          />
          <Text c="dimmed" size="sm" pb={8}>
            {words.ofContacts}
          </Text>
        </Group>
      )}
      <Select
        label={words.country}
        description={words.countryHint}
        placeholder={words.noCountry}
        data={listCountries()}
        value={country}
        onChange={(value) => onChange({ country: value })}
        searchable
        clearable
        maw={440}
      />
      <TagsInput
        label={words.tags}
        placeholder={tags.length === 0 ? words.tagsPlaceholder : ''}
        value={tags}
        onChange={(value) => onChange({ tags: value.map((tag) => tag.trim().slice(0, LIMITS.tag)) })}
        maxTags={LIMITS.tags}
        acceptValueOnBlur
        maw={440}
      />
      {mode !== 'skip' && (
        <Checkbox
          label={words.empty}
          description={words.emptyHint}
          checked={doesClear}
          onChange={(event) => onChange({ doesClear: event.currentTarget.checked })}
        />
      )}
    </Stack>
  );
}
