import { Anchor, Button, SegmentedControl, Stack, Text } from '@mantine/core';
import { BookOpen, FileJson } from 'lucide-react';
import { Link, useSearch } from 'wouter';
import { CopiedText } from '../../parts/copied-text.tsx';
import { makeKept } from '../../parts/kept.ts';
import { Page } from '../../parts/page.tsx';
import { Panel } from '../../parts/panel.tsx';
import { routes } from '../../routes.ts';
import { texts } from '../../texts/index.ts';
import { useAudience } from '../audiences/use-audiences.ts';
import classes from './api-page.module.css';
import { type ApiView, type Language, linesOf } from './lines.ts';

const words = texts.api;
const LANGUAGES: Language[] = ['curl', 'sdk', 'cli'];
const language = makeKept<Language>('language', 'curl');

/** How programs get what the console shows: for the view somebody came from, and where all of it is described. */
export default function ApiPage() {
  const query = new URLSearchParams(useSearch());
  const audienceId = query.get('audience') ?? undefined;
  const view: ApiView = { audienceId, search: query.get('search') ?? '', tags: query.getAll('tag') };
  return (
    <Page title={words.title} isNarrow>
      <Text c="dimmed" mb="lg">
        {words.about}
      </Text>
      <Stack gap="lg">
        {audienceId === undefined ? (
          <Lines view={view} title={words.view.audiences} about={words.view.hintFirst} />
        ) : (
          <LinesOfContacts view={view} audienceId={audienceId} />
        )}
        <Panel title={words.reference.title}>
          <ul className={classes.links}>
            <li>
              <BookOpen size={18} strokeWidth={1.75} aria-hidden="true" />
              <div>
                <Anchor href="/docs" target="_blank">
                  {words.reference.docs}
                </Anchor>
                <Text c="dimmed" size="sm">
                  {words.reference.docsHint}
                </Text>
              </div>
            </li>
            <li>
              <FileJson size={18} strokeWidth={1.75} aria-hidden="true" />
              <div>
                <Anchor href="/openapi.json" target="_blank">
                  {words.reference.openapi}
                </Anchor>
                <Text c="dimmed" size="sm">
                  {words.reference.openapiHint}
                </Text>
              </div>
            </li>
          </ul>
          <Text size="sm" fw={600} mt="md" mb={6}>
            {words.reference.address}
          </Text>
          <CopiedText text={location.origin} label={words.reference.address} />
        </Panel>
      </Stack>
    </Page>
  );
}

function LinesOfContacts({ view, audienceId }: { view: ApiView; audienceId: string }) {
  const { data } = useAudience(audienceId);
  return <Lines view={view} title={words.view.contacts(data?.name ?? '…')} about={words.view.hint} />;
}

function Lines({ view, title, about }: { view: ApiView; title: string; about: string }) {
  const chosen = language.use();
  return (
    <Panel title={title} about={about}>
      <Stack gap="sm" align="stretch">
        <SegmentedControl
          className={classes.languages}
          size="xs"
          value={chosen}
          onChange={(value) => language.set(value as Language)}
          data={LANGUAGES.map((value) => ({ value, label: words.languages[value] }))}
        />
        <CopiedText text={linesOf(view, chosen, location.origin)} label={words.languages[chosen]} />
        <Text c="dimmed" size="sm">
          {words.needsKey}{' '}
          <Button component={Link} href={routes.keys} variant="transparent" size="compact-sm" px={0}>
            {words.toKeys}
          </Button>
        </Text>
      </Stack>
    </Panel>
  );
}
