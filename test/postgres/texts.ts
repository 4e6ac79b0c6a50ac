/** Texts that stores may take differently: every kind of script, and whatever means something to one of their languages. */
import fc from 'fast-check';

const WORDS = [
  ...[
    'Anahit',
    'ana',
    'ANA',
    'Łukasz',
    'Søren',
    'Ærøskøbing',
    'Großmann',
    'GROẞE',
    'Straße',
    'Œuvre',
    'Þórður',
    'ﬁne',
    'ĳ',
  ],
  ...[
    'Işıl',
    'İnce',
    'ıI',
    'Nguyễn',
    'Thị Đào',
    'Zoë',
    'Zoe\u0308',
    'e\u0301\u0327',
    'A\u030aA\u030a',
    '\u0301',
    'n\u0303o',
  ],
  ...['Анна', 'Йозеф', 'Ёлка', 'Οδυσσέας', 'ΣΊΣΥΦΟΣ', 'σς', 'Անահիտ', 'եւ', 'և', 'გიორგი', 'ႠႡ'],
  ...['مُحَمَّد', 'محمد', 'علي\u200f', 'עִבְרִית', 'עברית', '\u202eabc\u202c', '\u2067שלום\u2069', 'پ\u200cه'],
  ...[
    '王小明',
    '小',
    '王 小',
    '김민준',
    '\u1100\u1161\u11a8',
    'ひらがな',
    'カタカナ',
    'ｶﾀｶﾅ',
    'ガ',
    'か\u3099',
    '𠮷野',
    '漢字',
  ],
  ...['राहुल', 'क्षत्रिय', 'ไทยกำ', 'ភាសា', 'አማርኛ', 'தமிழ்', 'ລາວ'],
  ...['Ｗｉｄｅ', '１２３', '١٢٣', '१२३', '²³', 'Ⅻ', '½', '①', '𝒜𝓷𝓪', '𝟙𝟚'],
  ...['😀', '👩‍👩‍👧', '🏳️‍🌈', '👍🏽', '🇦🇲', 'k😀k', '☃️', '©®™'],
  ...[
    'AND',
    'OR',
    'NOT',
    'NEAR(a b)',
    'a*',
    '^a',
    '"a b"',
    'number:1',
    'search : x',
    '{a}',
    '-a',
    '+a',
    'a AND',
    'rowid',
  ],
  ...[
    "O'Hara",
    "''",
    'O"Brien',
    '""',
    '\\',
    '\\\\',
    '\\%',
    '\\_',
    '100%',
    '%',
    '%%',
    '_',
    'a_b',
    '[a-z]',
    '?',
    '*',
    '.',
    '.*',
  ],
  ...[
    '; DROP TABLE contacts; --',
    '/* */',
    '$1',
    '$$',
    ':a',
    '@a',
    '?1',
    'E\\x41',
    '\\u0041',
    '\\n',
    '{}',
    '{"a":1}',
    'null',
    'NaN',
  ],
  ...[
    'a b',
    ' a',
    'a ',
    'a  b',
    'a\tb',
    'a\nb',
    'a\u00a0b',
    'a\u3000b',
    'a\u200bb',
    'a\u00adb',
    '\ufeffa',
    'a\u2028b',
    'a\u0001b',
    'a\u0000b',
  ],
  ...[
    '\ud83d',
    'a\udc00b',
    '\uffff',
    '\ufffe',
    '\ufffd',
    '\u{10ffff}',
    '\u{e0041}',
    '1202',
    '+1 (202) 555',
    '01',
    'x.y@example.com',
    '=1+1',
    '@x',
    '-1',
  ],
];

const piece = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...WORDS) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 5 }) },
  { weight: 1, arbitrary: fc.string({ unit: 'grapheme', maxLength: 5 }) },
);

/** Some of those, side by side or with something between them. */
export const anyText: fc.Arbitrary<string> = fc
  .array(fc.tuple(piece, fc.constantFrom('', '', ' ', '  ', '-', '%')), { minLength: 1, maxLength: 4 })
  .map((pieces) => pieces.flat().join(''));

/** A part of a text, as somebody types it who looks for it. */
export const partOf = (texts: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc
    .tuple(
      texts,
      fc.nat(20),
      fc.integer({ min: 1, max: 12 }),
      fc.constantFrom('as it is', 'upper', 'lower', 'NFD', 'NFKC'),
    )
    .map(([text, from, length, how]) => {
      const part = [...text]
        .slice(from % Math.max(1, [...text].length))
        .slice(0, length)
        .join('');
      if (how === 'upper') return part.toUpperCase();
      if (how === 'lower') return part.toLowerCase();
      return how === 'as it is' ? part : part.normalize(how);
    });
