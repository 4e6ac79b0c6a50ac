import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { findFirstContact, findHeader, mapColumns, nameOrder, recogniseColumn } from '../../src/files/columns.ts';

describe('names of columns', () => {
  const names: Record<string, string[]> = {
    number: [
      'number',
      'Phone',
      'PHONE NUMBER',
      'phone_number',
      'phoneNumber',
      ' Mobile ',
      'MSISDN',
      'Tel.',
      'Telephone',
      'Cell',
      'WhatsApp',
      'Whats-App',
      'Handy',
      'Handynummer',
      'Téléphone',
      'TELEPHONE PORTABLE',
      'N° de téléphone',
      'Teléfono móvil',
      'Móvil',
      'Celular',
      'Cellulare',
      'Telemóvel',
      'Telefoonnummer',
      'Numer telefonu',
      'Telefonní číslo',
      'Mobilnummer',
      'Puhelinnumero',
      'Telefonszám',
      'Cep Telefonu',
      'Κινητό',
      'Телефон',
      'Мобильный телефон',
      'Հեռախոս',
      'ტელეფონი',
      'رقم الهاتف',
      '手机',
      '電話番号',
      'Phone 1 - Value',
      'Mobile Phone',
      'Primary Phone',
      'SMS',
      'e164',
      'Phone (Mobile)',
    ],
    first_name: [
      'first_name',
      'First Name',
      'FIRSTNAME',
      'firstName',
      'Given Name',
      'Vorname',
      'Prénom',
      'PRENOM',
      'Nombre',
      'Nome',
      'Voornaam',
      'Imię',
      'Jméno',
      'Förnamn',
      'Etunimi',
      'Όνομα',
      'Имя',
      'Անուն',
      'Ad',
      'Forename',
    ],
    last_name: [
      'last_name',
      'Last Name',
      'LASTNAME',
      'Surname',
      'Family Name',
      'Nachname',
      'Nom',
      'Nom de famille',
      'Apellidos',
      'Cognome',
      'Sobrenome',
      'Achternaam',
      'Nazwisko',
      'Příjmení',
      'Efternamn',
      'Sukunimi',
      'Επώνυμο',
      'Фамилия',
      'Ազգանուն',
      'Soyadı',
    ],
    full_name: [
      'name',
      'Full Name',
      'full_name',
      'Display Name',
      'Contact name',
      'CUSTOMER NAME',
      'First & Last Name',
      'FN',
      'Ansprechpartner',
      'Vor- und Nachname',
      'Vorname Nachname',
      'Nachname, Vorname',
      'Nom complet',
      'Nom et prénom',
      'Nombre completo',
      'Nombre y apellidos',
      'Nome completo',
      'Nome e cognome',
      'Naam',
      'Imię i nazwisko',
      'Jméno a příjmení',
      'Ad Soyad',
      'Adı Soyadı',
      'Ονοματεπώνυμο',
      'Имя и фамилия',
      'ФИО',
      'Ф.И.О.',
      'Фамилия Имя Отчество',
      'ПІБ',
      'Անուն Ազգանուն',
      'För- och efternamn',
      'Namn',
      'Név',
      'Ime i prezime',
      'Họ và tên',
      '姓名',
      '氏名',
    ],
    timestamp: ['timestamp', 'custom1', 'Custom 1', 'CUSTOM_1'],
    date: ['date', 'Date', 'custom2', 'Datum', 'Fecha'],
    tags: ['tags', 'Labels', 'Groups', 'Group Membership', 'Categories', 'Gruppen', 'Étiquettes', 'Etiquetas', 'Метки'],
    nothing: [
      '',
      'E-mail',
      'Company',
      'reason',
      'Company Name',
      'Username',
      'Phone 1 - Type',
      'Phone 1 - Label',
      'Fax',
      'Business Fax',
      'Phonetic Name',
      'Customer number',
      'Birthday',
      'x'.repeat(10_000),
      '___',
      'constructor',
      '__proto__',
    ],
  };
  for (const [field, spellings] of Object.entries(names)) {
    test(field, () => {
      for (const name of spellings) assert.equal(recogniseColumn(name)?.field ?? 'nothing', field, name);
    });
  }
});

describe('several columns for one field', () => {
  const scenarios: [header: string, number: string, ignored: string[]][] = [
    ['Home Phone,Mobile,Phone', 'Mobile', ['Home Phone', 'Phone']],
    ['Number,Phone', 'Phone', ['Number']],
    ['Phone,Telephone', 'Phone', ['Telephone']],
    ['SMS,number', 'number', ['SMS']],
    ['Phone 2 - Value,Phone 1 - Value', 'Phone 1 - Value', ['Phone 2 - Value']],
  ];
  for (const [header, number, ignored] of scenarios) {
    test(header, () => {
      const found = mapColumns(header.split(','));
      assert.deepEqual(
        found.mapping.map((each) => each.header),
        [number],
      );
      assert.deepEqual(found.ignored, ignored);
    });
  }
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

describe('the header among the first rows', () => {
  const scenarios: [what: string, rows: string[][], index: number][] = [
    [
      'the first row',
      [
        ['number', 'name'],
        ['+12025550150', 'Ana'],
      ],
      0,
    ],
    ['after titles', [['Customers'], ['as of', '2026-03-01'], ['Phone', 'Name'], ['+12025550150', 'Ana']], 2],
    ['after a title that could be a header', [['Phone numbers'], ['Phone', 'Name'], ['+12025550150', 'Ana']], 1],
    ['a single column', [['Phone'], ['+12025550150']], 0],
    ['never a contact, whose names may be words of headers', [['+12025550150', 'Mobile']], -1],
    [
      'nor anything behind a contact',
      [
        ['12025550150', 'Ana'],
        ['', 'Mobile'],
      ],
      -1,
    ],
    [
      'none',
      [
        ['name', 'city'],
        ['Ana', 'Yerevan'],
      ],
      -1,
    ],
    ['no rows', [], -1],
  ];
  for (const [what, rows, index] of scenarios) test(what, () => assert.equal(findHeader(rows), index));
});
