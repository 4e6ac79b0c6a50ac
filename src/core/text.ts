/** Text as it is stored: trimmed of surrounding white space and in NFC. */
export function cleanText(text: string): string {
  return text.trim().normalize('NFC');
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
