import { Title } from '@mantine/core';
import { useDocumentTitle } from '@mantine/hooks';
import type { ReactNode } from 'react';
import { texts } from '../texts/index.ts';
import classes from './page.module.css';

interface PageProps {
  /** The page's heading, and its name in the browser's tab. */
  title: string;
  /** Beside the heading. */
  aside?: ReactNode;
  /** At the other end of the heading's line. */
  actions?: ReactNode;
  /** Above the heading, as a way back. */
  above?: ReactNode;
  /** Takes the whole height of the window and scrolls inside. */
  isTall?: boolean;
  /** Pages that are read rather than looked at are narrower. */
  isNarrow?: boolean;
  children: ReactNode;
}

/** A page's heading and its content. */
export function Page({ title, aside, actions, above, isTall = false, isNarrow = false, children }: PageProps) {
  useDocumentTitle(`${title} · ${texts.product}`);
  const kind = `${classes.page} ${isTall ? classes.tall : ''} ${isNarrow ? classes.narrow : ''}`;
  return (
    <div className={kind}>
      {above}
      <header className={classes.header}>
        <div className={classes.heading}>
          <Title order={1} className={classes.title}>
            <bdi>{title}</bdi>
          </Title>
          {aside}
        </div>
        {actions && <div className={classes.actions}>{actions}</div>}
      </header>
      {children}
    </div>
  );
}
