/** Refused rows as a file: in the columns of their own, safe for spreadsheets, and ready to be imported again. */
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { MAX_CELL_SHOWN, MAX_ROW_SHOWN, shortCells } from '../../src/core/verdicts.ts';
import { openBeside } from '../support/beside.ts';
import { startServer } from '../support/server.ts';
import { CSV, makeUploads, type Sent } from './import-support.ts';
import { type Answer, type Loose, makeAudience, makeClient, numberOf, refused } from './support.ts';

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

  it('has the columns of the file and a last one with the reason, for spreadsheets', async () => {
    const body = 'Mobile;Vorname;Notiz\n4.47912E+11;Søren;"a; ""b"", c"\n+12025550150;Ana;good\n12;" x";"two\nlines"\n';
    const { rows, again, answer } = await refusedOf({ body, query: 'file_name=März.csv', headers: CSV });
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
    const found = await ended(await upload(await makeAudience(client), { body: 'number\n12\n', headers: CSV }));
    const bytes = Buffer.from(
      await (await fetch(found.links.refused, { headers: { 'X-Dexatel-Key': server.key } })).arrayBuffer(),
    );
    assert.match(bytes.toString(), /^\uFEFFnumber,reason\r\n12,[^\r\n]+\r\n$/);
  });

  it('ragged rows stay ragged where they are too long, and get their reason in its column where they are short', async () => {
    const body = 'first_name,number,last_name\nAna,12\nAna,12025550150,x,too,many\nEva,12,y,,\n';
    const { rows } = await refusedOf({ body, headers: CSV });
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
      const found = await ended(await upload(audience, { body, headers: CSV }));
      assert.equal((await client.get(found.links.refused)).text.replace('\uFEFF', ''), header);
    }
  });

  it('of thousands of rows holds all of them, in the order of the file', async () => {
    const lines = Array.from({ length: 5000 }, (_, n) => (n % 3 === 0 ? numberOf(n) : `x${n}`));
    const found = await ended(
      await upload(await makeAudience(client), { body: `number\n${lines.join('\n')}\n`, headers: CSV }),
    );
    const rows = csv((await client.get(found.links.refused)).text).slice(1);
    assert.deepEqual(
      rows.map(([number]) => number),
      lines.filter((line) => line.startsWith('x')),
    );
  });

  describe('means the same again and again', () => {
    const ROUNDS: [title: string, body: string, query: string, rows: string[][]][] = [
      [
        'cells that a spreadsheet would run get an apostrophe, once',
        'number,first_name,note\n=1+1,-Ana,@x\n+12,+Bo,\'=safe\n-,"\t=x",\'plain\n',
        '',
        [
          ['number', 'first_name', 'note'],
          ["'=1+1", "'-Ana", "'@x"],
          ["'+12", "'+Bo", "'=safe"],
          ["'-", "'\t=x", "'plain"],
        ],
      ],
      [
        'so do names of columns; a sign alone is left',
        '=Mobile,+x,@\n12,a,b\n',
        '',
        [
          ["'=Mobile", "'+x", '@'],
          ['12', 'a', 'b'],
        ],
      ],
      [
        'tabs',
        'number\tnote\n12\ta;b,c\n',
        '',
        [
          ['number', 'note'],
          ['12', 'a;b,c'],
        ],
      ],
      [
        'semicolons',
        'number;note\n12;"a;b"\n',
        '',
        [
          ['number', 'note'],
          ['12', 'a;b'],
        ],
      ],
      [
        'a title before the header',
        'Our customers\n\nnumber,note\n12,a\n',
        '',
        [
          ['number', 'note'],
          ['12', 'a'],
        ],
      ],
      [
        'a column of reasons of their own that is used',
        'number,reason\n12,moved\n',
        'mapping={"reason":"tags"}',
        [
          ['number', 'reason'],
          ['12', 'moved'],
        ],
      ],
      [
        'a column of reasons of their own that is ignored',
        'number,reason\n12,moved\n13,\n',
        '',
        [
          ['number', 'reason'],
          ['12', 'moved'],
          ['13', ''],
        ],
      ],
      [
        'no header, columns named by their places',
        '+12025550150,x,y\n12,x,12345\n13,y,z\n',
        `mapping=${encodeURIComponent('{"#1":"number","#2":"first_name"}')}`,
        [
          ['#1', '#2', '#3'],
          ['12', 'x', '12345'],
          ['13', 'y', 'z'],
        ],
      ],
      [
        'a header, columns named by their places',
        'A,B\n12,x\n+12025550150,y\n',
        'mapping={"%231":"number"}',
        [
          ['A', 'B'],
          ['12', 'x'],
        ],
      ],
      [
        'columns without a name, and of one name',
        'number,,x,x\n12,a,b,c\n',
        '',
        [
          ['number', '', 'x', 'x'],
          ['12', 'a', 'b', 'c'],
        ],
      ],
      [
        'another encoding',
        'number,note\n12,a\n',
        'encoding=utf-8',
        [
          ['number', 'note'],
          ['12', 'a'],
        ],
      ],
    ];
    for (const [title, body, query, expected] of ROUNDS) {
      it(title, async () => {
        const { rows, again } = await refusedOf({ body, query, headers: CSV });
        if (expected.length > 0)
          assert.deepEqual(
            rows.map((row) => row.slice(0, -1)),
            expected,
          );
        assert.deepEqual(again, rows);
      });
    }

    it('rows with more cells than the header, whose reasons follow them', async () => {
      const body = 'first_name,number,last_name\nAna,12025550150,x,too,many\n';
      const { rows, again } = await refusedOf({ body, headers: CSV });
      assert.deepEqual(rows[1]!.slice(0, -1), ['Ana', '12025550150', 'x', 'too', 'many']);
      assert.deepEqual(again[1]!.slice(0, -1), rows[1]!.slice(0, -1));
    });

    it('NDJSON, as cells', async () => {
      const object = { number: '12', first_name: '=1+1', last_name: "'=x", tags: ['a;b', 'c'], more: { a: [1] } };
      const headers = { 'content-type': 'application/x-ndjson' };
      const { rows, again } = await refusedOf({ body: JSON.stringify(object), headers });
      assert.deepEqual(rows[1]!.slice(0, -1), ['12', "'=1+1", "''=x", '["a;b","c"]', '{"a":[1]}']);
      assert.deepEqual(again, rows);
    });

    const SIGNS = ['', "'", '=', '+', '-', '@', '\t', ' ', '"', ',', ';', '\n', '\r\n', '＝', 'a', 'ß', '1'];
    const cells = fc.array(fc.constantFrom(...SIGNS), { maxLength: 4 }).map((signs) => signs.join(''));
    it('whatever the cells hold; and what is corrected arrives as it was meant', async () => {
      const quoted = (cell: string) => `"${cell.replaceAll('"', '""')}"`;
      await fc.assert(
        fc.asyncProperty(fc.array(fc.tuple(cells, cells), { minLength: 1, maxLength: 20 }), async (pairs) => {
          const fileWith = (numberOfRow: (index: number) => string) =>
            `number,first_name,note\n${pairs.map(([name, note], index) => `${numberOfRow(index)},${quoted(name)},${quoted(note)}\n`).join('')}`;
          const { rows, again, answer } = await refusedOf({ body: fileWith(() => '12'), headers: CSV });
          assert.deepEqual(again, rows);
          assert.ok(
            rows
              .slice(1)
              .flat()
              .every((cell) => !/^[=+\-@\t\r\n＝＋－＠]/.test(cell)),
          );
          const contactsOf = async (body: string) => {
            const audience = await makeAudience(client);
            await ended(await upload(audience, { body, headers: CSV }));
            const { data } = await client.get(`${audience.path}/contacts`);
            return data.map((each: Loose) => [each.number, each.first_name]).sort();
          };
          let index = 0;
          const corrected = answer.text.replace(/^12,/gm, () => `+${numberOf(index++)},`);
          assert.equal(index, pairs.length);
          assert.deepEqual(await contactsOf(corrected), await contactsOf(fileWith((row) => `+${numberOf(row)}`)));
        }),
        { seed: 20261124, numRuns: 15 },
      );
    });
  });
});

describe('long rows', () => {
  const long = 'x'.repeat(5000);

  it('are whole in the file of refused rows, and cut where verdicts are listed', async () => {
    const wide = Array.from({ length: 30 }, (_, index) => `c${index}`);
    const body = `number,${wide.join(',')}\n12,${wide.map(() => long).join(',')}\n+12025550150,${wide.map(() => long).join(',')}\n`;
    const found = await ended(await upload(await makeAudience(client), { body, headers: CSV }));
    const rows = parse((await client.get(found.links.refused)).text, { bom: true });
    assert.deepEqual(rows[1]!.slice(0, -1), ['12', ...wide.map(() => long)]);
    for (const { cells } of (await client.get(found.links.rows)).data) {
      assert.equal(cells[1], `${'x'.repeat(MAX_CELL_SHOWN - 1)}…`);
      assert.equal(cells.at(-1), '…');
      assert.ok(cells.join('').length <= MAX_ROW_SHOWN + 1);
    }
  });

  it('are cut between characters, and not before they are long', () => {
    assert.deepEqual(shortCells(['😀'.repeat(600)]), [`${'😀'.repeat(499)}…`]);
    assert.deepEqual(shortCells(['x'.repeat(MAX_CELL_SHOWN), '']), ['x'.repeat(MAX_CELL_SHOWN), '']);
    const full = Array.from({ length: 10 }, () => 'x'.repeat(MAX_ROW_SHOWN / 10));
    assert.deepEqual(shortCells(full), full);
    assert.deepEqual(shortCells([...full, '']), [...full, '…']);
    assert.equal(shortCells(Array(1_000_000).fill('')).length, MAX_ROW_SHOWN + 1);
  });
});

it('an import that has expired says that its rows are gone', async () => {
  const audience = await makeAudience(client);
  const found = await ended(await upload(audience, { body: `${FILE}12,Eva\n`, headers: CSV }));
  assert.equal((await client.get(found.links.rows)).data.length, 2);
  const beside = await openBeside(server);
  await beside.imports.expire(-60_000);
  await beside.close();
  assert.equal((await client.get(found.links.self)).data.is_expired, true);
  for (const link of [found.links.rows, `${found.links.rows}?status=refused`, found.links.refused]) {
    refused(await client.get(link), [9022, "The import's rows are no longer kept"]);
  }
  refused(await client.get(`${found.links.rows}?status=no`), 9012);
});
