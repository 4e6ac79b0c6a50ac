import { Alert, Button, Group } from '@mantine/core';
import { GitCompareArrows } from 'lucide-react';
import type { Contact } from 'muster-sdk';
import { texts } from '../../texts/index.ts';
import classes from './conflict.module.css';
import { type Entry, entryOf, type Field, TEXT_FIELDS } from './rules.ts';

const words = texts.contacts.conflict;
const FIELDS: Field[] = ['number', ...TEXT_FIELDS, 'tags'];

interface ConflictProps {
  mine: Entry;
  theirs: Contact;
  isSaving: boolean;
  onKeepMine: () => void;
  onTakeTheirs: () => void;
}

/** Two versions of one contact, side by side where they differ, and the choice between them. */
export function Conflict({ mine, theirs, isSaving, onKeepMine, onTakeTheirs }: ConflictProps) {
  const other = entryOf(theirs);
  const textOf = (entry: Entry, field: Field): string => {
    const value = entry[field];
    return Array.isArray(value) ? value.join(', ') : value;
  };
  const different = FIELDS.filter((field) => textOf(mine, field) !== textOf(other, field));
  return (
    <Alert
      color="yellow"
      variant="light"
      role="alert"
      icon={<GitCompareArrows size={18} aria-hidden="true" />}
      title={words.title}
      className={classes.alert}
    >
      <p className={classes.hint}>{words.hint}</p>
      <table className={classes.table}>
        <thead>
          <tr>
            <th scope="col">{words.field}</th>
            <th scope="col">{words.mine}</th>
            <th scope="col">{words.theirs}</th>
          </tr>
        </thead>
        <tbody>
          {different.map((field) => (
            <tr key={field}>
              <th scope="row">{texts.contacts.panel[field]}</th>
              <td>
                <Value text={textOf(mine, field)} />
              </td>
              <td>
                <Value text={textOf(other, field)} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <Group gap="xs" mt="sm">
        <Button size="xs" onClick={onKeepMine} loading={isSaving}>
          {words.keepMine}
        </Button>
        <Button size="xs" variant="default" onClick={onTakeTheirs}>
          {words.takeTheirs}
        </Button>
      </Group>
    </Alert>
  );
}

function Value({ text }: { text: string }) {
  return text === '' ? <i className={classes.empty}>{words.empty}</i> : <bdi>{text}</bdi>;
}
