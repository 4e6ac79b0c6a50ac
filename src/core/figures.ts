/** Counts that people would rather look at than read. All of them are exact. */

import { refuse } from './body.ts';
import { type Origin, originOf } from './calling-codes.ts';
import type { Place } from './contacts.ts';
import { problem } from './errors.ts';
import { firstIdOf } from './ids.ts';
import type { Store } from './store.ts';

export const DEFAULT_DAYS = 30;
export const MAX_DAYS = 366;
const DAY = 24 * 3_600_000;

/** A day in UTC. */
export interface GrowthDay {
  /** As `2026-03-01`. */
  date: string;
  /** Of the contacts that are there now, how many there were at its end. */
  contacts_count: number;
  /** How many of them were created on it. */
  created: number;
}

export type CountryCount = Origin & { contacts_count: number };

/** An account at a glance. */
export interface Overview {
  audiences_count: number;
  contacts_count: number;
  growth: GrowthDay[];
  countries: CountryCount[];
  store: {
    kind: 'sqlite' | 'postgres' | 'citus';
    /** Whether it can read and write now. */
    ready: boolean;
    /** The server's. */
    version: string;
    /** What it takes on the disk, where it knows. */
    bytes: number | null;
  };
}

/** How an audience grew, day by day, oldest first, today last. Raises 1301, 9013. @param raw how many days, as text. */
export async function growth(store: Store, place: Place, raw: unknown): Promise<GrowthDay[]> {
  const days = raw === undefined ? DEFAULT_DAYS : typeof raw === 'string' && /^\d{1,3}$/.test(raw) ? Number(raw) : 0;
  if (days < 1 || days > MAX_DAYS) {
    const problems = [problem(9013, 'days', `'{place}' must be a whole number from 1 to ${MAX_DAYS}`)];
    return refuse(problems, store.audiences.get(place.account_id, place.audience_id));
  }
  return (await grow(store, place.account_id, place.audience_id, days)).growth;
}

/** The countries of an audience's numbers, most contacts first. Raises 1301. */
export async function countries(store: Store, { account_id, audience_id }: Place): Promise<CountryCount[]> {
  return byCountry(await store.figures.prefixes(account_id, audience_id));
}

export async function overview(store: Store, accountId: string, version: string): Promise<Overview> {
  const [{ total, growth }, prefixes, audiences, about, ready] = await Promise.all([
    grow(store, accountId, undefined, DEFAULT_DAYS),
    store.figures.prefixes(accountId),
    store.audiences.page(accountId, { direction: 'after', size: 1 }),
    store.about(),
    store.ready().then(
      () => true,
      () => false,
    ),
  ]);
  return {
    audiences_count: audiences.total,
    contacts_count: total,
    growth,
    countries: byCountry(prefixes),
    store: { kind: about.kind, ready, version, bytes: about.bytes },
  };
}

async function grow(store: Store, accountId: string, audienceId: string | undefined, days: number) {
  const today = Math.floor(Date.now() / DAY) * DAY;
  const starts = Array.from({ length: days }, (_, index) => today - (days - 1 - index) * DAY);
  const { total, counts } = await store.figures.created(accountId, audienceId, starts.map(firstIdOf));
  let later = 0;
  const growth = starts
    .map(
      (start, index): GrowthDay => ({
        date: new Date(start).toISOString().slice(0, 10),
        contacts_count: 0,
        created: counts[index]!,
      }),
    )
    .reverse();
  // What is not created after a day was there at its end.
  for (const day of growth) {
    day.contacts_count = total - later;
    later += day.created;
  }
  return { total, growth: growth.reverse() };
}

function byCountry(prefixes: [prefix: string, count: number][]): CountryCount[] {
  const sums = new Map<string, CountryCount>();
  for (const [prefix, count] of prefixes) {
    const origin = originOf(prefix);
    const name = `${origin.calling_code} ${origin.country}`;
    const sum = sums.get(name);
    if (sum === undefined) sums.set(name, { ...origin, contacts_count: count });
    else sum.contacts_count += count;
  }
  return [...sums]
    .sort(([name, one], [other, two]) => two.contacts_count - one.contacts_count || (name < other ? -1 : 1))
    .map(([, sum]) => sum);
}
