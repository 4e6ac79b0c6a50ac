/** The tags of a contact as one cell of a table. */

/** What a cell of separated tags cannot hold inside a tag, and the beginning of a list in JSON. */
const NEEDS_LIST = /:::|[;,|]|^[["]/;
/** Tags in quotes of their own, separated by commas, as Mailchimp has them. */
const QUOTED = /^\s*"[^"]+"(?:\s*,\s*"[^"]+")*\s*$/;

/** Tags as a cell: separated by semicolons; as a list in JSON where a tag itself holds what separates tags. */
export function joinTags(tags: string[]): string {
  return tags.some((tag) => NEEDS_LIST.test(tag)) ? JSON.stringify(tags) : tags.join(';');
}

/**
 * The tags of a cell: a list in JSON, in quotes as Mailchimp writes them, or separated by semicolons, commas, bars, or ` ::: `
 * as Google Contacts does.
 */
export function splitTags(cell: string): string[] {
  return (listOf(cell) ?? quotedOf(cell) ?? cell.split(/:::|[;,|]/))
    .map((tag) => tag.trim())
    .filter((tag) => tag !== '');
}

function listOf(cell: string): string[] | undefined {
  if (!/^\s*\["/.test(cell)) return undefined;
  try {
    const list: unknown = JSON.parse(cell);
    return Array.isArray(list) && list.every((tag) => typeof tag === 'string') ? list : undefined;
  } catch {
    return undefined;
  }
}

function quotedOf(cell: string): string[] | undefined {
  return QUOTED.test(cell) ? Array.from(cell.matchAll(/"([^"]+)"/g), ([, tag]) => tag!) : undefined;
}
