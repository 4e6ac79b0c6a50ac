import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { promisify } from 'node:util';
import { environmentOf, ROOT, runMuster } from '../support/command-line.ts';
import { makeDirectory } from '../support/directory.ts';
import { type Server, startServer } from '../support/server.ts';

const run = promisify(execFile);

interface Contact {
  number: string;
  first_name: string | null;
  last_name: string | null;
  tags: string[];
}

describe('muster import', async () => {
  const server = await startServer();
  const directory = makeDirectory();
  let audience = 0;

  const muster = (args: string[], options: { input?: string } = {}) =>
    runMuster(args, { env: environmentOf(server), ...options });

  /** Imports text as a file into an audience of its own; the summary, and what is in the audience then. */
  async function importText(text: string, name = 'file.csv', ...options: string[]) {
    const file = join(directory, name);
    writeFileSync(file, text);
    const into = `Audience ${++audience}`;
    const { code, stdout, stderr } = await muster([
      'import',
      file,
      '--audience',
      into,
      '--create',
      '--json',
      ...options,
    ]);
    assert.ok(stdout !== '', stderr);
    const listed = await muster(['contacts', 'list', '--audience', into, '--json', '--all']);
    const contacts: Contact[] = listed.stdout
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line));
    return { code, summary: JSON.parse(stdout), contacts, into };
  }

  const FILES: {
    what: string;
    text: string;
    name?: string;
    options?: string[];
    numbers: string[];
    refused?: Record<string, number>;
  }[] = [
    { what: 'CSV', text: 'number,first_name\n+12025550150,Ana\n', numbers: ['12025550150'] },
    {
      what: 'a byte order mark, CRLF, semicolons, other names',
      text: '\uFEFFVorname;Handy\r\nAna;+12025550150\r\n',
      numbers: ['12025550150'],
    },
    { what: 'TSV', text: 'Phone\tSurname\n+12025550150\tLee\n', name: 'file.tsv', numbers: ['12025550150'] },
    {
      what: 'NDJSON',
      text: '{"number":"+12025550150","tags":["a"]}\n\n{"number":"+12025550151"}\n',
      name: 'file.ndjson',
      numbers: ['12025550150', '12025550151'],
    },
    {
      what: 'quotes with separators and line breaks',
      text: 'number,first_name\n+12025550150,"Ana, ""B""\nC"\n',
      numbers: ['12025550150'],
    },
    {
      what: 'what npm prints above a script',
      text: '\n> muster@0.1.0 sample\n> node sample/main.ts --rows 1\n\nnumber\n+12025550150\n',
      numbers: ['12025550150'],
    },
    {
      what: 'a column that is named',
      text: 'Who,Reach\nAna,+12025550150\n',
      options: ['--map', 'Reach=number', '--map', 'Who=first_name'],
      numbers: ['12025550150'],
    },
    { what: 'repeats in one file', text: 'number\n+12025550150\n0012025550150\n', numbers: ['12025550150'] },
    {
      what: 'rows that must be refused, beside one that must not',
      text: 'number,first_name\n,A\nhello,B\n+12025550150,C\n4.47912E+11,D\n+12025550151,E,too,many\n',
      numbers: ['12025550150'],
      refused: { 1353: 1, 1354: 2, 9013: 1 },
    },
    { what: 'a header alone', text: 'number,first_name\n', numbers: [] },
  ];
  for (const { what, text, name, options = [], numbers, refused = {} } of FILES) {
    it(what, async () => {
      const { code, summary, contacts } = await importText(text, name, ...options);
      assert.deepEqual(
        contacts.map(({ number }) => number),
        numbers,
      );
      assert.deepEqual(summary.refused_by_code, refused);
      assert.equal(
        summary.rows,
        summary.created + summary.updated + summary.unchanged + summary.skipped + summary.refused,
      );
      assert.equal(summary.created, numbers.length);
      assert.equal(code, Object.keys(refused).length > 0 ? 3 : 0);
      assert.equal(summary.finished, true);
    });
  }

  it('an empty cell keeps what was there', async () => {
    const { into } = await importText('number,first_name,last_name\n+12025550150,Ana,Lee\n');
    const file = join(directory, 'again.csv');
    writeFileSync(file, 'number,first_name,last_name\n+12025550150,,Li\n');
    await muster(['import', file, '--audience', into]);
    const { stdout } = await muster(['contacts', 'search', 'li', '--audience', into, '--json']);
    assert.deepEqual([JSON.parse(stdout).first_name, JSON.parse(stdout).last_name], ['Ana', 'Li']);
  });

  it('--on-conflict skip and error', async () => {
    const { into } = await importText('number,first_name\n+12025550150,Ana\n');
    const file = join(directory, 'conflict.csv');
    writeFileSync(file, 'number,first_name\n+12025550150,Bea\n+12025550151,Cem\n');
    const counts = async (how: string) => {
      const { code, stdout } = await muster(['import', file, '--audience', into, '--json', '--on-conflict', how]);
      const { created, updated, unchanged, skipped, refused } = JSON.parse(stdout);
      return { code, created, updated, unchanged, skipped, refused };
    };
    assert.deepEqual(await counts('skip'), { code: 0, created: 1, updated: 0, unchanged: 0, skipped: 1, refused: 0 });
    assert.deepEqual(await counts('error'), { code: 3, created: 0, updated: 0, unchanged: 0, skipped: 0, refused: 2 });
    assert.deepEqual(await counts('update'), { code: 0, created: 0, updated: 1, unchanged: 1, skipped: 0, refused: 0 });
  });

  it('says what it recognised, ignored and refused, with line numbers, in words', async () => {
    const file = join(directory, 'told.csv');
    writeFileSync(file, 'Phone,Company,Surname\n+12025550150,Acme,Lee\nnobody,Acme,Li\n');
    const { code, stdout } = await muster(['import', file, '--audience', 'Told', '--create']);
    assert.equal(code, 3);
    for (const part of [
      'Columns    Phone → number, Surname → last_name',
      'Ignored    Company',
      /Rows {7}2 in /,
      /created +1\n/,
      /refused +1\n +1354 +1 {2}The value is invalid\n/,
      `line 3: "nobody" 'number' is invalid (1354)`,
    ]) {
      assert.ok(typeof part === 'string' ? stdout.includes(part) : part.test(stdout), `${part} is not in:\n${stdout}`);
    }
  });

  it('reads standard input', async () => {
    const { code, stdout } = await muster(['import', '-', '--audience', 'From stdin', '--create', '--json'], {
      input: 'number\n+12025550150\n',
    });
    assert.deepEqual([code, JSON.parse(stdout).created], [0, 1]);
  });

  it('makes nothing when the file is no file of contacts', async () => {
    const wrong: [string, RegExp][] = [
      ['a,b\n1,2\n', /^muster: .*number/i],
      ['', /^muster: The file is empty/],
      ['PK\x03\x04spreadsheet', /save it as CSV/],
    ];
    for (const [text, says] of wrong) {
      const file = join(directory, 'wrong.csv');
      writeFileSync(file, text);
      const { code, stdout, stderr } = await muster(['import', file, '--audience', 'Never made', '--create']);
      assert.deepEqual([code, stdout], [1, '']);
      assert.match(stderr, says);
    }
    const { stdout } = await muster(['audiences', 'list', '--json']);
    assert.ok(!stdout.includes('Never made'));
  });

  it('refuses an audience that does not exist, a file that does not, and wrong options', async () => {
    const file = join(directory, 'right.csv');
    writeFileSync(file, 'number\n+12025550150\n');
    const wrong: [string[], number, RegExp][] = [
      [['import', file, '--audience', 'Nobody made it'], 1, /there is no audience 'Nobody made it': --create makes it/],
      [['import', join(directory, 'none.csv'), '--audience', 'X'], 1, /none\.csv cannot be read \(ENOENT\)/],
      [['import', directory, '--audience', 'X'], 1, /is a directory/],
      [['import', file, '--audience', 'X', '--map', 'Phone=telephone'], 1, /must be 'Header=field'/],
      [['import', file, '--audience', 'X', '--on-conflict', 'merge'], 2, /Allowed choices are update, skip, error/],
      [['import', file], 2, /required option '--audience/],
      [['import', file, '--audience', 'Bad/name', '--create'], 1, /'data.name' is invalid \(1304\)/],
    ];
    for (const [args, code, says] of wrong) {
      const outcome = await muster(args);
      assert.deepEqual([outcome.code, outcome.stdout], [code, ''], args.join(' '));
      assert.match(outcome.stderr, says);
    }
  });

  it('a read key is told that it may not', async () => {
    const file = join(directory, 'read.csv');
    writeFileSync(file, 'number\n+12025550150\n');
    const { into } = await importText('number\n');
    const { stdout: key } = await muster(['keys', 'create', '--scope', 'read']);
    const outcome = await runMuster(['import', file, '--audience', into], {
      env: { ...environmentOf(server), MUSTER_KEY: key.trim() },
    });
    assert.deepEqual([outcome.code, outcome.stdout], [1, '']);
    assert.match(outcome.stderr, /^muster: The key's scope does not allow this \(9002\)\n$/);
  });

  it('an interrupt stops after the call under way and says how far it came', async () => {
    const { stdout: text } = await run(process.execPath, ['sample/main.ts', '--rows', '200000'], {
      cwd: ROOT,
      maxBuffer: 1 << 28,
    });
    const file = join(directory, 'long.csv');
    writeFileSync(file, text);
    const { code, stdout } = await runMuster(['import', file, '--audience', 'Interrupted', '--create', '--json'], {
      env: environmentOf(server),
      onStart: (child) => interruptWhenCounted(server, 'Interrupted', () => child.kill('SIGINT')),
    });
    const summary = JSON.parse(stdout);
    assert.equal(code, 130);
    assert.equal(summary.finished, false);
    assert.ok(summary.rows > 0 && summary.rows < 200_000);
    assert.equal(await countOf(server, 'Interrupted'), summary.created);
  });
});

describe('muster import and a server that goes away', () => {
  it('goes on when the server is back, and every row is there once', async () => {
    const port = await freePort();
    const server = await startServer({ env: { PORT: String(port) } });
    const { stdout: text } = await run(process.execPath, ['sample/main.ts', '--rows', '60000'], {
      cwd: ROOT,
      maxBuffer: 1 << 28,
    });
    const file = join(makeDirectory(), 'contacts.csv');
    writeFileSync(file, text);
    let restarted: Promise<void> | undefined;
    const { code, stdout } = await runMuster(['import', file, '--audience', 'Survivors', '--create', '--json'], {
      env: environmentOf(server),
      onStart: () =>
        interruptWhenCounted(server, 'Survivors', () => {
          restarted = server.kill().then(() => server.restart());
        }),
    });
    assert.ok(restarted, 'the server was killed during the import');
    await restarted;
    const summary = JSON.parse(stdout);
    assert.equal(code, 0);
    assert.equal(summary.rows, 60_000);
    assert.equal(summary.created + summary.unchanged, 60_000);
    assert.ok(summary.unchanged <= summary.sent_twice, 'only rows that were sent twice can be unchanged');
    assert.equal(await countOf(server, 'Survivors'), 60_000);
  });
});

describe('files as people make them, at size', async () => {
  const server = await startServer();
  const directory = makeDirectory();

  /** Makes a file, imports it, and compares with what its maker says of it. */
  async function compare(maker: string, args: string[], name: string): Promise<void> {
    const { stdout: text, stderr } = await run(process.execPath, [maker, ...args], { cwd: ROOT, maxBuffer: 1 << 28 });
    const expected = JSON.parse(stderr.trim().split('\n').at(-1)!);
    const file = join(directory, name);
    writeFileSync(file, text);
    const audience = name.replaceAll('.', ' ');
    const { stdout } = await runMuster(['import', file, '--audience', audience, '--create', '--json'], {
      env: environmentOf(server),
    });
    const { rows, created, updated, unchanged, skipped, refused_by_code } = JSON.parse(stdout);
    assert.deepEqual(
      { rows, created, duplicates: updated + unchanged, skipped, refused: refused_by_code },
      { ...expected, skipped: 0 },
    );
    assert.equal(await countOf(server, audience), created);
  }

  it('100,000 clean rows of our own maker', () =>
    compare('sample/main.ts', ['--rows', '100000', '--seed', '3'], 'clean.csv'));
  it('20,000 messy rows of our own maker', () =>
    compare('sample/main.ts', ['--rows', '20000', '--messy', '--seed', '4'], 'messy.csv'));
  it('20,000 rows as TSV and as NDJSON', async () => {
    await compare('sample/main.ts', ['--rows', '20000', '--format', 'tsv'], 'clean.tsv');
    await compare('sample/main.ts', ['--rows', '20000', '--format', 'ndjson'], 'clean.ndjson');
  });

  const other = join(ROOT, '../shared/data/make-contacts.mjs');
  const skip = existsSync(other) ? false : 'the second maker of contact files is not beside this checkout';
  it('100,000 clean rows of another maker', { skip }, () => compare(other, ['--rows', '100000'], 'other clean.csv'));
  it('20,000 messy rows of another maker', { skip }, () =>
    compare(other, ['--rows', '20000', '--flavour', 'messy'], 'other messy.csv'),
  );
});

describe('the progress bar', () => {
  const script = existsSync('/usr/bin/script') ? false : 'script, which gives a command a terminal, is not installed';
  it('is drawn on a terminal, and nowhere else', { skip: script }, async () => {
    const server = await startServer();
    const file = join(makeDirectory(), 'contacts.csv');
    const { stdout: text } = await run(process.execPath, ['sample/main.ts', '--rows', '30000'], {
      cwd: ROOT,
      maxBuffer: 1 << 28,
    });
    writeFileSync(file, text);
    const command = `${process.execPath} bin/muster.js import ${file} --audience Bar --create`;
    const env = { ...process.env, ...environmentOf(server) };
    const { stdout } = await run('script', ['-qec', command, '/dev/null'], { cwd: ROOT, env });
    assert.match(stdout, /[█░]{24} +\d+ % {2}[\d,]+ rows, [\d,]+\/s/);
    assert.match(stdout, /created +30,000/);
    const piped = await runMuster(['import', file, '--audience', 'Bar'], { env: environmentOf(server) });
    assert.equal(piped.stderr, '');
  });
});

async function countOf(server: Server, name: string): Promise<number> {
  const { stdout } = await runMuster(['audiences', 'list', '--json'], { env: environmentOf(server) });
  const audience = stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line))
    .find((each) => each.name === name);
  return audience.contacts_count;
}

/** Does something as soon as an audience has contacts. */
async function interruptWhenCounted(server: Server, name: string, act: () => void): Promise<void> {
  for (;;) {
    const answer = await fetch(`${server.url}/v1/audiences`, { headers: { 'x-dexatel-key': server.key } });
    const { data } = (await answer.json()) as { data: { name: string; contacts_count: number }[] };
    if (data.some((audience) => audience.name === name && audience.contacts_count > 0)) break;
  }
  act();
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as { port: number };
  await new Promise((resolve) => probe.close(resolve));
  return port;
}
