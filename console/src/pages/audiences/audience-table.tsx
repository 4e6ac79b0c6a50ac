import { Skeleton } from '@mantine/core';
import { useInViewport } from '@mantine/hooks';
import type { Audience } from 'muster-sdk';
import { Channel } from '../../parts/channel.tsx';
import { DataTable, RowLink } from '../../parts/data-table.tsx';
import { Moment } from '../../parts/moment.tsx';
import { Sparkline } from '../../parts/sparkline.tsx';
import { routes } from '../../routes.ts';
import { useCanWrite } from '../../session/use-session.ts';
import { number } from '../../texts/format.ts';
import { texts } from '../../texts/index.ts';
import { AudienceMenu } from './audience-menu.tsx';
import classes from './audience-table.module.css';
import { useGrowth } from './use-audiences.ts';

const words = texts.audiences;
const COLUMNS = [
  { title: words.columns.name },
  { title: words.columns.channel },
  { title: words.columns.contacts, className: classes.count },
  { title: words.columns.growth, className: classes.growth },
  { title: words.columns.created },
];

/** The audiences with their size and how they grow; on a phone each is a card. */
export function AudienceTable({ audiences }: { audiences: Audience[] }) {
  const canWrite = useCanWrite();
  return (
    <DataTable columns={COLUMNS} actions={canWrite && words.columns.actions} className={classes.table}>
      {audiences.map((audience) => (
        <Row key={audience.id} audience={audience} canWrite={canWrite} />
      ))}
    </DataTable>
  );
}

function Row({ audience, canWrite }: { audience: Audience; canWrite: boolean }) {
  const { id, name, channel, contacts_count, create_date } = audience;
  const { ref, inViewport } = useInViewport<HTMLTableRowElement>();
  return (
    <tr ref={ref}>
      <td className={classes.name}>
        <RowLink href={routes.audience(id)}>{name}</RowLink>
      </td>
      <td className={classes.channel}>
        <Channel channel={channel} />
      </td>
      <td className={classes.count}>
        <span className="tabular">{number(contacts_count)}</span>
        <span className={classes.unit}> {words.columns.contacts.toLowerCase()}</span>
      </td>
      <td className={classes.growth}>
        <Growth id={id} isSeen={inViewport} />
      </td>
      <td className={classes.created}>
        <Moment date={create_date} />
      </td>
      {canWrite && (
        <td className={classes.actions}>
          <AudienceMenu audience={audience} />
        </td>
      )}
    </tr>
  );
}

function Growth({ id, isSeen }: { id: string; isSeen: boolean }) {
  const { data, error } = useGrowth(id, isSeen);
  if (error !== null && data === undefined) return null;
  if (data === undefined) return <Skeleton width={96} height={28} />;
  const counts = data.map(({ contacts_count }) => contacts_count);
  const created = data.reduce((sum, day) => sum + day.created, 0);
  return (
    <div className={classes.chart}>
      <Sparkline values={counts} label={words.growthLabel(counts[0] ?? 0, counts.at(-1) ?? 0)} />
      <span className={`tabular ${classes.created}`}>{words.growth(created)}</span>
    </div>
  );
}
