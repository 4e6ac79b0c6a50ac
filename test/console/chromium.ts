/** The Chromium of this machine, whichever it is. */
import { existsSync, globSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'microsoft-edge'];
const PLACES = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/snap/bin/chromium',
];
/** Where Playwright puts the browsers that it installs. */
const INSTALLED = [
  '.cache/ms-playwright/chromium-*/chrome-linux*/chrome',
  'Library/Caches/ms-playwright/chromium-*/chrome-mac*/*.app/Contents/MacOS/*',
];

function findChromium(): string | undefined {
  const { CHROMIUM, PATH = '' } = process.env;
  const onPath = PATH.split(delimiter).flatMap((directory) => NAMES.map((name) => join(directory, name)));
  const installed = INSTALLED.flatMap((pattern) => globSync(join(homedir(), pattern)));
  return [CHROMIUM, ...onPath, ...PLACES, ...installed].find(
    (path) => path !== undefined && path !== '' && existsSync(path),
  );
}

export const CHROMIUM = findChromium();

/** Why the tests of a browser cannot run; false when they can. */
export const skip: string | false =
  CHROMIUM === undefined ? 'no Chromium was found: install one, or name it in the variable CHROMIUM' : false;
