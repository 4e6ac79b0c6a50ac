/**
 * `npm run build:binary`: server, console and command line as one executable file for this platform, `dist-binary/muster`, which
 * needs no Node (with an argument into that directory). It is the Node that the checkout pins, with everything as a blob inside (Node's single executable
 * applications).
 */
import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, globSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { bundle, ROOT, THREADS } from './bundle.ts';

/** Marks in Node's executable where it looks for a blob; the same for every Node (its documentation says so). */
const FUSE = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2';
const CONSOLE = join(ROOT, 'console/dist');
const isWindows = process.platform === 'win32';
const isMac = process.platform === 'darwin';

const directory = resolve(process.argv[2] ?? join(ROOT, 'dist-binary'));
const parts = join(directory, 'parts');
const executable = join(directory, isWindows ? 'muster.exe' : 'muster');
rmSync(parts, { recursive: true, force: true });
mkdirSync(parts, { recursive: true });

// CommonJS: Node 24 takes nothing else as the main script of an executable, nor as a thread's text.
const alone = {
  format: 'cjs',
  minify: true,
  banner: { js: "const HERE = require('node:url').pathToFileURL(process.execPath).href;" },
  define: { 'import.meta.url': 'HERE' },
} as const;
await bundle({ ...alone, entryPoints: ['src/cli/main.ts'], outfile: join(parts, 'main.cjs') });
for (const name of THREADS) {
  await bundle({ ...alone, entryPoints: [`src/store/sqlite/${name}.ts`], outfile: join(parts, `${name}.cjs`) });
}

// The server looks for the console under these names.
const files = globSync('**/*.*', { cwd: CONSOLE });
if (files.length === 0) throw new Error('The console is not built: npm run build:console');
const assets = {
  ...Object.fromEntries(THREADS.map((name) => [name, join(parts, `${name}.cjs`)])),
  ...Object.fromEntries(files.map((file) => [`console/${file.replaceAll('\\', '/')}`, join(CONSOLE, file)])),
};

const blob = join(parts, 'muster.blob');
const settings = join(parts, 'settings.json');
writeFileSync(
  settings,
  JSON.stringify({
    main: join(parts, 'main.cjs'),
    output: blob,
    disableExperimentalSEAWarning: true,
    execArgv: ['--max-semi-space-size=16', '--heap-growing-percent=25'],
    assets,
  }),
);
const run = (program: string, ...args: string[]) => execFileSync(program, args, { cwd: ROOT, stdio: 'inherit' });
run(process.execPath, '--experimental-sea-config', settings);

copyFileSync(process.execPath, executable);
chmodSync(executable, 0o755);
if (isMac) run('codesign', '--remove-signature', executable);
const segment = isMac ? ['--macho-segment-name', 'NODE_SEA'] : [];
const postject = join(ROOT, 'node_modules/postject/dist/cli.js');
execFileSync(process.execPath, [postject, executable, 'NODE_SEA_BLOB', blob, '--sentinel-fuse', FUSE, ...segment], {
  cwd: ROOT,
  // It warns of parts of the file that it leaves as they are.
  stdio: ['ignore', 'ignore', 'pipe'],
});
if (isMac) run('codesign', '--sign', '-', executable);
console.log(`${executable}: ${Math.round(statSync(executable).size / 1e6)} MB`);
rmSync(parts, { recursive: true, force: true });
