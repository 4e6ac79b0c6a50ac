/**
 * `node test/console/screenshots.ts [directory]`: each page of the console, wide and narrow, light and dark, on made-up
 * contacts; into `docs/console` unless said. To be looked at before they are committed.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { sampleContacts } from '../../sample/make-contacts.ts';
import type { Channel } from '../../sdk/src/index.ts';
import { LAPTOP, makePlace } from './support.ts';

const directory = process.argv[2] ?? fileURLToPath(new URL('../../docs/console', import.meta.url));
const PHONE = { width: 390, height: 844 };
const AUDIENCES: [name: string, channel: Channel, contacts: number][] = [
  ['Customers', 'WHATSAPP', 6000],
  ['Newsletter', 'SMS', 2000],
  ['Viber club', 'VIBER', 400],
];

const { muster, open, browser, server } = await makePlace();
const contacts = sampleContacts(7);
const ids: string[] = [];
for (const [name, channel, count] of AUDIENCES) {
  const { id } = await muster.audiences.create({ name, channel });
  const rows = Array.from({ length: count }, () => contacts.next().value);
  for await (const { status } of muster.audience(id).contacts.upsertMany(rows)) void status;
  ids.push(id);
}
const file = 'Phone,First name,Last name\n+44 7912 345678,Ana,Petrosyan\n07912,No,Country\n';
const { id: importId } = await muster.audience(ids[1]!).imports.create(file, { file_name: 'spring-fair.csv' });
await muster.audience(ids[1]!).imports.wait(importId);

const PICTURES: { name: string; path: string; key?: undefined; act?: (page: Page) => Promise<unknown> }[] = [
  { name: 'sign-in', path: '/', key: undefined },
  { name: 'overview', path: '/' },
  { name: 'audiences', path: '/audiences' },
  { name: 'contacts', path: `/audiences/${ids[0]}?search=ana` },
  {
    name: 'contact',
    path: `/audiences/${ids[0]}?search=mar`,
    act: (page) => page.getByRole('row').nth(3).getByRole('gridcell').last().click(),
  },
  { name: 'import', path: `/audiences/${ids[1]}/imports/${importId}` },
  { name: 'imports', path: '/imports' },
  { name: 'keys', path: '/keys' },
  { name: 'api', path: '/api' },
];

mkdirSync(directory, { recursive: true });
for (const [size, window] of [
  ['wide', LAPTOP],
  ['narrow', PHONE],
] as const) {
  for (const scheme of ['light', 'dark'] as const) {
    for (const picture of PICTURES) {
      const page = await open(picture.path, { scheme, window, ...('key' in picture && { key: undefined }) });
      await page.getByRole('heading', { level: 1 }).waitFor();
      await page.waitForTimeout(1000);
      await picture.act?.(page);
      // Numbering plans and charts come after the page.
      await page.waitForTimeout(1000);
      await page.screenshot({ path: join(directory, `${picture.name}-${size}-${scheme}.png`) });
      await page.context().close();
    }
  }
}
await browser.close();
await server.stop();
