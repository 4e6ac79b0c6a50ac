import { readDocument } from '../../core/contact-document.ts';
import { failure } from '../../core/errors.ts';
import { neighbourId } from '../../core/ids.ts';
import type { Import, RowFateNote, RowStatus, VerdictBatch } from '../../core/import-job.ts';
import { IMPORT_CHUNK, type Page, type Slice } from '../../core/store.ts';
import type { DatabaseSync, InTransaction, StatementSync } from './database.ts';
import type { StoredFate } from './import-rows.ts';
import { bothWays, EVER_AFTER, EVER_BEFORE, takeSlice } from './slices.ts';

/** Batches of verdicts that are read at once. */
const VERDICT_BATCHES = 8;
const VISIBLE = "status NOT IN ('uploading', 'abandoned')";
/** What an audience had is gone with it, though it may still be there to be purged. */
const HAS_AUDIENCE = `EXISTS (SELECT 1 FROM audiences AS a WHERE a.no = audience_no AND a.delete_date IS NULL)`;

interface BatchRow {
  first_row: number;
  fates: string;
  cells: Uint8Array;
}

/** What can be asked of imports. @param findAudience raises 1301. */
export function makeImportReader(
  db: DatabaseSync,
  inTransaction: InTransaction,
  findAudience: (accountId: string, audienceId: string) => { no: number },
) {
  const one = db.prepare(`SELECT no, pass, document FROM imports WHERE id = ? AND audience_no = ? AND ${VISIBLE}`);
  const pages = bothWays(
    db,
    `SELECT document FROM imports
     WHERE account_id = ?1 AND id BETWEEN ?2 AND ?3 AND ${VISIBLE} AND ${HAS_AUDIENCE} AND (?4 IS NULL OR audience_no = ?4)`,
    'id',
    '?5',
  );
  const count = db.prepare(
    `SELECT count(*) AS total FROM imports
     WHERE account_id = ?1 AND ${VISIBLE} AND ${HAS_AUDIENCE} AND (?2 IS NULL OR audience_no = ?2)`,
  );
  const chunk = db.prepare(
    `SELECT c.bytes FROM imports AS i JOIN import_chunks AS c ON c.import_no = i.no WHERE i.id = ? AND c.sequence = ?`,
  );
  const batches = Object.fromEntries(
    (['created', 'updated', 'unchanged', 'skipped', 'refused', 'rows'] as const).map((column) => [
      column,
      db.prepare(
        `SELECT first_row, fates, cells FROM import_batches
         WHERE import_no = ? AND pass = ? AND first_row + rows - 1 > ? AND ${column} > 0 ORDER BY batch LIMIT ${VERDICT_BATCHES}`,
      ),
    ]),
  ) as Record<RowStatus | 'rows', StatementSync>;
  const contact = db.prepare('SELECT document FROM contacts WHERE no = ?');

  function find(accountId: string, audienceId: string, importId: string) {
    const { no } = findAudience(accountId, audienceId);
    const row = one.get(importId, no);
    if (row === undefined) throw failure(9020);
    return row as { no: number; pass: number; document: string };
  }

  function showFate(fate: StoredFate): RowFateNote {
    const nothing = { contact_id: null, repeats_line: null, refusal: null };
    if (fate === 0) return { ...nothing, status: 'refused' };
    if (fate[0] === 'refused') return { ...nothing, status: 'refused', refusal: fate[1] };
    const [status, no, repeats] = fate;
    const row = no === 0 ? undefined : (contact.get(no) as { document: string } | undefined);
    const contact_id = row === undefined ? null : readDocument(row.document).id;
    return { ...nothing, status, contact_id, repeats_line: repeats === 0 ? null : repeats };
  }

  return {
    getImport(accountId: string, audienceId: string, importId: string): Import {
      return JSON.parse(find(accountId, audienceId, importId).document);
    },

    /** Newest first: upwards through a walk is downwards through the ids. */
    pageImports(accountId: string, slice: Slice, audienceId?: string): Required<Page<Import>> {
      return inTransaction(() => {
        const of = audienceId === undefined ? null : findAudience(accountId, audienceId).no;
        const edge = slice.position ?? (slice.direction === 'after' ? EVER_AFTER : EVER_BEFORE);
        const read = (statement: StatementSync, low: string, high: string, size: number) =>
          (statement.all(accountId, low, high, of, size) as { document: string }[]).map(
            ({ document }): Import => JSON.parse(document),
          );
        const page = takeSlice(slice, {
          after: (size) => read(pages.down, EVER_BEFORE, neighbourId(edge, -1n), size),
          before: (size) => read(pages.up, neighbourId(edge, 1n), EVER_AFTER, size),
          from: (size) => read(pages.down, EVER_BEFORE, edge, size),
        });
        const { total } = count.get(accountId, of) as { total: number };
        return { ...page, total };
      });
    },

    readVerdicts(
      accountId: string,
      audienceId: string,
      importId: string,
      after: number,
      status?: RowStatus,
    ): VerdictBatch[] {
      const { no, pass } = find(accountId, audienceId, importId);
      const rows = batches[status ?? 'rows'].all(no, pass, after) as unknown as BatchRow[];
      return rows.map(({ first_row, fates, cells }) => ({
        firstRow: first_row,
        fates: (JSON.parse(fates) as StoredFate[]).map(showFate),
        cells,
      }));
    },

    readFile(importId: string, offset: number, length: number): Uint8Array {
      const parts: Uint8Array[] = [];
      for (let at = offset; at < offset + length; ) {
        const sequence = Math.floor(at / IMPORT_CHUNK);
        const found = chunk.get(importId, sequence) as { bytes: Uint8Array } | undefined;
        if (found === undefined) break;
        const from = at - sequence * IMPORT_CHUNK;
        const part = found.bytes.subarray(from, from + offset + length - at);
        if (part.length === 0) break;
        parts.push(part);
        at += part.length;
      }
      return parts.length === 1 ? parts[0]! : Buffer.concat(parts);
    },
  };
}
