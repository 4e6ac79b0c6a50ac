import assert from 'node:assert/strict';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { startServer } from '../support/server.ts';
import { fatesOf, makeDesk } from './import-support.ts';

const NONE = { created: 0, updated: 0, unchanged: 0, skipped: 0, refused: 0, removed: 0 };

describe('muster import', async () => {
  const server = await startServer();
  const desk = makeDesk(server);
  const { muster, write, importJson, contacts, pathOf } = desk;
  let audiences = 0;
  const newName = () => `Audience ${++audiences}`;

  /** Imports a file into an audience of its own; the import, and what is in the audience then. */
  async function importInto(content: string | Uint8Array, name = 'file.csv', ...options: string[]) {
    const into = newName();
    const done = await importJson(write(name, content), '--audience', into, '--create', ...options);
    return { ...done, into, contacts: (await desk.audience(into)) === undefined ? [] : await contacts(into) };
  }

  const FILES: {
    what: string;
    content: string | Uint8Array;
    name?: string;
    options?: string[];
    numbers: string[];
    /** Of the first contact. */
    firstName?: string;
    refused?: Record<string, number>;
  }[] = [
    { what: 'CSV', content: 'number,first_name\n+12025550150,Ana\n', numbers: ['12025550150'] },
    {
      what: 'a byte order mark, CRLF, semicolons, other names',
      content: '\uFEFFVorname;Handy\r\nAna;+12025550150\r\n',
      numbers: ['12025550150'],
    },
    { what: 'TSV', content: 'Phone\tSurname\n+12025550150\tLee\n', name: 'file.tsv', numbers: ['12025550150'] },
    {
      what: 'NDJSON',
      content: '{"number":"+12025550150","tags":["a"]}\n\n{"number":"+12025550151"}\n',
      name: 'file.ndjson',
      numbers: ['12025550150', '12025550151'],
    },
    {
      what: 'NDJSON that only its --format tells',
      content: '{"number":"+12025550150"}\n',
      name: 'file.txt',
      options: ['--format', 'ndjson'],
      numbers: ['12025550150'],
    },
    { what: 'gzip', content: gzipSync('number\n+12025550150\n'), name: 'file.csv.gz', numbers: ['12025550150'] },
    {
      what: 'an encoding that is named',
      // "Анна" in Windows-1251.
      content: Buffer.concat([Buffer.from('number,first_name\n+12025550150,'), Buffer.from([0xc0, 0xed, 0xed, 0xe0])]),
      options: ['--encoding', 'windows-1251'],
      firstName: 'Анна',
      numbers: ['12025550150'],
    },
    {
      what: 'quotes with separators and line breaks',
      content: 'number,first_name\n+12025550150,"Ana, ""B""\nC"\n',
      numbers: ['12025550150'],
    },
    {
      what: 'what npm prints above a script',
      content: '\n> muster@0.1.0 sample\n> node sample/main.ts --rows 1\n\nnumber\n+12025550150\n',
      numbers: ['12025550150'],
    },
    {
      what: 'columns that are named',
      content: 'Who,Reach\nAna,+12025550150\n',
      options: ['--map', 'Reach=number', '--map', 'Who=first_name'],
      firstName: 'Ana',
      numbers: ['12025550150'],
    },
    {
      what: 'national numbers of a country that is named',
      content: 'number\n020 7946 0958\n',
      options: ['--default-country', 'GB'],
      numbers: ['442079460958'],
    },
    {
      what: 'repeats in one file',
      content: 'number,first_name\n+12025550150,A\n0012025550150,A\n',
      numbers: ['12025550150'],
    },
    {
      what: 'rows that must be refused, beside one that must not',
      content: 'number,first_name\n,A\nhello,B\n+12025550150,C\n4.47912E+11,D\n+12025550151,E,too,many\n',
      numbers: ['12025550150'],
      refused: { 1353: 1, 1354: 2, 9013: 1 },
    },
    { what: 'a header alone', content: 'number,first_name\n', numbers: [] },
  ];
  for (const { what, content, name, options = [], numbers, firstName, refused = {} } of FILES) {
    it(what, async () => {
      const { code, found, contacts } = await importInto(content, name, ...options);
      assert.deepEqual(
        contacts.map(({ number }) => number),
        numbers,
      );
      if (firstName !== undefined) assert.equal(contacts[0].first_name, firstName);
      assert.equal(found.status, 'completed');
      assert.deepEqual(found.refused_by_code, refused);
      assert.equal(found.rows_total, found.created + found.updated + found.unchanged + found.skipped + found.refused);
      assert.equal(found.created, numbers.length);
      assert.equal(found.first_refused.length, found.refused);
      assert.equal(code, found.refused > 0 ? 3 : 0);
    });
  }

  it('an .xlsx as it is: what was exported', async () => {
    const { into } = await importInto('number,first_name\n+12025550150,Søren\n+12025550151,\n');
    assert.equal((await muster(['export', into, '--output', pathOf('all.xlsx')])).code, 0);
    const { code, found, contacts } = await importInto(readFileSync(pathOf('all.xlsx')), 'again.xlsx');
    assert.deepEqual([code, found.format], [0, 'xlsx']);
    assert.deepEqual(
      contacts.map(({ number, first_name }) => [number, first_name]),
      [
        ['12025550150', 'Søren'],
        ['12025550151', null],
      ],
    );
  });

  it('reads standard input', async () => {
    const { code, stdout } = await muster(['import', '-', '--audience', 'From stdin', '--create', '--json'], {
      input: 'number\n+12025550150\n',
    });
    assert.deepEqual([code, JSON.parse(stdout).created, JSON.parse(stdout).name], [0, 1, null]);
  });

  describe('into an audience with Ana and Bea', () => {
    const FILE = 'number,first_name\n+12025550150,\n+12025550152,Cem\n';
    const OPTIONS: { options: string[]; fates: Partial<typeof NONE>; after: Record<string, string | null> }[] = [
      { options: [], fates: { created: 1, unchanged: 1 }, after: { 150: 'Ana', 151: 'Bea', 152: 'Cem' } },
      {
        options: ['--empty', 'clear'],
        fates: { created: 1, updated: 1 },
        after: { 150: null, 151: 'Bea', 152: 'Cem' },
      },
      {
        options: ['--on-conflict', 'skip'],
        fates: { created: 1, skipped: 1 },
        after: { 150: 'Ana', 151: 'Bea', 152: 'Cem' },
      },
      {
        options: ['--replace', '--max-removals', '50%'],
        fates: { created: 1, unchanged: 1, removed: 1 },
        after: { 150: 'Ana', 152: 'Cem' },
      },
      {
        options: ['--dry-run'],
        fates: { created: 1, unchanged: 1 },
        after: { 150: 'Ana', 151: 'Bea' },
      },
      {
        options: ['--dry-run', '--replace', '--max-removals', '2'],
        fates: { created: 1, unchanged: 1, removed: 1 },
        after: { 150: 'Ana', 151: 'Bea' },
      },
    ];
    for (const { options, fates, after } of OPTIONS) {
      it(options.join(' ') || 'no options', async () => {
        const { into } = await importInto('number,first_name\n+12025550150,Ana\n+12025550151,Bea\n');
        const { code, found } = await importJson(write('next.csv', FILE), '--audience', into, ...options);
        assert.deepEqual([code, fatesOf(found)], [0, { ...NONE, ...fates }]);
        const now = await contacts(into);
        assert.deepEqual(
          Object.fromEntries(now.map(({ number, first_name }) => [number.slice(-3), first_name])),
          after,
        );
      });
    }

    it('--replace that would remove too many: exit code 1, and nothing is changed', async () => {
      const { into } = await importInto('number\n+12025550150\n+12025550151\n');
      const outcome = await muster(['import', write('next.csv', FILE), '--audience', into, '--replace']);
      assert.equal(outcome.code, 1);
      assert.match(outcome.stdout, /Rows {7}2: tried only, nothing was changed\n/);
      assert.match(outcome.stderr, /^muster: the import failed: .* remove 1 of 2 contacts.*\(9024\)\n$/);
      assert.equal((await contacts(into)).length, 2);
    });

    it('--tags and --name', async () => {
      const { found, contacts } = await importInto('number\n+12025550150\n', 'f.csv', '--tags', 'a,b', '--name', 'May');
      assert.deepEqual([found.name, found.tags, contacts[0].tags], ['May', ['a', 'b'], ['a', 'b']]);
    });
  });

  it('says what it recognised, ignored and refused, with line numbers, in words, and what can be done then', async () => {
    const content = 'Phone,Company,Surname\n+12025550150,Acme,Lee\nnobody,Acme,Li\n+12025550151,,Li,x\n';
    const { code, stdout } = await muster(['import', write('told.csv', content), '--audience', 'Told', '--create']);
    assert.equal(code, 3);
    for (const part of [
      'Columns    Phone → number, Surname → last_name\n',
      'Ignored    Company\n',
      /Rows {7}3 in /,
      /created +1\n/,
      /refused +2\n +1354 +1 {2}The number is invalid\n +9013 +1 {2}The row is of the wrong type or form\n/,
      'line 3: "nobody" Letters are no part of a phone number (1354)\n',
      /line 4: "\+12025550151 \| {2}\| Li \| x" The row has 4 cells, .* \(9013\)\n/,
      /Import {5}[-0-9a-f]{36} \(told\.csv\)\n/,
      /to take it back: +muster imports undo [-0-9a-f]{36} {3}\(until \d{4}-/,
    ]) {
      assert.ok(typeof part === 'string' ? stdout.includes(part) : part.test(stdout), `${part} is not in:\n${stdout}`);
    }
  });

  it('--show: so many refused rows, and where the others are', async () => {
    const file = write('show.csv', `number\n${'nobody\n'.repeat(1200)}`);
    const into = newName();
    const { stdout } = await muster(['import', file, '--audience', into, '--create', '--show', '2']);
    assert.equal(stdout.match(/^ {2}line \d+: "nobody"/gm)?.length, 2);
    assert.match(stdout, /all refused rows: +muster imports show [-0-9a-f]{36} --refused FILE\n/);
    const { found } = await importJson(file, '--audience', into, '--show', '1100');
    assert.deepEqual(found.first_refused[1099], {
      line: 1101,
      value: 'nobody',
      code: 1354,
      reason: found.first_refused[0].reason,
      message: 'Letters are no part of a phone number',
    });
    assert.deepEqual((await importJson(file, '--audience', into, '--show', '0')).found.first_refused, []);
  });

  it('shows the cell that is at fault, whatever the format and the columns', async () => {
    const long = 'x'.repeat(33);
    const FAULTS: [content: string, name: string, value: string][] = [
      [`a;b;Vorname;Handy\n1;2;${long};+12025550150\n`, 'f.csv', long],
      [`{"number":"+12025550150","last_name":"${long}"}\n{"number":"no"}\n`, 'f.ndjson', long],
      [`Phone;Phone\n+12025550150;no\n`, 'f.csv', 'no'],
    ];
    for (const [content, name, value] of FAULTS) {
      const mapping = content.startsWith('Phone') ? ['--map', '#2=number'] : [];
      const { found } = await importInto(content, name, ...mapping);
      assert.equal(found.first_refused[0].value, value);
    }
  });

  it('--refused: a file that is corrected and imported, for its owner alone, and none without refused rows', async () => {
    const refused = pathOf('refused.csv');
    const { into, code, stderr } = await importInto(
      'Phone,Surname\n+12025550150,Lee\nnobody,"Li, B"\n',
      'orders.csv',
      '--refused',
      refused,
    );
    assert.equal(code, 3);
    assert.match(stderr, /^1 refused row in .*refused\.csv: correct them there and import that file\n$/);
    assert.equal(statSync(refused).mode & 0o777, 0o600);
    const text = readFileSync(refused, 'utf8');
    assert.equal(text, '\uFEFFPhone,Surname,reason\r\nnobody,"Li, B",Letters are no part of a phone number\r\n');
    const corrected = write('corrected.csv', text.replace('nobody', '+12025550151'));
    const again = await importJson(corrected, '--audience', into, '--refused', pathOf('none.csv'));
    assert.deepEqual([again.code, again.found.created], [0, 1]);
    assert.match(again.stderr, /^No row was refused: .*none\.csv is not written\n$/);
    assert.equal(existsSync(pathOf('none.csv')), false);
    assert.equal((await contacts(into))[1].last_name, 'Li, B');
  });

  it('--refused to where it cannot be written: exit code 1, after the summary', async () => {
    const into = newName();
    const args = ['import', write('f.csv', 'number\nnobody\n'), '--audience', into, '--create'];
    const { code, stdout, stderr } = await muster([...args, '--refused', pathOf('no/such.csv')]);
    assert.equal(code, 1);
    assert.match(stdout, /refused +1\n/);
    assert.match(stderr, /such\.csv cannot be written \(ENOENT\)/);
  });

  it('--dry-run --create: an audience is there for the dry run only', async () => {
    const file = write('f.csv', 'number\n+12025550150\nnobody\n');
    const { code, stdout, stderr } = await muster(['import', file, '--audience', 'Tried', '--create', '--dry-run']);
    assert.equal(code, 3);
    assert.match(stdout, /Rows {7}2: tried only, nothing was changed\n +created +1\n/);
    assert.doesNotMatch(stdout, /muster import/);
    assert.match(stderr, /^The audience 'Tried' was there for the dry run only\n$/);
    assert.equal(await desk.audience('Tried'), undefined);
  });

  it('makes nothing when the file is no file of contacts', async () => {
    const wrong: [string | Uint8Array, RegExp][] = [
      [
        'a,b\n1,2\n',
        /^muster: the import failed: .* The header seen is: a, b\..* \(9023\): --map 'Header=number' says/,
      ],
      ['', /^muster: the import failed: The file is empty \(9023\)\n/],
      ['PK\x03\x04spreadsheet', /^muster: the import failed: .* \(9023\)/],
      [gzipSync('number\n+12025550150\n').subarray(0, 30), /^muster: the import failed: .* \(9023\)/],
    ];
    for (const [content, says] of wrong) {
      const args = ['import', write('wrong.csv', content), '--audience', 'Never made', '--create'];
      const { code, stdout, stderr } = await muster(args);
      assert.deepEqual([code, stdout], [1, '']);
      assert.match(stderr, says);
      assert.equal(await desk.audience('Never made'), undefined);
    }
  });

  it('refuses an audience that does not exist, a file that does not, and wrong options', async () => {
    const file = write('right.csv', 'number\n+12025550150\n');
    const into = (await importInto('number\n')).into;
    const wrong: [string[], number, RegExp][] = [
      [['import', file, '--audience', 'Nobody made it'], 1, /there is no audience 'Nobody made it': --create makes it/],
      [['import', pathOf('none.csv'), '--audience', 'X'], 1, /none\.csv cannot be read \(ENOENT\)/],
      [['import', desk.directory, '--audience', 'X'], 1, /is a directory/],
      [['import', file, '--audience', 'X', '--map', 'Phone=telephone'], 1, /must be 'Header=field'/],
      [['import', file, '--audience', 'X', '--show', 'all'], 1, /--show is 'all', but must be a whole number/],
      [['import', file, '--audience', into, '--map', 'Phone=number'], 1, /There is no column "Phone".*\(9023\)/],
      [['import', file, '--audience', 'X', '--on-conflict', 'merge'], 2, /Allowed choices are update, skip/],
      [['import', file, '--audience', 'X', '--empty', 'erase'], 2, /Allowed choices are keep, clear/],
      [['import', file, '--audience', 'X', '--format', 'pdf'], 2, /Allowed choices are csv, tsv, ndjson, xlsx/],
      [['import', file, '--audience', 'X', '--max-removals', '5'], 2, /goes with --replace/],
      [['import', file, '--undo', 'X'], 2, /a file or --undo, not both/],
      [['import', file], 2, /required option '--audience/],
      [['import', '--audience', 'X'], 2, /missing required argument 'file'/],
      [['import', file, '--audience', 'Bad/name', '--create'], 1, /'data.name' is invalid \(1304\)/],
    ];
    for (const [args, code, says] of wrong) {
      const outcome = await muster(args);
      assert.deepEqual([outcome.code, outcome.stdout], [code, ''], args.join(' '));
      assert.match(outcome.stderr, says);
    }
    assert.equal(await desk.audience('Bad/name'), undefined);
  });

  it('--detach: the id at once, while the import goes on', async () => {
    const args = ['import', write('f.csv', 'number\n+12025550150\n'), '--audience', newName(), '--create'];
    const { code, stdout, stderr } = await muster([...args, '--detach']);
    assert.equal(code, 0);
    assert.match(stdout, /^[-0-9a-f]{36}\n$/);
    assert.match(stderr, /^The import goes on by itself: muster imports show [-0-9a-f]{36} says how far it is\n$/);
    const [shown] = await desk.list('imports', 'show', stdout.trim());
    assert.equal(shown.id, stdout.trim());
  });
});

describe('an error that the server answers before it has the whole file', async () => {
  const server = await startServer({ env: { IMPORT_MAX_BYTES: '1000000' } });
  const desk = makeDesk(server);
  const large = desk.write('large.csv', `number\n${'+12025550150\n'.repeat(2_000_000)}`);
  await desk.muster(['audiences', 'create', 'There']);

  const ERRORS: { what: string; options: string[]; says: RegExp }[] = [
    {
      what: 'the file is too large',
      options: ['--audience', 'New', '--create'],
      says: /^muster: The file is larger than 1000000 bytes \(IMPORT_MAX_BYTES\) \(9006\)\n$/,
    },
    {
      what: 'an option is wrong',
      options: ['--audience', 'New', '--create', '--default-country', 'Great Britain'],
      says: /^muster: 'default_country' must be a country of two letters, as GB \(9013\)\n$/,
    },
    {
      what: 'the key may only read',
      options: ['--audience', 'There', '--key', (await server.muster('keys', 'create', '--scope', 'read')).trim()],
      says: /^muster: The key's scope does not allow this \(9002\)\n$/,
    },
  ];
  for (const { what, options, says } of ERRORS) {
    it(what, async () => {
      const outcome = await desk.muster(['import', large, ...options]);
      assert.deepEqual([outcome.code, outcome.stdout], [1, '']);
      assert.match(outcome.stderr, says);
      assert.equal(await desk.audience('New'), undefined, 'what was made for it is gone again');
      assert.deepEqual(await desk.list('imports', 'list'), []);
    });
  }

  it('nobody has the key', async () => {
    const outcome = await desk.muster(['import', large, '--audience', 'There', '--key', 'wrong-key-of-somebody']);
    assert.equal(outcome.code, 1);
    assert.match(outcome.stderr, /^muster: API key is missing or unknown \(9001\)\n$/);
  });
});
