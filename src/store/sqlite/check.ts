import { documentId, readDocument } from '../../core/contact-document.ts';
import { searchText } from '../../core/search-text.ts';
import type { Finding } from '../../core/store.ts';
import { codePoints } from '../../core/text.ts';
import { checkImports } from './check-imports.ts';
import { makeNumberCheck } from './check-numbers.ts';
import { makeTagCheck } from './check-tags.ts';
import { contactRange, type DatabaseSync, idBytes, makeTransaction, matchQuery, openForReading } from './database.ts';

/** Findings of one kind to tell; more of them would only say the same again. */
const MAX_FINDINGS = 20;
/** Every so many contacts one is looked up in the search index with all its text. */
const LOOK_UP_EVERY = 100;
const PROGRESS_EVERY = 10_000;
const SQLITE_CORRUPT = 11;

/**
 * Checks a store's file as it is at this moment, beside a running server: SQLite's own integrity, each audience's counter
 * and rows, each row's columns against its document, the search index, numbers and tags against the rows, and imports.
 */
export function checkDatabase(file: string, progress: (done: number, of: number) => void = () => {}): Finding[] {
  const db = openForReading(file);
  try {
    const broken = checkIntegrity(db);
    if (broken.length > 0) return broken;
    return makeTransaction(
      db,
      'DEFERRED',
    )(() => [
      ...checkCounters(db),
      ...checkContacts(db, progress),
      ...checkIndex(db),
      ...checkImports(db, MAX_FINDINGS),
    ]);
  } finally {
    db.close();
  }
}

function checkIntegrity(db: DatabaseSync): Finding[] {
  const messages = integrityOf(db).filter((message) => message !== 'ok');
  const keys = db.prepare('PRAGMA foreign_key_check').all() as { table: string }[];
  return [
    ...messages.map((what) => ({ what: `the file is damaged: ${what}` })),
    ...keys
      .slice(0, MAX_FINDINGS)
      .map(({ table }) => ({ what: 'a row refers to one that does not exist', where: table })),
  ];
}

function integrityOf(db: DatabaseSync): string[] {
  try {
    const rows = db.prepare(`PRAGMA integrity_check(${MAX_FINDINGS})`).all() as { integrity_check: string }[];
    return rows.map((row) => row.integrity_check);
  } catch (error) {
    // Damage can be such that SQLite does not get to the end of its own check.
    const { errcode = 0, errstr = '' } = error as { errcode?: number; errstr?: string };
    if ((errcode & 0xff) !== SQLITE_CORRUPT) throw error;
    return [errstr];
  }
}

function checkCounters(db: DatabaseSync): Finding[] {
  const findings: Finding[] = [];
  const count = db.prepare('SELECT count(*) AS rows, max(no) AS last FROM contacts WHERE no BETWEEN ? AND ?');
  const audiences = db.prepare('SELECT no, id, contacts_count, last_sequence FROM audiences WHERE delete_date IS NULL');
  for (const audience of audiences.iterate() as Iterable<Record<string, number | string>>) {
    const [low, high] = contactRange(audience.no as number);
    const { rows, last } = count.get(low, high) as { rows: number; last: number | null };
    const where = `audience ${audience.id}`;
    if (rows !== audience.contacts_count) {
      findings.push({ what: `the counter says ${audience.contacts_count} contacts, there are ${rows}`, where });
    }
    if (last !== null && last - low > (audience.last_sequence as number)) {
      findings.push({ what: 'the counter of rows given out is behind the rows', where });
    }
  }
  return findings.slice(0, MAX_FINDINGS);
}

function checkContacts(db: DatabaseSync, progress: (done: number, of: number) => void): Finding[] {
  const findings: Finding[] = [];
  const { total } = db.prepare('SELECT count(*) AS total FROM contacts').get() as { total: number };
  const contacts = db.prepare(
    `SELECT c.no, c.audience_no, c.id, c.number, c.document, d.sz, u.text AS unindexed, a.no AS audience,
       a.delete_date IS NOT NULL AS isGone, a.numbered_sequence AS numbered
     FROM contacts AS c
     LEFT JOIN contacts_search_docsize AS d ON d.id = c.no
     LEFT JOIN contacts_unindexed AS u ON u.no = c.no
     LEFT JOIN audiences AS a ON a.no = c.audience_no
     ORDER BY c.no`,
  );
  const lookUp = db.prepare('SELECT 1 FROM contacts_search WHERE text MATCH ? AND rowid = CAST(? AS INTEGER)');
  const checks = { numbers: makeNumberCheck(db), tags: makeTagCheck(db) };
  let done = 0;
  for (const row of contacts.iterate() as Iterable<Record<string, never>>) {
    const wrong = wrongWith(row, checks, done % LOOK_UP_EVERY === 0 ? lookUp : undefined);
    if (wrong !== undefined && findings.length < MAX_FINDINGS)
      findings.push({ what: wrong, where: `contact row ${row.no}` });
    if (++done % PROGRESS_EVERY === 0) progress(done, total);
  }
  progress(total, total);
  return [...findings, ...checks.numbers.rest(MAX_FINDINGS), ...checks.tags.rest(MAX_FINDINGS)];
}

function wrongWith(
  row: Record<string, never>,
  { numbers, tags }: { numbers: ReturnType<typeof makeNumberCheck>; tags: ReturnType<typeof makeTagCheck> },
  lookUp?: ReturnType<DatabaseSync['prepare']>,
): string | undefined {
  const { no, audience_no, id, number, document, sz, unindexed, audience, isGone, numbered } = row as Record<
    string,
    unknown
  >;
  if (audience === null) return 'its audience does not exist';
  const [low, high] = contactRange(audience_no as number);
  if ((no as number) < low || (no as number) > high) return 'it lies among the rows of another audience';
  let text: string;
  let own: string[];
  try {
    const contact = readDocument(document as string);
    if (contact.number !== number) return `its number is ${number}, its document says ${contact.number}`;
    if (Buffer.compare(idBytes(documentId(document as string)), id as Uint8Array) !== 0)
      return 'its id is not that of its document';
    text = searchText(contact);
    own = contact.tags;
  } catch {
    return 'its document cannot be read';
  }
  if (unindexed === null) {
    if (sz === null) return 'it is missing from the search index';
    if (varint(sz as Uint8Array) !== codePoints(text) - 2) return 'the search index holds another text for it';
    if (lookUp !== undefined && lookUp.get(matchQuery([text]), no as number) === undefined)
      return 'search does not find it';
  } else {
    if (sz !== null) return 'it is in the search index and waits to be indexed';
    if (unindexed !== text) return 'it waits to be indexed with another text';
  }
  // Of a deleted audience they go first.
  if (isGone) return undefined;
  const isWaiting = (no as number) > low + (numbered as number);
  return (
    numbers.wrongWith(audience_no as number, no as number, number as string, isWaiting) ??
    tags.wrongWith(audience_no as number, no as number, own)
  );
}

function checkIndex(db: DatabaseSync): Finding[] {
  const strays = db.prepare(
    `SELECT d.id FROM (SELECT id FROM contacts_search_docsize UNION ALL SELECT no FROM contacts_unindexed) AS d
     LEFT JOIN contacts AS c ON c.no = d.id WHERE c.no IS NULL LIMIT ?`,
  );
  return (strays.all(MAX_FINDINGS) as { id: number }[]).map(({ id }) => ({
    what: 'the search index holds a contact that does not exist',
    where: `contact row ${id}`,
  }));
}

/** The first number of FTS5's size record: how many trigrams it holds of a row. */
function varint(bytes: Uint8Array): number {
  let value = 0;
  for (const byte of bytes) {
    value = value * 128 + (byte & 0x7f);
    if (byte < 0x80) break;
  }
  return value;
}
