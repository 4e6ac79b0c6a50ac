/** Numbers as spreadsheets and people leave them in files: what is put right, what is refused, and why. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  type CountryCode,
  getCountries,
  getCountryCallingCode,
  Metadata,
  type PhoneNumber,
  parsePhoneNumberFromString,
} from 'libphonenumber-js/core';
import metadata from 'libphonenumber-js/max/metadata';
import examples from 'libphonenumber-js/mobile/examples';
import {
  type FileNumberReason,
  type Mend,
  mendNumber,
  numberReasonText,
  readCountry,
} from '../../src/core/mend-number.ts';
import { parseWithLibrary, readNational } from '../../src/core/national-number.ts';
import { parseNumber } from '../../src/core/number.ts';

const SEED = 20261124;
const seenMends = new Set<string>();
const seenReasons = new Set<string>();

/** What becomes of a cell: `number mend mend`, or the reason why it is refused. */
function mend(cell: string, country?: CountryCode): string {
  const found = mendNumber(cell, { rule: 'valid', country });
  if ('number' in found) {
    assert.equal(parseNumber(found.number), found.number, 'it stays what it is');
    return [found.number, ...(found.mended ?? [])].join(' ');
  }
  assert.equal(found.code, found.reason === 'empty' ? 1353 : found.reason === 'too_long_text' ? 1355 : 1354);
  return found.reason;
}

/** A row of a table: the cell, what becomes of it, and the default country where there is one. */
type Row = [cell: string, expected: string, country?: CountryCode];

function table(title: string, rows: Row[]): void {
  describe(title, () => {
    for (const [cell, expected, country] of rows) {
      it(`${JSON.stringify(cell)}${country === undefined ? '' : ` in ${country}`}: ${expected}`, () => {
        assert.equal(mend(cell, country), expected);
        for (const word of expected.split(' ')) (/^\d/.test(expected) ? seenMends : seenReasons).add(word);
      });
    }
  });
}

table('taken as they stand', [
  ['+447912345678', '447912345678'],
  ['447912345678', '447912345678'],
  ['00447912345678', '447912345678'],
  ['+ 44 7912 345678', '447912345678'],
  ['+44 (0) 7912 345678', '447912345678'],
  ['44 (0)7912 345678', '447912345678'],
  ['(+44) 7912-345.678', '447912345678'],
  ['+44/7912/345678', '447912345678'],
  ['+44\u00a07912\u202f345678', '447912345678'],
  ['\u202a+44 7912 345678\u202c', '447912345678'],
  ['\u200b+44\u00ad7912\u2060345678\ufeff', '447912345678'],
  ['+44\u20117912\u2013345678', '447912345678'],
  ['+447912345678', '447912345678', 'US'],
  ['\u202a+44 7912 345678\u202c', '447912345678', 'US'],
  ['0044 7912 345678', '447912345678', 'DE'],
  ['447912345678', '447912345678', 'GB'],
]);

table('apostrophes of all kinds', [
  ...["'", '’', '‘', '`', '´', 'ʼ', '′', '＇', "''"].map(
    (each): Row => [`${each}+447912345678`, '447912345678 apostrophe'],
  ),
  ["'+447912345678'", '447912345678 apostrophe'],
  [" '447912345678", '447912345678 apostrophe'],
  ["\u200b'447912345678", '447912345678 apostrophe'],
  ["'07912345678", '447912345678 apostrophe country_added', 'GB'],
  ["'07912345678", 'no_country_code'],
  ["'", 'empty'],
  ["+44'7912345678", 'stray_characters'],
]);

table('decimal tails', [
  ['447912345678.0', '447912345678 decimal_tail'],
  ['447912345678,00', '447912345678 decimal_tail'],
  ['+447912345678.0', '447912345678 decimal_tail'],
  ['٤٤٧٩١٢٣٤٥٦٧٨٫٠', '447912345678 digits decimal_tail'],
  ['7912345678.0', '447912345678 decimal_tail country_added', 'GB'],
  ["'447912345678.0", '447912345678 apostrophe decimal_tail'],
  // It could be the number's last group.
  ['447912345678.000', 'decimal_number'],
  ['447912345678.5', 'too_long'],
]);

table('scientific notation', [
  ['4.47912345678E+11', '447912345678 scientific_notation'],
  ['4,47912345678E+11', '447912345678 scientific_notation'],
  ['4.47912345678e11', '447912345678 scientific_notation'],
  ['+4.47912345678E+11', '447912345678 scientific_notation', 'US'],
  ['4.479123456780000e+11', '447912345678 scientific_notation'],
  ['44.7912345678E10', '447912345678 scientific_notation'],
  ['7.912345678E+9', '447912345678 scientific_notation country_added', 'GB'],
  ['４.４７９１２３４５６７８E+11', '447912345678 digits scientific_notation'],
  ['4.47912E+11', 'scientific_notation'],
  ['4,47912E+11', 'scientific_notation', 'GB'],
  ['4E+11', 'scientific_notation'],
  ['4.47912345678123E+11', 'scientific_notation'],
  ['4.47912345678E-11', 'scientific_notation'],
]);

table('digits of other scripts', [
  ['٤٤٧٩١٢٣٤٥٦٧٨', '447912345678 digits'],
  ['+۹۸۹۱۲۳۴۵۶۷۸۹', '989123456789 digits'],
  ['＋４４ ７９１２ ３４５６７８', '447912345678 digits'],
  ['+९१ ९८७६५ ४३२१०', '919876543210 digits'],
  ['٠٥٠ ١٢٣ ٤٥٦٧', '971501234567 digits country_added', 'AE'],
  ['०९८७६५४३२१०', '919876543210 digits country_added', 'IN'],
]);

table('labels before a plus', [
  ['tel:+447912345678', '447912345678 label'],
  ['TEL:+1-202-555-0150', '12025550150 label'],
  ['p:+12025550150', '12025550150 label', 'GB'],
  ['whatsapp:+447912345678', '447912345678 label'],
  ['sms:+447912345678', '447912345678 label'],
  ['tel:+12025550150;ext=12', 'extension'],
  ['tel:07912345678;phone-context=+44', 'letters'],
  ['tel:07912345678', 'letters', 'GB'],
  ['fax:+447912345678', 'letters'],
]);

table('two numbers in a cell', [
  ...[' / ', '/', ', ', ',', '; ', ';', ' | ', '|', ' ::: ', '\n', ' or ', ' & ', ' ', ' - '].map(
    (each): Row => [`+447912345678${each}+447912345679`, 'several_numbers'],
  ),
  ['07912345678/07912345679', 'several_numbers', 'GB'],
  ['07912 345678, 07912 345679', 'several_numbers', 'GB'],
  ["'07912345678 07912345679", 'several_numbers', 'GB'],
]);

table('extensions', [
  ...[' ext. 12', ' ext 12', ' x12', 'x12', ' #12', ',,12#', ';ext=12', ' extension 12', ' доб. 12', ' anexo 12'].map(
    (each): Row => [`+12025550150${each}`, 'extension'],
  ),
  ...[' App. 12', '-Durchwahl 12', ' poste 12', ' ramal 12', ' interno 12', ' wew. 12', ' вн. 12', ' (tst 12)'].map(
    (each): Row => [`+4930123456${each}`, 'extension'],
  ),
  ['030 123456 App. 3', 'extension', 'DE'],
  ['(202) 555-0150 x12', 'extension', 'US'],
]);

table('what is no number, whatever the country', [
  ['', 'empty', 'GB'],
  [' \u200b', 'empty'],
  ['n/a', 'letters', 'GB'],
  ['1-800-FLOWERS', 'letters', 'US'],
  ['07912x345678', 'extension', 'GB'],
  ['079*12345678', 'stray_characters', 'GB'],
  ['+07912345678', 'unknown_calling_code', 'GB'],
  ['+9991234567', 'unknown_calling_code'],
  ['+1202555', 'too_short'],
  ['+120255501501', 'too_long'],
  ['+15551234567', 'not_in_plan'],
  ['9'.repeat(60), 'too_long_text'],
  [`'${' '.repeat(100_000)}x`, 'too_long_text', 'GB'],
  // That the country was said already, no message may ask for it.
  ['07912', 'too_short', 'GB'],
  ['079123456789', 'too_long', 'GB'],
  ['0791234567', 'not_in_plan', 'GB'],
  ['07912345678', 'no_country_code'],
  ['7912345678', 'lost_prefix'],
  ['7912 345 678', 'lost_prefix'],
  ['151 12345678', 'lost_prefix'],
  ['7912345678', '447912345678 country_added', 'GB'],
  ['+7912345678', 'too_short'],
  // A date has as many digits as some numbers, and none of those that were lost.
  ['2026-03-01', 'too_short'],
]);

table('kept as text by a formula', [
  ['="+447912345678"', '447912345678 text_formula'],
  ['="447912345678"', '447912345678 text_formula'],
  [' = "07912 345678" ', '447912345678 text_formula country_added', 'GB'],
  ['="hello"', 'letters'],
  ['="+44"&"7912345678"', 'stray_characters'],
]);

table('as dialled inside a country', [
  ['0151 12345678', '4915112345678 country_added', 'DE'],
  ['(030) 123 456', '4930123456 country_added', 'DE'],
  ['06 12 34 56 78', '33612345678 country_added', 'FR'],
  ['07912 345678', '447912345678 country_added', 'GB'],
  ['(0)7912 345678', '447912345678 country_added', 'GB'],
  // Italy keeps the zero of its landlines, and has none before mobile numbers.
  ['06 6982 1234', '390669821234 country_added', 'IT'],
  ['6 6982 1234', 'too_short', 'IT'],
  ['312 345 6789', '393123456789 country_added', 'IT'],
  ['612 34 56 78', '34612345678 country_added', 'ES'],
  ['06 12345678', '31612345678 country_added', 'NL'],
  ['512 345 678', '48512345678 country_added', 'PL'],
  ['077 123456', '37477123456 country_added', 'AM'],
  ['8 (912) 345-67-89', '79123456789 country_added', 'RU'],
  ['8 912 345 67 89', '79123456789 country_added', 'RU'],
  ['9123456789', '79123456789 country_added', 'RU'],
  ['(11) 96123-4567', '5511961234567 country_added', 'BR'],
  ['011 96123-4567', '5511961234567 country_added', 'BR'],
  ['098765 43210', '919876543210 country_added', 'IN'],
  ['98765 43210', '919876543210 country_added', 'IN'],
  ['(202) 555-0150', '12025550150 country_added', 'US'],
  ['1-202-555-0150', '12025550150', 'US'],
  ['55 1234 5678', '525512345678 country_added', 'MX'],
  ['050 123 4567', '971501234567 country_added', 'AE'],
  ['071 123 4567', '27711234567 country_added', 'ZA'],
  ['090-1234-5678', '819012345678 country_added', 'JP'],
  ['138 1234 5678', '8613812345678 country_added', 'CN'],
  ['0412 345 678', '61412345678 country_added', 'AU'],
  ['011 15-2345-6789', '5491123456789 country_added', 'AR'],
  ['06 20 123 4567', '36201234567 country_added', 'HU'],
]);

table('dialled out of a country', [
  ['011 44 7912 345678', '447912345678 exit_code', 'US'],
  ['011 44 7912 345678', 'no_country_code'],
  ['010 44 7912 345678', '447912345678 exit_code', 'JP'],
  ['0011 44 7912 345678', '447912345678 exit_code', 'AU'],
  ['8 10 44 7912 345678', '447912345678 exit_code', 'RU'],
  ['011 44 7912', 'too_short', 'US'],
  // 00 is understood everywhere.
  ['00 44 7912 345678', '447912345678', 'US'],
  ['00 44 7912 345678', '447912345678', 'BR'],
  ['00 44 7912 345678', '447912345678', 'KR'],
  // Out of Korea 001 leads abroad: to Egypt. Elsewhere 00 does: to the US.
  ['0012025550150', '12025550150', 'GB'],
  ['001 44 7912 345678', '447912345678 exit_code', 'KR'],
]);

table('two readings: none is certain, unless it is written in the groups of one', [
  ['3235550150', 'ambiguous_country', 'US'],
  ['(323) 555-0150', '13235550150 country_added', 'US'],
  ['323-555-0150', '13235550150 country_added', 'US'],
  ['32 3 555 01 50', '3235550150', 'US'],
  ['32 35550150', 'ambiguous_country', 'US'],
  ['15123456789', 'ambiguous_country', 'DE'],
  ['1512 3456789', '4915123456789 country_added', 'DE'],
  ['1 512 345 6789', '15123456789', 'DE'],
  ['01512 3456789', '4915123456789 country_added', 'DE'],
  ['(670) 234-5678', 'ambiguous_country', 'MP'],
  ['84951234567', 'ambiguous_country', 'RU'],
  ['8 (495) 123-45-67', '74951234567 country_added', 'RU'],
  // The country's own calling code is beyond doubt.
  ['4930123456', '4930123456', 'DE'],
]);

it('every mend and every reason is in the tables, and every reason has its words', () => {
  const mends: Record<Mend, true> = {
    apostrophe: true,
    label: true,
    digits: true,
    decimal_tail: true,
    scientific_notation: true,
    exit_code: true,
    text_formula: true,
    country_added: true,
  };
  const reasons: Record<FileNumberReason, true> = {
    empty: true,
    too_long_text: true,
    scientific_notation: true,
    decimal_number: true,
    several_numbers: true,
    extension: true,
    letters: true,
    stray_characters: true,
    no_country_code: true,
    unknown_calling_code: true,
    too_short: true,
    too_long: true,
    not_in_plan: true,
    ambiguous_country: true,
    lost_prefix: true,
  };
  const words = [...seenMends].filter((word) => !/^\d/.test(word));
  assert.deepEqual(words.sort(), Object.keys(mends).sort());
  assert.deepEqual([...seenReasons].sort(), Object.keys(reasons).sort());
  for (const reason of Object.keys(reasons)) assert.match(numberReasonText(reason as FileNumberReason), /^[A-Z].{10,}/);
});

it('a country is two letters in any case', () => {
  assert.deepEqual([' gb ', 'De', 'XX', 'GBR', '', '44', '__proto__'].map(readCountry), [
    'GB',
    'DE',
    ...Array(5).fill(undefined),
  ]);
});

describe('numbers of every country', () => {
  const COUNTRIES = getCountries(metadata).filter((country) => examples[country] !== undefined);

  /** A mobile number of a country: the library's example with other last digits, where that is one. */
  const phones = fc
    .tuple(fc.constantFrom(...COUNTRIES), fc.integer({ min: 0, max: 9999 }))
    .map(([country, end]) => {
      const number = `+${getCountryCallingCode(country, metadata)}${String(examples[country]).slice(0, -4)}`;
      const phone = parsePhoneNumberFromString(number + String(end).padStart(4, '0'), metadata);
      return { country, phone: phone as PhoneNumber };
    })
    .filter(({ phone }) => phone?.isValid() && parseNumber(phone.number) === phone.number.slice(1));
  const check = (property: fc.IProperty<[{ country: CountryCode; phone: PhoneNumber }]>) =>
    fc.assert(property, { seed: SEED, numRuns: 3000 });

  it('are many', () => assert.ok(COUNTRIES.length > 200));

  for (const country of COUNTRIES) {
    it(`${country}: its example as it is written there`, () => {
      const example = parsePhoneNumberFromString(examples[country]!, { defaultCountry: country }, metadata)!;
      // Saipan's (670) 234-5678 is written as a number of Timor-Leste would be.
      const expected = country === 'MP' ? 'ambiguous_country' : example.number.slice(1);
      assert.equal(mend(example.formatNational(), country).split(' ')[0], expected);
    });
  }

  it('as written there: the number, or refused as ambiguous', () => {
    check(
      fc.property(phones, ({ country, phone }) => {
        const found = mend(phone.formatNational(), country).split(' ')[0];
        assert.ok(
          found === phone.number.slice(1) || found === 'ambiguous_country',
          `${country} ${phone.number} ${found}`,
        );
      }),
    );
  });

  it('without the zero or anything else before them: the number, or refused; never another one', () => {
    check(
      fc.property(phones, ({ country, phone }) => {
        const found = mend(phone.nationalNumber, country).split(' ')[0]!;
        assert.ok(found === phone.number.slice(1) || !/^\d/.test(found), `${country} ${phone.number} ${found}`);
      }),
    );
  });

  it('with their calling code, with a plus or without: the number, whatever damage is added', () => {
    const damages: ((text: string) => string)[] = [
      (text) => text,
      (text) => `'${text}`,
      (text) => `\u202a${text}\u202c`,
      (text) => text.replaceAll(' ', '\u00a0'),
      (text) => text.replace(/\d/g, (digit) => String.fromCodePoint(0x660 + Number(digit))),
      (text) => `${text.replaceAll(/[^+\d]/g, '')}.0`,
    ];
    check(
      fc.property(phones, ({ country, phone }) => {
        const number = phone.number.slice(1);
        for (const damage of damages) {
          for (const text of [phone.number, phone.formatInternational()]) {
            assert.equal(mend(damage(text), country).split(' ')[0], number);
            assert.equal(mend(damage(text.slice(1)), country).split(' ')[0], number);
            assert.equal(mend(damage(text.slice(1))).split(' ')[0], number);
          }
        }
        // With every digit and with one digit less.
        const whole = `${number[0]}.${number.slice(1)}E+${number.length - 1}`;
        assert.equal(mend(whole, country), `${number} scientific_notation`);
        assert.equal(mend(whole.replace(/\dE/, 'E'), country), 'scientific_notation');
      }),
    );
  });

  it('mended twice they are as mended once', () => {
    const cells = fc.oneof(
      fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: 5, maxLength: 15 }),
      fc.string({ unit: fc.constantFrom(...'0123456789+-() .'), maxLength: 20 }),
      phones.map(({ phone }) => phone.formatNational()),
    );
    const countries = fc.option(fc.constantFrom(...COUNTRIES), { nil: undefined });
    fc.assert(
      fc.property(cells, countries, fc.constantFrom('valid' as const, 'possible' as const), (cell, country, rule) => {
        const once = mendNumber(cell, { rule, country });
        if (!('number' in once)) return;
        assert.equal(parseNumber(once.number, rule), once.number);
        assert.deepEqual(mendNumber(`+${once.number}`, { rule, country }), { number: once.number });
      }),
      { seed: SEED, numRuns: 5000 },
    );
  });

  it('the quick way to a national number leads where the library does', () => {
    const digits = fc.oneof(
      fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: 4, maxLength: 14 }),
      phones.map(({ phone }) => phone.formatNational().replace(/\D/g, '')),
      phones.map(({ phone }) => phone.nationalNumber as string),
      phones.map(({ phone }) => phone.number.slice(1)),
    );
    const rules = fc.constantFrom('valid' as const, 'possible' as const);
    fc.assert(
      fc.property(digits, fc.constantFrom(...COUNTRIES), rules, (text, country, rule) => {
        // What leads out of the country, the library takes for nothing else; here it is one of several readings.
        const plan = new Metadata(metadata);
        plan.selectNumberingPlan(country);
        if (new RegExp(`^(?:${plan.numberingPlan!.IDDPrefix()})`).test(text)) return;
        const quick = readNational(text, country, rule);
        const library = parseWithLibrary(text, country, rule);
        assert.equal(quick, library, `${text} in ${country} (${rule})`);
      }),
      { seed: SEED, numRuns: 20_000 },
    );
  });
});
