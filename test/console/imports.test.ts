/** From a spreadsheet to contacts and back, as somebody does it who knows spreadsheets. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Page } from 'playwright-core';
import { sampleFile } from '../../sample/make-contacts.ts';
import { skip } from './chromium.ts';
import { close, isAccessible, makePlace, PHONE } from './support.ts';

const FILE = [
  'Vorname;Mobil;Stadt',
  'Zoë;+44 7911 123456;Leeds',
  'Ana;+1 202 555 0150;Rome',
  'Ana;+1 202 555 0150;Rome',
  'Bo;4.47912E+11;Oslo',
  'Cy;12;Bonn',
].join('\n');
/** A file of so many contacts, all of them good. */
const makeFile = (rows: number) => [...sampleFile({ rows, messy: false, seed: 1, format: 'csv' })].join('');
const csv = (content: string, name = 'people.csv') => ({ name, mimeType: 'text/csv', buffer: Buffer.from(content) });

describe('an import', { skip, timeout: 240_000 }, async () => {
  if (skip) return;
  const { server, muster, open } = await makePlace();
  let made = 0;
  const makeAudience = () => muster.audiences.create({ name: `Imported ${++made}`, channel: 'SMS' });
  const numbers = async (id: string) =>
    (await muster.audience(id).contacts.list().toArray()).map(({ number }) => number).sort();
  const choose = async (page: Page, file: ReturnType<typeof csv>) => {
    await page.getByText('Drop a file here').waitFor();
    await page.setInputFiles('input[type=file]', file);
    await page.getByRole('heading', { name: 'Which column is what?' }).waitFor();
  };
  const check = async (page: Page) => {
    await page.getByRole('button', { name: 'Check the file' }).click();
    await page.getByRole('heading', { name: /This is what the import would do|would change nothing/ }).waitFor();
  };
  const fate = (page: Page, name: string) => page.getByRole('button', { name: new RegExp(`^${name} `) });

  it('shows what it will do, does it, lets a refused row be put right, and is taken back', async () => {
    const { id } = await makeAudience();
    const page = await open(`/audiences/${id}/import`);
    await choose(page, csv(FILE));
    assert.equal(await page.getByLabel('What Mobil becomes').inputValue(), 'number');
    assert.equal(await page.getByLabel('What Stadt becomes').inputValue(), 'ignore');
    await page.getByText('columns separated by semicolons').waitFor();
    await page.getByText('Text encoding: utf-8').waitFor({ state: 'attached' });
    await isAccessible(page, 'the columns');

    await check(page);
    assert.deepEqual(await numbers(id), [], 'nothing is changed by looking');
    assert.match(await fate(page, 'New').innerText(), /2/);
    assert.match(await fate(page, 'Refused').innerText(), /2/);
    await page.getByText('Scientific notation', { exact: false }).first().waitFor();
    await isAccessible(page, 'the rehearsal');

    await page.getByRole('button', { name: 'Import 2 rows' }).click();
    await page.getByRole('heading', { name: 'The import is done' }).waitFor();
    assert.deepEqual(await numbers(id), ['12025550150', '447911123456']);
    await page.getByText('2 rows could not be imported').waitFor();

    await page.getByRole('button', { name: 'Fix line 6' }).click();
    const form = page.getByRole('form', { name: 'Fix line 6' });
    await form.getByLabel('Phone number').fill('+44 12');
    await form.getByRole('button', { name: 'Add contact' }).click();
    await form.getByText('is invalid', { exact: false }).waitFor();
    await form.getByLabel('Phone number').fill('+44 7911 123457');
    await form.getByRole('button', { name: 'Add contact' }).click();
    await page.getByText('Added', { exact: true }).waitFor();
    assert.deepEqual(await numbers(id), ['12025550150', '447911123456', '447911123457']);

    await page.reload();
    await page.getByText('Added', { exact: true }).waitFor();

    await page.getByRole('button', { name: 'Undo the import' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Undo the import' }).click();
    await page.getByText('2 contacts that it had made are gone again').waitFor();
    assert.deepEqual(await numbers(id), ['447911123457'], 'what was put right by hand stays');
    await close(page);
  });

  it('asks for the numbers where no column has their name, and proposes one', async () => {
    const { id } = await makeAudience();
    const page = await open(`/audiences/${id}/import`);
    await choose(page, csv('who,reach\nAna,+12025550150\n'));
    assert.equal(await page.getByLabel('What reach becomes').inputValue(), 'number');
    await page.getByLabel('What reach becomes').selectOption('Not imported');
    await page.getByText('Say which column holds the phone numbers').waitFor();
    assert.ok(await page.getByRole('button', { name: 'Check the file' }).isDisabled());
    await page.getByLabel('What reach becomes').selectOption('Phone number');
    await page.getByLabel('What who becomes').selectOption('First name');
    await check(page);
    await page.getByRole('button', { name: 'Import 1 row' }).click();
    await page.getByRole('heading', { name: 'The import is done' }).waitFor();
    const [ana] = await muster.audience(id).contacts.list().toArray();
    assert.equal(ana!.first_name, 'Ana');
    await close(page);
  });

  it('shows of a column what says something, and that there is nothing where its first cells are empty', async () => {
    const { id } = await makeAudience();
    const page = await open(`/audiences/${id}/import`, { window: PHONE });
    await choose(
      page,
      csv('number,first name,last name\n+12025550150,,\n+12025550151,,\n+12025550152,,\n+12025550153,Zoë,\n'),
    );
    const row = (name: string) =>
      page.locator('tbody tr', { has: page.getByText(name, { exact: true }).and(page.locator('bdi')) });
    assert.match(await row('first name').innerText(), /Zoë/);
    assert.match(await row('last name').innerText(), /empty in the first rows/);
    const button = (await page.getByRole('button', { name: 'Check the file' }).boundingBox())!;
    const tabs = (await page.getByRole('link', { name: 'Imports', exact: true }).boundingBox())!;
    assert.ok(tabs.y - button.y - button.height < 24, 'nothing of the table is seen between the button and the tabs');
    await close(page);
  });

  it('makes the audience equal to a file, and says what would go', async () => {
    const { id } = await makeAudience();
    await muster.audience(id).contacts.bulk([{ number: '12025550150' }, { number: '12025550151' }]);
    const page = await open(`/audiences/${id}/import`);
    await choose(page, csv('number\n+12025550150\n'));
    await page.getByLabel('Make the audience equal to the file').check();
    await page.getByLabel('Stop when more would be removed than').fill('60');
    await check(page);
    await page.getByText('are not in the file and would be removed').waitFor();
    assert.deepEqual(await numbers(id), ['12025550150', '12025550151']);
    await page.getByRole('button', { name: 'Make the audience equal to the file' }).click();
    await page.getByRole('heading', { name: 'The import is done' }).waitFor();
    assert.deepEqual(await numbers(id), ['12025550150']);
    await close(page);
  });

  it('loses nothing when the page is left: neither the file and what was said of it, nor the import', async () => {
    const { id } = await makeAudience();
    const page = await open(`/audiences/${id}/import`);
    await choose(page, csv(FILE));
    await page.getByLabel('What Stadt becomes').selectOption('Last name');
    await page.getByLabel('Only add new ones').check();
    await page.reload();
    await page.getByRole('heading', { name: 'Which column is what?' }).waitFor();
    assert.equal(await page.getByLabel('What Stadt becomes').inputValue(), 'last_name');
    assert.ok(await page.getByLabel('Only add new ones').isChecked());
    await check(page);
    await page.goto(`${server.url}/imports`);
    await page.getByRole('link', { name: 'people.csv' }).first().click();
    await page.getByRole('heading', { name: 'This is what the import would do' }).waitFor();
    await page.getByRole('button', { name: 'Change settings' }).click();
    await page.getByRole('heading', { name: 'Which column is what?' }).waitFor();
    await close(page);
  });

  it('of 100,000 rows is watched from drop to undo', async () => {
    const { id } = await makeAudience();
    const page = await open(`/audiences/${id}/import`);
    await choose(page, csv(makeFile(100_000), 'large.csv'));
    await check(page);
    await page.getByRole('button', { name: 'Import 100,000 rows' }).click();
    await page.getByRole('progressbar').waitFor();
    await page.getByRole('heading', { name: 'The import is done' }).waitFor({ timeout: 60_000 });
    assert.equal((await muster.audiences.get(id)).contacts_count, 100_000);
    await page.getByRole('button', { name: 'Undo the import' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Undo the import' }).click();
    await page.getByText('100,000 contacts that it had made are gone again').waitFor({ timeout: 60_000 });
    assert.equal((await muster.audiences.get(id)).contacts_count, 0);
    await close(page);
  });

  it('is cancelled while it runs', async () => {
    const { id } = await makeAudience();
    const page = await open(`/audiences/${id}/import`);
    await choose(page, csv(makeFile(100_000), 'cancelled.csv'));
    await page.getByRole('button', { name: 'Check the file' }).click();
    await page.getByRole('button', { name: 'Cancel the import' }).click();
    await page.getByRole('heading', { name: 'The import was cancelled' }).waitFor();
    await page.getByText('cancelled before anything was changed').waitFor();
    await close(page);
  });

  for (const [title, file, says] of [
    ['is empty', csv(''), 'The file is empty'],
    ['is a JSON list', csv('[{"number":"12025550150"}]', 'list.json'), 'The file is a JSON list'],
  ] as const) {
    it(`is not begun with a file that ${title}`, async () => {
      const { id } = await makeAudience();
      const page = await open(`/audiences/${id}/import`);
      await page.setInputFiles('input[type=file]', file);
      await page.getByText(says, { exact: false }).first().waitFor();
      assert.equal((await muster.audience(id).imports.list().page()).total, 0);
      await close(page);
    });
  }

  for (const scheme of ['light', 'dark'] as const) {
    it(`is readable to everybody, ${scheme}, on a phone too`, async () => {
      const { id } = await makeAudience();
      const page = await open(`/audiences/${id}/import`, { scheme, window: PHONE });
      await page.getByText('Drop a file here').waitFor();
      await isAccessible(page, 'the first step');
      await choose(page, csv(FILE));
      await isAccessible(page, 'the columns');
      await check(page);
      await isAccessible(page, 'the rehearsal');
      await page.goto(`${server.url}/imports`);
      await page.getByRole('link', { name: 'people.csv' }).first().waitFor();
      await isAccessible(page, 'the list');
      await close(page);
    });
  }

  it('is shown to a read key, which can begin and undo none', async () => {
    const { id } = await makeAudience();
    const audience = muster.audience(id);
    const { id: importId } = await audience.imports.create(FILE, { file_name: 'read.csv' });
    await audience.imports.wait(importId);
    const key = (await server.muster('keys', 'create', '--scope', 'read')).trim();
    const page = await open(`/audiences/${id}/imports/${importId}`, { key });
    await page.getByRole('heading', { name: 'The import is done' }).waitFor();
    for (const name of [/Undo/, /^Fix/, /Choose a file/])
      assert.equal(await page.getByRole('button', { name }).count(), 0);
    await page.goto(`${server.url}/audiences/${id}/import`);
    await page.getByText('Your key may only read').waitFor();
    await close(page);
  });

  // The last one: the server that it starts again ends with it.
  it('goes on when the server is killed, and the page goes on with it', async () => {
    const { id } = await makeAudience();
    const page = await open(`/audiences/${id}/import`);
    await choose(page, csv(makeFile(60_000), 'killed.csv'));
    await check(page);
    const port = new URL(server.url).port;
    await page.getByRole('button', { name: 'Import 60,000 rows' }).click();
    await page.getByText(/rows so far/).waitFor();
    await server.kill();
    await page.getByText('The server does not answer', { exact: false }).first().waitFor();
    await server.restart({ PORT: port });
    await page.getByRole('heading', { name: 'The import is done' }).waitFor({ timeout: 60_000 });
    assert.equal((await muster.audiences.get(id)).contacts_count, 60_000);
    await close(page);
  });
});
