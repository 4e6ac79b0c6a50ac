/** Imports as the API gives them, and what can be asked of them. */
import { SetupError } from '../core/errors.ts';
import { readId } from '../core/ids.ts';
import type { Import } from '../core/import-job.ts';
import type { Verdict } from '../core/verdicts.ts';
import { createTableParser } from '../files/csv.ts';
import { withoutGuard } from '../files/table.ts';
import { type ApiClient, ApiError, walkPages } from './api-client.ts';
import { askSurely, mayHaveHappened, type PassingError } from './retry.ts';

/** An import as the API gives it, with what is used here of it. */
export interface ApiImport extends Omit<Import, 'columns' | 'layout' | 'met'> {
  mapping: Record<string, string>;
  ignored_columns: string[];
  expire_date: string | null;
}

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

/** Where an import is found. */
export function pathOf({ audience_id, id }: Pick<ApiImport, 'audience_id' | 'id'>): string {
  return `/v1/audiences/${audience_id}/imports/${id}`;
}

/** The import of this id, of whichever audience. Raises SetupError when there is none. */
export async function findImport(client: ApiClient, id: string): Promise<ApiImport> {
  const wanted = readId(id.trim());
  if (wanted === undefined) throw new SetupError(`'${id}' is no import id: muster imports list shows them`);
  for await (const { item } of walkPages<ApiImport>(client, `/v1/imports?page_size=${PAGE_SIZE}`)) {
    if (item.id === wanted) return item;
  }
  throw new SetupError(`there is no import ${wanted}: see muster imports list`);
}

/** How an import stands now. Waits for a server that is away for a while. @param onWait told before each wait. */
export async function readImport(
  client: ApiClient,
  wanted: Pick<ApiImport, 'audience_id' | 'id'>,
  onWait?: () => void,
): Promise<ApiImport> {
  const ask = () => client.get<{ data: ApiImport }>(pathOf(wanted));
  return (await askSurely(ask, { onWait })).data;
}

/** Runs, undoes or cancels an import, once, although the answer may be lost; how it stands then. */
export async function actOnImport(
  client: ApiClient,
  wanted: ApiImport,
  action: 'run' | 'undo' | 'cancel',
): Promise<ApiImport> {
  let mayBeDone = false;
  const mayRepeat = (error: PassingError) => {
    mayBeDone ||= mayHaveHappened(error);
    return true;
  };
  try {
    const ask = () => client.post<{ data: ApiImport }>(`${pathOf(wanted)}/${action}`);
    return (await askSurely(ask, { mayRepeat })).data;
  } catch (error) {
    // Of what is done already the server says that it cannot be done.
    if (mayBeDone && hasCode(error, NOT_ALLOWED)) return readImport(client, wanted);
    throw error;
  }
}

/** Cancels an import, unless it is over by then; how it stands. */
export async function cancelIfOpen(client: ApiClient, wanted: ApiImport): Promise<ApiImport> {
  try {
    return await actOnImport(client, wanted, 'cancel');
  } catch (error) {
    if (hasCode(error, NOT_ALLOWED)) return readImport(client, wanted);
    throw error;
  }
}

function hasCode(error: unknown, code: number): boolean {
  return error instanceof ApiError && error.errors.some((each) => each.code === code);
}

/** The first refused rows of an import. */
export async function readRefusedRows(client: ApiClient, found: ApiImport, most: number): Promise<RefusedRow[]> {
  const wanted = Math.min(most, found.refused);
  if (wanted === 0 || found.is_expired) return [];
  const verdicts: Verdict[] = [];
  const path = `${pathOf(found)}/rows?status=refused&page_size=${Math.min(wanted, PAGE_SIZE)}`;
  for await (const { item } of walkPages<Verdict>(client, path)) {
    verdicts.push(item);
    if (verdicts.length >= wanted) break;
  }
  // The file of refused rows tells a cell's column: a verdict holds no header, and of NDJSON the line as it is.
  const [header = [], ...rows] = await readFirstRows(client.stream(refusedPath(found)), verdicts.length + 1);
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

/** The path of the file of an import's refused rows. */
export function refusedPath(found: ApiImport): string {
  return `${pathOf(found)}/refused.csv`;
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
