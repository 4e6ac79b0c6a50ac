import { Button, Group, Modal } from '@mantine/core';
import { useEffect } from 'react';
import { makeSignal } from '../../parts/signal.ts';
import { texts } from '../../texts/index.ts';

const words = texts.contacts.panel;

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

/** The question, while it is asked. */
export function UnsavedQuestion() {
  const act = waiting.use();
  const stay = () => waiting.set(undefined);
  return (
    <Modal opened={act !== undefined} onClose={stay} title={words.leave} size="sm">
      <Group justify="flex-end" gap="xs">
        <Button
          variant="default"
          onClick={() => {
            stay();
            isUnsaved.set(false);
            act?.();
          }}
        >
          {words.leaveSubmit}
        </Button>
        <Button onClick={stay} data-autofocus>
          {words.leaveStay}
        </Button>
      </Group>
    </Modal>
  );
}
