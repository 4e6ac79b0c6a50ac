import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it, type TestContext } from 'node:test';
import fc from 'fast-check';
import { parsePhoneNumberFromString } from 'libphonenumber-js/core';
import metadata from 'libphonenumber-js/max/metadata';
import {
  foldDigits,
  MAX_NUMBER_LENGTH,
  type NumberFault,
  type NumberReason,
  parseNumber,
} from '../../src/core/number.ts';
import { isPlainNumber, type NumberRule } from '../../src/core/number-plans.ts';

const SEED = 20260301;
const RULES: NumberRule[] = ['valid', 'possible'];

/** The type asks for every reason here, and a test below for every one of these in the fixtures. */
const CODE_OF: Record<NumberReason, NumberFault['code']> = {
  empty: 1353,
  too_long_text: 1355,
  scientific_notation: 1354,
  decimal_number: 1354,
  several_numbers: 1354,
  extension: 1354,
  letters: 1354,
  stray_characters: 1354,
  no_country_code: 1354,
  unknown_calling_code: 1354,
  too_short: 1354,
  too_long: 1354,
  not_in_plan: 1354,
};

/** The lines of a fixture: the spelling, then as many words as asked for, then what the line is about. */
function readLines(file: string, words: number): { spelling: string; expected: string[]; about: string }[] {
  const line = new RegExp(`^("(?:[^"\\\\]|\\\\.)*")${'\\s+(\\S+)'.repeat(words)}\\s+(\\S.*)$`);
  return readFileSync(new URL(`../fixtures/${file}`, import.meta.url), 'utf8')
    .split('\n')
    .filter((text) => text !== '' && !text.startsWith('#'))
    .map((text) => {
      const found = line.exec(text);
      assert.ok(found, `not a line of ${file}: ${text}`);
      return { spelling: JSON.parse(found[1]!), expected: found.slice(2, -1), about: found.at(-1)! };
    });
}

const VALID = readLines('numbers-valid.txt', 1);
const INVALID = readLines('numbers-invalid.txt', 2);

describe('spellings that are accepted', () => {
  for (const { spelling, expected, about } of VALID) {
    it(`${about}: ${JSON.stringify(spelling)}`, () => assert.equal(parseNumber(spelling), expected[0]));
  }
});

describe('spellings that are refused', () => {
  for (const { spelling, expected, about } of INVALID) {
    const [code, reason] = expected;
    it(`${reason}, ${about}: ${JSON.stringify(spelling)}`, () =>
      assert.deepEqual(parseNumber(spelling), { code: Number(code), reason }));
  }

  it('are in the fixtures for every reason, with its code', () => {
    const seen = new Map(INVALID.map(({ expected: [code, reason] }) => [reason!, Number(code)]));
    assert.deepEqual(Object.fromEntries([...seen].sort()), Object.fromEntries(Object.entries(CODE_OF).sort()));
  });
});

describe('length of the text', () => {
  const fill = (count: number, character = ' ') => `+44${character.repeat(count - 13)}7912345678`;

  it('is 45 characters at most', () => {
    assert.equal(parseNumber(fill(MAX_NUMBER_LENGTH)), '447912345678');
    assert.deepEqual(parseNumber(fill(MAX_NUMBER_LENGTH + 1)), { code: 1355, reason: 'too_long_text' });
  });

  it('is that of the trimmed text', () => {
    assert.equal(parseNumber(`${' '.repeat(50)}${fill(MAX_NUMBER_LENGTH)}${'\n'.repeat(50)}`), '447912345678');
  });

  it('is counted in code points', () => {
    const bold = String.fromCodePoint(...[...'447912345678'].map((digit) => 0x1d7ce + Number(digit)));
    assert.equal(parseNumber(`${bold.slice(0, 4)}${' '.repeat(33)}${bold.slice(4)}`), '447912345678');
    assert.equal((parseNumber(`${bold.slice(0, 4)}${' '.repeat(34)}${bold.slice(4)}`) as NumberFault).code, 1355);
  });

  it('does not matter when nothing of it is seen', () => {
    assert.deepEqual(parseNumber('\u200b'.repeat(1000)), { code: 1353, reason: 'empty' });
  });
});

describe('rules', () => {
  it('"valid" is the rule when none is given', () => {
    assert.deepEqual(parseNumber('+15551234567'), { code: 1354, reason: 'not_in_plan' });
    assert.equal(parseNumber('+15551234567', 'possible'), '15551234567');
  });

  it('"valid" asks for the plan as a whole beside the kind of number', () => {
    // Of the form of an Austrian landline, which the plan as a whole does not have.
    assert.equal(library('4343510000', 'valid'), undefined);
    assert.equal(isPlainNumber('4343510000', 'valid'), false);
  });

  it('"possible" still refuses what has no length of its plan', () => {
    assert.deepEqual(parseNumber('+1555123456', 'possible'), { code: 1354, reason: 'too_short' });
    assert.deepEqual(parseNumber('+155512345678', 'possible'), { code: 1354, reason: 'too_long' });
    // Britain's numbers have 7, 9 or 10 digits.
    assert.deepEqual(parseNumber('+4479123456', 'possible'), { code: 1354, reason: 'not_in_plan' });
  });

  it('"possible" goes by the first country of a shared calling code when none claims the number', () => {
    assert.equal(library('441234567', 'possible'), '441234567');
    assert.ok(isPlainNumber('441234567', 'possible'));
  });

  it('"possible" drops prefixes until nothing is left to drop', () => {
    assert.equal(library('972003655995', 'possible'), '97203655995');
    assert.equal(parseNumber('+972003655995', 'possible'), '9723655995');
  });
});

describe('digits of every script', () => {
  // What the platform writes numbers with, as an opinion on Unicode that is not ours.
  const systems = Intl.supportedValuesOf('numberingSystem')
    .map((system) => {
      const format = new Intl.NumberFormat(`en-u-nu-${system}`, { useGrouping: false });
      return { system, digits: [...'0123456789'].map((digit) => format.format(Number(digit))) };
    })
    .filter(({ digits }) => digits.every((digit) => /^\p{Nd}$/u.test(digit)));

  it('are many', () => assert.ok(systems.length > 50, `${systems.length} numbering systems`));

  for (const { system, digits } of systems) {
    it(system, () => {
      assert.equal(foldDigits(digits.join('')), '0123456789');
      const spelling = [...'12025550150'].map((digit) => digits[Number(digit)]).join('');
      assert.equal(parseNumber(`+${spelling}`), '12025550150');
      assert.equal(parseNumber(spelling), '12025550150');
    });
  }
});

type PackedPlan = [string, unknown, string, number[], unknown, string | 0, unknown, string | 0, ...unknown[]];

const packed = metadata as unknown as {
  version: number;
  country_calling_codes: Record<string, string[]>;
  countries: Record<string, PackedPlan>;
  nonGeographic: Record<string, PackedPlan>;
};

/** The plans of every calling code in the metadata. */
const PLANS: [code: string, plans: PackedPlan[]][] = [
  ...Object.entries(packed.country_calling_codes).map(([code, countries]): [string, PackedPlan[]] => [
    code,
    countries.map((country) => packed.countries[country]!),
  ]),
  ...Object.entries(packed.nonGeographic).map(([code, plan]): [string, PackedPlan[]] => [code, [plan]]),
];

/** What libphonenumber alone says: the digits it returns, if they are a number. */
function library(digits: string, rule: NumberRule): string | undefined {
  const phone = parsePhoneNumberFromString(`+${digits}`, metadata);
  if (phone === undefined) return undefined;
  return (rule === 'valid' ? phone.isValid() : phone.isPossible()) ? phone.number.slice(1) : undefined;
}

/** What libphonenumber says once it is asked about its own result until that stays the same. */
function settled(digits: string, rule: NumberRule): string | undefined {
  const verdict = library(digits, rule);
  return verdict === undefined || verdict === digits ? verdict : settled(verdict, rule);
}

const DIGIT = fc.constantFrom(...'0123456789');

/** National numbers that are in the plans: of each kind of number of each country. */
function inPlan(plans: PackedPlan[]): fc.Arbitrary<string> {
  const patterns = plans.flatMap((plan) => {
    const types = (plan[11] || []) as ([string] | 0)[];
    return [plan[2], ...types.flatMap((type) => (type && type[0] !== '' ? [type[0]] : []))];
  });
  return fc.oneof(...[...new Set(patterns)].map((pattern) => fc.stringMatching(new RegExp(`^(?:${pattern})$`))));
}

/** National numbers that are in the plans, nearly so, with what is dialled before them, and of no form at all. */
function nearPlan(plans: PackedPlan[]): fc.Arbitrary<string> {
  const good = inPlan(plans);
  const prefixes = plans.flatMap((plan) => [plan[5], plan[7]]).filter((prefix) => typeof prefix === 'string');
  const prefix = fc.oneof(
    fc.constantFrom('0', '1', '8', '00', '01', '80', '06', '9', '15', '90', '015', '1801', '180020'),
    ...prefixes.map((pattern) => fc.stringMatching(new RegExp(`^(?:${pattern.replaceAll('$', '')})$`))),
  );
  const length = fc.constantFrom(...plans.flatMap((plan) => plan[3]));
  return fc.oneof(
    { weight: 4, arbitrary: good },
    { weight: 3, arbitrary: fc.tuple(prefix, good).map((parts) => parts.join('')) },
    { weight: 1, arbitrary: fc.tuple(prefix, prefix, good).map((parts) => parts.join('')) },
    {
      weight: 3,
      arbitrary: fc.tuple(good, fc.nat(16), DIGIT).map(([number, at, digit]) => {
        const place = at % number.length;
        return number.slice(0, place) + digit + number.slice(place + 1);
      }),
    },
    { weight: 1, arbitrary: fc.tuple(good, DIGIT).map((parts) => parts.join('')) },
    { weight: 1, arbitrary: good.map((number) => number.slice(0, -1)) },
    {
      weight: 2,
      arbitrary: length.chain((count) => fc.string({ unit: DIGIT, minLength: count, maxLength: count })),
    },
    { weight: 1, arbitrary: fc.string({ unit: DIGIT, maxLength: 18 }) },
  );
}

const NEAR = PLANS.map(([code, plans]) => ({ code, number: nearPlan(plans).map((national) => code + national) }));

const ANY_NUMBER = fc.oneof(...NEAR.map(({ number }) => number));

const GOOD_NUMBER = fc
  .oneof(...PLANS.map(([code, plans]) => inPlan(plans).map((national) => code + national)))
  .map((digits) => parseNumber(`+${digits}`))
  .filter((number) => typeof number === 'string');

function check<T>(
  context: TestContext,
  numRuns: number,
  arbitrary: fc.Arbitrary<T>,
  property: (value: T) => void,
): void {
  context.diagnostic(`seed ${SEED}, ${numRuns} runs`);
  fc.assert(fc.property(arbitrary, property), { seed: SEED, numRuns });
}

describe('against libphonenumber', () => {
  it('reads metadata of the form that the fast path is written for', () => {
    assert.equal(packed.version, 4);
    const codes = PLANS.map(([code]) => code);
    for (const [code, plans] of PLANS) {
      assert.match(code, /^[1-9][0-9]{0,2}$/);
      assert.deepEqual(
        codes.filter((other) => other.startsWith(code)),
        [code],
        'no code begins another one',
      );
      for (const plan of plans) {
        const lengths = plan[3];
        assert.ok(lengths.length > 0 && Math.min(...lengths) >= 2 && Math.max(...lengths) <= 17);
        assert.deepEqual(
          lengths,
          [...new Set(lengths)].sort((a, b) => a - b),
        );
        // A row longer than the library's ten kinds of number would be read here and not there.
        const types = plan[11] as ([string] | 0)[];
        assert.ok(types.length > 0 && types.length <= 10, `kinds of number of +${code}`);
        for (const type of types)
          assert.doesNotMatch(type ? type[0] : '', /\\[1-9k]|\(\?<[^=!]/, 'a reference to a group');
      }
    }
  });

  it('gives its verdict for numbers of every calling code, mostly without asking', (context) => {
    const runs = 100;
    context.diagnostic(`seed ${SEED}, ${runs} numbers of each of ${NEAR.length} calling codes`);
    let unchanged = 0;
    let plain = 0;
    for (const { code, number } of NEAR) {
      let plainHere = 0;
      const property = fc.property(number, (digits) => {
        for (const rule of RULES) {
          const verdict = library(digits, rule);
          const isPlain = isPlainNumber(digits, rule);
          if (isPlain) assert.equal(verdict, digits, `${digits} is plain under "${rule}"`);
          if (verdict === digits) unchanged++;
          if (isPlain) plainHere++;
          checkAgainst(settled(digits, rule), digits, rule);
        }
      });
      fc.assert(property, { seed: SEED, numRuns: runs });
      assert.ok(plainHere > 0, `no number of +${code} is recognised without the library`);
      plain += plainHere;
    }
    context.diagnostic(`${plain} of ${unchanged} numbers that need no change are recognised without the library`);
    assert.ok(unchanged > NEAR.length * runs * 0.5, 'too few of the numbers are numbers to compare anything');
    assert.ok(plain > unchanged * 0.95, 'the library is asked too often');
  });

  it('gives its verdict for digits of no form', (context) => {
    check(context, 5000, fc.string({ unit: DIGIT, minLength: 1, maxLength: 20 }), (digits) => {
      for (const rule of RULES) checkAgainst(settled(digits, rule), digits, rule);
    });
  });

  function checkAgainst(verdict: string | undefined, digits: string, rule: NumberRule): void {
    const answer = parseNumber(`+${digits}`, rule);
    if (verdict === undefined) assert.equal(typeof answer, 'object', `${digits} is no number under "${rule}"`);
    else if (verdict.length <= 15) assert.equal(answer, verdict, `${digits} under "${rule}"`);
    else assert.deepEqual(answer, { code: 1354, reason: 'too_long' });
  }
});

describe('whatever is given', () => {
  it('a result parsed again is the same result', (context) => {
    check(context, 10_000, ANY_NUMBER, (digits) => {
      for (const rule of RULES) {
        const number = parseNumber(`+${digits}`, rule);
        if (typeof number !== 'string') continue;
        assert.match(number, /^[1-9][0-9]{4,14}$/);
        for (const lead of ['', '+', '00']) assert.equal(parseNumber(lead + number, rule), number);
      }
    });
  });

  it('a number is the same however it is decorated', (context) => {
    check(context, 10_000, fc.tuple(GOOD_NUMBER, DECORATION), ([number, decoration]) => {
      const spelling = decorate(number, decoration);
      // Alone among dots, one with zeros behind it and nothing else could be a decimal point, and is refused as such.
      const isDecimal = /^[+＋]?\d+\.0+$/.test(foldDigits(spelling.replace(/\p{Cf}/gu, '')).trim());
      fc.pre([...spelling.trim()].length <= MAX_NUMBER_LENGTH && !isDecimal);
      assert.equal(parseNumber(spelling), number, JSON.stringify(spelling));
    });
  });

  it('a text gives digits or a fault with its own code, and never an error', (context) => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: fc.constantFrom(...'0123456789+-. ()[]/,;xeE#\u00a0\u200e\u0664\ud835') }),
    );
    check(context, 20_000, text, (given) => {
      const answer = parseNumber(given);
      if (typeof answer === 'string') assert.match(answer, /^[1-9][0-9]{4,14}$/);
      else assert.equal(answer.code, CODE_OF[answer.reason]);
    });
  });
});

interface Decoration {
  lead: string;
  /** What stands behind each digit. */
  gaps: string[];
  /** The zeros of the scripts that the digits are written in, in turn. */
  zeros: number[];
}

// biome-ignore format: signs and spaces in rows
const GAPS = [
  ' ', '\t', '\u00a0', '\u2009', '\u202f', '\u3000', '.', '/', '(', ')', '[', ']', '-', '\u2010', '\u2011', '\u2012', '\u2013',
  '\u2014', '\u2015', '\u2212', '\uff0d', '\u200b', '\u200e', '\u202c', '\u2069', '\ufeff', ') ', ' (', ' / ', ' - ',
];

const DECORATION: fc.Arbitrary<Decoration> = fc.record({
  lead: fc.constantFrom('', '+', '00', '＋', '(+', ' [ ( + ', '\u202a+', '\ufeff00', '-', '(', '0 0-', '(00)', '+ ('),
  gaps: fc.array(fc.oneof({ weight: 3, arbitrary: fc.constant('') }, fc.constantFrom(...GAPS)), { maxLength: 15 }),
  zeros: fc.array(fc.constantFrom(0x30, 0x660, 0x6f0, 0x966, 0x9e6, 0xe50, 0xff10, 0x1d7ce, 0x1d7d8), { minLength: 1 }),
});

function decorate(number: string, { lead, gaps, zeros }: Decoration): string {
  const digits = [...number].map((digit, i) => {
    return String.fromCodePoint(zeros[i % zeros.length]! + Number(digit)) + (gaps[i] ?? '');
  });
  return lead + digits.join('');
}
