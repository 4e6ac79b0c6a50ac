/** Many contacts changed at once, in a real browser: chosen, tagged, deleted, and set back. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Page } from 'playwright-core';
import { skip } from './chromium.ts';
import { close, makePlace, type Place } from './support.ts';

const place = skip ? undefined : await makePlace();
let made = 0;

async function audienceOf(count: number) {
  const contacts = Array.from({ length: count }, (_, n) => ({
    number: `+4479123${45000 + n}`,
    first_name: n % 2 ? 'Ana' : 'Eva',
    last_name: `No${n}`,
  }));
  const { id } = await place!.muster.audiences.create({ name: `Many ${++made}`, channel: 'SMS', contacts });
  return { path: `/audiences/${id}`, ...place!.muster.audience(id) };
}

const bar = (page: Page) => page.getByRole('region', { name: 'Selected contacts' });

describe('many contacts at once', { skip }, () => {
  const { open } = place as Place;

  it('are chosen one by one, up to another, and by the keyboard', async () => {
    const { path } = await audienceOf(20);
    const page = await open(path);
    await page.getByRole('checkbox', { name: 'Select Ana No19' }).click();
    await page.getByRole('checkbox', { name: 'Select Eva No14' }).click({ modifiers: ['Shift'] });
    await bar(page).getByText('6 selected').waitFor();
    await page.getByRole('grid').focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Space');
    await bar(page).getByText('7 selected').waitFor();
    await page.getByRole('checkbox', { name: 'Select all loaded rows' }).check();
    await bar(page).getByText('20 selected').waitFor();
    await bar(page).getByRole('button', { name: 'Clear the selection' }).click();
    await bar(page).waitFor({ state: 'hidden' });
    await close(page);
  });

  it('are changed up to 1,000 when they are chosen one by one, and any number when all are', async () => {
    const { path, contacts } = await audienceOf(1000);
    await contacts.bulk(Array.from({ length: 300 }, (_, n) => ({ number: `+4479124${45000 + n}`, first_name: 'Ida' })));
    const page = await open(path);
    await page.getByRole('row', { name: /Ida/ }).first().waitFor();
    await page.getByRole('grid').focus();
    const last = page.locator('[aria-rowindex="1301"]');
    for (let presses = 0; (await last.count()) === 0 && presses < 200; presses++) {
      await page.keyboard.press('End');
      await page.waitForTimeout(30);
    }
    await page.getByRole('checkbox', { name: 'Select all loaded rows' }).check();
    await bar(page).getByText('1,300 selected').waitFor();
    assert.ok(await bar(page).getByRole('button', { name: 'Delete' }).isDisabled());
    await bar(page).getByText('One by one at most 1,000', { exact: false }).waitFor();
    await close(page);
  });

  it('are tagged, and set back', async () => {
    const { path, contacts } = await audienceOf(6);
    const page = await open(path);
    await page.getByRole('checkbox', { name: 'Select Ana No5' }).click();
    await page.getByRole('checkbox', { name: 'Select Eva No4' }).click();
    await bar(page).getByRole('button', { name: 'Add tags' }).click();
    const dialog = page.getByRole('dialog', { name: 'Add tags to 2 contacts' });
    await dialog.getByRole('combobox', { name: 'Tags' }).fill('vip');
    await page.keyboard.press('Enter');
    await dialog.getByRole('button', { name: 'Add tags' }).click();
    await page.getByText('2 contacts are tagged').waitFor();
    await page.getByRole('row', { name: /No5/ }).getByRole('button', { name: 'vip' }).waitFor();
    assert.equal((await contacts.list({ tags: ['vip'] }).page()).total, 2);
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByText('Taken back').waitFor();
    await page.getByRole('button', { name: 'vip' }).first().waitFor({ state: 'hidden' });
    assert.equal((await contacts.list({ tags: ['vip'] }).page()).total, 0);
    await close(page);
  });

  it('all that match, loaded or not, lose their tags', async () => {
    const { path, contacts } = await audienceOf(500);
    await contacts.bulk(
      (await contacts.list().toArray()).map(({ number }) => ({ number: `+${number}`, tags: ['old'] })),
    );
    const page = await open(`${path}?search=ana`);
    await page.getByRole('checkbox', { name: 'Select all loaded rows' }).check();
    await bar(page).getByRole('button', { name: 'Select all 250 that match' }).click();
    await bar(page).getByText('250 selected').waitFor();
    await bar(page).getByRole('button', { name: 'Remove tags' }).click();
    const dialog = page.getByRole('dialog', { name: 'Remove tags from 250 contacts' });
    await dialog.getByRole('combobox', { name: 'Tags' }).fill('old');
    await page.keyboard.press('Enter');
    await dialog.getByRole('button', { name: 'Remove tags' }).click();
    await page.getByText('Tags are removed from 250 contacts').waitFor();
    assert.equal((await contacts.list({ tags: ['old'] }).page()).total, 250);
    assert.equal((await contacts.list({ tags: ['old'], search: 'ana' }).page()).total, 0);
    await close(page);
  });

  it('are deleted by who types how many, and are all back after an undo', async () => {
    const { path, contacts } = await audienceOf(300);
    const before = await contacts.list().toArray();
    const page = await open(path);
    await page.getByRole('checkbox', { name: 'Select all loaded rows' }).check();
    await bar(page).getByRole('button', { name: 'Select all 300', exact: true }).click();
    await bar(page).getByRole('button', { name: 'Delete' }).click();
    const dialog = page.getByRole('dialog', { name: 'Delete 300 contacts?' });
    const submit = dialog.getByRole('button', { name: 'Delete 300 contacts' });
    assert.ok(await submit.isDisabled());
    await dialog.getByLabel('Type 300 to confirm').fill('300');
    await submit.click();
    await page.getByText('300 contacts are deleted').waitFor();
    await page.getByText('No contacts yet').waitFor();
    assert.equal((await contacts.list().page()).total, 0);
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByText('Taken back').waitFor();
    await page.getByRole('row', { name: /No299/ }).waitFor();
    assert.deepEqual(await contacts.list().toArray(), before);
    await close(page);
  });

  it('one of them is deleted where it is open, and is back after an undo', async () => {
    const { path, contacts } = await audienceOf(3);
    const page = await open(path);
    await page.getByRole('row', { name: /No1/ }).click();
    await page.getByRole('button', { name: 'Delete contact' }).click();
    await page.getByText('1 contact is deleted').waitFor();
    await page.getByRole('status').filter({ hasText: '2 contacts' }).waitFor();
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByRole('row', { name: /No1/ }).waitFor();
    assert.equal((await contacts.list().page()).total, 3);
    await close(page);
  });
});
