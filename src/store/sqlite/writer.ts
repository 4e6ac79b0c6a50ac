import { nameKey } from '../../core/audiences.ts';
import { documentId } from '../../core/contact-document.ts';
import type { ContactChange } from '../../core/contact-fields.ts';
import { formatDate } from '../../core/dates.ts';
import { type Precondition, requireAudience, requireContact } from '../../core/entity-tags.ts';
import { failure, MusterError, type Problem, problem } from '../../core/errors.ts';
import type { Idempotent, WriteOutcome } from '../../core/idempotency.ts';
import { makeIdMaker } from '../../core/ids.ts';
import type { Account, Audience, Key, NewAudience, NewKey, OnConflict, RowFate } from '../../core/store.ts';
import { type ContactRow, makeContactWriter, type WriterAudience } from './contact-writer.ts';
import { contactRange, type DatabaseSync, makeTransaction } from './database.ts';
import { makeIdempotency, type OnceOutcome } from './idempotency.ts';
import { makeImportWriter } from './import-writer.ts';
import { type PackedContact, unpack } from './packed-contacts.ts';
import { makeSessionWriter } from './sessions.ts';
import { isUnavailable, isWithoutSpace, takeSpace } from './unavailable.ts';

/** Most contacts of a deleted audience to remove in one transaction: other writes slip in between. */
const PURGE_ROWS = 1000;

/** An operation to apply: its name among `operations`, and its arguments. */
export interface Call {
  operation: keyof WriteOperations;
  args: unknown[];
}

export type Outcome = WriteOutcome | { crash: string };

export type WriteOperations = ReturnType<typeof makeWriter>['operations'];

/**
 * All that writes. Operations check before they write, so that one which fails with a MusterError has written nothing,
 * and `apply` runs many of them in one transaction: one fsync for all that waited.
 */
export function makeWriter(db: DatabaseSync, maxWaiting?: number) {
  const sql = prepareStatements(db);
  const inTransaction = makeTransaction(db, 'IMMEDIATE');
  const makeId = makeIdMaker();
  const contacts = makeContactWriter(db, makeId, maxWaiting);
  const { audienceOf, byNumber, contactOf, insertContact, changeContact, removeContact } = contacts;
  let dataVersion = -1;
  /** Whether a write found no space, or a failing disk, and none was taken since. */
  let isFull = false;

  function requireFreeName(accountId: string, name: string, except?: string): void {
    const row = sql.audienceByName.get(accountId, nameKey(name)) as { id: string } | undefined;
    if (row !== undefined && row.id !== except) throw failure(1309);
  }

  function shown({ no, count }: WriterAudience): Audience {
    return { ...(sql.audienceRow.get(no) as unknown as Audience), contacts_count: count };
  }

  function insertKey(key: NewKey): Key {
    const { hash, ...shown } = key;
    const made: Key = { id: makeId(), ...shown, create_date: formatDate(), last_use_date: null };
    const { id, account_id, name, prefix, scope, create_date, expire_date } = made;
    sql.insertKey.run(id, account_id, name, prefix, scope, hash, create_date, expire_date);
    return made;
  }

  const imports = makeImportWriter(db, contacts.hand);
  const idempotency = makeIdempotency(db, inTransaction);

  const operations = {
    ...imports.operations,
    ...makeSessionWriter(db, makeId),

    createAccount(name: string): Account {
      const account = { id: makeId(), name, create_date: formatDate() };
      sql.insertAccount.run(account.id, account.name, account.create_date);
      return account;
    },

    createKey: insertKey,

    createFirstKey(accountName: string, key: Omit<NewKey, 'account_id'>): { account: Account; key: Key } | undefined {
      if (sql.anyKey.get() !== undefined) return undefined;
      const account = (sql.firstAccount.get() as Account | undefined) ?? operations.createAccount(accountName);
      return { account, key: insertKey({ account_id: account.id, ...key }) };
    },

    touchKey(keyId: string): void {
      sql.touchKey.run(formatDate(), keyId);
    },

    revokeKey(keyId: string, accountId?: string): boolean {
      return sql.deleteKey.run(keyId, accountId ?? null).changes > 0;
    },

    rotateKey(keyId: string, key: NewKey, oldExpires: string): Key | undefined {
      return sql.expireKey.run(oldExpires, keyId).changes > 0 ? insertKey(key) : undefined;
    },

    createAudience(accountId: string, { name, channel, contacts: rows }: NewAudience): Audience {
      requireFreeName(accountId, name);
      if (new Set(rows.map((row) => row.number)).size < rows.length) throw failure(1360);
      const now = formatDate();
      const last = sql.lastAudience.get(accountId) as { id: string } | undefined;
      const id = makeId(last?.id);
      const { lastInsertRowid } = sql.insertAudience.run(id, accountId, name, nameKey(name), channel, now, now);
      const state: WriterAudience = {
        ...{ no: Number(lastInsertRowid), accountId, count: 0, sequence: 0, lastId: undefined },
        ...{ numbered: 0, waiting: new Map(), absent: new Set() },
      };
      contacts.addAudience(id, state);
      for (const row of rows) insertContact(state, row);
      return {
        id,
        account_id: accountId,
        name,
        channel,
        contacts_count: state.count,
        create_date: now,
        update_date: now,
      };
    },

    renameAudience(accountId: string, audienceId: string, name: string, precondition?: Precondition): Audience {
      const audience = audienceOf(accountId, audienceId);
      requireAudience(shown(audience), precondition);
      requireFreeName(accountId, name, audienceId);
      sql.renameAudience.run(name, nameKey(name), formatDate(), audience.no);
      return shown(audience);
    },

    deleteAudience(accountId: string, audienceId: string, precondition?: Precondition): void {
      const audience = audienceOf(accountId, audienceId);
      requireAudience(shown(audience), precondition);
      sql.deleteAudience.run(formatDate(), audience.no);
      contacts.dropAudience(audienceId, audience);
    },

    createContact(accountId: string, audienceId: string, packed: PackedContact): string {
      const audience = audienceOf(accountId, audienceId);
      const contact = unpack(packed);
      const holder = byNumber(audience, contact.number);
      if (holder !== undefined) throw new MusterError([conflictWith(holder)]);
      return insertContact(audience, contact).document;
    },

    updateContact(
      accountId: string,
      audienceId: string,
      contactId: string,
      change: ContactChange,
      precondition?: Precondition,
    ): string {
      const audience = audienceOf(accountId, audienceId);
      const row = contactOf(audience, contactId);
      requireContact(row.document, precondition);
      const holder = change.number === undefined ? undefined : byNumber(audience, change.number);
      if (holder !== undefined && holder.no !== row.no) throw new MusterError([conflictWith(holder)]);
      return changeContact(audience, row, change) ?? row.document;
    },

    deleteContact(accountId: string, audienceId: string, contactId: string, precondition?: Precondition): void {
      const audience = audienceOf(accountId, audienceId);
      const row = contactOf(audience, contactId);
      requireContact(row.document, precondition);
      removeContact(audience, row);
    },

    upsertContacts(accountId: string, audienceId: string, packed: PackedContact[], onConflict: OnConflict): RowFate[] {
      const audience = audienceOf(accountId, audienceId);
      const rows = packed.map(unpack);
      contacts.findNumbers(
        audience,
        rows.map((row) => row.number),
      );
      return rows.map((row): RowFate => {
        const existing = byNumber(audience, row.number);
        if (existing === undefined) return { status: 'created', id: insertContact(audience, row).id };
        if (onConflict === 'error') return { status: 'refused', problem: conflictWith(existing) };
        const id = documentId(existing.document);
        if (onConflict === 'skip') return { status: 'skipped', id };
        return { status: changeContact(audience, existing, row) === undefined ? 'unchanged' : 'updated', id };
      });
    },

    /** Carries another operation out once, however often it is asked for. */
    once(request: Idempotent, call: Call): OnceOutcome {
      return idempotency.once(request, () => run(call));
    },

    /**
     * A write that changes nothing: proves that the writer answers and can have the write lock, and, after a write found no space,
     * that there is some again. Raises 9503 when there is none.
     */
    ping(): void {
      if (isFull) takeSpace(`${db.location()}.space`);
      isFull = false;
      sql.ping.run();
    },
  };

  function transact<T>(work: () => T): T {
    try {
      return inTransaction(() => {
        // Another process (the command line beside a server) may have written since: what is held is then stale.
        const { data_version } = sql.dataVersion.get() as { data_version: number };
        if (data_version !== dataVersion) contacts.forget();
        dataVersion = data_version;
        const result = work();
        contacts.flush();
        return result;
      });
    } catch (error) {
      contacts.forget();
      throw error;
    }
  }

  function run({ operation, args }: Call): WriteOutcome {
    try {
      const apply = operations[operation] as (...args: unknown[]) => unknown;
      return { value: apply(...args) };
    } catch (error) {
      if (error instanceof MusterError) return { problems: error.problems };
      throw error;
    }
  }

  return {
    operations,

    /** Applies the calls in order, in one transaction. When one crashes each is tried alone, so that it fails alone. */
    apply(calls: Call[]): Outcome[] {
      try {
        return transact(() => calls.map(run));
      } catch (error) {
        // Not tried one by one: each would wait for the database as long as all of them just did.
        if (isUnavailable(error)) {
          isFull ||= isWithoutSpace(error);
          return calls.map(() => ({ problems: [problem(9503)] }));
        }
        if (calls.length > 1) return calls.flatMap((call) => this.apply([call]));
        return [{ crash: String((error as Error)?.stack ?? error) }];
      }
    },

    takeOver(): void {
      transact(imports.takeOver);
    },

    /** Removes some rows of deleted audiences, of what imports and uploads left, or of what is too old; whether there is more to remove. */
    purge(): boolean {
      return this.purgeAudience() || (imports.hasGarbage() && transact(imports.purge)) || idempotency.purge();
    },

    /** Indexes the contacts that wait for it. */
    indexWaiting(): void {
      if (contacts.hasWaiting()) transact(contacts.indexWaiting);
    },

    purgeAudience(): boolean {
      const deleted = sql.deletedAudience.get() as { no: number } | undefined;
      if (deleted === undefined) return false;
      transact(() => {
        if (contacts.purgeTags(deleted.no, PURGE_ROWS) || contacts.purgeNumbers(deleted.no, PURGE_ROWS)) return;
        const rows = sql.someContacts.all(...contactRange(deleted.no), PURGE_ROWS) as { no: number }[];
        for (const { no } of rows) {
          contacts.unindex(no);
          sql.deleteContact.run(no);
        }
        if (rows.length === PURGE_ROWS) return;
        sql.abandonImports.run(deleted.no);
        sql.forgetAudience.run(deleted.no);
      });
      return true;
    },
  };
}

function conflictWith({ document }: ContactRow): Problem {
  return { ...problem(1360), contact_id: documentId(document) };
}

function prepareStatements(db: DatabaseSync) {
  return {
    dataVersion: db.prepare('PRAGMA data_version'),
    ping: db.prepare("DELETE FROM keys WHERE id = ''"),
    insertAccount: db.prepare('INSERT INTO accounts (id, name, create_date) VALUES (?, ?, ?)'),
    insertKey: db.prepare(
      `INSERT INTO keys (id, account_id, name, prefix, scope, hash, create_date, expire_date)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
    ),
    touchKey: db.prepare('UPDATE keys SET last_use_date = ? WHERE id = ?'),
    expireKey: db.prepare('UPDATE keys SET expire_date = min(coalesce(expire_date, ?1), ?1) WHERE id = ?2'),
    firstAccount: db.prepare('SELECT id, name, create_date FROM accounts ORDER BY no LIMIT 1'),
    anyKey: db.prepare('SELECT 1 FROM keys LIMIT 1'),
    deleteKey: db.prepare('DELETE FROM keys WHERE id = ?1 AND (?2 IS NULL OR account_id = ?2)'),
    audienceRow: db.prepare(
      'SELECT id, account_id, name, channel, contacts_count, create_date, update_date FROM audiences WHERE no = ?',
    ),
    audienceByName: db.prepare(
      'SELECT id FROM audiences WHERE account_id = ? AND name_key = ? AND delete_date IS NULL',
    ),
    lastAudience: db.prepare(
      'SELECT id FROM audiences WHERE account_id = ? AND delete_date IS NULL ORDER BY id DESC LIMIT 1',
    ),
    insertAudience: db.prepare(
      `INSERT INTO audiences (id, account_id, name, name_key, channel, contacts_count, last_sequence, create_date, update_date)
       VALUES (?, ?, ?, ?, ?, 0, 0, ?, ?)`,
    ),
    renameAudience: db.prepare(
      'UPDATE audiences SET name = ?1, name_key = ?2, update_date = ?3 WHERE no = ?4 AND name <> ?1',
    ),
    deleteAudience: db.prepare('UPDATE audiences SET delete_date = ? WHERE no = ?'),
    deletedAudience: db.prepare('SELECT no FROM audiences WHERE delete_date IS NOT NULL ORDER BY no LIMIT 1'),
    abandonImports: db.prepare("UPDATE imports SET status = 'abandoned', has_garbage = 1 WHERE audience_no = ?"),
    forgetAudience: db.prepare('DELETE FROM audiences WHERE no = ?'),
    someContacts: db.prepare('SELECT no FROM contacts WHERE no BETWEEN ? AND ? ORDER BY no LIMIT ?'),
    deleteContact: db.prepare('DELETE FROM contacts WHERE no = ?'),
  };
}
