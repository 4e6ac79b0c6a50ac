/** What tests of `muster import` say again and again. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Loose } from '../http/support.ts';
import { type CommandOptions, environmentOf, type Outcome, ROOT, runMuster } from '../support/command-line.ts';
import { makeDirectory } from '../support/directory.ts';
import type { Server } from '../support/server.ts';

const run = promisify(execFile);

export type Desk = ReturnType<typeof makeDesk>;

/** A place to work at: files, and `muster` with a server. */
export function makeDesk(server: Server) {
  const directory = makeDirectory();

  const muster = (args: string[], { env, ...options }: CommandOptions = {}): Promise<Outcome> =>
    runMuster(args, { env: { ...environmentOf(server), ...env }, ...options });

  const pathOf = (name: string) => join(directory, name);

  function write(name: string, content: string | Uint8Array): string {
    writeFileSync(pathOf(name), content);
    return pathOf(name);
  }

  /** What a command prints as JSON, line by line. */
  async function list(...args: string[]): Promise<Loose[]> {
    const { stdout, stderr, code } = await muster([...args, '--json']);
    assert.equal(code, 0, stderr);
    return stdout
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line));
  }

  /** Runs `muster import … --json`: its exit code, and the import. */
  async function importJson(...args: string[]): Promise<{ code: number | null; found: Loose; stderr: string }> {
    const { code, stdout, stderr } = await muster(['import', ...args, '--json']);
    assert.notEqual(stdout, '', stderr);
    return { code, found: JSON.parse(stdout), stderr };
  }

  const contacts = (audience: string) => list('contacts', 'list', '--audience', audience, '--all');
  const audience = async (name: string) => (await list('audiences', 'list')).find((each) => each.name === name);
  return { server, directory, muster, pathOf, write, list, importJson, contacts, audience };
}

/** A file of a maker's, a script of this checkout or beside it, and what it says of it. */
export async function makeSample(maker: string, ...args: string[]): Promise<{ text: string; expected: Loose }> {
  const { stdout, stderr } = await run(process.execPath, [maker, ...args], {
    cwd: ROOT,
    maxBuffer: 1 << 28,
  });
  return { text: stdout, expected: JSON.parse(stderr.trim().split('\n').at(-1)!) };
}

/** How many rows become what. */
export function fatesOf(found: Loose): Record<string, number> {
  const { created, updated, unchanged, skipped, refused, removed } = found;
  return { created, updated, unchanged, skipped, refused, removed };
}
