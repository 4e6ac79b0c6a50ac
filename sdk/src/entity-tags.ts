/** Entity tags (RFC 9110, section 8.8.3): a resource carries another one as soon as anything of it has changed. */

const tags = new WeakMap<object, string>();

/** Keeps the tag that a resource was answered with. */
export function keepTag(resource: unknown, tag: string): void {
  if (typeof resource === 'object' && resource !== null) tags.set(resource, tag);
}

/**
 * The entity tag of a contact, an audience or whatever else was answered alone; undefined where the server gave none. It
 * belongs to this very object, not to copies.
 *
 * @example
 * const ana = await audience.contacts.get(id);
 * await audience.contacts.update(id, { last_name: 'Petrosyan' }, { ifMatch: etagOf(ana) });
 */
export function etagOf(resource: object): string | undefined {
  return tags.get(resource);
}
