/** Many clients at once: one outcome, whoever comes first. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { startServer } from '../support/server.ts';
import { type Answer, type Loose, makeAudience, makeClient, numberOf, refused, succeeded, walk } from './support.ts';

const client = makeClient(await startServer());
const times = <T>(count: number, work: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => work(index));
const byStatus = (answers: Answer[]) =>
  Object.fromEntries([...Map.groupBy(answers, ({ status }) => status)].map(([status, { length }]) => [status, length]));

describe('at once', () => {
  it('100 creates of one number: one 201, and 99 that name the winner', async () => {
    const { path } = await makeAudience(client);
    const spellings = ['12025550150', '+1 202 555 0150', '0012025550150', '(1) 202-555-0150'];
    const answers = await Promise.all(
      times(100, (index) =>
        client.post(`${path}/contacts`, { number: spellings[index % 4], first_name: `Nr ${index}` }),
      ),
    );
    assert.deepEqual(byStatus(answers), { 201: 1, 409: 99 });
    const winner = answers.find(({ status }) => status === 201)!.data;
    for (const answer of answers.filter(({ status }) => status === 409)) {
      refused(answer, [1360, 'Contact already exists']);
      assert.equal(answer.body.errors[0].contact_id, winner.id);
    }
    const { data, body } = await client.get(`${path}/contacts`);
    assert.equal(body.pagination.total, 1);
    assert.deepEqual([data[0].id, data[0].first_name], [winner.id, winner.first_name]);
    assert.equal((await client.get(path)).data.contacts_count, 1);
  });

  it('100 creates of as many numbers: all of them', async () => {
    const { path } = await makeAudience(client);
    const answers = await Promise.all(
      times(100, (index) => client.post(`${path}/contacts`, { number: numberOf(index) })),
    );
    assert.deepEqual(byStatus(answers), { 201: 100 });
    const all = await walk(client, `${path}/contacts?page_size=9`);
    assert.deepEqual(
      all.map(({ id }) => id),
      answers.map(({ data }) => data.id).sort(),
    );
  });

  it('50 audiences of one name: one 201, and 49 times 1309', async () => {
    const answers = await Promise.all(
      times(50, (index) => client.post('/v1/audiences', { name: index % 2 === 0 ? 'Race' : 'RACE', channel: 'SMS' })),
    );
    assert.deepEqual(byStatus(answers), { 201: 1, 409: 49 });
    for (const answer of answers.filter(({ status }) => status === 409)) refused(answer, 1309);
    const named = (await walk(client, '/v1/audiences')).filter(({ name }) => /^race$/i.test(name));
    assert.equal(named.length, 1);
  });

  it('20 bulk calls of the same thousand numbers: each number is created once', async () => {
    const { path } = await makeAudience(client);
    const contacts = times(1000, (index) => ({ number: numberOf(index) }));
    const outcomes = await Promise.all(
      times(20, () => client.post(`${path}/contacts/bulk`, { contacts }).then(succeeded)),
    );
    const sum = (name: string) => outcomes.reduce((total, outcome: Loose) => total + outcome[name], 0);
    assert.deepEqual([sum('created'), sum('unchanged')], [1000, 19_000]);
    const ids = new Set(outcomes.flatMap(({ results }: Loose) => results.map(({ id }: Loose) => id)));
    assert.equal(ids.size, 1000);
    assert.equal((await client.get(path)).data.contacts_count, 1000);
  });

  it('100 changes of one contact: it is as one of them left it, whole', async () => {
    const { path } = await makeAudience(client, [{ number: numberOf(1) }]);
    const at = `${path}/contacts/${(await client.get(`${path}/contacts`)).data[0].id}`;
    const answers = await Promise.all(
      times(100, (index) => client.put(at, { first_name: `Nr ${index}`, last_name: `Nr ${index}` })),
    );
    assert.deepEqual(byStatus(answers), { 200: 100 });
    for (const { data } of answers) assert.equal(data.first_name, data.last_name);
    const { first_name } = (await client.get(at)).data;
    const query = encodeURIComponent(first_name);
    assert.ok((await client.get(`${path}/contacts?filter[search]=${query}`)).data.length >= 1);
    assert.equal((await client.get(`${path}/contacts?filter[search]=nr`)).body.pagination.total, 1);
  });

  it('two contacts that want one number: one of them has it', async () => {
    const { path } = await makeAudience(
      client,
      times(20, (index) => ({ number: numberOf(index) })),
    );
    const contacts = (await client.get(`${path}/contacts`)).data;
    const answers = await Promise.all(
      contacts.map(({ id }: Loose) => client.put(`${path}/contacts/${id}`, { number: numberOf(500) })),
    );
    assert.deepEqual(byStatus(answers), { 200: 1, 409: 19 });
    const all = (await client.get(`${path}/contacts`)).data;
    assert.equal(new Set(all.map(({ number }: Loose) => number)).size, 20);
  });

  it('50 deletes of one contact: one 204, and 49 times 1351', async () => {
    const { path } = await makeAudience(client, [{ number: numberOf(1) }, { number: numberOf(2) }]);
    const { id } = (await client.get(`${path}/contacts`)).data[0];
    const answers = await Promise.all(times(50, () => client.delete(`${path}/contacts/${id}`)));
    assert.deepEqual(byStatus(answers), { 204: 1, 404: 49 });
    for (const answer of answers.filter(({ status }) => status === 404)) refused(answer, 1351);
    assert.equal((await client.get(path)).data.contacts_count, 1);
  });

  it('an audience deleted while contacts come in: what was acknowledged went with it, the rest was told', async () => {
    const { path } = await makeAudience(client);
    const answers = await Promise.all([
      ...times(30, (index) => client.post(`${path}/contacts`, { number: numberOf(index) })),
      client.delete(path),
      ...times(30, (index) => client.post(`${path}/contacts`, { number: numberOf(30 + index) })),
    ]);
    assert.equal(answers[30]!.status, 204);
    for (const answer of answers) {
      if (answer.status >= 400) refused(answer, 1301);
    }
    refused(await client.get(`${path}/contacts`), 1301);
  });

  it('what is answered is read at once, on every connection', async () => {
    const { path } = await makeAudience(client);
    await Promise.all(
      times(100, async (index) => {
        const { id } = succeeded(
          await client.post(`${path}/contacts`, { number: numberOf(index), first_name: `Reader${index}x` }),
        );
        const [own, found] = await Promise.all([
          client.get(`${path}/contacts/${id}`),
          client.get(`${path}/contacts?filter[search]=reader${index}x`),
        ]);
        assert.equal(own.status, 200);
        assert.deepEqual(
          found.data.map(({ id }: Loose) => id),
          [id],
        );
      }),
    );
  });
});
