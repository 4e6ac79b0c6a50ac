/** What travels about imports, spelled as on the wire. */
import type { MusterDate } from './types.ts';

export type ImportStatus = 'queued' | 'running' | 'completed' | 'failed' | 'cancelled' | 'undone';

export type EditAction = 'add_tags' | 'remove_tags' | 'delete';

/**
 * An import of a file into an audience, or an edit of many of its contacts. `created + updated + unchanged + skipped + refused` are
 * `rows_done`, always, with `removed` where an edit deletes.
 */
export interface Import {
  /** Ids sort by creation. */
  id: string;
  account_id: string;
  audience_id: string;
  kind: 'file' | 'edit';
  /** What an edit does; `null` of a file. */
  action: EditAction | null;
  /** The file's name unless another was given. */
  name: string | null;
  status: ImportStatus;
  /** What is or was done last. */
  phase: 'rehearse' | 'apply' | 'remove' | 'undo';
  /** Whether it only says what a run would do. */
  dry_run: boolean;
  mode: 'merge' | 'replace';
  on_conflict: 'update' | 'skip';
  empty: 'keep' | 'clear';
  default_country: string | null;
  /** Added to every row's contact. */
  tags: string[];
  /** The most that a replacing run may remove: `500`, or `10%`. */
  max_removals: string;
  file: { name: string | null; bytes: number; sha256: string };
  format: 'csv' | 'tsv' | 'ndjson' | 'xlsx' | null;
  encoding: string | null;
  /** The file's columns in their order, which is that of the cells of its rows. */
  columns: string[];
  /** The columns that fill a field, and which. */
  mapping: Record<string, string>;
  ignored_columns: string[];
  /** Rows of the file, once it was read to its end. */
  rows_total: number | null;
  rows_done: number;
  bytes_done: number;
  created: number;
  updated: number;
  unchanged: number;
  skipped: number;
  refused: number;
  /** Refused rows by the code of their error. */
  refused_by_code: Record<string, number>;
  /** Contacts removed since the file has not got them; of a dry run those that would be. */
  removed: number;
  /** What an undo did. */
  undo: { deleted: number; restored: number; left_alone: number } | null;
  /** Why it failed. */
  error: { code: number; message: string } | null;
  create_date: MusterDate;
  start_date: MusterDate | null;
  finish_date: MusterDate | null;
  /** Until when it can be run or undone. */
  expire_date: MusterDate | null;
  /** Whether its file, rows and undo data are gone. */
  is_expired: boolean;
}

/** An import with absolute URLs of what belongs to it. */
export interface SingleImport extends Import {
  links: { self: string; audience: string; rows: string; refused: string; events: string };
}

/** How a file would be read. */
export interface ImportPreview {
  format: NonNullable<Import['format']>;
  encoding: string;
  /** Between the cells of a table that is text. */
  separator: string | null;
  has_header: boolean;
  /** In the file's order: by the name that a `mapping` gives them, with the field they fill and their first cells. */
  columns: { name: string; field: string | null; samples: string[] }[];
  /** The column that looks like the one with the numbers, where none has its name. */
  likely_number: string | null;
}

export type RowStatus = 'created' | 'updated' | 'unchanged' | 'skipped' | 'refused';

/** What became of a row of a file, or in a dry run would. */
export interface ImportRow {
  /** The row's number in the file, from 1. */
  row: number;
  /** The line where it begins. */
  line: number;
  /** An edit alone has `removed`. */
  status: RowStatus | 'removed';
  /** E.164 digits; `null` when it is refused. */
  number: string | null;
  /** The contact, while it exists. */
  contact_id: string | null;
  /** The earlier line with the same number. */
  repeats_line: number | null;
  /** Which rule it breaks. */
  code: number | null;
  /** The same for machines, more exactly. */
  reason: string | null;
  /** The same for the file's author. */
  message: string | null;
  /** What was put right in the number. */
  mended: string[];
  /** Its cells as the file has them. */
  cells: string[];
}

/** How a file is to be imported. */
export interface ImportSettings {
  /** The file's name: its ending tells the format. A `File` brings its own. */
  file_name?: string;
  /** What to call the import. */
  name?: string;
  /** Only judge the rows; `run` does it afterwards. */
  dry_run?: boolean;
  /** `replace`: afterwards the audience holds exactly the contacts of the file. */
  mode?: Import['mode'];
  /** A replacing run that would remove more stops before it changes anything: a count, or a part as `10%` (the default). */
  max_removals?: number | string;
  /** What rows do to contacts that exist. */
  on_conflict?: Import['on_conflict'];
  /** What an empty cell does to a contact that exists. */
  empty?: Import['empty'];
  /** The country of numbers without one: two letters. */
  default_country?: string;
  /** Added to every row's contact. */
  tags?: string[];
  /** Columns, by name or by place from `#1`, and the fields they fill, where their names do not tell. */
  mapping?: Record<string, string>;
  /** A label of the WHATWG Encoding Standard; otherwise it is found out. */
  encoding?: string;
  /** Otherwise the name of the file tells, or its content. */
  format?: NonNullable<Import['format']>;
}
