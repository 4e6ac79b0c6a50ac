/** Counts that a person would rather look at than read. */
import type { MusterDate } from './types.ts';

/** A label, and how many contacts of the audience carry it. */
export interface Tag {
  tag: string;
  contacts_count: number;
}

/** A day in UTC: of the contacts that are there now, how many there were at its end, and how many were created on it. */
export interface GrowthDay {
  /** As `2026-03-01`. */
  date: string;
  contacts_count: number;
  created: number;
}

/** How many contacts have a number of a country. */
export interface CountryCount {
  calling_code: string;
  /** Two letters; `null` where a calling code is no country's. */
  country: string | null;
  contacts_count: number;
}

export interface GrowthQuery {
  /** How many days, today among them; 30 unless said. */
  days?: number;
}

/** The account at a glance. */
export interface Overview {
  audiences_count: number;
  contacts_count: number;
  /** 30 days, oldest first. */
  growth: GrowthDay[];
  /** Most contacts first. */
  countries: CountryCount[];
  store: {
    kind: 'sqlite' | 'postgres' | 'citus';
    ready: boolean;
    /** The server's version. */
    version: string;
    /** What the store takes on the disk; `null` where it does not know. */
    bytes: number | null;
  };
}

/** An API key, without its secret. */
export interface ApiKey {
  id: string;
  name: string;
  /** How its secret begins. */
  prefix: string;
  scope: 'read' | 'write';
  create_date: MusterDate;
  /** To the minute; `null` when it was never used. */
  last_use_date: MusterDate | null;
  /** From when on it is refused; `null` is never. */
  expire_date: MusterDate | null;
}

/** A key as it is answered once, when it is made. */
export interface CreatedApiKey extends ApiKey {
  /** What goes into `X-Dexatel-Key`. */
  secret: string;
}

export interface ApiKeyInput {
  name: string;
  scope: ApiKey['scope'];
  expire_date?: MusterDate | null;
}
