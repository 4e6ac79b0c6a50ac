import type { Contact } from 'muster-sdk';
import { memo } from 'react';
import { Moment } from '../../parts/moment.tsx';
import { texts } from '../../texts/index.ts';
import { Cell, type CellProps, NameCell, NumberCell, TagsCell } from './cells.tsx';
import type { ColumnName } from './columns.ts';
import { nameOf } from './name.ts';
import classes from './table.module.css';

interface TableRowProps extends CellProps {
  index: number;
  /** Pixels from the top of the list. */
  top: number;
  columns: ColumnName[];
  isCompact: boolean;
  /** Undefined for who may not choose anything. */
  isChosen: boolean | undefined;
  isActive: boolean;
  isOpen: boolean;
  onOpen: (index: number) => void;
  onChoose: (index: number, isChosen: boolean, isRange: boolean) => void;
}

export const rowId = (index: number): string => `contact-row-${index}`;

/** A contact in the table. Only those in sight are there, and only those that change are made anew. */
export const TableRow = memo(function TableRow(props: TableRowProps) {
  const { contact, index, top, columns, isCompact, isChosen, isActive, isOpen, onOpen, onChoose } = props;
  const cell = { contact, needles: props.needles, plans: props.plans, onTag: props.onTag };
  return (
    // Its keys are the grid's.
    <div
      role="row"
      id={rowId(index)}
      aria-rowindex={index + 2}
      aria-selected={isChosen}
      className={classes.row}
      data-active={isActive || undefined}
      data-open={isOpen || undefined}
      data-compact={isCompact || undefined}
      style={{ transform: `translateY(${top}px)` }}
      onClick={() => onOpen(index)}
    >
      {isChosen !== undefined && (
        <Choice
          contact={contact}
          isChosen={isChosen}
          onChoose={(chosen, isRange) => onChoose(index, chosen, isRange)}
        />
      )}
      {isCompact ? (
        <div role="gridcell" className={classes.compact}>
          <span className={classes.compactName}>
            <NameCell {...cell} />
          </span>
          <span className={classes.compactDate}>
            <Moment date={contact.create_date} />
          </span>
          <span className={classes.compactNumber}>
            <NumberCell {...cell} />
          </span>
          <span className={classes.compactTags}>
            <TagsCell {...cell} />
          </span>
        </div>
      ) : (
        columns.map((column) => (
          <div role="gridcell" key={column} className={classes.cell} data-column={column}>
            <Cell column={column} {...cell} />
          </div>
        ))
      )}
    </div>
  );
});

interface ChoiceProps {
  contact: Contact;
  isChosen: boolean;
  onChoose: (isChosen: boolean, isRange: boolean) => void;
}

function Choice({ contact, isChosen, onChoose }: ChoiceProps) {
  return (
    // The area around the box belongs to it: nobody wants to open a contact by missing a box.
    <div role="gridcell" className={classes.choice} onClick={(event) => event.stopPropagation()}>
      <input
        type="checkbox"
        tabIndex={-1}
        className="box"
        aria-label={texts.contacts.selection.row(nameOf(contact))}
        checked={isChosen}
        onChange={() => {}}
        onClick={(event) => onChoose(!isChosen, event.shiftKey)}
      />
    </div>
  );
}
