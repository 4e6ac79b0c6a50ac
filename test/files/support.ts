import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { FileLayout, FileRow } from '../../src/files/contact-file.ts';
import { type ReadOptions, readContactFile } from '../../src/files/read.ts';

export interface ReadFile {
  layouts: FileLayout[];
  layout: FileLayout;
  rows: FileRow[];
}

/** Bytes as a source, in chunks of `size`. */
export async function* bytesOf(content: string | Uint8Array, size = 64 * 1024): AsyncGenerator<Uint8Array> {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content;
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/** Everything that reading gives, kept. */
export async function readAll(source: AsyncIterable<Uint8Array>, options?: ReadOptions): Promise<ReadFile> {
  const layouts: FileLayout[] = [];
  const rows: FileRow[] = [];
  for await (const event of readContactFile(source, options)) {
    if (event.layout !== undefined) layouts.push(event.layout);
    else for (const row of event.rows) rows.push(row);
  }
  return { layouts, layout: layouts.at(-1)!, rows };
}

export const readText = (content: string | Uint8Array, options?: ReadOptions) => readAll(bytesOf(content), options);

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

/** Megabytes that are held, garbage aside. */
export function heldMegabytes(): number {
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return (heapUsed + external) / (1024 * 1024);
}

/** Processor time of this process so far: unlike the clock, it does not run faster when other tests run beside. */
export const cpuMilliseconds = () => process.cpuUsage().user / 1000;
