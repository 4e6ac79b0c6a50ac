type Value = string | number | boolean;
/** A list is a parameter that is given several times. */
export type Query = Record<string, Value | readonly Value[] | undefined>;

/**
 * A path with what is filled in percent-encoded. Raises TypeError for an empty id or dots: the path would lead elsewhere,
 * and a contact's deletion must not become another one's, or an audience's.
 */
export function path(parts: TemplateStringsArray, ...ids: string[]): string {
  return ids.reduce((made, id, index) => {
    if (typeof id !== 'string' || /^\.{0,2}$/.test(id)) throw new TypeError(`not an id: ${JSON.stringify(id)}`);
    return made + encodeURIComponent(id) + parts[index + 1];
  }, parts[0]!);
}

/** A query with its question mark, without members that are undefined; empty when there are none. */
export function queryText(query: Query): string {
  const given = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    for (const each of value === undefined ? [] : [value].flat()) given.append(name, String(each));
  }
  const text = given.toString();
  return text && `?${text}`;
}
