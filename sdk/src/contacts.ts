import { Download } from './download.ts';
import { isGone } from './errors.ts';
import type { CallOptions, Http } from './http.ts';
import type { EditAction, SingleImport } from './import-types.ts';
import { List, type PageQuery } from './list.ts';
import { path } from './path.ts';
import type { BulkOutcome, Contact, ContactChange, ContactInput, OnConflict, SingleContact } from './types.ts';
import { type UpsertManyOptions, type UpsertResult, upsertMany } from './upsert-many.ts';

export interface ContactQuery extends PageQuery {
  /** Only contacts whose number, first or last name hold every word of this, without regard to case and accents. */
  search?: string;
  /** Only contacts that carry every one of these tags, spelled exactly so. */
  tags?: string[];
}

export interface ExportQuery {
  /** CSV unless said. */
  format?: 'csv' | 'ndjson' | 'xlsx';
  /** Only what a search finds. */
  search?: string;
  /** Only contacts that carry every one of these tags. */
  tags?: string[];
}

/** Which contacts to edit: those of these ids, or those that a list with this search and these tags has; without any, all. */
export type ContactSelection = { ids: string[] } | { search?: string; tags?: string[] };

/** What to do with many contacts at once. */
export interface ContactEdit {
  select: ContactSelection;
  action: EditAction;
  /** To add or to remove. */
  tags?: string[];
}

export interface BulkSettings {
  /** `update` unless said. */
  on_conflict?: OnConflict;
}

/** The contacts of an audience. */
export class Contacts {
  readonly #http: Http;
  readonly #path: string;

  constructor(http: Http, audienceId: string) {
    this.#http = http;
    this.#path = path`/v1/audiences/${audienceId}/contacts`;
  }

  /**
   * Creates a contact. Raises DuplicateContactError when the audience has the number; ValidationError for broken rules.
   *
   * @example
   * const ana = await audience.contacts.create({ number: '+1 (202) 555-0150', first_name: 'Ana', tags: ['vip'] });
   * ana.number; // '12025550150'
   */
  create(contact: ContactInput, options?: CallOptions): Promise<SingleContact> {
    return this.#http.data({ method: 'POST', path: this.#path, data: contact }, options);
  }

  get(id: string, options?: CallOptions): Promise<SingleContact> {
    return this.#http.data({ method: 'GET', path: this.#path + path`/${id}` }, options);
  }

  /**
   * Changes what is given: what is absent keeps its value, `null` clears it.
   *
   * @example
   * await audience.contacts.update(ana.id, { last_name: 'Petrosyan', tags: null });
   */
  update(id: string, change: ContactChange, options?: CallOptions): Promise<SingleContact> {
    return this.#http.data({ method: 'PUT', path: this.#path + path`/${id}`, data: change }, options);
  }

  delete(id: string, options?: CallOptions): Promise<void> {
    return this.#http.send({ method: 'DELETE', path: this.#path + path`/${id}`, isDone: isGone }, options);
  }

  /**
   * The contacts, oldest first.
   *
   * @example
   * for await (const { number } of audience.contacts.list({ page_size: 1000 })) console.log(number);
   */
  list({ search, tags, ...query }: ContactQuery = {}, options?: CallOptions): List<Contact> {
    return new List(this.#http, this.#path, { ...query, 'filter[search]': search, 'filter[tag]': tags }, options);
  }

  /** The contacts that a search finds: `list` with its text in front. */
  search(text: string, query: PageQuery = {}, options?: CallOptions): List<Contact> {
    return this.list({ ...query, search: text }, options);
  }

  /**
   * Creates or updates up to 1,000 contacts in one call and one transaction, with a result for each. Rows that break rules are
   * refused alone. When the answer is lost on the way the call is made again (not with `error`): of rows that the first call
   * had created it then says `unchanged`, or `skipped`, unless the server knows idempotency keys.
   */
  bulk(contacts: ContactInput[], { on_conflict }: BulkSettings = {}, options?: CallOptions): Promise<BulkOutcome> {
    const data = { on_conflict, contacts };
    const isRepeatable = on_conflict !== 'error';
    return this.#http.data({ method: 'POST', path: `${this.#path}/bulk`, data, isRepeatable }, options);
  }

  /**
   * Creates or updates contacts of whatever number, from anything that can be iterated, and yields what became of each row, in
   * order. Calls of up to 1,000 rows run side by side, so that contacts that are new may be created in another order than the
   * rows have; rows that repeat a number are applied in order all the same. A failure that retries do not mend is raised
   * behind the last result that is known, and nothing that was not sent by then will be.
   *
   * @example
   * for await (const result of audience.contacts.upsertMany(rows)) {
   *   if (result.status === 'refused') console.log(result.row, result.errors[0].message);
   * }
   */
  upsertMany<Row extends ContactInput>(
    rows: Iterable<Row> | AsyncIterable<Row>,
    { on_conflict }: BulkSettings = {},
    options: UpsertManyOptions = {},
  ): AsyncGenerator<UpsertResult<Row>, void, undefined> {
    return upsertMany(this.#http, `${this.#path}/bulk`, rows, on_conflict ?? 'update', options);
  }

  /**
   * Downloads the contacts as a file: the audience at one moment, whatever is written meanwhile.
   *
   * @example
   * const csv = await (await audience.contacts.export({ search: 'ana' })).text();
   */
  export({ format, search, tags }: ExportQuery = {}, options: CallOptions = {}): Promise<Download> {
    const query = { format, 'filter[search]': search, 'filter[tag]': tags };
    const request = { method: 'GET' as const, path: `${this.#path}/export`, query };
    return this.#http.open(request, options, (answer) => new Download(answer));
  }

  /**
   * Tags or deletes many contacts as a job on the server, which is followed, cancelled and undone as an import is, at
   * `audience(id).imports`.
   *
   * @example
   * const { id } = await audience.contacts.edit({ select: { search: 'ana' }, action: 'add_tags', tags: ['vip'] });
   * await audience.imports.wait(id);
   */
  edit(edit: ContactEdit, options?: CallOptions): Promise<SingleImport> {
    return this.#http.data({ method: 'POST', path: `${this.#path}/edits`, data: edit }, options);
  }
}
