/** Any spelling of a phone number to its E.164 digits, or why not. Every number that is stored has come through here. */
import { parsePhoneNumberFromString, validatePhoneNumberLength } from 'libphonenumber-js/core';
import metadata from 'libphonenumber-js/max/metadata';
import { isPlainNumber, type NumberRule } from './number-plans.ts';
import { isLongerThan } from './text.ts';

export type { NumberRule };

/** Most characters of a number as given, in Unicode code points. */
export const MAX_NUMBER_LENGTH = 45;

/** Most digits of an E.164 number. libphonenumber knows a few longer ones, of one country's own networks. */
const MAX_DIGITS = 15;

/** Why a text is no phone number: for people, beside the code. */
export type NumberReason =
  /** Nothing but white space and invisible characters. */
  | 'empty'
  /** More than 45 characters. */
  | 'too_long_text'
  /** A spreadsheet's `4.47912E+11`: the digits are lost. */
  | 'scientific_notation'
  /** A spreadsheet's or data frame's `447912345678.0`: its digits could be somebody else's number. */
  | 'decimal_number'
  /** Two or more numbers in one value. */
  | 'several_numbers'
  /** A number with an extension, which no message can be sent to. */
  | 'extension'
  | 'letters'
  /** Any other character that does not belong to a number, or a plus that is not before the first digit. */
  | 'stray_characters'
  /** Begins with a single 0: a number as dialled inside its country. */
  | 'no_country_code'
  /** Begins with no country's calling code. */
  | 'unknown_calling_code'
  | 'too_short'
  | 'too_long'
  /** A calling code that is known, and after it a number that is not given out there. */
  | 'not_in_plan';

/** 1353: empty. 1355: too long a text. 1354: everything else. */
export interface NumberFault {
  code: 1353 | 1354 | 1355;
  reason: NumberReason;
}

/** Short enough to be a number; longer rows of digits are looked at in full. */
const PLAIN = /^\+?[0-9]{1,20}$/;
const NOTHING = /^[\s\u0085\p{Cf}]*$/u;
const SPELLING = /^[\s([]*(\+?)[\s0-9.\-/()[\]]*$/;
const NOT_DIGITS = /[^0-9]+/g;
const DECIMAL = /^\+?[0-9]{6,}[.,]0+$/;
const SCIENTIFIC = /^[+-]?[0-9]+(?:[.,][0-9]+)?\s*e\s*[+-]?[0-9]+$/i;
const EXTENSION = /[0-9][\s)\]]*(?:,,+|[,;]?\s*(?:e?xt(?:ensio)?n?|x|#|int|anexo|доб)[\s.:=#]*)\s*[0-9]{1,9}#?$/iu;
const LETTER = /\p{L}/u;
/**
 * What may stand between two numbers: first what is seldom written inside one, so that each may be written in groups; then
 * white space and at last anything, between numbers of whole digits.
 */
const BORDERS = [/[^0-9 .()[\]-]+|\s{2,}|\s-+\s/, /\s+/, NOT_DIGITS];
/** Fewest digits for a part of a text to be counted as a number of its own. */
const WHOLE_NUMBER = 7;

/**
 * The E.164 digits, without the plus, of a number in any usual spelling: `+44 (791) 234-5678`, `00447912345678` and
 * `٤٤٧٩١٢٣٤٥٦٧٨` all give `447912345678`. Parsing a result gives the same result again.
 *
 * The text is international digits, after a `+`, after `00`, or with neither (`12025550150`), but not after both. Around the
 * digits there may be white space, dots, dashes, slashes and brackets; before the plus only white space and opening brackets.
 * Digits are those of any script; invisible characters that come along when numbers are copied are ignored. A national prefix
 * after the calling code is dropped where the country's plan says so: `+44 (0)7912 345678`. One dot with nothing but zeros
 * behind it, as in `447912345678.0`, is taken for a decimal point and refused.
 * @param rule what a number must be: `valid`, of its country's numbering plan, or `possible`, of a length that the plan has.
 * @returns the digits, at most 15, or a fault with code 1353, 1354 or 1355.
 */
export function parseNumber(text: string, rule: NumberRule = 'valid'): string | NumberFault {
  if (PLAIN.test(text)) return parseSpelling(text, text[0] === '+' ? text.slice(1) : text, rule);
  const trimmed = text.trim();
  if (NOTHING.test(trimmed)) return { code: 1353, reason: 'empty' };
  if (isLongerThan(trimmed, MAX_NUMBER_LENGTH)) return { code: 1355, reason: 'too_long_text' };
  const ascii = toAscii(trimmed).trim();
  if (!SPELLING.test(ascii) || DECIMAL.test(ascii)) return refuse(reasonOfSpelling(ascii));
  return parseSpelling(ascii, ascii.replace(NOT_DIGITS, ''), rule);
}

/**
 * @param spelling passes SPELLING.
 * @param digits those of the spelling.
 */
function parseSpelling(spelling: string, digits: string, rule: NumberRule): string | NumberFault {
  let international = digits;
  let reason: NumberReason | undefined;
  if (digits === '') reason = 'too_short';
  else if (digits[0] === '0' && !spelling.includes('+')) {
    if (digits[1] === '0') international = digits.slice(2);
    else reason = 'no_country_code';
  }
  if (reason === undefined) {
    if (international.length <= MAX_DIGITS && isPlainNumber(international, rule)) return international;
    const settled = settle(international, rule);
    if (settled !== undefined) return settled.length <= MAX_DIGITS ? settled : refuse('too_long');
    reason = reasonOfDigits(international);
  }
  return refuse(holdsSeveralNumbers(spelling) ? 'several_numbers' : reason);
}

/**
 * What the library makes of the digits, once it makes no more of it. Its result may begin with another national prefix, as
 * after `+972 00 3655995`: stored like that, the number would change when it is exported and imported again.
 */
function settle(digits: string, rule: NumberRule): string | undefined {
  let before = digits;
  // Each round drops a prefix, so a few are enough for any text of 45 characters that is still a number in the end.
  for (let round = 0; round < MAX_NUMBER_LENGTH; round++) {
    const phone = parsePhoneNumberFromString(`+${before}`, metadata);
    if (phone === undefined || !(rule === 'valid' ? phone.isValid() : phone.isPossible())) return undefined;
    const after = phone.number.slice(1);
    if (after === before || isPlainNumber(after, rule)) return after;
    before = after;
  }
  return undefined;
}

function reasonOfDigits(digits: string): NumberReason {
  switch (validatePhoneNumberLength(`+${digits}`, metadata)) {
    case 'INVALID_COUNTRY':
      return 'unknown_calling_code';
    case 'TOO_SHORT':
    case 'NOT_A_NUMBER':
      return 'too_short';
    case 'TOO_LONG':
      return 'too_long';
    default:
      return 'not_in_plan';
  }
}

function reasonOfSpelling(ascii: string): NumberReason {
  if (SCIENTIFIC.test(ascii)) return 'scientific_notation';
  if (DECIMAL.test(ascii)) return 'decimal_number';
  if (EXTENSION.test(ascii)) return 'extension';
  if (holdsSeveralNumbers(ascii)) return 'several_numbers';
  if (LETTER.test(ascii)) return 'letters';
  return 'stray_characters';
}

function holdsSeveralNumbers(ascii: string): boolean {
  return BORDERS.some((border) => {
    const wholes = ascii.split(border).filter((part) => part.replace(NOT_DIGITS, '').length >= WHOLE_NUMBER);
    return wholes.length > 1;
  });
}

function refuse(reason: NumberReason): NumberFault {
  return { code: 1354, reason };
}

const ASCII = /^[\x00-\x7f]*$/;
const NOT_ASCII = /[^\x00-\x7f]/gu;
const DIGIT = /^\p{Nd}$/u;
const OTHER_DIGITS = /(?![0-9])\p{Nd}/gu;
const SPACE = /^[\s\u0085]$/u;
const INVISIBLE = /^\p{Cf}$/u;
const DASH = /^[\u2010-\u2015\u2212\uFE58\uFE63\uFF0D\u30FC]$/;
const WIDE: Record<string, string> = { '＋': '+', '（': '(', '）': ')', '．': '.', '／': '/', '［': '[', '］': ']' };

/** The text with what has the meaning of an ASCII digit, sign or space written so, and without invisible characters. */
function toAscii(text: string): string {
  if (ASCII.test(text)) return text;
  return text.replace(NOT_ASCII, (character) => {
    if (DIGIT.test(character)) return digitValue(character);
    if (INVISIBLE.test(character)) return '';
    if (SPACE.test(character)) return ' ';
    if (DASH.test(character)) return '-';
    return WIDE[character] ?? character;
  });
}

/** Text with the digits of every script as ASCII digits. */
export function foldDigits(text: string): string {
  return text.replace(OTHER_DIGITS, digitValue);
}

/** Unicode keeps the decimal digits of a script in a row from 0 to 9; where rows adjoin, they are ten by ten. */
function digitValue(digit: string): string {
  const code = digit.codePointAt(0)!;
  let before = 0;
  while (DIGIT.test(String.fromCodePoint(code - before - 1))) before++;
  return String(before % 10);
}
