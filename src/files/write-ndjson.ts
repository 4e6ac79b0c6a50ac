/** Contacts as lines of JSON. */
import type { Contact } from '../core/contact-document.ts';

/**
 * An object a line, with the API's own members and forms: null and an empty list say that a member is empty. U+FFFD is
 * escaped, since bare it tells a reader that text was lost on the way.
 */
export async function* writeNdjson(batches: AsyncIterable<Contact[]>): AsyncGenerator<string, void, undefined> {
  for await (const contacts of batches) {
    let text = '';
    for (const contact of contacts) text += `${JSON.stringify(contact)}\n`;
    yield text.replaceAll('\uFFFD', '\\ufffd');
  }
}
