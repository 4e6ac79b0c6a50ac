import parsePhoneNumberFromString from 'libphonenumber-js/core';
import metadata from 'libphonenumber-js/max/metadata';
import { isPlainNumber, type NumberRule } from './number-plans.ts';
import { isLongerThan } from './text.ts';

export type { NumberRule };

/** Why a text is no phone number: for people, beside the code. */
export type NumberReason =
  | 'empty'
  | 'too_long_text'
  | 'letters'
  | 'scientific_notation'
  | 'several_numbers'
  | 'extension'
  | 'stray_characters'
  | 'unknown_calling_code'
  | 'too_short'
  | 'too_long'
  | 'not_in_plan';

export interface NumberFault {
  code: 1353 | 1354 | 1355;
  reason: NumberReason;
}

/** Most characters of a number as given, in Unicode code points. */
export const MAX_NUMBER_LENGTH = 45;
/** Most digits of a number (E.164). */
const MAX_DIGITS = 15;

const PLAIN = /^\+?[1-9]\d{6,14}$/;
const INVISIBLE = /\p{Cf}/gu;
const OTHER_DIGIT = /(?![0-9])\p{Nd}/gu;
const PUNCTUATED = /^[()[\]\s]*\+?[\d\s.\-/()[\]]+$/u;
const DASHES = /[\u2010-\u2015\u2212\uFE58\uFE63\uFF0D\u30FC]/g;
const WIDE: Record<string, string> = { '＋': '+', '（': '(', '）': ')', '．': '.', '／': '/', '［': '[', '］': ']' };
const WIDE_CHARACTERS = new RegExp(`[${Object.keys(WIDE).join('')}]`, 'g');

/**
 * Any spelling of a phone number (API: with or without `+`, with a leading `00`, with spaces, dots, dashes, slashes and
 * brackets, in digits of any script) as E.164 digits without the plus, or why not: 1353 for nothing but white space, 1355
 * for more than 45 characters, 1354 for everything else. A number without `+` and `00` is taken as international.
 * Either `+` or `00` may lead, not both. Whether the digits are a number is what libphonenumber says.
 */
export function parseNumber(text: string, rule: NumberRule = 'valid'): string | NumberFault {
  if (PLAIN.test(text)) return checkDigits(text.charCodeAt(0) === 43 ? text.slice(1) : text, rule);
  const trimmed = text.replace(INVISIBLE, '').trim();
  if (trimmed === '') return { code: 1353, reason: 'empty' };
  if (isLongerThan(text.trim(), MAX_NUMBER_LENGTH)) return { code: 1355, reason: 'too_long_text' };
  const spelled = toAscii(trimmed);
  if (!PUNCTUATED.test(spelled)) return { code: 1354, reason: reasonOf(spelled) };
  const digits = spelled.replace(/\D/g, '');
  const hasPlus = spelled.includes('+');
  return checkDigits(!hasPlus && digits.startsWith('00') ? digits.slice(2) : digits, rule);
}

function toAscii(text: string): string {
  return foldDigits(text)
    .replace(DASHES, '-')
    .replace(WIDE_CHARACTERS, (character) => WIDE[character]!);
}

/** Text with the digits of every script as ASCII digits. */
export function foldDigits(text: string): string {
  return text.replace(OTHER_DIGIT, (digit) => String(digitValue(digit)));
}

/** A digit's value: Unicode keeps the ten digits of a script in a row, away from those of another. */
function digitValue(digit: string): number {
  // Mathematical digits alone stand five rows together, and are compatible with ASCII ones.
  const compatible = Number(digit.normalize('NFKC'));
  if (!Number.isNaN(compatible)) return compatible;
  const codePoint = digit.codePointAt(0)!;
  let value = 0;
  while (value < 9 && /\p{Nd}/u.test(String.fromCodePoint(codePoint - value - 1))) value++;
  return value;
}

function checkDigits(digits: string, rule: NumberRule): string | NumberFault {
  if (digits.length > MAX_DIGITS + 5) return { code: 1354, reason: 'too_long' };
  if (digits.length <= MAX_DIGITS && isPlainNumber(digits, rule)) return digits;
  const phone = parsePhoneNumberFromString(`+${digits}`, metadata);
  const isNumber = rule === 'valid' ? phone?.isValid() : phone?.isPossible();
  const found = phone?.number.slice(1) ?? '';
  if (isNumber && found.length <= MAX_DIGITS) return found;
  return {
    code: 1354,
    reason: phone === undefined ? reasonOfDigits(digits) : lengthReason(phone.isPossible(), digits),
  };
}

function lengthReason(isPossible: boolean, digits: string): NumberReason {
  if (isPossible) return 'not_in_plan';
  return digits.length < 10 ? 'too_short' : 'too_long';
}

function reasonOfDigits(digits: string): NumberReason {
  if (digits.length < 6) return 'too_short';
  return digits.length > MAX_DIGITS ? 'too_long' : 'unknown_calling_code';
}

function reasonOf(text: string): NumberReason {
  if (/^[\d.,\s]+e\s*\+?\d+$/i.test(text)) return 'scientific_notation';
  if (/\d\s*(?:ext|x|#|доб|;ext=)\.?\s*\d+$/i.test(text)) return 'extension';
  if (/\d{5}.*[,;|&\n+].*\d{5}/.test(text.replace(/[\s.\-/()]/g, ''))) return 'several_numbers';
  return /\p{L}/u.test(text) ? 'letters' : 'stray_characters';
}
