/** Every page in light and dark, wide and narrow: what axe says of it, and whether it fits. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Page } from 'playwright-core';
import { skip } from './chromium.ts';
import { close, isAccessible, LAPTOP, makePlace, PHONE, type Place } from './support.ts';

const place = skip ? undefined : await makePlace();

interface Scene {
  name: string;
  path: (audienceId: string) => string;
  /** Brings about what is to be looked at. */
  act?: (page: Page) => Promise<unknown>;
  key?: undefined;
}

const SCENES: Scene[] = [
  { name: 'sign-in', path: () => '/', key: undefined },
  { name: 'audiences', path: () => '/audiences' },
  {
    name: 'a new audience',
    path: () => '/audiences',
    act: async (page) => {
      await page.getByRole('button', { name: 'New audience' }).click();
      await page.getByRole('dialog').getByLabel('Name').fill('&');
    },
  },
  {
    name: 'the deletion of an audience',
    path: () => '/audiences',
    act: async (page) => {
      await page
        .getByRole('button', { name: /^Actions for/ })
        .first()
        .click();
      await page.getByRole('menuitem', { name: 'Delete' }).click();
      await page.getByRole('dialog').waitFor();
    },
  },
  { name: 'contacts', path: (id) => `/audiences/${id}`, act: (page) => page.getByRole('img').first().waitFor() },
  {
    name: 'contacts that are searched and chosen',
    path: (id) => `/audiences/${id}?search=ana&order=oldest`,
    act: (page) => page.getByRole('checkbox', { name: 'Select Ana' }).first().click(),
  },
  {
    name: 'nobody found',
    path: (id) => `/audiences/${id}?search=nobody`,
    act: (page) => page.getByText('Nobody found').waitFor(),
  },
  {
    name: 'a contact',
    path: (id) => `/audiences/${id}`,
    act: async (page) => {
      await page.getByRole('row', { name: /Ana/ }).first().click();
      await page.getByLabel('First name').fill('a'.repeat(33));
    },
  },
  {
    name: 'pasted contacts',
    path: (id) => `/audiences/${id}`,
    act: async (page) => {
      await page.getByRole('heading', { name: 'Customers' }).waitFor();
      const isPhone = page.viewportSize()?.width === PHONE.width;
      if (isPhone) await page.getByRole('button', { name: 'More', exact: true }).click();
      await page.getByRole(isPhone ? 'menuitem' : 'button', { name: 'Paste many' }).click();
      await page.getByRole('dialog').getByLabel('Rows', { exact: true }).fill('+44 7912 345678\tAna\n12\tEva');
      await page.getByText('2 rows found').waitFor();
    },
  },
  { name: 'a page that is not there', path: () => '/nowhere' },
  {
    name: 'the list of keys to press',
    path: () => '/audiences',
    act: async (page) => {
      await page.getByRole('heading', { name: 'Audiences' }).waitFor();
      await page.keyboard.press('?');
      await page.getByRole('dialog').waitFor();
    },
  },
  {
    name: 'the account',
    path: () => '/audiences',
    act: async (page) => {
      await page.getByRole('button', { name: /^Account/ }).click();
      await page.getByRole('button', { name: 'Sign out' }).waitFor();
    },
  },
];

describe('every page', { skip }, async () => {
  const { muster, open } = place as Place;
  let audienceId = '';
  if (place !== undefined) {
    const contacts = Array.from({ length: 120 }, (_, n) => ({
      number: `+4479123${45000 + n}`,
      first_name: n % 2 ? 'Ana' : 'خالد',
      ...(n % 3 === 0 && { tags: ['vip', 'newsletter', 'trial', 'b2b'] }),
    }));
    audienceId = (await muster.audiences.create({ name: 'Customers', channel: 'WHATSAPP', contacts })).id;
  }

  for (const scheme of ['light', 'dark'] as const) {
    for (const [size, window] of [
      ['wide', LAPTOP],
      ['narrow', PHONE],
    ] as const) {
      it(`${scheme} and ${size}: axe finds nothing, and nothing is cut off`, async (context) => {
        for (const scene of SCENES) {
          await context.test(scene.name, async () => {
            const page = await open(scene.path(audienceId), {
              scheme,
              window,
              ...('key' in scene && { key: undefined }),
            });
            await page.getByRole('heading', { level: 1 }).waitFor();
            await scene.act?.(page);
            await isAccessible(page, scene.name);
            const overflow = await page.evaluate('document.documentElement.scrollWidth - innerWidth');
            assert.ok((overflow as number) <= 0, `it is ${overflow} pixels too wide`);
            await close(page);
          });
        }
      });
    }
  }
});
