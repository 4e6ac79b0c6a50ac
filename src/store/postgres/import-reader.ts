/** What can be asked of imports. */
import { failure } from '../../core/errors.ts';
import type { Import, RowFateNote, VerdictBatch } from '../../core/import-job.ts';
import { IMPORT_CHUNK, type Store } from '../../core/store.ts';
import { type Database, reading } from './database.ts';
import { IS_KNOWN, lookingUp } from './fragments.ts';
import { EVER_AFTER, EVER_BEFORE, idOrNobody } from './ids.ts';
import type { ImportPlaces } from './import-places.ts';
import type { StoredFate } from './import-rows.ts';

/** Batches of verdicts that are read at once. */
const VERDICT_BATCHES = 8;
const VISIBLE = "status NOT IN ('uploading', 'abandoned')";

export function makeImportReader(
  { query }: Database,
  places: ImportPlaces,
): Pick<Store['imports'], 'get' | 'page' | 'verdicts' | 'read'> {
  /** Raises 1301, 9020. */
  async function find(
    accountId: string,
    audienceId: string,
    importId: string,
  ): Promise<{ pass: number; document: string }> {
    const values = [idOrNobody(audienceId), idOrNobody(accountId), idOrNobody(importId)];
    const [row] = await query<{ is_known: boolean; pass: number | null; document: string | null }>(GET, values);
    if (!row!.is_known) throw failure(1301);
    const { pass, document } = row!;
    if (pass === null || document === null) throw failure(9020);
    return { pass, document };
  }

  /** Of these contacts those that exist. */
  async function existing(audienceId: string, ids: string[]): Promise<Set<string>> {
    if (ids.length === 0) return new Set();
    return new Set((await query<{ id: string }>(EXISTING, [audienceId, ids])).map(({ id }) => id));
  }

  return {
    get: (accountId, audienceId, importId) =>
      reading(async (): Promise<Import> => JSON.parse((await find(accountId, audienceId, importId)).document)),

    /** Newest first: upwards through a walk is downwards through the ids. */
    page: (accountId, slice, audienceId) =>
      reading(async () => {
        const isBack = slice.direction === 'before';
        const edge = slice.position ?? (isBack ? EVER_BEFORE : EVER_AFTER);
        const of = audienceId === undefined ? null : idOrNobody(audienceId);
        const size = isBack ? slice.size : slice.size + 1;
        const text = isBack ? PAGE_BEFORE : PAGE_AFTER;
        const rows = await query<PageRow>(text, [of, idOrNobody(accountId), edge, size]);
        const { is_known, total, has_next } = rows[0]!;
        if (!is_known) throw failure(1301);
        const items = rows.flatMap(({ document }): Import[] => (document === null ? [] : [JSON.parse(document)]));
        return { items: items.slice(0, slice.size), hasNext: has_next ?? items.length > slice.size, total };
      }),

    verdicts: (accountId, audienceId, importId, after, status) =>
      reading(async () => {
        const { pass } = await find(accountId, audienceId, importId);
        const rows = await query<BatchRow>(VERDICTS[status ?? 'rows'], [audienceId, importId, pass, after]);
        const batches = rows.map(({ first_row, fates, cells }) => ({
          firstRow: first_row,
          stored: JSON.parse(fates) as StoredFate[],
          cells,
        }));
        const ids = batches.flatMap(({ stored }) => stored.map(contactOf).filter((id) => id !== ''));
        const contacts = await existing(audienceId, [...new Set(ids)]);
        return batches.map(
          ({ firstRow, stored, cells }): VerdictBatch => ({
            firstRow,
            fates: stored.map((fate) => showFate(fate, contacts)),
            cells,
          }),
        );
      }),

    async read(importId, offset, length) {
      const audienceId = await places.find(importId);
      if (audienceId === undefined || length <= 0) return Buffer.alloc(0);
      const first = Math.floor(offset / IMPORT_CHUNK);
      const last = Math.floor((offset + length - 1) / IMPORT_CHUNK);
      const chunks = await reading(() => query<{ bytes: Uint8Array }>(READ, [audienceId, importId, first, last]));
      const bytes = chunks.length === 1 ? chunks[0]!.bytes : Buffer.concat(chunks.map((chunk) => chunk.bytes));
      const from = offset - first * IMPORT_CHUNK;
      return bytes.subarray(from, from + length);
    },
  };
}

function contactOf(fate: StoredFate): string {
  return fate === 0 || fate[0] === 'refused' ? '' : fate[1];
}

function showFate(fate: StoredFate, contacts: Set<string>): RowFateNote {
  const nothing = { contact_id: null, repeats_line: null, refusal: null };
  if (fate === 0) return { ...nothing, status: 'refused' };
  if (fate[0] === 'refused') return { ...nothing, status: 'refused', refusal: fate[1] };
  const [status, id, repeats] = fate;
  const contact_id = contacts.has(id) ? id : null;
  return { ...nothing, status, contact_id, repeats_line: repeats === 0 ? null : repeats };
}

const GET = `
  SELECT ${IS_KNOWN} AS is_known, found.pass, found.document
  FROM (SELECT) AS one LEFT JOIN imports AS found ON found.audience_id = $1 AND found.id = $3 AND ${VISIBLE}`;

interface PageRow {
  is_known: boolean;
  document: string | null;
  total: number;
  has_next: boolean | null;
}

/** What an audience had is gone with it, though it may still be there to be purged. */
const HAS_AUDIENCE = 'EXISTS (SELECT FROM audiences AS a WHERE a.id = audience_id AND a.deleted_at IS NULL)';
const ALL = `FROM imports WHERE account_id = $2 AND ${VISIBLE} AND ${HAS_AUDIENCE} AND ($1::uuid IS NULL OR audience_id = $1)`;
const PAGE_AFTER = pageStatement('<', 'DESC', 'NULL::boolean');
const PAGE_BEFORE = pageStatement('>', 'ASC', `EXISTS (SELECT ${ALL} AND id <= $3)`);

/** The imports of a page, each with what belongs to the whole page; an empty page is one row without an import. */
function pageStatement(than: string, order: string, hasNext: string): string {
  return `
    WITH page AS (SELECT id, document ${ALL} AND id ${than} $3 ORDER BY id ${order} LIMIT $4)
    SELECT whole.*, page.document
    FROM (
      SELECT $1::uuid IS NULL OR ${IS_KNOWN} AS is_known, (SELECT count(*) ${ALL})::float8 AS total, ${hasNext} AS has_next
    ) AS whole
    LEFT JOIN page ON true
    ORDER BY page.id DESC`;
}

interface BatchRow {
  first_row: number;
  fates: string;
  cells: Uint8Array;
}

const VERDICTS = Object.fromEntries(
  (['created', 'updated', 'unchanged', 'skipped', 'refused', 'rows'] as const).map((column) => [
    column,
    `SELECT first_row, fates, cells FROM import_batches
     WHERE audience_id = $1 AND import_id = $2 AND pass = $3 AND first_row + rows - 1 > $4 AND ${column} > 0
     ORDER BY batch LIMIT ${VERDICT_BATCHES}`,
  ]),
) as Record<'created' | 'updated' | 'unchanged' | 'skipped' | 'refused' | 'rows', string>;

const EXISTING = lookingUp('id', 'id');

const READ = `
  SELECT bytes FROM import_chunks
  WHERE audience_id = $1 AND import_id = $2 AND sequence BETWEEN $3 AND $4 ORDER BY sequence`;
