/** What the console marks in a row is what the server found it by. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { needlesOf, spansInNumber, spansInText } from '../../console/src/pages/contacts/highlight.ts';
import { searchNeedles, searchText } from '../../src/core/search-text.ts';

const LETTERS = [...'aeinorst łøđðþßæœıħŋƒəςσΣÀéüñŁØ ИйёЁ αάΆ 张ア ١٢３ -'];
const word = fc.string({ unit: fc.constantFrom(...LETTERS), maxLength: 12 });

describe('what is marked', () => {
  it('is something whenever the server finds a name, and nothing when it does not', () => {
    fc.assert(
      fc.property(word, word, (name, search) => {
        const found = searchText({ number: '0', first_name: name, last_name: null });
        for (const needle of searchNeedles(search)) {
          if (/^ *\d/.test(needle)) continue;
          const isFound = found.includes(needle);
          const marked = spansInText(name, [needle.trim()]);
          assert.equal(marked.length > 0, isFound, JSON.stringify([name, needle]));
        }
      }),
      { numRuns: 3000 },
    );
  });

  it('is looked for by the same words', () => {
    fc.assert(
      fc.property(word, (search) => {
        assert.deepEqual(
          needlesOf(search),
          searchNeedles(search).map((needle) => needle.trim()),
        );
      }),
    );
  });

  it('of a number are its digits, however they are grouped', () => {
    const text = '+44 7912 345678';
    const marked = spansInNumber(text, needlesOf('79-12 34')).map(([start, end]) => text.slice(start, end));
    assert.deepEqual(marked, ['7912 34']);
    assert.deepEqual(spansInNumber(text, ['12']), []);
    assert.deepEqual(spansInNumber(text, ['44']), [[1, 3]]);
  });
});
