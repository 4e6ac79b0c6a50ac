/** Most UTF-16 units that NFC can make one code point of: four code points, as of `ᾂ`, each of two units. */
const UNITS_OF_ONE = 8;

/**
 * Text as it is stored: trimmed of surrounding white space and in NFC.
 * @param max most code points the text may have. One that is longer in any form comes back as it is, still too long: to put
 *   a row of a hundred thousand combining marks in order takes seconds, of a million many minutes.
 */
export function cleanText(text: string, max = Number.POSITIVE_INFINITY): string {
  const trimmed = text.trim();
  return trimmed.length > max * UNITS_OF_ONE ? trimmed : trimmed.normalize('NFC');
}

/** Whether text can be stored and searched: it holds no NUL and no unpaired surrogate. */
export function isSoundText(text: string): boolean {
  return !text.includes('\0') && text.isWellFormed();
}

/** Whether text has more than `max` Unicode code points. */
export function isLongerThan(text: string, max: number): boolean {
  // A code point is one or two UTF-16 units: most texts are decided without counting.
  if (text.length <= max) return false;
  return text.length > max * 2 || codePoints(text) > max;
}

/** The number of Unicode code points of a text. */
export function codePoints(text: string): number {
  let count = 0;
  for (let i = 0; i < text.length; i++, count++) {
    if (text.codePointAt(i)! > 0xffff) i++;
  }
  return count;
}
