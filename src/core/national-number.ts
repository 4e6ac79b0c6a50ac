/** Numbers as they are dialled inside a country, and out of it. */
import {
  type CountryCode,
  getCountryCallingCode,
  isSupportedCountry,
  Metadata,
  parsePhoneNumberFromString,
} from 'libphonenumber-js/core';
import metadata from 'libphonenumber-js/max/metadata';
import { parseNumber } from './number.ts';
import { isPlainNumber, type NumberRule } from './number-plans.ts';

export type { CountryCode };

/** Of E.164. */
const MAX_DIGITS = 15;

/** How a country dials. */
interface Dialling {
  callingCode: string;
  /** What is dialled before the calling code of another country: `00`, `011`, `810`. */
  exit: RegExp | undefined;
  /** What may be dialled before a national number: `0` in most countries. */
  prefix: RegExp | undefined;
  /** Whether it is dropped and nothing else is done. */
  isDropped: boolean;
  /** Of the country's numbers without the prefix. */
  ownLengths: Set<number>;
  /** The same in all countries of the calling code. */
  lengths: Set<number>;
}

/** What the library's types leave out. */
interface PrefixRules {
  nationalPrefixForParsing(): string | undefined;
}

const diallings = new Map<CountryCode, Dialling>();

/** The country of two letters in any case, or undefined when there is none of that name with telephone numbers. */
export function readCountry(text: string): CountryCode | undefined {
  const code = text.trim().toUpperCase();
  return isSupportedCountry(code as CountryCode, metadata) ? (code as CountryCode) : undefined;
}

/** The calling code of a country: `44` of GB. */
export function callingCodeOf(country: CountryCode): string {
  return diallingOf(country).callingCode;
}

/**
 * What digits are when they are dialled inside the country to leave it, `011 44 …` in the US: the E.164 digits, or undefined
 * when they do not begin so, or no number follows.
 */
export function readDialledAbroad(digits: string, country: CountryCode, rule: NumberRule): string | undefined {
  const exit = exitOf(digits, country);
  const number = exit === undefined ? undefined : parseNumber(`+${digits.slice(exit.length)}`, rule);
  return typeof number === 'string' ? number : undefined;
}

/**
 * What digits are when they are dialled inside the country to stay in it, with the national prefix or without: the E.164
 * digits, or undefined when the country has no such number. Mostly without the library, which takes 20 µs.
 */
export function readNational(digits: string, country: CountryCode, rule: NumberRule): string | undefined {
  const { callingCode, prefix, isDropped, ownLengths, lengths } = diallingOf(country);
  // The library takes what leaves the country for just that.
  if (exitOf(digits, country) !== undefined) return settled(`+${callingCode}${digits}`, rule);
  const before = prefix?.exec(digits)?.[0] ?? '';
  // By the looser rule a prefix or a calling code may be part of the number.
  const isClear = rule === 'valid' ? before === '' || isDropped : before === '' && !digits.startsWith(callingCode);
  if (isClear) {
    const rest = digits.slice(before.length);
    const number = callingCode + rest;
    const isLikely = ownLengths.has(rest.length) && number.length <= MAX_DIGITS;
    if (isLikely && isPlainNumber(number, rule)) return number;
  }
  if (before === '' && !lengths.has(digits.length) && !digits.startsWith(callingCode)) return undefined;
  return parseWithLibrary(digits, country, rule);
}

/** What the library makes of a national number. */
export function parseWithLibrary(digits: string, country: CountryCode, rule: NumberRule): string | undefined {
  const phone = parsePhoneNumberFromString(digits, { defaultCountry: country, extract: false }, metadata);
  if (phone === undefined || !(rule === 'valid' ? phone.isValid() : phone.isPossible())) return undefined;
  return settled(phone.number, rule);
}

/** The groups of digits in which a number is written: inside its country, and with its calling code. */
export function groupsOf(number: string): { national: string[]; international: string[] } {
  const phone = parsePhoneNumberFromString(`+${number}`, metadata);
  const groups = (text = '') => text.match(/[0-9]+/g) ?? [];
  return { national: groups(phone?.formatNational()), international: groups(phone?.formatInternational()) };
}

/** Settled by the same rules as every number, so that it stays what it is when it comes again. */
function settled(text: string, rule: NumberRule): string | undefined {
  const number = parseNumber(text, rule);
  return typeof number === 'string' ? number : undefined;
}

/** The digits with which a call leaves the country, where these do. No calling code begins with 0. */
function exitOf(digits: string, country: CountryCode): string | undefined {
  const exit = diallingOf(country).exit?.exec(digits)?.[0];
  return exit === undefined || digits[exit.length] === '0' ? undefined : exit;
}

function diallingOf(country: CountryCode): Dialling {
  let found = diallings.get(country);
  if (found === undefined) {
    found = readDialling(country);
    diallings.set(country, found);
  }
  return found;
}

function readDialling(country: CountryCode): Dialling {
  const callingCode = getCountryCallingCode(country, metadata) as string;
  const plan = planOf(country);
  const exit = plan.IDDPrefix();
  const prefix = plan.nationalPrefixForParsing();
  const countries = metadata.country_calling_codes[callingCode as never] as CountryCode[];
  return {
    callingCode,
    exit: exit ? new RegExp(`^(?:${exit})`) : undefined,
    prefix: prefix ? new RegExp(`^(?:${prefix})`) : undefined,
    isDropped: prefix !== undefined && !/\((?!\?)/.test(prefix),
    ownLengths: new Set(plan.possibleLengths()),
    lengths: new Set(countries.flatMap((each) => planOf(each).possibleLengths())),
  };
}

function planOf(country: CountryCode) {
  const plans = new Metadata(metadata);
  plans.selectNumberingPlan(country);
  return plans.numberingPlan as NonNullable<typeof plans.numberingPlan> & PrefixRules;
}
