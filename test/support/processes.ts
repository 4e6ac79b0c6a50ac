import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { after } from 'node:test';
import { fileURLToPath } from 'node:url';

/** Starts a script of this folder as a process of its own. Its errors are printed; it is killed when the tests have ended. */
export function startScript(script: string, args: string[]): ChildProcess {
  const file = fileURLToPath(new URL(script, import.meta.url));
  const child = spawn(process.execPath, [file, ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
  after(() => child.kill('SIGKILL'));
  return child;
}

/** What a store process answered. */
export interface Answer {
  value?: unknown;
  error?: string;
  message?: string;
}

export interface StoreProcess {
  /** Sends a command line; its answer. See store-process.ts. */
  ask(command: string): Promise<Answer>;
  /** Kills it, as a power switch would. */
  kill(): Promise<void>;
  /** Lets it end; its exit code. */
  end(): Promise<number | null>;
}

/** Starts a process that works on the store of a directory as it is told. */
export function startStoreProcess(directory: string): StoreProcess {
  const child = startScript('store-process.ts', [directory]);
  const waiting: { resolve(answer: Answer): void; reject(error: Error): void }[] = [];
  createInterface(child.stdout!).on('line', (line) => waiting.shift()?.resolve(JSON.parse(line)));
  let isClosed = false;
  child.on('close', () => {
    isClosed = true;
    for (const { reject } of waiting.splice(0)) reject(new Error('the process ended without an answer'));
  });
  // What is told to a process that was killed goes nowhere; who asked is rejected above.
  child.stdin!.on('error', () => {});
  return {
    ask: (command) =>
      new Promise((resolve, reject) => {
        if (isClosed) return reject(new Error('the process has ended'));
        waiting.push({ resolve, reject });
        child.stdin!.write(`${command}\n`);
      }),
    async kill() {
      const closed = once(child, 'close');
      child.kill('SIGKILL');
      await closed;
    },
    async end() {
      const closed = once(child, 'close');
      child.stdin!.end();
      const [code] = await closed;
      return code as number | null;
    },
  };
}
