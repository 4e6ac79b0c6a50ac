/** Contacts as a file, in the format asked for. */
import { type Contact, readDocument } from '../core/contact-document.ts';
import type { ExportFormat } from '../core/exports.ts';
import { writeCsv } from './write-csv.ts';
import { writeNdjson } from './write-ndjson.ts';
import { writeXlsx } from './write-xlsx.ts';

const WRITERS: Record<ExportFormat, (batches: AsyncIterable<Contact[]>) => AsyncGenerator<string | Uint8Array>> = {
  csv: writeCsv,
  ndjson: writeNdjson,
  xlsx: writeXlsx,
};

/**
 * The bytes of a file, or its text to be sent as UTF-8, piece by piece. Importing it into an empty audience gives the same
 * contacts. Memory does not grow with the file; whoever stops early ends the reading of `documents` too.
 * @param documents see contact-document.ts, in batches of any size.
 */
export function writeContacts(
  documents: AsyncIterable<string[]>,
  format: ExportFormat,
): AsyncGenerator<string | Uint8Array> {
  return WRITERS[format](read(documents));
}

async function* read(documents: AsyncIterable<string[]>): AsyncGenerator<Contact[], void, undefined> {
  for await (const batch of documents) yield batch.map(readDocument);
}
