import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { mapColumns, nameOrder } from '../../src/files/columns.ts';
import { type NameOrder, splitName } from '../../src/files/full-name.ts';
import { readText } from './support.ts';

const NAMES: [cell: string, first: string | undefined, last: string | undefined, order?: NameOrder][] = [
  ['Ana Petrosyan', 'Ana', 'Petrosyan'],
  ['  Ana   Petrosyan ', 'Ana', 'Petrosyan'],
  ['Anna Maria Rossi', 'Anna Maria', 'Rossi'],
  ['Jean-Luc Lefèvre', 'Jean-Luc', 'Lefèvre'],
  ['Ana', 'Ana', undefined],
  ['Smith, John', 'John', 'Smith'],
  ['Smith , John Paul', 'John Paul', 'Smith'],
  ['van der Berg, Jan', 'Jan', 'van der Berg'],
  ['John Smith, Jr.', 'John', 'Smith, Jr.'],
  ['John Smith III', 'John', 'Smith III'],
  ['Smith,', 'Smith', undefined],
  ['Ludwig van Beethoven', 'Ludwig', 'van Beethoven'],
  ['Vincent Van Gogh', 'Vincent', 'Van Gogh'],
  ['Juan Carlos de la Cruz', 'Juan Carlos', 'de la Cruz'],
  ['Maria da Silva Santos', 'Maria', 'da Silva Santos'],
  ['Mohammed bin Salman', 'Mohammed', 'bin Salman'],
  ['Ahmed al-Rashid', 'Ahmed', 'al-Rashid'],
  ['Al Pacino', 'Al', 'Pacino'],
  ['Anna Le', 'Anna', 'Le'],
  ['Dr. Hans Müller', 'Dr. Hans', 'Müller'],
  ['Frau Müller', undefined, 'Frau Müller'],
  ['Herr Dr. Müller', undefined, 'Herr Dr. Müller'],
  ['Mr & Mrs Smith', 'Mr & Mrs', 'Smith'],
  ['Иван Иванов', 'Иван', 'Иванов'],
  ['Иванов Иван Петрович', 'Иван Петрович', 'Иванов', 'family_first'],
  ['Иванов И.П.', 'И.П.', 'Иванов', 'family_first'],
  ['Иван', 'Иван', undefined, 'family_first'],
  ['von Müller Hans', 'Hans', 'von Müller', 'family_first'],
  ['Dr. Müller Hans', 'Dr. Hans', 'Müller', 'family_first'],
  ['Müller, Hans', 'Hans', 'Müller', 'family_first'],
  ['Nguyễn Văn An', 'Văn An', 'Nguyễn', 'family_first'],
  ['王小明', '王小明', undefined],
  ['山田 太郎', '太郎', '山田'],
  ['山田　太郎', '太郎', '山田'],
  ['김 철수', '철수', '김'],
  ['ジョン・スミス', 'ジョン・スミス', undefined],
  ['', undefined, undefined],
  [' , ', undefined, undefined],
];

describe('a full name', () => {
  for (const [cell, first, last, order = 'given_first'] of NAMES) {
    test(`${cell}${order === 'family_first' ? ', family name first' : ''}`, () => {
      const { first_name, last_name } = splitName(cell, order);
      assert.deepEqual([first_name, last_name], [first, last]);
    });
  }

  test('loses no word, whatever it is', () => {
    const word = fc.oneof(
      fc.constantFrom(
        'van',
        'de',
        'Dr.',
        'Frau',
        'Jr.',
        'al-',
        'bin',
        'Ana',
        'Müller',
        '山',
        'O’Brien',
        'III',
        'Mr',
        '-',
        '.',
      ),
      fc.string({ unit: 'grapheme', maxLength: 5 }),
    );
    const cells = fc
      .array(word, { maxLength: 8 })
      .chain((words) => fc.constantFrom(' ', ', ', '  ', ',').map((joint) => words.join(joint)));
    const wordsOf = (text: string) =>
      text
        .split(/[\s,،，]+/u)
        .filter((each) => each !== '')
        .sort();
    fc.assert(
      fc.property(cells, fc.constantFrom<NameOrder>('given_first', 'family_first'), (cell, order) => {
        const { first_name = '', last_name = '' } = splitName(cell, order);
        assert.deepEqual(wordsOf(`${first_name} ${last_name}`), wordsOf(cell));
      }),
      { numRuns: 1000 },
    );
  });
});

describe('names in one column, or in two', () => {
  const scenarios: [header: string, fields: Record<string, string>][] = [
    ['Name,Phone', { Name: 'full_name', Phone: 'number' }],
    ['Name,First Name,Last Name,Phone', { 'First Name': 'first_name', 'Last Name': 'last_name', Phone: 'number' }],
    ['Name,First Name,Phone', { 'First Name': 'first_name', Phone: 'number' }],
    ['Full Name,Surname,Phone', { Surname: 'last_name', Phone: 'number' }],
    ['Name,Vorname,Telefon', { Name: 'last_name', Vorname: 'first_name', Telefon: 'number' }],
    ['Naam,Voornaam,GSM', { Naam: 'last_name', Voornaam: 'first_name', GSM: 'number' }],
    ['Ansprechpartner,Vorname,Telefon', { Vorname: 'first_name', Telefon: 'number' }],
    ['Name,Nickname,Phone', { Name: 'full_name', Phone: 'number' }],
    ['Nickname,Phone', { Nickname: 'first_name', Phone: 'number' }],
    ['Name,Billing Name,Phone', { 'Billing Name': 'full_name', Phone: 'number' }],
  ];
  for (const [header, fields] of scenarios) {
    test(header, () => {
      const { mapping } = mapColumns(header.split(','));
      assert.deepEqual(Object.fromEntries(mapping.map((each) => [each.header, each.field])), fields);
    });
  }
  test('what the caller calls a full name is one, beside whatever', () => {
    const { mapping } = mapColumns(['Kunde', 'Vorname', 'Tel'], { Kunde: 'full_name' });
    assert.deepEqual(
      mapping.map(({ header, field }) => [header, field]),
      [
        ['Kunde', 'full_name'],
        ['Tel', 'number'],
      ],
    );
  });
  test('a full name and its parts cannot both be asked for', () => {
    assert.throws(() => mapColumns(['a', 'b'], { a: 'full_name', b: 'last_name' }), {
      name: 'ContactFileError',
      message: '"a" is to be the full name and "b" a part of it: choose one',
    });
  });
  test('the name of the column tells the order', () => {
    for (const name of [
      'ФИО',
      'Nachname, Vorname',
      'Surname, First name',
      'Nom et prénom',
      'Фамилия, имя',
      '姓名',
      'Name, Vorname',
    ])
      assert.equal(nameOrder(name), 'family_first', name);
    for (const name of [
      'Name',
      'Vorname Nachname',
      'First and last name',
      'Имя и фамилия',
      'Ad Soyad',
      'x'.repeat(1000),
    ])
      assert.equal(nameOrder(name), 'given_first', name);
  });
});

describe('a column of full names', () => {
  test('in a table', async () => {
    const { layout, rows } = await readText('Name,Phone\nAna Petrosyan,+1\n,+2\nBo,+3\n');
    assert.deepEqual(
      layout.mapping.map(({ header, field }) => [header, field]),
      [
        ['Name', 'full_name'],
        ['Phone', 'number'],
      ],
    );
    assert.deepEqual(
      rows.map(({ contact }) => contact),
      [
        { number: '+1', first_name: 'Ana', last_name: 'Petrosyan' },
        { number: '+2' },
        { number: '+3', first_name: 'Bo' },
      ],
    );
  });
  test('an empty cell clears both names, when empty cells do', async () => {
    const { rows } = await readText('ФИО,Телефон\nИванов Иван,+1\n,+2\n', { empty: 'clear' });
    assert.deepEqual(
      rows.map(({ contact }) => contact),
      [
        { number: '+1', first_name: 'Иван', last_name: 'Иванов' },
        { number: '+2', first_name: null, last_name: null },
      ],
    );
  });
  const OBJECTS: [what: string, object: object, contact: object][] = [
    ['a full name', { name: 'Ana Petrosyan' }, { first_name: 'Ana', last_name: 'Petrosyan' }],
    [
      'beside its parts',
      { name: 'X Y', first_name: 'Ana', last_name: 'Petrosyan' },
      { first_name: 'Ana', last_name: 'Petrosyan' },
    ],
    ['beside a first name', { name: 'Ana Petrosyan', firstName: 'Ana' }, { first_name: 'Ana' }],
    ['beside a Vorname', { Name: 'Groß', Vorname: 'Käthe' }, { first_name: 'Käthe', last_name: 'Groß' }],
    ['null', { full_name: null }, { first_name: null, last_name: null }],
    ['no text, for the server to judge', { full_name: 7 }, { first_name: 7, last_name: 7 }],
    ['in the order of its name', { ФИО: 'Иванов Иван' }, { first_name: 'Иван', last_name: 'Иванов' }],
  ];
  for (const [what, object, contact] of OBJECTS) {
    test(`in an object: ${what}`, async () => {
      const { rows } = await readText(JSON.stringify({ number: '+1', ...object }));
      assert.deepEqual(rows[0]!.contact, { number: '+1', ...contact });
    });
  }
  test('in an object: as the caller says', async () => {
    const { rows } = await readText('{"number":"+1","Kunde":"Ana Petrosyan","first_name":"X"}', {
      mapping: { Kunde: 'full_name', first_name: 'ignore' },
    });
    assert.deepEqual(rows[0]!.contact, { number: '+1', first_name: 'Ana', last_name: 'Petrosyan' });
  });
});
