import { Anchor, Badge, Button, Skeleton, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { Users } from 'lucide-react';
import type { Overview } from 'muster-sdk';
import { lazy, type ReactNode, Suspense } from 'react';
import { Link, useLocation } from 'wouter';
import { muster } from '../../api/client.ts';
import { keys } from '../../api/keys.ts';
import { Moment } from '../../parts/moment.tsx';
import { Page } from '../../parts/page.tsx';
import { Panel } from '../../parts/panel.tsx';
import { ErrorState, State } from '../../parts/states.tsx';
import { routes } from '../../routes.ts';
import { useCanWrite } from '../../session/use-session.ts';
import { bytes, number } from '../../texts/format.ts';
import { texts } from '../../texts/index.ts';
import { AudienceForm } from '../audiences/audience-form.tsx';
import { Countries } from './countries.tsx';
import classes from './overview-page.module.css';

const GrowthChart = lazy(() => import('./growth-chart.tsx'));
const words = texts.overview;
const LATE = 6;

/** The account at a glance. */
export default function OverviewPage() {
  const { data, error, refetch } = useQuery({
    queryKey: keys.overview,
    queryFn: ({ signal }) => muster.overview({ signal }),
  });
  const canWrite = useCanWrite();
  const [isCreating, creating] = useDisclosure();
  const [, go] = useLocation();
  return (
    <Page title={words.title}>
      {data === undefined && error !== null && <ErrorState error={error} onRetry={() => void refetch()} />}
      {data === undefined && error === null && <Skeleton height={360} radius="md" aria-label={texts.states.loading} />}
      {data?.audiences_count === 0 && (
        <State icon={Users} title={words.empty.title} hint={canWrite ? words.empty.hint : words.empty.hintRead}>
          {canWrite && (
            <>
              <Button onClick={creating.open}>{words.empty.action}</Button>
              <AudienceForm
                isOpen={isCreating}
                onClose={creating.close}
                onCreated={({ id }) => go(routes.audience(id))}
              />
            </>
          )}
        </State>
      )}
      {data !== undefined && data.audiences_count > 0 && <Figures overview={data} />}
    </Page>
  );
}

function Figures({ overview }: { overview: Overview }) {
  const { contacts_count, audiences_count, growth, countries } = overview;
  const created = growth.reduce((sum, day) => sum + day.created, 0);
  return (
    <div className={classes.grid}>
      <dl className={classes.totals}>
        <Total name={words.contacts}>{number(contacts_count)}</Total>
        <Total name={words.audiences}>
          <Link href={routes.audiences}>{number(audiences_count)}</Link>
        </Total>
        <Total name={words.added}>{number(created)}</Total>
      </dl>
      <Panel title={words.growth.title} about={words.growth.about} className={classes.wide}>
        <Suspense fallback={<Skeleton height={224} radius="md" />}>
          <GrowthChart growth={growth} />
        </Suspense>
        <details className={classes.details}>
          <summary>{words.growth.table}</summary>
          <table className="tabular">
            <thead>
              <tr>
                <th scope="col">{words.growth.columns.date}</th>
                <th scope="col">{words.growth.columns.created}</th>
                <th scope="col">{words.growth.columns.total}</th>
              </tr>
            </thead>
            <tbody>
              {growth.toReversed().map((day) => (
                <tr key={day.date}>
                  <th scope="row">{words.growth.day(day.date)}</th>
                  <td>{number(day.created)}</td>
                  <td>{number(day.contacts_count)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </details>
      </Panel>
      {countries.length > 0 && (
        <Panel title={words.countries.title} about={words.countries.about}>
          <Countries countries={countries} />
        </Panel>
      )}
      <LateImports />
      <Store store={overview.store} />
    </div>
  );
}

function Total({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className={classes.total}>
      <dt>{name}</dt>
      <dd className="tabular">{children}</dd>
    </div>
  );
}

function LateImports() {
  const { data } = useQuery({
    queryKey: [...keys.imports, 'late'],
    queryFn: async ({ signal }) => (await muster.imports.list({ page_size: LATE }, { signal }).page()).data,
  });
  return (
    <Panel
      title={words.imports.title}
      aside={
        <Anchor component={Link} href={routes.imports} size="sm">
          {words.imports.all}
        </Anchor>
      }
    >
      {data?.length === 0 && <Text c="dimmed">{words.imports.none}</Text>}
      <ul className={classes.late}>
        {data?.map((found) => (
          <li key={found.id}>
            <Link href={routes.import(found.audience_id, found.id)}>
              <bdi>
                {found.kind === 'edit'
                  ? texts.imports.edit[found.action!]
                  : (found.name ?? found.file.name ?? texts.imports.noName)}
              </bdi>
            </Link>
            <span>
              {texts.imports.status[found.status === 'completed' && found.dry_run ? 'checked' : found.status]}
            </span>
            <Moment date={found.create_date} />
          </li>
        ))}
      </ul>
    </Panel>
  );
}

function Store({ store }: { store: Overview['store'] }) {
  return (
    <Panel
      title={words.store.title}
      aside={
        <Badge variant="light" color={store.ready ? 'teal' : 'red'} tt="none">
          {store.ready ? words.store.ready : words.store.notReady}
        </Badge>
      }
    >
      <dl className={classes.facts}>
        <dt>{words.store.kind}</dt>
        <dd>{words.store.kinds[store.kind]}</dd>
        {store.bytes !== null && (
          <>
            <dt>{words.store.bytes}</dt>
            <dd>{bytes(store.bytes)}</dd>
          </>
        )}
        <dt>{words.store.version}</dt>
        <dd>{store.version}</dd>
      </dl>
    </Panel>
  );
}
