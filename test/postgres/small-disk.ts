/** A disk of a few megabytes in memory, for tests of what happens when it is full. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';

const run = (program: string, ...args: string[]) => execFileSync(program, args, { stdio: 'pipe' });

/** Why there can be none, which only root of a machine of its own may make; false when there can. */
export function cannotMount(): string | false {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'only root can mount a small disk';
  try {
    mount('1m').remove();
    return false;
  } catch {
    return 'a small disk cannot be mounted here';
  }
}

/** @param size as `mount` has it, such as `8m`. */
export function mountSmall(size: string): { directory: string; grow(): void } {
  const { directory, remove } = mount(size);
  after(remove);
  return { directory, grow: () => run('mount', '-o', 'remount,size=300m', directory) };
}

function mount(size: string): { directory: string; remove(): void } {
  const directory = mkdtempSync(join(tmpdir(), 'muster-disk-'));
  const remove = () => rmSync(directory, { recursive: true, force: true });
  try {
    run('mount', '-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', directory);
  } catch (error) {
    remove();
    throw error;
  }
  return {
    directory,
    remove() {
      // Lazily: whatever has it open may end later.
      run('umount', '-l', directory);
      remove();
    },
  };
}
