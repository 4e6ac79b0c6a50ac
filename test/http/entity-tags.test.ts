/** ETag, If-Match and If-None-Match as RFC 9110 has them (sections 8.8.3 and 13), on what stands alone: a contact, an audience. */
import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { startServer } from '../support/server.ts';
import {
  type Answer,
  changesNothing,
  makeAudience,
  makeClient,
  NOBODY,
  numberOf,
  refused,
  succeeded,
} from './support.ts';

const client = makeClient(await startServer());
const JSON_TYPE = { 'content-type': 'application/json' };

/** A write of `data` with headers. */
const put = (path: string, data: object, headers: Record<string, string>) =>
  client.send('PUT', path, { body: JSON.stringify({ data }), headers: { ...JSON_TYPE, ...headers } });
const tagOf = ({ headers }: Answer): string => headers.get('etag')!;
const MALFORMED = "'If-Match' must be * or ETags as they were answered, in their quotes";

let numbers = 0;
let audience: { id: string; path: string };
before(async () => {
  audience = await makeAudience(client);
});

/** What can be read and changed alone: how one is made, what changes it, and how it is looked at. */
const THINGS = {
  contact: {
    make: async () => {
      const made = await client.post(`${audience.path}/contacts`, { number: numberOf(++numbers), first_name: 'Ana' });
      return { made, path: `${audience.path}/contacts/${succeeded(made).id}` };
    },
    change: () => ({ first_name: `Bea ${++numbers}` }),
  },
  audience: {
    make: async () => {
      const made = await client.post('/v1/audiences', { name: `Tagged ${++numbers}`, channel: 'SMS' });
      return { made, path: `/v1/audiences/${succeeded(made).id}` };
    },
    change: () => ({ name: `Renamed ${++numbers}` }),
  },
};

for (const [thing, { make, change }] of Object.entries(THINGS)) {
  describe(`the ETag of ${thing}`, () => {
    it('is the same in every answer while nothing changes, and another one after a change', async () => {
      const { made, path } = await make();
      assert.match(tagOf(made), /^"[\x21\x23-\x7e]+"$/);
      for (let time = 0; time < 4; time++) assert.equal(tagOf(await client.get(path)), tagOf(made));
      const changed = await client.put(path, change());
      assert.notEqual(tagOf(changed), tagOf(made));
      assert.equal(tagOf(await client.get(path)), tagOf(changed));
      const head = await client.send('HEAD', path);
      assert.deepEqual([head.status, tagOf(head), head.text], [200, tagOf(changed), '']);
    });

    it('stays with a change to the same values', async () => {
      const { made, path } = await make();
      const { name, first_name, tags } = made.data;
      const same = name === undefined ? { first_name, tags } : { name };
      const answer = await client.put(path, same);
      assert.equal(tagOf(answer), tagOf(made));
      assert.deepEqual(answer.data, made.data);
    });

    /** Headers by the current tag, and what a change and a deletion with them are answered. */
    const WRITES: [
      what: string,
      headers: (tag: string) => Record<string, string>,
      expected: number | [number, string],
    ][] = [
      ['If-Match with its tag', (tag) => ({ 'if-match': tag }), 200],
      ['If-Match with a list that has its tag', (tag) => ({ 'if-match': `"a", "b,c" ,${tag}` }), 200],
      ['If-Match with a list with empty elements', (tag) => ({ 'if-match': `, ,${tag},,` }), 200],
      ['If-Match: *', () => ({ 'if-match': '*' }), 200],
      ['If-Match with another tag', () => ({ 'if-match': '"other"' }), 9009],
      ['If-Match with the empty tag', () => ({ 'if-match': '""' }), 9009],
      ['If-Match with a list of others', () => ({ 'if-match': '"a","b", W/"c"' }), 9009],
      ['If-Match with its tag as a weak one', (tag) => ({ 'if-match': `W/${tag}` }), 9009],
      ['If-Match with its tag in another case', (tag) => ({ 'if-match': tag.toUpperCase() }), 9009],
      ['If-Match without quotes', (tag) => ({ 'if-match': tag.replaceAll('"', '') }), [9013, MALFORMED]],
      ['If-Match with a tag that does not end', (tag) => ({ 'if-match': tag.slice(0, -1) }), [9013, MALFORMED]],
      ['If-Match with tags that nothing parts', (tag) => ({ 'if-match': `${tag} ${tag}` }), [9013, MALFORMED]],
      ['If-Match with * among tags', (tag) => ({ 'if-match': `*, ${tag}` }), [9013, MALFORMED]],
      ['an empty If-Match', () => ({ 'if-match': '' }), [9013, MALFORMED]],
      ['If-None-Match with another tag', () => ({ 'if-none-match': '"other"' }), 200],
      ['If-None-Match with its tag', (tag) => ({ 'if-none-match': tag }), 9009],
      ['If-None-Match: *', () => ({ 'if-none-match': '*' }), 9009],
      ['both, of which one does not hold', (tag) => ({ 'if-match': tag, 'if-none-match': tag }), 9009],
    ];
    for (const [what, headers, expected] of WRITES) {
      it(`${what}: ${expected === 200 ? 'is changed and deleted' : `${[expected].flat()[0]}, and nothing is changed`}`, async () => {
        const { made, path } = await make();
        const remove = (tag: string) => client.send('DELETE', path, { headers: headers(tag) });
        if (expected === 200) {
          const changed = await put(path, change(), headers(tagOf(made)));
          succeeded(changed);
          assert.notEqual(tagOf(changed), tagOf(made));
          assert.equal((await remove(tagOf(changed))).status, 204);
          assert.equal((await client.get(path)).status, 404);
        } else {
          await changesNothing(client, async () => {
            refused(await put(path, change(), headers(tagOf(made))), expected);
            refused(await remove(tagOf(made)), expected);
          });
          assert.equal(tagOf(await client.get(path)), tagOf(made));
        }
      });
    }

    it('is of no use once it is outdated, for a change as for a deletion', async () => {
      const { made, path } = await make();
      succeeded(await client.put(path, change()));
      const outdated = { 'if-match': tagOf(made) };
      refused(await put(path, change(), outdated), [9009, 'It has changed since it was read']);
      refused(await client.send('DELETE', path, { headers: outdated }), 9009);
    });

    const READS: [what: string, header: (tag: string) => string, status: 200 | 304][] = [
      ['its tag', (tag) => tag, 304],
      ['its tag as a weak one', (tag) => `W/${tag}`, 304],
      ['a list that has its tag', (tag) => `"a", W/"b,c",${tag}`, 304],
      ['*', () => '*', 304],
      ['another tag', () => '"other"', 200],
      ['nothing that could be read', (tag) => tag.replaceAll('"', ''), 200],
    ];
    for (const [what, header, status] of READS) {
      // Several times: from the second time on answers are kept, and given in front of everything else.
      it(`If-None-Match with ${what}: ${status}, whether the answer is made or kept`, async () => {
        const { made, path } = await make();
        for (let time = 0; time < 5; time++) {
          const answer = await client.send('GET', path, { headers: { 'if-none-match': header(tagOf(made)) } });
          assert.deepEqual([answer.status, tagOf(answer)], [status, tagOf(made)]);
          if (status === 200) assert.deepEqual(answer.data, made.data);
          const whole = await client.get(path);
          assert.deepEqual([whole.status, whole.data, tagOf(whole)], [200, made.data, tagOf(made)]);
        }
        const head = await client.send('HEAD', path, { headers: { 'if-none-match': header(tagOf(made)) } });
        assert.equal(head.status, status);
        succeeded(await client.put(path, change()));
        const changed = await client.send('GET', path, { headers: { 'if-none-match': tagOf(made) } });
        assert.equal(changed.status, 200);
        assert.notEqual(tagOf(changed), tagOf(made));
      });
    }
  });
}

describe('what goes before a precondition', () => {
  const outdated = { 'if-match': '"other"' };
  it('is that there is such a thing', async () => {
    for (const path of [`/v1/audiences/${NOBODY}`, `${audience.path}/contacts/${NOBODY}`]) {
      for (const headers of [outdated, { 'if-match': '*' }]) {
        const code = path.includes('contacts') ? 1351 : 1301;
        refused(await client.send('DELETE', path, { headers }), code);
        refused(await put(path, { name: 'Any', first_name: 'Any' }, headers), code);
      }
    }
  });

  it('is that the request breaks no rule of its own', async () => {
    const { path } = await THINGS.contact.make();
    refused(await put(path, { first_name: 'a'.repeat(33) }, outdated), 1361);
    refused(await put(audience.path, { name: '' }, outdated), 1303);
  });

  it('is not what is in the way: that comes behind it', async () => {
    const { made } = await THINGS.contact.make();
    const { path } = await THINGS.contact.make();
    refused(await put(path, { number: made.data.number }, outdated), 9009);
    refused(await put(path, { number: made.data.number }, { 'if-match': '*' }), 1360);
  });
});

describe('an audience whose contacts come and go', () => {
  it('has another ETag for who reads it, and the same for who renames or deletes it', async () => {
    const { made, path } = await THINGS.audience.make();
    succeeded(await client.post(`${path}/contacts`, { number: numberOf(1) }));
    const read = await client.send('GET', path, { headers: { 'if-none-match': tagOf(made) } });
    assert.equal(read.status, 200);
    assert.equal(read.data.contacts_count, 1);
    const renamed = await put(path, { name: `Renamed ${++numbers}` }, { 'if-match': tagOf(made) });
    succeeded(renamed);
    refused(await put(path, { name: 'Too late' }, { 'if-match': tagOf(made) }), 9009);
    succeeded(await client.post(`${path}/contacts`, { number: numberOf(2) }));
    assert.equal((await client.send('DELETE', path, { headers: { 'if-match': tagOf(renamed) } })).status, 204);
  });
});

describe('a POST', () => {
  it('makes something new, about which no precondition says anything', async () => {
    const headers = { ...JSON_TYPE, 'if-match': '"other"', 'if-none-match': '*' };
    const body = JSON.stringify({ data: { number: numberOf(++numbers) } });
    succeeded(await client.send('POST', `${audience.path}/contacts`, { body, headers }));
  });
});

it('of 20 clients that change what all of them have read one succeeds', async () => {
  const { made, path } = await THINGS.contact.make();
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, index) => put(path, { last_name: `Nr ${index}` }, { 'if-match': tagOf(made) })),
  );
  const winners = answers.filter(({ status }) => status === 200);
  assert.equal(winners.length, 1);
  for (const answer of answers) if (answer.status !== 200) refused(answer, 9009);
  assert.deepEqual((await client.get(path)).data, winners[0]!.data);
});
