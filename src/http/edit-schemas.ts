/** The wire schema of edits of many contacts. */
import Type from 'typebox';
import { MAX_CONTACTS, MAX_TAG_LENGTH, MAX_TAGS } from '../core/contact-fields.ts';
import { EDIT_ACTIONS } from '../core/import-job.ts';
import { MAX_SEARCH } from '../core/search-text.ts';
import { CONTACT_ID, codes } from './schema-parts.ts';

const tag = Type.String({ minLength: 1, maxLength: MAX_TAG_LENGTH });

export const EditInput = Type.Object(
  {
    select: Type.Object(
      {
        ids: Type.Optional(
          Type.Array(Type.String({ format: 'uuid' }), {
            minItems: 1,
            maxItems: MAX_CONTACTS,
            description: 'These contacts, and nothing else may be said of them',
            examples: [[CONTACT_ID]],
          }),
        ),
        search: Type.Optional(
          Type.String({
            maxLength: MAX_SEARCH,
            description: 'Those that a list with this `filter[search]` has',
            examples: ['ana'],
          }),
        ),
        tags: Type.Optional(
          Type.Array(tag, {
            maxItems: MAX_TAGS,
            description: 'Those that have all of these tags',
            examples: [['vip']],
          }),
        ),
      },
      { description: 'Which contacts, as they are at this moment; `{}` is all of them', ...codes(9013) },
    ),
    action: Type.Enum([...EDIT_ACTIONS], {
      type: 'string',
      description: 'What to do with each of them',
      examples: ['add_tags'],
      ...codes(9013),
    }),
    tags: Type.Optional(
      Type.Array(tag, {
        minItems: 1,
        maxItems: MAX_TAGS,
        description: 'To add or to remove; with `delete` there are none',
        examples: [['spring']],
        ...codes(1359, 9013),
      }),
    ),
  },
  {
    description: 'What to do with which contacts',
    examples: [{ select: { search: 'ana' }, action: 'add_tags', tags: ['spring'] }],
  },
);
