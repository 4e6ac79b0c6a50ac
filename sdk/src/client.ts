import { Accounts, Audiences } from './audiences.ts';
import { Contacts } from './contacts.ts';
import type { CountryCount, GrowthDay, GrowthQuery, Overview, Tag } from './figures.ts';
import { type CallOptions, makeHttp } from './http.ts';
import { AllImports, Imports } from './imports.ts';
import { Keys } from './keys.ts';
import { path } from './path.ts';

export interface MusterOptions {
  /** Where the server is, as `https://contacts.example.com`; with `/v1` behind it or without. */
  baseUrl: string;
  /** An API key. Its scope decides what it may do. `null` sends none: a page whose cookie says who it is. */
  apiKey: string | null;
  /** Headers beside those that every request has, asked for anew at each of them. */
  headers?: () => Record<string, string>;
  /** Milliseconds for one attempt; 60,000 unless said, 0 is for ever. Of a file or of events, for each silence. */
  timeout?: number;
  /** How often a call is made again after a failure that permits it; 5 unless said. */
  maxRetries?: number;
  /** Milliseconds before the first retry; 250 unless said. Each further one waits twice as long, up to 8 seconds. */
  retryDelay?: number;
  /** Told before each wait for a retry, of any call that has none of its own. When it answers `false`, the error is raised. */
  onRetry?: CallOptions['onRetry'];
  /**
   * Whether the server knows `Idempotency-Key`, so that every write can be made again when its answer was lost. Unless said,
   * that is learned from its answers.
   */
  idempotency?: boolean;
  /** Instead of the runtime's own. */
  fetch?: typeof fetch;
}

/** An audience to work in. Nothing was asked of the server yet. */
export interface AudienceClient {
  readonly id: string;
  readonly contacts: Contacts;
  readonly imports: Imports;
  /** The tags of its contacts, most used first, up to 1,000. */
  tags(options?: CallOptions): Promise<Tag[]>;
  /** How it grew day by day, oldest first. */
  growth(query?: GrowthQuery, options?: CallOptions): Promise<GrowthDay[]>;
  /** The countries of its contacts' numbers, most contacts first. */
  countries(options?: CallOptions): Promise<CountryCount[]>;
}

/**
 * A client of Muster, and of every server of the same API.
 *
 * @example
 * const muster = new Muster({ baseUrl: 'http://127.0.0.1:8080', apiKey: 'muster_…' });
 * const { id } = await muster.audiences.create({ name: 'First steps', channel: 'SMS' });
 * await muster.audience(id).contacts.create({ number: '+1 (202) 555-0150', first_name: 'Søren' });
 */
export class Muster {
  readonly audiences: Audiences;
  readonly accounts: Accounts;
  /** The imports of all audiences; those of one are at `audience(id).imports`. */
  readonly imports: AllImports;
  readonly keys: Keys;
  /** The account at a glance. */
  readonly overview: (options?: CallOptions) => Promise<Overview>;
  /** Raises TypeError for an id that is none. */
  readonly audience: (id: string) => AudienceClient;

  /** Raises TypeError for a base URL that is none, and for a key that is empty or holds what no header can. */
  constructor(options: MusterOptions) {
    const { apiKey, headers, timeout = 60_000, maxRetries = 5, retryDelay = 250, onRetry, idempotency } = options;
    if (apiKey === '' || apiKey === undefined) throw new TypeError('apiKey is empty: give an API key');
    if (apiKey !== null) new Headers({ 'x-dexatel-key': apiKey });
    const { protocol, origin, pathname } = new URL(options.baseUrl);
    if (!/^https?:$/.test(protocol)) throw new TypeError('baseUrl must begin with http:// or https://');
    const baseUrl = origin + pathname.replace(/\/*(?:\/v1)?\/*$/, '');
    // Browsers want fetch to be called as the window's own.
    const call: typeof fetch = options.fetch ?? ((input, init) => globalThis.fetch(input, init));
    const http = makeHttp({
      baseUrl,
      apiKey,
      headers,
      timeout,
      maxRetries,
      retryDelay,
      onRetry,
      idempotency,
      fetch: call,
    });
    this.audiences = new Audiences(http);
    this.accounts = new Accounts(http);
    this.imports = new AllImports(http);
    this.keys = new Keys(http);
    this.overview = (options) => http.data({ method: 'GET', path: '/v1/overview' }, options);
    this.audience = (id) => {
      const own = path`/v1/audiences/${id}`;
      return {
        id,
        contacts: new Contacts(http, id),
        imports: new Imports(http, id),
        tags: (options) => http.data({ method: 'GET', path: `${own}/tags` }, options),
        growth: (query, options) => http.data({ method: 'GET', path: `${own}/growth`, query: { ...query } }, options),
        countries: (options) => http.data({ method: 'GET', path: `${own}/countries` }, options),
      };
    };
  }
}
