import { Muster, type MusterOptions } from '../../sdk/src/index.ts';
import { type Server, startServer } from '../support/server.ts';
import { type FlakyProxy, startProxy } from './flaky-proxy.ts';

export interface Place {
  server: Server;
  proxy: FlakyProxy;
  /** Through the proxy, with retries that do not wait long. */
  muster: Muster;
  /** Past the proxy. */
  direct: Muster;
  client(options?: Partial<MusterOptions>): Muster;
}

export async function makePlace(): Promise<Place> {
  const server = await startServer();
  const proxy = await startProxy(() => server.url);
  const client = (options: Partial<MusterOptions> = {}) =>
    new Muster({ baseUrl: proxy.url, apiKey: server.key, retryDelay: 5, ...options });
  return { server, proxy, client, muster: client(), direct: client({ baseUrl: server.url }) };
}

let made = 0;

/** An audience with a name of its own. */
export async function makeAudience(muster: Muster) {
  const { id } = await muster.audiences.create({ name: `Audience ${++made}`, channel: 'SMS' });
  return muster.audience(id);
}
