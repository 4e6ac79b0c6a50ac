/**
 * Builds the SDK: one file for ESM and one for CJS, each beside its declarations. Without an argument into `sdk/dist`;
 * with a directory into its `dist`.
 */
import { execFileSync } from 'node:child_process';
import { globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Format } from 'esbuild';

const SDK = fileURLToPath(new URL('.', import.meta.url));
const COMPILER = fileURLToPath(new URL('../node_modules/typescript/bin/tsc', import.meta.url));
const MODULES: { format: Format; type: string }[] = [
  { format: 'esm', type: 'module' },
  { format: 'cjs', type: 'commonjs' },
];

const dist = join(resolve(process.argv[2] ?? SDK), 'dist');
rmSync(dist, { recursive: true, force: true });
for (const { format, type } of MODULES) {
  const directory = join(dist, format);
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, 'package.json'), `${JSON.stringify({ type, sideEffects: false })}\n`);
  await build({
    entryPoints: [join(SDK, 'src/index.ts')],
    outfile: join(directory, 'index.js'),
    bundle: true,
    format,
    platform: 'neutral',
    target: 'es2022',
    // Names stay, so that a stack says something.
    minifyWhitespace: true,
    minifySyntax: true,
    sourcemap: 'linked',
  });
  const output = ['--noEmit', 'false', '--emitDeclarationOnly', '--outDir', directory, '--rootDir', join(SDK, 'src')];
  execFileSync(process.execPath, [COMPILER, '-p', SDK, ...output], { stdio: 'inherit' });
  for (const file of globSync('*.d.ts', { cwd: directory })) {
    const path = join(directory, file);
    writeFileSync(path, readFileSync(path, 'utf8').replaceAll(/(from ["']\.\/[\w-]+)\.ts(["'])/g, '$1.js$2'));
  }
}
