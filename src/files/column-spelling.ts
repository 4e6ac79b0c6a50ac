/** Names of columns, spelling aside. */

/** Nobody's column has a longer name, and folding an endless one would cost. */
export const LONGEST_NAME = 100;

const PLACE = /^#([1-9]\d{0,4})$/;

/** A column's name without case, accents, spaces and punctuation: `Prénom`, `PRENOM` and `pre_nom` are the same. */
export function columnKey(header: string): string {
  return header
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll('ß', 'ss')
    .replaceAll('ł', 'l')
    .replaceAll('ø', 'o')
    .replaceAll('ı', 'i')
    .replace(/[^\p{Letter}\p{Number}]/gu, '');
}

/** The name of a column that has none of its own: its place, `#1` that of the first. */
export function placeName(column: number): string {
  return `#${column + 1}`;
}

/** The column, from 0, that a name such as `#3` means, or undefined when it is no place. */
export function placeOf(name: string): number | undefined {
  const found = PLACE.exec(name.trim());
  return found === null ? undefined : Number(found[1]) - 1;
}

/**
 * Finds what belongs to a name, among names that people wrote: the same one, else the first that differs in spelling alone.
 * A place is only ever the same: `#3` is not a column that is called `3`. Costs the same however many there are.
 */
export function nameFinder<Value>(named: Iterable<[name: string, value: Value]>): (name: string) => Value | undefined {
  const same = new Map<string, Value>();
  const alike = new Map<string, Value>();
  const keyOf = (name: string) => (name.length > LONGEST_NAME || placeOf(name) !== undefined ? '' : columnKey(name));
  for (const [name, value] of named) {
    const [own, key] = [name.trim(), keyOf(name)];
    if (!same.has(own)) same.set(own, value);
    if (key !== '' && !alike.has(key)) alike.set(key, value);
  }
  return (name) => same.get(name.trim()) ?? (alike.size === 0 ? undefined : alike.get(keyOf(name)));
}
