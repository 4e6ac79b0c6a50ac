import { isGone } from './errors.ts';
import type { CallOptions, Http } from './http.ts';
import { List, type PageQuery } from './list.ts';
import { path } from './path.ts';
import type { Account, Audience, AudienceInput, Channel, SingleAudience } from './types.ts';

export interface AudienceQuery extends PageQuery {
  /** Only audiences of this channel. */
  channel?: Channel;
}

/** The account's audiences. */
export class Audiences {
  readonly #http: Http;

  constructor(http: Http) {
    this.#http = http;
  }

  /**
   * Creates an audience, with up to 1,000 contacts: all of it is stored, or nothing. Raises ConflictError when there is one of
   * this name.
   *
   * @example
   * const { id } = await muster.audiences.create({ name: 'Spring sale', channel: 'SMS' });
   */
  create(audience: AudienceInput, options?: CallOptions): Promise<SingleAudience> {
    return this.#http.data({ method: 'POST', path: '/v1/audiences', data: audience }, options);
  }

  /** All audiences, oldest first. */
  list({ channel, ...query }: AudienceQuery = {}, options?: CallOptions): List<Audience> {
    return new List(this.#http, '/v1/audiences', { ...query, 'filter[channel]': channel }, options);
  }

  get(id: string, options?: CallOptions): Promise<SingleAudience> {
    return this.#http.data({ method: 'GET', path: path`/v1/audiences/${id}` }, options);
  }

  rename(id: string, name: string, options?: CallOptions): Promise<SingleAudience> {
    return this.#http.data({ method: 'PUT', path: path`/v1/audiences/${id}`, data: { name } }, options);
  }

  /** Deletes an audience and all of its contacts. */
  delete(id: string, options?: CallOptions): Promise<void> {
    return this.#http.send({ method: 'DELETE', path: path`/v1/audiences/${id}`, isDone: isGone }, options);
  }
}

/** The key's own account. */
export class Accounts {
  readonly #http: Http;

  constructor(http: Http) {
    this.#http = http;
  }

  /** @param id as the `account_id` of audiences and contacts has it; any other raises NotFoundError. */
  get(id: string, options?: CallOptions): Promise<Account> {
    return this.#http.data({ method: 'GET', path: path`/v1/accounts/${id}` }, options);
  }
}
