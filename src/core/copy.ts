/**
 * Copying an installation from one store to another: what travels, in which form, and what a store does for it. Here is the
 * one list of tables that are copied; each store says beside it how its own tables differ from that, and a test compares
 * both with the schemas.
 */
import type { Store } from './store.ts';

/** `id` is a UUID, `moment` milliseconds since the epoch, `boolean` a number where the store has none. */
export type CopyForm = 'id' | 'text' | 'integer' | 'boolean' | 'bytes' | 'moment';
export type CopyValue = string | number | boolean | Uint8Array | null;
/** A row as it travels: column → value. */
export type CopyRecord = Record<string, CopyValue>;

export interface CopiedTable {
  /** What its rows belong to: they are read, written and compared within it, and without naming it. */
  of: 'installation' | 'audience' | 'import';
  columns: Record<string, CopyForm>;
  /** The columns that tell rows apart, and in whose order they are read; the first when nothing is said. */
  key?: string[];
  /** Rows that are held at once. */
  rows: number;
}

/**
 * The tables that are copied, in this order. A new table is a line here. A store in which it is more than a table of this name
 * and these columns says so in its `copy-tables.ts`; what is not to be copied is named there, with the reason.
 */
export const COPIED_TABLES = {
  accounts: { of: 'installation', rows: 500, columns: { id: 'id', name: 'text', create_date: 'text' } },
  keys: {
    of: 'installation',
    rows: 500,
    columns: {
      id: 'id',
      account_id: 'id',
      name: 'text',
      prefix: 'text',
      scope: 'text',
      hash: 'bytes',
      create_date: 'text',
      last_use_date: 'text',
      expire_date: 'text',
    },
  },
  sessions: {
    of: 'installation',
    rows: 500,
    columns: {
      id: 'id',
      key_id: 'id',
      hash: 'bytes',
      create_date: 'text',
      last_use_date: 'text',
      expire_date: 'text',
    },
  },
  sign_in_links: { of: 'installation', rows: 500, columns: { hash: 'bytes', key_id: 'id', expire_date: 'text' } },
  audiences: {
    of: 'installation',
    rows: 500,
    columns: {
      id: 'id',
      account_id: 'id',
      name: 'text',
      name_key: 'text',
      channel: 'text',
      create_date: 'text',
      update_date: 'text',
    },
  },
  imports: {
    of: 'audience',
    rows: 100,
    columns: {
      id: 'id',
      account_id: 'id',
      status: 'text',
      phase: 'text',
      pass: 'integer',
      batches: 'integer',
      /** To be undone, in the phase `undo`. */
      batches_left: 'integer',
      /** While there is work to be done: how far removing is, and the audience's last contact when the pass began. */
      removed_to: 'id',
      last_id: 'id',
      is_cancelled: 'boolean',
      finished: 'moment',
      document: 'text',
    },
  },
  // A record without a document is the place of a contact that an undo would put back.
  contacts: {
    of: 'audience',
    rows: 5000,
    columns: {
      id: 'id',
      document: 'text',
      revision: 'integer',
      import_id: 'id',
      import_line: 'integer',
      import_changed: 'boolean',
    },
  },
  import_chunks: { of: 'import', rows: 16, columns: { sequence: 'integer', bytes: 'bytes' } },
  // Fates and undo data name contacts by their ids.
  import_batches: {
    of: 'import',
    rows: 16,
    columns: {
      batch: 'integer',
      first_row: 'integer',
      rows: 'integer',
      created: 'integer',
      updated: 'integer',
      unchanged: 'integer',
      skipped: 'integer',
      refused: 'integer',
      fates: 'text',
      cells: 'bytes',
      undo: 'text',
    },
  },
  import_numbers: { of: 'import', rows: 2000, columns: { number: 'text', line: 'integer', document: 'text' } },
  // What was carried out is not carried out again by whoever asks again after the move.
  idempotency_keys: {
    of: 'installation',
    rows: 200,
    columns: { id: 'id', fingerprint: 'text', note: 'text', outcome: 'bytes', made: 'integer' },
  },
} as const satisfies Record<string, CopiedTable>;

export type CopiedName = keyof typeof COPIED_TABLES;
export const COPIED_NAMES = Object.keys(COPIED_TABLES) as CopiedName[];

export function copiedTable(name: CopiedName): CopiedTable {
  return COPIED_TABLES[name];
}

/** A row of `contacts` as it travels. */
export type CopiedContact = {
  id: string;
  /** Null of a place that is kept for a contact. */
  document: string | null;
  revision: number;
  import_id: string | null;
  import_line: number | null;
  import_changed: boolean | null;
};

/** The columns that a table's rows are read in the order of. */
export function keyOf(name: CopiedName): string[] {
  const { key, columns } = copiedTable(name);
  return key ?? Object.keys(columns).slice(0, 1);
}

/** Rows of a table that are copied one after the other: all of it, or those of an audience or of an import. */
export interface CopyUnit {
  table: CopiedName;
  audience?: string;
  import?: string;
  /** Imports once more, behind their audience's contacts: what they say of these can be said only then. */
  isAgain?: boolean;
}

/** The key of the last row that was read. */
export type CopyPosition = CopyValue[];

export interface CopyPage {
  records: CopyRecord[];
  /** Of the last record; null at the end, where there is none. */
  position: CopyPosition | null;
}

/** How far a copy is: what it wrote last. */
export interface Checkpoint {
  unit: CopyUnit;
  position: CopyPosition;
}

/** How much there is of what takes time. */
export interface CopySize {
  contacts: number;
  import_chunks: number;
  import_batches: number;
}

/** A store as a copy reads and fills it. Nobody else serves or changes it meanwhile. */
export interface CopyStore {
  /** What clients would see. */
  store: Store;
  size(): Promise<CopySize>;
  /** Rows behind a position; of imports whose upload is not over, of deleted audiences and of what is let go of none. */
  page(unit: CopyUnit, after: CopyPosition | null): Promise<CopyPage>;

  /**
   * Takes an empty store as the target of a copy, or a copy up again: how far it is. From now on the store opens for nothing
   * else. Raises SetupError when something is in it that this copy did not write.
   * @param source what tells this copy from others.
   */
  begin(source: string): Promise<Checkpoint | undefined>;
  /** Writes rows and the checkpoint in one transaction. Raises SetupError when another process goes on with the copy. */
  load(unit: CopyUnit, records: CopyRecord[], checkpoint: Checkpoint): Promise<void>;
  /** All rows are there: counters and indexes follow. It may be called again. @param tell what it does now. */
  settle(tell: (what: string) => void): Promise<void>;
  /** The copy is whole: the store opens as any other. */
  release(): Promise<void>;

  close(): Promise<void>;
}

/** What an unfinished copy says to whoever would open its target. @param place the store, for people. */
export function unfinished(place: string): string {
  return `${place} is the target of a copy that is not finished: run the same muster copy again, which goes on where it was`;
}

/** A checkpoint as text, and back. */
export function writeCheckpoint({ unit, position }: Checkpoint): string {
  const plain = position.map((value) =>
    value instanceof Uint8Array ? { hex: Buffer.from(value).toString('hex') } : value,
  );
  return JSON.stringify({ unit, position: plain });
}

export function readCheckpoint(text: string): Checkpoint {
  const { unit, position } = JSON.parse(text) as { unit: CopyUnit; position: (CopyValue | { hex: string })[] };
  const values = position.map((value) =>
    typeof value === 'object' && value !== null && 'hex' in value ? Buffer.from(value.hex as string, 'hex') : value,
  );
  return { unit, position: values };
}
