import { CloseButton, Loader, TextInput } from '@mantine/core';
import { Search, X } from 'lucide-react';
import { LIMITS } from 'muster-sdk';
import { type KeyboardEvent, useEffect, useState } from 'react';
import { SEARCH_FIELD } from '../../shell/shortcuts.tsx';
import { texts } from '../../texts/index.ts';
import { TagFilter } from './tag-filter.tsx';
import classes from './toolbar.module.css';
import type { View } from './view.ts';
import { ViewMenu } from './view-menu.tsx';

/** Milliseconds without a key before the search begins: most keys of a word need not be searched for. */
const TYPING = 20;

interface ToolbarProps {
  audienceId: string;
  view: View;
  onChange: (part: Partial<View>) => void;
  isSearching: boolean;
  /** How many there are, in words. */
  summary: string;
  /** Where the arrow down leads: into the table. */
  onLeave: () => void;
}

/** Search, filters, and how many contacts they leave. */
export function Toolbar({ audienceId, view, onChange, isSearching, summary, onLeave }: ToolbarProps) {
  const { search, tags } = view;
  const [text, setText] = useState(search);
  const isTooLong = [...text.trim()].length > LIMITS.search;

  // The address has brought another search.
  const [told, setTold] = useState(search);
  if (search !== told) {
    setTold(search);
    if (search !== text) setText(search);
  }

  useEffect(() => {
    if (text === search || isTooLong) return;
    const timer = setTimeout(() => {
      setTold(text);
      onChange({ search: text });
    }, TYPING);
    return () => clearTimeout(timer);
  }, [text, search, isTooLong, onChange]);

  function onKeyDown(event: KeyboardEvent) {
    if (event.key === 'ArrowDown') onLeave();
    else if (event.key === 'Escape' && text !== '') setText('');
    else return;
    event.preventDefault();
  }

  return (
    <div className={classes.toolbar}>
      <search className={classes.search}>
        <TextInput
          {...SEARCH_FIELD}
          type="search"
          aria-label={texts.contacts.search}
          placeholder={texts.contacts.search}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          onKeyDown={onKeyDown}
          error={isTooLong ? texts.contacts.searchTooLong : undefined}
          leftSection={isSearching ? <Loader size={14} /> : <Search size={16} aria-hidden="true" />}
          rightSection={
            text === '' ? (
              <kbd className={classes.key}>/</kbd>
            ) : (
              <CloseButton size="sm" aria-label={texts.contacts.clearSearch} onClick={() => setText('')} />
            )
          }
          dir="auto"
          autoComplete="off"
          spellCheck={false}
        />
      </search>
      <TagFilter audienceId={audienceId} chosen={tags} onChange={(next) => onChange({ tags: next })} />
      <ViewMenu order={view.order} onOrder={(order) => onChange({ order })} />
      {tags.length > 0 && (
        <ul className={classes.chips}>
          {tags.map((tag) => (
            <li key={tag} className={classes.chip}>
              <bdi className={classes.chipName}>{tag}</bdi>
              <button
                type="button"
                className={classes.chipEnd}
                aria-label={texts.contacts.tags.remove(tag)}
                onClick={() => onChange({ tags: tags.filter((each) => each !== tag) })}
              >
                <X size={14} aria-hidden="true" />
              </button>
            </li>
          ))}
        </ul>
      )}
      <div className={classes.summary} role="status">
        {summary}
      </div>
    </div>
  );
}
