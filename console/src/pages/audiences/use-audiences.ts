import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { AudienceInput } from 'muster-sdk';
import { muster } from '../../api/client.ts';
import { keys } from '../../api/keys.ts';

/** Milliseconds for which a chart of 30 days is good. */
const GROWTH_IS_GOOD_FOR = 5 * 60_000;

/** All audiences of the account, oldest first. */
export function useAudiences() {
  return useQuery({
    queryKey: keys.audiences,
    queryFn: ({ signal }) => muster.audiences.list({ page_size: 1000 }, { signal }).toArray(),
  });
}

export function useAudience(id: string) {
  return useQuery({ queryKey: keys.audience(id), queryFn: ({ signal }) => muster.audiences.get(id, { signal }) });
}

/** How an audience has grown, day by day. @param isWanted whether anybody looks at it. */
export function useGrowth(id: string, isWanted: boolean) {
  return useQuery({
    queryKey: keys.growth(id),
    queryFn: ({ signal }) => muster.audience(id).growth({ days: 30 }, { signal }),
    staleTime: GROWTH_IS_GOOD_FOR,
    enabled: isWanted,
  });
}

/** Create, rename and delete; the lists follow. */
export function useAudienceChanges() {
  const client = useQueryClient();
  const onSuccess = () =>
    Promise.all([
      client.invalidateQueries({ queryKey: keys.audiences }),
      client.invalidateQueries({ queryKey: keys.overview }),
    ]);
  return {
    create: useMutation({ mutationFn: (input: AudienceInput) => muster.audiences.create(input), onSuccess }),
    rename: useMutation({
      mutationFn: ({ id, name }: { id: string; name: string }) => muster.audiences.rename(id, name),
      onSuccess,
    }),
    remove: useMutation({
      mutationFn: (id: string) => muster.audiences.delete(id),
      onSuccess: (_, id) => {
        client.removeQueries({ queryKey: keys.audience(id) });
        return onSuccess();
      },
    }),
  };
}
