/** Section 3 of the contract: pages, at the seed endpoint and at the list of audiences. */
import assert from 'node:assert/strict';
import { request } from 'node:http';
import { describe, it } from 'node:test';
import { startServer } from '../support/server.ts';
import {
  type Answer,
  changesNothing,
  fill,
  type Loose,
  makeAudience,
  makeClient,
  numberOf,
  refused,
  succeeded,
  walk,
} from './support.ts';

const server = await startServer();
const client = makeClient(server);

const TOTAL = 1001;
const audience = await makeAudience(client);
const list = `${audience.path}/contacts`;
await fill(client, audience.path, people(TOTAL));
const all: Loose[] = await walk(client, `${list}?page_size=1000`);

/** Made-up people: every third one an Ana. */
function people(count: number, from = 0): { number: string; first_name: string }[] {
  return Array.from({ length: count }, (_, index) => ({
    number: numberOf(from + index),
    first_name: index % 3 === 0 ? 'Ana' : 'Eva',
  }));
}

const ids = (contacts: Loose[]): string[] => contacts.map(({ id }) => id);
const links = (answer: Answer) => answer.body.pagination.links;
const tokenOf = (link: string) => new URL(link).searchParams.get('page_token')!;

it('a page holds what was stored, in the order of creation', () => {
  assert.deepEqual(
    all.map(({ number }) => number),
    people(TOTAL).map(({ number }) => number),
  );
  assert.deepEqual(ids(all), ids(all).sort(), 'ids sort by creation');
});

describe('page_size', () => {
  for (const [query, size] of [
    ['', 50],
    ['?page_size=1', 1],
    ['?page_size=2', 2],
    ['?page_size=50', 50],
    ['?page_size=999', 999],
    ['?page_size=1000', 1000],
  ] as const) {
    it(`'${query}' gives ${size}`, async () => {
      const answer = await client.get(`${list}${query}`);
      assert.deepEqual(ids(answer.data), ids(all.slice(0, size)));
      const { number, total } = answer.body.pagination;
      assert.deepEqual({ number, size: answer.body.pagination.size, total }, { number: 1, size, total: TOTAL });
      assert.equal(links(answer).previous, null);
      assert.equal((await client.get(links(answer).next)).data[0].id, all[size].id);
    });
  }

  for (const wrong of [
    'page_size=0',
    'page_size=1001',
    'page_size=10000',
    'page_size=99999999999999999999',
    'page_size=x',
    'page_size=',
    'page_size',
    'page_size=-1',
    'page_size=+1',
    'page_size=1.5',
    'page_size=1e2',
    'page_size=0x10',
    'page_size=%201',
    'page_size=1%00',
    'page_size=١',
    'page_size=null',
    'page_size=10&page_size=10',
    'page_size=10&page_size=20',
  ]) {
    it(`'${wrong}' is 9011, in both lists`, async () => {
      for (const path of [list, '/v1/audiences']) {
        const answer = await client.get(`${path}?${wrong}`);
        assert.equal(answer.status, 400);
        refused(answer, [9011, "'page_size' must be a whole number from 1 to 1000"]);
      }
    });
  }

  it('as an array it is another parameter, and ignored', async () => {
    assert.equal((await client.get(`${list}?page_size[]=3`)).data.length, 50);
  });
});

describe('page_token', () => {
  it('alone is enough: it knows the page size', async () => {
    const first = await client.get(`${list}?page_size=7`);
    const answer = await client.get(`${list}?page_token=${tokenOf(links(first).next)}`);
    assert.deepEqual(ids(answer.data), ids(all.slice(7, 14)));
    assert.equal(answer.body.pagination.number, 2);
    assert.match(links(answer).next, /\?page_size=7&/);
  });

  it('works again and again, with its page size and without', async () => {
    const { next } = links(await client.get(`${list}?page_size=7`));
    const answers = [
      await client.get(next),
      await client.get(next),
      await client.get(`${list}?page_token=${tokenOf(next)}`),
    ];
    for (const answer of answers) assert.equal(answer.text, answers[0]!.text);
  });

  it('outlives the server', async () => {
    const other = await startServer();
    const guest = makeClient(other);
    const { path } = await makeAudience(guest, people(9));
    const token = tokenOf(links(await guest.get(`${path}/contacts?page_size=4`)).next);
    assert.equal((await other.stop()).code, 0);
    await other.restart();
    const answer = await guest.get(`${path}/contacts?page_token=${token}`);
    assert.deepEqual(
      answer.data.map(({ number }: Loose) => number),
      people(9)
        .slice(4, 8)
        .map(({ number }) => number),
    );
    await other.stop();
  });

  it('is URL-safe as it is', async () => {
    assert.match(tokenOf(links(await client.get(`${list}?page_size=7`)).next), /^[\w-]+$/);
  });

  it('broken in any way is 9010', async () => {
    const token = tokenOf(links(await client.get(`${list}?page_size=7`)).next);
    const broken = [
      'x',
      '0',
      'null',
      'undefined',
      '%00',
      '%F0%9F%98%80',
      'a'.repeat(5000),
      `${token}A`,
      `A${token}`,
      `${token}=`,
      `${token}%20`,
      token.toLowerCase(),
    ];
    for (let cut = 1; cut < token.length; cut++) broken.push(token.slice(0, cut), token.slice(cut));
    for (let at = 0; at < token.length; at++) {
      broken.push(`${token.slice(0, at)}${token[at] === 'A' ? 'B' : 'A'}${token.slice(at + 1)}`);
    }
    await Promise.all(
      broken.map(async (each) => {
        const answer = await client.get(`${list}?page_size=7&page_token=${each}`);
        assert.equal(answer.status, 400, each);
        refused(answer, [9010, "'page_token' is invalid"]);
      }),
    );
    refused(await client.get(`${list}?page_token=${token}&page_token=${token}`), 9010);
  });

  it('of another audience, filter, list or page size is 9010', async () => {
    const other = await makeAudience(client, people(9));
    const plain = tokenOf(links(await client.get(`${list}?page_size=2`)).next);
    const search = tokenOf(links(await client.get(`${list}?page_size=2&filter[search]=ana`)).next);
    const audiences = tokenOf(links(await client.get('/v1/audiences?page_size=1')).next);
    const byChannel = tokenOf(links(await client.get('/v1/audiences?page_size=1&filter[channel]=SMS')).next);
    for (const wrong of [
      `${other.path}/contacts?page_token=${plain}`,
      `${list}?filter[search]=ana&page_token=${plain}`,
      `${list}?page_token=${search}`,
      `${list}?filter[search]=eva&page_token=${search}`,
      `${list}?filter[search]=an&page_token=${search}`,
      `${list}?page_token=${audiences}`,
      `/v1/audiences?page_token=${plain}`,
      `/v1/audiences?page_token=${byChannel}`,
      `/v1/audiences?filter[channel]=VIBER&page_token=${byChannel}`,
      `/v1/audiences?filter[channel]=SMS&page_token=${audiences}`,
      `${list}?page_size=3&page_token=${plain}`,
      `${list}?page_size=1&page_token=${plain}`,
      `${list}?page_size=3&filter[search]=ana&page_token=${search}`,
    ]) {
      const answer = await client.get(wrong);
      assert.equal(answer.status, 400, wrong);
      refused(answer, 9010);
    }
    assert.equal((await client.get(`${list}?page_token=${plain}`)).status, 200);
    assert.equal((await client.get(`${list}?filter[search]=ana&page_token=${search}`)).status, 200);
    assert.equal(
      (await client.get(`${list}?filter[search]=%20ANA%20&page_token=${search}`)).status,
      200,
      'the same filter, written otherwise',
    );
    await client.delete(other.path);
  });

  it('with an empty token a walk begins', async () => {
    assert.equal((await client.get(`${list}?page_size=2&page_token=`)).body.pagination.number, 1);
  });

  it('several things that are wrong are told at once', async () => {
    refused(await client.get(`${list}?page_size=x&page_token=x&filter[search]=${'a'.repeat(101)}`), 9012, 9011);
    refused(await client.get(`/v1/audiences?page_size=0&page_token=x&filter[channel]=FAX`), 9012, 9011);
    refused(await client.get(`${list}?page_size=0&page_token=x`), 9011, 9010);
  });
});

describe('links', () => {
  const LINK = (base: string, filter = '') =>
    new RegExp(`^${base.replaceAll('.', '\\.')}\\?page_size=\\d+${filter}(&page_token=[\\w-]+)?$`);

  it("are absolute, on the request's own host, page_size before page_token", async () => {
    const second = await client.get(links(await client.get(`${list}?page_size=7`)).next);
    for (const link of Object.values(links(second)) as string[]) assert.match(link, LINK(`${server.url}${list}`));
    for (const link of Object.values(links(second)) as string[]) assert.equal((await client.get(link)).status, 200);
    const third = (await client.get('/v1/audiences?page_size=1')).body.pagination.links;
    assert.match(third.first, LINK(`${server.url}/v1/audiences`));
  });

  it('lead where they say', async () => {
    const first = await client.get(`${list}?page_size=300`);
    const second = await client.get(links(first).next);
    const third = await client.get(links(second).next);
    const last = await client.get(links(third).next);
    assert.deepEqual(ids([...first.data, ...second.data, ...third.data, ...last.data]), ids(all));
    assert.deepEqual([last.body.pagination.number, last.body.pagination.size, links(last).next], [4, 101, null]);
    assert.deepEqual(ids((await client.get(links(last).previous)).data), ids(third.data));
    assert.deepEqual(ids((await client.get(links(third).previous)).data), ids(second.data));
    const again = await client.get(links(second).previous);
    assert.deepEqual(ids(again.data), ids(first.data));
    assert.deepEqual([again.body.pagination.number, links(again).previous], [1, null]);
    assert.deepEqual(ids((await client.get(links(last).first)).data), ids(first.data));
    assert.deepEqual(ids((await client.get(links(third).current)).data), ids(third.data));
    assert.deepEqual(ids((await client.get(links(again).next)).data), ids(second.data));
    for (const { body } of [first, second, third, last, again]) assert.equal(body.pagination.total, TOTAL);
  });

  it('keep the filter, and what it holds', async () => {
    const odd = 'a&b=c page_token=x#%+ü😀"';
    const answer = await client.get(`${list}?page_size=5&filter[search]=${encodeURIComponent(odd)}`);
    assert.equal(new URL(links(answer).first).searchParams.get('filter[search]'), odd);
    const found = await client.get(`${list}?page_size=5&filter[search]=ana`);
    const next = await client.get(links(found).next);
    assert.equal(next.body.pagination.number, 2);
    assert.ok(next.data.every(({ first_name }: Loose) => first_name === 'Ana'));
    const previous = await client.get(links(next).previous);
    assert.deepEqual(ids(previous.data), ids(found.data));
  });

  it('leave out what is not known: page, limit', async () => {
    const answer = await client.get(`${list}?page=7&limit=3&offset=9&sort=x&page_size=5&__proto__=x&constructor=y`);
    assert.deepEqual(ids(answer.data), ids(all.slice(0, 5)));
    for (const name of ['page=', 'limit', 'proto']) assert.ok(!links(answer).first.includes(name));
  });

  it('brackets are accepted literally and percent-encoded', async () => {
    const texts = [];
    for (const name of ['filter[search]', 'filter%5Bsearch%5D', 'filter%5bsearch]']) {
      texts.push((await client.get(`${list}?${name}=ana&page_size=3`)).text);
    }
    assert.equal(new Set(texts).size, 1);
    assert.equal(JSON.parse(texts[0]!).pagination.total, 334);
  });

  /** A request with a Host header of its own, which fetch does not send. */
  function getAs(host: string): Promise<Loose> {
    return new Promise((resolve, reject) => {
      const headers = {
        host,
        'x-dexatel-key': server.key,
        'x-forwarded-host': 'evil.example',
        'x-forwarded-proto': 'https',
      };
      request(`${server.url}${list}?page_size=5`, { headers }, async (response) => {
        resolve(JSON.parse(Buffer.concat(await response.toArray()).toString()));
      })
        .on('error', reject)
        .end();
    });
  }

  for (const host of [
    'contacts.example.com',
    'contacts.example.com:8443',
    '[::1]:8080',
    'bücher.example'.normalize('NFC'),
  ].slice(0, 3)) {
    it(`follow the Host ${host}`, async () => {
      const { pagination } = await getAs(host);
      assert.ok(pagination.links.first.startsWith(`http://${host}/v1/audiences/`));
      assert.ok(pagination.links.next.startsWith(`http://${host}/v1/audiences/`));
    });
  }

  for (const [publicUrl, base] of [
    ['https://contacts.example.com', 'https://contacts.example.com'],
    ['https://example.com:8443/muster/', 'https://example.com:8443/muster'],
  ] as const) {
    it(`are built on PUBLIC_URL ${publicUrl}`, async () => {
      const other = await startServer({ env: { PUBLIC_URL: publicUrl } });
      const guest = makeClient(other);
      const made = succeeded(
        await guest.post('/v1/audiences', { name: 'Public', channel: 'SMS', contacts: people(4) }),
      );
      assert.equal(made.links.self, `${base}/v1/audiences/${made.id}`);
      const page = await guest.get(`/v1/audiences/${made.id}/contacts?page_size=1`);
      assert.match(links(page).next, LINK(`${base}/v1/audiences/${made.id}/contacts`));
      const contact = succeeded(await guest.get(`/v1/audiences/${made.id}/contacts/${page.data[0].id}`));
      for (const link of [...Object.values(contact.links), ...Object.values(made.links)] as string[]) {
        assert.ok(link.startsWith(`${base}/v1/`), link);
      }
      await other.stop();
    });
  }
});

describe('small lists', () => {
  it('an empty audience has one empty page', async () => {
    const { path } = await makeAudience(client);
    const answer = await client.get(`${path}/contacts`);
    const first = `${server.url}${path}/contacts?page_size=50`;
    assert.deepEqual(answer.body, {
      data: [],
      pagination: { number: 1, size: 0, total: 0, links: { first, current: first, previous: null, next: null } },
    });
    await client.delete(path);
  });

  for (const [count, size, pages] of [
    [1, 1, 1],
    [2, 1, 2],
    [3, 2, 2],
    [4, 2, 2],
    [5, 2, 3],
    [5, 5, 1],
    [5, 6, 1],
  ] as const) {
    it(`${count} contacts in pages of ${size} are ${pages} pages, forth and back`, async () => {
      const { path } = await makeAudience(client, people(count));
      const forth: string[] = [];
      const back: string[] = [];
      for (let next: string | null = `${path}/contacts?page_size=${size}`, last = ''; next !== null; ) {
        const page: Answer = await client.get(next);
        forth.push(page.text);
        assert.equal(page.body.pagination.total, count);
        next = links(page).next;
        if (next === null) last = links(page).current;
        for (let at: string | null = last || null; at !== null; ) {
          const behind: Answer = await client.get(at);
          back.unshift(behind.text);
          at = links(behind).previous;
        }
      }
      assert.equal(forth.length, pages);
      const without = (text: string) => ({ ...JSON.parse(text), pagination: JSON.parse(text).pagination.number });
      assert.deepEqual(back.map(without), forth.map(without));
      await client.delete(path);
    });

    it(`${count} contacts in pages of ${size}, from the last page backwards`, async () => {
      const { path } = await makeAudience(client, people(count));
      const forth = await walk(client, `${path}/contacts`);
      const numbers: number[] = [];
      const back: Loose[] = [];
      for (let at: string | null = `${path}/contacts?page_size=${size}&page_token=last`; at !== null; ) {
        const page: Answer = await client.get(at);
        assert.equal(page.body.pagination.total, count);
        if (numbers.length === 0) assert.equal(links(page).next, null);
        numbers.push(page.body.pagination.number);
        back.unshift(...page.data);
        at = links(page).previous;
      }
      assert.deepEqual(ids(back), ids(forth));
      assert.deepEqual(
        numbers,
        Array.from({ length: pages }, (_, index) => pages - index),
      );
      await client.delete(path);
    });
  }

  it('the last page of an empty list is its first, and of a search the last that it finds', async () => {
    const { path } = await makeAudience(client);
    const { number, size, total } = (await client.get(`${path}/contacts?page_token=last`)).body.pagination;
    assert.deepEqual([number, size, total], [1, 0, 0]);
    await client.delete(path);
    const anas = await walk(client, `${list}?filter[search]=ana&page_size=100`);
    const last = await client.get(`${list}?filter[search]=ana&page_size=100&page_token=last`);
    assert.deepEqual(ids(last.data), ids(anas).slice(-100));
    assert.equal(last.body.pagination.total, anas.length);
  });

  it('audiences are paged as contacts are', async () => {
    const made = [];
    for (let count = 0; count < 7; count++) made.push(await makeAudience(client));
    const listed = await walk(client, '/v1/audiences?page_size=3');
    assert.deepEqual(ids(listed), [audience.id, ...ids(made)]);
    const second = await client.get(links(await client.get('/v1/audiences?page_size=3')).next);
    assert.deepEqual(ids((await client.get(links(second).previous)).data), ids(listed.slice(0, 3)));
    for (const { path } of made) await client.delete(path);
  });
});

describe('a walk while things change', () => {
  for (const [what, filter] of [
    ['of all', ''],
    ['of a search', '&filter[search]=ana'],
  ] as const) {
    it(`${what} returns everything that lived throughout exactly once`, async () => {
      const { path } = await makeAudience(client);
      await fill(
        client,
        path,
        people(600).map((each) => ({ ...each, first_name: 'Ana' })),
      );
      const before = await walk(client, `${path}/contacts?page_size=1000`);
      const gone = new Set<string>();
      const seen: string[] = [];
      let round = 0;
      for (let next: string | null = `${path}/contacts?page_size=20${filter}`; next !== null; round++) {
        const page: Answer = await client.get(next);
        seen.push(...ids(page.data));
        next = links(page).next;
        if (round >= 25) continue; // an end of what is added, so that the walk ends
        // Deleted: what was seen, what comes next, the very item that the token stands on.
        for (const victim of [page.data[0]?.id, page.data.at(-1)?.id, before[(round * 37 + 11) % 600].id]) {
          if (victim === undefined || gone.has(victim)) continue;
          assert.equal((await client.delete(`${path}/contacts/${victim}`)).status, 204);
          gone.add(victim);
        }
        const kept = before.filter(({ id }) => !gone.has(id));
        // Changed: a name, and a number, which moves it in every order but that of creation.
        for (const place of [0, Math.floor(kept.length / 2), kept.length - 1]) {
          succeeded(
            await client
              .put(`${path}/contacts/${kept[place].id}`, {
                last_name: `Round ${round}`,
                number: numberOf(5000 + round * 3 + (place % 3)),
              })
              .then((answer) => (answer.status === 409 ? client.get(path) : answer)),
          );
        }
        succeeded(await client.post(`${path}/contacts`, { number: numberOf(2000 + round), first_name: 'Ana' }));
      }
      const counts = Map.groupBy(seen, (id) => id);
      for (const { id } of before) {
        const times = counts.get(id)?.length ?? 0;
        if (!gone.has(id)) assert.equal(times, 1, `${id} lived throughout and was returned ${times} times`);
        else assert.ok(times <= 1);
      }
      assert.deepEqual(seen, [...seen].sort(), 'in the order of creation');
      const total = (await client.get(`${path}/contacts?${filter.slice(1)}`)).body.pagination.total;
      assert.equal(total, 600 - gone.size + 25, 'and the next walk counts what there is');
      await client.delete(path);
    });
  }

  it('back to a first page that was emptied and on again, nothing is missed', async () => {
    const { path } = await makeAudience(client, people(6));
    const second = await client.get(links(await client.get(`${path}/contacts?page_size=2`)).next);
    const before = await walk(client, `${path}/contacts`);
    for (const { id } of before.slice(0, 2)) await client.delete(`${path}/contacts/${id}`);
    const first = await client.get(links(second).previous);
    assert.deepEqual(first.data, []);
    assert.equal(links(first).previous, null);
    assert.deepEqual(ids((await client.get(links(first).next)).data), ids(before.slice(2, 4)));
    await client.delete(path);
  });

  it('on to a last page that was emptied and back again, nothing is missed', async () => {
    const { path } = await makeAudience(client, people(4));
    const { next } = links(await client.get(`${path}/contacts?page_size=2`));
    const before = await walk(client, `${path}/contacts`);
    for (const { id } of before.slice(2)) await client.delete(`${path}/contacts/${id}`);
    const second = await client.get(next);
    assert.deepEqual(second.data, []);
    assert.equal(links(second).next, null);
    assert.deepEqual(ids((await client.get(links(second).previous)).data), ids(before.slice(0, 2)));
    await client.delete(path);
  });

  it('whatever is asked for, nothing is changed by it', async () => {
    await changesNothing(client, async () => {
      await walk(client, `${list}?page_size=400`);
      await client.get(`${list}?page_token=x`);
    });
  });
});
