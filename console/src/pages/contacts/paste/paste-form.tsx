import { Button, Checkbox, Group, NativeSelect, Progress, Stack, TagsInput, Text, Textarea } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { LIMITS } from 'muster-sdk';
import { type FormEvent, useMemo, useRef, useState } from 'react';
import { texts } from '../../../texts/index.ts';
import { tagsProblem } from '../rules.ts';
import { refreshContacts } from '../use-contact-pages.ts';
import classes from './paste.module.css';
import { guessFields, hasHeader, type PasteField, readRows } from './read-rows.ts';
import { type Outcome, rowsOf, runPaste } from './run-paste.ts';

const words = texts.paste;
/** More rows than these are a file. */
const MOST = 10_000;
const SHOWN = 6;
const FIELDS: PasteField[] = ['number', 'first_name', 'last_name', 'tags', 'timestamp', 'date'];

interface PasteFormProps {
  audienceId: string;
  onDone: (outcome: Outcome) => void;
  onCancel: () => void;
}

export function PasteForm({ audienceId, onDone, onCancel }: PasteFormProps) {
  const [text, setText] = useState('');
  const [header, setHeader] = useState<boolean>();
  const [chosen, setChosen] = useState<Record<number, PasteField | undefined>>({});
  const [tags, setTags] = useState<string[]>([]);
  const [done, setDone] = useState<number>();
  const stop = useRef(new AbortController());
  const client = useQueryClient();

  const cells = useMemo(() => readRows(text), [text]);
  const isHeaded = header ?? hasHeader(cells);
  const fields = useMemo(() => {
    const guessed = guessFields(cells, isHeaded);
    return guessed.map((field, place) => (place in chosen ? chosen[place] : field));
  }, [cells, isHeaded, chosen]);
  const rows = useMemo(() => rowsOf(cells, isHeaded, fields, tags), [cells, isHeaded, fields, tags]);
  const isTooMany = rows.length > MOST;
  const isReady = rows.length > 0 && !isTooMany && fields.includes('number') && tagsProblem(tags) === undefined;

  async function submit(event: FormEvent) {
    event.preventDefault();
    if (!isReady) return;
    setDone(0);
    const outcome = await runPaste(audienceId, rows, setDone, stop.current.signal);
    void refreshContacts(client);
    onDone(outcome);
  }

  function choose(place: number, field: PasteField | undefined) {
    // A field has one column: who takes it for another takes it from this one.
    const others = fields.map((each, index) => [index, index === place ? field : each === field ? undefined : each]);
    setChosen(Object.fromEntries(others));
  }

  if (done !== undefined) {
    return (
      <Stack gap="xs">
        <Progress value={(done / rows.length) * 100} aria-label={words.title} />
        <Group justify="space-between">
          <Text size="sm" className="tabular" role="status">
            {words.adding(done, rows.length)}
          </Text>
          <Button variant="default" size="xs" onClick={() => stop.current.abort()}>
            {texts.actions.cancel}
          </Button>
        </Group>
      </Stack>
    );
  }
  return (
    <form onSubmit={submit}>
      <Stack>
        <Textarea
          label={words.label}
          description={words.about}
          placeholder={words.placeholder}
          value={text}
          onChange={(event) => {
            setText(event.currentTarget.value);
            setChosen({});
            setHeader(undefined);
          }}
          error={isTooMany ? words.tooMany(MOST) : undefined}
          minRows={rows.length > 0 ? 3 : 8}
          rows={rows.length > 0 ? 3 : 8}
          classNames={{ input: classes.text }}
          wrap="off"
          dir="auto"
          data-autofocus
        />
        {cells.length > 0 && (
          <>
            <Group justify="space-between">
              <Text size="sm" fw={600} role="status">
                {words.preview(rows.length)}
              </Text>
              <Checkbox
                size="xs"
                label={words.header}
                checked={isHeaded}
                onChange={(event) => {
                  setHeader(event.currentTarget.checked);
                  setChosen({});
                }}
              />
            </Group>
            <section className={classes.preview} aria-label={words.preview(rows.length)} tabIndex={-1}>
              <table>
                <thead>
                  <tr>
                    {fields.map((field, place) => {
                      const name = (isHeaded && cells[0]?.[place]) || words.column(place + 1);
                      return (
                        // biome-ignore lint/suspicious/noArrayIndexKey: a column is its place
                        <th key={place} scope="col">
                          <span className={classes.name}>{name}</span>
                          <NativeSelect
                            size="xs"
                            aria-label={words.fieldOf(name)}
                            value={field ?? 'ignore'}
                            onChange={({ currentTarget: { value } }) =>
                              choose(place, value === 'ignore' ? undefined : (value as PasteField))
                            }
                            data={[...FIELDS, 'ignore' as const].map((value) => ({
                              value,
                              label: words.fields[value],
                            }))}
                          />
                        </th>
                      );
                    })}
                  </tr>
                </thead>
                <tbody>
                  {rows.slice(0, SHOWN).map((row) => (
                    <tr key={row.place}>
                      {fields.map((field, place) => (
                        // biome-ignore lint/suspicious/noArrayIndexKey: a column is its place
                        <td key={place} data-ignored={field === undefined || undefined}>
                          <bdi>{row.cells[place]}</bdi>
                        </td>
                      ))}
                    </tr>
                  ))}
                </tbody>
              </table>
              {rows.length > SHOWN && <p className={classes.more}>{words.more(rows.length - SHOWN)}</p>}
            </section>
            {!fields.includes('number') && (
              <Text size="sm" c="red" role="alert">
                {words.noNumber}
              </Text>
            )}
            <TagsInput
              label={words.tags}
              placeholder={words.tagsPlaceholder}
              value={tags}
              onChange={setTags}
              maxTags={LIMITS.tags}
              error={tagsProblem(tags)}
              acceptValueOnBlur
            />
            <Text size="xs" c="dimmed">
              {words.existing}
            </Text>
          </>
        )}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onCancel}>
            {texts.actions.cancel}
          </Button>
          <Button type="submit" disabled={!isReady}>
            {words.submit(rows.length)}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
