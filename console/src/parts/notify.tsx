/** Short messages that come and go. What can be taken back brings its button along. */
import { Button } from '@mantine/core';
import { hideNotification, showNotification } from '@mantine/notifications';
import { texts } from '../texts/index.ts';
import classes from './notify.module.css';
import { reasonOf } from './states.tsx';

/** Milliseconds. What can be undone stays long enough to be noticed (WCAG 2.2.1: it can be undone elsewhere as well). */
const SHORT = 5_000;
const LONG = 15_000;

interface Done {
  /** Replaces the message of this id. */
  id?: string;
  /** Takes back what was done. */
  onUndo?: () => Promise<unknown>;
}

let count = 0;

/** Something was done. */
export function notifyDone(message: string, { id = `message-${++count}`, onUndo }: Done = {}): void {
  async function undo() {
    hideNotification(id);
    try {
      await onUndo?.();
      notifyDone(texts.states.undone);
    } catch (error) {
      notifyFailed(error);
    }
  }
  hideNotification(id);
  showNotification({
    id,
    color: 'teal',
    autoClose: onUndo ? LONG : SHORT,
    closeButtonProps: { 'aria-label': texts.actions.dismiss },
    message: (
      <div className={classes.message}>
        <span>{message}</span>
        {onUndo && (
          <Button variant="light" size="compact-sm" onClick={() => void undo()}>
            {texts.actions.undo}
          </Button>
        )}
      </div>
    ),
  });
}

/** Something that was asked for did not happen. */
export function notifyFailed(error: unknown, title?: string): void {
  showNotification({
    color: 'red',
    autoClose: LONG,
    closeButtonProps: { 'aria-label': texts.actions.dismiss },
    title: title ?? texts.states.failed,
    message: reasonOf(error),
  });
}
