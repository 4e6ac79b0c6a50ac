import { promises, rmSync, statSync } from 'node:fs';
import { SetupError } from '../core/errors.ts';
import { EXIT } from './output.ts';

/**
 * Writes a file that appears under its name when it is whole: until then, and when the bytes break off, an older one of that
 * name stays as it was. What is no file, as `/dev/null`, is written to as it is. Ctrl-C removes what was begun and ends the
 * process. Raises SetupError where it cannot be written, and whatever `bytes` raises.
 */
export async function saveFile(bytes: AsyncIterable<Uint8Array>, output: string): Promise<void> {
  const existing = statSync(output, { throwIfNoEntry: false });
  if (existing?.isDirectory()) throw new SetupError(`${output} is a directory: name a file`);
  const isFile = existing === undefined || existing.isFile();
  const target = isFile ? `${output}.partial` : output;
  const remove = () => {
    if (isFile) rmSync(target, { force: true });
  };
  const interrupt = () => {
    remove();
    console.error(`\nmuster: interrupted: ${output} was not written`);
    process.exit(EXIT.interrupted);
  };
  process.once('SIGINT', interrupt);
  try {
    // It holds people's numbers: for its owner alone.
    const file = await promises.open(target, 'w', 0o600);
    try {
      await file.writeFile(bytes);
      if (isFile) await file.sync();
    } finally {
      await file.close();
    }
    if (isFile) await promises.rename(target, output);
  } catch (error) {
    remove();
    const { code, syscall } = error as NodeJS.ErrnoException;
    if (syscall === undefined) throw error;
    throw new SetupError(`${output} cannot be written (${code})`);
  } finally {
    process.off('SIGINT', interrupt);
  }
}
