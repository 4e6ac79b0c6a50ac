import { Button, Loader, Popover, ScrollArea, Text, TextInput } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { Tags } from 'lucide-react';
import { useState } from 'react';
import { muster } from '../../api/client.ts';
import { keys } from '../../api/keys.ts';
import { reasonOf } from '../../parts/states.tsx';
import { number } from '../../texts/format.ts';
import { texts } from '../../texts/index.ts';
import classes from './toolbar.module.css';

const words = texts.contacts.tags;

/** The tags of an audience with how many carry them, most used first. */
export function useTags(audienceId: string, isWanted: boolean) {
  return useQuery({
    queryKey: keys.tags(audienceId),
    queryFn: ({ signal }) => muster.audience(audienceId).tags({ signal }),
    enabled: isWanted,
  });
}

interface TagFilterProps {
  audienceId: string;
  chosen: string[];
  onChange: (tags: string[]) => void;
}

/** Chooses the tags that a contact must carry to be shown. */
export function TagFilter({ audienceId, chosen, onChange }: TagFilterProps) {
  const [isOpen, { toggle, close }] = useDisclosure();
  const [text, setText] = useState('');
  const { data, error } = useTags(audienceId, isOpen);
  const wanted = text.trim().toLocaleLowerCase();
  const found = data?.filter(({ tag }) => tag.toLocaleLowerCase().includes(wanted)) ?? [];
  return (
    <Popover opened={isOpen} onChange={(opened) => !opened && close()} position="bottom-start" width={280} trapFocus>
      <Popover.Target>
        <Button variant="default" leftSection={<Tags size={16} aria-hidden="true" />} onClick={toggle}>
          {texts.contacts.columns.tags}
          {chosen.length > 0 && <span className={classes.badge}>{chosen.length}</span>}
        </Button>
      </Popover.Target>
      <Popover.Dropdown p="xs" aria-label={words.filter}>
        <TextInput
          size="sm"
          aria-label={words.find}
          placeholder={words.find}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          data-autofocus
        />
        <ScrollArea.Autosize mah={280} mt="xs" type="auto" viewportProps={{ tabIndex: 0 }}>
          {data === undefined && error === null && <Loader type="dots" size="sm" m="sm" />}
          {error !== null && (
            <Text size="sm" c="red" p="xs">
              {reasonOf(error)}
            </Text>
          )}
          {data !== undefined && found.length === 0 && (
            <Text size="sm" c="dimmed" p="xs">
              {data.length === 0 ? words.none : words.noneFound}
            </Text>
          )}
          {found.slice(0, 200).map(({ tag, contacts_count }) => (
            <label key={tag} className={classes.tagLine}>
              <input
                type="checkbox"
                className="box"
                checked={chosen.includes(tag)}
                onChange={(event) => {
                  const rest = chosen.filter((each) => each !== tag);
                  onChange(event.currentTarget.checked ? [...rest, tag] : rest);
                }}
              />
              <bdi className={classes.tagName}>{tag}</bdi>
              <span className={`tabular ${classes.tagCount}`}>{number(contacts_count)}</span>
            </label>
          ))}
        </ScrollArea.Autosize>
      </Popover.Dropdown>
    </Popover>
  );
}
