/** What is shown in the place of content: while it loads, when there is none, when something failed. */
import { Button, Code, Text, Title } from '@mantine/core';
import { CircleAlert, CloudOff, Lock, type LucideIcon, SearchX } from 'lucide-react';
import {
  AuthenticationError,
  ConnectionError,
  MusterError,
  NotFoundError,
  PermissionError,
  RateLimitError,
  UnavailableError,
} from 'muster-sdk';
import type { ReactNode } from 'react';
import { isOfOtherSession } from '../api/session-over.ts';
import { texts } from '../texts/index.ts';
import classes from './states.module.css';

const words = texts.states;

interface StateProps {
  icon: LucideIcon;
  title: string;
  /** What to do next. */
  hint?: ReactNode;
  children?: ReactNode;
  /** Of a heading on a page whose own heading is missing. */
  order?: 1 | 2;
}

/** Says in one place what there is instead of content, and offers what to do. */
export function State({ icon: Icon, title, hint, children, order = 2 }: StateProps) {
  return (
    <div className={classes.state}>
      <div className={classes.icon}>
        <Icon size={22} strokeWidth={1.75} aria-hidden="true" />
      </div>
      <Title order={order} size="h3" ta="center">
        {title}
      </Title>
      {hint !== undefined && (
        <Text c="dimmed" size="sm" ta="center" className={classes.hint}>
          {hint}
        </Text>
      )}
      {children && <div className={classes.actions}>{children}</div>}
    </div>
  );
}

/** What failed, in words for people, and the way out. */
export function ErrorState({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  const { icon, title, hint } = explain(error);
  const requestId = error instanceof MusterError ? error.requestId : undefined;
  return (
    <div role="alert">
      <State icon={icon} title={title} hint={hint}>
        {onRetry && (
          <Button variant="default" onClick={onRetry}>
            {texts.actions.retry}
          </Button>
        )}
        {requestId !== undefined && <Code className={classes.request}>{words.requestId(requestId)}</Code>}
      </State>
    </div>
  );
}

/** In a few words why something failed: the server's own where the request was at fault. */
export function reasonOf(error: unknown): string {
  if (error instanceof ConnectionError || error instanceof UnavailableError) return words.gone;
  if (isOfOtherSession(error)) return words.renewed;
  if (error instanceof MusterError && error.status !== undefined && error.status < 500 && error.errors[0]) {
    return error.errors.map(({ message }) => message).join(' ');
  }
  return explain(error).title;
}

function explain(error: unknown): { icon: LucideIcon; title: string; hint: string } {
  if (error instanceof ConnectionError || error instanceof UnavailableError) {
    return { icon: CloudOff, title: words.gone, hint: words.goneHint };
  }
  if (error instanceof NotFoundError) return { icon: SearchX, title: words.notFound, hint: words.notFoundHint };
  if (error instanceof PermissionError) return { icon: Lock, title: words.forbidden, hint: words.forbiddenHint };
  if (error instanceof AuthenticationError) {
    return { icon: Lock, title: texts.shell.signIn.expired, hint: texts.shell.signIn.expiredAbout };
  }
  if (error instanceof RateLimitError) return { icon: CircleAlert, title: words.tooMany, hint: words.tooManyHint };
  return { icon: CircleAlert, title: words.failed, hint: words.failedHint };
}
