import { CloseButton, Loader, Title } from '@mantine/core';
import { UserRoundX } from 'lucide-react';
import { NotFoundError } from 'muster-sdk';
import { type ReactNode, useEffect, useRef } from 'react';
import { ErrorState, State } from '../../parts/states.tsx';
import { texts } from '../../texts/index.ts';
import { AddContact } from './add-contact.tsx';
import { ContactDetails } from './contact-details.tsx';
import classes from './contact-panel.module.css';
import { EditContact } from './edit-contact.tsx';
import { nameOf } from './name.ts';
import { useContact } from './use-contact.ts';
import { NEW } from './view.ts';

const words = texts.contacts.panel;

export interface ContactPanelProps {
  audienceId: string;
  /** A contact's, or `NEW`. */
  id: string;
  canWrite: boolean;
  onClose: () => void;
  onOpen: (id: string) => void;
}

/** One contact beside the table; on a phone over it. */
export function ContactPanel(props: ContactPanelProps) {
  const { audienceId, id, canWrite, onClose, onOpen } = props;
  if (id === NEW && canWrite) {
    return (
      <Frame title={words.newTitle} onClose={onClose}>
        <AddContact audienceId={audienceId} onClose={onClose} onOpen={onOpen} />
      </Frame>
    );
  }
  return <ExistingContact key={id} {...props} />;
}

function ExistingContact({ audienceId, id, canWrite, onClose, onOpen }: ContactPanelProps) {
  const { data, error, refetch } = useContact(audienceId, id);
  if (data === undefined) {
    return (
      <Frame title={words.label} onClose={onClose}>
        {error === null ? (
          <Loader type="dots" aria-label={texts.states.loading} />
        ) : error instanceof NotFoundError ? (
          <State icon={UserRoundX} title={words.gone} hint={words.goneHint} />
        ) : (
          <ErrorState error={error} onRetry={() => void refetch()} />
        )}
      </Frame>
    );
  }
  return (
    <Frame title={nameOf(data.contact)} onClose={onClose}>
      {canWrite ? (
        <EditContact audienceId={audienceId} read={data} onClose={onClose} onOpen={onOpen} />
      ) : (
        <ContactDetails contact={data.contact} isWhole />
      )}
    </Frame>
  );
}

/** What is around it: heading, close button, Escape. */
function Frame({ title, onClose, children }: { title: string; onClose: () => void; children: ReactNode }) {
  const frame = useRef<HTMLElement>(null);

  useEffect(() => {
    const before = document.activeElement;
    frame.current?.querySelector<HTMLElement>('[data-autofocus], button')?.focus();
    // Back to where the panel was opened from.
    return () => {
      if (before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true });
    };
  }, []);

  useEffect(() => {
    function listen({ key, target, defaultPrevented }: KeyboardEvent) {
      // What lies over the panel is closed first.
      const isOver =
        document.querySelector('[aria-modal="true"]') !== null ||
        (target instanceof Element &&
          target.closest('[aria-expanded="true"], [role="menu"], [role="listbox"]') !== null);
      if (key === 'Escape' && !defaultPrevented && !isOver) onClose();
    }
    window.addEventListener('keydown', listen);
    return () => window.removeEventListener('keydown', listen);
  }, [onClose]);

  return (
    <aside ref={frame} className={classes.panel} aria-label={words.label}>
      <header className={classes.header}>
        <Title order={2} className={classes.title}>
          <bdi>{title}</bdi>
        </Title>
        <CloseButton size="lg" aria-label={words.close} onClick={onClose} />
      </header>
      <div className={classes.content}>{children}</div>
    </aside>
  );
}
