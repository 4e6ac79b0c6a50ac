// Builds the console before `npm start`, where it is not built, or older than what it is made of. Whatever comes of it the server
// starts: the API needs no console.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const workspace = join(root, 'console');
const built = join(workspace, 'dist', 'index.html');
const SOURCES = ['console', 'sdk/src', 'package-lock.json'];
const NOT_SOURCES = new Set(['node_modules', 'dist']);

/** When the newest file below a place was changed, in milliseconds; 0 when there is none.
 * @param {string} place
 * @returns {number} */
function newest(place) {
  const found = statSync(place, { throwIfNoEntry: false });
  if (found === undefined) return 0;
  if (!found.isDirectory()) return found.mtimeMs;
  const below = readdirSync(place).filter((name) => !NOT_SOURCES.has(name));
  return Math.max(0, ...below.map((name) => newest(join(place, name))));
}

function canBuild() {
  const manifest = join(workspace, 'package.json');
  return existsSync(manifest) && JSON.parse(readFileSync(manifest, 'utf8')).scripts?.build !== undefined;
}

const age = statSync(built, { throwIfNoEntry: false })?.mtimeMs ?? 0;
if (canBuild() && Math.max(...SOURCES.map((place) => newest(join(root, place)))) > age) {
  console.log(`Building the console, which ${age === 0 ? 'is not built yet' : 'has changed'}: this takes a while.`);
  const npm = process.env.npm_execpath;
  const [command, first] = npm === undefined ? ['npm', []] : [process.execPath, [npm]];
  const outcome = spawnSync(command, [...first, 'run', 'build:console'], { cwd: root, encoding: 'utf8' });
  if (outcome.status !== 0) {
    console.error(`${outcome.stdout ?? ''}${outcome.stderr ?? ''}${outcome.error?.message ?? ''}`.trim());
    console.error(
      'muster: the console was not built: run npm ci (not with --omit=dev), then npm run build:console. ' +
        `The server starts ${age === 0 ? 'without it' : 'with the one built before'}.`,
    );
  }
}
