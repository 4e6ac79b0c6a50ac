/** Imports of the model: what a store does with them, in the simplest code there is. */
import { type ContactDetails, type ContactInput, fillContact } from '../../src/core/contact-fields.ts';
import { formatDate } from '../../src/core/dates.ts';
import { failure } from '../../src/core/errors.ts';
import { makeId } from '../../src/core/ids.ts';
import {
  type Import,
  type ImportPhase,
  type ImportRow,
  isOpen,
  type JobSignal,
  judgeRow,
  noCounts,
  type RowFateNote,
} from '../../src/core/import-job.ts';
import type { Page, Slice, Store } from '../../src/core/store.ts';
import type { MemoryAudience, MemoryContact } from './memory-store.ts';

interface Fate extends Omit<RowFateNote, 'contact_id'> {
  contact: string | undefined;
}

interface Batch {
  firstRow: number;
  fates: Fate[];
  cells: Uint8Array;
}

/** A change to take back: the contact's id, and what it was before, with its revision then. */
type Change =
  | { kind: 'created'; id: string }
  | { kind: 'updated'; id: string; before: MemoryContact; isFirst: boolean }
  | { kind: 'removed'; before: MemoryContact };

interface MemoryImport {
  shown: Import;
  isUploading: boolean;
  file: Uint8Array[];
  owner: string | undefined;
  leaseUntil: number;
  finished: number | undefined;
  isCancelled: boolean;
  batches: Batch[];
  changes: Change[];
  /** Of a rehearsal: what it would have made of each number, and the first line that had it. */
  rehearsed: Map<string, { line: number; after: ContactDetails | undefined }>;
  /** The contacts that were there when the file was begun. */
  before: Set<string>;
}

export function makeMemoryImports(
  audienceOf: (accountId: string, audienceId: string) => MemoryAudience,
  addContact: (audience: MemoryAudience, input: ContactInput) => MemoryContact,
  isThere: (audienceId: string) => boolean,
): Store['imports'] {
  let imports: MemoryImport[] = [];
  const copy = ({ shown }: MemoryImport): Import => structuredClone(shown);

  function find(importId: string, isUploading: boolean): MemoryImport {
    const found = imports.find((each) => each.shown.id === importId && each.isUploading === isUploading);
    if (found === undefined) throw failure(9020);
    return found;
  }

  function ofAudience(accountId: string, audienceId: string, importId: string): MemoryImport {
    audienceOf(accountId, audienceId);
    const found = find(importId, false);
    if (found.shown.audience_id !== audienceId) throw failure(9020);
    return found;
  }

  function held(importId: string, owner: string): MemoryImport | JobSignal {
    const found = imports.find(({ shown }) => shown.id === importId);
    if (found?.owner !== owner || found.shown.status !== 'running') return 'lost';
    if (!found.isCancelled) return found;
    end(found, 'cancelled');
    return 'stopped';
  }

  function end(found: MemoryImport, status: Import['status']): void {
    Object.assign(found.shown, { status, finish_date: formatDate() });
    Object.assign(found, { isCancelled: false, owner: undefined, leaseUntil: 0, finished: Date.now() });
  }

  function requeue(found: MemoryImport, phase: ImportPhase): Import {
    Object.assign(found.shown, { status: 'queued', phase, error: null, start_date: null, finish_date: null });
    found.finished = undefined;
    return copy(found);
  }

  function beginPass(found: MemoryImport, phase: ImportPhase): void {
    Object.assign(found.shown, noCounts(), { phase, bytes_done: 0, met: 0 });
    Object.assign(found, { batches: [], changes: [], rehearsed: new Map() });
  }

  function requireData({ is_expired }: Import): void {
    if (is_expired) throw failure(9022);
  }

  const audienceOfImport = ({ shown }: MemoryImport) => audienceOf(shown.account_id, shown.audience_id);
  const byNumber = (audience: MemoryAudience, number: string) =>
    audience.contacts.find((contact) => contact.number === number);
  const byId = (audience: MemoryAudience, id: string) => audience.contacts.find((contact) => contact.id === id);

  function judge(found: MemoryImport, audience: MemoryAudience, row: ImportRow): Fate {
    const fate = { contact: undefined, repeats_line: null, refusal: null };
    if (row.refusal !== undefined) return { ...fate, status: 'refused' };
    const met = byNumber(audience, row.contact.number);
    const contact = row.id === undefined || met?.id === row.id ? met : undefined;
    const isRehearsal = found.shown.phase === 'rehearse';
    const rehearsed = found.rehearsed.get(row.contact.number);
    const repeated = isRehearsal
      ? rehearsed?.line
      : contact?.met?.import === found.shown.id
        ? contact.met.line
        : undefined;
    const existing: ContactDetails | undefined = rehearsed?.after ?? contact;
    if (isRehearsal && rehearsed === undefined && contact !== undefined) found.shown.met++;
    const judgement = judgeRow(existing, row.contact, found.shown);
    if (judgement.status === 'refused') return { ...fate, status: 'refused', refusal: judgement.refusal };
    const after = 'after' in judgement ? judgement.after : undefined;
    const line = repeated ?? row.line;
    const noted = { ...fate, status: judgement.status, repeats_line: repeated ?? null };
    if (isRehearsal) {
      found.rehearsed.set(row.contact.number, { line, after: after ?? rehearsed?.after });
      return { ...noted, contact: contact?.id };
    }
    if (judgement.status === 'removed') {
      found.shown.met++;
      found.changes.push({ kind: 'removed', before: structuredClone(contact!) });
      audience.contacts = audience.contacts.filter((each) => each !== contact);
      return { ...noted, contact: contact!.id };
    }
    if (contact === undefined && judgement.status === 'skipped') return noted;
    if (contact === undefined) {
      const made = addContact(audience, after!);
      made.met = { import: found.shown.id, line, isChanged: true };
      found.changes.push({ kind: 'created', id: made.id });
      return { ...noted, contact: made.id };
    }
    if (repeated === undefined) found.shown.met++;
    const wasChanged = repeated !== undefined && contact.met!.isChanged;
    if (after !== undefined) {
      found.changes.push({ kind: 'updated', id: contact.id, before: structuredClone(contact), isFirst: !wasChanged });
      Object.assign(contact, fillContact(after), { update_date: formatDate(), revision: contact.revision + 1 });
    }
    contact.met = { import: found.shown.id, line, isChanged: wasChanged || after !== undefined };
    return { ...noted, contact: contact.id };
  }

  function takeBack(found: MemoryImport, audience: MemoryAudience, change: Change): void {
    const undo = found.shown.undo!;
    if (change.kind === 'removed') {
      const { before } = change;
      const isTaken = byNumber(audience, before.number) !== undefined;
      if (!isTaken) {
        audience.contacts.push(before);
        audience.contacts.sort((one, other) => (one.id < other.id ? -1 : 1));
      }
      undo[isTaken ? 'left_alone' : 'restored']++;
      return;
    }
    const contact = byId(audience, change.id);
    if (change.kind === 'created') {
      if (contact === undefined) return;
      const isOurs = contact.revision === 1;
      if (isOurs) audience.contacts = audience.contacts.filter((each) => each !== contact);
      undo[isOurs ? 'deleted' : 'left_alone']++;
      return;
    }
    const isOurs = contact !== undefined && contact.revision === change.before.revision + 1;
    if (isOurs) Object.assign(contact, change.before, { met: contact.met, update_date: formatDate() });
    if (change.isFirst) undo[isOurs ? 'restored' : 'left_alone']++;
  }

  return {
    async begin(accountId, audienceId, options, fileName) {
      audienceOf(accountId, audienceId);
      const shown: Import = {
        id: makeId(),
        account_id: accountId,
        audience_id: audienceId,
        ...options,
        name: options.name ?? fileName,
        status: 'queued',
        phase: options.dry_run || options.mode === 'replace' ? 'rehearse' : 'apply',
        file: { name: fileName, bytes: 0, sha256: '' },
        layout: null,
        ...noCounts(),
        rows_total: null,
        bytes_done: 0,
        met: 0,
        undo: null,
        error: null,
        create_date: formatDate(),
        start_date: null,
        finish_date: null,
        is_expired: false,
      };
      imports.push({
        shown,
        isUploading: true,
        file: [],
        owner: undefined,
        leaseUntil: 0,
        finished: undefined,
        isCancelled: false,
        batches: [],
        changes: [],
        rehearsed: new Map(),
        before: new Set(),
      });
      return shown.id;
    },
    async append(importId, _sequence, bytes) {
      find(importId, true).file.push(bytes.slice());
    },
    async queue(importId, bytes, sha256) {
      const found = find(importId, true);
      audienceOfImport(found);
      Object.assign(found.shown.file, { bytes, sha256 });
      found.isUploading = false;
      return copy(found);
    },
    async abandon(importId) {
      imports = imports.filter(({ shown, isUploading }) => shown.id !== importId || !isUploading);
    },

    get: async (accountId, audienceId, importId) => copy(ofAudience(accountId, audienceId, importId)),
    async page(accountId, slice, audienceId) {
      if (audienceId !== undefined) audienceOf(accountId, audienceId);
      const matching = imports
        .filter(({ shown, isUploading }) => shown.account_id === accountId && !isUploading)
        .filter(({ shown }) => audienceId === undefined || shown.audience_id === audienceId)
        .filter(({ shown }) => isThere(shown.audience_id))
        .map(copy);
      return { ...newestFirst(matching, slice), total: matching.length };
    },
    async verdicts(accountId, audienceId, importId, after, status) {
      const audience = audienceOf(accountId, audienceId);
      const { batches } = ofAudience(accountId, audienceId, importId);
      return batches
        .filter(({ firstRow, fates }) => firstRow + fates.length - 1 > after)
        .filter(({ fates }) => status === undefined || fates.some((fate) => fate.status === status))
        .map(({ firstRow, fates, cells }) => ({
          firstRow,
          cells,
          fates: fates.map(({ contact, ...fate }) => ({
            ...fate,
            contact_id: contact !== undefined && byId(audience, contact) !== undefined ? contact : null,
          })),
        }));
    },
    async run(accountId, audienceId, importId) {
      const found = ofAudience(accountId, audienceId, importId);
      if (!found.shown.dry_run || found.shown.status !== 'completed') throw failure(9022);
      requireData(found.shown);
      found.shown.dry_run = false;
      const phase = found.shown.mode === 'replace' ? 'rehearse' : 'apply';
      beginPass(found, phase);
      return requeue(found, phase);
    },
    async undo(accountId, audienceId, importId) {
      const found = ofAudience(accountId, audienceId, importId);
      const { status, dry_run, phase } = found.shown;
      if (isOpen(status) || status === 'undone' || dry_run || phase === 'rehearse') throw failure(9022);
      requireData(found.shown);
      found.shown.undo ??= { deleted: 0, restored: 0, left_alone: 0 };
      return requeue(found, 'undo');
    },
    async cancel(accountId, audienceId, importId) {
      const found = ofAudience(accountId, audienceId, importId);
      if (!isOpen(found.shown.status) || found.shown.phase === 'undo') throw failure(9022);
      if (found.shown.status === 'queued') end(found, 'cancelled');
      else found.isCancelled = true;
      return copy(found);
    },

    async claim(owner, lease) {
      const now = Date.now();
      const open = imports.filter(({ shown, isUploading }) => !isUploading && isOpen(shown.status));
      const found = open.find(
        (each) =>
          each.leaseUntil < now &&
          !open.some(
            (other, at) =>
              other !== each &&
              other.shown.audience_id === each.shown.audience_id &&
              (at < open.indexOf(each) || other.leaseUntil >= now),
          ),
      );
      if (found === undefined) return undefined;
      Object.assign(found, { owner, leaseUntil: now + lease });
      found.shown.status = 'running';
      found.shown.start_date ??= formatDate();
      return copy(found);
    },
    async renew(importId, owner, lease) {
      const found = held(importId, owner);
      if (typeof found === 'string') return found;
      found.leaseUntil = Date.now() + lease;
      return 'go on';
    },
    async release(importId, owner) {
      const found = held(importId, owner);
      if (typeof found !== 'string') Object.assign(found, { owner: undefined, leaseUntil: 0 });
    },
    async read(importId, offset, length) {
      const found = imports.find(({ shown }) => shown.id === importId);
      return new Uint8Array(Buffer.concat(found?.file ?? []).subarray(offset, offset + length));
    },
    async describe(importId, owner, layout) {
      const found = held(importId, owner);
      if (typeof found === 'string') return found;
      found.shown.layout = layout;
      return 'go on';
    },
    async apply(importId, owner, { from, rows, cells, bytes, isLast }) {
      const found = held(importId, owner);
      if (typeof found === 'string') return found;
      if (found.shown.rows_done !== from) return 'lost';
      const audience = audienceOfImport(found);
      if (from === 0) found.before = new Set(audience.contacts.map(({ id }) => id));
      const fates = rows.map((row) => {
        const fate = judge(found, audience, row);
        found.shown[fate.status]++;
        const refusal = row.refusal ?? fate.refusal;
        if (refusal !== null) {
          const counts = found.shown.refused_by_code;
          counts[refusal.code] = (counts[refusal.code] ?? 0) + 1;
        }
        return fate;
      });
      if (fates.length > 0) found.batches.push({ firstRow: from + 1, fates, cells });
      found.shown.rows_done += rows.length;
      found.shown.bytes_done = bytes;
      if (isLast) {
        found.shown.rows_total = found.shown.rows_done;
        const { phase, mode, met } = found.shown;
        if (phase === 'rehearse' && mode === 'replace') found.shown.removed = audience.contacts.length - met;
      }
      return 'go on';
    },
    batchesAtOnce: 1,
    async enter(importId, owner, phase) {
      const found = held(importId, owner);
      if (typeof found === 'string') return found;
      if (phase === 'apply') beginPass(found, phase);
      found.shown.phase = phase;
      return 'go on';
    },
    async removeSome(importId, owner) {
      const found = held(importId, owner);
      if (typeof found === 'string') return { signal: found, hasMore: false };
      const audience = audienceOfImport(found);
      const gone = audience.contacts.filter(({ id, met }) => found.before.has(id) && met?.import !== found.shown.id);
      for (const before of gone) found.changes.push({ kind: 'removed', before });
      audience.contacts = audience.contacts.filter((contact) => !gone.includes(contact));
      found.shown.removed += gone.length;
      return { signal: 'go on', hasMore: false };
    },
    async undoSome(importId, owner) {
      const found = held(importId, owner);
      if (typeof found === 'string') return { signal: found, hasMore: false };
      const audience = audienceOfImport(found);
      for (const change of found.changes.splice(0).reverse()) takeBack(found, audience, change);
      return { signal: 'go on', hasMore: false };
    },
    async finish(importId, owner, status, error) {
      const found = held(importId, owner);
      if (typeof found === 'string') return;
      found.shown.error = error ?? null;
      end(found, status);
    },
    async expire(retention) {
      for (const found of imports) {
        if (found.finished === undefined || found.finished >= Date.now() - retention) continue;
        found.shown.is_expired = true;
        Object.assign(found, { file: [], batches: [], changes: [] });
      }
    },
  };
}

function newestFirst(all: Import[], { direction, position, size }: Slice): Page<Import> {
  const newest = all.toReversed();
  if (direction === 'after') {
    const behind = newest.filter(({ id }) => position === undefined || id < position);
    return { items: behind.slice(0, size), hasNext: behind.length > size };
  }
  const ahead = newest.filter(({ id }) => position === undefined || id > position);
  return { items: ahead.slice(-size), hasNext: ahead.length < newest.length };
}
