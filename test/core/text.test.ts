import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readContact } from '../../src/core/contact-fields.ts';
import type { Problem } from '../../src/core/errors.ts';
import { cleanText, isLongerThan } from '../../src/core/text.ts';

test('text is trimmed and composed, also where its letters come in four parts each', () => {
  assert.equal(cleanText(' e\u0301 ', 1), 'é');
  const composed = '\u1f82'.repeat(32);
  assert.equal(cleanText(composed.normalize('NFD'), 32), composed);
  const astral = '\u{11099}\u{110ba}'.repeat(32);
  assert.equal(cleanText(astral, 32), astral.normalize('NFC'));
});

test('text that is too long in any form is too long still', () => {
  assert.ok(isLongerThan(cleanText('\u1f82'.repeat(33).normalize('NFD'), 32), 32));
  assert.ok(isLongerThan(cleanText('\u{1d400}'.repeat(129), 32), 32));
});

test('a million combining marks are refused at once', { timeout: 5000 }, () => {
  const marks = `a${'\u0301\u0323'.repeat(500_000)}`;
  const problems: Problem[] = [];
  readContact({ number: '12025550150', first_name: marks, tags: [marks] }, 'data', true, 'valid', problems);
  assert.deepEqual(
    problems.map(({ code }) => code),
    [1361, 9013],
  );
});
