/** Signing in and out, sessions that end, and servers that go away, in a real browser. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { skip } from './chromium.ts';
import { close, makePlace, type Place, signIn } from './support.ts';

const place = skip ? undefined : await makePlace();

describe('the session', { skip }, () => {
  const { server, muster, open } = place as Place;

  it('begins with an API key, wherever somebody wanted to go', async () => {
    const { id } = await muster.audiences.create({ name: 'Spring', channel: 'SMS' });
    const page = await open(`/audiences/${id}`, { key: undefined });
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByText('Enter an API key.').waitFor();
    await page.getByLabel('API key').fill('muster_nobody-has-this-key');
    await page.keyboard.press('Enter');
    await page.getByText('This key is unknown, revoked or expired.', { exact: false }).waitFor();
    await page.getByLabel('API key').fill(server.key);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Spring' }).waitFor();
    assert.equal(new URL(page.url()).pathname, `/audiences/${id}`);
    const [cookie] = await page.context().cookies();
    assert.deepEqual([cookie!.httpOnly, cookie!.sameSite], [true, 'Strict']);
    assert.equal(await page.evaluate('document.cookie'), '');
    await close(page);
  });

  it('shows whose it is, and ends when somebody signs out', async () => {
    const page = await open('/audiences');
    const answer = await page.context().request.get(`${server.url}/console/session`);
    const { key } = (await answer.json()).data;
    await page.getByRole('button', { name: /^Account/ }).click();
    await page.getByRole('dialog', { name: 'Account' }).getByText(`${key.prefix}…`).waitFor();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('heading', { name: 'Sign in to Muster' }).waitFor();
    await page.reload();
    await page.getByRole('heading', { name: 'Sign in to Muster' }).waitFor();
    await close(page);
  });

  it('of a key that may only read has no control that writes', async () => {
    const key = (await server.muster('keys', 'create', '--name', 'reader', '--scope', 'read')).match(/muster_\S+/)![0];
    const { id } = await muster.audiences.create({ name: 'Read me', channel: 'SMS' });
    const contact = await muster.audience(id).contacts.create({ number: '+447912345678', first_name: 'Ana' });
    const page = await open('/audiences', { key });
    await page.getByRole('link', { name: 'Read me' }).waitFor();
    assert.equal(await page.getByRole('button', { name: /New audience|Actions for/ }).count(), 0);
    await page.getByRole('link', { name: 'Read me' }).click();
    await page.getByRole('row', { name: /Ana/ }).waitFor();
    const writing = /Add|Paste|Import|Delete|Rename|Actions/;
    assert.equal(await page.getByRole('button', { name: writing }).count(), 0);
    assert.equal(await page.getByRole('main').getByRole('link', { name: writing }).count(), 0);
    assert.equal(await page.getByRole('checkbox').count(), 0);
    await page.getByRole('row', { name: /Ana/ }).click();
    const panel = page.getByRole('complementary', { name: 'Contact' });
    await panel.getByText(contact.id).waitFor();
    assert.equal(await panel.getByRole('textbox').count(), 0);
    assert.equal(await panel.getByRole('button', { name: /Save|Delete/ }).count(), 0);
    await close(page);
  });

  it('that has ended asks for a key over the page, and goes on where it was', async () => {
    const made = await server.muster('keys', 'create', '--name', 'short', '--scope', 'write');
    const key = made.match(/muster_\S+/)![0];
    const { id } = await muster.audiences.create({ name: 'Interrupted', channel: 'SMS' });
    await muster.audience(id).contacts.create({ number: '+447912345679', first_name: 'Eva' });
    const page = await open(`/audiences/${id}`, { key });
    await page.getByRole('row', { name: /Eva/ }).click();
    await page.getByLabel('Last name').fill('Petrosyan');
    const listed = await server.muster('keys', 'list');
    const keyId = listed
      .split('\n')
      .find((line) => line.includes('short'))!
      .match(/[0-9a-f-]{36}/)![0];
    await server.muster('keys', 'revoke', keyId);
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    const dialog = page.getByRole('dialog', { name: 'Your session has ended' });
    await dialog.getByLabel('API key').fill(server.key);
    await page.keyboard.press('Enter');
    await dialog.waitFor({ state: 'hidden' });
    assert.equal(await page.getByLabel('Last name').inputValue(), 'Petrosyan');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByRole('row', { name: /Eva Petrosyan/ }).waitFor();
    await close(page);
  });
});

describe('two tabs of one browser', { skip }, () => {
  const { server, muster, open } = place as Place;

  it('go on when somebody signs in anew in one of them', async () => {
    const { id } = await muster.audiences.create({ name: 'Tabs', channel: 'SMS' });
    const page = await open(`/audiences/${id}`);
    await page.getByText('No contacts yet').waitFor();
    await signIn(page.context(), server.url, server.key);
    await page.getByRole('button', { name: 'Add contact' }).click();
    await page.getByLabel('Number', { exact: true }).fill('+44 7912 345678');
    const add = page.getByRole('button', { name: 'Add contact' }).last();
    await add.click();
    await page
      .getByRole('alert')
      .filter({ hasText: /Your session was renewed/ })
      .waitFor();
    await add.click();
    await page.getByText('is added').waitFor();
    assert.equal((await muster.audience(id).contacts.list().page()).total, 1);
    await close(page);
  });
});

describe('a server that goes away', { skip }, () => {
  it('is told of, is waited for, and what was missed is read when it is back', async () => {
    // On a port of its own, so that it comes back where the page looks for it.
    const { server, muster, open } = await makePlace({ isFixed: true });
    const { id } = await muster.audiences.create({ name: 'Power cut', channel: 'SMS' });
    await muster.audience(id).contacts.create({ number: '+447912345678', first_name: 'Ana' });
    const page = await open(`/audiences/${id}`);
    await page.getByRole('row', { name: /Ana/ }).waitFor();
    await server.kill();
    await page.getByRole('searchbox').fill('nobody');
    await page.getByText('The server does not answer.').waitFor();
    await page.getByRole('row', { name: /Ana/ }).waitFor();
    await server.restart();
    await page.getByText('Connected again').waitFor();
    await page.getByText('The server does not answer.').waitFor({ state: 'hidden' });
    await page.getByText('Nobody found').waitFor();
    await page.getByRole('searchbox').fill('');
    await page.getByRole('row', { name: /Ana/ }).waitFor();
    await close(page);
  });
});
