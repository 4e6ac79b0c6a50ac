/** What tests of imports over HTTP share: uploads, and waiting for their end. */
import assert from 'node:assert/strict';
import { sampleContacts } from '../../sample/make-contacts.ts';
import { until } from '../support/contacts.ts';
import type { Answer, Client, Loose } from './support.ts';

/** Headers of a file of CSV. */
export const CSV = { 'content-type': 'text/csv' };

export interface Sent {
  body: string | Uint8Array | FormData;
  query?: string;
  headers?: Record<string, string>;
}

/** Uploads through a client. */
export function makeUploads(client: Client) {
  const upload = (audience: { path: string }, { body, query = '', headers = {} }: Sent): Promise<Answer> =>
    client.send('POST', `${audience.path}/imports?${query}`, { body, headers });

  /** The import as it is when it has ended. */
  async function ended(answer: Answer): Promise<Loose> {
    assert.equal(answer.status, 202, answer.text);
    let found: Loose;
    await until(async () => {
      found = (await client.get(answer.data.links.self)).data;
      return !['queued', 'running'].includes(found.status);
    });
    return found;
  }

  const importsOf = async ({ path }: { path: string }): Promise<Loose[]> => (await client.get(`${path}/imports`)).data;

  return { upload, ended, importsOf };
}

/** A file of so many bytes or a few more, whose rows are all good. */
export function fileOf(size: number): string {
  const contacts = sampleContacts(7);
  const lines = ['number'];
  for (let length = 0; length < size; ) length += lines[lines.push(contacts.next().value!.number) - 1]!.length + 1;
  return `${lines.join('\n')}\n`;
}

/** A form with these parts in this order; a list makes a file of its name and content. */
export function form(
  ...parts: [name: string, value: string | [fileName: string, content: string | Uint8Array<ArrayBuffer>]][]
) {
  const made = new FormData();
  for (const [name, value] of parts) {
    if (typeof value === 'string') made.append(name, value);
    else made.append(name, new File([value[1]], value[0]));
  }
  return made;
}
