import { Button, Skeleton, Text, TextInput } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { Plus, Search, Users } from 'lucide-react';
import type { Audience } from 'muster-sdk';
import { useState } from 'react';
import { useLocation } from 'wouter';
import { Page } from '../../parts/page.tsx';
import { ErrorState, State } from '../../parts/states.tsx';
import { routes } from '../../routes.ts';
import { useCanWrite } from '../../session/use-session.ts';
import { SEARCH_FIELD } from '../../shell/shortcuts.tsx';
import { texts } from '../../texts/index.ts';
import { AudienceForm } from './audience-form.tsx';
import { AudienceTable } from './audience-table.tsx';
import { useAudiences } from './use-audiences.ts';

const words = texts.audiences;
/** Fewer than these are seen at a glance, and need no search. */
const FEW = 8;

export default function AudiencesPage() {
  const { data, error, refetch } = useAudiences();
  const canWrite = useCanWrite();
  const [isCreating, creating] = useDisclosure();
  const [text, setText] = useState('');
  const [, go] = useLocation();
  const total = data?.reduce((sum, { contacts_count }) => sum + contacts_count, 0) ?? 0;
  const create = (
    <Button leftSection={<Plus size={16} aria-hidden="true" />} onClick={creating.open}>
      {words.create}
    </Button>
  );

  return (
    <Page
      title={words.title}
      aside={
        data !== undefined &&
        data.length > 0 && (
          <Text c="dimmed" size="sm">
            {words.summary(data.length, total)}
          </Text>
        )
      }
      actions={
        <>
          {data !== undefined && data.length >= FEW && (
            <TextInput
              {...SEARCH_FIELD}
              type="search"
              aria-label={words.find}
              placeholder={words.find}
              value={text}
              onChange={(event) => setText(event.currentTarget.value)}
              leftSection={<Search size={16} aria-hidden="true" />}
            />
          )}
          {canWrite && data?.length !== 0 && create}
        </>
      }
    >
      {data === undefined && error !== null && <ErrorState error={error} onRetry={() => void refetch()} />}
      {data === undefined && error === null && <Skeleton height={220} radius="md" aria-label={texts.states.loading} />}
      {data?.length === 0 && (
        <State icon={Users} title={words.empty.title} hint={canWrite ? words.empty.hint : words.empty.hintRead}>
          {canWrite && create}
        </State>
      )}
      {data !== undefined && data.length > 0 && <Found audiences={data} text={text} />}
      <AudienceForm isOpen={isCreating} onClose={creating.close} onCreated={({ id }) => go(routes.audience(id))} />
    </Page>
  );
}

function Found({ audiences, text }: { audiences: Audience[]; text: string }) {
  const wanted = text.trim().toLocaleLowerCase();
  const found = audiences.filter(({ name }) => name.toLocaleLowerCase().includes(wanted));
  if (found.length > 0) return <AudienceTable audiences={found} />;
  return (
    <Text c="dimmed" ta="center" py="xl" role="status">
      {words.noneFound(text.trim())}
    </Text>
  );
}
