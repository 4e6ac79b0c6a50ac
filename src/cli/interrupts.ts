import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { EXIT } from './output.ts';

/** Ctrl-C, as a command wants to be told of it. */
export interface Interrupts {
  /** How often it came. */
  readonly count: number;
  /** What to do at the next one. Where nobody says, the first waits to be looked at and the second ends the process. */
  act: (() => void) | undefined;
  /** Lets Ctrl-C end the process again. */
  end(): void;
}

/** Takes Ctrl-C over until `end`. */
export function takeInterrupts(): Interrupts {
  let count = 0;
  const interrupts: Interrupts = {
    get count() {
      return count;
    },
    act: undefined,
    end: () => process.off('SIGINT', onSignal),
  };
  function onSignal(): void {
    count++;
    if (interrupts.act !== undefined) interrupts.act();
    else if (count > 1) process.exit(EXIT.interrupted);
  }
  process.on('SIGINT', onSignal);
  return interrupts;
}

/** Whether somebody sits there who can be asked. */
export function isTerminal(): boolean {
  return process.stdin.isTTY === true && process.stderr.isTTY === true;
}

/**
 * Asks a question on the terminal that is answered by `y` or anything else.
 * @param onAnswer told whether it was yes, unless `close` came first.
 */
export function askYesOrNo(question: string, onAnswer: (isYes: boolean) => void): { close(): void } {
  const { stdin, stderr } = process;
  const close = () => {
    stdin.off('data', read);
    stdin.off('end', read);
    stdin.pause();
  };
  function read(line?: Buffer | string): void {
    close();
    onAnswer(/^\s*y(?:es)?\s*$/i.test(String(line ?? '')));
  }
  stderr.write(`${question} [y/N] `);
  stdin.once('data', read).once('end', read).resume();
  return { close };
}

/** Asks a question that is answered by `y` or anything else. */
export function confirm(question: string): Promise<boolean> {
  return new Promise((resolve) => askYesOrNo(question, resolve));
}

/** Asks for a line on the terminal that nobody sees. Ctrl-C ends the process. */
export async function askSecret(question: string): Promise<string> {
  const { stdin, stderr } = process;
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: stdin, output: nowhere, terminal: true });
  const leave = () => {
    lines.close();
    stderr.write('\n');
    process.exit(EXIT.interrupted);
  };
  lines.once('SIGINT', leave);
  stderr.write(question);
  try {
    return (await lines.question('')).trim();
  } catch {
    return leave();
  } finally {
    lines.close();
    stderr.write('\n');
  }
}
