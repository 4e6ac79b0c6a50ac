/**
 * Search is "every needle is a part of the contact's search text", on every store. The search text puts two spaces
 * before the number and before every word, so that a needle of two spaces and one or two characters is a prefix, and
 * trigram indexes answer both kinds.
 */
import type { ContactDetails } from './contact-fields.ts';
import { foldDigits } from './number.ts';
import { codePoints } from './text.ts';

// Letters that NFKD does not decompose, in plain Latin; the final sigma, since lower case depends on what follows it.
// biome-ignore format: a few long lines read better here
const PLAIN: Record<string, string> = {
  ł: 'l', ø: 'o', đ: 'd', ð: 'd', þ: 'th', ß: 'ss', æ: 'ae', œ: 'oe', ı: 'i', ħ: 'h', ŧ: 't', ŋ: 'n', ĸ: 'k',
  ƒ: 'f', ɓ: 'b', ɗ: 'd', ɖ: 'd', ɠ: 'g', ƙ: 'k', ƴ: 'y', ə: 'e', ɛ: 'e', ɔ: 'o', ɲ: 'n', ʉ: 'u', ɨ: 'i', ƶ: 'z', ς: 'σ',
};
const PLAIN_LETTERS = new RegExp(`[${Object.keys(PLAIN).join('')}]`, 'g');
const ASCII = /^[\x00-\x7f]*$/;
const MARKS = /\p{M}+/gu;
/** SQLite's search takes them for the character that stands for none, so every store does. */
const NO_CHARACTERS = /[\ufffe\uffff]/g;
const SPACES = /\s+/u;
const PLAIN_WORD = /^[a-z0-9]*$/;
const WORD_INSIDE = /(?<=[^\p{L}\p{N}\s])[\p{L}\p{N}](?=(\S?))/gu;

/** Text without case, marks and variants of letters and digits: `Łukasz` and `LUKASZ` both give `lukasz`. */
export function fold(text: string): string {
  if (ASCII.test(text)) return text.toLowerCase();
  return foldDigits(text)
    .normalize('NFKD')
    .replace(MARKS, '')
    .toLowerCase()
    .replace(MARKS, '')
    .replace(PLAIN_LETTERS, (letter) => PLAIN[letter]!)
    .replace(NO_CHARACTERS, '\ufffd');
}

/** The text a contact is found by: number, first and last name, folded, two spaces before each word. */
export function searchText(contact: Pick<ContactDetails, 'number' | 'first_name' | 'last_name'>): string {
  let text = `  ${contact.number}`;
  if (contact.first_name !== null) text += wordsOf(contact.first_name);
  if (contact.last_name !== null) text += wordsOf(contact.last_name);
  return text;
}

/** Names come again and again, and to fold one costs ten times what it does to find it here. */
const MAX_KNOWN = 10_000;
/** V8 makes a longer one a view into the text it was cut from, all of which would be kept with it. */
const MAX_KNOWN_LENGTH = 12;
const known = new Map<string, string>();

function wordsOf(name: string): string {
  if (name.length > MAX_KNOWN_LENGTH) return words(fold(name));
  let text = known.get(name);
  if (text === undefined) {
    text = words(fold(name));
    if (known.size >= MAX_KNOWN) known.clear();
    known.set(name, text);
  }
  return text;
}

function words(field: string): string {
  // One word of plain letters, as most names are, needs no looking into.
  if (field !== '' && PLAIN_WORD.test(field)) return `  ${field}`;
  let text = '';
  for (const word of field.split(SPACES)) {
    if (word === '') continue;
    text += `  ${word}`;
    if (PLAIN_WORD.test(word)) continue;
    // `anne-marie` is also found by `m` and `ma`; longer terms find it inside the word already.
    for (const [first, second] of word.matchAll(WORD_INSIDE)) text += `  ${first}${second}`;
  }
  return text;
}

/** Most characters of a search, in Unicode code points. */
export const MAX_SEARCH = 100;

const PHONE_LIKE = /^[\d+()\-./\s]*$/;

/**
 * What must be part of a contact's search text for the contact to match, from what a user typed. None means no filter.
 * A term of three or more characters is found anywhere in a word; a shorter one, two spaces before it, at a word's start.
 */
export function searchNeedles(search: string): string[] {
  const text = fold(search.trim());
  if (PHONE_LIKE.test(text)) {
    const digits = text.replace(/\D/g, '');
    if (digits !== '') return [needle(digits.replace(/^00(?=\d)/, ''))];
  }
  const terms = text.split(SPACES).filter((term) => term !== '');
  return [...new Set(terms.map(needle))];
}

function needle(term: string): string {
  return codePoints(term) >= 3 ? term : `  ${term}`;
}
