import { ActionIcon, Button, Checkbox, Popover, Radio, Stack, Text, Tooltip } from '@mantine/core';
import { Settings2 } from 'lucide-react';
import { texts } from '../../texts/index.ts';
import { useColumns } from './columns.ts';
import type { Order } from './view.ts';

const words = texts.contacts.view;

/** In which order the contacts stand, and which columns they have. */
export function ViewMenu({ order, onOrder }: { order: Order; onOrder: (order: Order) => void }) {
  const { columns, show, reset } = useColumns();
  return (
    <Popover position="bottom-end" width={220} trapFocus>
      <Popover.Target>
        <Tooltip label={words.label}>
          <ActionIcon variant="default" size={36} aria-label={words.label}>
            <Settings2 size={16} aria-hidden="true" />
          </ActionIcon>
        </Tooltip>
      </Popover.Target>
      <Popover.Dropdown aria-label={words.label}>
        <Stack gap="md">
          <Radio.Group label={words.order} value={order} onChange={(value) => onOrder(value as Order)} size="sm">
            <Stack gap={6} mt={6}>
              <Radio value="newest" label={words.newest} size="xs" />
              <Radio value="oldest" label={words.oldest} size="xs" />
            </Stack>
          </Radio.Group>
          <fieldset className="plain">
            <Text component="legend" size="sm" fw={500} mb={6}>
              {words.columns}
            </Text>
            <Stack gap={6}>
              {columns.map(({ name, label, isShown }) => (
                <Checkbox
                  key={name}
                  size="xs"
                  label={label}
                  checked={isShown}
                  disabled={name === 'number'}
                  onChange={(event) => show(name, event.currentTarget.checked)}
                />
              ))}
            </Stack>
          </fieldset>
          <Button variant="subtle" size="compact-sm" onClick={reset}>
            {words.reset}
          </Button>
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );
}
