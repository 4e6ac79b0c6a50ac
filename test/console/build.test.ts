/** What the build of the console promises: how much a page loads, and that nothing of it needs more than the policy allows. */
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { buildConsole, DIST } from './built.ts';

interface Chunk {
  file: string;
  imports?: string[];
  dynamicImports?: string[];
  isEntry?: boolean;
}

await buildConsole();
const chunks: Record<string, Chunk> = JSON.parse(readFileSync(join(DIST, '.vite/manifest.json'), 'utf8'));
const entry = Object.keys(chunks).find((name) => chunks[name]!.isEntry)!;

/** The files of a chunk and of all that it imports before it runs. */
function filesOf(name: string, found = new Set<string>()): Set<string> {
  const chunk = chunks[name]!;
  if (found.has(chunk.file)) return found;
  found.add(chunk.file);
  for (const each of chunk.imports ?? []) filesOf(each, found);
  return found;
}

function packedSize(files: Iterable<string>): number {
  return [...files].reduce((size, file) => size + gzipSync(readFileSync(join(DIST, file)), { level: 9 }).length, 0);
}

describe('the built console', () => {
  for (const page of chunks[entry]!.dynamicImports ?? []) {
    it(`${page} is shown with at most 250 kB of script, packed`, (context) => {
      const size = packedSize(new Set([...filesOf(entry), ...filesOf(page)]));
      context.diagnostic(`${Math.round(size / 1000)} kB`);
      assert.ok(size <= 250_000, `${size} bytes`);
    });
  }

  it('has no inline script, style or handler, and nothing from outside', () => {
    const page = readFileSync(join(DIST, 'index.html'), 'utf8');
    assert.doesNotMatch(page, /<script(?![^>]*\bsrc=)|<style|\bstyle=|\son\w+=/i);
    for (const [, address] of page.matchAll(/(?:src|href)="([^"]+)"/g)) assert.match(address!, /^\/(?!\/)/);
    for (const file of globSync('**/*.css', { cwd: DIST })) {
      assert.doesNotMatch(readFileSync(join(DIST, file), 'utf8'), /@import|url\((?!["']?data:)/, file);
    }
  });
});
