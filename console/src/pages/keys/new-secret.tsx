import { Button, Group, Modal, Text } from '@mantine/core';
import type { CreatedApiKey } from 'muster-sdk';
import { CopiedText } from '../../parts/copied-text.tsx';
import { texts } from '../../texts/index.ts';

const words = texts.apiKeys.secret;

/** Shows a key's secret, this once: only its own button closes it. */
export function NewSecret({ made, onClose }: { made: CreatedApiKey | undefined; onClose: () => void }) {
  return (
    <Modal
      opened={made !== undefined}
      onClose={onClose}
      title={words.title}
      withCloseButton={false}
      closeOnClickOutside={false}
      closeOnEscape={false}
    >
      <Text mb="md">{words.about}</Text>
      <CopiedText text={made?.secret ?? ''} label={words.label} />
      <Group justify="flex-end" mt="lg">
        <Button onClick={onClose}>{words.done}</Button>
      </Group>
    </Modal>
  );
}
