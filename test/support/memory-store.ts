/**
 * What a store does, in the simplest code there is: the specification that every real store is held against. It keeps
 * nothing, is slow, and searches by looking.
 */
import { nameKey } from '../../src/core/audiences.ts';
import { type Contact, listedDocument, writeDocument } from '../../src/core/contact-document.ts';
import { applyChange, type ContactInput, fillContact } from '../../src/core/contact-fields.ts';
import { formatDate } from '../../src/core/dates.ts';
import { requireAudience, requireContact } from '../../src/core/entity-tags.ts';
import { failure, MusterError, type Problem, problem } from '../../src/core/errors.ts';
import { makeId } from '../../src/core/ids.ts';
import { sliceOf } from '../../src/core/paging.ts';
import { searchText } from '../../src/core/search-text.ts';
import type { Account, Audience, Key, NewKey, NewSession, Session, Store } from '../../src/core/store.ts';
import { carryingOutOnce } from './memory-idempotency.ts';
import { makeMemoryImports } from './memory-imports.ts';

/** A contact with what imports tell changes by, and the import that met it last. */
export interface MemoryContact extends Contact {
  revision: number;
  met?: { import: string; line: number; isChanged: boolean };
}

export interface MemoryAudience {
  shown: Omit<Audience, 'contacts_count'>;
  contacts: MemoryContact[];
}

export function openMemoryStore(): Store {
  const accounts: Account[] = [];
  let keys: (Key & { hash: Uint8Array })[] = [];
  let sessions: (Session & { hash: Uint8Array })[] = [];
  let links: NewSession[] = [];
  let audiences: MemoryAudience[] = [];

  const show = ({ shown, contacts }: MemoryAudience): Audience => ({ ...shown, contacts_count: contacts.length });

  function audienceOf(accountId: string, audienceId: string): MemoryAudience {
    const found = audiences.find(({ shown }) => shown.id === audienceId && shown.account_id === accountId);
    if (found === undefined) throw failure(1301);
    return found;
  }

  function contactOf(audience: MemoryAudience, contactId: string): MemoryContact {
    const found = audience.contacts.find((contact) => contact.id === contactId);
    if (found === undefined) throw failure(1351);
    return found;
  }

  function byNumber(audience: MemoryAudience, number: string): MemoryContact | undefined {
    return audience.contacts.find((contact) => contact.number === number);
  }

  /** Those of an audience, or of all of the account's. */
  function contactsOf(accountId: string, audienceId: string | undefined): MemoryContact[] {
    if (audienceId !== undefined) return audienceOf(accountId, audienceId).contacts;
    return audiences.filter(({ shown }) => shown.account_id === accountId).flatMap(({ contacts }) => contacts);
  }

  function requireFreeName(accountId: string, name: string, except?: string): void {
    for (const { shown } of audiences) {
      const isTaken = shown.account_id === accountId && nameKey(shown.name) === nameKey(name);
      if (isTaken && shown.id !== except) throw failure(1309);
    }
  }

  function addContact(audience: MemoryAudience, input: ContactInput): MemoryContact {
    const now = formatDate();
    const contact = { id: makeId(), ...fillContact(input), create_date: now, update_date: now, revision: 1 };
    audience.contacts.push(contact);
    return contact;
  }

  /** The contact after the change, and whether anything really changed. */
  function changeContact(contact: MemoryContact, change: Partial<ContactInput>): boolean {
    const after = applyChange(contact, change);
    if (after !== undefined) {
      Object.assign(contact, after, { update_date: formatDate(), revision: contact.revision + 1 });
    }
    return after !== undefined;
  }

  function requireAccount(accountId: string): void {
    if (!accounts.some(({ id }) => id === accountId)) throw new Error('no such account');
  }

  function addKey({ hash, ...key }: NewKey): Key {
    requireAccount(key.account_id);
    if (keys.some((each) => Buffer.compare(each.hash, hash) === 0)) throw new Error('two keys with one hash');
    const made: Key = { id: makeId(), ...key, create_date: formatDate(), last_use_date: null };
    keys.push({ ...made, hash });
    return made;
  }

  function letGo(now: string): void {
    sessions = sessions.filter(({ expire_date }) => expire_date > now);
    links = links.filter(({ expire_date }) => expire_date > now);
  }

  function addSession({ key_id, hash, expire_date }: NewSession): Session | undefined {
    if (!keys.some(({ id }) => id === key_id)) return undefined;
    const now = formatDate();
    letGo(now);
    const made: Session = { id: makeId(), key_id, create_date: now, last_use_date: now, expire_date };
    sessions.push({ ...made, hash });
    return made;
  }

  return carryingOutOnce({
    accounts: {
      async create(name) {
        const account = { id: makeId(), name, create_date: formatDate() };
        accounts.push(account);
        return { ...account };
      },
      get: async (accountId) => accounts.find(({ id }) => id === accountId),
      list: async () => [...accounts],
    },

    keys: {
      create: async (key) => addKey(key),
      async createFirst(accountName, key) {
        if (keys.length > 0) return undefined;
        if (accounts.length === 0) accounts.push({ id: makeId(), name: accountName, create_date: formatDate() });
        const account = { ...accounts[0]! };
        return { account, key: addKey({ account_id: account.id, ...key }) };
      },
      async find(hash) {
        const found = keys.find((key) => Buffer.compare(key.hash, hash) === 0);
        return found && showKey(found);
      },
      async list(accountId) {
        return keys.filter((key) => accountId === undefined || key.account_id === accountId).map(showKey);
      },
      async touch(keyId) {
        const found = keys.find(({ id }) => id === keyId);
        if (found !== undefined) found.last_use_date = formatDate();
      },
      async revoke(keyId, accountId) {
        const before = keys.length;
        keys = keys.filter(({ id, account_id }) => id !== keyId || account_id !== (accountId ?? account_id));
        if (keys.length === before) return false;
        sessions = sessions.filter(({ key_id }) => key_id !== keyId);
        links = links.filter(({ key_id }) => key_id !== keyId);
        return true;
      },
      async rotate(keyId, key, oldExpires) {
        const old = keys.find(({ id }) => id === keyId);
        if (old === undefined) return undefined;
        const made = addKey(key);
        // A key that is about to expire anyway does not live longer for being rotated.
        if (old.expire_date === null || old.expire_date > oldExpires) old.expire_date = oldExpires;
        return made;
      },
    },

    sessions: {
      create: async (session) => addSession(session),
      async find(hash) {
        const found = sessions.find((session) => Buffer.compare(session.hash, hash) === 0);
        if (found === undefined) return undefined;
        const { hash: _, ...session } = found;
        return { session, key: showKey(keys.find(({ id }) => id === session.key_id)!) };
      },
      async touch(sessionId, expireDate) {
        const found = sessions.find(({ id }) => id === sessionId);
        if (found !== undefined) Object.assign(found, { last_use_date: formatDate(), expire_date: expireDate });
      },
      async end(hash) {
        sessions = sessions.filter((session) => Buffer.compare(session.hash, hash) !== 0);
      },
      async createLink(link) {
        if (!keys.some(({ id }) => id === link.key_id)) return false;
        letGo(formatDate());
        links.push(link);
        return true;
      },
      async redeemLink(hash, session) {
        const link = links.find((each) => Buffer.compare(each.hash, hash) === 0 && each.expire_date > formatDate());
        if (link === undefined) return undefined;
        links = links.filter((each) => each !== link);
        return addSession({ key_id: link.key_id, ...session });
      },
    },

    audiences: {
      async create(accountId, { name, channel, contacts }) {
        requireAccount(accountId);
        requireFreeName(accountId, name);
        if (new Set(contacts.map(({ number }) => number)).size < contacts.length) throw failure(1360);
        const now = formatDate();
        const shown = { id: makeId(), account_id: accountId, name, channel, create_date: now, update_date: now };
        const audience: MemoryAudience = { shown, contacts: [] };
        audiences.push(audience);
        for (const contact of contacts) addContact(audience, contact);
        return show(audience);
      },
      get: async (accountId, audienceId) => show(audienceOf(accountId, audienceId)),
      async page(accountId, slice, channel) {
        const matching = audiences
          .filter(({ shown }) => shown.account_id === accountId)
          .filter(({ shown }) => channel === undefined || shown.channel === channel)
          .map(show);
        return { ...sliceOf(matching, slice), total: matching.length };
      },
      async rename(accountId, audienceId, name, terms) {
        const audience = audienceOf(accountId, audienceId);
        requireAudience(show(audience), terms?.precondition);
        requireFreeName(accountId, name, audienceId);
        if (audience.shown.name !== name) Object.assign(audience.shown, { name, update_date: formatDate() });
        return show(audience);
      },
      async delete(accountId, audienceId, terms) {
        const audience = audienceOf(accountId, audienceId);
        requireAudience(show(audience), terms?.precondition);
        audiences = audiences.filter((each) => each !== audience);
      },
    },

    contacts: {
      async create(accountId, audienceId, contact) {
        const audience = audienceOf(accountId, audienceId);
        const existing = byNumber(audience, contact.number);
        if (existing !== undefined) throw new MusterError([conflictWith(existing)]);
        return writeDocument(addContact(audience, contact));
      },
      async get(accountId, audienceId, contactId) {
        return writeDocument(contactOf(audienceOf(accountId, audienceId), contactId));
      },
      async page(accountId, audienceId, { needles, tags = [], count, ...slice }) {
        const matching = audienceOf(accountId, audienceId).contacts.filter((each) => matches(each, needles, tags));
        const { items, hasNext } = sliceOf(matching, slice);
        const listed = items.map((contact) => listedDocument(writeDocument(contact), accountId, audienceId));
        const documents = new TextEncoder().encode(listed.join(','));
        const page = { documents, count: items.length, first: items[0]?.id, last: items.at(-1)?.id, hasNext };
        return count ? { ...page, total: matching.length } : page;
      },
      async *export(accountId, audienceId, needles, tags = []) {
        const documents = audienceOf(accountId, audienceId)
          .contacts.filter((each) => matches(each, needles, tags))
          .map(writeDocument);
        for (let from = 0; from < documents.length; from += 100) yield documents.slice(from, from + 100);
      },
      async tags(accountId, audienceId) {
        const counts = new Map<string, number>();
        for (const { tags } of audienceOf(accountId, audienceId).contacts) {
          for (const tag of tags) counts.set(tag, (counts.get(tag) ?? 0) + 1);
        }
        return [...counts]
          .map(([tag, contacts_count]) => ({ tag, contacts_count }))
          .sort((a, b) => b.contacts_count - a.contacts_count || Buffer.compare(Buffer.from(a.tag), Buffer.from(b.tag)))
          .slice(0, 1000);
      },
      async update(accountId, audienceId, contactId, change, terms) {
        const audience = audienceOf(accountId, audienceId);
        const contact = contactOf(audience, contactId);
        requireContact(writeDocument(contact), terms?.precondition);
        const holder = change.number === undefined ? undefined : byNumber(audience, change.number);
        if (holder !== undefined && holder !== contact) throw new MusterError([conflictWith(holder)]);
        changeContact(contact, change);
        return writeDocument(contact);
      },
      async delete(accountId, audienceId, contactId, terms) {
        const audience = audienceOf(accountId, audienceId);
        const contact = contactOf(audience, contactId);
        requireContact(writeDocument(contact), terms?.precondition);
        audience.contacts = audience.contacts.filter((each) => each !== contact);
      },
      async upsert(accountId, audienceId, rows, onConflict) {
        const audience = audienceOf(accountId, audienceId);
        return rows.map((row) => {
          const existing = byNumber(audience, row.number);
          if (existing === undefined) return { status: 'created', id: addContact(audience, row).id };
          if (onConflict === 'error') return { status: 'refused', problem: conflictWith(existing) };
          if (onConflict === 'skip') return { status: 'skipped', id: existing.id };
          return { status: changeContact(existing, row) ? 'updated' : 'unchanged', id: existing.id };
        });
      },
    },

    imports: makeMemoryImports(audienceOf, addContact, (id) => audiences.some(({ shown }) => shown.id === id)),

    figures: {
      async created(accountId, audienceId, from) {
        const ids = contactsOf(accountId, audienceId).map(({ id }) => id);
        const counts = from.map((low, index) => ids.filter((id) => id >= low && id < (from[index + 1] ?? 'g')).length);
        return { total: ids.length, counts };
      },
      async prefixes(accountId, audienceId) {
        const counts = new Map<string, number>();
        for (const { number } of contactsOf(accountId, audienceId)) {
          const prefix = number.slice(0, 4);
          counts.set(prefix, (counts.get(prefix) ?? 0) + 1);
        }
        return [...counts].sort(([one], [other]) => (one < other ? -1 : 1));
      },
    },
    about: async () => ({ kind: 'sqlite', bytes: null }),
    version: () => undefined,
    ready: async () => {},
    backup: async () => {
      throw new Error('the model has nothing to copy');
    },
    check: async () => [],
    close: async () => {},
  });
}

function showKey({ hash, ...key }: Key & { hash: Uint8Array }): Key {
  return { ...key };
}

function matches(contact: Contact, needles: string[], tags: string[]): boolean {
  return (
    needles.every((needle) => searchText(contact).includes(needle)) && tags.every((tag) => contact.tags.includes(tag))
  );
}

function conflictWith(contact: Contact): Problem {
  return { ...problem(1360), contact_id: contact.id };
}
