/** The wire schemas of contacts. */
import Type, { type TUnsafe } from 'typebox';
import { MAX_TAG_LENGTH, MAX_TAGS, TEXT_FIELDS, type TextField, type TextFieldName } from '../core/contact-fields.ts';
import { MAX_NUMBER_LENGTH } from '../core/number.ts';
import {
  ACCOUNT_ID,
  ACCOUNT_URL,
  AUDIENCE_ID,
  AUDIENCE_URL,
  CONTACT_ID,
  codes,
  count,
  date,
  exactly,
  id,
  OTHER_CONTACT_ID,
  url,
} from './schema-parts.ts';

type TextMembers = Record<TextFieldName | NonNullable<TextField['alias']>, TUnsafe<string | null>>;

const TEXT_EXAMPLES: Record<TextFieldName, string> = {
  first_name: 'Anahit',
  last_name: 'Petrosyan',
  timestamp: 'Friday at 10:00',
  date: '10 % off your next order',
};

/** The free text members, aliases after names. @param more what the schema of a member says besides. */
function textMembers(more: (field: TextField, isAlias: boolean) => object): TextMembers {
  const schema = (field: TextField, isAlias: boolean) =>
    Type.Unsafe<string | null>({
      type: ['string', 'null'],
      maxLength: field.max,
      description: isAlias ? `The same as \`${field.name}\`, by its newer name` : field.about,
      examples: [TEXT_EXAMPLES[field.name]],
      ...more(field, isAlias),
    });
  const names = TEXT_FIELDS.map((field) => [field.name, schema(field, false)]);
  const aliases = TEXT_FIELDS.filter(({ alias }) => alias !== undefined);
  return Object.fromEntries([...names, ...aliases.map((field) => [field.alias, schema(field, true)])]);
}

export const TAGS_EXAMPLE = ['vip', 'yerevan'];
const TEXTS_EXAMPLE = {
  ...TEXT_EXAMPLES,
  custom1: TEXT_EXAMPLES.timestamp,
  custom2: TEXT_EXAMPLES.date,
};

export const contactMembers = {
  id: id('Given by the server; ids sort by creation', CONTACT_ID),
  number: Type.String({
    pattern: '^[1-9][0-9]*$',
    description: 'E.164 digits without the plus; unique in its audience',
    examples: ['12025550150'],
  }),
  ...textMembers(() => ({})),
  tags: Type.Array(Type.String({ minLength: 1, maxLength: MAX_TAG_LENGTH }), {
    maxItems: MAX_TAGS,
    uniqueItems: true,
    description: 'Labels, in the order given',
    examples: [TAGS_EXAMPLE],
  }),
  create_date: date('When the contact was created'),
  update_date: date('When something of the contact last really changed'),
  account_id: id('The account it belongs to', ACCOUNT_ID),
  audience_id: id('The audience it belongs to', AUDIENCE_ID),
};

export const CONTACT_EXAMPLE = {
  id: CONTACT_ID,
  number: '12025550150',
  ...TEXTS_EXAMPLE,
  tags: TAGS_EXAMPLE,
  create_date: '2026-03-01 13:00:00',
  update_date: '2026-03-01 13:00:00',
  account_id: ACCOUNT_ID,
  audience_id: AUDIENCE_ID,
};

export const OTHER_CONTACT_EXAMPLE = {
  ...CONTACT_EXAMPLE,
  id: OTHER_CONTACT_ID,
  number: '447912345678',
  first_name: 'Søren',
  last_name: null,
  timestamp: null,
  date: null,
  custom1: null,
  custom2: null,
  tags: [],
  create_date: '2026-03-01 13:00:01',
  update_date: '2026-03-01 13:00:01',
};

export const Contact = exactly(contactMembers, 'A contact in a list', CONTACT_EXAMPLE);

export const Tag = exactly(
  {
    tag: Type.String({
      minLength: 1,
      maxLength: MAX_TAG_LENGTH,
      description: 'As contacts have it',
      examples: ['vip'],
    }),
    contacts_count: count('How many contacts have it, exactly', 1204),
  },
  'A tag of an audience',
  { tag: 'vip', contacts_count: 1204 },
);

const CONTACT_LINKS_EXAMPLE = {
  self: `${AUDIENCE_URL}/contacts/${CONTACT_ID}`,
  account: ACCOUNT_URL,
  audience: AUDIENCE_URL,
};

export const SingleContact = exactly(
  {
    ...contactMembers,
    links: exactly(
      {
        self: url('The contact', CONTACT_LINKS_EXAMPLE.self),
        account: url('Its account', ACCOUNT_URL),
        audience: url('Its audience', AUDIENCE_URL),
      },
      'Absolute URLs of the contact and of what it belongs to',
    ),
  },
  'A contact, with links',
  { ...CONTACT_EXAMPLE, links: CONTACT_LINKS_EXAMPLE },
);

const inputTexts = textMembers(({ name, tooLong }, isAlias) => ({
  ...codes(tooLong, 9013),
  ...(isAlias && { description: `The same as \`${name}\`, by its newer name; given together, the two must agree` }),
}));

const inputNumber = Type.String({
  minLength: 1,
  maxLength: MAX_NUMBER_LENGTH,
  description:
    "A phone number in international form: digits with or without `+` or a leading `00`; spaces, dots, dashes, slashes and brackets around them are fine. Valid by its country's numbering plan, and unique in its audience",
  examples: ['+1 (202) 555-0150'],
  ...codes(1353, 1354, 1355, 1360, 9013),
});

const inputTags = Type.Unsafe<string[] | null>({
  type: ['array', 'null'],
  items: { type: 'string', minLength: 1, maxLength: MAX_TAG_LENGTH },
  maxItems: MAX_TAGS,
  description: 'Labels. A repeat is dropped',
  examples: [TAGS_EXAMPLE],
  ...codes(1359, 9013),
});

export const ContactChange = Type.Partial(Type.Object({ number: inputNumber, ...inputTexts, tags: inputTags }), {
  description: 'What to change of a contact: an absent member keeps its value, `null` clears it',
  examples: [{ last_name: 'Petrosyan-Berg', date: null }],
});

export const ContactInput = Type.Object(
  { ...ContactChange.properties, number: inputNumber },
  {
    description:
      'A contact to create. Text is trimmed, and its length counted in Unicode code points; `null` and empty text mean none',
    examples: [{ number: '+1 (202) 555-0150', ...TEXT_EXAMPLES, tags: TAGS_EXAMPLE }],
  },
);
