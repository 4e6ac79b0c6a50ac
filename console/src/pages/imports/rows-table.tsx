import { Badge, Button, Group, SegmentedControl, Skeleton, Text, Title } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Download } from 'lucide-react';
import type { ImportRow, RowStatus, SingleImport } from 'muster-sdk';
import { useState } from 'react';
import { Link } from 'wouter';
import { muster } from '../../api/client.ts';
import { keys } from '../../api/keys.ts';
import { DataTable } from '../../parts/data-table.tsx';
import { ErrorState } from '../../parts/states.tsx';
import { routes } from '../../routes.ts';
import { useCanWrite } from '../../session/use-session.ts';
import { texts } from '../../texts/index.ts';
import { fixedRows } from './fixed-rows.ts';
import { RowFix } from './row-fix.tsx';
import classes from './rows-table.module.css';

const words = texts.imports.table;
const COLUMNS = [{ title: words.line }, { title: words.fate }, { title: words.number }, { title: words.row }];
const REFUSED_COLUMNS = [{ title: words.line }, { title: words.row }];
const PAGE = 25;
const FATES: RowStatus[] = ['refused', 'created', 'updated', 'unchanged', 'skipped'];
const COLORS: Record<ImportRow['status'], string> = {
  created: 'teal',
  updated: 'blue',
  unchanged: 'gray',
  skipped: 'gray',
  refused: 'orange',
  removed: 'red',
};

interface RowsTableProps {
  found: SingleImport;
  fate: RowStatus | undefined;
  onFate: (fate: RowStatus | undefined) => void;
}

/** The rows of a file and what became of each, or would. */
export function RowsTable({ found, fate, onFate }: RowsTableProps) {
  const { id, audience_id } = found;
  const rows = useInfiniteQuery({
    // Another run of the same file has other verdicts.
    queryKey: [...keys.import(audience_id, id), 'rows', fate, found.finish_date],
    queryFn: ({ pageParam, signal }) => {
      const query = { status: fate, page_size: PAGE };
      return muster.audience(audience_id).imports.rows(id, query, { signal }).page(pageParam);
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next }) => next ?? undefined,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const loaded = rows.data?.pages.flatMap(({ data }) => data) ?? [];
  const total = rows.data?.pages[0]?.total ?? 0;
  const canFix = useCanWrite() && !found.dry_run && found.status !== 'undone';
  // Where all are refused, that and their missing numbers need no columns.
  const isRefused = fate === 'refused';
  const choices = [
    { value: 'all', label: words.all },
    ...FATES.filter((each) => found[each] > 0 || each === fate).map((value) => ({
      value,
      label: texts.imports.fates[value]![0],
    })),
  ];

  return (
    <section aria-labelledby="rows">
      <Group justify="space-between" mb="sm">
        <Title order={2} id="rows">
          {words.title}
        </Title>
        {found.refused > 0 && (
          <Button
            component="a"
            href={`/v1/audiences/${audience_id}/imports/${id}/refused.csv`}
            download
            variant="default"
            size="xs"
            leftSection={<Download size={15} aria-hidden="true" />}
          >
            {words.download}
          </Button>
        )}
      </Group>
      {found.refused > 0 && (
        <Text c="dimmed" size="sm" mb="sm">
          {words.downloadHint}
        </Text>
      )}
      <div className={classes.filter}>
        <SegmentedControl
          aria-label={words.filter}
          size="xs"
          data={choices}
          value={fate ?? 'all'}
          onChange={(value) => onFate(value === 'all' ? undefined : (value as RowStatus))}
        />
      </div>
      <div aria-busy={rows.isFetching}>
        {rows.error !== null && rows.data === undefined ? (
          <ErrorState error={rows.error} onRetry={() => void rows.refetch()} />
        ) : rows.data === undefined ? (
          <Skeleton height={180} radius="md" aria-label={texts.states.loading} />
        ) : loaded.length === 0 ? (
          <Text c="dimmed" p="lg" ta="center">
            {words.none}
          </Text>
        ) : (
          <DataTable columns={isRefused ? REFUSED_COLUMNS : COLUMNS} actions={words.actions} className={classes.table}>
            {loaded.map((row) => (
              <Row key={row.row} row={row} found={found} canFix={canFix} isRefused={isRefused} />
            ))}
          </DataTable>
        )}
      </div>
      {loaded.length > 0 && (
        <Group justify="center" mt="sm" gap="sm">
          <Text c="dimmed" size="sm" className="tabular" role="status">
            {words.shown(loaded.length, total)}
          </Text>
          {rows.hasNextPage && (
            <Button
              variant="default"
              size="compact-sm"
              loading={rows.isFetchingNextPage}
              onClick={() => void rows.fetchNextPage()}
            >
              {words.more}
            </Button>
          )}
        </Group>
      )}
    </section>
  );
}

interface RowProps {
  row: ImportRow;
  found: SingleImport;
  canFix: boolean;
  isRefused: boolean;
}

function Row({ row, found, canFix, isRefused }: RowProps) {
  const [isFixing, setIsFixing] = useState(false);
  const fix = fixedRows(found.id).use()[row.row];
  const notes = [
    row.repeats_line !== null && words.repeats(row.repeats_line),
    row.mended.length > 0 && words.mended(row.mended.map((each) => texts.imports.mended[each] ?? each).join(', ')),
  ].filter((note) => note !== false);
  const cells = row.cells.filter((cell) => cell.trim() !== '');

  return (
    <>
      <tr data-open={isFixing || undefined}>
        <td className={`tabular ${classes.line}`}>{row.line}</td>
        {!isRefused && (
          <td className={classes.fate}>
            <Badge variant="light" color={COLORS[row.status]} tt="none">
              {texts.imports.fates[row.status]![0]}
            </Badge>
          </td>
        )}
        {!isRefused && (
          <td className={`tabular ${classes.number}`}>
            {row.number !== null && row.contact_id !== null ? (
              <Link href={`${routes.audience(found.audience_id)}?contact=${row.contact_id}`}>+{row.number}</Link>
            ) : (
              row.number !== null && `+${row.number}`
            )}
          </td>
        )}
        <td className={classes.cells}>
          <div className={classes.words}>
            {cells.map((cell, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: cells have no other name than their place
              <bdi key={index}>{cell}</bdi>
            ))}
          </div>
          {row.message !== null && fix === undefined && <div className={classes.why}>{row.message}</div>}
          {notes.length > 0 && <div className={classes.note}>{notes.join(' · ')}</div>}
        </td>
        <td className={classes.action}>
          {fix !== undefined && (
            <Badge variant="light" color="teal" tt="none">
              {texts.imports.fix[fix]}
            </Badge>
          )}
          {canFix && row.status === 'refused' && fix === undefined && !isFixing && (
            <Button
              variant="light"
              size="compact-sm"
              aria-label={texts.imports.fix.label(row.line)}
              onClick={() => setIsFixing(true)}
            >
              {texts.imports.fix.open}
            </Button>
          )}
        </td>
      </tr>
      {isFixing && (
        <tr className={classes.fix}>
          <td colSpan={isRefused ? 3 : 5}>
            <RowFix row={row} found={found} onClose={() => setIsFixing(false)} />
          </td>
        </tr>
      )}
    </>
  );
}
