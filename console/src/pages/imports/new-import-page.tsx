import { Alert, Anchor, Button, Group, Loader, NativeSelect, Paper, Progress, Stack, Text, Title } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { ArrowLeft, FileSpreadsheet } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { Link, useLocation } from 'wouter';
import { muster } from '../../api/client.ts';
import { Page } from '../../parts/page.tsx';
import { ErrorState, reasonOf, State } from '../../parts/states.tsx';
import { routes } from '../../routes.ts';
import { useCanWrite } from '../../session/use-session.ts';
import { texts } from '../../texts/index.ts';
import { useAudience } from '../audiences/use-audiences.ts';
import { ColumnTable } from './column-table.tsx';
import { type Draft, dropDraft, fieldOf, keepDraft, loadDraft, newDraft } from './draft.ts';
import { DropZone } from './drop-zone.tsx';
import classes from './new-import-page.module.css';
import { OptionsForm } from './options-form.tsx';
import { Steps } from './steps.tsx';
import { forgetUpload, startUpload, useUpload } from './uploads.ts';

const words = texts.imports;
/** So much of a file is enough to see its columns, in bytes. */
const HEAD = 256 * 1024;
/** The most that the server looks at without keeping it. */
const MAX_PREVIEW = 32 * 1024 * 1024;
const ENCODINGS = ['', 'utf-8', 'windows-1252', 'iso-8859-2', 'windows-1251', 'windows-1253', 'windows-1254'];
const MORE_ENCODINGS = ['windows-1255', 'windows-1256', 'utf-16le', 'shift_jis', 'gb18030', 'big5', 'euc-kr'];

/** From a file to its rehearsal: choosing it, and saying what its columns are. */
export default function NewImportPage({ audienceId }: { audienceId: string }) {
  const { data: audience, error, refetch } = useAudience(audienceId);
  const canWrite = useCanWrite();
  const back = (
    <Anchor component={Link} href={routes.audience(audienceId)} size="sm" className={classes.back}>
      <ArrowLeft size={14} aria-hidden="true" /> <bdi>{audience?.name ?? texts.actions.back}</bdi>
    </Anchor>
  );
  return (
    <Page title={audience === undefined ? words.create : words.newTitle(audience.name)} above={back} isNarrow>
      {error !== null && audience === undefined ? (
        <ErrorState error={error} onRetry={() => void refetch()} />
      ) : canWrite ? (
        <Wizard audienceId={audienceId} />
      ) : (
        <State icon={FileSpreadsheet} title={texts.states.forbidden} hint={texts.states.forbiddenHint} />
      )}
    </Page>
  );
}

function preview(audienceId: string, file: File, encoding: string) {
  // A spreadsheet has its directory at its end, and of gzip a part cannot be unpacked.
  const isPart = file.size > HEAD && !/\.(?:xlsx|gz)$/i.test(file.name);
  const seen = isPart ? file.slice(0, HEAD) : file.slice(0, MAX_PREVIEW);
  const said = { file_name: file.name, partial: isPart, encoding: encoding || undefined };
  return muster.audience(audienceId).imports.preview(seen, said);
}

function Wizard({ audienceId }: { audienceId: string }) {
  const [, go] = useLocation();
  const upload = useUpload(audienceId);
  const [draft, setDraft] = useState<Draft | undefined | null>(null);

  useEffect(() => {
    void loadDraft(audienceId).then((found) => setDraft((now) => now ?? found));
  }, [audienceId]);

  const made = upload?.state === 'sent' ? upload.made : undefined;
  useEffect(() => {
    if (made === undefined) return;
    forgetUpload(audienceId);
    go(routes.import(audienceId, made.id), { replace: true });
  }, [made, audienceId, go]);

  function keep(next: Draft) {
    setDraft(next);
    keepDraft(audienceId, next);
  }

  const look = useMutation({
    mutationFn: (file: File) => preview(audienceId, file, ''),
    onSuccess: (seen, file) => keep(newDraft(file, seen)),
  });
  const lookAgain = useMutation({
    mutationFn: (encoding: string) => preview(audienceId, draft!.file, encoding),
    onSuccess: (seen, encoding) => keep({ ...draft!, preview: seen, encoding }),
  });

  function another() {
    dropDraft(audienceId);
    look.reset();
    setDraft(undefined);
  }

  if (draft === null) return <Loader type="dots" aria-label={texts.states.loading} />;
  if (upload?.state === 'sending' || upload?.state === 'sent') {
    return (
      <>
        <Steps at="check" />
        {upload.state === 'sending' && <Sending {...upload} />}
      </>
    );
  }
  if (draft === undefined) {
    return (
      <>
        <Steps at="file" />
        <DropZone onFile={(file) => look.mutate(file)} isBusy={look.isPending} />
        {look.error && (
          <Alert color="red" title={words.drop.unread} role="alert">
            {reasonOf(look.error)}
          </Alert>
        )}
      </>
    );
  }

  const hasNumber = draft.preview.columns.some(({ name }) => fieldOf(draft, name) === 'number');
  return (
    <>
      <Steps at="columns" />
      <Stack gap="xl">
        <FileCard
          draft={draft}
          isBusy={lookAgain.isPending}
          onEncoding={(encoding) => lookAgain.mutate(encoding)}
          onAnother={another}
        />
        {lookAgain.error && (
          <Alert color="red" title={words.drop.unread} role="alert">
            {reasonOf(lookAgain.error)}
          </Alert>
        )}
        <section aria-labelledby="columns">
          <Title order={2} id="columns">
            {words.map.title}
          </Title>
          <Text c="dimmed" size="sm" mb="sm">
            {words.map.hint}
          </Text>
          <ColumnTable draft={draft} onChange={(fields) => keep({ ...draft, fields })} />
          {!hasNumber && (
            <Text c="var(--danger)" size="sm" mt="xs" role="alert">
              {words.map.needsNumber}
            </Text>
          )}
        </section>
        <section aria-labelledby="options">
          <Title order={2} id="options" mb="sm">
            {words.options.title}
          </Title>
          <Paper withBorder radius="lg" p="lg">
            <OptionsForm draft={draft} onChange={(change) => keep({ ...draft, ...change })} />
          </Paper>
        </section>
        {upload?.state === 'failed' && (
          <Alert color="red" title={words.upload.failed} role="alert">
            {reasonOf(upload.error)}
          </Alert>
        )}
        <Group justify="space-between" className={classes.foot}>
          <Text c="dimmed" size="sm">
            {words.checkHint}
          </Text>
          <Group gap="xs">
            <Button variant="default" onClick={another}>
              {texts.actions.back}
            </Button>
            <Button disabled={!hasNumber} onClick={() => void startUpload(audienceId, draft)}>
              {words.check}
            </Button>
          </Group>
        </Group>
      </Stack>
    </>
  );
}

interface FileCardProps {
  draft: Draft;
  isBusy: boolean;
  onEncoding: (encoding: string) => void;
  onAnother: () => void;
}

function FileCard({ draft: { file, preview, encoding }, isBusy, onEncoding, onAnother }: FileCardProps) {
  const { format, separator, has_header } = preview;
  const about = [words.file.formats[format], words.file.size(file.size)];
  if (separator !== null) about.push(words.file.separated(separator));
  const heading = useRef<HTMLDivElement>(null);
  useEffect(() => heading.current?.focus(), []);
  const others = [...ENCODINGS, ...MORE_ENCODINGS].filter((each) => each !== '');
  return (
    <Paper withBorder radius="lg" p="md">
      <div className={classes.file}>
        <span className={classes.fileIcon}>
          <FileSpreadsheet size={22} strokeWidth={1.6} aria-hidden="true" />
        </span>
        <div ref={heading} tabIndex={-1} className={classes.fileName}>
          <strong>
            <bdi>{file.name}</bdi>
          </strong>
          <Text c="dimmed" size="sm">
            {about.join(' · ')}
            {!has_header && ` · ${words.file.noHeader}`}
          </Text>
        </div>
        {format !== 'xlsx' && (
          <NativeSelect
            aria-label={words.file.encoding}
            value={encoding}
            disabled={isBusy}
            onChange={(event) => onEncoding(event.currentTarget.value)}
            data={[
              { value: '', label: encoding === '' ? words.file.detected(preview.encoding) : words.file.encoding },
              ...others.filter((each) => each !== preview.encoding || encoding !== ''),
            ]}
            className={classes.encoding}
          />
        )}
        <Button variant="subtle" size="compact-sm" onClick={onAnother}>
          {words.drop.another}
        </Button>
      </div>
    </Paper>
  );
}

function Sending({ fileName, progress, cancel }: Extract<ReturnType<typeof useUpload>, { state: 'sending' }>) {
  const { sent, total = 0 } = progress;
  return (
    <Paper withBorder radius="lg" p="lg">
      <Stack gap="sm">
        <Title order={2}>{words.upload.title}</Title>
        <Text c="dimmed" size="sm">
          <bdi>{fileName}</bdi>
        </Text>
        <Progress.Root size="lg">
          <Progress.Section value={total === 0 ? 0 : (100 * sent) / total} aria-label={words.upload.title} animated />
        </Progress.Root>
        <Group justify="space-between">
          <Text size="sm" className="tabular">
            {words.upload.progress(sent, total)}
          </Text>
          <Button variant="default" size="compact-md" onClick={cancel}>
            {texts.actions.cancel}
          </Button>
        </Group>
        <Text c="dimmed" size="sm">
          {words.upload.leave}
        </Text>
      </Stack>
    </Paper>
  );
}
