import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { findFirstContact, findHeader, mapColumns } from '../../src/files/columns.ts';

describe('what the caller says', () => {
  test('wins over what is recognised', () => {
    const header = ['Phone', 'Contact', 'First Name', 'Kunde'];
    assert.deepEqual(mapColumns(header, { contact: 'number', Kunde: 'first_name', 'First Name': 'ignore' }), {
      mapping: [
        { column: 1, header: 'Contact', field: 'number' },
        { column: 3, header: 'Kunde', field: 'first_name' },
      ],
      ignored: ['Phone', 'First Name'],
    });
  });
  test('may name a column that has no known name, and so finds the header', () => {
    assert.equal(findHeader([['Report'], ['Kontakt', 'Kunde'], ['12', 'Bo']], { Kontakt: 'number' }), 1);
  });
  test('about a column that is not there is an error', () => {
    assert.throws(() => mapColumns(['Phone'], { Mobil: 'number' }), {
      name: 'ContactFileError',
      message: 'There is no column "Mobil". The header seen is: Phone',
    });
  });
  test('cannot give two columns to one field', () => {
    assert.throws(() => mapColumns(['a', 'b'], { a: 'number', b: 'number' }), /Both "a" and "b" are to be number/);
  });
});

describe('columns named by their places', () => {
  test('where several have one name, or none', () => {
    const { mapping } = mapColumns(['Phone', 'Phone', ''], { '#2': 'number', '#3': 'first_name' });
    assert.deepEqual(
      mapping.map(({ column, field }) => [column, field]),
      [
        [1, 'number'],
        [2, 'first_name'],
      ],
    );
  });
  test('a column that is called so goes before', () => {
    assert.equal(mapColumns(['a', 'b', '#1'], { '#1': 'number' }).mapping[0]!.column, 2);
  });
  test('beyond the last there is none', () => {
    assert.throws(() => mapColumns(['Phone', '9'], { '#9': 'number' }), /There is no column "#9"/);
    assert.throws(() => mapColumns(['Phone'], { '#0': 'number' }), /There is no column "#0"/);
  });
  const rows: [what: string, rows: string[][], header: number, firstContact: number][] = [
    [
      'a header whose names say nothing',
      [
        ['a', 'b'],
        ['Ana', '07912 345678'],
      ],
      0,
      1,
    ],
    ['a header after a title', [['Customers of March'], ['a', 'b'], ['Ana', '0791234']], 1, 2],
    [
      'no header',
      [
        ['Ana', '07912 345678'],
        ['Bo', ''],
      ],
      -1,
      0,
    ],
    ['no header behind a title', [['Customers of 2026'], ['Ana', '07912 345678']], -1, 1],
    [
      'a known header',
      [
        ['Number of', 'Mobile'],
        ['Ana', 'call me'],
      ],
      0,
      -1,
    ],
  ];
  for (const [what, cells, header, firstContact] of rows) {
    test(what, () => {
      assert.equal(findHeader(cells, { '#2': 'number' }), header);
      assert.equal(findFirstContact(cells, { '#2': 'number' }), firstContact);
    });
  }
  test('a name among the places says that there is a header', () => {
    const cells = [['Ana', '07912 345678']];
    assert.equal(findFirstContact(cells, { '#2': 'number', Name: 'first_name' }), -1);
    assert.equal(findFirstContact(cells), -1);
  });
});
