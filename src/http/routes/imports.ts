import { formatDate } from '../../core/dates.ts';
import type { Import } from '../../core/import-job.ts';
import { createImport, listImports, listVerdicts } from '../../core/imports.ts';
import { type Call, type Context, type Handler, readPath } from '../call.ts';
import { pageJson } from '../pagination.ts';

/** The handlers of the operations on imports. */
export function importRoutes({ store, imports }: Context) {
  const single = (found: Import, origin: string, status = 200) => {
    const audience = `${origin}/v1/audiences/${found.audience_id}`;
    const self = `${audience}/imports/${found.id}`;
    const data = { ...shown(found, imports.retention), links: { self, audience, rows: `${self}/rows` } };
    return { status, json: JSON.stringify({ data }) };
  };

  const create: Handler = async (call) => {
    const place = readPath(call);
    const { file_name, ...options } = call.query;
    const fileName = typeof file_name === 'string' && file_name !== '' ? file_name : null;
    const bytes = call.body as AsyncIterable<Uint8Array>;
    const made = await createImport(store, place, { options, fileName, bytes }, imports);
    imports.wake();
    return single(made, call.origin, 202);
  };

  async function page({ key, query, origin }: Call, path: string, audienceId?: string) {
    const { page_size, page_token } = query;
    const { items, walk } = await listImports(store, key.account_id, { page_size, page_token }, audienceId);
    const json = Buffer.from(items.map((each) => JSON.stringify(shown(each, imports.retention))).join(','));
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
    const json = Buffer.from(items.map((verdict) => JSON.stringify(verdict)).join(','));
    const url = `${call.origin}/v1/audiences/${place.audience_id}/imports/${place.import_id}/rows`;
    return { status: 200, json: pageJson(walk, json, url, [['status', status]]) };
  };

  const act =
    (action: 'run' | 'undo' | 'cancel'): Handler =>
    async (call) => {
      const { account_id, audience_id, import_id } = readPath(call);
      const found = await store.imports[action](account_id, audience_id, import_id);
      imports.wake();
      return single(found, call.origin, 202);
    };

  return {
    createImport: create,
    listImports: list,
    listAllImports: listAll,
    getImport: get,
    listImportRows: rows,
    runImport: act('run'),
    undoImport: act('undo'),
    cancelImport: act('cancel'),
  };
}

/** An import as it goes out. */
function shown(found: Import, retention: number) {
  const { columns, met, layout, encoding, format, ...rest } = found;
  const { finish_date } = found;
  return {
    ...rest,
    format: layout?.format ?? format,
    encoding: layout?.encoding ?? encoding,
    mapping: layout?.mapping ?? {},
    ignored_columns: layout?.ignored_columns ?? [],
    expire_date: finish_date === null ? null : formatDate(Date.parse(`${finish_date.replace(' ', 'T')}Z`) + retention),
  };
}
