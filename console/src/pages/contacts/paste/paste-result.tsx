import { Alert, Button, CopyButton, Group, Stack, Text, Title } from '@mantine/core';
import { CircleCheck, TriangleAlert } from 'lucide-react';
import { reasonOf } from '../../../parts/states.tsx';
import { texts } from '../../../texts/index.ts';
import classes from './paste.module.css';
import type { Outcome } from './run-paste.ts';

const words = texts.paste;
const SHOWN = 200;

/** What became of the pasted rows. */
export function PasteResult({
  outcome,
  onAgain,
  onClose,
}: {
  outcome: Outcome;
  onAgain: () => void;
  onClose: () => void;
}) {
  const { created, updated, unchanged, refused, failure, done } = outcome;
  const parts = [words.counts.created(created)];
  if (updated > 0) parts.push(words.counts.updated(updated));
  if (unchanged > 0) parts.push(words.counts.unchanged(unchanged));
  if (refused.length > 0) parts.push(words.counts.refused(refused.length));
  const isClean = refused.length === 0 && failure === undefined;
  return (
    <Stack>
      <Alert
        color={isClean ? 'teal' : 'yellow'}
        variant="light"
        role="status"
        icon={isClean ? <CircleCheck size={18} aria-hidden="true" /> : <TriangleAlert size={18} aria-hidden="true" />}
        title={parts.join(', ')}
      >
        {failure !== undefined && `${words.stopped(done)} ${reasonOf(failure)}`}
      </Alert>
      {refused.length > 0 && (
        <>
          <Group justify="space-between" align="flex-end">
            <div>
              <Title order={3}>{words.refused.title}</Title>
              <Text size="sm" c="dimmed">
                {words.refused.hint}
              </Text>
            </div>
            <CopyButton value={refused.map(({ row }) => row.cells.join('\t')).join('\n')}>
              {({ copied, copy }) => (
                <Button size="xs" variant="default" onClick={copy}>
                  {copied ? words.refused.copied : words.refused.copy}
                </Button>
              )}
            </CopyButton>
          </Group>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keys */}
          <section className={classes.refused} aria-label={words.refused.title} tabIndex={0}>
            <table>
              <thead>
                <tr>
                  <th scope="col">{words.refused.row}</th>
                  <th scope="col">{words.refused.value}</th>
                  <th scope="col">{words.refused.reason}</th>
                </tr>
              </thead>
              <tbody>
                {refused.slice(0, SHOWN).map(({ row, reasons }) => (
                  <tr key={row.place}>
                    <td className="tabular">{row.place}</td>
                    <td>
                      <bdi>{row.cells.filter(Boolean).join(' · ')}</bdi>
                    </td>
                    <td>{reasons.join('; ')}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </section>
        </>
      )}
      <Group justify="flex-end" gap="xs">
        <Button variant="default" onClick={onAgain}>
          {words.again}
        </Button>
        <Button onClick={onClose}>{words.done}</Button>
      </Group>
    </Stack>
  );
}
