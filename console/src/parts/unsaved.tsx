import { Button, Group, Modal } from '@mantine/core';
import { useEffect } from 'react';
import type { AroundNavHandler } from 'wouter';
import { texts } from '../texts/index.ts';
import { makeSignal } from './signal.ts';

const words = texts.unsaved;

const isUnsaved = makeSignal(false);
/** What is to be done once somebody has agreed to lose what is not saved. */
const waiting = makeSignal<(() => void) | undefined>(undefined);

/** Says that something on the page would be lost. */
export function useUnsaved(isDirty: boolean): void {
  useEffect(() => {
    isUnsaved.set(isDirty);
    if (!isDirty) return;
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener('beforeunload', ask);
    return () => {
      isUnsaved.set(false);
      window.removeEventListener('beforeunload', ask);
    };
  }, [isDirty]);
}

/** Does something now, or, when something would be lost by it, after asking. */
export function afterAsking(act: () => void): void {
  if (isUnsaved.get()) waiting.set(act);
  else act();
}

/** Goes to another page, after asking when something would be lost; on the same page nothing is. */
export const aroundNavigation: AroundNavHandler = (navigate, to, options) => {
  const isSamePage = new URL(to, window.location.href).pathname === window.location.pathname;
  if (isSamePage) navigate(to, options);
  else afterAsking(() => navigate(to, options));
};

/** The question, while it is asked. */
export function UnsavedQuestion() {
  const act = waiting.use();
  const stay = () => waiting.set(undefined);
  return (
    <Modal opened={act !== undefined} onClose={stay} title={words.question} size="sm">
      <Group justify="flex-end" gap="xs">
        <Button
          variant="default"
          onClick={() => {
            stay();
            isUnsaved.set(false);
            act?.();
          }}
        >
          {words.leave}
        </Button>
        <Button onClick={stay} data-autofocus>
          {words.stay}
        </Button>
      </Group>
    </Modal>
  );
}
