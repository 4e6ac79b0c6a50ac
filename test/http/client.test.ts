/** A client as the public one is described in section 3 of the contract, written for the other API and pointed at this one. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { startServer } from '../support/server.ts';
import { fill, type Loose, makeClient, numberOf } from './support.ts';

const server = await startServer();

/** Knows a base URL and a key, sends page and limit with everything, and reads the token out of `next` the way it does. */
class PublicClient {
  readonly #base: string;
  readonly #key: string;

  constructor(base: string, key: string) {
    this.#base = base;
    this.#key = key;
  }

  async #request(method: string, path: string, query: Record<string, string>, data?: object): Promise<Loose> {
    const search = new URLSearchParams({ page: '1', limit: '100', ...query });
    const response = await fetch(`${this.#base}${path}?${search}`, {
      method,
      headers: { 'X-Dexatel-Key': this.#key, 'Content-Type': 'application/json', Accept: 'application/json' },
      ...(data && { body: JSON.stringify({ data }) }),
    });
    const text = await response.text();
    const body = text === '' ? undefined : JSON.parse(text);
    if (!response.ok) throw Object.assign(new Error(body.errors[0].message), body.errors[0]);
    return body;
  }

  create = async (path: string, data: object) => (await this.#request('POST', path, {}, data)).data;
  read = async (path: string) => (await this.#request('GET', path, {})).data;
  change = async (path: string, data: object) => (await this.#request('PUT', path, {}, data)).data;
  remove = (path: string) => this.#request('DELETE', path, {});

  async *pages(path: string, query: Record<string, string>) {
    let token: string | null = null;
    let page = 0;
    do {
      page++;
      const body: Loose = await this.#request('GET', path, {
        page: String(page),
        ...query,
        ...(token && { page_token: token }),
      });
      yield body;
      // The whole link is given to URLSearchParams: what stands before the first '&' is lost with the address.
      token =
        body.pagination.links.next === null ? null : new URLSearchParams(body.pagination.links.next).get('page_token');
      assert.equal(token === null, body.pagination.links.next === null, 'the token is found in the link');
    } while (token !== null);
  }
}

it('an existing client works, from creating an audience to walking thousands of contacts', async () => {
  const client = new PublicClient(server.url, server.key);
  const audience = await client.create('/v1/audiences', {
    name: 'Public client',
    channel: 'sms',
    contacts: [{ number: '+1 202 555 0000', first_name: 'Nr 0' }],
  });
  const contacts = `/v1/audiences/${audience.id}/contacts`;
  await fill(
    makeClient(server),
    `/v1/audiences/${audience.id}`,
    Array.from({ length: 4999 }, (_, index) => ({ number: numberOf(index + 1), first_name: `Nr ${index + 1}` })),
  );

  for (const query of [
    {},
    { page_size: '999' },
    { page_size: '1000' },
    { 'filter[search]': 'nr', page_size: '700' },
  ] as Record<string, string>[]) {
    const seen: string[] = [];
    for await (const { data, pagination } of client.pages(contacts, query)) {
      assert.equal(pagination.total, 5000);
      seen.push(...data.map(({ number }: Loose) => number));
    }
    assert.deepEqual(
      seen,
      Array.from({ length: 5000 }, (_, index) => numberOf(index)),
      JSON.stringify(query),
    );
  }

  const contact = await client.create(contacts, {
    number: '+44 7912 345678',
    first_name: 'Ana',
    timestamp: 'noon',
    date: 'May',
  });
  const at = `${contacts}/${contact.id}`;
  const changed = await client.change(at, { first_name: 'Eva', last_name: 'Petro', custom1: 'night' });
  assert.deepEqual(
    [changed.first_name, changed.timestamp, changed.date, changed.number],
    ['Eva', 'night', 'May', '447912345678'],
  );
  assert.deepEqual(await client.read(at), changed);
  await assert.rejects(client.create(contacts, { number: '447912345678' }), { code: 1360, contact_id: contact.id });
  await client.remove(at);
  await assert.rejects(client.read(at), { code: 1351, status: 404 });

  let audiences = 0;
  for await (const { data } of client.pages('/v1/audiences', { 'filter[channel]': 'sms', page_size: '1' }))
    audiences += data.length;
  assert.equal(audiences, 1);
  await client.change(`/v1/audiences/${audience.id}`, { name: 'Renamed' });
  await client.remove(`/v1/audiences/${audience.id}`);
  await assert.rejects(client.read(contacts), { code: 1301 });
});
