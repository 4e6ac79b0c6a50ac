/** What a person sees, on a real pseudo-terminal. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import { widthOf } from '../../src/cli/table.ts';
import { fill, makeAudience, makeClient, numberOf } from '../http/support.ts';
import { startProxy } from '../sdk/flaky-proxy.ts';
import { environmentOf } from '../support/command-line.ts';
import { makeDirectory } from '../support/directory.ts';
import { startServer } from '../support/server.ts';
import { NO_TERMINAL, openMuster, type TerminalOptions } from '../support/terminal.ts';

describe('on a terminal', { skip: NO_TERMINAL }, async () => {
  const server = await startServer();
  const env = environmentOf(server);
  const client = makeClient(server);
  const people = await makeAudience(client, [
    { number: numberOf(1), first_name: 'Søren', last_name: '佐藤', tags: ['loyalty', 'black-friday', 'newsletter'] },
    { number: numberOf(2), first_name: 'דנה', last_name: '\u001b[31mred' },
  ]);

  /** Runs a command to its end; everything that was on the screen, and the exit code. */
  async function look(args: string[], options: TerminalOptions = {}) {
    const terminal = openMuster(args, { ...options, env: { ...env, ...options.env } });
    const code = await terminal.ends();
    const screen = terminal.screen().replaceAll('\r\n', '\n');
    return {
      code,
      screen,
      text: stripVTControlCharacters(screen),
      lines: stripVTControlCharacters(screen).split('\n'),
    };
  }

  for (const columns of [40, 80, 100, 160]) {
    it(`a list is a table that fits ${columns} columns`, async () => {
      const { code, lines } = await look(['contacts', 'list', '--audience', people.id], { columns });
      assert.equal(code, 0);
      for (const line of lines) assert.ok(widthOf(line) <= Math.max(columns, 60), line);
      for (const line of lines.slice(0, 3)) assert.ok(widthOf(line) <= columns, line);
      assert.match(lines[0]!, /^ID +NUM\S+ +FIRS/);
      const isWhole = columns === 160;
      assert.equal(lines[3]!.startsWith('(cut to the width of the terminal: --json shows everything)'), !isWhole);
      if (isWhole)
        assert.match(lines[1]!, /^[-0-9a-f]{36} {2}\+12025550001 {2}Søren +佐藤 +loyalty, black-friday, newsletter/);
      assert.match(lines.at(-2)!, /^2 of 2 contacts$/);
    });
  }

  it('other people’s data move no cursor and colour nothing', async () => {
    const { screen } = await look(['contacts', 'list', '--audience', people.id], { env: { NO_COLOR: '1' } });
    assert.ok(screen.includes('[31mred'));
    assert.ok(!screen.includes('\u001b'));
  });

  it('colours help, unless nobody wants them', async () => {
    const list = ['audiences', 'list'];
    assert.match((await look(list)).screen, /^\u001b\[1mID\u001b\[22m/);
    assert.match(
      (await look(['audiences', 'get', 'nobody'])).screen,
      /^\u001b\[31mmuster:\u001b\[39m there is no audience/,
    );
    assert.match((await look(['keys', '--help'])).screen, /\u001b\[1mUsage:\u001b\[22m/);
    const plain: [string[], TerminalOptions['env']][] = [
      [list, { NO_COLOR: '1' }],
      [list, { TERM: 'dumb' }],
      [['--no-color', ...list], {}],
      [[...list, '--no-color'], {}],
      [['--no-color', 'audiences', 'get', 'nobody'], {}],
      [['keys', '--help'], { NO_COLOR: '1' }],
    ];
    for (const [args, env] of plain) {
      const { screen } = await look(args, { env });
      assert.ok(
        screen.length > 20 && !screen.includes('\u001b'),
        `${args} ${JSON.stringify(env)} ${JSON.stringify(screen)}`,
      );
    }
  });

  it('--json is JSON there too, without colours', async () => {
    const { screen } = await look(['audiences', 'list', '--json']);
    assert.equal(JSON.parse(screen).id, people.id);
  });

  it('one thing is lines of names and values', async () => {
    const { lines } = await look(['contacts', 'get', numberOf(1), '--audience', people.id]);
    assert.deepEqual(
      lines.map((line) => line.split(/ {2,}/)[0]),
      ['Id', 'Number', 'First name', 'Last name', 'Timestamp', 'Date', 'Tags', 'Made', 'Changed', ''],
    );
    assert.equal(lines[6], 'Tags        loyalty, black-friday, newsletter');
  });

  it('a deletion asks, and takes nothing but yes for it', async () => {
    const { id } = await makeAudience(client, [{ number: numberOf(1) }]);
    for (const [answer, said, code] of [
      ['\n', 'Nothing was deleted', 1],
      ['no\n', 'Nothing was deleted', 1],
      ['\x03', '', 130],
      ['yes\n', 'Deleted the audience', 0],
    ] as const) {
      const terminal = openMuster(['audiences', 'delete', id], { env });
      await terminal.shows(/Delete the audience 'Audience \d' and its 1 contact\? This cannot be undone\. \[y\/N\] $/);
      assert.equal((await client.get(`/v1/audiences/${id}`)).status, 200);
      terminal.type(answer);
      assert.equal(await terminal.ends(), code);
      assert.ok(terminal.screen().includes(said));
    }
    assert.equal((await client.get(`/v1/audiences/${id}`)).status, 404);
  });

  it('rows can be typed: each gets its line', async () => {
    const { id } = await makeAudience(client);
    const terminal = openMuster(['contacts', 'bulk', '--audience', id], { env: { ...env, NO_COLOR: '1' } });
    await terminal.shows(/Reading rows from the terminal: Ctrl-D ends them/);
    terminal.type(`{"number": "+${numberOf(1)}"}\n{"number": "12"}\n\x04`);
    await terminal.shows(/line 1 {7}created {4}\+12025550001 {2}[-0-9a-f]{36}\r\n/);
    await terminal.shows(/line 2 {7}refused {4}'number' is invalid \(1354\)\r\n2 rows, 1 created, 1 refused\r\n/);
    assert.equal(await terminal.ends(), 3);
  });

  it('Ctrl-C in the middle of rows: exit code 130, and how many there are', async () => {
    const { id } = await makeAudience(client);
    const terminal = openMuster(['contacts', 'bulk', '--audience', id], { env: { ...env, NO_COLOR: '1' } });
    await terminal.shows(/Ctrl-D ends them/);
    terminal.type(`{"number": "+${numberOf(1)}"}\n\x03`);
    await terminal.shows(/0 rows\r\nmuster: interrupted: what is counted is stored/);
    assert.equal(await terminal.ends(), 130);
  });

  it('an export to a file shows how far it is, and leaves nothing of that behind', async () => {
    const { id, path } = await makeAudience(client);
    await fill(
      client,
      path,
      Array.from({ length: 20_000 }, (_, index) => ({ number: numberOf(index), first_name: 'x'.repeat(30) })),
    );
    const file = join(makeDirectory(), 'contacts.csv');
    const { code, screen, text } = await look(['export', id, '--output', file]);
    assert.equal(code, 0);
    assert.match(screen, /[█░]{24} +\d+ % {2}[\d,]+ of 20,000 contacts/);
    assert.ok(text.split('\r').at(-1)!.endsWith(`20,000 contacts in ${file}\n`));
  });

  it('rows that go to a file show how many there are', async () => {
    const { id } = await makeAudience(client);
    const directory = makeDirectory();
    const rows = join(directory, 'rows.csv');
    writeFileSync(rows, `number\n${Array.from({ length: 5000 }, (_, index) => numberOf(index)).join('\n')}\n`);
    const { code, screen } = await look(['contacts', 'bulk', rows, '--audience', id, '--quiet']);
    assert.equal(code, 0);
    assert.match(screen, /\r\u001b\[K[\d,]+ rows, [\d,]+ created/);
    assert.match(screen, /5,000 rows, 5,000 created\n$/);
  });

  it('a server that has no time is waited for, and that is shown', async () => {
    const proxy = await startProxy(() => server.url);
    proxy.suffer({ status: 503 }, { status: 503 });
    const terminal = openMuster(['audiences', 'list'], { env: { ...env, MUSTER_URL: proxy.url, NO_COLOR: '1' } });
    await terminal.shows(/\r\u001b\[Kthe server does not answer: waiting …/);
    await terminal.shows(/\r\u001b\[KID +NAME/);
    assert.equal(await terminal.ends(), 0);
  });
});
