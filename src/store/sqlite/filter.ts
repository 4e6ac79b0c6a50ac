import { readDocument } from '../../core/contact-document.ts';
import { searchText } from '../../core/search-text.ts';
import type { ContactFilter } from '../../core/store.ts';
import { type DatabaseSync, matchQuery } from './database.ts';

/** Of so many contacts with a tag each is looked into, rather than all that a search finds in its index: 4 µs each. */
const FEW = 1000;

/**
 * Contacts to read, as parts of statements in which ?1 and ?2 are the lowest and the highest row number, and its own values
 * begin with ?5.
 */
export interface Source {
  from: string;
  /** A contact's row number. */
  place: string;
  where: string;
  values: (string | number)[];
  /** How many there are, where that is known. */
  total: number | undefined;
}

export const ALL: Omit<Source, 'total'> = {
  from: 'contacts AS c',
  place: 'c.no',
  // One lower and one upper bound: of two lower ones SQLite takes the first and steps over all rows up to the second.
  where: 'c.no BETWEEN ?1 AND ?2',
  values: [],
};

/** Makes a connection know a search's needles in a document: see `found` below. */
export function defineFound(db: DatabaseSync): void {
  let text = '';
  let needles: string[] = [];
  db.function('is_found', { deterministic: true }, (document, asked) => {
    if (asked !== text) {
      text = asked as string;
      needles = JSON.parse(text);
    }
    const own = searchText(readDocument(document as string));
    return needles.every((needle) => own.includes(needle)) ? 1 : 0;
  });
}

/** Finds out how contacts are best filtered, on a connection that has `defineFound`. */
export function makeFilter(db: DatabaseSync) {
  const tagOf = db.prepare('SELECT no, contacts_count FROM tags WHERE audience_no = ? AND tag = ?');

  /** @param audience with the number of its contacts. Undefined when nothing can match. */
  return (
    audience: { no: number; contacts_count: number },
    { needles, tags = [] }: ContactFilter,
  ): Source | undefined => {
    const found = tags.map((tag) => tagOf.get(audience.no, tag) as { no: number; contacts_count: number } | undefined);
    if (found.includes(undefined)) return undefined;
    // From the one that fewest have to the others.
    const rising = (found as { no: number; contacts_count: number }[]).sort(
      (a, b) => a.contacts_count - b.contacts_count,
    );
    const [rarest, ...others] = rising;
    if (needles.length === 0 && rarest === undefined) return { ...ALL, total: audience.contacts_count };
    if (needles.length === 0 || (rarest !== undefined && rarest.contacts_count <= FEW)) {
      const isFound = needles.length === 0 ? '' : ' AND is_found((SELECT document FROM contacts WHERE no = t.no), ?6)';
      return {
        from: `(${TAGGED}) AS t`,
        place: 't.no',
        where: `true${haveTags('t.no', others.length, isFound === '' ? 6 : 7)}${isFound}`,
        values: [rarest!.no, ...(isFound === '' ? [] : [JSON.stringify(needles)]), ...others.map(({ no }) => no)],
        total: others.length === 0 && isFound === '' ? rarest!.contacts_count : undefined,
      };
    }
    return {
      from: `(${foundBy(needles.length)}) AS s`,
      place: 's.no',
      where: `true${haveTags('s.no', rising.length, 6 + needles.length)}`,
      values: [matchQuery(needles), ...needles, ...rising.map(({ no }) => no)],
      total: undefined,
    };
  };
}

/** Those that have a tag: where tags are kept, and among those that wait to be, of whom SQLite merges the two in order. */
const TAGGED = `
  SELECT no FROM contact_tags WHERE tag_no = ?5 AND no BETWEEN ?1 AND ?2
  UNION ALL
  SELECT no FROM contact_tags_waiting WHERE no BETWEEN ?1 AND ?2 AND tag_no = ?5`;

/**
 * Those that hold so many needles: in the index, and among those that wait for it, of whom SQLite merges the two in order.
 * A rowid bound that is not an integer is not used by FTS5, and a JavaScript number is bound as a real: hence the CASTs.
 */
function foundBy(needles: number): string {
  const hold = Array.from({ length: needles }, (_, index) => ` AND instr(text, ?${6 + index})`);
  return `
    SELECT rowid AS no FROM contacts_search
    WHERE text MATCH ?5 AND rowid BETWEEN CAST(?1 AS INTEGER) AND CAST(?2 AS INTEGER)
    UNION ALL
    SELECT no FROM contacts_unindexed WHERE no BETWEEN ?1 AND ?2${hold.join('')}`;
}

function haveTags(place: string, count: number, first: number): string {
  const isIn = (table: string, tag: number) =>
    `EXISTS (SELECT 1 FROM ${table} AS o WHERE o.tag_no = ?${tag} AND o.no = ${place})`;
  const condition = (_: unknown, index: number) =>
    ` AND (${isIn('contact_tags', first + index)} OR ${isIn('contact_tags_waiting', first + index)})`;
  return Array.from({ length: count }, condition).join('');
}

/** The rest of a statement that reads the documents of a source. */
export function documentsOf({ from, place, where }: Pick<Source, 'from' | 'place' | 'where'>): string {
  // The other way round SQLite would look every contact up in the source.
  const join = from === ALL.from ? '' : ` CROSS JOIN contacts AS c ON c.no = ${place}`;
  return `FROM ${from}${join} WHERE ${where}`;
}
