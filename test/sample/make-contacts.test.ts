import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { parsePhoneNumberFromString } from 'libphonenumber-js/max';
import {
  type Expected,
  type SampleContact,
  type SampleOptions,
  sampleContacts,
  sampleFile,
} from '../../sample/make-contacts.ts';
import { NAMES } from '../../sample/names.ts';
import { SAMPLE_PLANS } from '../../sample/number-plans.ts';
import { readContact } from '../../src/core/contact-fields.ts';
import type { Problem } from '../../src/core/errors.ts';
import { readContactFile } from '../../src/files/read.ts';
import { judge } from './judge.ts';

function make(options: SampleOptions): { text: string; expected: Expected } {
  const file = sampleFile(options);
  let text = '';
  let piece = file.next();
  for (; !piece.done; piece = file.next()) text += piece.value;
  return { text, expected: piece.value };
}

function take(seed: number, count: number): SampleContact[] {
  return sampleContacts(seed).take(count).toArray();
}

describe('number plans', () => {
  test('there are forty countries and more, as different as a real business has them', () => {
    assert.ok(new Set(SAMPLE_PLANS.map(({ country }) => country)).size >= 40);
    const weights = SAMPLE_PLANS.map(({ weight }) => weight);
    assert.ok(Math.max(...weights) > 20 * Math.min(...weights));
  });

  for (const { country, callingCode, prefixes, digits, people } of SAMPLE_PLANS) {
    test(`every number of ${country} is valid there`, () => {
      for (const prefix of prefixes) {
        // Every pair of digits behind the prefix, because plans are cut there; then low and high endings.
        for (let pair = 0; pair < 100; pair += prefixes.length > 20 ? 7 : 1) {
          const ending = String(pair)
            .padStart(2, '0')
            .padEnd(digits, pair % 2 === 0 ? '0' : '9');
          const number = `+${callingCode}${prefix}${ending}`;
          const phone = parsePhoneNumberFromString(number, { extract: false });
          assert.deepEqual([phone?.number, phone?.isValid(), phone?.country], [number, true, country]);
        }
      }
      for (const name of people) assert.ok(NAMES[name], name);
    });
  }
});

describe('names', () => {
  const all = Object.values(NAMES).flatMap(({ men, women, families }) => [...men, ...women, ...families.flat()]);

  test('each fits its field, and a line of a plain table, as it is', () => {
    for (const name of all) {
      assert.match(name, /^[\p{L}\p{M}][\p{L}\p{M} .'’-]{0,31}$/u);
      assert.equal(name, name.normalize('NFC'));
    }
  });

  test('they are written in the scripts of the world', () => {
    const scripts =
      'Latin Cyrillic Greek Armenian Georgian Arabic Hebrew Devanagari Han Hiragana Katakana Hangul Thai'.split(' ');
    for (const script of scripts)
      assert.ok(
        all.some((name) => new RegExp(`^\\p{Script=${script}}`, 'u').test(name)),
        script,
      );
  });
});

describe('contacts', () => {
  const contacts = take(1, 100_000);

  test('are the same for the same seed, and others for another', () => {
    assert.deepEqual(take(1, 500), contacts.slice(0, 500));
    assert.notDeepEqual(take(2, 500), contacts.slice(0, 500));
  });

  test('have each a number of its own', () => {
    assert.equal(new Set(contacts.map(({ number }) => number)).size, contacts.length);
  });

  test('are as Muster would store them', () => {
    for (const contact of contacts.slice(0, 20_000)) {
      const problems: Problem[] = [];
      const read = readContact(contact, 'data', true, 'valid', problems);
      assert.deepEqual(problems, []);
      assert.deepEqual(read, { ...contact, number: contact.number.slice(1) });
    }
  });

  test('come from the countries as their weights say', () => {
    const american = contacts.filter(({ number }) => /^\+1/.test(number)).length / contacts.length;
    const total = SAMPLE_PLANS.reduce((sum, { weight }) => sum + weight, 0);
    const weight = SAMPLE_PLANS.filter((plan) => plan.callingCode === '1').reduce((sum, plan) => sum + plan.weight, 0);
    assert.ok(Math.abs(american - weight / total) < 0.01);
  });
});

/** What Muster itself makes of a file, empty audience before. */
async function importFile(text: string, format: SampleOptions['format']): Promise<Expected & { numbers: Set<string> }> {
  const counts = {
    rows: 0,
    created: 0,
    duplicates: 0,
    refused: {} as Record<string, number>,
    numbers: new Set<string>(),
  };
  async function* bytes() {
    const all = Buffer.from(text);
    for (let at = 0; at < all.length; at += 10_007) yield all.subarray(at, at + 10_007);
  }
  for await (const { rows = [] } of readContactFile(bytes(), { format })) {
    for (const { contact, fault } of rows) {
      counts.rows++;
      const problems: Problem[] = [];
      const number = contact && `+${readContact(contact, 'data', true, 'valid', problems).number}`;
      for (const { code } of fault ? [fault] : problems) counts.refused[code] = (counts.refused[code] ?? 0) + 1;
      if (number === undefined || problems.length > 0) continue;
      if (counts.numbers.has(number)) counts.duplicates++;
      else counts.created++;
      counts.numbers.add(number);
    }
  }
  return counts;
}

describe('files: the counts printed are those of an independent judge, and of an import', () => {
  const files: SampleOptions[] = [
    ...(['csv', 'tsv', 'ndjson'] as const).map((format) => ({ rows: 1000, format })),
    ...[1, 2, 3, 4, 5, 6, 7].map((seed) => ({ rows: 2000, messy: true, seed })),
    ...[6, 7].map((seed) => ({ rows: 1000, messy: true, seed, format: 'tsv' as const })),
    { rows: 2000, messy: true, format: 'ndjson' },
    { rows: 0 },
    { rows: 1, messy: true },
  ];
  for (const options of files) {
    test(JSON.stringify(options), async () => {
      const { text, expected } = make(options);
      assert.equal(expected.rows, options.rows);
      assert.equal(make(options).text, text, 'the same bytes again');
      const { numbers, ...judged } = judge(text, options.format ?? 'csv');
      assert.deepEqual(judged, expected);
      const { numbers: imported, ...counts } = await importFile(text, options.format);
      assert.deepEqual(counts, expected);
      assert.deepEqual(imported, numbers);
    });
  }

  test('seeds give different messy files, plain files hold the contacts of their seed', () => {
    assert.notEqual(make({ rows: 10, messy: true, seed: 1 }).text, make({ rows: 10, messy: true, seed: 8 }).text);
    const lines = make({ rows: 50, seed: 9, format: 'ndjson' }).text.trim().split('\n');
    assert.deepEqual(
      lines.map((line) => JSON.parse(line)),
      take(9, 50),
    );
    const cells = make({ rows: 50, seed: 9 }).text.trim().split('\n').slice(1);
    assert.deepEqual(
      cells.map((line) => line.split(',')),
      take(9, 50).map((each) => [
        each.number,
        each.first_name,
        each.last_name ?? '',
        each.timestamp ?? '',
        each.date ?? '',
        each.tags.join(';'),
      ]),
    );
  });
});

describe('messy files hold what people really upload', () => {
  const texts = [1, 2, 3, 4, 5, 6, 7].map((seed) => make({ rows: 3000, messy: true, seed }).text);
  const all = texts.join('');
  const ndjson = make({ rows: 3000, messy: true, format: 'ndjson' });

  test('every refusal', () => {
    const refused = new Set(
      [1, 2].flatMap((seed) => Object.keys(make({ rows: 3000, messy: true, seed }).expected.refused)),
    );
    assert.deepEqual([...refused].sort(), ['1353', '1354', '1355', '1359', '1361', '1362', '1363', '1364', '9013']);
    for (const code of ['1005', '9013']) assert.ok((ndjson.expected.refused[code] ?? 0) > 0, code);
  });

  const shapes: [what: string, pattern: RegExp][] = [
    ['CRLF', /\r\n/],
    ['LF alone', /[^\r]\n/],
    ['semicolons', /^\uFEFF?Nachname;Vorname;/m],
    ['a quoted separator', /"Acme, Inc\."/],
    ['a quote inside quotes', /"O’Neill ""Premium"" Ltd"/],
    ['a line break inside quotes', /,"[^",\r\n]+\r?\n[^",\r\n]+"/],
    ['a blank line', /\r\n\r\n/],
    ['a line of separators', /\r\n;+\r\n/],
    ['spaces around a number', /, \+\d+ {2},/],
    ['00 before the calling code', /[,;]00\d{9,}[,;]/],
    ['bare digits', /[,;][1-9]\d{9,}[,;]/],
    ['brackets and dashes', /\+1 \(\d{3}\) \d{3}-\d{4}/],
    ['a national zero in brackets', /\+44 \(0\)7/],
    ['full-width digits', /＋[０-９]{9,}/],
    ['Arabic digits', /\+[٠-٩]{9,}/],
    ['signs for the direction of writing', /\u202A\+\d+\u202C/],
    ['scientific notation', /4\.47912E\+11/],
    ['an extension', /\+\d+ ext\. 12/],
    ['two numbers in a cell', /\+\d+ \/ \+\d+/],
    ['a line for the separator', /^\uFEFFsep=;\r\n/m],
    ['a title', /Клиенты магазина 12\r\n\r\n/],
    ['a surplus cell', /,Inc\.\r?\n/],
  ];
  for (const [what, pattern] of shapes) test(what, () => assert.match(all, pattern));

  test('a byte order mark in some and not in others', () => {
    const marked = texts.filter((text) => text.startsWith('\uFEFF')).length;
    assert.ok(marked > 0 && marked < texts.length);
  });
});

test('memory does not grow with the rows', () => {
  setFlagsFromString('--expose-gc');
  const collect: () => void = runInNewContext('gc');
  for (const messy of [false, true]) {
    const file = sampleFile({ rows: Number.MAX_SAFE_INTEGER, messy });
    const heapAfter = (characters: number) => {
      for (let taken = 0; taken < characters; ) taken += (file.next().value as string).length;
      collect();
      return process.memoryUsage().heapUsed;
    };
    const early = heapAfter(1_000_000);
    const late = heapAfter(15_000_000);
    assert.ok(late - early < 2_000_000, `${messy ? 'messy' : 'plain'}: ${late - early} bytes more`);
  }
});
