import { type CopiedName, copiedTable, keyOf } from '../../core/copy.ts';

/** How a table of this store differs from what is copied of it. */
export interface CopyTable {
  /** Rows that are copied; all when nothing is said. */
  where?: string;
  /** Column → the expression it is read as. */
  read?: Record<string, string>;
  /** The columns whose order rows are read in, where it is not the key's. */
  order?: string[];
  /** Column → what is written into it besides. */
  besides?: Record<string, string>;
  /** Columns of the table that the store fills by itself, or whose meaning travels in another column. */
  own?: string[];
}

const IS_OPEN = "status IN ('queued', 'running')";
/** The audience's last contact up to a row number. */
const lastUpTo = (no: string) =>
  `(SELECT c.id FROM contacts AS c WHERE c.no BETWEEN imports.audience_no << 32 AND ${no} ORDER BY c.no DESC LIMIT 1)`;

/** The import that a contact's row names. */
export const IMPORT_ID = '(SELECT id FROM imports WHERE no = import_no)';

export const TABLES: Partial<Record<CopiedName, CopyTable>> = {
  accounts: { order: ['no'], own: ['no'] },
  keys: { order: ['no'], own: ['no'] },
  sessions: { own: ['no'] },
  audiences: {
    where: 'delete_date IS NULL',
    besides: { contacts_count: '0', last_sequence: '0' },
    own: ['no', 'delete_date', 'numbered_sequence'],
  },
  imports: {
    where: "status NOT IN ('uploading', 'abandoned')",
    read: {
      batches_left: "CASE phase WHEN 'undo' THEN cursor ELSE 0 END",
      removed_to: `CASE WHEN phase = 'remove' AND ${IS_OPEN} THEN ${lastUpTo('imports.cursor')} END`,
      last_id: `CASE WHEN ${IS_OPEN} THEN ${lastUpTo('imports.last_no')} END`,
    },
    own: ['no', 'audience_id', 'cursor', 'last_no', 'owner', 'lease_until', 'has_garbage'],
  },
  contacts: { read: { import_id: IMPORT_ID }, own: ['no', 'number', 'import_no', 'open_document'] },
  idempotency_keys: { order: ['no'], own: ['no'] },
  import_chunks: { own: ['no'] },
  import_batches: { own: ['no'] },
  // What a rehearsal notes is needed while it goes on.
  import_numbers: { where: `(SELECT ${IS_OPEN} FROM imports WHERE no = import_no)` },
};

/** Tables that are not copied, and why. */
export const NOT_COPIED: Record<string, string> = {
  contact_numbers: 'made anew of the contacts',
  tags: 'made anew of the contacts',
  contact_tags: 'made anew of the contacts',
  contact_tags_waiting: 'made anew of the contacts',
  migrations: 'the target is made by its own',
  contacts_search: 'made anew of the contacts',
  contacts_unindexed: 'made anew of the contacts',
};

/** Columns that say to what a row belongs, with their value: of the unit's audience, or import. */
export const BELONGS = {
  installation: {},
  audience: { audience_no: '(SELECT no FROM audiences WHERE id = ?)' },
  import: {
    import_no: '(SELECT no FROM imports WHERE id = ?)',
    pass: '(SELECT pass FROM imports WHERE id = ?)',
  },
} as const satisfies Record<string, Record<string, string>>;

/** A table has no pass where all of its rows are of the import itself. */
const WITHOUT_PASS = new Set<CopiedName>(['import_chunks']);

export function belongs(name: CopiedName): [column: string, value: string][] {
  return Object.entries(BELONGS[copiedTable(name).of]).filter(
    ([column]) => column !== 'pass' || !WITHOUT_PASS.has(name),
  );
}

/** The columns of a table that the copy knows of. */
export function knownColumns(name: CopiedName): string[] {
  const { own = [], besides = {}, read = {} } = TABLES[name] ?? {};
  const moved = Object.keys(copiedTable(name).columns).filter((column) => !(column in read));
  const all = [...moved, ...own, ...Object.keys(besides), ...belongs(name).map(([column]) => column)];
  return [...new Set(all)];
}

/** The statements that read and write a table's rows as they are. */
export function statementsOf(name: CopiedName) {
  const { where = '1', read = {}, order = keyOf(name), besides = {} } = TABLES[name] ?? {};
  const columns = Object.keys(copiedTable(name).columns);
  const scope = belongs(name);
  const shown = [...columns.map((column) => `${read[column] ?? column} AS ${column}`), ...order.map(orderColumn)];
  const within = [where, ...scope.map(([column, value]) => `${column} = ${value}`)].join(' AND ');
  const behind = `(${order.join(', ')}) > (${order.map(() => '?').join(', ')})`;
  const page = (condition: string) =>
    `SELECT ${shown.join(', ')} FROM ${name} WHERE ${condition} ORDER BY ${order.join(', ')} LIMIT ${copiedTable(name).rows}`;
  const names = [...scope.map(([column]) => column), ...Object.keys(besides), ...columns];
  const values = [...scope.map(([, value]) => value), ...Object.values(besides), ...columns.map(() => '?')];
  return {
    /** Given what a row belongs to, once for each column that says it, and for `next` the position. */
    first: page(within),
    next: page(`${within} AND ${behind}`),
    insert: `INSERT INTO ${name} (${names.join(', ')}) VALUES (${values.join(', ')})`,
    scopes: scope.length,
    order,
  };
}

/** The name under which a column of the order is read beside the others. */
export function orderColumn(column: string, index: number): string {
  return `${column} AS position_${index}`;
}
