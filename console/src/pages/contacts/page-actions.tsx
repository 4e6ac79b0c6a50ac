import { ActionIcon, Button, Menu } from '@mantine/core';
import { ClipboardPaste, Ellipsis, FileInput, UserPlus } from 'lucide-react';
import { Link } from 'wouter';
import { useIsCompact } from '../../parts/use-is-compact.ts';
import { routes } from '../../routes.ts';
import { texts } from '../../texts/index.ts';
import { ExportItems, ExportMenu } from './export-menu.tsx';
import type { View } from './view.ts';

const words = texts.contacts;

interface AddActionsProps {
  audienceId: string;
  onAdd: () => void;
  onPaste: () => void;
}

interface PageActionsProps extends AddActionsProps {
  view: View;
  total: number;
  canWrite: boolean;
}

/** What can be done on the page of an audience; on a phone most of it is in a menu. */
export function PageActions({ canWrite, ...props }: PageActionsProps) {
  const isCompact = useIsCompact();
  if (!canWrite) return <ExportMenu {...props} />;
  if (!isCompact) {
    return (
      <>
        <ExportMenu {...props} />
        <AddActions {...props} />
      </>
    );
  }
  return (
    <>
      <Button leftSection={<UserPlus size={16} aria-hidden="true" />} onClick={props.onAdd}>
        {words.add}
      </Button>
      <Menu position="bottom-end">
        <Menu.Target>
          <ActionIcon variant="default" size={36} aria-label={texts.actions.more}>
            <Ellipsis size={18} aria-hidden="true" />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<ClipboardPaste size={16} aria-hidden="true" />} onClick={props.onPaste}>
            {words.paste}
          </Menu.Item>
          <Menu.Item
            component={Link}
            href={routes.newImport(props.audienceId)}
            leftSection={<FileInput size={16} aria-hidden="true" />}
          >
            {words.import}
          </Menu.Item>
          <Menu.Divider />
          <ExportItems {...props} />
        </Menu.Dropdown>
      </Menu>
    </>
  );
}

/** The ways to bring contacts in. The last stands out: a file while there is nobody yet, later somebody new. */
export function AddActions({ audienceId, isFirst = false, onAdd, onPaste }: AddActionsProps & { isFirst?: boolean }) {
  const add = (
    <Button
      variant={isFirst ? 'default' : 'filled'}
      leftSection={<UserPlus size={16} aria-hidden="true" />}
      onClick={onAdd}
    >
      {words.add}
    </Button>
  );
  return (
    <>
      {isFirst && add}
      <Button variant="default" leftSection={<ClipboardPaste size={16} aria-hidden="true" />} onClick={onPaste}>
        {words.paste}
      </Button>
      <Button
        component={Link}
        href={routes.newImport(audienceId)}
        variant={isFirst ? 'filled' : 'default'}
        leftSection={<FileInput size={16} aria-hidden="true" />}
      >
        {words.import}
      </Button>
      {!isFirst && add}
    </>
  );
}
