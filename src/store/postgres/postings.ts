/**
 * Posting lists: which contacts of a segment have a term in what they are found by, and where in it. They answer a search
 * exactly and without reading a contact: a needle is there where its parts of three characters stand one behind the other.
 */
import type { ContactDetails } from '../../core/contact-fields.ts';
import { searchText } from '../../core/search-text.ts';
import type { ContactFilter } from '../../core/store.ts';

/** Characters of a term, which a needle has at least. */
const GRAM = 3;
/** In front of each tag: no search text holds one. */
const TAG = '\t';
/** A contact's slot in its segment stands above its term's place in the text. No text is longer: names are short. */
const PLACE_BITS = 16;
const PLACE_MASK = (1 << PLACE_BITS) - 1;
const MOST_SLOT = (1 << (31 - PLACE_BITS)) - 1;

/** All a contact is found by, in one line: its search text, and its tags. */
export function foundBy(contact: Pick<ContactDetails, 'number' | 'first_name' | 'last_name' | 'tags'>): string {
  return searchText(contact) + contact.tags.map(tagTerm).join('');
}

function tagTerm(tag: string): string {
  return TAG + JSON.stringify(tag);
}

/** A filter as it is looked for. */
export interface Wanted {
  /** Each a part of the search text. */
  needles: string[];
  /** Each a tag. */
  tags: string[];
}

export function wanted({ needles, tags = [] }: ContactFilter): Wanted {
  return { needles, tags: tags.map(tagTerm) };
}

/** Whether a contact that is found by this line is wanted. */
export function isWanted(line: string, { needles, tags }: Wanted): boolean {
  const [text, ...own] = line.split(TAG);
  return needles.every((needle) => text!.includes(needle)) && tags.every((tag) => own.includes(tag.slice(TAG.length)));
}

/** A term, or the codes of its characters: to make a string of each takes most of the time that a line takes. */
type TermKey = string | number;

/** Characters below, as those of Latin and Greek, have codes of so many bits: those of a term make a small integer. */
const CODE_BITS = 10;
const CODE_MASK = (1 << CODE_BITS) - 1;

function gramAt(text: string, place: number): TermKey {
  const one = text.charCodeAt(place);
  const two = text.charCodeAt(place + 1);
  const three = text.charCodeAt(place + 2);
  if ((one | two | three) > CODE_MASK) return text.slice(place, place + GRAM);
  return (one << (2 * CODE_BITS)) | (two << CODE_BITS) | three;
}

function termOf(key: TermKey): string {
  if (typeof key === 'string') return key;
  return String.fromCharCode(key >> (2 * CODE_BITS), (key >> CODE_BITS) & CODE_MASK, key & CODE_MASK);
}

/** Calls back with each term of a line, and its place. */
function eachTerm(line: string, tell: (key: TermKey, place: number) => void): void {
  const end = line.indexOf(TAG);
  const text = end < 0 ? line : line.slice(0, end);
  if (isOfUnits(text)) {
    for (let place = 0; place + GRAM <= text.length; place++) tell(gramAt(text, place), place);
  } else {
    const characters = [...text];
    for (let place = 0; place + GRAM <= characters.length; place++) {
      const term = characters.slice(place, place + GRAM).join('');
      tell(term.length === GRAM ? gramAt(term, 0) : term, place);
    }
  }
  if (end < 0) return;
  for (const tag of new Set(line.slice(end + TAG.length).split(TAG))) tell(TAG + tag, 0);
}

const SURROGATE = /[\ud800-\udfff]/;

/** Whether each character of the text is one UTF-16 unit. */
function isOfUnits(text: string): boolean {
  return !SURROGATE.test(text);
}

/** Terms that together are the needle, and where in it they stand. */
function partsOf(needle: string): { term: string; place: number }[] {
  const characters = [...needle];
  const last = characters.length - GRAM;
  const places = [];
  for (let place = 0; place < last; place += GRAM) places.push(place);
  places.push(last);
  return places.map((place) => ({ term: characters.slice(place, place + GRAM).join(''), place }));
}

/** The terms whose postings tell which contacts are wanted. */
export function termsOf({ needles, tags }: Wanted): string[] {
  return [...new Set([...needles.flatMap((needle) => partsOf(needle).map(({ term }) => term)), ...tags])];
}

/** Most bytes of an entry. */
const ENTRY_BYTES = 8;

/**
 * Writes the list of entries that rise, `slot << PLACE_BITS | place`: of each the slots since the one before, and the place, as
 * numbers of seven bits a byte. Where in the bytes it ends.
 */
function writeList(entries: Int32Array, bytes: Uint8Array, start: number): number {
  let end = start;
  let slot = 0;
  for (const entry of entries) {
    const own = entry >> PLACE_BITS;
    let rest = own - slot;
    for (; rest > 127; rest >>>= 7) bytes[end++] = (rest & 127) | 128;
    bytes[end++] = rest;
    rest = entry & PLACE_MASK;
    for (; rest > 127; rest >>>= 7) bytes[end++] = (rest & 127) | 128;
    bytes[end++] = rest;
    slot = own;
  }
  return end;
}

/** Gathers the postings of contacts, whose slots rise. */
export function gatherPostings() {
  const terms: TermKey[] = [];
  const numbers = new Map<TermKey, number>();
  // The number of the term and the entry, of each place as they come: sorted at the end, which makes no garbage.
  let places = new Int32Array(1 << 12);
  let count = 0;

  function numberOf(key: TermKey): number {
    let number = numbers.get(key);
    if (number === undefined) {
      number = terms.push(key) - 1;
      numbers.set(key, number);
    }
    return number;
  }

  return {
    add(slot: number, line: string): void {
      if (slot > MOST_SLOT) throw new RangeError(`a segment has no slot ${slot}`);
      eachTerm(line, (key, place) => {
        if (count === places.length) {
          const longer = new Int32Array(2 * places.length);
          longer.set(places);
          places = longer;
        }
        places[count++] = numberOf(key);
        places[count++] = (slot << PLACE_BITS) | place;
      });
    },

    /** Each term with its list. */
    lists(): Map<string, Uint8Array> {
      const ends = new Int32Array(terms.length);
      for (let index = 0; index < count; index += 2) ends[places[index]!]!++;
      for (let number = 1; number < ends.length; number++) ends[number]! += ends[number - 1]!;
      const sorted = new Int32Array(count / 2);
      for (let index = count - 2; index >= 0; index -= 2) sorted[--ends[places[index]!]!] = places[index + 1]!;
      // Where a term's entries ended they begin now.
      const bytes = new Uint8Array(ENTRY_BYTES * sorted.length);
      let end = 0;
      return new Map(
        terms.map((key, number) => {
          const start = end;
          end = writeList(sorted.subarray(ends[number], ends[number + 1]), bytes, start);
          return [termOf(key), bytes.subarray(start, end)];
        }),
      );
    },
  };
}

/** A contact of a segment that is found by another line than its postings say; by none before or after where it was or is not there. */
export interface LineChange {
  slot: number;
  before: string | undefined;
  after: string | undefined;
}

/** The terms whose lists the changes change. */
export function termsOfChanges(changes: LineChange[]): string[] {
  const terms = new Set<string>();
  for (const { before, after } of changes) {
    for (const line of [before, after]) if (line !== undefined) eachTerm(line, (key) => terms.add(termOf(key)));
  }
  return [...terms];
}

/** The lists of the changed terms as they are after the changes, some perhaps empty. @param lists those that there were. */
export function changeLists(lists: Map<string, Uint8Array>, changes: LineChange[]): Map<string, Uint8Array> {
  const leaving = new Map<string, Set<number>>();
  const coming = new Map<string, number[]>();
  for (const { slot, before, after } of changes) {
    if (before !== undefined) eachTerm(before, (key) => getOrMake(leaving, termOf(key), () => new Set()).add(slot));
    if (after !== undefined) {
      eachTerm(after, (key, place) => getOrMake(coming, termOf(key), () => []).push((slot << PLACE_BITS) | place));
    }
  }
  const changed = new Map<string, Uint8Array>();
  for (const term of new Set([...leaving.keys(), ...coming.keys()])) {
    const former = readList(lists.get(term) ?? new Uint8Array(0));
    const gone = leaving.get(term);
    const kept = gone === undefined ? former : former.filter((entry) => !gone.has(entry >> PLACE_BITS));
    const entries = Int32Array.from([...kept, ...(coming.get(term) ?? [])]).sort();
    const bytes = new Uint8Array(ENTRY_BYTES * entries.length);
    changed.set(term, bytes.subarray(0, writeList(entries, bytes, 0)));
  }
  return changed;
}

function getOrMake<Value>(map: Map<string, Value>, key: string, make: () => Value): Value {
  let value = map.get(key);
  if (value === undefined) {
    value = make();
    map.set(key, value);
  }
  return value;
}

/** The entries of a list, in their order: `slot << PLACE_BITS | place`. */
function readList(bytes: Uint8Array): Int32Array {
  // Each takes two bytes or more.
  const entries = new Int32Array(bytes.length >> 1);
  let count = 0;
  let slot = 0;
  let index = 0;
  while (index < bytes.length) {
    let more = bytes[index++]!;
    for (let shift = 7, high = more; high > 127; shift += 7) {
      high = bytes[index++]!;
      more = (more & ((1 << shift) - 1)) | (high << shift);
    }
    let place = bytes[index++]!;
    for (let shift = 7, high = place; high > 127; shift += 7) {
      high = bytes[index++]!;
      place = (place & ((1 << shift) - 1)) | (high << shift);
    }
    slot += more;
    entries[count++] = (slot << PLACE_BITS) | place;
  }
  return entries.subarray(0, count);
}

/**
 * The slots of the contacts of a segment that are wanted, rising. @param lists those of the filter's terms that the segment has.
 */
export function findSlots(lists: Map<string, Uint8Array>, { needles, tags }: Wanted): Int32Array {
  let found: Int32Array | undefined;
  for (const parts of [...tags.map((term) => [{ term, place: 0 }]), ...needles.map(partsOf)]) {
    let starts: Int32Array | undefined;
    for (const { term, place } of parts) {
      const list = lists.get(term);
      if (list === undefined) return NONE;
      const entries = readList(list);
      starts = starts === undefined ? entries : common(starts, entries, place);
    }
    const slots = slotsOf(starts!);
    found = found === undefined ? slots : common(found, slots, 0);
  }
  return found!;
}

const NONE = new Int32Array(0);

/** Those of a rising list that others have so much behind. */
function common(ones: Int32Array, others: Int32Array, behind: number): Int32Array {
  const both = new Int32Array(ones.length);
  let count = 0;
  let index = 0;
  for (const one of ones) {
    const wanted = one + behind;
    while (index < others.length && others[index]! < wanted) index++;
    if (others[index] === wanted) both[count++] = one;
  }
  return both.subarray(0, count);
}

function slotsOf(entries: Int32Array): Int32Array {
  const slots = new Int32Array(entries.length);
  let count = 0;
  for (const entry of entries) {
    const slot = entry >> PLACE_BITS;
    if (count === 0 || slots[count - 1] !== slot) slots[count++] = slot;
  }
  return slots.subarray(0, count);
}
