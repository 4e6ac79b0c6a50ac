import { documentId, listedEnd } from '../../core/contact-document.ts';
import { failure } from '../../core/errors.ts';
import { neighbourId } from '../../core/ids.ts';
import type { Account, Audience, Channel, ContactPage, ContactQuery, Key, Page, Slice } from '../../core/store.ts';
import { contactRange, type DatabaseSync, idBytes, limitTo, makeTransaction, type StatementSync } from './database.ts';
import { makeFigureReader } from './figures.ts';
import { ALL, defineFound, documentsOf, makeFilter, type Source } from './filter.ts';
import { makeImportReader } from './import-reader.ts';
import { makeSessionReader } from './sessions.ts';
import { bothWays, EVER_AFTER, EVER_BEFORE, takeSlice } from './slices.ts';
import { makeTagReader } from './tags.ts';

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
  defineFound(db);
  const filter = makeFilter(db);
  const pages = new Map([[keyOf(ALL, 'ASC'), pageStatement(db, ALL, 'ASC')]]);
  const counts = new Map<string, StatementSync>();

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

  function pageBy(source: Source, order: Order): StatementSync {
    const key = keyOf(source, order);
    const statement = pages.get(key) ?? pageStatement(db, source, order);
    pages.set(key, statement);
    return statement;
  }

  function count({ from, where, values }: Source, low: number, high: number): number {
    const text = `SELECT count(*) AS total, ?3, ?4 FROM ${from} WHERE ${where}`;
    const statement = counts.get(text) ?? db.prepare(text);
    counts.set(text, statement);
    return (statement.get(low, high, null, null, ...values) as { total: number }).total;
  }

  const dataVersion = db.prepare('PRAGMA data_version');

  return {
    ...makeImportReader(db, inTransaction, findAudience),
    ...makeSessionReader(db, KEY),
    ...makeTagReader(db, findAudience),
    ...makeFigureReader(db, inTransaction),

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
        const source = filter({ no, contacts_count }, query);
        if (source === undefined) return { ...pageOf([null, 0], query.size, ''), ...(query.count && { total: 0 }) };
        const end = listedEnd(accountId, audienceId);
        const read = (order: Order, from: number, to: number, size: number): Documents => {
          const [joined, count] = pageBy(source, order).get(
            from,
            to,
            size,
            `${end},`,
            ...source.values,
          ) as unknown as Documents;
          return [joined, count];
        };
        const page =
          query.direction === 'after'
            ? pageOf(read('ASC', edge + 1, high, query.size + 1), query.size, end)
            : pageOf(read('DESC', low, edge - 1, query.size), query.size, end);
        if (query.direction === 'before') page.hasNext = read('ASC', edge, high, 1)[1] > 0;
        return query.count ? { ...page, total: source.total ?? count(source, low, high) } : page;
      });
    },
  };
}

type Order = 'ASC' | 'DESC';

const keyOf = ({ from, where }: Pick<Source, 'from' | 'where'>, order: Order) => `${order} ${from} ${where}`;

/**
 * A query for a page of contacts that gives their documents as one BLOB, each but the last with what a list adds to it: text is
 * neither made nor encoded again, which halves the cost of a page.
 */
function pageStatement(db: DatabaseSync, source: Pick<Source, 'from' | 'place' | 'where'>, order: Order) {
  const page = `SELECT ${source.place} AS place, c.open_document AS document ${documentsOf(source)}
    ORDER BY place ${order} ${limitTo('?3')}`;
  const rising = order === 'ASC' ? page : `SELECT document FROM (${page}) ORDER BY place`;
  const statement = db.prepare(`SELECT CAST(group_concat(document, ?4) AS BLOB), count(*) FROM (${rising})`);
  statement.setReturnArrays(true);
  return statement;
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
