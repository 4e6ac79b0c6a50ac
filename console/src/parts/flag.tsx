import { LANGUAGE } from '../texts/format.ts';

const names = new Intl.DisplayNames(LANGUAGE, { type: 'region', fallback: 'code' });
/** Regional indicators stand in the order of the letters. Where a font has no flags it shows the two letters. */
const FIRST_INDICATOR = 0x1f1e6 - 'A'.charCodeAt(0);

export function countryName(country: string): string {
  return names.of(country) ?? country;
}

/** A country's flag with its name. @param country two letters. */
export function Flag({ country }: { country: string }) {
  const flag = String.fromCodePoint(...[...country].map((letter) => FIRST_INDICATOR + letter.charCodeAt(0)));
  return (
    <span role="img" aria-label={countryName(country)} title={countryName(country)}>
      {flag}
    </span>
  );
}
