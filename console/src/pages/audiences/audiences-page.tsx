import { useQuery } from '@tanstack/react-query';
import { Users } from 'lucide-react';
import { Link } from 'wouter';
import { muster } from '../../api/client.ts';
import { keys } from '../../api/keys.ts';
import { Page } from '../../parts/page.tsx';
import { ErrorState, State } from '../../parts/states.tsx';
import { routes } from '../../routes.ts';
import { texts } from '../../texts/index.ts';

export default function AudiencesPage() {
  const { data, error, refetch } = useQuery({
    queryKey: keys.audiences,
    queryFn: ({ signal }) => muster.audiences.list({ page_size: 1000 }, { signal }).toArray(),
  });
  return (
    <Page title={texts.audiences.title}>
      {error && data === undefined && <ErrorState error={error} onRetry={() => void refetch()} />}
      {data?.length === 0 && <State icon={Users} title={texts.audiences.title} />}
      <ul>
        {data?.map(({ id, name, contacts_count }) => (
          <li key={id}>
            <Link href={routes.audience(id)}>
              <bdi>{name}</bdi>
            </Link>{' '}
            {texts.audiences.contacts(contacts_count)}
          </li>
        ))}
      </ul>
    </Page>
  );
}
