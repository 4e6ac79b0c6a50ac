/** Numbers, dates and plurals as the reader's language has them. */

export const LANGUAGE = 'en';
/** Numbers and dates follow the browser, texts are English. */
const REGION = navigator.language.startsWith(LANGUAGE) ? navigator.language : LANGUAGE;

const plurals = new Intl.PluralRules(LANGUAGE);
const numbers = new Intl.NumberFormat(REGION);
const compactNumbers = new Intl.NumberFormat(REGION, { notation: 'compact', maximumFractionDigits: 1 });
const percents = new Intl.NumberFormat(REGION, { style: 'percent', maximumFractionDigits: 1 });
const relative = new Intl.RelativeTimeFormat(LANGUAGE, { numeric: 'auto', style: 'long' });
const exactDates = new Intl.DateTimeFormat(REGION, { dateStyle: 'full', timeStyle: 'long' });
const days = new Intl.DateTimeFormat(REGION, { day: 'numeric', month: 'short', year: 'numeric' });
const daysOfThisYear = new Intl.DateTimeFormat(REGION, { day: 'numeric', month: 'short' });
const lists = new Intl.ListFormat(LANGUAGE, { type: 'conjunction' });

export const number = (value: number): string => numbers.format(value);
/** `1.2M` for charts and narrow places; never where a count must be exact. */
export const compact = (value: number): string => compactNumbers.format(value);
/** @param part from 0 to 1. */
export const percent = (part: number): string => percents.format(part);
export const list = (items: string[]): string => lists.format(items);

/** The form that a count takes, with the count in it: `plural(2, { one: '# contact', other: '# contacts' })`. */
export function plural(count: number, forms: { one: string; other: string }): string {
  const form = plurals.select(count) === 'one' ? forms.one : forms.other;
  return form.replace('#', number(count));
}

/** A moment of the API (`2026-03-01 13:00:00`, UTC). */
export function momentOf(date: string): Date {
  return new Date(`${date.replace(' ', 'T')}Z`);
}

/** The whole of it, in the reader's own time zone. */
export const exactDate = (moment: Date): string => exactDates.format(moment);
export const day = (moment: Date): string => days.format(moment);

const UNITS: [unit: Intl.RelativeTimeFormatUnit, seconds: number][] = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
];

/** `just now`, `5 minutes ago`, `yesterday`, then the day itself. */
export function relativeDate(moment: Date, now = Date.now()): string {
  const seconds = (moment.getTime() - now) / 1000;
  if (Math.abs(seconds) < 45) return relative.format(0, 'second');
  if (Math.abs(seconds) > 7 * 86_400) {
    const isThisYear = moment.getFullYear() === new Date(now).getFullYear();
    return (isThisYear ? daysOfThisYear : days).format(moment);
  }
  const [unit, size] = UNITS.find(([, size]) => Math.abs(seconds) >= size * 0.95) ?? UNITS.at(-1)!;
  return relative.format(Math.round(seconds / size), unit);
}

const BYTE_UNITS = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'];

export function bytes(count: number): string {
  const power = Math.min(Math.floor(Math.log10(Math.max(count, 1)) / 3), BYTE_UNITS.length - 1);
  const options = { style: 'unit', unit: BYTE_UNITS[power]!, maximumFractionDigits: power > 1 ? 1 : 0 } as const;
  return new Intl.NumberFormat(REGION, options).format(count / 1000 ** power);
}

/** `40 seconds`, `3 minutes`: how long something will take. */
export function duration(seconds: number): string {
  const [unit, value] =
    seconds < 90 ? ['second', seconds] : seconds < 5400 ? ['minute', seconds / 60] : ['hour', seconds / 3600];
  const options = { style: 'unit', unit, unitDisplay: 'long' } as Intl.NumberFormatOptions;
  return new Intl.NumberFormat(LANGUAGE, { ...options, maximumFractionDigits: 0 }).format(Math.max(1, value));
}
