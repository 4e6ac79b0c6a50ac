/** What the SDK says of limits is what the server holds to. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { AUDIENCE_NAME, LIMITS } from '../../sdk/src/index.ts';
import { MAX_NAME, NAME } from '../../src/core/audiences.ts';
import { MAX_CONTACTS, MAX_TAG_LENGTH, MAX_TAGS, TEXT_FIELDS } from '../../src/core/contact-fields.ts';
import { MAX_NUMBER_LENGTH } from '../../src/core/number.ts';
import { MAX_SEARCH } from '../../src/core/search-text.ts';

it('limits are those of the core', () => {
  assert.deepEqual(LIMITS, {
    audience_name: MAX_NAME,
    number: MAX_NUMBER_LENGTH,
    ...Object.fromEntries(TEXT_FIELDS.map(({ name, max }) => [name, max])),
    tags: MAX_TAGS,
    tag: MAX_TAG_LENGTH,
    contacts: MAX_CONTACTS,
    search: MAX_SEARCH,
  });
});

it("an audience's name is made of the same characters", () => {
  assert.deepEqual([AUDIENCE_NAME.source, AUDIENCE_NAME.flags], [NAME.source, NAME.flags]);
});
