/**
 * `npm run demo`: a server on a throw-away store with some hundred made-up contacts, gone when it stops. PORT and HOST work as
 * they do for the real one.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readServerConfig } from '../src/config.ts';
import { upsertContacts } from '../src/core/contacts.ts';
import { SetupError } from '../src/core/errors.ts';
import type { Channel } from '../src/core/store.ts';
import { startServer } from '../src/server.ts';
import { sampleContacts } from './make-contacts.ts';

const KEY = 'demo-key-that-everybody-knows';
const AUDIENCES: [name: string, channel: Channel, contacts: number][] = [
  ['Customers', 'WHATSAPP', 300],
  ['Newsletter', 'SMS', 150],
  ['Viber club', 'VIBER', 50],
];

const data = mkdtempSync(join(tmpdir(), 'muster-demo-'));
const removeData = () => rmSync(data, { recursive: true, force: true });

try {
  const config = readServerConfig({
    ...process.env,
    DATABASE_URL: '',
    WORKERS: '',
    MUSTER_DATA: data,
    MUSTER_BOOTSTRAP_KEY: KEY,
  });
  const server = await startServer(config, () => process.exit(1));
  const stop = () => {
    server.stop().finally(() => {
      removeData();
      process.exit(0);
    });
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);

  const contacts = sampleContacts(7);
  const [account] = await server.store.accounts.list();
  let first = '';
  for (const [name, channel, count] of AUDIENCES) {
    const audience = await server.store.audiences.create(account!.id, { name, channel, contacts: [] });
    const rows = Array.from({ length: count }, () => contacts.next().value);
    const place = { account_id: account!.id, audience_id: audience.id };
    await upsertContacts(server.store, place, { contacts: rows }, config.numberRule);
    first ||= audience.id;
  }
  const key = `-H 'X-Dexatel-Key: ${KEY}'`;
  console.log(`
The demo has ${AUDIENCES.map(([name, , count]) => `'${name}' (${count})`).join(', ')}. Try:
  curl ${key} ${server.url}/v1/audiences
  curl ${key} '${server.url}/v1/audiences/${first}/contacts?page_size=5'
  curl -G ${key} '${server.url}/v1/audiences/${first}/contacts' --data-urlencode 'filter[search]=ana'
The API is described at ${server.url}/docs. Everything is gone when this stops (Ctrl-C).`);
} catch (error) {
  removeData();
  console.error(error instanceof SetupError ? `muster: ${error.message}` : error);
  process.exit(1);
}
