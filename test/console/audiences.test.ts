/** Audiences in a real browser. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { skip } from './chromium.ts';
import { close, makePlace, type Place } from './support.ts';

const place = skip ? undefined : await makePlace();

describe('audiences', { skip }, () => {
  const { muster, open } = place as Place;

  it('begin with saying what to do, and the first one is made', async () => {
    const page = await open('/audiences');
    await page.getByText('No audiences yet').waitFor();
    await page.getByRole('button', { name: 'New audience' }).click();
    const dialog = page.getByRole('dialog', { name: 'New audience' });
    await dialog.getByLabel('Name').fill('a & b');
    await dialog.getByText('Only letters, digits', { exact: false }).waitFor();
    await dialog.getByLabel('Name').fill('ж'.repeat(46));
    await dialog.getByText('At most 45 characters.').waitFor();
    await dialog.getByLabel('Name').fill('عملاء');
    await dialog.getByText('WhatsApp').click();
    await page.keyboard.press('Enter');
    // A new audience is shown, with the ways to bring contacts in.
    await page.getByRole('heading', { name: 'عملاء' }).waitFor();
    await page.getByText('No contacts yet').waitFor();
    await page.getByRole('link', { name: 'Import a file' }).waitFor();
    const [made] = await muster.audiences.list().toArray();
    assert.deepEqual([made!.name, made!.channel], ['عملاء', 'WHATSAPP']);
    await muster.audiences.delete(made!.id);
    await close(page);
  });

  it('are listed with channel and exact count', async () => {
    const { id } = await muster.audiences.create({
      name: 'Listed',
      channel: 'VIBER',
      contacts: [{ number: '+447912345678' }, { number: '+447912345679' }],
    });
    const page = await open('/audiences');
    const row = page.getByRole('row', { name: /Listed/ });
    assert.match(await row.innerText(), /Viber[\s\S]*2/);
    await muster.audiences.delete(id);
    await close(page);
  });

  it('of a name that is taken are refused where the name stands', async () => {
    const { id } = await muster.audiences.create({ name: 'Taken', channel: 'SMS' });
    const page = await open('/audiences');
    await page.getByRole('button', { name: 'New audience' }).click();
    await page.getByRole('dialog').getByLabel('Name').fill('TAKEN');
    await page.keyboard.press('Enter');
    await page.getByText('There is an audience of this name already.').waitFor();
    await muster.audiences.delete(id);
    await close(page);
  });

  it('are renamed', async () => {
    const { id } = await muster.audiences.create({ name: 'Before', channel: 'SMS' });
    const page = await open('/audiences');
    await page.getByRole('button', { name: 'Actions for Before' }).click();
    await page.getByRole('menuitem', { name: 'Rename' }).click();
    await page.getByRole('dialog').getByLabel('Name').fill('Afterwards');
    await page.keyboard.press('Enter');
    await page.getByRole('link', { name: 'Afterwards' }).waitFor();
    assert.equal((await muster.audiences.get(id)).name, 'Afterwards');
    await muster.audiences.delete(id);
    await close(page);
  });

  it('are deleted by who types their name, having seen what goes', async () => {
    const { id } = await muster.audiences.create({
      name: 'Old',
      channel: 'SMS',
      contacts: [{ number: '+447912345678' }],
    });
    const page = await open('/audiences');
    await page.getByRole('button', { name: 'Actions for Old' }).click();
    await page.getByRole('menuitem', { name: 'Delete' }).click();
    const dialog = page.getByRole('dialog', { name: 'Delete audience' });
    await dialog.getByText('1 contact will be deleted with it').waitFor();
    const submit = dialog.getByRole('button', { name: 'Delete audience and 1 contact' });
    assert.ok(await submit.isDisabled());
    await dialog.getByRole('textbox').fill('old');
    assert.ok(await submit.isDisabled());
    await dialog.getByRole('textbox').fill('Old');
    await submit.click();
    await page.getByText('No audiences yet').waitFor();
    await assert.rejects(muster.audiences.get(id), { status: 404 });
    await close(page);
  });
});
