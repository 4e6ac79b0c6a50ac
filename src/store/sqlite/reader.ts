import { failure } from '../../core/errors.ts';
import { neighbourId } from '../../core/ids.ts';
import type { Account, Audience, Channel, ContactQuery, Key, Page, Slice } from '../../core/store.ts';
import {
  contactRange,
  type DatabaseSync,
  idBytes,
  makeTransaction,
  matchQuery,
  type StatementSync,
} from './database.ts';

const AUDIENCE = 'id, account_id, name, channel, contacts_count, create_date, update_date';
const KEY = 'id, account_id, name, prefix, scope, create_date, last_use_date, expire_date';
const EVER_AFTER = 'ffffffff-ffff-ffff-ffff-ffffffffffff';
const EVER_BEFORE = '00000000-0000-0000-0000-000000000000';

export type Reader = ReturnType<typeof makeReader>;

/** What can be asked of a connection without writing: every statement is prepared here, so a typo fails at start. */
export function makeReader(db: DatabaseSync) {
  const inTransaction = makeTransaction(db, 'DEFERRED');
  const account = db.prepare('SELECT id, name, create_date FROM accounts WHERE id = ?');
  const accounts = db.prepare('SELECT id, name, create_date FROM accounts ORDER BY no');
  const key = db.prepare(`SELECT ${KEY} FROM keys WHERE hash = ?`);
  const keys = db.prepare(`SELECT ${KEY} FROM keys WHERE ?1 IS NULL OR account_id = ?1 ORDER BY no`);
  const audience = db.prepare(
    `SELECT ${AUDIENCE} FROM audiences WHERE id = ? AND account_id = ? AND delete_date IS NULL`,
  );
  const audienceNo = db.prepare(
    'SELECT no, contacts_count FROM audiences WHERE id = ? AND account_id = ? AND delete_date IS NULL',
  );
  const audiences = bothWays(
    db,
    `SELECT ${AUDIENCE} FROM audiences
     WHERE account_id = ?1 AND id BETWEEN ?2 AND ?3 AND delete_date IS NULL AND (?4 IS NULL OR channel = ?4)`,
    'id',
    '?5',
  );
  const audiencesCount = db.prepare(
    'SELECT count(*) AS total FROM audiences WHERE account_id = ?1 AND delete_date IS NULL AND (?2 IS NULL OR channel = ?2)',
  );
  const contact = db.prepare('SELECT document FROM contacts WHERE audience_no = ? AND id = ?');
  // The first contact at or behind an id: the id may be gone, its place in the order is not.
  const placeOf = db.prepare('SELECT no, id FROM contacts WHERE audience_no = ? AND id >= ? ORDER BY id LIMIT 1');
  // One lower and one upper bound: of two lower ones SQLite takes the first and steps over all rows up to the second.
  const contacts = bothWays(db, 'SELECT document FROM contacts WHERE no BETWEEN ?1 AND ?2', 'no', '?3');
  // A rowid bound that is not an integer is not used by FTS5, and a JavaScript number is bound as a real: hence the CASTs.
  const found = bothWays(
    db,
    `SELECT c.document FROM contacts_search AS s JOIN contacts AS c ON c.no = s.rowid
     WHERE s.text MATCH ?4 AND s.rowid BETWEEN CAST(?1 AS INTEGER) AND CAST(?2 AS INTEGER)`,
    's.rowid',
    '?3',
  );
  for (const statement of [contacts.up, contacts.down, found.up, found.down]) statement.setReturnArrays(true);
  const foundCount = db.prepare(
    `SELECT count(*) AS total FROM contacts_search
     WHERE text MATCH ?3 AND rowid BETWEEN CAST(?1 AS INTEGER) AND CAST(?2 AS INTEGER)`,
  );

  function findAudience(accountId: string, audienceId: string): { no: number; contacts_count: number } {
    const row = audienceNo.get(audienceId, accountId);
    if (row === undefined) throw failure(1301);
    return row as { no: number; contacts_count: number };
  }

  /** The first row number not to pass: `after` reads above it, `before` below it. */
  function edgeOf(no: number, query: ContactQuery): number {
    const [low, high] = contactRange(no);
    if (query.position === undefined) return query.direction === 'after' ? low - 1 : high + 1;
    const position = idBytes(query.position);
    const row = placeOf.get(no, position) as { no: number; id: Uint8Array } | undefined;
    if (row === undefined) return high + 1;
    return query.direction === 'after' && Buffer.compare(row.id, position) > 0 ? row.no - 1 : row.no;
  }

  const dataVersion = db.prepare('PRAGMA data_version');

  return {
    /** Differs after every commit of another connection: all commits, since this one never writes. */
    version: () => (dataVersion.get() as { data_version: number }).data_version,

    getAccount: (accountId: string) => account.get(accountId) as Account | undefined,
    listAccounts: () => accounts.all() as unknown as Account[],
    findKey: (hash: Uint8Array) => key.get(hash) as Key | undefined,
    listKeys: (accountId?: string) => keys.all(accountId ?? null) as unknown as Key[],

    getAudience(accountId: string, audienceId: string): Audience {
      const row = audience.get(audienceId, accountId);
      if (row === undefined) throw failure(1301);
      return row as unknown as Audience;
    },

    pageAudiences(accountId: string, slice: Slice, channel?: Channel): Required<Page<Audience>> {
      return inTransaction(() => {
        const of = channel ?? null;
        const edge = slice.position ?? (slice.direction === 'after' ? EVER_BEFORE : EVER_AFTER);
        const read = (statement: StatementSync, low: string, high: string, size: number) =>
          statement.all(accountId, low, high, of, size) as unknown as Audience[];
        const page = takeSlice(slice, {
          after: (size) => read(audiences.up, neighbourId(edge, 1n), EVER_AFTER, size),
          before: (size) => read(audiences.down, EVER_BEFORE, neighbourId(edge, -1n), size),
          from: (size) => read(audiences.up, edge, EVER_AFTER, size),
        });
        const { total } = audiencesCount.get(accountId, of) as { total: number };
        return { ...page, total };
      });
    },

    getContact(accountId: string, audienceId: string, contactId: string): string {
      const { no } = findAudience(accountId, audienceId);
      const row = contact.get(no, idBytes(contactId)) as { document: string } | undefined;
      if (row === undefined) throw failure(1351);
      return row.document;
    },

    pageContacts(accountId: string, audienceId: string, query: ContactQuery): Page<string> {
      return inTransaction(() => {
        const { no, contacts_count } = findAudience(accountId, audienceId);
        const [low, high] = contactRange(no);
        const edge = edgeOf(no, query);
        const isSearch = query.needles.length > 0;
        const match = isSearch ? [matchQuery(query.needles)] : [];
        const { up, down } = isSearch ? found : contacts;
        const page = takeSlice(query, {
          after: (size) => documents(up.all(edge + 1, high, size, ...match)),
          before: (size) => documents(down.all(low, edge - 1, size, ...match)),
          from: (size) => documents(up.all(edge, high, size, ...match)),
        });
        if (!query.count) return page;
        const total = isSearch ? (foundCount.get(low, high, ...match) as { total: number }).total : contacts_count;
        return { ...page, total };
      });
    },
  };
}

/** A query for a range of rows, read upwards and downwards. */
function bothWays(db: DatabaseSync, select: string, column: string, size: string) {
  return {
    up: db.prepare(`${select} ORDER BY ${column} LIMIT ${size}`),
    down: db.prepare(`${select} ORDER BY ${column} DESC LIMIT ${size}`),
  };
}

/** The items of a slice in creation order, and whether more lie behind them. `before` reads the nearest first. */
function takeSlice<Item>(
  slice: Slice,
  read: Record<'after' | 'before' | 'from', (size: number) => Item[]>,
): Page<Item> {
  if (slice.direction === 'before') {
    return { items: read.before(slice.size).reverse(), hasNext: read.from(1).length > 0 };
  }
  const items = read.after(slice.size + 1);
  const hasNext = items.length > slice.size;
  if (hasNext) items.pop();
  return { items, hasNext };
}

/** The only column of rows that come as arrays. */
function documents(rows: unknown[]): string[] {
  return (rows as [string][]).map(([document]) => document);
}
