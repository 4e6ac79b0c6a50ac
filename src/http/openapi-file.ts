/** `npm run openapi` writes openapi.json; with `--check` it only compares, and exits with 1 when the file is out of date. */
import { readFileSync, writeFileSync } from 'node:fs';
import { openapiText } from './openapi.ts';

const file = new URL('../../openapi.json', import.meta.url);
const text = openapiText();

if (!process.argv.includes('--check')) {
  writeFileSync(file, text);
} else if (read() !== text) {
  console.error('openapi.json is out of date: run `npm run openapi` and commit it');
  process.exit(1);
}

function read(): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
