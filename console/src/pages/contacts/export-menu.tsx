import { Button, Menu } from '@mantine/core';
import { Download } from 'lucide-react';
import { texts } from '../../texts/index.ts';
import { type ExportFormat, exportView } from './export.ts';
import type { View } from './view.ts';

const words = texts.contacts.export;
const FORMATS: { format: ExportFormat; name: string; hint: string }[] = [
  { format: 'xlsx', name: words.xlsx, hint: words.xlsxHint },
  { format: 'csv', name: words.csv, hint: words.csvHint },
  { format: 'ndjson', name: words.ndjson, hint: words.ndjsonHint },
];

/** Downloads what is shown, in one of the formats. */
export function ExportMenu({ audienceId, view, total }: { audienceId: string; view: View; total: number }) {
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Button variant="default" leftSection={<Download size={16} aria-hidden="true" />} disabled={total === 0}>
          {words.label}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{words.all(total)}</Menu.Label>
        {FORMATS.map(({ format, name, hint }) => (
          <Menu.Item key={format} onClick={() => exportView(audienceId, view, format)}>
            {name} <small className="soft">{hint}</small>
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
