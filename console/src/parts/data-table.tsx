import type { ReactNode } from 'react';
import { Link } from 'wouter';
import classes from './data-table.module.css';

interface Column {
  title: string;
  className?: string;
}

interface DataTableProps {
  columns: Column[];
  /** What the last column holds, where there is one of buttons: only screen readers tell it. */
  actions?: string | false;
  className?: string;
  /** The rows. */
  children: ReactNode;
}

/** A table in a frame. On a phone each row is a card, a grid whose cells the page lays out. */
export function DataTable({ columns, actions = false, className = '', children }: DataTableProps) {
  return (
    <div className={classes.frame}>
      <table className={`${classes.table} ${className}`}>
        <thead>
          <tr>
            {columns.map((column) => (
              <th scope="col" key={column.title} className={column.className}>
                {column.title}
              </th>
            ))}
            {actions !== false && (
              <th scope="col">
                <span className="visually-hidden">{actions}</span>
              </th>
            )}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}

/** A link whose area is the whole of its row. */
export function RowLink({ href, children }: { href: string; children: ReactNode }) {
  return (
    <Link href={href} className={classes.link}>
      <bdi>{children}</bdi>
    </Link>
  );
}
