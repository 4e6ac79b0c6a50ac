import { Button, CloseButton } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { Download, Tag, Trash2, X } from 'lucide-react';
import { LIMITS } from 'muster-sdk';
import { texts } from '../../texts/index.ts';
import { DeleteChosen, TagChosen } from './edit-dialogs.tsx';
import { exportChosen, exportView } from './export.ts';
import { type Choosing, selectionOf } from './selection.ts';
import classes from './selection-bar.module.css';
import type { View } from './view.ts';

const words = texts.contacts.selection;

interface SelectionBarProps {
  audienceId: string;
  view: View;
  total: number;
  choosing: Choosing;
}

/** What can be done with the chosen contacts. */
export function SelectionBar({ audienceId, view, total, choosing }: SelectionBarProps) {
  const { selection, clear, selectAll } = choosing;
  const [isAdding, adding] = useDisclosure();
  const [isRemoving, removing] = useDisclosure();
  const [isDeleting, deleting] = useDisclosure();
  const count = selection.isAll ? total : selection.some.size;
  const isFiltered = view.search.trim() !== '' || view.tags.length > 0;
  const dialog = { audienceId, select: selectionOf(selection, view), count, onStarted: clear };
  // A choice of single contacts travels as their ids, and a call takes so many of them.
  const isTooMany = !selection.isAll && count > LIMITS.contacts;
  if (count === 0) return null;
  return (
    <section className={classes.bar} aria-label={words.bar}>
      <CloseButton size="md" aria-label={words.clear} onClick={clear} icon={<X size={18} />} />
      <span className={classes.count} role="status">
        {words.count(count)}
      </span>
      {!selection.isAll && count < total && (
        <Button variant="subtle" size="compact-sm" onClick={selectAll} className={classes.all}>
          {isFiltered ? words.allMatching(total) : words.all(total)}
        </Button>
      )}
      <div className={classes.actions}>
        <Button
          size="xs"
          variant="default"
          leftSection={<Tag size={14} aria-hidden="true" />}
          onClick={adding.open}
          disabled={isTooMany}
        >
          {words.addTags}
        </Button>
        <Button
          size="xs"
          variant="default"
          leftSection={<Tag size={14} aria-hidden="true" />}
          onClick={removing.open}
          disabled={isTooMany}
        >
          {words.removeTags}
        </Button>
        <Button
          size="xs"
          variant="default"
          leftSection={<Download size={14} aria-hidden="true" />}
          onClick={() =>
            selection.isAll ? exportView(audienceId, view, 'csv') : exportChosen(selection.some.values())
          }
        >
          {words.export}
        </Button>
        <Button
          size="xs"
          variant="light"
          color="red"
          leftSection={<Trash2 size={14} aria-hidden="true" />}
          onClick={deleting.open}
          disabled={isTooMany}
        >
          {words.delete}
        </Button>
      </div>
      {isTooMany && (
        <span className={classes.hint} role="status">
          {words.tooMany}
        </span>
      )}
      <TagChosen {...dialog} action="add_tags" isOpen={isAdding} onClose={adding.close} />
      <TagChosen {...dialog} action="remove_tags" isOpen={isRemoving} onClose={removing.close} />
      <DeleteChosen {...dialog} isOpen={isDeleting} onClose={deleting.close} />
    </section>
  );
}
