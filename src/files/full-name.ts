/** A full name in one cell, as first and last name. */

/** Which name comes first where nothing in the cell itself tells. */
export type NameOrder = 'given_first' | 'family_first';

export interface SplitName {
  first_name?: string;
  last_name?: string;
}

/** Words that belong to the name behind them: `van der Berg`, `de la Cruz`, `bin Salman`. */
const PARTICLES = wordSet(
  'van von vom de der den del della dello dei degli di da das do dos du des d la le las los zu zum zur ter ten te af av ' +
    'bin ibn bint ben abu al el ul op aan mac mc st san santa фон де ван бин бен ибн аль эль',
);
/** Words before a name that are no part of it. */
const TITLES = wordSet(
  'mr mrs ms miss mx dr prof professor doctor sir madam herr frau fräulein hr fr ing dipl mme mlle monsieur madame ' +
    'mademoiselle sr sra srta señor señora señorita dott dottssa sig sigra signor signora senhor senhora dhr mevr mw heer mevrouw ' +
    'mgr г-н г-жа господин госпожа пан пані д-р κα κος պրն տկն',
);
/** Words behind a name that belong to the family name. */
const SUFFIXES = wordSet('jr sr jun sen ii iii iv phd md esq mba cpa dds rn');

const CJK = /^[\p{scx=Han}\p{scx=Hangul}\p{scx=Hiragana}\p{scx=Katakana}\s]+$/u;

/**
 * Splits a full name. A comma parts `Last, First`; otherwise the last word is the last name, together with particles before
 * it and suffixes behind it, or, with `family_first`, the first word. Chinese, Japanese and Korean names that have a space
 * have their family name first; without one they are not split. A single word is a first name; a title with a single word
 * (`Frau Müller`) is a last name as a whole, otherwise titles stay with the first name.
 *
 * No word is ever lost: what can be read in two ways may end up in the wrong part, never nowhere.
 */
export function splitName(text: string, order: NameOrder): SplitName {
  const parts = text.split(/[,，،]/).flatMap((part) => part.trim() || []);
  const [family = '', ...given] = parts;
  if (given.length > 0 && !given.every((part) => wordsOf(part).every((word) => isOne(SUFFIXES, word)))) {
    return { last_name: wordsOf(family).join(' '), first_name: wordsOf(given.join(', ')).join(' ') };
  }
  const words = wordsOf(parts.join(', '));
  const titleCount = countWhile(words, (word) => isOne(TITLES, word));
  const [titles, names] = [words.slice(0, titleCount), words.slice(titleCount)];
  if (words.length < 2) return words.length === 0 ? {} : { first_name: words[0]! };
  if (names.length < 2) return { last_name: words.join(' ') };
  if (order === 'family_first' || CJK.test(text)) {
    const particles = countWhile(names.slice(0, -2), (word) => isOne(PARTICLES, word));
    const own = names.slice(particles + 1);
    return { first_name: [...titles, ...own].join(' '), last_name: names.slice(0, particles + 1).join(' ') };
  }
  const suffixes = countWhile(names.slice(1).reverse(), (word) => isOne(SUFFIXES, word));
  const end = names.length - suffixes;
  if (end < 2) return { first_name: words.join(' ') };
  const particle = names.findIndex((word, index) => index > 0 && index < end - 1 && isOne(PARTICLES, word));
  const start = titleCount + (particle < 0 ? end - 1 : particle);
  return { first_name: words.slice(0, start).join(' '), last_name: words.slice(start).join(' ') };
}

function wordsOf(text: string): string[] {
  return text.split(/\s+/u).filter((word) => word !== '');
}

function wordSet(words: string): Set<string> {
  return new Set(words.split(' '));
}

function isOne(set: Set<string>, word: string): boolean {
  return set.has(word.toLowerCase().replace(/[.,'’]/g, ''));
}

function countWhile(words: string[], is: (word: string) => boolean): number {
  const end = words.findIndex((word) => !is(word));
  return end < 0 ? words.length : end;
}
