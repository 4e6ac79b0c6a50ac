/**
 * THE PORT: what a store can do. Each method is one atomic operation with plain data in and out, so that a store may
 * batch operations, run them on another thread or in another place, and no transaction can leak. What a method
 * acknowledges is durable, and the next read sees it. Every method on a tenant's data takes the account first and
 * answers for another account's data as if it did not exist.
 *
 * Methods fail with a MusterError of the codes they name; any store may also fail with 9503 when it cannot answer now,
 * and has then changed nothing. A store in another place may lose its connection between a commit and the answer to it: it finds
 * out then, and a 9503 says so in words when even that is not possible.
 */
import type { ContactChange, ContactInput } from './contact-fields.ts';
import type { Precondition } from './entity-tags.ts';
import type { ErrorCode, Problem } from './errors.ts';
import type { Idempotency } from './idempotency.ts';
import type {
  Import,
  ImportBatch,
  ImportLayout,
  ImportOptions,
  ImportPhase,
  JobSignal,
  RowStatus,
  VerdictBatch,
} from './import-job.ts';

export interface Account {
  id: string;
  name: string;
  create_date: string;
}

export type Scope = 'read' | 'write';

export interface Key {
  id: string;
  account_id: string;
  name: string;
  /** The key's first characters, to recognise it by. */
  prefix: string;
  scope: Scope;
  create_date: string;
  /** To the minute. */
  last_use_date: string | null;
  /** From this date on the key is unknown. */
  expire_date: string | null;
}

/** A key as it is made: with its SHA-256, the only trace of the secret. */
export type NewKey = Omit<Key, 'id' | 'create_date' | 'last_use_date'> & { hash: Uint8Array };

/** Somebody who signed in with a key, and may do what the key may for as long as there is the key. */
export interface Session {
  id: string;
  key_id: string;
  create_date: string;
  /** To the minute. */
  last_use_date: string;
  /** From this date on the session is over; every use moves it. */
  expire_date: string;
}

/** A session, or a link that signs in once, as it is made: with the SHA-256 of its token, the only trace of it. */
export interface NewSession {
  key_id: string;
  hash: Uint8Array;
  expire_date: string;
}

export type Channel = 'SMS' | 'WHATSAPP' | 'VIBER';

export interface Audience {
  id: string;
  account_id: string;
  name: string;
  channel: Channel;
  contacts_count: number;
  create_date: string;
  update_date: string;
}

export interface NewAudience {
  name: string;
  channel: Channel;
  contacts: ContactInput[];
}

/** Where a page lies: after or before (not including) an id, whether or not that id still exists. */
export interface Slice {
  direction: 'after' | 'before';
  /** Absent: from the beginning. */
  position?: string;
  size: number;
}

/** Items in creation order, with what lies around them. */
export interface Page<Item> {
  items: Item[];
  hasNext: boolean;
  /** The exact count of all that match; absent when the query did not ask for it. */
  total?: number;
}

/** A page seen from outside: how many items it holds, the ids at its ends, and what lies behind them. */
export interface PageEnds {
  count: number;
  /** Undefined on an empty page. */
  first: string | undefined;
  last: string | undefined;
  hasNext: boolean;
  /** Absent when the query did not ask for it. */
  total?: number;
}

/** Contacts in creation order, as bytes that are ready to be sent: pages are read far more often than looked into. */
export interface ContactPage extends PageEnds {
  /**
   * Their documents as a list shows them (`listedDocument`), joined by commas, in UTF-8, in a buffer of their own: whoever has sent
   * them may free it.
   */
  documents: Uint8Array<ArrayBuffer>;
}

/** Which contacts: those that match all of it. */
export interface ContactFilter {
  /** From `searchNeedles`; none is no filter. */
  needles: string[];
  /** Tags that a contact must have, all of them, spelled exactly so. */
  tags?: string[];
}

export interface ContactQuery extends Slice, ContactFilter {
  /** Whether to count all that match: the dear part of a search, asked for once a walk. */
  count: boolean;
}

/** How many contacts there are, and how many of them have an id from each of several on, up to the next one. */
export interface Created {
  total: number;
  counts: number[];
}

/** The first four digits of numbers, or all of shorter ones, and how many contacts have them. */
export type PrefixCount = [prefix: string, count: number];

/** A tag, and how many contacts of an audience have it. */
export interface TagCount {
  tag: string;
  contacts_count: number;
}

/** What a write is bound to, beside what it does. */
export interface Terms {
  /** Looked at in the same transaction. Raises 9009, behind what is not there and before what is in the way. */
  precondition?: Precondition | undefined;
  /**
   * The write takes effect once, however often it is asked for within a day: its outcome is kept in its own transaction and given to
   * every repeat, which waits for a first one that is under way. Raises 9014.
   */
  idempotency?: Idempotency | undefined;
}

export type OnConflict = 'update' | 'skip' | 'error';

/** What happened to one row of an upsert. */
export type RowFate =
  | { status: 'created' | 'updated' | 'unchanged' | 'skipped'; id: string }
  | { status: 'refused'; problem: Problem };

/** What a check of the whole store found wrong; an empty list is a sound store. */
export interface Finding {
  what: string;
  where?: string;
}

/** Bytes of a piece of an import's file. */
export const IMPORT_CHUNK = 256 * 1024;

export interface Store {
  accounts: {
    create(name: string): Promise<Account>;
    get(accountId: string): Promise<Account | undefined>;
    list(): Promise<Account[]>;
  };
  keys: {
    create(key: NewKey): Promise<Key>;
    /**
     * Makes the first key of a store that has none, for its first account, which is made when there is none, both or neither. However
     * many ask at once, one of them makes it; undefined when there are keys.
     */
    createFirst(
      accountName: string,
      key: Omit<NewKey, 'account_id'>,
    ): Promise<{ account: Account; key: Key } | undefined>;
    /** The key with this SHA-256, expired or not. Costs next to nothing: every request asks. */
    find(hash: Uint8Array): Promise<Key | undefined>;
    list(accountId?: string): Promise<Key[]>;
    /** Notes that the key was used now. */
    touch(keyId: string): Promise<void>;
    /** Its sessions end with it. Whether there was such a key, and it was the account's when one is given. */
    revoke(keyId: string, accountId?: string): Promise<boolean>;
    /** Makes a key and lets the old one expire, both or neither; undefined when the old one does not exist. */
    rotate(keyId: string, key: NewKey, oldExpires: string): Promise<Key | undefined>;
  };
  /** Sessions end with their key. Those that are over, and links, are let go of when another one is made. */
  sessions: {
    /** Undefined when there is no such key. */
    create(session: NewSession): Promise<Session | undefined>;
    /** The session with this SHA-256 and its key, expired or not. Costs next to nothing: every request of a browser asks. */
    find(hash: Uint8Array): Promise<{ session: Session; key: Key } | undefined>;
    /** Notes that the session was used now, and when it is over if it is not used again. */
    touch(sessionId: string, expireDate: string): Promise<void>;
    /** Ends the session with this SHA-256, if there is one. */
    end(hash: Uint8Array): Promise<void>;
    /** Makes a link that signs in once; whether there is such a key. */
    createLink(link: NewSession): Promise<boolean>;
    /** Makes a session in the place of the link with this SHA-256; undefined when there is none, or it has expired. */
    redeemLink(hash: Uint8Array, session: Omit<NewSession, 'key_id'>): Promise<Session | undefined>;
  };
  audiences: {
    /** All or nothing. Raises 1309, 1360 (a number twice in the list). */
    create(accountId: string, audience: NewAudience, terms?: Terms): Promise<Audience>;
    /** Raises 1301. */
    get(accountId: string, audienceId: string): Promise<Audience>;
    page(accountId: string, slice: Slice, channel?: Channel): Promise<Required<Page<Audience>>>;
    /** Raises 1301, 1309. */
    rename(accountId: string, audienceId: string, name: string, terms?: Terms): Promise<Audience>;
    /** Its contacts go with it, out of every answer at once. Raises 1301. */
    delete(accountId: string, audienceId: string, terms?: Terms): Promise<void>;
  };
  /** Contacts come out as documents, their ready JSON text: see contact-document.ts. */
  contacts: {
    /** Raises 1301, 1360. */
    create(accountId: string, audienceId: string, contact: ContactInput, terms?: Terms): Promise<string>;
    /** Raises 1301, 1351. */
    get(accountId: string, audienceId: string, contactId: string): Promise<string>;
    /** Raises 1301. */
    page(accountId: string, audienceId: string, query: ContactQuery): Promise<ContactPage>;
    /**
     * The documents of all that match (`needles` and `tags` as in a query), in creation order and in batches, as they are at one moment,
     * whatever is written meanwhile. Memory does not grow with their number. Whoever stops early ends the iteration, as
     * `for await` does. Before the first batch it raises 1301, and 9503 when too many are under way; between batches 9503 when
     * the next one was asked for too late.
     */
    export(accountId: string, audienceId: string, needles: string[], tags?: string[]): AsyncIterable<string[]>;
    /** The tags of its contacts, most used first, then in the order of their bytes; 1,000 at the most. Raises 1301. */
    tags(accountId: string, audienceId: string): Promise<TagCount[]>;
    /** Raises 1301, 1351, 1360. */
    update(
      accountId: string,
      audienceId: string,
      contactId: string,
      change: ContactChange,
      terms?: Terms,
    ): Promise<string>;
    /** Raises 1301, 1351. */
    delete(accountId: string, audienceId: string, contactId: string, terms?: Terms): Promise<void>;
    /** Applies the rows in order, as one transaction; a fate for each, in the same order. Raises 1301. */
    upsert(
      accountId: string,
      audienceId: string,
      rows: ContactInput[],
      onConflict: OnConflict,
      terms?: Terms,
    ): Promise<RowFate[]>;
  };
  /**
   * Imports: a file, what was asked of it, its verdicts, and the work on it. The first methods serve the API, on an account's
   * data; those after `claim` serve the job that works on an import, and answer a signal to it. A batch's rows, verdicts and
   * checkpoint are one transaction.
   */
  imports: {
    /** Makes an import that nobody sees until `queue`; its id. Raises 1301. */
    begin(accountId: string, audienceId: string, options: ImportOptions, fileName: string | null): Promise<string>;
    /** Adds to its file, in order: `IMPORT_CHUNK` bytes each time, fewer at last. Raises 9020 when it was abandoned. */
    append(importId: string, sequence: number, bytes: Uint8Array): Promise<void>;
    /** The file is whole: the import may be worked on. A repeat leaves it as it is, and gives the first one's. Raises 1301, 9020. */
    queue(importId: string, bytes: number, sha256: string, terms?: Terms): Promise<Import>;
    /** Forgets an import whose upload broke off. */
    abandon(importId: string): Promise<void>;

    /** Raises 1301, 9020. */
    get(accountId: string, audienceId: string, importId: string): Promise<Import>;
    /** Newest first: `after` leads to older ones. */
    page(accountId: string, slice: Slice, audienceId?: string): Promise<Required<Page<Import>>>;
    /**
     * Verdicts on rows behind the row `after`, in batches as they are kept, from the first that holds a row of the status; at
     * most a few at once, and none at the end. Raises 1301, 9020.
     */
    verdicts(
      accountId: string,
      audienceId: string,
      importId: string,
      after: number,
      status?: RowStatus,
    ): Promise<VerdictBatch[]>;
    /** Runs a rehearsed import with the same file. Raises 1301, 9020, 9022. */
    run(accountId: string, audienceId: string, importId: string, terms?: Terms): Promise<Import>;
    /** Begins to take back what it changed. Raises 1301, 9020, 9022. */
    undo(accountId: string, audienceId: string, importId: string, terms?: Terms): Promise<Import>;
    /** What waits is cancelled at once, what runs stops at its next step. Raises 1301, 9020, 9022. */
    cancel(accountId: string, audienceId: string, importId: string, terms?: Terms): Promise<Import>;

    /**
     * Takes the oldest import that waits, or whose worker is gone, for so many milliseconds; undefined when there is none. An
     * audience's imports run one after the other.
     */
    claim(owner: string, lease: number): Promise<Import | undefined>;
    /** Keeps the job for so many milliseconds more. */
    renew(importId: string, owner: string, lease: number): Promise<JobSignal>;
    /** Gives the job back, to be gone on with by whoever comes. */
    release(importId: string, owner: string): Promise<void>;
    /** A part of the file, fewer bytes only at its end. */
    read(importId: string, offset: number, length: number): Promise<Uint8Array>;
    /** Notes how the file was understood. */
    describe(importId: string, owner: string, layout: ImportLayout): Promise<JobSignal>;
    /**
     * Judges a batch, and in the phase `apply` changes the audience by it. The next one may be handed over before this has answered: it
     * takes effect behind it, or not at all, with an answer that is not `go on`. Raises 1301.
     */
    apply(importId: string, owner: string, batch: ImportBatch): Promise<JobSignal>;
    /** How many batches of an import it is worth handing over before the first of them has answered, itself included. */
    batchesAtOnce: number;
    /** Goes on to the next phase, from its beginning. */
    enter(importId: string, owner: string, phase: ImportPhase): Promise<JobSignal>;
    /** Removes some contacts that no row met; whether there are more. Raises 1301. */
    removeSome(importId: string, owner: string): Promise<{ signal: JobSignal; hasMore: boolean }>;
    /** Takes back some of what was changed, the last first; whether there is more. */
    undoSome(importId: string, owner: string): Promise<{ signal: JobSignal; hasMore: boolean }>;
    /** Ends the job. */
    finish(
      importId: string,
      owner: string,
      status: 'completed' | 'failed' | 'undone',
      error?: { code: ErrorCode; message: string },
    ): Promise<void>;
    /** Lets go of the files, verdicts and undo data of imports that ended so many milliseconds ago. */
    expire(retention: number): Promise<void>;
  };
  /** Counts of an account's contacts, or of one audience's: raised is 1301. Each is of one moment. */
  figures: {
    /** Ids sort by creation. @param from ids in their order, at least one; behind the last everything counts. */
    created(accountId: string, audienceId: string | undefined, from: string[]): Promise<Created>;
    prefixes(accountId: string, audienceId?: string): Promise<PrefixCount[]>;
  };
  /** What kind of store it is, and what it takes on the disk, where it knows. */
  about(): Promise<{ kind: 'sqlite' | 'postgres' | 'citus'; bytes: number | null }>;
  /**
   * A number that differs whenever anything this store answered may have changed since, whoever changed it: what was read
   * at a version holds as long as the version is the same. Undefined when the store cannot tell. Costs microseconds.
   */
  version(): number | undefined;
  /** Raises 9503 when the store cannot read and write now. */
  ready(): Promise<void>;
  /** Writes a consistent copy of the whole store to a new file. */
  backup(file: string): Promise<void>;
  /** Checks the whole store: its integrity, counters against rows, index against rows. */
  check(progress?: (done: number, of: number) => void): Promise<Finding[]>;
  /** Finishes what was begun and closes. */
  close(): Promise<void>;
}
