/** What an account is like at a glance, its keys, and the way to the API. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { describe, it } from 'node:test';
import { skip } from './chromium.ts';
import { close, isAccessible, makePlace, PHONE } from './support.ts';

describe('the account', { skip, timeout: 180_000 }, async () => {
  if (skip) return;
  const { server, muster, open } = await makePlace();

  it('is welcomed while it is empty', async () => {
    await server.muster('accounts', 'create', 'Empty');
    const key = (await server.muster('keys', 'create', '--account', 'Empty')).trim();
    const page = await open('/', { key });
    await page.getByRole('heading', { name: 'Welcome to Muster' }).waitFor();
    await isAccessible(page, 'the empty overview');
    await page.getByRole('button', { name: 'Make an audience' }).click();
    await page.getByRole('textbox', { name: 'Name' }).fill('The first one');
    await page.getByRole('button', { name: 'Create audience' }).click();
    await page.getByRole('heading', { name: 'The first one' }).waitFor();
    await close(page);
  });

  const audience = await muster.audiences.create({ name: 'Overview', channel: 'SMS' });
  const { contacts, imports } = muster.audience(audience.id);
  await contacts.bulk([
    { number: '447911123456', first_name: "O'Neil", tags: ['vip'] },
    { number: '447911123457' },
    { number: '4915112345678' },
  ]);
  await imports.wait((await imports.create('number\n+12025550150\n', { file_name: 'glance.csv' })).id);

  for (const scheme of ['light', 'dark'] as const) {
    it(`is seen at a glance, ${scheme}: totals, growth, countries, imports, store`, async () => {
      const page = await open('/', { scheme, window: scheme === 'dark' ? PHONE : undefined });
      await page.getByRole('img', { name: /From 0 to 4 contacts/ }).waitFor();
      const main = await page.locator('main').innerText();
      for (const text of ['United Kingdom', 'Germany', 'glance.csv', 'One file (SQLite)', 'Ready']) {
        assert.ok(main.includes(text), text);
      }
      await isAccessible(page, 'the overview');
      await page.getByText('The same as a table').click();
      assert.equal(await page.locator('details tbody tr').count(), 30);
      await close(page);
    });
  }

  it('makes a key that is shown once, and revokes it', async () => {
    const page = await open('/keys');
    await page.getByText('this session’s').waitFor();
    await isAccessible(page, 'the keys');
    await page.getByRole('button', { name: 'New key' }).click();
    await page.getByRole('button', { name: 'Create key' }).click();
    await page.getByText('Say what the key is for.').waitFor();
    await page.getByLabel('What is it for?').fill('Nightly export');
    await page.getByLabel('It expires').selectOption('In 30 days');
    await isAccessible(page, 'the form');
    await page.getByRole('button', { name: 'Create key' }).click();
    const secret = await page.getByRole('region', { name: 'API key' }).innerText();
    await isAccessible(page, 'the new key');
    await page.keyboard.press('Escape');
    const status = async () =>
      (await fetch(`${server.url}/v1/audiences`, { headers: { 'x-dexatel-key': secret.trim() } })).status;
    assert.equal(await status(), 200);
    const written = await fetch(`${server.url}/v1/audiences`, {
      method: 'POST',
      headers: { 'x-dexatel-key': secret.trim(), 'content-type': 'application/json' },
      body: '{"data":{"name":"x","channel":"SMS"}}',
    });
    assert.equal(written.status, 403, 'a new key may read, unless more is chosen');
    await page.getByRole('button', { name: 'I have copied it' }).click();
    assert.equal(await page.getByText(secret.trim()).count(), 0);

    await page.getByRole('button', { name: 'Revoke Nightly export' }).click();
    await page.getByRole('button', { name: 'Revoke key' }).click();
    await page.getByText('“Nightly export” is revoked').waitFor();
    assert.equal(await status(), 401);
    await close(page);
  });

  it('does not end the key that one is signed in with', async () => {
    const key = (await server.muster('keys', 'create', '--account', 'default', '--name', 'mine')).trim();
    const page = await open('/keys', { key });
    await page
      .getByRole('button', { name: /^Revoke / })
      .first()
      .waitFor();
    assert.equal(await page.getByRole('button', { name: 'Revoke mine' }).count(), 0);
    await close(page);
  });

  it('shows a read key the keys, and no way to change them', async () => {
    const key = (
      await server.muster('keys', 'create', '--account', 'default', '--name', 'looks', '--scope', 'read')
    ).trim();
    const page = await open('/keys', { key });
    await page.getByText('looks').waitFor();
    assert.equal(await page.getByRole('button', { name: /New key|Revoke/ }).count(), 0);
    await close(page);
  });

  it('gives the lines for a view, and they give what it shows', async () => {
    const page = await open(`/audiences/${audience.id}?search=o'neil&tag=vip`);
    await page.getByRole('button', { name: 'Export' }).click();
    await page.getByRole('menuitem', { name: /By the API/ }).click();
    await page.getByRole('heading', { name: 'The contacts of Overview, by the API' }).waitFor();
    await isAccessible(page, 'the API page');
    const line = await page.getByRole('region', { name: 'curl' }).innerText();
    const answer = execFileSync('sh', ['-c', line], {
      env: { PATH: process.env.PATH, MUSTER_KEY: server.key },
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    assert.deepEqual(
      JSON.parse(answer).data.map(({ number }: { number: string }) => number),
      ['447911123456'],
    );
    await page.getByText('TypeScript').click();
    const lines = await page.getByRole('region', { name: 'TypeScript' }).innerText();
    assert.match(lines, /contacts\.list\(\{ search: "o'neil", tags: \["vip"\] \}\)/);
    await close(page);
  });
});
