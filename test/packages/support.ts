/** Muster as a package brings it: run by whatever program, far from the checkout. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { after } from 'node:test';

export const KEY = 'first-key-of-the-tests';

export interface Installed {
  /** Of the command `muster`. */
  program: string;
  /** Where it runs. */
  cwd: string;
  /** Its whole environment beside the variables of a call. */
  env: Record<string, string>;
}

export interface Running {
  /** As `http://127.0.0.1:49152`. */
  url: string;
  /** Ends it with SIGTERM; its exit code. */
  stop(): Promise<number | null>;
}

/** `muster serve` on a free port; killed behind the test when it still runs. */
export async function serve({ program, cwd, env }: Installed, data: string): Promise<Running> {
  const variables = { ...env, HOST: '127.0.0.1', PORT: '0', MUSTER_DATA: data, MUSTER_BOOTSTRAP_KEY: KEY };
  const child = spawn(program, ['serve'], { cwd, env: variables, stdio: ['ignore', 'pipe', 'pipe'] });
  after(() => child.kill('SIGKILL'));
  const errors = text(child.stderr);
  const exited = once(child, 'exit');
  const url = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      const [, found] = /Muster listens on (http:\/\/\S+?),/.exec(line) ?? [];
      if (found !== undefined) resolve(found);
    });
    child.once('error', reject);
    exited.then(async () => reject(new Error(`it ended before it listened: ${await errors}`)));
  });
  return {
    url,
    async stop() {
      child.kill('SIGTERM');
      await exited;
      return child.exitCode;
    },
  };
}

/** Runs `muster` to its end; what it prints. */
export async function muster(
  { program, cwd, env }: Installed,
  args: string[],
  variables: Record<string, string> = {},
  input = '',
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const child = spawn(program, args, { cwd, env: { ...env, ...variables } });
  child.stdin.on('error', () => {}); // a command that needs no input may end before it is written
  child.stdin.end(input);
  const ended = once(child, 'close');
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  await ended;
  return { code: child.exitCode, stdout, stderr };
}
