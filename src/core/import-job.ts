/**
 * An import: a file that is on its way into an audience, what was asked of it, and what has become of its rows. Here is what
 * jobs, stores and the API say about it; every row's fate is decided by `judgeRow`, in rehearsals and in earnest.
 */
import { applyChange, type ContactDetails, type ContactInput, fillContact, MAX_TAGS } from './contact-fields.ts';
import type { ErrorCode } from './errors.ts';

export type ImportStatus = 'queued' | 'running' | 'completed' | 'failed' | 'cancelled' | 'undone';

/**
 * What an import's job does now. `rehearse` judges every row and changes nothing; `apply` changes the audience; `remove` takes
 * out what a file that replaces an audience does not hold; `undo` takes everything back.
 */
export type ImportPhase = 'rehearse' | 'apply' | 'remove' | 'undo';

/** What an edit of many contacts does to each of them. Its tags are those of its options. */
export const EDIT_ACTIONS = ['add_tags', 'remove_tags', 'delete'] as const;
export type EditAction = (typeof EDIT_ACTIONS)[number];

/** What was asked for, with every default filled in. */
export interface ImportOptions {
  name: string | null;
  dry_run: boolean;
  mode: 'merge' | 'replace';
  on_conflict: 'update' | 'skip';
  /** What an empty cell does to a field of a contact that exists. */
  empty: 'keep' | 'clear';
  /** ISO 3166, two letters: the country of numbers without one. */
  default_country: string | null;
  /** Added to every row's contact. */
  tags: string[];
  /** Column → field or `ignore`; columns that are not named are recognised. */
  columns: Record<string, string>;
  /** The most a replacing run may remove: a number of contacts (`500`) or a part of them (`10%`). */
  max_removals: string;
  /** A label of the WHATWG Encoding Standard; null is found out. */
  encoding: string | null;
  format: 'csv' | 'tsv' | 'ndjson' | 'xlsx' | null;
  /** Of an edit of many: its file is the numbers of the contacts, a line each. Absent: a file of contacts is imported. */
  action?: EditAction;
}

export interface ImportFile {
  name: string | null;
  bytes: number;
  /** Of the file as it was uploaded, in hexadecimal. */
  sha256: string;
}

/** How the file was understood. */
export interface ImportLayout {
  format: string;
  encoding: string;
  /** Column → field, of the columns that fill one. */
  mapping: Record<string, string>;
  ignored_columns: string[];
  /** The file's own header. */
  header: string[];
}

/** What became of the rows so far: the five fates, and with an edit those removed, add up to `rows_done`. */
export interface ImportCounts {
  rows_done: number;
  created: number;
  updated: number;
  unchanged: number;
  skipped: number;
  refused: number;
  refused_by_code: Record<string, number>;
  /** Contacts that the audience had and the file has not: removed, or in a rehearsal to be removed; those an edit deleted. */
  removed: number;
}

/** What an undo has done so far. */
export interface ImportUndo {
  /** Contacts that the import had created and that are gone again. */
  deleted: number;
  /** Contacts that are as they were before the import, those it had removed included. */
  restored: number;
  /** Contacts that somebody else changed after the import: they stay as they are. */
  left_alone: number;
}

export interface Import extends ImportOptions, ImportCounts {
  id: string;
  account_id: string;
  audience_id: string;
  status: ImportStatus;
  phase: ImportPhase;
  file: ImportFile;
  /** Null until the file's beginning was read. */
  layout: ImportLayout | null;
  /** Known when the whole file was read once. */
  rows_total: number | null;
  /** How much of the file was read in this phase, for a progress bar. */
  bytes_done: number;
  /** Contacts of the audience that rows of the file met, each once. */
  met: number;
  undo: ImportUndo | null;
  /** Why it failed. */
  error: { code: ErrorCode; message: string } | null;
  create_date: string;
  start_date: string | null;
  finish_date: string | null;
  /** Whether its file, verdicts and undo data are gone: it can no longer be run or undone. */
  is_expired: boolean;
}

/** Why a row is refused: its code, a machine's word for it, and a sentence for the file's author. */
export interface Refusal {
  code: ErrorCode;
  reason: string;
  message: string;
}

/**
 * A row as the job hands it to the store: a contact that keeps all rules, or a refusal. Of an edit it has the id of the contact that
 * was chosen: whoever else has the number by now is not meant.
 */
export type ImportRow =
  | { line: number; contact: ContactInput; id?: string; refusal?: undefined }
  | { line: number; contact?: undefined; refusal: Refusal };

/** Rows of a file, applied with their verdicts and the checkpoint in one transaction. */
export interface ImportBatch {
  /** How many rows of the file come before it. */
  from: number;
  rows: ImportRow[];
  /** What the file says of the rows, packed (`packCells`): stored as it is and given back with the verdicts. */
  cells: Uint8Array;
  /** How much of the file was read. */
  bytes: number;
  /** Whether the file ends here. */
  isLast: boolean;
}

/** What a job may do next: `stopped` when it was cancelled, `lost` when another process has the job. */
export type JobSignal = 'go on' | 'stopped' | 'lost';

export type RowStatus = 'created' | 'updated' | 'unchanged' | 'skipped' | 'refused';
export const ROW_STATUSES: readonly RowStatus[] = ['created', 'updated', 'unchanged', 'skipped', 'refused'];
/** The same, and what alone an edit does. */
export type RowOutcome = RowStatus | 'removed';

/** What became of a row, as the store keeps it. */
export interface RowFateNote {
  status: RowOutcome;
  /** The contact, while it exists. */
  contact_id: string | null;
  /** The earlier line of the file with the same number. */
  repeats_line: number | null;
  /** Why the store refused it; what the file refused is among its cells. */
  refusal: Refusal | null;
}

/** Verdicts of a batch: fates, and the packed cells that belong to them, in the same order. */
export interface VerdictBatch {
  /** Number of the batch's first row, from 1. */
  firstRow: number;
  fates: RowFateNote[];
  cells: Uint8Array;
}

/** What a row does to the contact its number belongs to. */
export type Judgement =
  | { status: 'created' | 'updated'; after: ContactDetails }
  | { status: 'unchanged' | 'skipped' | 'removed' }
  | { status: 'refused'; refusal: Refusal };

const TOO_MANY_TAGS: Refusal = {
  code: 1359,
  reason: 'too_many_tags',
  message: `With these tags the contact would have more than ${MAX_TAGS}`,
};

/** Decides what a row does. @param existing the contact with its number, as the rows before it left it. */
export function judgeRow<Existing extends ContactDetails>(
  existing: Existing | undefined,
  row: ContactInput,
  options: Pick<ImportOptions, 'on_conflict' | 'tags' | 'action'>,
): Judgement {
  const { on_conflict, tags, action } = options;
  if (action !== undefined) return judgeEdit(existing, action, tags);
  if (existing !== undefined && on_conflict === 'skip') return { status: 'skipped' };
  let change = row;
  if (tags.length > 0) {
    const all = [...new Set([...(row.tags ?? existing?.tags ?? []), ...tags])];
    if (all.length > MAX_TAGS) return { status: 'refused', refusal: TOO_MANY_TAGS };
    change = { ...row, tags: all };
  }
  if (existing === undefined) return { status: 'created', after: fillContact(change) };
  const after = applyChange(existing, change);
  return after === undefined ? { status: 'unchanged' } : { status: 'updated', after };
}

/** What an edit does to a contact. One that is gone since it was chosen is left out. */
function judgeEdit(existing: ContactDetails | undefined, action: EditAction, tags: string[]): Judgement {
  if (existing === undefined) return { status: 'skipped' };
  if (action === 'delete') return { status: 'removed' };
  const all =
    action === 'add_tags'
      ? [...new Set([...existing.tags, ...tags])]
      : existing.tags.filter((tag) => !tags.includes(tag));
  if (all.length > MAX_TAGS) return { status: 'refused', refusal: TOO_MANY_TAGS };
  const after = applyChange(existing, { tags: all });
  return after === undefined ? { status: 'unchanged' } : { status: 'updated', after };
}

/** How many contacts `max_removals` allows to be removed of `count`. */
export function allowedRemovals(maxRemovals: string, count: number): number {
  const number = Number.parseFloat(maxRemovals);
  return maxRemovals.endsWith('%') ? Math.floor((count * number) / 100) : number;
}

/** The counts before the first row. */
export function noCounts(): ImportCounts {
  return {
    rows_done: 0,
    created: 0,
    updated: 0,
    unchanged: 0,
    skipped: 0,
    refused: 0,
    refused_by_code: {},
    removed: 0,
  };
}

/** Whether an import of this status has work left to be done. */
export function isOpen(status: ImportStatus): boolean {
  return status === 'queued' || status === 'running';
}
