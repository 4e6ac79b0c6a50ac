import { useQuery } from '@tanstack/react-query';
import { createContext, useContext } from 'react';
import { keys } from '../api/keys.ts';
import { sessionOf } from '../api/query-client.ts';
import { readSession, type Session } from '../api/session.ts';
import { isSessionOver } from '../api/session-over.ts';

/** The session as the server has it; `data` is null when nobody is signed in. */
export function useSessionQuery() {
  return useQuery({
    queryKey: keys.session,
    queryFn: async () => {
      const session = await readSession();
      const before = sessionOf();
      if (session !== undefined || before === undefined) return session ?? null;
      // One that has ended while a page is in use is asked for over that page, which stays.
      isSessionOver.set(true);
      return before;
    },
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: Number.POSITIVE_INFINITY,
  });
}

export const SessionContext = createContext<Session | undefined>(undefined);

/** Who is signed in: on every page behind the sign-in. */
export function useSession(): Session {
  const session = useContext(SessionContext);
  if (session === undefined) throw new Error('useSession is used outside of a session');
  return session;
}

/** Whether the key may write. Who may not is shown nothing that writes. */
export function useCanWrite(): boolean {
  return useSession().key.scope === 'write';
}
