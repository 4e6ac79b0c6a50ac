/** What the numbering plans say of numbers: loaded once the page stands, since they are larger than it. */
import { parsePhoneNumberFromString, validatePhoneNumberLength } from 'libphonenumber-js/core';
import metadata from 'libphonenumber-js/max/metadata';

export interface Phone {
  /** As people of its country write it for others: `+44 7912 345678`. */
  text: string;
  /** Two letters; undefined where a calling code is no country's. */
  country: string | undefined;
}

/** @param digits E.164 without the plus. */
export function readPhone(digits: string): Phone {
  const phone = parsePhoneNumberFromString(`+${digits}`, metadata);
  return { text: phone?.formatInternational() ?? `+${digits}`, country: phone?.country };
}

export type NumberProblem = 'noCountry' | 'unknownCountry' | 'tooShort' | 'tooLong' | 'letters' | 'notInPlan';

/**
 * What speaks against a number as it is typed, by the plans that the server itself uses; undefined when nothing does. The
 * server decides: it may be told to accept more.
 */
export function problemOfNumber(typed: string): NumberProblem | undefined {
  const text = typed
    .normalize('NFKC')
    .replace(/\p{Cf}/gu, '')
    .trim();
  if (!/^[\s([]*\+?[\s\d.\-/()[\]‐-―−]*$/.test(text)) return 'letters';
  const written = text.replace(/\D/g, '');
  if (written.startsWith('0') && !written.startsWith('00') && !text.includes('+')) return 'noCountry';
  const digits = text.includes('+') ? written : written.replace(/^00/, '');
  const phone = parsePhoneNumberFromString(`+${digits}`, metadata);
  if (phone?.isValid()) return undefined;
  switch (validatePhoneNumberLength(`+${digits}`, metadata)) {
    case 'INVALID_COUNTRY':
      return 'unknownCountry';
    case 'TOO_SHORT':
    case 'NOT_A_NUMBER':
      return 'tooShort';
    case 'TOO_LONG':
      return 'tooLong';
    default:
      return 'notInPlan';
  }
}
