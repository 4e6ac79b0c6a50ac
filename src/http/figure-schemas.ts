/** The wire schemas of figures. */
import Type from 'typebox';
import { DEFAULT_DAYS, MAX_DAYS } from '../core/figures.ts';
import { codes, count, exactly } from './schema-parts.ts';

const DAY_EXAMPLE = { date: '2026-03-01', contacts_count: 48_213, created: 120 };
const COUNTRY_EXAMPLE = { calling_code: '44', country: 'GB', contacts_count: 1204 };

export const GrowthDay = exactly(
  {
    date: Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}$', description: 'A day in UTC', examples: ['2026-03-01'] }),
    contacts_count: count('Of the contacts that are there now, how many there were at its end', 48_213),
    created: count('How many of them were created on it', 120),
  },
  'A day of growth. A contact counts from the moment that its id was made',
  DAY_EXAMPLE,
);

export const CountryCount = exactly(
  {
    calling_code: Type.String({ pattern: '^[1-9][0-9]{0,2}$', description: 'Without the plus', examples: ['44'] }),
    country: Type.Unsafe<string | null>({
      type: ['string', 'null'],
      pattern: '^[A-Z]{2}$',
      description:
        'ISO 3166-1 alpha-2; `null` where the calling code is no country’s. Of several countries with one code, +1 and +7 aside, the largest',
      examples: ['GB'],
    }),
    contacts_count: count('How many contacts have such a number', 1204),
  },
  'A country, and how many contacts have its numbers',
  COUNTRY_EXAMPLE,
);

export const Overview = exactly(
  {
    audiences_count: count('How many audiences there are', 12),
    contacts_count: count('How many contacts all of them have', 48_213),
    growth: Type.Array(GrowthDay, { description: 'The last 30 days, oldest first', examples: [[DAY_EXAMPLE]] }),
    countries: Type.Array(CountryCount, {
      description: 'Where the numbers are from, most contacts first',
      examples: [[COUNTRY_EXAMPLE]],
    }),
    store: exactly(
      {
        kind: Type.Enum(['sqlite', 'postgres', 'citus'], {
          type: 'string',
          description: 'What holds everything',
          examples: ['sqlite'],
        }),
        ready: Type.Boolean({ description: 'Whether it can read and write now', examples: [true] }),
        version: Type.String({ description: 'The version of the server', examples: ['0.1.0'] }),
        bytes: Type.Unsafe<number | null>({
          type: ['integer', 'null'],
          minimum: 0,
          description: 'What it takes on the disk; `null` where it does not know',
          examples: [504_135_680],
        }),
      },
      'How the store is',
    ),
  },
  'The account at a glance',
  {
    audiences_count: 12,
    contacts_count: 48_213,
    growth: [DAY_EXAMPLE],
    countries: [COUNTRY_EXAMPLE],
    store: { kind: 'sqlite', ready: true, version: '0.1.0', bytes: 504_135_680 },
  },
);

export const FIGURE_QUERY = {
  days: Type.Integer({
    minimum: 1,
    maximum: MAX_DAYS,
    default: DEFAULT_DAYS,
    description: 'How many days, today among them',
    examples: [DEFAULT_DAYS],
    ...codes(9013),
  }),
};
