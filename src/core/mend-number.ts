/** Numbers as files have them: what spreadsheets do to numbers is put right where that is certain, and named. */
import { type CountryCode, isSupportedCountry, parsePhoneNumberFromString } from 'libphonenumber-js/core';
import metadata from 'libphonenumber-js/max/metadata';
import { foldDigits, type NumberFault, type NumberReason, type NumberRule, parseNumber } from './number.ts';

export type { CountryCode };

/** What was put right in a number. */
export type Mend = 'apostrophe' | 'decimal_tail' | 'digits' | 'scientific_notation' | 'country_added';

/** Why a number of a file is refused. */
export type FileNumberReason = NumberReason | 'ambiguous_country';

export interface MendedNumber {
  /** E.164 digits without the plus. */
  number: string;
  /** Absent when the number is taken as it stands. */
  mended?: Mend[];
}

export interface MendOptions {
  rule: NumberRule;
  /** The country of numbers without one. */
  country?: CountryCode;
}

const PLAIN = /^\+?[0-9]{1,20}$/;
const APOSTROPHES = /^\s*['’‘`´]+/;
const DECIMAL_TAIL = /^(\s*\+?[0-9]{6,})[.,]0+\s*$/;
/** A mantissa of one digit and a fraction, as spreadsheets write it. */
const SCIENTIFIC = /^\s*\+?([0-9])[.,]([0-9]+)\s*e\s*\+?([0-9]{1,2})\s*$/i;
const INTERNATIONAL = /^[\s([]*(?:\+|00)/;

/** The country of two letters in any case, or undefined when there is none of that name with telephone numbers. */
export function readCountry(text: string): CountryCode | undefined {
  const code = text.trim().toUpperCase();
  return isSupportedCountry(code as CountryCode, metadata) ? (code as CountryCode) : undefined;
}

/**
 * The E.164 digits of a number in a file: what `parseNumber` accepts; and apostrophes before it, a `.0` behind it, scientific
 * notation that still holds all digits, and with `country` a number as dialled inside that country. Digits without a plus have
 * two readings then: when both are numbers, and different ones, only that with the country's own calling code is certain.
 * @returns the number and what was mended, or a fault with code 1353, 1354 or 1355.
 */
export function mendNumber(
  text: string,
  { rule, country }: MendOptions,
): MendedNumber | (Omit<NumberFault, 'reason'> & { reason: FileNumberReason }) {
  if (country === undefined && PLAIN.test(text)) {
    const number = parseNumber(text, rule);
    return typeof number === 'string' ? { number } : number;
  }
  const mended: Mend[] = [];
  let rest = text;
  if (APOSTROPHES.test(rest)) {
    rest = rest.replace(APOSTROPHES, '');
    mended.push('apostrophe');
  }
  const folded = foldDigits(rest);
  if (folded !== rest) mended.push('digits');
  const whole = DECIMAL_TAIL.exec(folded)?.[1] ?? writtenOut(folded);
  if (whole !== undefined) mended.push(DECIMAL_TAIL.test(folded) ? 'decimal_tail' : 'scientific_notation');
  rest = whole ?? folded;

  const found = parseNumber(rest, rule);
  const international = typeof found === 'string' ? found : undefined;
  const national = country === undefined || INTERNATIONAL.test(rest) ? undefined : inCountry(rest, country, rule);
  if (national !== undefined && national.number !== international) {
    const isAmbiguous = international !== undefined && !international.startsWith(national.callingCode);
    if (isAmbiguous) return { code: 1354, reason: 'ambiguous_country' };
    if (international === undefined) return { number: national.number, mended: [...mended, 'country_added'] };
  }
  if (international === undefined) return found as NumberFault;
  return mended.length === 0 ? { number: international } : { number: international, mended };
}

/** Scientific notation written out, when its digits are all there: `4.47912345678E+11`. */
function writtenOut(text: string): string | undefined {
  const parts = SCIENTIFIC.exec(text);
  if (parts === null) return undefined;
  const [, first, fraction, exponent] = parts;
  const digits = Number(exponent);
  return fraction!.length === digits && digits >= 6 ? first! + fraction! : undefined;
}

function inCountry(text: string, country: CountryCode, rule: NumberRule) {
  const phone = parsePhoneNumberFromString(text, { defaultCountry: country, extract: false }, metadata);
  if (phone === undefined || phone.ext !== undefined) return undefined;
  const isRight = rule === 'valid' ? phone.isValid() : phone.isPossible();
  // Settled by the same rules as every number, so that it stays what it is when it comes again.
  const number = isRight ? parseNumber(phone.number, rule) : undefined;
  return typeof number === 'string' ? { number, callingCode: phone.countryCallingCode as string } : undefined;
}

const REASONS: Record<FileNumberReason, string> = {
  empty: 'The row has no number',
  too_long_text: 'The number has more than 45 characters',
  scientific_notation: 'Scientific notation: the last digits are lost. Format the column as text and export it again',
  decimal_number: 'A decimal number is no phone number: format the column as text',
  several_numbers: 'Several numbers in one cell: keep one in each row',
  extension: 'A number with an extension cannot get messages: remove the extension',
  letters: 'Letters are no part of a phone number',
  stray_characters: 'The number holds characters that do not belong to one',
  no_country_code: 'The number has no country code: write it with one, or say the default country',
  unknown_calling_code: 'The number begins with no country code that exists: was a leading zero or plus lost?',
  too_short: 'The number is too short',
  too_long: 'The number is too long',
  not_in_plan: 'The country has no such numbers',
  ambiguous_country: 'The number can be read as one of two countries: write it with a plus and its country code',
};

/** What to tell the file's author. */
export function numberReasonText(reason: FileNumberReason): string {
  return REASONS[reason];
}
