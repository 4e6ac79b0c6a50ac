/** Numbers as files have them: what spreadsheets do to numbers is put right where that is certain, and named. */
import { validatePhoneNumberLength } from 'libphonenumber-js/core';
import metadata from 'libphonenumber-js/max/metadata';
import { type CountryCode, callingCodeOf, groupsOf, readDialledAbroad, readNational } from './national-number.ts';
import { foldDigits, type NumberFault, type NumberReason, type NumberRule, parseNumber } from './number.ts';

export { type CountryCode, readCountry } from './national-number.ts';

/** What was put right in a number. */
export type Mend =
  | 'apostrophe'
  /** `="+44…"`, which keeps a number text in a spreadsheet. */
  | 'text_formula'
  /** `tel:` of RFC 3966, and what other programs put before the plus. */
  | 'label'
  | 'digits'
  | 'decimal_tail'
  | 'scientific_notation'
  /** Dialled from inside the country to leave it: `011 44 …` in the US. */
  | 'exit_code'
  | 'country_added';

/** Why a number of a file is refused. */
export type FileNumberReason =
  | NumberReason
  | 'ambiguous_country'
  /** As long as a number, and without plus and country code: a spreadsheet has dropped what it began with. */
  | 'lost_prefix';

export interface MendedNumber {
  /** E.164 digits without the plus. */
  number: string;
  /** Absent when the number is taken as it stands. */
  mended?: Mend[];
}

export type FileNumberFault = Omit<NumberFault, 'reason'> & { reason: FileNumberReason };

export interface MendOptions {
  rule: NumberRule;
  /** The country of numbers without one. */
  country?: CountryCode;
}

const PLAIN = /^\+?[0-9]{1,20}$/;
/** No number in a cell is longer, whatever is wrong with it. */
const MAX_SPELLING = 200;
const ASCII = /^[\x00-\x7f]*$/;
const INVISIBLE = /\p{Cf}/gu;
/** Before a number, and then perhaps behind it. */
const APOSTROPHES = /^\s*['‘’‛ʹʼˈ`´′＇]+(.*?)['‘’‛ʹʼˈ`´′＇]*\s*$/s;
const TEXT_FORMULA = /^\s*=\s*"([^"]*)"\s*$/;
/** `tel:` of URIs, `p:` of the lead files of Meta, `whatsapp:` of Twilio and others: with a plus, and so beyond doubt. */
const LABEL = /^\s*(?:tel|p|whatsapp|sms):\s*(?=[+＋])/i;
/** Three zeros could be a group of the number itself. */
const DECIMAL_TAIL = /^(\s*[+＋]?[0-9]{6,})[.,．٫]0{1,2}\s*$/;
const SCIENTIFIC = /^\s*([+＋]?)([0-9]{1,15})(?:[.,٫]([0-9]{1,20}))?\s*e\s*\+?([0-9]{1,2})\s*$/i;
/** Extensions in words that `parseNumber` takes for any other. */
const EXTENSION =
  /[0-9][\s)\].,;(/-]*(?:app|apparat|durchwahl|dw|klappe|poste|ramal|interno|interní|wew|tst|toestel|anknytning|lokal|dahili|вн|внутр|اتصال)[\s.:=#]*[0-9]{1,9}[\s)]*$/iu;
/** What is wrong with digits, not with their spelling: the country may know them. */
const OF_DIGITS: ReadonlySet<NumberReason> = new Set([
  'no_country_code',
  'unknown_calling_code',
  'too_short',
  'too_long',
  'not_in_plan',
]);

/**
 * The E.164 digits of a number in a file: what `parseNumber` accepts, and what is wrong with it in one certain way:
 * apostrophes around it, a label such as `tel:` before its plus, a `.0` behind it, scientific notation that still holds all
 * digits, and with `country` a number as dialled inside that country, the prefix `0` lost or not, or out of it.
 *
 * Digits without a plus may be numbers in several of these readings. Then only that with the country's own calling code is
 * certain, or the one whose groups they are written in: `(323) 555-0150` is of the US, 3235550150 could be of Belgium too.
 * @returns the number and what was mended, or a fault with code 1353, 1354 or 1355.
 */
export function mendNumber(text: string, { rule, country }: MendOptions): MendedNumber | FileNumberFault {
  if ((country === undefined || text[0] === '+') && PLAIN.test(text)) {
    const number = parseNumber(text, rule);
    return typeof number === 'string' ? { number } : nameLoss(text, number);
  }
  const mended: Mend[] = [];
  const isAsItIs = PLAIN.test(text) || text.trim().length > MAX_SPELLING;
  const spelling = isAsItIs ? text : mendSpelling(text, mended);
  const found = parseNumber(spelling, rule);
  if (typeof found !== 'string' && !OF_DIGITS.has(found.reason)) {
    const isExtension = found.reason === 'letters' && EXTENSION.test(spelling);
    return isExtension ? { code: found.code, reason: 'extension' } : found;
  }
  const hasPlus = /[+＋]/.test(spelling);
  const read = country === undefined || hasPlus ? found : readInCountry(spelling, found, country, rule, mended);
  if (typeof read !== 'string') return country === undefined ? nameLoss(spelling, read) : read;
  return mended.length === 0 ? { number: read } : { number: read, mended };
}

/** What is as long as a number inside a country, and begins with nothing that says which. */
function nameLoss(spelling: string, fault: FileNumberFault): FileNumberFault {
  const begins = /[0-9+＋]/.exec(spelling)?.[0];
  if (begins === '0' || begins === '+' || begins === '＋' || !OF_DIGITS.has(fault.reason as NumberReason)) return fault;
  const { length } = spelling.replace(/[^0-9]+/g, '');
  return length >= 9 && length <= 12 ? { code: fault.code, reason: 'lost_prefix' } : fault;
}

/** Puts right what is wrong with the text, and notes it. */
function mendSpelling(text: string, mended: Mend[]): string {
  let rest = ASCII.test(text) ? text : text.replace(INVISIBLE, '');
  const said = TEXT_FORMULA.exec(rest)?.[1];
  if (said !== undefined) {
    rest = said;
    mended.push('text_formula');
  }
  const inside = APOSTROPHES.exec(rest)?.[1];
  if (inside !== undefined) {
    rest = inside;
    mended.push('apostrophe');
  }
  if (LABEL.test(rest)) {
    rest = rest.replace(LABEL, '');
    mended.push('label');
  }
  const folded = foldDigits(rest);
  if (folded !== rest) mended.push('digits');
  const whole = DECIMAL_TAIL.exec(folded)?.[1];
  if (whole !== undefined) {
    mended.push('decimal_tail');
    return whole;
  }
  const written = writtenOut(folded);
  if (written !== undefined) mended.push('scientific_notation');
  return written ?? folded;
}

/** Scientific notation written out, when its digits are all there: `4.47912345678E+11`. Zeros behind them change nothing. */
function writtenOut(text: string): string | undefined {
  const parts = SCIENTIFIC.exec(text);
  if (parts === null) return undefined;
  const [, plus, whole, fraction = '', exponent] = parts;
  const digits = Number(exponent);
  const isComplete = digits >= 6 && fraction.length >= digits && /^0*$/.test(fraction.slice(digits));
  return isComplete && whole !== '0' ? plus! + whole! + fraction.slice(0, digits) : undefined;
}

/**
 * Weighs the readings of digits without a plus against each other.
 * @param found what they are with a calling code.
 */
function readInCountry(
  spelling: string,
  found: string | NumberFault,
  country: CountryCode,
  rule: NumberRule,
  mended: Mend[],
): string | FileNumberFault {
  const callingCode = callingCodeOf(country);
  const international = typeof found === 'string' ? found : undefined;
  if (international?.startsWith(callingCode)) return international;
  const digits = spelling.replace(/[^0-9]+/g, '');
  const abroad = readDialledAbroad(digits, country, rule);
  const isAbroad = abroad !== undefined && abroad === international;
  const national = isAbroad ? undefined : readNational(digits, country, rule);
  const readings = new Set([international, abroad, national].filter((each) => each !== undefined));
  if (readings.size === 0) return typeof found === 'string' ? found : faultInCountry(found, digits, country);
  const [number] = readings.size === 1 ? readings : [writtenAs(spelling, international, national)];
  if (number === undefined) return { code: 1354, reason: 'ambiguous_country' };
  if (number === national) mended.push('country_added');
  else if (number === abroad && number !== international) mended.push('exit_code');
  return number;
}

/** The one of two numbers in whose groups of digits a text is written, or undefined. */
function writtenAs(
  spelling: string,
  international: string | undefined,
  national: string | undefined,
): string | undefined {
  const groups = spelling.match(/[0-9]+/g)!;
  if (groups.length < 2 || international === undefined || national === undefined) return undefined;
  const isWritten = (...ways: string[][]) => ways.some((way) => way.join() === groups.join());
  const ofNational = groupsOf(national);
  const abroad = groupsOf(international).international;
  const isNational = isWritten(ofNational.national, ofNational.international.slice(1));
  if (isWritten(abroad)) return isNational ? undefined : international;
  // Behind a calling code that stands alone there may be any groups.
  return isNational && groups[0] !== abroad[0] ? national : undefined;
}

/** Why digits are no number of the country: that it was said makes `no_country_code` no answer. */
function faultInCountry(found: NumberFault, digits: string, country: CountryCode): NumberFault {
  if (found.reason !== 'no_country_code') return found;
  const length = validatePhoneNumberLength(digits, country, metadata);
  if (length === 'TOO_SHORT' || length === 'NOT_A_NUMBER') return { code: 1354, reason: 'too_short' };
  return { code: 1354, reason: length === 'TOO_LONG' ? 'too_long' : 'not_in_plan' };
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
  lost_prefix:
    'The number begins with no country code that fits: was a plus or a leading zero lost? Write it with its country code, or say the default country',
  ambiguous_country: 'The number can be read as one of two countries: write it with a plus and its country code',
};

/** What to tell the file's author. */
export function numberReasonText(reason: FileNumberReason): string {
  return REASONS[reason];
}
