import { Button, Group, Paper, Progress, Stack, Text, Title } from '@mantine/core';
import type { SingleImport } from 'muster-sdk';
import { useEffect, useRef, useState } from 'react';
import { notifyFailed } from '../../parts/notify.tsx';
import { useCanWrite } from '../../session/use-session.ts';
import { texts } from '../../texts/index.ts';
import { useImportActions } from './use-import.ts';

const words = texts.imports.running;
/** Seconds of work before a guess at the rest is worth anything. */
const SETTLED = 2;

/** An import under way: how far, how fast, how long still, and the way to stop it. */
export function Running({ found }: { found: SingleImport }) {
  const { cancel } = useImportActions(found.audience_id, found.id);
  const canWrite = useCanWrite();
  const part = partOf(found);
  const { perSecond, left } = usePace(found, part);
  const isQueued = found.status === 'queued';
  const title = isQueued ? words.queued : found.kind === 'edit' ? words.edit : words[found.phase];
  const pace = [
    found.rows_done > 0 && words.done(found.rows_done),
    perSecond !== undefined && words.rate(perSecond),
    left !== undefined && words.left(left),
  ].filter((text) => text !== false);

  return (
    <Paper withBorder radius="lg" p="lg">
      <Stack gap="sm">
        <Title order={2} role="status">
          {title}
        </Title>
        <Progress.Root size="lg">
          <Progress.Section value={part === undefined ? 100 : 100 * part} aria-label={words.label} striped animated />
        </Progress.Root>
        <Group justify="space-between" mih={34}>
          <Text size="sm" className="tabular">
            {isQueued ? words.queuedHint : pace.join(' · ')}
          </Text>
          {canWrite && found.phase !== 'undo' && (
            <Button
              variant="default"
              size="compact-md"
              loading={cancel.isPending}
              onClick={() => cancel.mutate(undefined, { onError: (error) => notifyFailed(error) })}
            >
              {words.cancel}
            </Button>
          )}
        </Group>
        <Text c="dimmed" size="sm">
          {words.safe}
        </Text>
      </Stack>
    </Paper>
  );
}

/** From 0 to 1; undefined when nobody knows, as while a spreadsheet is read. */
function partOf({ phase, rows_done, rows_total, bytes_done, file }: SingleImport): number | undefined {
  if (phase === 'remove' || phase === 'undo') return undefined;
  if (rows_total) return rows_done / rows_total;
  return bytes_done > 0 && file.bytes > 0 ? Math.min(1, bytes_done / file.bytes) : undefined;
}

/** Rows a second since this page looks at the phase, and the seconds that are left at that pace. */
function usePace({ phase, rows_done }: SingleImport, part: number | undefined) {
  const start = useRef({ phase, rows: rows_done, part: part ?? 0, at: performance.now() });
  const [pace, setPace] = useState<{ perSecond?: number; left?: number }>({});
  useEffect(() => {
    if (start.current.phase !== phase) {
      start.current = { phase, rows: rows_done, part: part ?? 0, at: performance.now() };
      setPace({});
      return;
    }
    const seconds = (performance.now() - start.current.at) / 1000;
    if (seconds < SETTLED || rows_done === start.current.rows) return;
    const gone = (part ?? 0) - start.current.part;
    setPace({
      perSecond: (rows_done - start.current.rows) / seconds,
      left: part !== undefined && gone > 0 ? ((1 - part) * seconds) / gone : undefined,
    });
  }, [phase, rows_done, part]);
  return pace;
}
