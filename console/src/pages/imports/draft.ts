/**
 * The file that somebody is about to import into an audience, with what they said of it. It is kept in this browser until it
 * is imported, so that leaving the page or reloading it loses nothing.
 */
import type { ImportPreview, ImportSettings } from 'muster-sdk';

export type Mode = 'update' | 'skip' | 'replace';

export interface Draft {
  file: File;
  preview: ImportPreview;
  /** Column → field, of the columns whose field somebody has chosen. */
  fields: Record<string, string>;
  mode: Mode;
  /** Percent of the audience that a replacing run may remove. */
  maxRemovals: number;
  country: string | null;
  tags: string[];
  doesClear: boolean;
  /** Empty: found out. */
  encoding: string;
}

export function newDraft(file: File, preview: ImportPreview): Draft {
  const fields = preview.likely_number === null ? {} : { [preview.likely_number]: 'number' };
  const rest = { mode: 'update', maxRemovals: 10, country: null, tags: [], doesClear: false, encoding: '' } as const;
  return { file, preview, fields, ...rest, tags: [] };
}

/** The field of a column: what somebody chose, else what its name says. */
export function fieldOf({ fields, preview }: Pick<Draft, 'fields' | 'preview'>, column: string): string {
  return fields[column] ?? preview.columns.find(({ name }) => name === column)?.field ?? 'ignore';
}

/** The settings of the import that a draft describes. */
export function settingsOf(draft: Draft): ImportSettings {
  const { file, mode, maxRemovals, country, tags, doesClear, encoding, preview } = draft;
  const mapping = Object.fromEntries(preview.columns.map(({ name }) => [name, fieldOf(draft, name)]));
  return {
    file_name: file.name,
    mode: mode === 'replace' ? 'replace' : 'merge',
    on_conflict: mode === 'skip' ? 'skip' : 'update',
    max_removals: `${maxRemovals}%`,
    default_country: country ?? undefined,
    tags,
    empty: doesClear ? 'clear' : 'keep',
    encoding: encoding || undefined,
    mapping,
  };
}

const STORE = 'drafts';
/** Larger files are kept as long as the page lives: a copy of them would fill the disk. */
const MAX_KEPT = 200_000_000;
const drafts = new Map<string, Draft>();

/** The draft of an audience, as it was left; undefined when there is none. */
export async function loadDraft(audienceId: string): Promise<Draft | undefined> {
  const found = drafts.get(audienceId) ?? (await inStore('readonly', (store) => store.get(audienceId)));
  if (found !== undefined) drafts.set(audienceId, found);
  return found;
}

export function keepDraft(audienceId: string, draft: Draft): void {
  drafts.set(audienceId, draft);
  if (draft.file.size <= MAX_KEPT) void inStore('readwrite', (store) => store.put(draft, audienceId));
}

export function dropDraft(audienceId: string): void {
  drafts.delete(audienceId);
  void inStore('readwrite', (store) => store.delete(audienceId));
}

/** Works on what the browser keeps. Where it keeps nothing, as in a private window, drafts last as long as the page. */
async function inStore<Found>(
  mode: IDBTransactionMode,
  work: (store: IDBObjectStore) => IDBRequest<Found>,
): Promise<Found | undefined> {
  try {
    const database = await new Promise<IDBDatabase>((resolve, reject) => {
      const opening = indexedDB.open('muster', 1);
      opening.onupgradeneeded = () => opening.result.createObjectStore(STORE);
      opening.onsuccess = () => resolve(opening.result);
      opening.onerror = () => reject(opening.error);
    });
    const request = work(database.transaction(STORE, mode).objectStore(STORE));
    return await new Promise<Found>((resolve, reject) => {
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    }).finally(() => database.close());
  } catch {
    return undefined;
  }
}
