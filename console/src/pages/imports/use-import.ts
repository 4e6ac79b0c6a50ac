import { type QueryClient, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { SingleImport } from 'muster-sdk';
import { useEffect, useRef } from 'react';
import { muster } from '../../api/client.ts';
import { keys } from '../../api/keys.ts';

/** Milliseconds before events that broke off are asked for again. */
const AGAIN = 1_000;

export const isOpen = ({ status }: Pick<SingleImport, 'status'>): boolean =>
  status === 'queued' || status === 'running';

/** An import as it is now: followed while it runs, wherever it was when the page was opened. */
export function useImport(audienceId: string, importId: string) {
  const client = useQueryClient();
  const query = useQuery({
    queryKey: keys.import(audienceId, importId),
    queryFn: ({ signal }) => muster.audience(audienceId).imports.get(importId, { signal }),
    staleTime: 0,
  });
  const isRunning = query.data !== undefined && isOpen(query.data);

  useEffect(() => {
    if (!isRunning) return;
    const ending = new AbortController();
    void follow(client, audienceId, importId, ending.signal);
    return () => ending.abort();
  }, [client, isRunning, audienceId, importId]);

  // What an import changed is read again by every list that shows it.
  const wasRunning = useRef(isRunning);
  useEffect(() => {
    if (wasRunning.current && !isRunning) {
      for (const queryKey of [keys.audiences, keys.overview, keys.imports]) void client.invalidateQueries({ queryKey });
    }
    wasRunning.current = isRunning;
  }, [isRunning, client]);

  return query;
}

/** Keeps what is known of an import up to date until it has ended, or nobody looks. */
async function follow(client: QueryClient, audienceId: string, importId: string, signal: AbortSignal): Promise<void> {
  const queryKey = keys.import(audienceId, importId);
  while (!signal.aborted) {
    try {
      for await (const { import: found } of muster.audience(audienceId).imports.events(importId, { signal })) {
        client.setQueryData(queryKey, found);
      }
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, AGAIN));
      // Tells the rest of the console that the server is away, when it is.
      if (!signal.aborted) await client.invalidateQueries({ queryKey, exact: true });
    }
  }
}

/** Run, undo and cancel. */
export function useImportActions(audienceId: string, importId: string) {
  const client = useQueryClient();
  const { imports } = muster.audience(audienceId);
  const onSuccess = (found: SingleImport) => {
    client.setQueryData(keys.import(audienceId, importId), found);
    void client.invalidateQueries({ queryKey: keys.imports, predicate: ({ queryKey }) => queryKey.length === 1 });
  };
  return {
    run: useMutation({ mutationFn: () => imports.run(importId), onSuccess }),
    undo: useMutation({ mutationFn: () => imports.undo(importId), onSuccess }),
    cancel: useMutation({ mutationFn: () => imports.cancel(importId), onSuccess }),
  };
}
