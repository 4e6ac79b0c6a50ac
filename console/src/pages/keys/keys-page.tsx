import { Badge, Button, Group, Modal, Skeleton, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import type { ApiKey, CreatedApiKey } from 'muster-sdk';
import { useState } from 'react';
import { muster } from '../../api/client.ts';
import { keys } from '../../api/keys.ts';
import { DataTable } from '../../parts/data-table.tsx';
import { Moment } from '../../parts/moment.tsx';
import { notifyDone } from '../../parts/notify.tsx';
import { Page } from '../../parts/page.tsx';
import { ErrorState, reasonOf } from '../../parts/states.tsx';
import { useCanWrite, useSession } from '../../session/use-session.ts';
import { momentOf } from '../../texts/format.ts';
import { texts } from '../../texts/index.ts';
import { KeyForm } from './key-form.tsx';
import classes from './keys-page.module.css';
import { NewSecret } from './new-secret.tsx';

const words = texts.apiKeys;
const COLUMNS = [
  { title: words.columns.name },
  { title: words.columns.key },
  { title: words.columns.scope },
  { title: words.columns.used },
  { title: words.columns.expires },
];

/** The account's API keys: what each is for, whether it is used, and its end. */
export default function KeysPage() {
  const canWrite = useCanWrite();
  const { data, error, refetch } = useQuery({
    queryKey: keys.apiKeys,
    queryFn: ({ signal }) => muster.keys.list({ page_size: 1000 }, { signal }).toArray(),
  });
  const [isCreating, creating] = useDisclosure();
  const [made, setMade] = useState<CreatedApiKey>();
  const [revoked, setRevoked] = useState<ApiKey>();

  return (
    <Page
      title={words.title}
      isNarrow
      actions={
        canWrite && (
          <Button leftSection={<Plus size={16} aria-hidden="true" />} onClick={creating.open}>
            {words.create}
          </Button>
        )
      }
    >
      <Text c="dimmed" mb="md">
        {words.about}
      </Text>
      {data === undefined && error !== null && <ErrorState error={error} onRetry={() => void refetch()} />}
      {data === undefined && error === null && <Skeleton height={160} radius="md" aria-label={texts.states.loading} />}
      {data !== undefined && (
        <DataTable columns={COLUMNS} actions={canWrite && words.columns.actions} className={classes.table}>
          {data.map((key) => (
            <Row key={key.id} found={key} canWrite={canWrite} onRevoke={() => setRevoked(key)} />
          ))}
        </DataTable>
      )}
      <Modal opened={isCreating} onClose={creating.close} title={words.form.title}>
        <KeyForm
          onClose={creating.close}
          onMade={(key) => {
            creating.close();
            setMade(key);
          }}
        />
      </Modal>
      <NewSecret made={made} onClose={() => setMade(undefined)} />
      <Revoke found={revoked} onClose={() => setRevoked(undefined)} />
    </Page>
  );
}

function Row({ found, canWrite, onRevoke }: { found: ApiKey; canWrite: boolean; onRevoke: () => void }) {
  const own = useSession().key.id === found.id;
  const { name, prefix, scope, last_use_date, expire_date } = found;
  const isExpired = expire_date !== null && momentOf(expire_date).getTime() < Date.now();
  return (
    <tr data-expired={isExpired || undefined}>
      <th scope="row" className={classes.name}>
        <bdi>{name}</bdi>
        {own && (
          <Badge variant="light" size="sm" tt="none" fw={500}>
            {words.own}
          </Badge>
        )}
      </th>
      <td className={classes.prefix}>
        <code>{prefix}…</code>
      </td>
      <td data-label={words.columns.scope}>{words.scopes[scope]}</td>
      <td data-label={words.columns.used}>
        {last_use_date === null ? words.notUsed : <Moment date={last_use_date} />}
      </td>
      <td data-label={words.columns.expires}>
        {expire_date === null ? words.never : isExpired ? words.expired : <Moment date={expire_date} />}
      </td>
      {canWrite && (
        <td className={classes.actions}>
          {/* None ends itself: somebody has to be left who can. */}
          {!own && (
            <Button variant="subtle" color="red" size="compact-sm" onClick={onRevoke} aria-label={words.revokeOf(name)}>
              {words.revoke}
            </Button>
          )}
        </td>
      )}
    </tr>
  );
}

function Revoke({ found, onClose }: { found: ApiKey | undefined; onClose: () => void }) {
  const client = useQueryClient();
  const revoke = useMutation({
    mutationFn: (key: ApiKey) => muster.keys.revoke(key.id),
    onSuccess(_, key) {
      onClose();
      notifyDone(words.remove.done(key.name));
      void client.invalidateQueries({ queryKey: keys.apiKeys });
    },
  });
  return (
    <Modal opened={found !== undefined} onClose={onClose} title={words.remove.title}>
      <Text mb="md">{words.remove.about(found?.name ?? '')}</Text>
      {revoke.error && (
        <Text c="var(--danger)" mb="md" role="alert">
          {reasonOf(revoke.error)}
        </Text>
      )}
      <Group justify="flex-end" gap="xs">
        <Button variant="default" onClick={onClose} data-autofocus>
          {texts.actions.cancel}
        </Button>
        <Button color="red" loading={revoke.isPending} onClick={() => found && revoke.mutate(found)}>
          {words.remove.submit}
        </Button>
      </Group>
    </Modal>
  );
}
