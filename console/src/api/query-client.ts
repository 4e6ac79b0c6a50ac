import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query';
import { AuthenticationError, ConnectionError, UnavailableError } from 'muster-sdk';
import { reportGone } from './connection.ts';
import { keys } from './keys.ts';
import type { Session } from './session.ts';
import { isOfOtherSession, isSessionOver } from './session-over.ts';

/** Whatever fails, fails through here: it tells that the session is over, or the server away. */
function observe(error: unknown): void {
  if (error instanceof AuthenticationError) isSessionOver.set(true);
  // The cookie is that of another tab's session, and so must be the token.
  if (isOfOtherSession(error)) void queryClient.invalidateQueries({ queryKey: keys.session });
  if (error instanceof ConnectionError || error instanceof UnavailableError) reportGone();
}

export const queryClient = new QueryClient({
  queryCache: new QueryCache({ onError: observe }),
  mutationCache: new MutationCache({
    // The sign-in form says by itself that a key is wrong.
    onError: (error, _variables, _result, mutation) => {
      if (mutation.meta?.isSignIn !== true) observe(error);
    },
  }),
  defaultOptions: {
    // The SDK retries what may be retried.
    queries: { retry: false, networkMode: 'always', staleTime: 5_000, refetchOnReconnect: false },
    mutations: { retry: false, networkMode: 'always' },
  },
});

/** The session as last read. */
export function sessionOf(): Session | undefined {
  return queryClient.getQueryData<Session | null>(keys.session) ?? undefined;
}

/** Makes somebody else, or nobody, of who is signed in. What was read for the one before is forgotten. */
export function setSession(session: Session | null): void {
  const isSame = sessionOf()?.account.id === session?.account.id;
  queryClient.setQueryData(keys.session, session);
  if (!isSame) queryClient.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== keys.session[0] });
}
