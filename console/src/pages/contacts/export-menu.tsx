import { Button, Menu } from '@mantine/core';
import { Download } from 'lucide-react';
import { Link } from 'wouter';
import { routes } from '../../routes.ts';
import { texts } from '../../texts/index.ts';
import { type ExportFormat, exportView } from './export.ts';
import type { View } from './view.ts';

const words = texts.contacts.export;
const FORMATS: { format: ExportFormat; name: string; hint: string }[] = [
  { format: 'xlsx', name: words.xlsx, hint: words.xlsxHint },
  { format: 'csv', name: words.csv, hint: words.csvHint },
  { format: 'ndjson', name: words.ndjson, hint: words.ndjsonHint },
];

interface ExportProps {
  audienceId: string;
  view: View;
  total: number;
}

/** Downloads what is shown, in one of the formats. */
export function ExportMenu(props: ExportProps) {
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Button variant="default" leftSection={<Download size={16} aria-hidden="true" />} disabled={props.total === 0}>
          {words.label}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <ExportItems {...props} />
      </Menu.Dropdown>
    </Menu>
  );
}

/** The same as a part of another menu. */
export function ExportItems({ audienceId, view, total }: ExportProps) {
  return (
    <>
      <Menu.Label>{words.all(total)}</Menu.Label>
      {FORMATS.map(({ format, name, hint }) => (
        <Menu.Item key={format} disabled={total === 0} onClick={() => exportView(audienceId, view, format)}>
          {name} <small className="soft">{hint}</small>
        </Menu.Item>
      ))}
      <Menu.Divider />
      <Menu.Item component={Link} href={routes.apiOf(audienceId, view)}>
        {words.api} <small className="soft">{words.apiHint}</small>
      </Menu.Item>
    </>
  );
}
