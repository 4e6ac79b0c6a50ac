import { Download } from './download.ts';
import { ConflictError, ConnectionError, ImportFailedError } from './errors.ts';
import { readEvents } from './events.ts';
import { pause } from './guard.ts';
import type { CallOptions, Http } from './http.ts';
import type { Import, ImportPreview, ImportRow, ImportSettings, RowStatus, SingleImport } from './import-types.ts';
import { List, type PageQuery } from './list.ts';
import { path } from './path.ts';
import { type FileSource, makeUpload, type UploadOptions } from './upload.ts';

export interface ImportRowQuery extends PageQuery {
  /** Only rows with this fate. */
  status?: RowStatus;
}

export interface WaitOptions extends CallOptions {
  /** Told of the import whenever it was looked at. */
  onProgress?: (found: SingleImport) => void;
  /** Most milliseconds between two looks; 1,000 unless said. */
  interval?: number;
}

/** `done` is the last one, with the import in its final state. */
export interface ImportEvent {
  type: 'progress' | 'done';
  import: SingleImport;
}

/** The first look comes soon: small files are done at once. */
const FIRST_LOOK = 50;
/** How long events may be silent, in milliseconds: the server gives a sign of life every 15 seconds. */
const EVENT_SILENCE = 45_000;

const isDone = (error: unknown): boolean => error instanceof ConflictError && error.code === 9022;

/** The imports of an audience. */
export class Imports {
  readonly #http: Http;
  readonly #path: string;

  constructor(http: Http, audienceId: string) {
    this.#http = http;
    this.#path = path`/v1/audiences/${audienceId}/imports`;
  }

  /**
   * Uploads a file of contacts, no faster than the server takes it. It is worked on when it is there: see `wait`. A stream cannot
   * be sent a second time; what is a Blob, text or bytes is, where that is safe.
   *
   * @example In Node, from the disk:
   * const file = await openAsBlob('contacts.csv');
   * const { id } = await audience.imports.create(file, { file_name: 'contacts.csv', default_country: 'DE' });
   */
  create(
    file: FileSource,
    settings: ImportSettings = {},
    { onProgress, ...options }: UploadOptions = {},
  ): Promise<SingleImport> {
    const { tags, mapping, ...rest } = settings;
    const upload = makeUpload(file, onProgress);
    const query = {
      file_name: upload.name,
      ...rest,
      tags: tags?.join(','),
      mapping: mapping && JSON.stringify(mapping),
    };
    return this.#http.data({ method: 'POST', path: this.#path, query, upload }, options);
  }

  /**
   * Shows how a file would be read, and leaves nothing behind. Its beginning is enough, said with `partial`; of a spreadsheet all
   * of it is needed.
   *
   * @example
   * const { columns } = await audience.imports.preview(file.slice(0, 262_144), { file_name: file.name, partial: true });
   */
  preview(
    file: FileSource,
    {
      mapping,
      ...rest
    }: Pick<ImportSettings, 'file_name' | 'mapping' | 'encoding' | 'format'> & { partial?: boolean } = {},
    options?: CallOptions,
  ): Promise<ImportPreview> {
    const upload = makeUpload(file, undefined);
    const query = { file_name: upload.name, ...rest, mapping: mapping && JSON.stringify(mapping) };
    return this.#http.data(
      { method: 'POST', path: `${this.#path}/preview`, query, upload, isRepeatable: true },
      options,
    );
  }

  get(id: string, options?: CallOptions): Promise<SingleImport> {
    return this.#http.data({ method: 'GET', path: this.#path + path`/${id}` }, options);
  }

  /** Newest first. */
  list(query: PageQuery = {}, options?: CallOptions): List<Import> {
    return new List(this.#http, this.#path, { ...query }, options);
  }

  /** What became of the rows, in the order of the file. */
  rows(id: string, query: ImportRowQuery = {}, options?: CallOptions): List<ImportRow> {
    return new List(this.#http, this.#path + path`/${id}/rows`, { ...query }, options);
  }

  /** The refused rows as CSV, in the columns of the file and one more, `reason`: corrected, it is imported as any other. */
  refused(id: string, options: CallOptions = {}): Promise<Download> {
    const request = { method: 'GET' as const, path: this.#path + path`/${id}/refused.csv` };
    return this.#http.open(request, options, (answer) => new Download(answer));
  }

  /** Runs what was tried with `dry_run`. Raises ConflictError when its state does not allow it, as do `undo` and `cancel`. */
  run(id: string, options?: CallOptions): Promise<SingleImport> {
    return this.#act(id, 'run', options);
  }

  /** Takes a run back. Contacts that somebody else changed since are left alone. */
  undo(id: string, options?: CallOptions): Promise<SingleImport> {
    return this.#act(id, 'undo', options);
  }

  /** Stops what waits or runs. */
  cancel(id: string, options?: CallOptions): Promise<SingleImport> {
    return this.#act(id, 'cancel', options);
  }

  async #act(id: string, action: string, options?: CallOptions): Promise<SingleImport> {
    const request = { method: 'POST' as const, path: this.#path + path`/${id}/${action}` };
    // Of what is done already the server says that it cannot be done.
    const acted = await this.#http.data<SingleImport | undefined>({ ...request, isRepeatable: true, isDone }, options);
    return acted ?? this.get(id, options);
  }

  /**
   * Waits until an import is completed, cancelled or undone. Raises ImportFailedError when it failed.
   *
   * @example
   * const done = await audience.imports.wait(id, { onProgress: ({ rows_done }) => console.log(rows_done) });
   * console.log(`${done.created} created, ${done.refused} refused`);
   */
  async wait(id: string, { onProgress, interval = 1000, ...options }: WaitOptions = {}): Promise<SingleImport> {
    for (let look = Math.min(FIRST_LOOK, interval); ; look = Math.min(look * 1.5, interval)) {
      const found = await this.get(id, options);
      onProgress?.(found);
      if (found.status === 'failed') throw new ImportFailedError(found);
      if (found.status !== 'queued' && found.status !== 'running') return found;
      await pause(look, options.signal);
    }
  }

  /**
   * The import whenever it has changed, as the server tells it, up to its end. A line that breaks is made anew.
   *
   * @example
   * for await (const { type, import: { rows_done } } of audience.imports.events(id)) console.log(type, rows_done);
   */
  async *events(id: string, options: CallOptions = {}): AsyncGenerator<ImportEvent, void, undefined> {
    const request = { method: 'GET' as const, path: this.#path + path`/${id}/events` };
    const call = { ...options, timeout: options.timeout ?? EVENT_SILENCE };
    for (let silent = 0; ; silent++) {
      const download = await this.#http.open(request, call, (answer) => new Download(answer));
      try {
        for await (const { name, data } of readEvents(download)) {
          if (name !== 'progress' && name !== 'done') continue;
          silent = 0;
          yield { type: name, import: JSON.parse(data) };
          if (name === 'done') return;
        }
        if (silent >= 5) throw new ConnectionError('the events end before the import does', false);
      } catch (error) {
        if (!(error instanceof ConnectionError) || silent >= 5) throw error;
      }
      await pause(FIRST_LOOK * 2 ** silent, options.signal);
    }
  }
}

/** The imports of all audiences. */
export class AllImports {
  readonly #http: Http;

  constructor(http: Http) {
    this.#http = http;
  }

  /** Newest first. */
  list(query: PageQuery = {}, options?: CallOptions): List<Import> {
    return new List(this.#http, '/v1/imports', { ...query }, options);
  }
}
