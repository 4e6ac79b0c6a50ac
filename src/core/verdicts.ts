/** What a file says of its rows, packed a batch at a time to be kept beside their fates; and both put together again. */
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { Refusal, RowOutcome, RowStatus, VerdictBatch } from './import-job.ts';

/** A row as its file has it. */
export interface FileWords {
  line: number;
  /** E.164 digits; null when the row is refused. */
  number: string | null;
  /** Whole where the row may be refused: they are given back to be corrected. */
  cells: string[];
  refusal: Refusal | null;
  /** What was put right in the number, by name. */
  mended: string[];
}

/** What became of a row, in full. */
export interface Verdict {
  /** The row's number in the file, from 1. */
  row: number;
  line: number;
  status: RowOutcome;
  number: string | null;
  contact_id: string | null;
  /** The earlier line with the same number. */
  repeats_line: number | null;
  code: number | null;
  reason: string | null;
  message: string | null;
  mended: string[];
  cells: string[];
}

type Packed = [line: number, number: string | null, cells: string[], refusal: Refusal | null, mended: string[]];

/** The least effort of DEFLATE: a batch is packed in a millisecond, to a third of its size. */
const LEVEL = 1;

/** Most characters that are shown of a cell, and of a row. */
export const MAX_CELL_SHOWN = 1000;
export const MAX_ROW_SHOWN = 10_000;
const ELLIPSIS = '…';

/** Cells as far as people look at them: what is cut ends in an ellipsis, and cells that are left out are one together. */
export function shortCells(cells: string[]): string[] {
  // Nearly always they are short enough by themselves.
  const isFew = cells.length * MAX_CELL_SHOWN <= MAX_ROW_SHOWN;
  if (isFew && cells.every((cell) => cell.length <= MAX_CELL_SHOWN)) return cells;
  const shown: string[] = [];
  let room = MAX_ROW_SHOWN;
  for (const cell of cells) {
    const length = Math.min(MAX_CELL_SHOWN, room);
    // An empty cell takes room too: there may be many.
    room -= Math.max(1, Math.min(cell.length, length));
    if (room < 0) return [...shown, ELLIPSIS];
    shown.push(cell.length > length ? `${cell.slice(0, length - 1).replace(/[\uD800-\uDBFF]$/, '')}${ELLIPSIS}` : cell);
  }
  return shown;
}

/** Packs the words of a batch. */
export function packCells(rows: FileWords[]): Uint8Array {
  const packed = rows.map(({ line, number, cells, refusal, mended }): Packed => [line, number, cells, refusal, mended]);
  return deflateRawSync(JSON.stringify(packed), { level: LEVEL });
}

/** The verdicts of a batch that come behind the row `after` and have the status. */
export function readVerdicts({ firstRow, fates, cells }: VerdictBatch, after: number, status?: RowStatus): Verdict[] {
  const rows: Packed[] = JSON.parse(inflateRawSync(cells).toString());
  const verdicts: Verdict[] = [];
  for (const [index, fate] of fates.entries()) {
    const row = firstRow + index;
    if (row <= after || (status !== undefined && fate.status !== status)) continue;
    const [line, number, own, refused, mended] = rows[index]!;
    const refusal = fate.refusal ?? refused;
    verdicts.push({
      row,
      line,
      status: fate.status,
      number,
      contact_id: fate.contact_id,
      repeats_line: fate.repeats_line,
      code: refusal?.code ?? null,
      reason: refusal?.reason ?? null,
      message: refusal?.message ?? null,
      mended,
      cells: own,
    });
  }
  return verdicts;
}
