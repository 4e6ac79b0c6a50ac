import { formatDate } from '../../core/dates.ts';
import type { Key, NewSession, Session } from '../../core/store.ts';
import type { DatabaseSync } from './database.ts';

const SESSION = 'id, key_id, create_date, last_use_date, expire_date';

/** What can be asked of sessions. @param keyColumns what a key is shown by. */
export function makeSessionReader(db: DatabaseSync, keyColumns: string) {
  const session = db.prepare(`SELECT ${SESSION} FROM sessions WHERE hash = ?`);
  const key = db.prepare(`SELECT ${keyColumns} FROM keys WHERE id = ?`);

  return {
    findSession(hash: Uint8Array): { session: Session; key: Key } | undefined {
      const found = session.get(hash) as Session | undefined;
      const its = found && (key.get(found.key_id) as Key | undefined);
      return its && { session: found, key: its };
    },
  };
}

/** All that writes sessions. */
export function makeSessionWriter(db: DatabaseSync, makeId: () => string) {
  const sql = {
    key: db.prepare('SELECT 1 FROM keys WHERE id = ?'),
    insert: db.prepare(
      `INSERT INTO sessions (id, key_id, hash, create_date, last_use_date, expire_date) VALUES (?1, ?2, ?3, ?4, ?4, ?5)`,
    ),
    touch: db.prepare('UPDATE sessions SET last_use_date = ?, expire_date = ? WHERE id = ?'),
    end: db.prepare('DELETE FROM sessions WHERE hash = ?'),
    insertLink: db.prepare('INSERT INTO sign_in_links (hash, key_id, expire_date) VALUES (?, ?, ?)'),
    takeLink: db.prepare('DELETE FROM sign_in_links WHERE hash = ? AND expire_date > ? RETURNING key_id'),
    expire: db.prepare('DELETE FROM sessions WHERE expire_date <= ?'),
    expireLinks: db.prepare('DELETE FROM sign_in_links WHERE expire_date <= ?'),
  };

  function letGo(): void {
    const now = formatDate();
    sql.expire.run(now);
    sql.expireLinks.run(now);
  }

  function createSession({ key_id, hash, expire_date }: NewSession): Session | undefined {
    if (sql.key.get(key_id) === undefined) return undefined;
    letGo();
    const now = formatDate();
    const made: Session = { id: makeId(), key_id, create_date: now, last_use_date: now, expire_date };
    sql.insert.run(made.id, key_id, hash, now, expire_date);
    return made;
  }

  return {
    createSession,

    touchSession(sessionId: string, expireDate: string): void {
      sql.touch.run(formatDate(), expireDate, sessionId);
    },

    endSession(hash: Uint8Array): void {
      sql.end.run(hash);
    },

    createSignInLink({ key_id, hash, expire_date }: NewSession): boolean {
      if (sql.key.get(key_id) === undefined) return false;
      letGo();
      sql.insertLink.run(hash, key_id, expire_date);
      return true;
    },

    redeemSignInLink(hash: Uint8Array, session: Omit<NewSession, 'key_id'>): Session | undefined {
      const link = sql.takeLink.get(hash, formatDate()) as { key_id: string } | undefined;
      return link && createSession({ key_id: link.key_id, ...session });
    },
  };
}
