import { type CountryCode, getCountries, getCountryCallingCode } from 'libphonenumber-js/min';
import { LANGUAGE } from '../../texts/format.ts';

const names = new Intl.DisplayNames(LANGUAGE, { type: 'region' });

export interface Country {
  value: string;
  label: string;
}

let countries: Country[] | undefined;

/** Every country with numbers of its own, by name. */
export function listCountries(): Country[] {
  countries ??= getCountries()
    .map((code: CountryCode) => ({ value: code, label: `${names.of(code) ?? code} (+${getCountryCallingCode(code)})` }))
    .sort((one, other) => one.label.localeCompare(other.label, LANGUAGE));
  return countries;
}
