/** Where a text holds what was searched for, by the rules of the server's search (`/docs`, Search). */

/** From where to where, in UTF-16 units. */
export type Span = [start: number, end: number];

// Letters that NFKD does not decompose, in plain Latin, and the final sigma.
// biome-ignore format: a few long lines read better here
const PLAIN: Record<string, string> = {
  ł: 'l', ø: 'o', đ: 'd', ð: 'd', þ: 'th', ß: 'ss', æ: 'ae', œ: 'oe', ı: 'i', ħ: 'h', ŧ: 't', ŋ: 'n', ĸ: 'k',
  ƒ: 'f', ɓ: 'b', ɗ: 'd', ɖ: 'd', ɠ: 'g', ƙ: 'k', ƴ: 'y', ə: 'e', ɛ: 'e', ɔ: 'o', ɲ: 'n', ʉ: 'u', ɨ: 'i', ƶ: 'z', ς: 'σ',
};
const MARKS = /\p{M}+/gu;
const LETTER_OR_DIGIT = /[\p{L}\p{N}]/u;
const PHONE_LIKE = /^[\d+()\-./\s]*$/;

const DIGIT = /^\p{Nd}$/u;

/** A digit of any script: Unicode keeps them in rows from 0 to 9, and where rows adjoin, they are ten by ten. */
function digitOf(digit: string): string {
  const code = digit.codePointAt(0)!;
  let before = 0;
  while (DIGIT.test(String.fromCodePoint(code - before - 1))) before++;
  return String(before % 10);
}

function foldCharacter(character: string): string {
  if (DIGIT.test(character)) return digitOf(character);
  const folded = character.normalize('NFKD').replace(MARKS, '').toLowerCase().replace(MARKS, '');
  return [...folded].map((letter) => PLAIN[letter] ?? letter).join('');
}

/** What is looked for: in any place, or, of one or two characters, where a word begins. */
export function needlesOf(search: string): string[] {
  const text = [...search.trim()].map(foldCharacter).join('');
  if (PHONE_LIKE.test(text)) {
    const digits = text.replace(/\D/g, '').replace(/^00(?=\d)/, '');
    if (digits !== '') return [digits];
  }
  return [...new Set(text.split(/\s+/u).filter((term) => term !== ''))];
}

/** The spans of a name that match, in order and apart from each other. */
export function spansInText(text: string, needles: string[]): Span[] {
  return spansIn(text, needles, foldCharacter);
}

/** The spans of a number, however its digits are grouped. */
export function spansInNumber(formatted: string, needles: string[]): Span[] {
  const digits = needles.filter((needle) => /^\d+$/.test(needle));
  return spansIn(formatted, digits, (character) => (/\d/.test(character) ? character : ''));
}

function spansIn(text: string, needles: string[], foldEach: (character: string) => string): Span[] {
  if (needles.length === 0) return [];
  let folded = '';
  // For each folded unit the character that it comes from.
  const from: Span[] = [];
  let at = 0;
  for (const character of text) {
    for (const unit of foldEach(character).split('')) {
      folded += unit;
      from.push([at, at + character.length]);
    }
    at += character.length;
  }
  const spans: Span[] = [];
  for (const needle of needles) {
    const isPrefix = [...needle].length < 3;
    for (let found = folded.indexOf(needle); found >= 0; found = folded.indexOf(needle, found + needle.length)) {
      if (isPrefix && found > 0 && LETTER_OR_DIGIT.test(folded[found - 1]!)) continue;
      spans.push([from[found]![0], from[found + needle.length - 1]![1]]);
    }
  }
  return merged(spans.sort(([a], [b]) => a - b));
}

function merged(spans: Span[]): Span[] {
  const apart: Span[] = [];
  for (const [start, end] of spans) {
    const last = apart.at(-1);
    if (last !== undefined && start <= last[1]) last[1] = Math.max(last[1], end);
    else apart.push([start, end]);
  }
  return apart;
}
