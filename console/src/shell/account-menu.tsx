import { Badge, Menu, SegmentedControl, Text, UnstyledButton, useMantineColorScheme } from '@mantine/core';
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
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const leave = useMutation({
    mutationFn: () => signOut(csrf_token),
    onSuccess: () => setSession(null),
    onError: (error) => notifyFailed(error),
  });

  return (
    <Menu position="top-start" width={250} closeOnItemClick={false}>
      <Menu.Target>
        <UnstyledButton className={classes.button}>
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
      </Menu.Target>
      <Menu.Dropdown>
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
        <Menu.Divider />
        <Menu.Label id="scheme-label">{words.scheme.label}</Menu.Label>
        <div className={classes.scheme}>
          <SegmentedControl
            fullWidth
            size="xs"
            aria-labelledby="scheme-label"
            value={colorScheme}
            onChange={(value) => setColorScheme(value as typeof colorScheme)}
            data={(['light', 'dark', 'auto'] as const).map((value) => ({ value, label: words.scheme[value] }))}
          />
        </div>
        <Menu.Divider />
        <Menu.Item
          leftSection={<Keyboard size={16} aria-hidden="true" />}
          closeMenuOnClick
          onClick={() => isHelpOpen.set(true)}
        >
          {words.account.help}
        </Menu.Item>
        <Menu.Item leftSection={<LogOut size={16} aria-hidden="true" />} onClick={() => leave.mutate()}>
          {words.account.signOut}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
