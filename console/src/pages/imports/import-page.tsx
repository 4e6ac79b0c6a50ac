import { Alert, Anchor, Button, Group, Modal, Skeleton, Stack, Text, Title } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { ArrowLeft, CircleCheck, CircleSlash, CircleX, Eye, Undo2 } from 'lucide-react';
import type { RowStatus, SingleImport } from 'muster-sdk';
import { useEffect, useState } from 'react';
import { Link, useLocation } from 'wouter';
import { Moment } from '../../parts/moment.tsx';
import { notifyFailed } from '../../parts/notify.tsx';
import { Page } from '../../parts/page.tsx';
import { ErrorState } from '../../parts/states.tsx';
import { routes } from '../../routes.ts';
import { useCanWrite } from '../../session/use-session.ts';
import { exactDate, momentOf } from '../../texts/format.ts';
import { texts } from '../../texts/index.ts';
import { useAudience } from '../audiences/use-audiences.ts';
import { dropDraft, loadDraft } from './draft.ts';
import classes from './import-page.module.css';
import { RowsTable } from './rows-table.tsx';
import { Running } from './running.tsx';
import { Steps } from './steps.tsx';
import { isOpen, useImport, useImportActions } from './use-import.ts';
import { Reasons, Verdicts } from './verdicts.tsx';

const words = texts.imports;

/** One import, from its rehearsal to its end and back. */
export default function ImportPage({ audienceId, importId }: { audienceId: string; importId: string }) {
  const { data: found, error, refetch } = useImport(audienceId, importId);
  const { data: audience } = useAudience(audienceId);
  const name = found?.name ?? found?.file.name ?? words.noName;
  const title = found?.kind === 'edit' ? (words.edit[found.action!] ?? words.running.edit) : name;
  return (
    <Page
      title={found === undefined ? words.title : title}
      isNarrow
      aside={
        found !== undefined && (
          <Text c="dimmed" size="sm" component="div">
            <Link href={routes.audience(audienceId)} className={classes.audience}>
              <bdi>{audience?.name ?? '…'}</bdi>
            </Link>
            {' · '}
            <Moment date={found.create_date} />
          </Text>
        )
      }
      above={
        <Anchor component={Link} href={routes.imports} size="sm" className={classes.back}>
          <ArrowLeft size={14} aria-hidden="true" /> {words.title}
        </Anchor>
      }
    >
      {found === undefined && error !== null && <ErrorState error={error} onRetry={() => void refetch()} />}
      {found === undefined && error === null && <Skeleton height={240} radius="md" aria-label={texts.states.loading} />}
      {found !== undefined && <Content found={found} />}
    </Page>
  );
}

function Content({ found }: { found: SingleImport }) {
  const [fate, setFate] = useState<RowStatus>();
  const isRunning = isOpen(found);
  const isDone = !isRunning && (!found.dry_run || found.status !== 'completed');

  // Where rows were refused, these are what somebody comes for.
  useEffect(() => {
    if (!isRunning && found.refused > 0) setFate('refused');
  }, [isRunning, found.refused]);

  // What was imported needs to be chosen no more.
  const isImported = found.status === 'completed' && !found.dry_run && found.kind !== 'edit';
  useEffect(() => {
    if (isImported) dropDraft(found.audience_id);
  }, [isImported, found.audience_id]);

  return (
    <Stack gap="lg">
      {found.kind !== 'edit' && (
        <Steps at={found.dry_run || found.phase === 'rehearse' ? 'check' : 'run'} isDone={isDone} />
      )}
      {isRunning ? <Running found={found} /> : <Outcome found={found} />}
      {(found.rows_done > 0 || !isRunning) && <Verdicts found={found} shown={fate} onShow={setFate} />}
      {!isRunning && <Reasons found={found} />}
      {!isRunning && !found.is_expired && found.rows_done > 0 && (
        <RowsTable found={found} fate={fate} onFate={setFate} />
      )}
      {found.is_expired && (
        <Text c="dimmed" size="sm">
          {words.did.expired}
        </Text>
      )}
    </Stack>
  );
}

/** What an import has come to, and what can be done now. */
function Outcome({ found }: { found: SingleImport }) {
  const { status, dry_run, undo, error } = found;
  const canWrite = useCanWrite();
  const changed = found.created + found.updated + found.removed;
  const canFix = canWrite && found.kind !== 'edit' && !found.is_expired;
  const refusedHint = canFix ? words.did.refused : words.did.refusedRead;
  if (status === 'completed' && dry_run) return <Rehearsed found={found} />;
  const outcome = {
    completed: [CircleCheck, 'teal', words.did.title, found.refused > 0 && refusedHint(found.refused)],
    cancelled: [
      CircleSlash,
      'gray',
      words.did.cancelled,
      changed === 0 || dry_run ? words.did.cancelledDry : words.did.cancelledHint,
    ],
    undone: [
      Undo2,
      'gray',
      words.did.undone,
      undo && words.did.undoneHint(undo.deleted, undo.restored, undo.left_alone),
    ],
    failed: [
      CircleX,
      'red',
      words.did.failed,
      `${error?.message ?? ''} ${changed === 0 || dry_run ? words.did.failedNothing : words.did.failedHint}`,
    ],
  } as const;
  const [Icon, color, title, hint] = outcome[status as keyof typeof outcome];
  return (
    <Alert color={color} variant="light" radius="lg" icon={<Icon size={20} aria-hidden="true" />} role="status">
      <div className={classes.outcome}>
        <div>
          <Title order={2}>{title}</Title>
          {hint && <Text size="sm">{hint}</Text>}
        </div>
        <Group gap="xs">
          <Again found={found} />
          <Undo found={found} canUndo={changed > 0 && !dry_run && status !== 'undone'} />
          <Button component={Link} href={routes.audience(found.audience_id)} variant="default">
            {words.did.open}
          </Button>
        </Group>
      </div>
    </Alert>
  );
}

function Rehearsed({ found }: { found: SingleImport }) {
  const { run } = useImportActions(found.audience_id, found.id);
  const canWrite = useCanWrite();
  const rows = found.created + found.updated;
  const isNothing = rows + found.removed === 0;
  return (
    <Alert color="teal" variant="light" radius="lg" icon={<Eye size={20} aria-hidden="true" />} role="status">
      <div className={classes.outcome}>
        <div>
          <Title order={2}>{isNothing ? words.will.none : words.will.title}</Title>
          <Text size="sm">{isNothing ? words.will.noneHint : words.will.hint(found.rows_done)}</Text>
        </div>
        {canWrite && (
          <Group gap="xs">
            <Again found={found} />
            {!isNothing && !found.is_expired && (
              <Button
                loading={run.isPending}
                onClick={() => run.mutate(undefined, { onError: (error) => notifyFailed(error) })}
              >
                {found.mode === 'replace' ? words.will.runReplace : words.will.run(rows)}
              </Button>
            )}
          </Group>
        )}
      </div>
    </Alert>
  );
}

/** Back to the file and its settings, as long as nothing was imported of it. */
function Again({ found }: { found: SingleImport }) {
  const [, go] = useLocation();
  const [hasDraft, setHasDraft] = useState(false);
  const canWrite = useCanWrite();
  useEffect(() => {
    void loadDraft(found.audience_id).then((draft) => setHasDraft(draft?.file.name === found.file.name));
  }, [found]);
  const isWanted = found.kind !== 'edit' && (found.dry_run || ['failed', 'undone'].includes(found.status));
  if (!isWanted || !canWrite) return null;
  return (
    <Button variant="default" onClick={() => go(routes.newImport(found.audience_id))}>
      {hasDraft ? words.will.change : words.will.again}
    </Button>
  );
}

function Undo({ found, canUndo }: { found: SingleImport; canUndo: boolean }) {
  const { undo } = useImportActions(found.audience_id, found.id);
  const [isAsking, asking] = useDisclosure();
  const canWrite = useCanWrite();
  if (!canUndo || !canWrite || found.is_expired) return null;
  return (
    <>
      <Button
        variant="default"
        leftSection={<Undo2 size={16} aria-hidden="true" />}
        onClick={asking.open}
        title={found.expire_date === null ? undefined : words.did.undoUntil(exactDate(momentOf(found.expire_date)))}
      >
        {words.did.undo}
      </Button>
      <Modal opened={isAsking} onClose={asking.close} title={words.did.undoTitle}>
        <Text mb="lg">{words.did.undoAbout(found.created, found.updated, found.removed)}</Text>
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={asking.close}>
            {texts.actions.cancel}
          </Button>
          <Button
            data-autofocus
            loading={undo.isPending}
            onClick={() => undo.mutate(undefined, { onSuccess: asking.close, onError: (error) => notifyFailed(error) })}
          >
            {words.did.undo}
          </Button>
        </Group>
      </Modal>
    </>
  );
}
