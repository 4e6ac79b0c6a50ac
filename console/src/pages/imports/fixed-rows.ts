import type { BulkOutcome, ContactInput, ImportRow, SingleImport } from 'muster-sdk';
import { muster } from '../../api/client.ts';
import { makeKept } from '../../parts/kept.ts';
import type { Signal } from '../../parts/signal.ts';

export const FIXABLE = ['number', 'first_name', 'last_name', 'timestamp', 'date', 'tags'] as const;
export type FixableField = (typeof FIXABLE)[number];
export type Fix = Partial<Record<FixableField, string>>;

/** What became of rows that were put right by hand. */
export type FixedRows = Record<number, 'created' | 'updated' | 'unchanged' | 'skipped'>;

const kept = new Map<string, Signal<FixedRows>>();

/** The rows of an import that were put right in this browser. */
export function fixedRows(importId: string): Signal<FixedRows> {
  let found = kept.get(importId);
  if (found === undefined) {
    found = makeKept<FixedRows>(`fixed:${importId}`, {});
    kept.set(importId, found);
  }
  return found;
}

/** What a refused row says, by field: those that its file fills. */
export function fixOf({ cells }: ImportRow, { columns, mapping, format }: SingleImport): Fix {
  const fix: Fix = { number: '' };
  const member = format === 'ndjson' ? parse(cells[0]) : undefined;
  for (const [column, field] of Object.entries(mapping)) {
    const value = member === undefined ? cells[columns.indexOf(column)] : member[column];
    const text = Array.isArray(value) ? value.join(', ') : value === undefined || value === null ? '' : String(value);
    if (field === 'full_name') {
      const words = text.trim().split(/\s+/);
      fix.last_name = words.length > 1 ? words.pop() : '';
      fix.first_name = words.join(' ');
    } else if ((FIXABLE as readonly string[]).includes(field)) fix[field as FixableField] = text;
  }
  return fix;
}

/** Brings one row into the audience, by the rules of its import. */
export async function saveFix(found: SingleImport, fix: Fix): Promise<BulkOutcome> {
  const { tags: said, ...texts } = fix;
  const filled = Object.entries(texts).filter(([, value]) => value.trim() !== '');
  const own = (said ?? '').split(/[,;|]/).map((tag) => tag.trim());
  const tags = [...new Set([...own.filter((tag) => tag !== ''), ...found.tags])];
  const contact = { number: '', ...Object.fromEntries(filled), ...(tags.length > 0 && { tags }) } as ContactInput;
  return muster.audience(found.audience_id).contacts.bulk([contact], { on_conflict: found.on_conflict });
}

function parse(line: string | undefined): Record<string, unknown> | undefined {
  try {
    return JSON.parse(line ?? '');
  } catch {
    return undefined;
  }
}
