import { pipeline, Readable } from 'node:stream';
import { createGzip } from 'node:zlib';
import { exportContacts } from '../../core/exports.ts';
import { writeContacts } from '../../files/write-contacts.ts';
import { bestEncoding } from '../accept-encoding.ts';
import { type Context, type Handler, readPath } from '../call.ts';
import { EXPORT_TYPES } from '../export-types.ts';

/** The handlers of the operations on exports. */
export function exportRoutes({ store }: Context) {
  const contacts: Handler = async (call) => {
    const request = { format: call.query.format, search: call.query['filter[search]'], tag: call.query['filter[tag]'] };
    const { format, audience, documents } = await exportContacts(store, readPath(call), request);
    const file = Readable.from(writeContacts(documents, format), { objectMode: false });
    // A file that nobody began to read does not end its source by itself, and the source holds a snapshot.
    file.once('close', () => documents.return?.());
    const answer = {
      status: 200,
      type: EXPORT_TYPES[format],
      fileName: `${audience.name}.${format}`,
    };
    // A spreadsheet is packed already.
    const encoding = format === 'xlsx' ? undefined : bestEncoding(call.headers['accept-encoding'], ['gzip']);
    if (encoding === undefined) return { ...answer, stream: file };
    // What breaks off breaks the answer off: the packed stream ends with the same error.
    return { ...answer, encoding: 'gzip' as const, stream: pipeline(file, createGzip(), () => {}) };
  };

  return { exportContacts: contacts };
}
