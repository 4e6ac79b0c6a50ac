/**
 * The fast half of number parsing. libphonenumber-js builds its patterns anew for every number, which costs about 20 µs;
 * here they are built once, and a number that is already as that library would return it is recognised in less than one.
 * Only a clear yes is given: a prefix that might be dropped, a number of no plan, and whatever else is in doubt is left to
 * the library. test/core/number.test.ts holds the two against each other.
 */
import metadata from 'libphonenumber-js/max/metadata';

/** How strict a number is looked at: of a country's numbering plan, or merely of a length that the plan has. */
export type NumberRule = 'valid' | 'possible';

/** A country's numbering plan as the metadata packs it: these places of an array. */
const PATTERN = 2;
const LENGTHS = 3;
const NATIONAL_PREFIX = 5;
const PREFIX_FOR_PARSING = 7;
const LEADING_DIGITS = 10;
const TYPES = 11;

type PackedType = [pattern: string, lengths?: number[] | 0] | 0;
type PackedPlan = unknown[];

interface Plan {
  /** Any number of the country. */
  pattern: RegExp;
  lengths: number[];
  /** Decides alone, where there is one, whether a number of a shared calling code belongs to the country. */
  leadingDigits: RegExp | undefined;
  types: [pattern: string, lengths: number[]][];
  /** By length of the number: the patterns of every kind of number (mobile, toll free, …) of that length, built when needed. */
  typesOfLength: (RegExp | null | undefined)[];
}

interface CallingCode {
  /** What the library may take for a national prefix and drop or replace. */
  prefix: RegExp | undefined;
  /** The plan of the country that comes first, for numbers that no country claims. */
  main: Plan;
  /** In the library's order, the first that claims a number has it. Of one country there is nothing to ask. */
  countries: Plan[];
}

const packed = metadata as unknown as {
  version: number;
  country_calling_codes: Record<string, string[]>;
  countries: Record<string, PackedPlan>;
  nonGeographic: Record<string, PackedPlan>;
};

// The places above are those of version 4 of the metadata. A newer one is left to the library until somebody has looked at it.
const KNOWN_VERSION = packed.version === 4;

const callingCodes = new Map<string, CallingCode | null>();

/**
 * Whether the digits are a number by the rule, and the library would return them unchanged. False means "ask the library",
 * never "no".
 * @param digits E.164 digits without the plus, ASCII digits only.
 */
export function isPlainNumber(digits: string, rule: NumberRule): boolean {
  // No calling code begins another one, so the first that is found is the one.
  for (let length = 1; length <= 3; length++) {
    const callingCode = findCallingCode(digits.slice(0, length));
    if (callingCode !== null) return isPlainNational(callingCode, digits.slice(length), rule);
  }
  return false;
}

function isPlainNational(callingCode: CallingCode, number: string, rule: NumberRule): boolean {
  if (callingCode.prefix !== undefined) {
    const match = callingCode.prefix.exec(number);
    // Some prefixes match nothing at all, and then nothing is dropped; groups could still replace something.
    if (match !== null && match.join('') !== '') return false;
  }
  const plan = planOf(callingCode, number);
  return rule === 'valid' ? isOfSomeType(plan, number) : plan.lengths.includes(number.length);
}

function planOf(callingCode: CallingCode, number: string): Plan {
  for (const country of callingCode.countries) {
    if (country.leadingDigits?.test(number) ?? isOfSomeType(country, number)) return country;
  }
  return callingCode.main;
}

function isOfSomeType(plan: Plan, number: string): boolean {
  let types = plan.typesOfLength[number.length];
  if (types === undefined) {
    types = typesOfLength(plan, number.length);
    plan.typesOfLength[number.length] = types;
  }
  return types?.test(number) === true && plan.pattern.test(number);
}

function typesOfLength(plan: Plan, length: number): RegExp | null {
  const patterns = plan.types.filter(([, lengths]) => lengths.includes(length)).map(([pattern]) => pattern);
  return patterns.length === 0 ? null : entire(patterns.map((pattern) => `(?:${pattern})`).join('|'));
}

function findCallingCode(code: string): CallingCode | null {
  let found = callingCodes.get(code);
  if (found === undefined) {
    found = KNOWN_VERSION ? readCallingCode(code) : null;
    callingCodes.set(code, found);
  }
  return found;
}

function readCallingCode(code: string): CallingCode | null {
  const names = packed.country_calling_codes[code];
  const main = names === undefined ? packed.nonGeographic[code] : packed.countries[names[0]!];
  if (main === undefined) return null;
  const prefix = (main[PREFIX_FOR_PARSING] || main[NATIONAL_PREFIX]) as string | 0 | undefined;
  const countries = names === undefined ? [main] : names.map((name) => packed.countries[name]!);
  const plans = countries.map(readPlan);
  // Without kinds of numbers or lengths the library decides in other ways.
  if (plans.some((plan) => plan === null)) return null;
  return {
    prefix: prefix ? new RegExp(`^(?:${prefix})`) : undefined,
    main: plans[0]!,
    countries: plans.length === 1 ? [] : (plans as Plan[]),
  };
}

function readPlan(country: PackedPlan): Plan | null {
  const lengths = country[LENGTHS] as number[] | 0 | undefined;
  const types = country[TYPES] as PackedType[] | 0 | undefined;
  if (!lengths || !types || types.length === 0) return null;
  return {
    pattern: entire(country[PATTERN] as string),
    lengths,
    leadingDigits: country[LEADING_DIGITS] ? new RegExp(`^(?:${country[LEADING_DIGITS]})`) : undefined,
    types: types.flatMap((type): Plan['types'] => (type !== 0 && type[0] ? [[type[0], type[1] || lengths]] : [])),
    typesOfLength: [],
  };
}

function entire(pattern: string): RegExp {
  return new RegExp(`^(?:${pattern})$`);
}
