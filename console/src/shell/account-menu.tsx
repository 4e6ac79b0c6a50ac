import { Badge, Popover, SegmentedControl, Text, UnstyledButton, useMantineColorScheme } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useMutation } from '@tanstack/react-query';
import { ChevronsUpDown, Keyboard, LogOut } from 'lucide-react';
import { setSession } from '../api/query-client.ts';
import { signOut } from '../api/session.ts';
import { notifyFailed } from '../parts/notify.tsx';
import { useSession } from '../session/use-session.ts';
import { texts } from '../texts/index.ts';
import classes from './account-menu.module.css';
import { isHelpOpen } from './shortcuts.tsx';

const words = texts.shell;

/** Who is signed in with which key; how the console looks; the way out. */
export function AccountMenu() {
  const { account, key, csrf_token } = useSession();
  const [isOpen, { toggle, close }] = useDisclosure();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const leave = useMutation({
    mutationFn: () => signOut(csrf_token),
    onSuccess: () => setSession(null),
    onError: (error) => notifyFailed(error),
  });

  return (
    <Popover
      opened={isOpen}
      onChange={(opened) => !opened && close()}
      position="top-start"
      width={250}
      withinPortal={false}
      trapFocus
    >
      <Popover.Target>
        <UnstyledButton className={classes.button} onClick={toggle}>
          <span className="visually-hidden">{words.account.label} </span>
          <span className={classes.initial} aria-hidden="true">
            {[...account.name][0]?.toUpperCase()}
          </span>
          <span className={classes.names}>
            <bdi className={classes.name}>{account.name}</bdi>
            <span className={classes.key}>{key.prefix}…</span>
          </span>
          <ChevronsUpDown size={14} aria-hidden="true" className={classes.more} />
        </UnstyledButton>
      </Popover.Target>
      <Popover.Dropdown p={0} aria-label={words.account.label}>
        <div className={classes.about}>
          <Text fw={600} size="sm" truncate>
            <bdi>{account.name}</bdi>
          </Text>
          <Text size="xs" c="dimmed" truncate>
            <bdi>{words.account.key(key.name)}</bdi>
          </Text>
          <div className={classes.keyLine}>
            <span className={classes.key}>{key.prefix}…</span>
            {key.scope === 'read' && (
              <Badge size="xs" variant="default">
                {words.account.readOnly}
              </Badge>
            )}
          </div>
        </div>
        <div className={classes.scheme}>
          <Text size="xs" fw={600} c="dimmed" mb={6} id="scheme-label">
            {words.scheme.label}
          </Text>
          <SegmentedControl
            fullWidth
            size="xs"
            aria-labelledby="scheme-label"
            value={colorScheme}
            onChange={(value) => setColorScheme(value as typeof colorScheme)}
            data={(['light', 'dark', 'auto'] as const).map((value) => ({ value, label: words.scheme[value] }))}
          />
        </div>
        <div className={classes.actions}>
          <UnstyledButton
            className={classes.action}
            onClick={() => {
              close();
              isHelpOpen.set(true);
            }}
          >
            <Keyboard size={16} aria-hidden="true" />
            {words.account.help}
          </UnstyledButton>
          <UnstyledButton className={classes.action} onClick={() => leave.mutate()}>
            <LogOut size={16} aria-hidden="true" />
            {words.account.signOut}
          </UnstyledButton>
        </div>
      </Popover.Dropdown>
    </Popover>
  );
}
