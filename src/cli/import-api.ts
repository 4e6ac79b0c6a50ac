/** Imports as the API gives them, and what can be asked of them. */
import { ConflictError, type Import, type Imports, type Muster } from '../../sdk/src/index.ts';
import { SetupError } from '../core/errors.ts';
import { readId } from '../core/ids.ts';
import { createTableParser } from '../files/csv.ts';
import { withoutGuard } from '../files/table.ts';

/** A refused row, for its author. */
export interface RefusedRow {
  line: number;
  /** The cell that is at fault, or the whole row where it is not a single one. */
  value: string;
  code: number;
  reason: string | null;
  message: string;
}

const NOT_ALLOWED = 9022;
const PAGE_SIZE = 1000;

/** Which field a code is about; other codes are about the row. */
const FIELD_OF_CODE: Record<number, string> = {
  1353: 'number',
  1354: 'number',
  1355: 'number',
  1359: 'tags',
  1361: 'first_name',
  1362: 'last_name',
  1363: 'timestamp',
  1364: 'date',
};

/** The imports of the audience that an import belongs to. */
export function importsOf(muster: Muster, { audience_id }: Pick<Import, 'audience_id'>): Imports {
  return muster.audience(audience_id).imports;
}

/** The import of this id, of whichever audience. Raises SetupError when there is none. */
export async function findImport(muster: Muster, id: string): Promise<Import> {
  const wanted = readId(id.trim());
  if (wanted === undefined) throw new SetupError(`'${id}' is no import id: muster imports list shows them`);
  for await (const found of muster.imports.list({ page_size: PAGE_SIZE })) if (found.id === wanted) return found;
  throw new SetupError(`there is no import ${wanted}: see muster imports list`);
}

/** Cancels an import, unless it is over by then; how it stands. */
export async function cancelIfOpen(muster: Muster, wanted: Import): Promise<Import> {
  const imports = importsOf(muster, wanted);
  try {
    return await imports.cancel(wanted.id);
  } catch (error) {
    if (error instanceof ConflictError && error.code === NOT_ALLOWED) return imports.get(wanted.id);
    throw error;
  }
}

/** The first refused rows of an import. */
export async function readRefusedRows(muster: Muster, found: Import, most: number): Promise<RefusedRow[]> {
  const wanted = Math.min(most, found.refused);
  if (wanted === 0 || found.is_expired) return [];
  const imports = importsOf(muster, found);
  const query = { status: 'refused', page_size: Math.min(wanted, PAGE_SIZE) } as const;
  const verdicts = await imports.rows(found.id, query).toArray({ limit: wanted });
  if (found.kind === 'edit') {
    return verdicts.map(({ line, number, code, reason, message }) => ({
      line,
      value: number ?? '',
      code: code!,
      reason,
      message: message ?? '',
    }));
  }
  // The file of refused rows tells a cell's column: a verdict holds no header, and of NDJSON the line as it is.
  const [header = [], ...rows] = await readFirstRows(await imports.refused(found.id), verdicts.length + 1);
  return verdicts.map(({ line, code, reason, message, cells }, index) => {
    const field = FIELD_OF_CODE[code!];
    const column = field === undefined ? undefined : columnOf(found.mapping, header, field);
    const row = rows[index]?.slice(0, header.length - 1) ?? cells;
    const value =
      column === undefined
        ? cells.length > 1
          ? cells.join(' | ')
          : (cells[0] ?? '')
        : withoutGuard(row[column] ?? '');
    return { line, value, code: code!, reason, message: message ?? '' };
  });
}

async function readFirstRows(bytes: AsyncIterable<Uint8Array>, most: number): Promise<string[][]> {
  const parser = createTableParser(',');
  const decoder = new TextDecoder();
  const rows: string[][] = [];
  for await (const chunk of bytes) {
    rows.push(...parser.push(decoder.decode(chunk, { stream: true })).map(({ cells }) => cells));
    if (rows.length >= most) return rows;
  }
  return [...rows, ...parser.end().map(({ cells }) => cells)];
}

/** The place of a field's column. A mapping names a column by its header, or by its place, from `#1`, where that is not unique. */
function columnOf(mapping: Record<string, string>, header: string[], field: string): number | undefined {
  const name = Object.keys(mapping).find((column) => mapping[column] === field);
  if (name === undefined) return undefined;
  const named = header.findIndex((cell) => cell.trim() === name);
  if (named >= 0) return named;
  const [, place] = /^#(\d+)$/.exec(name) ?? [];
  return place === undefined ? undefined : Number(place) - 1;
}
