import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { promisify } from 'node:util';
import manifest from '../../package.json' with { type: 'json' };
import { buildConsole } from '../console/built.ts';
import { ROOT } from '../support/command-line.ts';
import { makeDirectory } from '../support/directory.ts';
import { muster } from './support.ts';
import { walk } from './walk.ts';

describe('the single executable', { timeout: 300_000 }, () => {
  it('serves, imports, searches, exports, backs up and checks without Node in PATH, from anywhere', async () => {
    const directory = makeDirectory();
    await buildConsole();
    await promisify(execFile)(process.execPath, [join(ROOT, 'build/binary.ts'), directory], { cwd: ROOT });
    const program = join(directory, process.platform === 'win32' ? 'muster.exe' : 'muster');
    const installed = { program, cwd: directory, env: { PATH: '' } };
    await walk(installed, manifest.version);
    assert.equal((await muster(installed, ['nonsense'])).code, 2);
  });
});
