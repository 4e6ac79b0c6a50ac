import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { findHeader, mapColumns, recogniseColumn } from '../../src/files/columns.ts';

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
