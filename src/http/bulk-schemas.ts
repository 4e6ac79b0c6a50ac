/** The wire schemas of calls with many contacts. */
import Type from 'typebox';
import { MAX_CONTACTS } from '../core/contact-fields.ts';
import { ON_CONFLICT } from '../core/contacts.ts';
import { ERRORS } from '../core/errors.ts';
import { ContactInput, contactMembers } from './contact-schemas.ts';
import { CONTACT_ID, codes, count, exactly, id } from './schema-parts.ts';

export const BulkInput = Type.Object(
  {
    on_conflict: Type.Optional(
      Type.Enum([...ON_CONFLICT], {
        type: 'string',
        default: 'update',
        description:
          'What to do with a number that the audience has already: `update` changes the members that are given, `skip` leaves the contact as it is, `error` refuses the row',
        examples: ['update'],
        ...codes(9013),
      }),
    ),
    contacts: Type.Array(ContactInput, {
      maxItems: MAX_CONTACTS,
      description: 'Applied in order; a row that breaks a rule is refused alone',
      ...codes(1308, 9013),
    }),
  },
  {
    description: 'Contacts to create or update',
    examples: [
      {
        on_conflict: 'update',
        contacts: [{ number: '+1 (202) 555-0150', first_name: 'Anahit', last_name: 'Petrosyan' }, { number: '12' }],
      },
    ],
  },
);

export const errorCode = Type.Enum(Object.keys(ERRORS).map(Number), {
  type: 'integer',
  description: 'Which rule was broken: see the catalogue of errors',
  examples: [1354],
});
export const errorMessage = Type.String({
  description: 'What is wrong, for people. Names the member at fault',
  examples: ["'data.number' is invalid"],
});
export const existingContact = Type.Optional(id('With 1360: the contact that has this number', CONTACT_ID));

const rowIndex = count("The row's place in the request, from 0", 0);

export const BulkResult = Type.Union(
  [
    exactly(
      {
        index: rowIndex,
        status: Type.Enum(['created', 'updated', 'unchanged', 'skipped'], {
          type: 'string',
          description: 'What happened to the row',
          examples: ['created'],
        }),
        id: contactMembers.id,
        number: contactMembers.number,
      },
      'A row that was accepted',
      { index: 0, status: 'created', id: CONTACT_ID, number: '12025550150' },
    ),
    exactly(
      {
        index: rowIndex,
        status: Type.Enum(['refused'], { type: 'string', description: 'What happened to the row' }),
        errors: Type.Array(
          exactly({ code: errorCode, message: errorMessage, contact_id: existingContact }, 'A rule the row breaks'),
          { minItems: 1, description: 'Every rule the row breaks' },
        ),
      },
      'A row that breaks a rule; nothing of it was stored',
      { index: 1, status: 'refused', errors: [{ code: 1354, message: "'data.contacts[1].number' is invalid" }] },
    ),
  ],
  { description: 'What became of a row' },
);

export const BulkOutcome = exactly(
  {
    created: count('Rows that made a contact', 1),
    updated: count('Rows that changed a contact', 0),
    unchanged: count('Rows that said what was known already', 0),
    skipped: count('Rows left out, since their contact exists', 0),
    refused: count('Rows that break a rule', 1),
    results: Type.Array(BulkResult, {
      maxItems: MAX_CONTACTS,
      description: 'A result for every row, in the order sent',
    }),
  },
  'What became of the rows',
  {
    created: 1,
    updated: 0,
    unchanged: 0,
    skipped: 0,
    refused: 1,
    results: [
      { index: 0, status: 'created', id: CONTACT_ID, number: '12025550150' },
      { index: 1, status: 'refused', errors: [{ code: 1354, message: "'data.contacts[1].number' is invalid" }] },
    ],
  },
);
