import { pipeline, Readable } from 'node:stream';
import { createGzip } from 'node:zlib';
import { exportContacts } from '../../core/exports.ts';
import { writeContacts } from '../../files/write-contacts.ts';
import { type Context, type Handler, readPath } from '../call.ts';
import { EXPORT_TYPES } from '../export-types.ts';

/** The handlers of the operations on exports. */
export function exportRoutes({ store }: Context) {
  const contacts: Handler = async (call) => {
    const request = { format: call.query.format, search: call.query['filter[search]'] };
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
    if (format === 'xlsx' || !acceptsGzip(call.headers['accept-encoding'])) return { ...answer, stream: file };
    // What breaks off breaks the answer off: the packed stream ends with the same error.
    return { ...answer, encoding: 'gzip', stream: pipeline(file, createGzip(), () => {}) };
  };

  return { exportContacts: contacts };
}

/** Whether a client takes an answer packed by gzip (RFC 9110, section 12.5.3); one that says nothing does not. */
function acceptsGzip(header: string | string[] | undefined): boolean {
  const weights = new Map<string, number>();
  for (const part of String(header ?? '').split(',')) {
    const [coding = '', ...parameters] = part.split(';').map((text) => text.trim().toLowerCase());
    const weight = parameters.find((each) => each.startsWith('q='));
    weights.set(coding, weight === undefined ? 1 : Number(weight.slice(2)));
  }
  return (weights.get('gzip') ?? weights.get('x-gzip') ?? weights.get('*') ?? 0) > 0;
}
