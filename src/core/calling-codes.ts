/** Which country a number belongs to, by its first digits. */

import { parsePhoneNumberFromString } from 'libphonenumber-js/max';
import metadata from 'libphonenumber-js/max/metadata';

/** Digits of a number that tell its country: a calling code, and of +1 and +7, which countries share, the next three. */
export const PREFIX = 4;
/** Shared calling codes whose countries differ in their first digits; of others the country that comes first is told. */
const SHARED = new Set(['1', '7']);

const codes = (metadata as unknown as { country_calling_codes: Record<string, string[]> }).country_calling_codes;

export interface Origin {
  calling_code: string;
  /** ISO 3166-1 alpha-2; null where a calling code is no country's. */
  country: string | null;
}

/** Of a number's first four digits, or all of a shorter one. */
export function originOf(prefix: string): Origin {
  for (let length = 1; length <= 3; length++) {
    const calling_code = prefix.slice(0, length);
    const countries = codes[calling_code];
    if (countries === undefined) continue;
    const country = (SHARED.has(calling_code) ? sharedCountry(prefix) : undefined) ?? countries[0]!;
    return { calling_code, country: country === '001' ? null : country };
  }
  // Codes of no country, for satellites and free calls, have three digits.
  return { calling_code: prefix.slice(0, 3), country: null };
}

const known = new Map<string, string | undefined>();

function sharedCountry(prefix: string): string | undefined {
  // The rest of a number decides nothing: any will do that numbering plans have.
  if (!known.has(prefix)) known.set(prefix, parsePhoneNumberFromString(`+${prefix}2345678`)?.country);
  return known.get(prefix);
}
