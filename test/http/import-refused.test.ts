/** Refused rows as a file: in the columns of their own, safe for spreadsheets, and ready to be imported again. */
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { parse } from 'csv-parse/sync';
import { startServer } from '../support/server.ts';
import { makeUploads, type Sent } from './import-support.ts';
import { type Answer, makeAudience, makeClient, numberOf } from './support.ts';

const server = await startServer();
const client = makeClient(server);
const { upload, ended } = makeUploads(client);

const FILE = 'number,first_name\n+12025550150,Ana\n';
const NDJSON = '{"number":"+12025550150","first_name":"Ana"}\n';

after(() => {
  const troubles = server.log.map((line) => JSON.parse(line)).filter(({ level }) => level >= 40);
  assert.deepEqual(troubles, [], 'none of this is an error of the server');
});

describe('refused.csv', () => {
  const csv = (text: string): string[][] => parse(text, { bom: true, relax_column_count: true });

  /** The refused rows as downloaded; they are taken again as they are, and refused for the same reasons. */
  async function refusedOf(sent: Sent): Promise<{ rows: string[][]; again: string[][]; answer: Answer }> {
    const audience = await makeAudience(client);
    const first = await ended(await upload(audience, sent));
    const answer = await client.get(first.links.refused);
    assert.equal(answer.status, 200);
    const mapping = sent.query ?? '';
    const second = await ended(
      await upload(audience, { body: answer.text, query: mapping, headers: { 'content-type': 'text/csv' } }),
    );
    assert.deepEqual(
      [second.status, second.refused, second.rows_done, second.refused_by_code],
      ['completed', first.refused, first.refused, first.refused_by_code],
      JSON.stringify(second.error),
    );
    return { rows: csv(answer.text), again: csv((await client.get(second.links.refused)).text), answer };
  }

  const text = { 'content-type': 'text/csv' };
  it('has the columns of the file and a last one with the reason, for spreadsheets', async () => {
    const body = 'Mobile;Vorname;Notiz\n4.47912E+11;Søren;"a; ""b"", c"\n+12025550150;Ana;good\n12;" x";"two\nlines"\n';
    const { rows, again, answer } = await refusedOf({ body, query: 'file_name=März.csv', headers: text });
    assert.deepEqual(
      rows.map((row) => row.slice(0, 3)),
      [
        ['Mobile', 'Vorname', 'Notiz'],
        ['4.47912E+11', 'Søren', 'a; "b", c'],
        ['12', ' x', 'two\nlines'],
      ],
    );
    assert.equal(rows[0]![3], 'reason');
    assert.match(rows[1]![3]!, /^Scientific notation/);
    assert.deepEqual(again, rows, 'the reasons of the last time make room');
    assert.equal(
      answer.headers.get('content-disposition'),
      `attachment; filename="M_rz-refused.csv"; filename*=UTF-8''M%C3%A4rz-refused.csv`,
    );
    assert.equal(answer.headers.get('cache-control'), 'no-store');
  });

  it('begins with a byte order mark, and its lines end in CRLF', async () => {
    const found = await ended(await upload(await makeAudience(client), { body: 'number\n12\n', headers: text }));
    const bytes = Buffer.from(
      await (await fetch(found.links.refused, { headers: { 'X-Dexatel-Key': server.key } })).arrayBuffer(),
    );
    assert.match(bytes.toString(), /^\uFEFFnumber,reason\r\n12,[^\r\n]+\r\n$/);
  });

  it('ragged rows stay ragged where they are too long, and get their reason in its column where they are short', async () => {
    const body = 'first_name,number,last_name\nAna,12\nAna,12025550150,x,too,many\nEva,12,y,,\n';
    const { rows } = await refusedOf({ body, headers: text });
    assert.deepEqual(
      rows.map((row) => row.slice(0, -1)),
      [
        ['first_name', 'number', 'last_name'],
        ['Ana', '12', ''],
        ['Ana', '12025550150', 'x', 'too', 'many'],
        ['Eva', '12', 'y'],
      ],
    );
  });

  it('of NDJSON has a column for each member', async () => {
    const body = [
      { number: '12', first_name: 'Ana', tags: ['a', 'b'], age: 7 },
      { first_name: 'Eva', number: '+12025550150' },
      { number: '13', city: null },
    ].map((each) => JSON.stringify(each));
    const { rows } = await refusedOf({ body: body.join('\n'), headers: { 'content-type': 'application/jsonl' } });
    assert.deepEqual(
      rows.map((row) => row.slice(0, -1)),
      [
        ['number', 'first_name', 'tags', 'age', 'city'],
        ['12', 'Ana', 'a;b', '7', ''],
        ['13', '', '', '', ''],
      ],
    );
  });

  it('has a line that is no JSON as it is, in the first column', async () => {
    const sent = { body: `${NDJSON}{"number"\n`, headers: { 'content-type': 'application/x-ndjson' } };
    const found = await ended(await upload(await makeAudience(client), sent));
    assert.deepEqual(csv((await client.get(found.links.refused)).text), [
      ['number', 'first_name', 'reason'],
      ['{"number"', '', 'The line is not a JSON object'],
    ]);
  });

  it('is there when nothing was refused, and when the file could not be read', async () => {
    const audience = await makeAudience(client);
    for (const [body, header] of [
      [FILE, 'number,first_name,reason\r\n'],
      ['a,b\n1,2\n', 'reason\r\n'],
    ] as const) {
      const found = await ended(await upload(audience, { body, headers: text }));
      assert.equal((await client.get(found.links.refused)).text.replace('\uFEFF', ''), header);
    }
  });

  it('of thousands of rows holds all of them, in the order of the file', async () => {
    const lines = Array.from({ length: 5000 }, (_, n) => (n % 3 === 0 ? numberOf(n) : `x${n}`));
    const found = await ended(
      await upload(await makeAudience(client), { body: `number\n${lines.join('\n')}\n`, headers: text }),
    );
    const rows = csv((await client.get(found.links.refused)).text).slice(1);
    assert.deepEqual(
      rows.map(([number]) => number),
      lines.filter((line) => line.startsWith('x')),
    );
  });
});
