/** What stands in the cells of the table. */
import type { Contact } from 'muster-sdk';
import type { ReactNode } from 'react';
import { Flag } from '../../parts/flag.tsx';
import { Moment } from '../../parts/moment.tsx';
import type * as phones from '../../parts/phone.ts';
import { phoneOf } from '../../parts/use-phones.ts';
import { texts } from '../../texts/index.ts';
import classes from './cells.module.css';
import type { ColumnName } from './columns.ts';
import { spansInNumber, spansInText } from './highlight.ts';
import { Marked } from './marked.tsx';
import { fullName } from './name.ts';

export interface CellProps {
  contact: Contact;
  /** What is searched for. */
  needles: string[];
  plans: typeof phones | undefined;
  onTag: (tag: string) => void;
}

const SHOWN_TAGS = 3;

export function NumberCell({ contact, needles, plans }: CellProps) {
  const { text, country } = phoneOf(contact.number, plans);
  return (
    <span className={classes.number}>
      <span className={classes.flag}>{country && <Flag country={country} />}</span>
      <span className="tabular" dir="ltr">
        <Marked text={text} spans={spansInNumber(text, needles)} />
      </span>
    </span>
  );
}

export function NameCell({ contact, needles }: CellProps) {
  const name = fullName(contact);
  if (name === undefined) return <span className={classes.none}>{texts.contacts.noName}</span>;
  return (
    <bdi>
      <Marked text={name} spans={spansInText(name, needles)} />
    </bdi>
  );
}

export function TagsCell({ contact, onTag }: CellProps) {
  const { tags } = contact;
  if (tags.length === 0) return null;
  return (
    <span className={classes.tags}>
      {tags.slice(0, SHOWN_TAGS).map((tag) => (
        <button
          key={tag}
          type="button"
          tabIndex={-1}
          className={classes.tag}
          title={texts.contacts.tags.add(tag)}
          onClick={(event) => {
            event.stopPropagation();
            onTag(tag);
          }}
        >
          <bdi>{tag}</bdi>
        </button>
      ))}
      {tags.length > SHOWN_TAGS && (
        <span className={classes.more} title={tags.slice(SHOWN_TAGS).join(', ')}>
          {texts.contacts.moreTags(tags.length - SHOWN_TAGS)}
        </span>
      )}
    </span>
  );
}

const CELLS: Record<ColumnName, (props: CellProps) => ReactNode> = {
  number: NumberCell,
  name: NameCell,
  tags: TagsCell,
  timestamp: ({ contact }) => contact.timestamp !== null && <bdi>{contact.timestamp}</bdi>,
  date: ({ contact }) => contact.date !== null && <bdi>{contact.date}</bdi>,
  created: ({ contact }) => <Moment date={contact.create_date} />,
  updated: ({ contact }) => <Moment date={contact.update_date} />,
};

export function Cell({ column, ...props }: CellProps & { column: ColumnName }) {
  const Content = CELLS[column];
  return <Content {...props} />;
}
