import { Kbd, Modal, Switch, Text, Title } from '@mantine/core';
import { Fragment, type ReactNode, useEffect } from 'react';
import { useLocation } from 'wouter';
import { makeKept } from '../parts/kept.ts';
import { makeSignal } from '../parts/signal.ts';
import { routes } from '../routes.ts';
import { texts } from '../texts/index.ts';
import classes from './shortcuts.module.css';

const words = texts.shell.shortcuts;

export const isHelpOpen = makeSignal(false);

/** Keys without a modifier can be turned off (WCAG 2.1.4). */
export const areShortcutsOn = makeKept('shortcuts', true);

/** The field that `/` goes to carries this attribute. */
export const SEARCH_FIELD = { 'data-search-field': true };

const PLACES: Record<string, string> = {
  o: routes.overview,
  a: routes.audiences,
  i: routes.imports,
  k: routes.keys,
  p: routes.api,
};
/** Milliseconds in which the second key follows. */
const FOLLOWS = 1_200;

/** Whether a key belongs to what is typed, or to a dialog, and not to the page. */
export function isElsewhere({ target, ctrlKey, metaKey, altKey, defaultPrevented }: KeyboardEvent): boolean {
  if (ctrlKey || metaKey || altKey || defaultPrevented || !areShortcutsOn.get()) return true;
  const isTyping = target instanceof HTMLElement && target.matches('input, textarea, select, [contenteditable="true"]');
  return isTyping || document.querySelector('[role="dialog"][aria-modal="true"]') !== null;
}

/** The keys that work on every page, and the list of them all. */
export function Shortcuts() {
  const isOpen = isHelpOpen.use();
  const areOn = areShortcutsOn.use();
  const [, go] = useLocation();

  useEffect(() => {
    let goSince = 0;
    function listen(event: KeyboardEvent) {
      if (isElsewhere(event)) return;
      const place = event.timeStamp - goSince < FOLLOWS ? PLACES[event.key] : undefined;
      goSince = event.key === 'g' ? event.timeStamp : 0;
      if (place !== undefined) go(place);
      else if (event.key === '?') isHelpOpen.set(true);
      else if (event.key === '/') {
        const field = document.querySelector<HTMLInputElement>('[data-search-field]');
        field?.focus();
        field?.select();
      } else return;
      event.preventDefault();
    }
    window.addEventListener('keydown', listen);
    return () => window.removeEventListener('keydown', listen);
  }, [go]);

  return (
    <Modal opened={isOpen} onClose={() => isHelpOpen.set(false)} title={words.title} size="md">
      <Group title={words.anywhere}>
        <Row keys={[['/']]} about={words.search} />
        <Row keys={[['?']]} about={words.help} />
        <Row keys={[['g', 'o'], ['a'], ['i'], ['k'], ['p']]} about={words.go} />
        <Row keys={[['Esc']]} about={words.close} />
      </Group>
      <Group title={words.list}>
        <Row keys={[['↑'], ['↓']]} about={words.move} />
        <Row keys={[['Home'], ['End']]} about={words.ends} />
        <Row keys={[['Enter']]} about={words.open} />
        <Row keys={[['Space']]} about={words.select} />
        <Row keys={[['Shift', 'Space']]} about={words.range} />
      </Group>
      <Group title={words.panel}>
        <Row keys={[['Ctrl', 'Enter']]} about={words.save} />
      </Group>
      <Switch
        mt="lg"
        checked={areOn}
        onChange={(event) => areShortcutsOn.set(event.currentTarget.checked)}
        label={words.enabled}
        description={words.enabledHint}
      />
    </Modal>
  );
}

function Group({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className={classes.group}>
      <Title order={3} size="xs" c="dimmed">
        {title}
      </Title>
      <dl className={classes.list}>{children}</dl>
    </section>
  );
}

/** @param keys those that are pressed together or one after the other, in each of their alternatives. */
function Row({ keys, about }: { keys: string[][]; about: string }) {
  return (
    <div className={classes.row}>
      <dt>
        {keys.map((combination) => (
          <Fragment key={combination.join()}>
            {combination.map((name) => (
              <Kbd key={name} size="xs" mr={4}>
                {name}
              </Kbd>
            ))}
          </Fragment>
        ))}
      </dt>
      <Text component="dd" size="sm" m={0}>
        {about}
      </Text>
    </div>
  );
}
