/** The contacts that an edit was told to change, as rows of an import. */
import type { ImportRow } from '../core/import-job.ts';
import type { FileWords } from '../core/verdicts.ts';
import type { FileEvent, FileRow } from '../files/contact-file.ts';
import { bytesOf, type FileSource } from '../files/file-source.ts';

/** Reads the numbers and ids that were chosen, a line each. They were taken from contacts: nothing of them is to be checked. */
export async function* readChosen(source: FileSource, batchRows: number): AsyncGenerator<FileEvent, void, undefined> {
  let rest = '';
  let line = 0;
  let bytes = 0;
  let rows: FileRow[] = [];
  for await (const chunk of bytesOf(source)) {
    bytes += chunk.length;
    const lines = (rest + Buffer.from(chunk).toString('latin1')).split('\n');
    rest = lines.pop()!;
    for (const text of lines) {
      const [number, id] = text.split(' ') as [string, string];
      rows.push({ line: ++line, cells: [number, id], contact: { number } });
      if (rows.length < batchRows) continue;
      yield { rows, bytes };
      rows = [];
    }
  }
  if (rows.length > 0) yield { rows, bytes };
}

/** A chosen contact as a row. */
export function chosenRow({ line, cells }: FileRow): { row: ImportRow; words: FileWords } {
  const [number, id] = cells as [string, string];
  return {
    row: { line, contact: { number }, id },
    words: { line, number, cells: [], refusal: null, mended: [] },
  };
}
