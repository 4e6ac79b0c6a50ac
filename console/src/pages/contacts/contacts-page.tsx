import { Anchor, Button, Skeleton } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { ChevronLeft, SearchX, Users } from 'lucide-react';
import { NotFoundError } from 'muster-sdk';
import { lazy, Suspense, useCallback, useRef } from 'react';
import { Link, useLocation } from 'wouter';
import { Channel } from '../../parts/channel.tsx';
import { NotFound } from '../../parts/not-found.tsx';
import { Page } from '../../parts/page.tsx';
import { ErrorState, reasonOf, State } from '../../parts/states.tsx';
import { afterAsking } from '../../parts/unsaved.tsx';
import { routes } from '../../routes.ts';
import { useCanWrite } from '../../session/use-session.ts';
import { texts } from '../../texts/index.ts';
import { AudienceMenu } from '../audiences/audience-menu.tsx';
import { useAudience } from '../audiences/use-audiences.ts';
import { ContactPanel } from './contact-panel.tsx';
import classes from './contacts-page.module.css';
import { AddActions, PageActions } from './page-actions.tsx';
import { useSelection } from './selection.ts';
import { SelectionBar } from './selection-bar.tsx';
import { ContactTable } from './table.tsx';
import { Toolbar } from './toolbar.tsx';
import { useContactPages } from './use-contact-pages.ts';
import { NEW, useView } from './view.ts';

const PasteDialog = lazy(() => import('./paste/paste-dialog.tsx'));
const words = texts.contacts;

export default function ContactsPage({ audienceId }: { audienceId: string }) {
  const audience = useAudience(audienceId);
  const { view, change, contact, open: openNow } = useView();
  const open = useCallback((id: string | undefined) => afterAsking(() => openNow(id)), [openNow]);
  const pages = useContactPages(audienceId, view);
  const choosing = useSelection(view);
  const canWrite = useCanWrite();
  const [isPasting, pasting] = useDisclosure();
  const table = useRef<HTMLDivElement>(null);
  const [, go] = useLocation();

  const { rows, total, hasNextPage, fetchNextPage, isFetchingNextPage, error, isStale, refetch } = pages;
  const more = useCallback(() => {
    if (!isFetchingNextPage && error === null) void fetchNextPage();
  }, [isFetchingNextPage, fetchNextPage, error]);
  const addTag = useCallback(
    (tag: string) => change({ tags: view.tags.includes(tag) ? view.tags : [...view.tags, tag] }),
    [change, view.tags],
  );

  if (audience.error instanceof NotFoundError || isNoId(audience.error)) return <NotFound />;
  const isFiltered = view.search.trim() !== '' || view.tags.length > 0;
  const whole = audience.data?.contacts_count;
  const isEmpty = total === 0 && !isStale;
  // Nothing to search in, nothing to export.
  const isBare = isEmpty && !isFiltered;
  const ways = { audienceId, onAdd: () => open(NEW), onPaste: pasting.open };

  return (
    <Page
      title={audience.data?.name ?? '…'}
      isTall
      above={
        <Anchor component={Link} href={routes.audiences} size="sm" c="dimmed" className={classes.back}>
          <ChevronLeft size={15} aria-hidden="true" />
          {words.back}
        </Anchor>
      }
      aside={
        audience.data && (
          <>
            <Channel channel={audience.data.channel} />
            {canWrite && <AudienceMenu audience={audience.data} onDeleted={() => go(routes.audiences)} />}
          </>
        )
      }
      actions={!isBare && <PageActions {...ways} view={view} total={total ?? 0} canWrite={canWrite} />}
    >
      {!isBare && (
        <Toolbar
          audienceId={audienceId}
          view={view}
          onChange={change}
          isSearching={pages.isPlaceholderData}
          summary={total === undefined ? '' : isFiltered ? words.matching(total, whole ?? total) : words.total(total)}
          onLeave={() => table.current?.querySelector<HTMLElement>('[role="grid"]')?.focus()}
        />
      )}
      {canWrite && total !== undefined && (
        <SelectionBar audienceId={audienceId} view={view} total={total} choosing={choosing} />
      )}
      <div className={classes.main} ref={table}>
        {total === undefined ? (
          error === null ? (
            <Skeleton className={classes.waiting} radius="md" aria-label={texts.states.loading} />
          ) : (
            <div className={classes.instead}>
              <ErrorState error={error} onRetry={() => void refetch()} />
            </div>
          )
        ) : isEmpty ? (
          <div className={classes.instead}>
            {isFiltered ? (
              <State icon={SearchX} title={words.nothing.title} hint={words.nothing.hint}>
                <Button variant="default" onClick={() => change({ search: '', tags: [] })}>
                  {words.nothing.clear}
                </Button>
              </State>
            ) : (
              <State icon={Users} title={words.empty.title} hint={canWrite ? words.empty.hint : words.empty.hintRead}>
                {canWrite && <AddActions {...ways} isFirst />}
              </State>
            )}
          </div>
        ) : (
          <ContactTable
            label={words.table(audience.data?.name ?? '')}
            rows={rows}
            total={total}
            hasMore={hasNextPage}
            onMore={more}
            failure={
              error !== null && (
                <div className={classes.failure} role="alert">
                  {words.moreFailed} {reasonOf(error)}
                  <Button
                    size="compact-sm"
                    variant="default"
                    onClick={() => void (isStale ? refetch() : fetchNextPage())}
                  >
                    {texts.actions.retry}
                  </Button>
                </div>
              )
            }
            isStale={isStale}
            search={view.search}
            order={view.order}
            onOrder={(order) => change({ order })}
            openId={contact}
            onOpen={open}
            onTag={addTag}
            choosing={canWrite ? choosing : undefined}
          />
        )}
        {contact !== undefined && (
          <ContactPanel
            audienceId={audienceId}
            id={contact}
            canWrite={canWrite}
            onClose={() => open(undefined)}
            onOpen={open}
          />
        )}
      </div>
      {canWrite && isPasting && (
        <Suspense>
          <PasteDialog audienceId={audienceId} onClose={pasting.close} />
        </Suspense>
      )}
    </Page>
  );
}

/** Whether the address holds something that is no audience's id at all. */
function isNoId(error: unknown): boolean {
  return error !== null && (error as { code?: number }).code === 1302;
}
