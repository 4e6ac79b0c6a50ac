#!/usr/bin/env node
// Plain JavaScript, so that an older Node can run it and hand over to the one the checkout brings.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { keepCompiled } from './compile-cache.js';

const NEEDED = 24;
const own = fileURLToPath(new URL('../node_modules/node/bin/node', import.meta.url));
// A checkout runs its sources. A package brings them as JavaScript: Node strips no types inside node_modules.
const source = new URL('../src/cli/main.ts', import.meta.url);
const main = existsSync(source) ? source : new URL('../dist/main.js', import.meta.url);

if (Number(process.versions.node.split('.')[0]) >= NEEDED) {
  keepCompiled();
  await import(main.href);
} else if (existsSync(own)) {
  const child = spawn(own, process.argv.slice(1), { stdio: 'inherit' });
  // The terminal sends an interrupt to both; whatever else ends this process ends the other too.
  process.on('SIGINT', () => {});
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 143)));
} else {
  console.error(`muster: Node ${NEEDED} or newer is needed, this is ${process.version}`);
  process.exit(1);
}
