import type { Readable } from 'node:stream';
import { formatDate } from '../../core/dates.ts';
import { createEdit } from '../../core/edits.ts';
import { failure } from '../../core/errors.ts';
import type { Import } from '../../core/import-job.ts';
import { createImport, listImports, listVerdicts, receivePreview, refusedRows } from '../../core/imports.ts';
import type { ExplicitMapping } from '../../files/columns.ts';
import { ContactFileError, type FileFormat } from '../../files/contact-file.ts';
import { columnNames, previewFile } from '../../files/preview.ts';
import { type Call, type Context, dataOf, type Handler, readPath } from '../call.ts';
import { followImport } from '../import-events.ts';
import { pageJson } from '../pagination.ts';
import { refusedCsv } from '../refused-csv.ts';
import { readUpload } from '../upload.ts';

/** Most bytes that a file may unpack to for a look at its beginning. */
const MAX_PREVIEW_UNPACKED = 256 * 1024 * 1024;

/** The handlers of the operations on imports. */
export function importRoutes({ store, imports, isClosing }: Context) {
  const withLinks = (found: Import, origin: string) => {
    const audience = `${origin}/v1/audiences/${found.audience_id}`;
    const self = `${audience}/imports/${found.id}`;
    const links = { self, audience, rows: `${self}/rows`, refused: `${self}/refused.csv`, events: `${self}/events` };
    return { ...shown(found, imports.retention), links };
  };

  const single = (found: Import, origin: string, status = 200) => ({
    status,
    json: JSON.stringify({ data: withLinks(found, origin) }),
  });

  const create: Handler = async (call) => {
    const place = readPath(call);
    // What the path names comes first: of an audience that is not there no rule is told.
    await store.audiences.get(place.account_id, place.audience_id);
    const upload = await readUpload(call.headers, call.query, call.body as Readable | undefined, imports.maxBytes);
    try {
      const made = await createImport(store, place, upload, imports, call.terms);
      imports.wake();
      return single(made, call.origin, 202);
    } finally {
      upload.discard();
    }
  };

  const edit: Handler = async (call) => {
    const made = await createEdit(store, readPath(call), dataOf(call.body), call.terms);
    imports.wake();
    return single(made, call.origin, 202);
  };

  const preview: Handler = async (call) => {
    const place = readPath(call);
    await store.audiences.get(place.account_id, place.audience_id);
    const upload = await readUpload(call.headers, call.query, call.body as Readable | undefined, imports.maxBytes);
    try {
      const { options, isPart, fileName, file } = await receivePreview(store, place, upload);
      const source = {
        size: file.length,
        read: async (offset: number, length: number) => file.subarray(offset, offset + length),
      };
      const { columns, format, encoding, empty } = options;
      const seen = await previewFile(
        source,
        {
          name: fileName ?? undefined,
          format: (format as FileFormat | null) ?? undefined,
          encoding: encoding ?? undefined,
          mapping: columns as ExplicitMapping,
          empty,
          maxUnpacked: MAX_PREVIEW_UNPACKED,
        },
        isPart,
      );
      return { status: 200, json: JSON.stringify({ data: seen }) };
    } catch (error) {
      throw error instanceof ContactFileError ? failure(9023, undefined, error.message) : error;
    } finally {
      upload.discard();
    }
  };

  async function page({ key, query, origin }: Call, path: string, audienceId?: string) {
    const { page_size, page_token } = query;
    const { items, walk } = await listImports(store, key.account_id, { page_size, page_token }, audienceId);
    const json = items.map((each) => JSON.stringify(shown(each, imports.retention))).join(',');
    return { status: 200, json: pageJson(walk, json, `${origin}${path}`, []) };
  }

  const listAll: Handler = (call) => page(call, '/v1/imports');

  const list: Handler = async (call) => {
    const { audience_id } = readPath(call);
    return page(call, `/v1/audiences/${audience_id}/imports`, audience_id);
  };

  const get: Handler = async (call) => {
    const { account_id, audience_id, import_id } = readPath(call);
    return single(await store.imports.get(account_id, audience_id, import_id), call.origin);
  };

  const rows: Handler = async (call) => {
    const place = readPath(call);
    const { page_size, page_token, status } = call.query;
    const { items, walk } = await listVerdicts(store, place, place.import_id, { page_size, page_token, status });
    const json = items.map((verdict) => JSON.stringify(verdict)).join(',');
    const url = `${call.origin}/v1/audiences/${place.audience_id}/imports/${place.import_id}/rows`;
    return { status: 200, json: pageJson(walk, json, url, [['status', status]]) };
  };

  const refused: Handler = async (call) => {
    const place = readPath(call);
    const found = await store.imports.get(place.account_id, place.audience_id, place.import_id);
    if (found.is_expired) throw failure(9022, undefined, "The import's rows are no longer kept");
    const stream = refusedCsv(found, refusedRows(store, place, place.import_id));
    const fileName = `${found.file.name?.replace(/\.\w{1,10}$/, '') ?? 'import'}-refused.csv`;
    return { status: 200, type: 'text/csv; charset=utf-8', stream, fileName };
  };

  const events: Handler = async (call) => {
    const { account_id, audience_id, import_id } = readPath(call);
    const read = () => store.imports.get(account_id, audience_id, import_id);
    await read();
    const show = (found: Import) => withLinks(found, call.origin);
    return { status: 200, type: 'text/event-stream', stream: followImport(read, show, isClosing) };
  };

  const act =
    (action: 'run' | 'undo' | 'cancel'): Handler =>
    async (call) => {
      const { account_id, audience_id, import_id } = readPath(call);
      const found = await store.imports[action](account_id, audience_id, import_id, call.terms);
      imports.wake();
      return single(found, call.origin, 202);
    };

  return {
    createImport: create,
    editContacts: edit,
    previewImport: preview,
    listImports: list,
    listAllImports: listAll,
    getImport: get,
    listImportRows: rows,
    getRefusedRows: refused,
    followImport: events,
    runImport: act('run'),
    undoImport: act('undo'),
    cancelImport: act('cancel'),
  };
}

/** An import as it goes out. */
function shown(found: Import, retention: number) {
  const { columns: _said, met, layout, encoding, format, action = null, ...rest } = found;
  const { finish_date } = found;
  return {
    ...rest,
    kind: action === null ? 'file' : 'edit',
    action,
    format: layout?.format ?? format,
    encoding: layout?.encoding ?? encoding,
    columns: layout === null ? [] : columnNames(layout.header),
    mapping: layout?.mapping ?? {},
    ignored_columns: layout?.ignored_columns ?? [],
    expire_date: finish_date === null ? null : formatDate(Date.parse(`${finish_date.replace(' ', 'T')}Z`) + retention),
  };
}
