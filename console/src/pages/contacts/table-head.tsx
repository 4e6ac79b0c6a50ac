import { ArrowDown, ArrowUp } from 'lucide-react';
import { type KeyboardEvent, type PointerEvent, type RefObject, useRef } from 'react';
import { texts } from '../../texts/index.ts';
import { type ColumnName, NARROWEST, type VisibleColumn, WIDEST } from './columns.ts';
import classes from './table.module.css';
import type { Order } from './view.ts';

/** Pixels that an arrow key makes a column wider. */
const STEP = 16;

interface TableHeadProps {
  columns: VisibleColumn[];
  order: Order;
  onOrder: (order: Order) => void;
  onResize: (name: ColumnName, width: number) => void;
  /** What the widths are written to while somebody drags. */
  grid: RefObject<HTMLElement | null>;
  choice: { isChosen: boolean; isPartly: boolean; onChoose: (isChosen: boolean) => void } | undefined;
}

/** The columns as CSS has them. */
export function templateOf(columns: VisibleColumn[], canChoose: boolean): string {
  const widths = columns.map(({ width }) => `${width}px`);
  return [...(canChoose ? ['var(--choice)'] : []), ...widths, 'minmax(0, 1fr)'].join(' ');
}

export function TableHead({ columns, order, onOrder, onResize, grid, choice }: TableHeadProps) {
  return (
    <div role="row" aria-rowindex={1} className={classes.head}>
      {choice && (
        <div role="columnheader" className={classes.choice}>
          <input
            type="checkbox"
            className="box"
            aria-label={texts.contacts.selection.loaded}
            checked={choice.isChosen}
            ref={(box) => {
              if (box) box.indeterminate = choice.isPartly;
            }}
            onChange={(event) => choice.onChoose(event.currentTarget.checked)}
          />
        </div>
      )}
      {columns.map((column, index) => (
        <div
          key={column.name}
          role="columnheader"
          className={classes.headCell}
          aria-sort={column.name === 'created' ? (order === 'newest' ? 'descending' : 'ascending') : undefined}
        >
          {column.name === 'created' ? (
            <button
              type="button"
              className={classes.sort}
              title={order === 'newest' ? texts.contacts.view.newest : texts.contacts.view.oldest}
              onClick={() => onOrder(order === 'newest' ? 'oldest' : 'newest')}
            >
              {column.label}
              {order === 'newest' ? (
                <ArrowDown size={13} aria-hidden="true" />
              ) : (
                <ArrowUp size={13} aria-hidden="true" />
              )}
            </button>
          ) : (
            column.label
          )}
          <Handle
            column={column}
            onResize={onResize}
            onDrag={(width) => {
              const dragged = columns.map((each, place) => (place === index ? { ...each, width } : each));
              grid.current?.style.setProperty('--columns', templateOf(dragged, choice !== undefined));
            }}
          />
        </div>
      ))}
    </div>
  );
}

interface HandleProps {
  column: VisibleColumn;
  onDrag: (width: number) => void;
  onResize: (name: ColumnName, width: number) => void;
}

/** The border of a column: dragged, or moved by the arrow keys, it changes the width. */
function Handle({ column: { name, label, width }, onDrag, onResize }: HandleProps) {
  const start = useRef<{ x: number; width: number } | undefined>(undefined);
  const widthAt = (x: number) => Math.min(WIDEST, Math.max(NARROWEST, start.current!.width + x - start.current!.x));

  function onKeyDown(event: KeyboardEvent) {
    const step = event.key === 'ArrowRight' ? STEP : event.key === 'ArrowLeft' ? -STEP : undefined;
    if (step === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    onResize(name, width + step);
  }

  return (
    <hr
      aria-orientation="vertical"
      aria-label={texts.contacts.resize(label)}
      aria-valuenow={width}
      aria-valuemin={NARROWEST}
      aria-valuemax={WIDEST}
      tabIndex={0}
      className={classes.handle}
      onKeyDown={onKeyDown}
      onPointerDown={(event: PointerEvent<HTMLHRElement>) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        start.current = { x: event.clientX, width };
      }}
      onPointerMove={(event) => {
        if (start.current) onDrag(widthAt(event.clientX));
      }}
      onPointerUp={(event) => {
        if (start.current) onResize(name, widthAt(event.clientX));
        start.current = undefined;
      }}
      onDoubleClick={() => onResize(name, 220)}
    />
  );
}
