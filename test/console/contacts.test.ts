/** The contacts of an audience in a real browser: found, looked at, added, changed, taken along. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { skip } from './chromium.ts';
import { close, makePlace, type Place } from './support.ts';

const place = skip ? undefined : await makePlace();
let made = 0;

/** An audience of its own with these contacts. */
async function audienceWith(contacts: { number: string; first_name?: string; last_name?: string; tags?: string[] }[]) {
  const { id } = await place!.muster.audiences.create({ name: `Audience ${++made}`, channel: 'SMS', contacts });
  return { path: `/audiences/${id}`, ...place!.muster.audience(id) };
}

const numberOf = (n: number): string => `+4479123${45000 + n}`;
const people = (count: number) =>
  Array.from({ length: count }, (_, n) => ({
    number: numberOf(n),
    first_name: n % 2 ? 'Søren' : 'Łukasz',
    last_name: `No${n}`,
  }));

describe('finding contacts', { skip }, () => {
  const { open } = place as Place;

  it('begins with the newest, and says how many there are', async () => {
    const { path } = await audienceWith(people(300));
    const page = await open(path);
    await page.getByRole('status').filter({ hasText: '300 contacts' }).waitFor();
    assert.match(await page.getByRole('row').nth(1).innerText(), /No299/);
    await page.getByRole('button', { name: 'Created' }).click();
    await page.getByRole('row', { name: /No0\b/ }).waitFor();
    await page.waitForURL(/order=oldest/);
    await close(page);
  });

  it('loads what somebody scrolls to, each contact once, to the very end', async () => {
    const { path } = await audienceWith(people(900));
    const page = await open(path);
    const grid = page.getByRole('grid');
    await page.getByRole('row', { name: /No899/ }).waitFor();
    await grid.focus();
    const last = page.getByRole('row', { name: /No0\b/ });
    for (let presses = 0; (await last.count()) === 0; presses++) {
      assert.ok(presses < 100, 'the end is never reached');
      await page.keyboard.press('End');
      await page.waitForTimeout(30);
    }
    await last.waitFor();
    assert.equal(await last.getAttribute('aria-rowindex'), '901');
    await close(page);
  });

  it('searches as somebody types, without case and accents, marks what matches, and keeps it in the address', async () => {
    const { path } = await audienceWith(people(60));
    const page = await open(path);
    await page.getByRole('grid').waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type('lukasz no1');
    await page.getByRole('status').filter({ hasText: '5 of 60 contacts match' }).waitFor();
    const row = page.getByRole('row', { name: /No10/ });
    assert.deepEqual(await row.locator('mark').allInnerTexts(), ['Łukasz', 'No1']);
    await page.waitForURL(/search=lukasz\+no1/);
    const shared = await open(new URL(page.url()).pathname + new URL(page.url()).search);
    await shared.getByRole('status').filter({ hasText: '5 of 60 contacts match' }).waitFor();
    assert.equal(await shared.getByRole('searchbox').inputValue(), 'lukasz no1');
    await close(shared);
    await page.getByRole('searchbox').fill('7912 345 007');
    await page.getByRole('status').filter({ hasText: '1 of 60 contacts matches' }).waitFor();
    assert.equal(
      (await page.getByRole('row').nth(1).locator('mark').allInnerTexts()).join('').replace(/\D/g, ''),
      '7912345007',
    );
    await page.getByRole('searchbox').fill('nobody at all');
    await page.getByText('Nobody found').waitFor();
    await page.getByRole('button', { name: 'Clear search and filters' }).click();
    await page
      .getByRole('status')
      .filter({ hasText: /^60 contacts/ })
      .waitFor();
    await close(page);
  });

  it('leaves those that carry tags, as the address says', async () => {
    const { path } = await audienceWith(
      people(30).map((each, n) => ({ ...each, tags: n % 3 === 0 ? ['vip', ...(n % 2 ? ['b2b'] : [])] : [] })),
    );
    const page = await open(path);
    await page.getByRole('row', { name: /No27/ }).getByRole('button', { name: 'vip' }).click();
    await page.getByRole('status').filter({ hasText: '10 of 30 contacts match' }).waitFor();
    await page.getByRole('button', { name: /^Tags/ }).click();
    const choice = page.getByRole('dialog', { name: /^Tags/ });
    await choice.getByText('b2b').waitFor();
    assert.match(await choice.innerText(), /vip\s+10\s+b2b\s+5/);
    await choice.getByRole('checkbox', { name: /b2b/ }).check();
    await page.getByRole('status').filter({ hasText: '5 of 30 contacts match' }).waitFor();
    await page.waitForURL(/tag=vip&tag=b2b/);
    await page.keyboard.press('Escape');
    await page.getByRole('searchbox').fill('no27');
    await page.getByRole('status').filter({ hasText: '1 of 30 contacts matches' }).waitFor();
    await page.waitForURL(/search=no27/);
    await page.reload();
    await page.getByRole('status').filter({ hasText: '1 of 30 contacts matches' }).waitFor();
    await page.getByRole('button', { name: 'Stop filtering by vip' }).click();
    await page.getByRole('button', { name: 'Stop filtering by b2b' }).click();
    await page.getByRole('searchbox').fill('');
    await page
      .getByRole('status')
      .filter({ hasText: /^30 contacts/ })
      .waitFor();
    await close(page);
  });

  it('shows the columns that somebody wants, as wide as they want them, on the next visit too', async () => {
    const { path } = await audienceWith(people(3));
    const page = await open(path);
    await page.getByRole('button', { name: 'View' }).click();
    await page.getByRole('checkbox', { name: 'Timestamp' }).uncheck();
    await page.keyboard.press('Escape');
    const handle = page.getByRole('separator', { name: 'Width of the column Name' });
    const before = Number(await handle.getAttribute('aria-valuenow'));
    await handle.focus();
    await page.keyboard.press('ArrowRight');
    await page.reload();
    await page.getByRole('columnheader', { name: /Name/ }).waitFor();
    assert.equal(await page.getByRole('columnheader', { name: /Timestamp/ }).count(), 0);
    assert.equal(Number(await handle.getAttribute('aria-valuenow')), before + 16);
    await close(page);
  });

  it('writes numbers as their country does, with its flag, and right-to-left names by themselves', async () => {
    const { path } = await audienceWith([{ number: '+966501234567', first_name: 'خالد', last_name: 'الحسن' }]);
    const page = await open(path);
    const row = page.getByRole('row', { name: /خالد/ });
    await row.getByRole('img', { name: 'Saudi Arabia' }).waitFor();
    assert.match(await row.innerText(), /\+966 50 123 4567/);
    assert.equal(
      await row
        .locator('bdi')
        .first()
        .evaluate((name) => getComputedStyle(name).unicodeBidi),
      'isolate',
    );
    await close(page);
  });

  it('an audience that is not there says so', async () => {
    const page = await open('/audiences/00000000-0000-7000-8000-000000000000');
    await page.getByText('Nothing here').waitFor();
    await close(page);
  });
});

describe('one contact', { skip }, () => {
  const { open } = place as Place;

  it('is opened by the keyboard, changed where it stands, and set back', async () => {
    const { path, contacts } = await audienceWith([{ number: numberOf(1), first_name: 'Ana', tags: ['vip'] }]);
    const page = await open(path);
    await page.getByRole('row', { name: /Ana/ }).waitFor();
    await page.getByRole('searchbox').focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.getByLabel('First name').fill('Anahit');
    await page.keyboard.press('Control+Enter');
    await page.getByRole('row', { name: /Anahit/ }).waitFor();
    const [changed] = await contacts.list().toArray();
    assert.equal(changed!.first_name, 'Anahit');
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByText('Taken back').waitFor();
    assert.equal((await contacts.list().toArray())[0]!.first_name, 'Ana');
    assert.equal(await page.getByLabel('First name').inputValue(), 'Ana');
    await page.keyboard.press('Escape');
    await page.getByLabel('First name').waitFor({ state: 'hidden' });
    await close(page);
  });

  it('is judged while it is typed, by the rules of the server', async () => {
    const { path, contacts } = await audienceWith([{ number: numberOf(1) }, { number: numberOf(2) }]);
    const page = await open(path);
    await page.getByRole('button', { name: 'Add contact' }).click();
    await page.getByLabel('First name').fill('a'.repeat(33));
    await page.getByText('At most 32 characters.').waitFor();
    await page.getByLabel('First name').fill('a'.repeat(32));
    await page.getByText('At most 32 characters.').waitFor({ state: 'hidden' });
    await page.getByLabel('Number', { exact: true }).fill('07912 345678');
    await page.getByText('Begin with the country code', { exact: false }).waitFor();
    await page.getByLabel('Number', { exact: true }).fill('+44 79');
    await page.getByText('This is too short', { exact: false }).waitFor();
    await page.getByRole('button', { name: 'Add contact' }).last().click();
    await page.getByText('This is no valid number.', { exact: false }).waitFor();
    await page.getByLabel('Number', { exact: true }).fill(numberOf(2));
    await page.getByRole('button', { name: 'Add contact' }).last().click();
    await page.getByText('Another contact of this audience has this number.').waitFor();
    await page.getByRole('button', { name: 'Show it' }).click();
    await page.getByRole('button', { name: 'Leave them' }).click();
    await page
      .getByRole('complementary')
      .getByText((await contacts.search(numberOf(2)).toArray())[0]!.id)
      .waitFor();
    assert.equal((await contacts.list().page()).total, 2);
    await close(page);
  });

  it('is added, and is the first of the list', async () => {
    const { path, contacts } = await audienceWith(people(5));
    const page = await open(path);
    await page.getByRole('button', { name: 'Add contact' }).click();
    await page.getByLabel('Number', { exact: true }).fill('+1 (202) 555-0150');
    await page.getByLabel('First name').fill('Zoë');
    await page.getByRole('combobox', { name: 'Tags' }).fill('new');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Add contact' }).last().click();
    await page.getByText('Zoë is added').waitFor();
    await page.getByRole('status').filter({ hasText: '6 contacts' }).waitFor();
    assert.match(await page.getByRole('row').nth(1).innerText(), /Zoë/);
    const [found] = await contacts.search('zoe').toArray();
    assert.deepEqual([found!.number, found!.tags], ['12025550150', ['new']]);
    await close(page);
  });

  it('that two people edit is never written over unseen', async () => {
    const { path, contacts } = await audienceWith([{ number: numberOf(1), first_name: 'Ana', last_name: 'Berg' }]);
    const { id } = (await contacts.list().toArray())[0]!;
    const mine = await open(`${path}?contact=${id}`);
    const theirs = await open(`${path}?contact=${id}`);
    await mine.getByLabel('First name').fill('Mine');
    await theirs.getByLabel('First name').fill('Theirs');
    await theirs.getByLabel('Last name').fill('Stays');
    await theirs.getByRole('button', { name: 'Save', exact: true }).click();
    await theirs.getByRole('row', { name: /Theirs Stays/ }).waitFor();
    await mine.getByRole('button', { name: 'Save', exact: true }).click();
    const conflict = mine.getByRole('alert').filter({ hasText: 'Somebody else has changed this contact' });
    assert.match(await conflict.getByRole('row', { name: /First name/ }).innerText(), /Mine\s+Theirs/);
    assert.equal((await contacts.get(id)).first_name, 'Theirs');
    await conflict.getByRole('button', { name: 'Keep mine' }).click();
    await mine
      .getByRole('grid')
      .getByRole('row', { name: /Mine Stays/ })
      .waitFor();
    const kept = await contacts.get(id);
    assert.deepEqual([kept.first_name, kept.last_name], ['Mine', 'Stays']);

    await theirs.getByLabel('First name').fill('Again');
    await theirs.getByRole('button', { name: 'Save', exact: true }).click();
    await theirs.getByRole('button', { name: 'Take theirs' }).click();
    assert.equal(await theirs.getByLabel('First name').inputValue(), 'Mine');
    assert.equal((await contacts.get(id)).first_name, 'Mine');
    await close(mine);
    await close(theirs);
  });

  it('that is gone says so', async () => {
    const { path, contacts } = await audienceWith([{ number: numberOf(1) }]);
    const { id } = (await contacts.list().toArray())[0]!;
    await contacts.delete(id);
    const page = await open(`${path}?contact=${id}`);
    await page.getByText('This contact has been deleted').waitFor();
    await close(page);
  });
});

describe('many contacts', { skip }, () => {
  const { open } = place as Place;

  it('are pasted from a spreadsheet, seen first, and each told what became of it', async () => {
    const { path, contacts } = await audienceWith([{ number: '+12025550150', first_name: 'Old' }]);
    const page = await open(path);
    await page.getByRole('button', { name: 'Paste many' }).click();
    const dialog = page.getByRole('dialog', { name: 'Paste contacts' });
    const rows = [
      'Mobile\tVorname\tNachname',
      '+44 7912 345678\tAna\tPetrosyan',
      "'+1 202 555 0150\tSøren\t",
      '12\tNo\tNumber',
    ];
    await dialog.getByLabel('Rows', { exact: true }).fill(rows.join('\n'));
    await dialog.getByText('3 rows found').waitFor();
    assert.ok(await dialog.getByLabel('The first row has the names of the columns').isChecked());
    assert.equal(await dialog.getByLabel('What Vorname is').inputValue(), 'first_name');
    await dialog.getByRole('button', { name: 'Add 3 contacts' }).click();
    await dialog.getByText('1 contact added, 1 updated, 1 row refused').waitFor();
    assert.match(await dialog.getByRole('row', { name: /No/ }).innerText(), /4\s+12 · No · Number/);
    await dialog.getByRole('button', { name: 'Done' }).click();
    await page.getByRole('row', { name: /Ana Petrosyan/ }).waitFor();
    assert.deepEqual(
      (await contacts.list().toArray()).map(({ number, first_name }) => [number, first_name]),
      [
        ['12025550150', 'Søren'],
        ['447912345678', 'Ana'],
      ],
    );
    await close(page);
  });

  it('are exported as they are shown, or as they are chosen', async () => {
    const { path, id } = await audienceWith([
      { number: numberOf(1), first_name: '=Ana', tags: ['a', 'b'] },
      { number: numberOf(2), first_name: 'Eva' },
    ]);
    const page = await open(`${path}?search=eva`);
    await page.getByRole('row', { name: /Eva/ }).waitFor();
    await page.getByRole('button', { name: 'Export' }).click();
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('menuitem', { name: /^CSV/ }).click(),
    ]);
    const text = readFileSync(await file.path(), 'utf8');
    assert.match(text, /Eva/);
    assert.doesNotMatch(text, /Ana/);

    await page.getByRole('searchbox').fill('');
    await page.getByRole('checkbox', { name: 'Select =Ana' }).click();
    const bar = page.getByRole('region', { name: 'Selected contacts' });
    const [own] = await Promise.all([
      page.waitForEvent('download'),
      bar.getByRole('button', { name: 'Export' }).click(),
    ]);
    const chosen = readFileSync(await own.path(), 'utf8');
    // It means the same to an import as it did to the audience.
    const copy = await audienceWith([]);
    const { id: importId } = await copy.imports.create(chosen, { file_name: 'contacts.csv' });
    await copy.imports.wait(importId);
    const [original] = await place!.muster.audience(id).contacts.search('ana').toArray();
    const [again] = await copy.contacts.list().toArray();
    const told = ({ number, first_name, tags }: NonNullable<typeof original>) => [number, first_name, tags];
    assert.deepEqual(told(again!), told(original!));
    await close(page);
  });
});

describe('what is not saved', { skip }, () => {
  const { open } = place as Place;

  it('is not lost without a question', async () => {
    const { path, contacts } = await audienceWith(people(3));
    const page = await open(path);
    await page.getByRole('row', { name: /No2/ }).click();
    await page.getByLabel('First name').fill('Half');
    await page.getByRole('row', { name: /No1/ }).click();
    const question = page.getByRole('dialog', { name: 'There are changes that are not saved.' });
    await question.getByRole('button', { name: 'Go on editing' }).click();
    await question.waitFor({ state: 'hidden' });
    assert.equal(await page.getByLabel('First name').inputValue(), 'Half');
    await page.keyboard.press('Escape');
    await question.getByRole('button', { name: 'Leave them' }).click();
    await page.getByLabel('First name').waitFor({ state: 'hidden' });
    assert.equal((await contacts.search('half').page()).total, 0);

    // To other pages too.
    await page.getByRole('row', { name: /No2/ }).click();
    await page.getByLabel('First name').fill('Half');
    const overview = page.getByRole('link', { name: 'Overview' });
    await overview.click();
    await question.getByRole('button', { name: 'Go on editing' }).click();
    assert.equal(new URL(page.url()).pathname, path);
    await overview.click();
    await question.getByRole('button', { name: 'Leave them' }).click();
    await page.waitForURL('**/');
    await question.waitFor({ state: 'hidden' });
    await page.getByRole('link', { name: 'Audiences', exact: true }).click();
    await page.waitForURL('**/audiences');
    await close(page);
  });
});
