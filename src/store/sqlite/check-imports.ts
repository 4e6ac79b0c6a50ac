import { createHash } from 'node:crypto';
import type { Import } from '../../core/import-job.ts';
import type { Finding } from '../../core/store.ts';
import type { DatabaseSync } from './database.ts';

const FATES = ['created', 'updated', 'unchanged', 'skipped', 'refused'] as const;

/**
 * Checks imports: each file against its size and SHA-256, the verdicts that are kept against the counts, and that nothing
 * belongs to an import that does not exist.
 */
export function checkImports(db: DatabaseSync, most: number): Finding[] {
  const imports = db.prepare(
    "SELECT no, id, pass, document FROM imports WHERE status NOT IN ('uploading', 'abandoned') ORDER BY no",
  );
  const chunks = db.prepare('SELECT sequence, bytes FROM import_chunks WHERE import_no = ? ORDER BY sequence');
  const sums = db.prepare(
    `SELECT coalesce(sum(rows), 0) AS rows_done, ${FATES.map((fate) => `coalesce(sum(${fate}), 0) AS ${fate}`).join(', ')}
     FROM import_batches WHERE import_no = ? AND pass = ?`,
  );
  const findings: Finding[] = [];
  for (const row of imports.iterate() as Iterable<{ no: number; id: string; pass: number; document: string }>) {
    if (findings.length >= most) return findings;
    const found: Import = JSON.parse(row.document);
    const where = `import ${row.id}`;
    if (found.is_expired) continue;
    const parts = chunks.iterate(row.no) as Iterable<{ sequence: number; bytes: Uint8Array }>;
    if (!isWhole(parts, found.file)) findings.push({ what: 'its file is not the one that was uploaded', where });
    const kept = sums.get(row.no, row.pass) as Record<string, number>;
    for (const name of ['rows_done', ...FATES] as const) {
      if (kept[name] === found[name]) continue;
      findings.push({ what: `its ${name} is ${found[name]}, its verdicts say ${kept[name]}`, where });
    }
  }
  return [...findings, ...findStrays(db, most)].slice(0, most);
}

function isWhole(parts: Iterable<{ sequence: number; bytes: Uint8Array }>, { bytes, sha256 }: Import['file']): boolean {
  const hash = createHash('sha256');
  let size = 0;
  let next = 0;
  for (const part of parts) {
    if (part.sequence !== next++) return false;
    size += part.bytes.length;
    hash.update(part.bytes);
  }
  return size === bytes && hash.digest('hex') === sha256;
}

/** Rows that name an import, by their table and what they are called. */
const BELONGINGS = {
  import_chunks: 'a piece of a file',
  import_batches: 'a batch of verdicts',
  import_numbers: 'a number of a rehearsal',
  contacts: 'a contact',
};

function findStrays(db: DatabaseSync, most: number): Finding[] {
  return Object.entries(BELONGINGS).flatMap(([table, name]) => {
    const strays = db.prepare(
      `SELECT DISTINCT import_no AS no FROM ${table}
       WHERE import_no IS NOT NULL AND import_no NOT IN (SELECT no FROM imports) LIMIT ?`,
    );
    return (strays.all(most) as { no: number }[]).map(({ no }) => ({
      what: `${name} names an import that does not exist`,
      where: `import row ${no}`,
    }));
  });
}
