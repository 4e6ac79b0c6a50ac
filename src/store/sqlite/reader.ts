import { documentId, listedEnd } from '../../core/contact-document.ts';
import { failure } from '../../core/errors.ts';
import { neighbourId } from '../../core/ids.ts';
import type { Account, Audience, Channel, ContactPage, ContactQuery, Key, Page, Slice } from '../../core/store.ts';
import {
  contactRange,
  type DatabaseSync,
  idBytes,
  limitTo,
  makeTransaction,
  matchQuery,
  type StatementSync,
} from './database.ts';
import { makeImportReader } from './import-reader.ts';
import { makeSessionReader } from './sessions.ts';
import { bothWays, EVER_AFTER, EVER_BEFORE, takeSlice } from './slices.ts';

const AUDIENCE = 'id, account_id, name, channel, contacts_count, create_date, update_date';
const KEY = 'id, account_id, name, prefix, scope, create_date, last_use_date, expire_date';

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
  const contacts = pageWays(db, 'SELECT no AS place, document FROM contacts WHERE no BETWEEN ?1 AND ?2');
  // A rowid bound that is not an integer is not used by FTS5, and a JavaScript number is bound as a real: hence the CASTs.
  const found = pageWays(
    db,
    `SELECT s.rowid AS place, c.document FROM contacts_search AS s JOIN contacts AS c ON c.no = s.rowid
     WHERE s.text MATCH ?5 AND s.rowid BETWEEN CAST(?1 AS INTEGER) AND CAST(?2 AS INTEGER)`,
  );
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
    ...makeImportReader(db, inTransaction, findAudience),
    ...makeSessionReader(db, KEY),

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

    pageContacts(accountId: string, audienceId: string, query: ContactQuery): ContactPage {
      return inTransaction(() => {
        const { no, contacts_count } = findAudience(accountId, audienceId);
        const [low, high] = contactRange(no);
        const edge = edgeOf(no, query);
        const isSearch = query.needles.length > 0;
        const match = isSearch ? [matchQuery(query.needles)] : [];
        const { up, down } = isSearch ? found : contacts;
        const end = listedEnd(accountId, audienceId);
        const read = (statement: StatementSync, from: number, to: number, size: number): Documents => {
          const [joined, count] = statement.get(from, to, size, `${end},`, ...match) as unknown as Documents;
          return [joined, count];
        };
        const page =
          query.direction === 'after'
            ? pageOf(read(up, edge + 1, high, query.size + 1), query.size, end)
            : pageOf(read(down, low, edge - 1, query.size), query.size, end);
        if (query.direction === 'before') page.hasNext = read(up, edge, high, 1)[1] > 0;
        if (!query.count) return page;
        const total = isSearch ? (foundCount.get(low, high, ...match) as { total: number }).total : contacts_count;
        return { ...page, total };
      });
    },
  };
}

/**
 * A query for contacts, read upwards and downwards, that gives the documents of a page as one BLOB, each but the last with
 * what a list adds to it: text is neither made nor encoded again, which halves the cost of a page. The documents lose their
 * closing brace to make room for it.
 */
function pageWays(db: DatabaseSync, select: string) {
  const page = (order: string) => {
    const statement = db.prepare(
      `SELECT CAST(group_concat(substr(CAST(document AS BLOB), 1, octet_length(document) - 1), ?4) AS BLOB), count(*)
       FROM (SELECT document FROM (${select} ORDER BY place ${order} ${limitTo('?3')}) ORDER BY place)`,
    );
    statement.setReturnArrays(true);
    return statement;
  };
  return { up: page('ASC'), down: page('DESC') };
}

type Documents = [joined: Uint8Array<ArrayBuffer> | null, count: number];

/** No text inside a document holds this: its quotes are escaped there. */
const DOCUMENT_BEGIN = '{"id":"';

/** A page of joined documents, of which one more than `size` may have been read to know whether there is one. */
function pageOf([joined, count]: Documents, size: number, end: string): ContactPage {
  if (joined === null)
    return { documents: new Uint8Array(0), count: 0, first: undefined, last: undefined, hasNext: false };
  let bytes = Buffer.from(joined.buffer, joined.byteOffset, joined.byteLength);
  let last = bytes.lastIndexOf(DOCUMENT_BEGIN);
  const hasNext = count > size;
  if (hasNext) {
    // The comma before the document that is too many goes with it.
    bytes = bytes.subarray(0, last - 1);
    last = bytes.lastIndexOf(DOCUMENT_BEGIN);
  }
  const idAt = (at: number) => documentId(bytes.toString('latin1', at, at + 43));
  const documents = hasNext ? bytes : endedBy(bytes, end);
  return { documents, count: Math.min(count, size), first: idAt(0), last: idAt(last), hasNext };
}

/** The bytes and a text of ASCII behind them, in a buffer of their own, which those of Buffer.concat need not have. */
function endedBy(bytes: Buffer, end: string): Buffer<ArrayBuffer> {
  const ended = Buffer.allocUnsafeSlow(bytes.length + end.length);
  bytes.copy(ended);
  ended.write(end, bytes.length, 'latin1');
  return ended;
}
