import { ActionIcon, Menu } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { Ellipsis, FileInput, Pencil, Trash2 } from 'lucide-react';
import type { Audience } from 'muster-sdk';
import { Link } from 'wouter';
import { routes } from '../../routes.ts';
import { texts } from '../../texts/index.ts';
import { AudienceForm } from './audience-form.tsx';
import { DeleteAudience } from './delete-audience.tsx';

const words = texts.audiences;

/** What can be done with an audience as a whole. */
export function AudienceMenu({ audience, onDeleted }: { audience: Audience; onDeleted?: () => void }) {
  const [isRenaming, renaming] = useDisclosure();
  const [isDeleting, deleting] = useDisclosure();
  return (
    <>
      <Menu position="bottom-end">
        <Menu.Target>
          <ActionIcon variant="subtle" color="gray" size="lg" aria-label={words.actionsOf(audience.name)}>
            <Ellipsis size={18} aria-hidden="true" />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item
            component={Link}
            href={routes.newImport(audience.id)}
            leftSection={<FileInput size={16} aria-hidden="true" />}
          >
            {words.import}
          </Menu.Item>
          <Menu.Item leftSection={<Pencil size={16} aria-hidden="true" />} onClick={renaming.open}>
            {texts.actions.rename}
          </Menu.Item>
          <Menu.Divider />
          <Menu.Item color="red" leftSection={<Trash2 size={16} aria-hidden="true" />} onClick={deleting.open}>
            {texts.actions.delete}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <AudienceForm audience={audience} isOpen={isRenaming} onClose={renaming.close} />
      <DeleteAudience
        audience={audience}
        isOpen={isDeleting}
        onClose={deleting.close}
        {...(onDeleted && { onDeleted })}
      />
    </>
  );
}
