/** What reading a contact file gives, whatever its format: its layout, its rows, and the error when it cannot be read. */
import type { ErrorCode } from '../core/errors.ts';

/** What a column of a file can fill: the fields of a contact; `full_name` is the first and the last name in one. */
export const CONTACT_FIELDS = ['number', 'first_name', 'last_name', 'full_name', 'timestamp', 'date', 'tags'] as const;
export type ContactField = (typeof CONTACT_FIELDS)[number];

export type FileFormat = 'csv' | 'tsv' | 'ndjson' | 'xlsx';

/** A column and the field it fills. */
export interface MappedColumn {
  /** Its position, from 0. In NDJSON the order in which member names are first seen. */
  column: number;
  /** Its name as the file spells it; `#3` of the third column when the file has no header. */
  header: string;
  field: ContactField;
}

/** Which column fills which field. */
export interface ColumnMapping {
  mapping: MappedColumn[];
  /** The names of the columns that fill nothing, in the file's order. */
  ignored: string[];
}

/** How a file was understood. */
export interface FileLayout extends ColumnMapping {
  format: FileFormat;
  encoding: string;
  /** The separator of a table; null in NDJSON. */
  separator: string | null;
  /** The physical line of a table's header; null in NDJSON and where there is none. */
  headerLine: number | null;
  /** Lines passed over before the header (or the first contact where there is none): titles, blank lines, what a script runner printed. */
  preambleLines: number;
  /** The header's cells as they stand in the file, `#1`, `#2`, … where it has none, or the member names seen so far. */
  header: string[];
}

/** Why a row cannot be a contact, found before any rule of the contact's fields is looked at. */
export interface RowFault {
  code: ErrorCode;
  message: string;
}

/** A row of a file: a contact to check and store, or a fault. */
export type FileRow = {
  /** The physical line where the row begins, from 1. */
  line: number;
  /** The original cells; in NDJSON a single one, the line's text. Of a faulty row what could be read of it. */
  cells: string[];
} & (
  | { contact: Record<string, unknown>; fault?: undefined } //
  | { contact?: undefined; fault: RowFault }
);

/** What reading a file yields. */
export type FileEvent =
  | { layout: FileLayout; rows?: undefined; bytes?: undefined }
  /** @param bytes how much of the file was read, for a progress bar. */
  | { rows: FileRow[]; layout?: undefined; bytes: number };

/** The file as a whole cannot be read as contacts; the message is one line, for the person who made the file. */
export class ContactFileError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ContactFileError';
  }
}
