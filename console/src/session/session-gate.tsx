import { Loader, Modal, Text } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useEffect } from 'react';
import { connection, onBack } from '../api/connection.ts';
import { setSession } from '../api/query-client.ts';
import { readSession } from '../api/session.ts';
import { isSessionOver } from '../api/session-over.ts';
import { ErrorState } from '../parts/states.tsx';
import { texts } from '../texts/index.ts';
import classes from './session-gate.module.css';
import { SignInForm } from './sign-in-form.tsx';
import { SignInPage } from './sign-in-page.tsx';
import { SessionContext, useSessionQuery } from './use-session.ts';

/** Shows the pages to who is signed in, and the sign-in to everybody else. */
export function SessionGate({ children }: { children: ReactNode }) {
  const { data: session, error, refetch } = useSessionQuery();
  const client = useQueryClient();

  // What was missed while the server was away is read again, the session too.
  useEffect(() => onBack(() => void client.invalidateQueries()), [client]);

  if (session === undefined) {
    return (
      <div className={classes.waiting}>
        {error ? (
          <ErrorState error={error} onRetry={() => void refetch()} />
        ) : (
          <Loader type="dots" aria-label={texts.states.loading} />
        )}
      </div>
    );
  }
  if (session === null) return <SignInPage />;
  return (
    <SessionContext value={session}>
      {/* Nothing of one account may be shown to another. */}
      <div key={session.account.id} className={classes.inside}>
        {children}
      </div>
      <SignInAgain />
    </SessionContext>
  );
}

/** Over the page as it is, when its session has ended: what was entered there stays. */
function SignInAgain() {
  const isOver = isSessionOver.use();
  const client = useQueryClient();
  const { signIn: words } = texts.shell;

  async function goOn() {
    const session = await readSession();
    if (session === undefined) return;
    setSession(session);
    isSessionOver.set(false);
    if (connection.get() === 'ok')
      await client.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] !== 'session' });
  }

  return (
    <Modal
      opened={isOver}
      onClose={() => {}}
      withCloseButton={false}
      closeOnClickOutside={false}
      closeOnEscape={false}
      title={words.expired}
    >
      <Text c="dimmed" size="sm" mb="md">
        {words.expiredAbout}
      </Text>
      <SignInForm onDone={() => void goOn()} />
    </Modal>
  );
}
