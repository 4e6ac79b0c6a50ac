/** The wire schemas of audiences. */
import Type from 'typebox';
import { CHANNELS, MAX_NAME } from '../core/audiences.ts';
import { MAX_CONTACTS } from '../core/contact-fields.ts';
import type { Channel } from '../core/store.ts';
import { ContactInput, TAGS_EXAMPLE } from './contact-schemas.ts';
import {
  ACCOUNT_ID,
  ACCOUNT_URL,
  AUDIENCE_ID,
  AUDIENCE_URL,
  codes,
  count,
  date,
  exactly,
  id,
  url,
} from './schema-parts.ts';

const audienceMembers = {
  id: id('Given by the server; ids sort by creation', AUDIENCE_ID),
  account_id: id('The account it belongs to', ACCOUNT_ID),
  name: Type.String({
    minLength: 1,
    maxLength: MAX_NAME,
    description: 'Unique in its account, compared without case',
    examples: ['Spring sale'],
  }),
  channel: Type.Enum([...CHANNELS], {
    type: 'string',
    description: 'What its contacts are reached by',
    examples: ['SMS'],
  }),
  contacts_count: count('How many contacts it holds', 2),
  create_date: date('When the audience was created'),
  update_date: date('When the audience was last renamed'),
};

export const AUDIENCE_EXAMPLE = {
  id: AUDIENCE_ID,
  account_id: ACCOUNT_ID,
  name: 'Spring sale',
  channel: 'SMS' satisfies Channel,
  contacts_count: 2,
  create_date: '2026-02-02 09:15:30',
  update_date: '2026-02-02 09:15:30',
};

export const Audience = exactly(audienceMembers, 'An audience in a list', AUDIENCE_EXAMPLE);

const AUDIENCE_LINKS_EXAMPLE = { self: AUDIENCE_URL, account: ACCOUNT_URL, contacts: `${AUDIENCE_URL}/contacts` };

export const SingleAudience = exactly(
  {
    ...audienceMembers,
    links: exactly(
      {
        self: url('The audience', AUDIENCE_URL),
        account: url('Its account', ACCOUNT_URL),
        contacts: url('Its contacts', AUDIENCE_LINKS_EXAMPLE.contacts),
      },
      'Absolute URLs of the audience, its account and its contacts',
    ),
  },
  'An audience, with links',
  { ...AUDIENCE_EXAMPLE, links: AUDIENCE_LINKS_EXAMPLE },
);

const inputName = Type.String({
  minLength: 1,
  maxLength: MAX_NAME,
  description:
    'Letters of any script, digits, `-`, `_` and single spaces between them. Unique in the account, compared without case',
  examples: ['Spring sale'],
  ...codes(1303, 1304, 1305, 1309, 9013),
});

export const AudienceInput = Type.Object(
  {
    name: inputName,
    channel: Type.Enum([...CHANNELS], {
      type: 'string',
      description: 'What its contacts are reached by; taken in any case',
      examples: ['SMS'],
      ...codes(1306, 1307),
    }),
    contacts: Type.Optional(
      Type.Array(ContactInput, {
        maxItems: MAX_CONTACTS,
        description: 'Its first contacts: all of them are stored, or none',
        ...codes(1308, 9013),
      }),
    ),
  },
  {
    description: 'An audience to create',
    examples: [
      {
        name: 'Spring sale',
        channel: 'SMS',
        contacts: [
          { number: '+1 (202) 555-0150', first_name: 'Anahit', last_name: 'Petrosyan', tags: TAGS_EXAMPLE },
          { number: '0044 7912 345678', first_name: 'Søren' },
        ],
      },
    ],
  },
);

export const AudienceChange = Type.Object(
  { name: inputName },
  { description: 'What can be changed of an audience: its name', examples: [{ name: 'Summer sale' }] },
);
