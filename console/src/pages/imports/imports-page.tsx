import { Badge, Button, Group, Modal, Select, Skeleton, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useInfiniteQuery } from '@tanstack/react-query';
import { FileInput, FileSpreadsheet, PencilLine, Plus } from 'lucide-react';
import type { Audience, Import } from 'muster-sdk';
import { type FormEvent, useState } from 'react';
import { Link, useLocation } from 'wouter';
import { muster } from '../../api/client.ts';
import { keys } from '../../api/keys.ts';
import { DataTable, RowLink } from '../../parts/data-table.tsx';
import { Moment } from '../../parts/moment.tsx';
import { Page } from '../../parts/page.tsx';
import { ErrorState, State } from '../../parts/states.tsx';
import { routes } from '../../routes.ts';
import { useCanWrite } from '../../session/use-session.ts';
import { number } from '../../texts/format.ts';
import { texts } from '../../texts/index.ts';
import { useAudiences } from '../audiences/use-audiences.ts';
import classes from './imports-page.module.css';
import { isOpen } from './use-import.ts';

const words = texts.imports;
const PAGE = 50;
const COLUMNS = [
  { title: words.columns.file },
  { title: words.columns.audience },
  { title: words.columns.outcome },
  { title: words.columns.date },
];
/** Milliseconds between two looks while something runs. */
const LOOK = 1_500;

const COLORS: Record<string, string> = { running: 'blue', checked: 'teal', completed: 'teal', failed: 'red' };

/** The imports of all audiences, newest first. */
export default function ImportsPage() {
  const canWrite = useCanWrite();
  const audiences = useAudiences();
  const imports = useInfiniteQuery({
    queryKey: keys.imports,
    queryFn: ({ pageParam, signal }) => muster.imports.list({ page_size: PAGE }, { signal }).page(pageParam),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next }) => next ?? undefined,
    refetchInterval: ({ state }) => (state.data?.pages.some(({ data }) => data.some(isOpen)) ? LOOK : false),
  });
  const [isChoosing, choosing] = useDisclosure();
  const found = imports.data?.pages.flatMap(({ data }) => data);
  const names = new Map(audiences.data?.map(({ id, name }) => [id, name]));
  const create = (
    <Button leftSection={<Plus size={16} aria-hidden="true" />} onClick={choosing.open}>
      {words.create}
    </Button>
  );
  const hasAudience = audiences.data?.length !== 0;

  return (
    <Page title={words.title} actions={canWrite && found?.length !== 0 && hasAudience && create}>
      {found === undefined && imports.error !== null && (
        <ErrorState error={imports.error} onRetry={() => void imports.refetch()} />
      )}
      {found === undefined && imports.error === null && (
        <Skeleton height={220} radius="md" aria-label={texts.states.loading} />
      )}
      {found?.length === 0 && (
        <State
          icon={FileInput}
          title={words.empty.title}
          hint={canWrite ? (hasAudience ? words.empty.hint : words.empty.noAudience) : words.empty.hintRead}
        >
          {canWrite &&
            (hasAudience ? (
              create
            ) : (
              <Button component={Link} href={routes.audiences}>
                {words.empty.toAudiences}
              </Button>
            ))}
        </State>
      )}
      {found !== undefined && found.length > 0 && (
        <DataTable columns={COLUMNS}>
          {found.map((each) => (
            <Row key={each.id} found={each} audience={names.get(each.audience_id)} />
          ))}
        </DataTable>
      )}
      {imports.hasNextPage && (
        <Group justify="center" mt="md">
          <Button variant="default" loading={imports.isFetchingNextPage} onClick={() => void imports.fetchNextPage()}>
            {words.more}
          </Button>
        </Group>
      )}
      <Modal opened={isChoosing} onClose={choosing.close} title={words.choose.title}>
        <ChooseAudience audiences={audiences.data ?? []} />
      </Modal>
    </Page>
  );
}

function Row({ found, audience }: { found: Import; audience: string | undefined }) {
  const isEdit = found.kind === 'edit';
  const Icon = isEdit ? PencilLine : FileSpreadsheet;
  const state = found.status === 'completed' && found.dry_run ? 'checked' : found.status;
  const counts = (['created', 'updated', 'removed', 'refused'] as const).filter((fate) => found[fate] > 0);
  return (
    <tr>
      <td className={classes.name}>
        <Icon size={18} strokeWidth={1.6} aria-hidden="true" className={classes.icon} />
        <RowLink href={routes.import(found.audience_id, found.id)}>
          {isEdit ? words.edit[found.action!] : (found.name ?? found.file.name ?? words.noName)}
        </RowLink>
      </td>
      <td className={classes.audience}>
        <bdi>{audience ?? words.gone}</bdi>
      </td>
      <td className={classes.outcome}>
        <Badge variant="light" color={COLORS[state] ?? 'gray'} tt="none">
          {words.status[state]}
        </Badge>
        <Text component="span" size="sm" c="dimmed" className="tabular">
          {counts.map((fate) => `${number(found[fate])} ${words.fates[fate]![0].toLowerCase()}`).join(', ')}
        </Text>
      </td>
      <td className={classes.date}>
        <Moment date={found.create_date} />
      </td>
    </tr>
  );
}

function ChooseAudience({ audiences }: { audiences: Audience[] }) {
  const [, go] = useLocation();
  const [chosen, setChosen] = useState<string | null>(audiences.length === 1 ? audiences[0]!.id : null);

  function submit(event: FormEvent) {
    event.preventDefault();
    if (chosen !== null) go(routes.newImport(chosen));
  }

  return (
    <form onSubmit={submit}>
      <Select
        label={words.choose.label}
        data={audiences.map(({ id, name }) => ({ value: id, label: name }))}
        value={chosen}
        onChange={setChosen}
        searchable
        data-autofocus
        mb="lg"
      />
      <Group justify="flex-end">
        <Button type="submit" disabled={chosen === null}>
          {words.choose.submit}
        </Button>
      </Group>
    </form>
  );
}
