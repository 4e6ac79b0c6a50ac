import { Muster } from 'muster-sdk';
import { sessionOf } from './query-client.ts';

/** The API with the browser's own session. Few retries: a person waits, and the page says that the server is away. */
export const muster = new Muster({
  baseUrl: location.origin,
  apiKey: null,
  headers: (): Record<string, string> => {
    const token = sessionOf()?.csrf_token;
    return token === undefined ? {} : { 'x-muster-csrf': token };
  },
  maxRetries: 2,
  retryDelay: 150,
});
