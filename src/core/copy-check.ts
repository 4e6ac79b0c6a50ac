/**
 * Compares the two stores of a copy: what a client would see, through the port as the API asks it, and beside it what no client
 * sees (hashes of keys, revisions, undo data) record by record. Each side is read once from beginning to end, by itself.
 */
import { createHash } from 'node:crypto';
import { COPIED_NAMES, COPIED_TABLES, type CopiedName, type CopyRecord, type CopyStore } from './copy.ts';
import { keptImports, recordsOf, tablesOf } from './copy-run.ts';
import type { Import } from './import-job.ts';
import type { Account, Audience, Page, Slice } from './store.ts';

/** An audience as both stores have it. */
export interface CheckedAudience {
  id: string;
  name: string;
  account: string;
  contacts: number;
  imports: number;
  /** SHA-256 of the contacts' documents in creation order, a line each; in hexadecimal. */
  checksum: string;
}

export interface CopyCheck {
  accounts: number;
  keys: number;
  audiences: CheckedAudience[];
  /** What the target has otherwise; empty for a sound copy. */
  differences: string[];
}

/** Most differences to tell; more of them would only say the same again. */
const MAX_DIFFERENCES = 20;
const PAGE = 100;

export interface CheckOptions {
  /** Told how many contacts were read so far, of both stores together. */
  onContacts?: (count: number) => void;
  /** Asked now and then: whether to leave off. */
  isStopped?: () => boolean;
}

/** Compares everything; undefined when it was stopped. */
export async function checkCopy(
  source: CopyStore,
  target: CopyStore,
  { onContacts = () => {}, isStopped = () => false }: CheckOptions = {},
): Promise<CopyCheck | undefined> {
  const differences: string[] = [];
  const tell = (what: string) => {
    if (differences.length < MAX_DIFFERENCES) differences.push(what);
  };
  let read = 0;
  const onBatch = (count: number) => {
    read += count;
    onContacts(read);
    return !isStopped();
  };

  const [here, there] = await Promise.all([readInstallation(source), readInstallation(target)]);
  for (const [what, digest] of Object.entries(here.digests)) {
    if (there.digests[what] !== digest) tell(`${what} are not the same`);
  }
  const audiences: CheckedAudience[] = [];
  for (const account of here.accounts) {
    const [known, copied] = await Promise.all([audiencesOf(source, account), audiencesOf(target, account)]);
    const byId = new Map(copied.map((audience) => [audience.id, audience]));
    for (const audience of known) {
      const where = `audience '${audience.name}' (${audience.id})`;
      const other = byId.get(audience.id);
      byId.delete(audience.id);
      if (other === undefined) {
        tell(`${where} is missing`);
        continue;
      }
      const [mine, its] = await Promise.all([
        readAudience(source, audience, onBatch),
        readAudience(target, other, onBatch),
      ]);
      if (isStopped()) return undefined;
      for (const what of differing(mine, its)) tell(`${where}: ${what}`);
      const { contacts, imports, checksum } = mine;
      audiences.push({ id: audience.id, name: audience.name, account: account.name, contacts, imports, checksum });
    }
    for (const { id, name } of byId.values()) tell(`audience '${name}' (${id}) is not in the source`);
  }
  return { accounts: here.accounts.length, keys: here.keys, audiences, differences };
}

interface Installation {
  accounts: Account[];
  keys: number;
  /** What is compared → its digest. */
  digests: Record<string, string>;
}

async function readInstallation(side: CopyStore): Promise<Installation> {
  const { store } = side;
  const [accounts, keys] = await Promise.all([store.accounts.list(), store.keys.list()]);
  const digests: Record<string, string> = {
    'the accounts as they are listed': digestOf([accounts]),
    'the keys as they are listed': digestOf([keys]),
  };
  for (const table of tablesOf('installation')) {
    const hash = createHash('sha256');
    for await (const record of recordsOf(side, { table })) hash.update(asText(table, record));
    digests[`the rows of ${table}`] = hash.digest('hex');
  }
  return { accounts, keys: keys.length, digests };
}

async function audiencesOf({ store }: CopyStore, { id }: Account): Promise<Audience[]> {
  return pagesOf((slice) => store.audiences.page(id, slice));
}

async function pagesOf<Item extends { id: string }>(read: (slice: Slice) => Promise<Page<Item>>): Promise<Item[]> {
  const items: Item[] = [];
  for (let hasNext = true; hasNext; ) {
    const position = items.at(-1)?.id;
    const page = await read({ direction: 'after', size: PAGE, ...(position !== undefined && { position }) });
    items.push(...page.items);
    hasNext = page.hasNext;
  }
  return items;
}

interface AudienceDigest {
  audience: string;
  contacts: number;
  counted: number;
  checksum: string;
  imports: number;
  /** What else is compared → its digest. */
  digests: Record<string, string>;
}

async function readAudience(
  side: CopyStore,
  audience: Audience,
  onBatch: (count: number) => boolean,
): Promise<AudienceDigest> {
  const { store } = side;
  const { id, account_id } = audience;
  const documents = createHash('sha256');
  let contacts = 0;
  for await (const batch of store.contacts.export(account_id, id, [])) {
    for (const document of batch) documents.update(document).update('\n');
    contacts += batch.length;
    if (!onBatch(batch.length)) break;
  }
  const imports = await pagesOf((slice) => store.imports.page(account_id, slice, id));
  const digests: Record<string, string> = { 'the imports as they are listed': digestOf(imports) };
  for (const each of imports) {
    if (each.is_expired) continue;
    digests[`the file of import ${each.id}`] = await digestFile(side, each);
    digests[`the verdicts of import ${each.id}`] = await digestVerdicts(side, each);
  }
  for (const table of tablesOf('audience')) digests[`the rows of ${table}`] = await digestRows(side, table, id);
  for (const each of await keptImports(side, id)) {
    for (const table of tablesOf('import')) {
      if (table === 'import_chunks') continue; // the file was read as it is served
      digests[`the rows of ${table} of import ${each}`] = await digestRows(side, table, id, each);
    }
  }
  return {
    audience: inOrder(audience),
    contacts,
    counted: audience.contacts_count,
    checksum: documents.digest('hex'),
    imports: imports.length,
    digests,
  };
}

async function digestFile({ store }: CopyStore, { id, file }: Import): Promise<string> {
  const hash = createHash('sha256');
  const step = 1024 * 1024;
  for (let offset = 0; offset < file.bytes; offset += step) hash.update(await store.imports.read(id, offset, step));
  return hash.digest('hex');
}

async function digestVerdicts({ store }: CopyStore, { id, account_id, audience_id }: Import): Promise<string> {
  const hash = createHash('sha256');
  for (let after = 0; ; ) {
    const batches = await store.imports.verdicts(account_id, audience_id, id, after);
    if (batches.length === 0) return hash.digest('hex');
    for (const { firstRow, fates, cells } of batches) {
      hash.update(inOrder([firstRow, fates, cells.length])).update(cells);
      after = firstRow + fates.length - 1;
    }
  }
}

async function digestRows(side: CopyStore, table: CopiedName, audience: string, of?: string): Promise<string> {
  const hash = createHash('sha256');
  const unit = { table, audience, ...(of !== undefined && { import: of }) };
  for await (const record of recordsOf(side, unit)) hash.update(asText(table, record));
  return hash.digest('hex');
}

/**
 * What is compared through the port already, or said otherwise by each store: documents, which an export gives, and fates, whose
 * contacts a store may forget when they are gone.
 */
const SEEN: Partial<Record<CopiedName, string[]>> = { contacts: ['document'], import_batches: ['fates', 'cells'] };

function asText(table: CopiedName, record: CopyRecord): string {
  const shown = SHOWN[table].map((column) => {
    const value = record[column]!;
    return value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value;
  });
  return `${JSON.stringify(shown)}\n`;
}

const SHOWN = Object.fromEntries(
  COPIED_NAMES.map((name) => [
    name,
    Object.keys(COPIED_TABLES[name].columns).filter((column) => !SEEN[name]?.includes(column)),
  ]),
) as Record<CopiedName, string[]>;

function digestOf(values: unknown[]): string {
  const hash = createHash('sha256');
  for (const value of values) hash.update(`${inOrder(value)}\n`);
  return hash.digest('hex');
}

/** As JSON, whatever order a store gives members in. */
function inOrder(value: unknown): string {
  return JSON.stringify(value, (_, part) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([one], [other]) => (one < other ? -1 : 1)))
      : part,
  );
}

function differing(mine: AudienceDigest, its: AudienceDigest): string[] {
  const found: string[] = [];
  if (its.contacts !== mine.contacts) found.push(`it has ${its.contacts} contacts, the source ${mine.contacts}`);
  else if (its.checksum !== mine.checksum) found.push('the documents of its contacts are not the same');
  if (its.counted !== its.contacts) found.push(`its counter says ${its.counted}, it has ${its.contacts} contacts`);
  if (mine.counted !== mine.contacts)
    found.push(`the source's counter says ${mine.counted}, it has ${mine.contacts} contacts`);
  if (its.audience !== mine.audience && found.length === 0) found.push('its name, channel or dates are not the same');
  const names = new Set([...Object.keys(mine.digests), ...Object.keys(its.digests)]);
  for (const name of names) if (mine.digests[name] !== its.digests[name]) found.push(`${name} are not the same`);
  return found;
}
