import { useVirtualizer } from '@tanstack/react-virtual';
import type { Contact } from 'muster-sdk';
import { type KeyboardEvent, type ReactNode, useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { useIsCompact } from '../../parts/use-is-compact.ts';
import { usePhones } from '../../parts/use-phones.ts';
import { texts } from '../../texts/index.ts';
import { useColumns } from './columns.ts';
import { needlesOf } from './highlight.ts';
import type { Choosing } from './selection.ts';
import classes from './table.module.css';
import { TableHead, templateOf } from './table-head.tsx';
import { rowId, TableRow } from './table-row.tsx';
import type { Order } from './view.ts';

/** Pixels. */
const ROW = 40;
const COMPACT_ROW = 64;
/** Rows that are still to come when the next page is asked for. */
const AHEAD = 120;
/** Rows that are shown empty while the next page comes. */
const PENDING = 12;

interface ContactTableProps {
  label: string;
  rows: Contact[];
  /** All that match, loaded or not. */
  total: number;
  hasMore: boolean;
  onMore: () => void;
  /** In the place of rows that could not be loaded. */
  failure?: ReactNode;
  /** Whether the rows are those of an earlier question. */
  isStale: boolean;
  search: string;
  order: Order;
  onOrder: (order: Order) => void;
  openId: string | undefined;
  onOpen: (id: string) => void;
  onTag: (tag: string) => void;
  /** Undefined for who may not change anything. */
  choosing: Choosing | undefined;
}

/** Contacts in rows, however many: those in sight are there, the next ones are loaded while somebody scrolls. */
export function ContactTable(props: ContactTableProps) {
  const { rows, total, hasMore, onMore, order, openId, onOpen, onTag, choosing } = props;
  const isCompact = useIsCompact();
  const { visible, resize } = useColumns();
  const names = useMemo(() => visible.map(({ name }) => name), [visible]);
  const grid = useRef<HTMLDivElement>(null);
  const plans = usePhones();
  const needles = useMemo(() => needlesOf(props.search), [props.search]);
  const [active, setActive] = useState(-1);
  const anchor = useRef(-1);
  const height = isCompact ? COMPACT_ROW : ROW;

  const pending = hasMore ? Math.min(PENDING, Math.max(0, total - rows.length)) : 0;
  const virtual = useVirtualizer({
    count: rows.length + pending,
    getScrollElement: () => grid.current,
    estimateSize: () => height,
    overscan: 8,
    scrollPaddingStart: isCompact ? 0 : 36,
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: rows of another height are measured anew
  useEffect(() => virtual.measure(), [height]);

  const items = virtual.getVirtualItems();
  const lastShown = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (hasMore && lastShown > rows.length - AHEAD) onMore();
  }, [hasMore, lastShown, rows.length, onMore]);

  // Another question begins at the top.
  // biome-ignore lint/correctness/useExhaustiveDependencies: these are what makes it another question
  useEffect(() => {
    setActive(-1);
    anchor.current = -1;
    grid.current?.scrollTo({ top: 0 });
  }, [props.search, order]);

  // Handlers that stay the same keep rows from being made anew.
  const latest = useRef({ rows, choosing, onOpen });
  latest.current = { rows, choosing, onOpen };
  const openRow = useCallback((index: number) => {
    const contact = latest.current.rows[index];
    if (contact === undefined) return;
    setActive(index);
    latest.current.onOpen(contact.id);
  }, []);
  const choose = useCallback((index: number, isChosen: boolean, isRange: boolean) => {
    const { rows: all, choosing: how } = latest.current;
    const from = isRange && anchor.current >= 0 ? Math.min(anchor.current, index) : index;
    const to = isRange && anchor.current >= 0 ? Math.max(anchor.current, index) : index;
    how?.choose(all.slice(from, to + 1), isChosen, all);
    anchor.current = index;
    setActive(index);
  }, []);

  function goTo(index: number) {
    const next = Math.min(rows.length - 1, Math.max(0, index));
    setActive(next);
    virtual.scrollToIndex(next);
  }

  function onKeyDown(event: KeyboardEvent<HTMLDivElement>) {
    if (event.target !== event.currentTarget || event.ctrlKey || event.metaKey || event.altKey) return;
    const page = Math.max(1, Math.floor((grid.current?.clientHeight ?? 0) / height) - 2);
    const moves: Record<string, number> = {
      ArrowDown: active + 1,
      ArrowUp: active - 1,
      PageDown: active + page,
      PageUp: active - page,
      Home: 0,
      End: rows.length - 1,
    };
    const contact = rows[active];
    if (moves[event.key] !== undefined) goTo(moves[event.key]!);
    else if (event.key === 'Enter' && contact) openRow(active);
    else if (event.key === ' ' && contact && choosing) choose(active, !choosing.isChosen(contact), event.shiftKey);
    else return;
    event.preventDefault();
  }

  const chosenRows = choosing?.selection.isAll ? rows.length : (choosing?.selection.some.size ?? 0);
  const first = items.findLast(({ start }) => start <= (virtual.scrollOffset ?? 0))?.index ?? 0;
  const inSight = Math.ceil(((virtual.scrollRect?.height ?? 0) - (isCompact ? 0 : 36)) / height);
  return (
    <div className={classes.frame} data-stale={props.isStale || undefined}>
      <div
        ref={grid}
        role="grid"
        aria-label={props.label}
        aria-rowcount={total + 1}
        aria-multiselectable={choosing !== undefined}
        aria-activedescendant={active >= 0 ? rowId(active) : undefined}
        aria-busy={props.isStale}
        tabIndex={0}
        className={classes.grid}
        style={{ '--columns': templateOf(visible, choosing !== undefined) } as object}
        onKeyDown={onKeyDown}
        onFocus={(event) => {
          if (event.target === event.currentTarget && active < 0 && rows.length > 0) setActive(first);
        }}
      >
        {!isCompact && (
          <TableHead
            columns={visible}
            order={order}
            onOrder={props.onOrder}
            onResize={resize}
            grid={grid}
            choice={
              choosing && {
                isChosen: rows.length > 0 && chosenRows >= rows.length,
                isPartly: chosenRows > 0 && chosenRows < rows.length,
                onChoose: (isChosen) => (isChosen ? choosing.choose(rows, true, rows) : choosing.clear()),
              }
            }
          />
        )}
        <div role="rowgroup" className={classes.body} style={{ height: virtual.getTotalSize() }}>
          {items.map(({ index, start }) => {
            const contact = rows[index];
            if (contact === undefined) return <PendingRow key={index} index={index} top={start} />;
            return (
              <TableRow
                key={contact.id}
                contact={contact}
                index={index}
                top={start}
                columns={names}
                isCompact={isCompact}
                needles={needles}
                plans={plans}
                isChosen={choosing?.isChosen(contact)}
                isActive={index === active}
                isOpen={contact.id === openId}
                onOpen={openRow}
                onChoose={choose}
                onTag={onTag}
              />
            );
          })}
        </div>
        {props.failure}
      </div>
      <div className={classes.foot}>
        <span className="tabular">
          {texts.contacts.position(Math.min(first + 1, total), Math.min(first + inSight, total), total)}
        </span>
      </div>
    </div>
  );
}

function PendingRow({ index, top }: { index: number; top: number }) {
  return (
    <div role="row" aria-rowindex={index + 2} className={classes.row} style={{ transform: `translateY(${top}px)` }}>
      <div role="gridcell" className={classes.pending}>
        <span className="visually-hidden">{texts.states.loading}</span>
      </div>
    </div>
  );
}
