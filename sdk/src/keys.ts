import type { ApiKey, ApiKeyInput, CreatedApiKey } from './figures.ts';
import type { CallOptions, Http } from './http.ts';
import { List, type PageQuery } from './list.ts';
import { path } from './path.ts';

/** The account's own API keys. */
export class Keys {
  readonly #http: Http;

  constructor(http: Http) {
    this.#http = http;
  }

  /** Oldest first. */
  list(query: PageQuery = {}, options?: CallOptions): List<ApiKey> {
    return new List(this.#http, '/v1/keys', { ...query }, options);
  }

  /** Makes a key. Its secret is in the answer, this once: when that is lost look in the list, and revoke what is too many. */
  create(key: ApiKeyInput, options?: CallOptions): Promise<CreatedApiKey> {
    return this.#http.data({ method: 'POST', path: '/v1/keys', data: key, isUnkeyed: true }, options);
  }

  /** Ends a key: from now on it is refused. */
  revoke(id: string, options?: CallOptions): Promise<void> {
    return this.#http.send({ method: 'DELETE', path: path`/v1/keys/${id}` }, options);
  }
}
