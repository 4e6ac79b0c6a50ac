import { type CopiedName, type CopyForm, copiedTable, keyOf } from '../../core/copy.ts';

/** How a table of this store differs from what is copied of it. */
export interface CopyTable {
  /** Rows that are copied; all when nothing is said. */
  where?: string;
  /** Column → the expression it is read as. */
  read?: Record<string, string>;
  /** The columns whose order rows are read in, where it is not the key's, with their types. */
  order?: Record<string, string>;
  /** Column → what is written into it besides. */
  besides?: Record<string, string>;
  /** What is done when the row is there already. */
  again?: string;
  /** Columns of the table that the store fills by itself, or whose meaning travels in another column. */
  own?: string[];
}

const IS_OPEN = "status IN ('queued', 'running')";
/** The audience's last contact up to an id. */
const lastUpTo = (id: string) => `(
  SELECT c.id FROM contacts AS c WHERE c.audience_id = imports.audience_id AND c.id <= ${id} ORDER BY c.id DESC LIMIT 1)`;

export const TABLES: Partial<Record<CopiedName, CopyTable>> = {
  accounts: { order: { no: 'bigint' }, own: ['no'] },
  keys: { order: { no: 'bigint' }, own: ['no'] },
  audiences: { where: 'deleted_at IS NULL', own: ['deleted_at', 'is_purged'] },
  imports: {
    where: "status NOT IN ('uploading', 'abandoned')",
    read: {
      batches_left: "CASE WHEN phase = 'undo' THEN batches_left ELSE 0 END",
      removed_to: `CASE WHEN phase = 'remove' AND ${IS_OPEN} THEN ${lastUpTo('imports.removed_to')} END`,
      last_id: `CASE WHEN ${IS_OPEN} THEN ${lastUpTo('imports.last_id')} END`,
    },
    besides: { lease_until: "'-infinity'", is_expired: 'false', has_garbage: 'false' },
    // Once more when its audience's contacts are there: here that changes nothing.
    again: 'ON CONFLICT (audience_id, id) DO NOTHING',
    own: ['owner'],
  },
  contacts: { own: ['number', 'found_by'] },
  idempotency_keys: { order: { made: 'bigint', id: 'uuid' } },
  // What a rehearsal notes is needed while it goes on.
  import_numbers: {
    where: `(SELECT ${IS_OPEN} FROM imports WHERE imports.audience_id = $1 AND imports.id = $2)`,
  },
};

/** Tables that are not copied, and why. */
export const NOT_COPIED: Record<string, string> = {
  migrations: 'the target is made by its own',
  commits: 'the transactions of late, of this database',
  contact_counts: 'made anew of the contacts',
  contact_segments: 'made anew of the contacts',
  contact_postings: 'made anew of the contacts',
  contact_changes: 'made anew of the contacts',
  contact_tags: 'made anew of the contacts',
  import_lanes: 'made anew of the imports',
};

/** Columns that say to what a row belongs, with their value. */
const BELONGS: Record<'installation' | 'audience' | 'import', Record<string, string>> = {
  installation: {},
  audience: { audience_id: '$1' },
  import: {
    audience_id: '$1',
    import_id: '$2',
    pass: 'imports.pass',
  },
};
const PASS = '(SELECT pass FROM imports WHERE imports.audience_id = $1 AND imports.id = $2)';

/** A table has no pass where all of its rows are of the import itself. */
const WITHOUT_PASS = new Set<CopiedName>(['import_chunks']);

function belongs(name: CopiedName): [column: string, value: string][] {
  return Object.entries(BELONGS[copiedTable(name).of]).filter(
    ([column]) => column !== 'pass' || !WITHOUT_PASS.has(name),
  );
}

/** The columns of a table that the copy knows of. */
export function knownColumns(name: CopiedName): string[] {
  const { own = [], besides = {} } = TABLES[name] ?? {};
  const moved = Object.entries(copiedTable(name).columns).map(([column, form]) => columnOf(column, form).name);
  return [...new Set([...moved, ...own, ...Object.keys(besides), ...belongs(name).map(([column]) => column)])];
}

const TYPES: Record<CopyForm, string> = {
  id: 'uuid',
  text: 'text',
  integer: 'bigint',
  boolean: 'boolean',
  bytes: 'bytea',
  moment: 'float8',
};

/** The column of this store, and how it is read and written: moments are in columns that end in `_at`. */
function columnOf(column: string, form: CopyForm): { name: string; read: string; write: (value: string) => string } {
  if (form === 'integer') return { name: column, read: `${column}::float8`, write: (value) => value };
  if (form !== 'moment') return { name: column, read: column, write: (value) => value };
  const name = column.endsWith('_at') ? column : `${column}_at`;
  return {
    name,
    read: `floor(extract(epoch FROM ${name}) * 1000)::float8`,
    write: (value) => `'epoch'::timestamptz + ${value} * interval '1 millisecond'`,
  };
}

/** The statements that read and write a table's rows as they are. */
export function statementsOf(name: CopiedName) {
  const table = copiedTable(name);
  const { where = 'true', read = {}, order: ordered, besides = {}, again = '' } = TABLES[name] ?? {};
  const columns = Object.entries(table.columns).map(([column, form]) => ({ column, form, ...columnOf(column, form) }));
  const order =
    ordered ?? Object.fromEntries(keyOf(name).map((column) => [column, TYPES[table.columns[column]!]] as const));
  const scope = belongs(name);
  const scopes = table.of === 'installation' ? 0 : table.of === 'audience' ? 1 : 2;
  const shown = [
    ...columns.map(({ column, read: itself }) => `${read[column] ?? itself} AS ${column}`),
    ...Object.entries(order).map(
      ([column, type], index) => `${column}${type === 'bigint' ? '::float8' : ''} AS position_${index}`,
    ),
  ];
  const within = [...scope.map(([column, value]) => `${column} = ${value.replace('imports.pass', PASS)}`), where].join(
    ' AND ',
  );
  const names = Object.keys(order).join(', ');
  const behind = Object.values(order).map((type, index) => `$${scopes + index + 1}::${type}`);
  const page = (condition: string) =>
    `SELECT ${shown.join(', ')} FROM ${name} WHERE ${condition} ORDER BY ${names} LIMIT ${table.rows}`;
  const written = [
    ...scope.map(([column]) => column),
    ...columns.map((column) => column.name),
    ...Object.keys(besides),
  ];
  return {
    /** Given the audience and the import, as far as a row belongs to them, and for `next` the position. */
    first: page(within),
    next: page(`${within} AND (${names}) > (${behind.join(', ')})`),
    /** Given the audience and the import, and the values of each row. */
    insert(rows: number): string {
      const values = Array.from({ length: rows }, (_, row) => {
        const own = columns.map(({ form }, index) => `$${scopes + row * columns.length + index + 1}::${TYPES[form]}`);
        return `(${own.join(', ')})`;
      });
      const of = table.of === 'import' ? 'imports JOIN' : '';
      const on = table.of === 'import' ? 'ON imports.audience_id = $1 AND imports.id = $2' : '';
      const selected = [
        ...scope.map(([, value]) => value),
        ...columns.map(({ column, write }) => write(`row.${column}`)),
        ...Object.values(besides),
      ];
      return `INSERT INTO ${name} (${written.join(', ')})
        SELECT ${selected.join(', ')}
        FROM ${of} (VALUES ${values.join(', ')}) AS row (${columns.map(({ column }) => column).join(', ')}) ${on} ${again}`;
    },
    scopes,
    order: Object.keys(order).length,
  };
}
