/**
 * The wire schemas: what requests and answers look like, member by member, with rules, codes and examples. The API
 * description is made from them. Requests are checked by core, because each broken rule has a code of its own; limits
 * come from there, and tests tie the two together. Answers hold exactly the members listed here.
 */
import Type, { type TSchema, type TUnsafe } from 'typebox';
import { CHANNELS, MAX_NAME } from '../core/audiences.ts';
import {
  MAX_CONTACTS,
  MAX_TAG_LENGTH,
  MAX_TAGS,
  TEXT_FIELDS,
  type TextField,
  type TextFieldName,
} from '../core/contact-fields.ts';
import { ON_CONFLICT } from '../core/contacts.ts';
import { ERRORS } from '../core/errors.ts';
import { MAX_NUMBER_LENGTH } from '../core/number.ts';
import { DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE } from '../core/paging.ts';
import { MAX_SEARCH } from '../core/search-text.ts';
import type { Channel } from '../core/store.ts';
import { ExportedContacts } from './export-schemas.ts';
import { EXPORT_TYPES } from './export-types.ts';
import {
  IMPORT_EXAMPLE,
  IMPORT_QUERY,
  Import,
  ImportEvents,
  RefusedRows,
  SingleImport,
  VERDICT_EXAMPLE,
  Verdict,
} from './import-schemas.ts';
import type { OperationId } from './operations.ts';
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
  HOST,
  IMPORT_ID,
  id,
  OTHER_CONTACT_ID,
  url,
  urlOrNull,
  wrapped,
} from './schema-parts.ts';

// Contacts

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

const TAGS_EXAMPLE = ['vip', 'yerevan'];
const TEXTS_EXAMPLE = {
  ...TEXT_EXAMPLES,
  custom1: TEXT_EXAMPLES.timestamp,
  custom2: TEXT_EXAMPLES.date,
};

const contactMembers = {
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

const CONTACT_EXAMPLE = {
  id: CONTACT_ID,
  number: '12025550150',
  ...TEXTS_EXAMPLE,
  tags: TAGS_EXAMPLE,
  create_date: '2026-03-01 13:00:00',
  update_date: '2026-03-01 13:00:00',
  account_id: ACCOUNT_ID,
  audience_id: AUDIENCE_ID,
};

const OTHER_CONTACT_EXAMPLE = {
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

// Audiences

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

const AUDIENCE_EXAMPLE = {
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

// Pages

const PAGE_LINK = (list: string, token: string) => `${list}?page_size=${DEFAULT_PAGE_SIZE}${token}`;

export const Pagination = exactly(
  {
    number: Type.Integer({ minimum: 1, description: 'The page, counted from 1', examples: [1] }),
    size: Type.Integer({ minimum: 0, maximum: MAX_PAGE_SIZE, description: 'How many items it holds', examples: [2] }),
    total: count('How many items match, exactly, on all pages', 2),
    links: exactly(
      {
        first: url('The first page', PAGE_LINK(`${HOST}/v1/audiences`, '')),
        current: url('This page', PAGE_LINK(`${HOST}/v1/audiences`, '')),
        previous: urlOrNull('The page before, or `null`', null),
        next: urlOrNull('The page after, or `null` on the last one', null),
      },
      'Absolute URLs of the pages around this one',
    ),
  },
  'Where the page lies in the list',
  paginationExample(`${HOST}/v1/audiences`, 2),
);

function paginationExample(list: string, total: number) {
  const first = PAGE_LINK(list, '');
  return { number: 1, size: total, total, links: { first, current: first, previous: null, next: null } };
}

const listOf = (item: TSchema, examples: object[], list: string) =>
  Type.Object(
    { data: Type.Array(item, { maxItems: MAX_PAGE_SIZE }), pagination: Pagination },
    {
      additionalProperties: false,
      examples: [{ data: examples, pagination: paginationExample(list, examples.length) }],
    },
  );

/** The query of lists. */
export const QUERY = {
  page_size: Type.Integer({
    minimum: 1,
    maximum: MAX_PAGE_SIZE,
    default: DEFAULT_PAGE_SIZE,
    description: 'Most items of a page. With a `page_token` it may be left out',
    examples: [DEFAULT_PAGE_SIZE],
    ...codes(9011),
  }),
  page_token: Type.String({
    description:
      'The place in the list, from the links of another page. Opaque, never expires, and good for the same list, filter and page size only',
    ...codes(9010),
  }),
  'filter[channel]': Type.Enum([...CHANNELS], {
    type: 'string',
    description: 'Only audiences of this channel; taken in any case',
    examples: ['SMS'],
    ...codes(9012),
  }),
  'filter[search]': Type.String({
    maxLength: MAX_SEARCH,
    description:
      'Only contacts whose number, first or last name hold every word of this text, without regard to case and accents. A word of one or two characters is looked for at the start of words and numbers',
    examples: ['ana petro'],
    ...codes(9012),
  }),
  ...IMPORT_QUERY,
};

/** The ids in paths. */
export const PATH = {
  audience_id: Type.String({
    format: 'uuid',
    description: "The audience's id",
    examples: [AUDIENCE_ID],
    ...codes(1301, 1302),
  }),
  contact_id: Type.String({
    format: 'uuid',
    description: "The contact's id",
    examples: [CONTACT_ID],
    ...codes(1351, 1352),
  }),
  import_id: Type.String({
    format: 'uuid',
    description: "The import's id",
    examples: [IMPORT_ID],
    ...codes(9020, 9021),
  }),
  account_id: Type.String({
    format: 'uuid',
    description: "The id of the key's own account",
    examples: [ACCOUNT_ID],
    ...codes(9003),
  }),
};

// Bulk

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

const errorCode = Type.Enum(Object.keys(ERRORS).map(Number), {
  type: 'integer',
  description: 'Which rule was broken: see the catalogue of errors',
  examples: [1354],
});
const errorMessage = Type.String({
  description: 'What is wrong, for people. Names the member at fault',
  examples: ["'data.number' is invalid"],
});
const existingContact = Type.Optional(id('With 1360: the contact that has this number', CONTACT_ID));

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

// Accounts, errors, health

export const Account = exactly(
  {
    id: id('Given by the server', ACCOUNT_ID),
    name: Type.String({ minLength: 1, description: 'Given by the operator', examples: ['default'] }),
    create_date: date('When the account was created'),
  },
  "The key's own account",
  { id: ACCOUNT_ID, name: 'default', create_date: '2026-01-12 08:05:00' },
);

export const Errors = exactly(
  {
    errors: Type.Array(
      exactly(
        {
          timestamp: date('When the request was refused'),
          path: Type.String({ description: "The request's path", examples: ['/v1/audiences'] }),
          method: Type.String({ description: "The request's method", examples: ['POST'] }),
          status: Type.Integer({
            minimum: 400,
            maximum: 599,
            description:
              "The error's own HTTP status. When several rules are broken, the answer's is 400 if any of them is",
            examples: [400],
          }),
          message: errorMessage,
          code: errorCode,
          contact_id: existingContact,
        },
        'A broken rule',
      ),
      { minItems: 1, description: 'Every broken rule, not the first alone' },
    ),
  },
  'Why a request was refused. Nothing of it was stored',
  {
    errors: [
      {
        timestamp: '2026-03-01 13:00:00',
        path: `/v1/audiences/${AUDIENCE_ID}/contacts`,
        method: 'POST',
        status: 400,
        message: "'data.number' is required",
        code: 1353,
      },
    ],
  },
);

export const Health = exactly(
  { status: Type.Enum(['ok'], { type: 'string', description: 'Always `ok`', examples: ['ok'] }) },
  'A sign of life',
  { status: 'ok' },
);

/** The schemas that have a name in the API description. */
export const COMPONENTS = {
  Account,
  Audience,
  SingleAudience,
  AudienceInput,
  AudienceChange,
  Contact,
  SingleContact,
  ContactInput,
  ContactChange,
  BulkInput,
  BulkOutcome,
  BulkResult,
  Import,
  SingleImport,
  Verdict,
  Pagination,
  Errors,
  Health,
} satisfies Record<string, TSchema>;

/** The member `data` of the body that an operation takes; those that take none are absent. */
export const REQUESTS: Partial<Record<OperationId, TSchema>> = {
  createAudience: AudienceInput,
  renameAudience: AudienceChange,
  createContact: ContactInput,
  upsertContacts: BulkInput,
  updateContact: ContactChange,
};

const audienceAnswer = wrapped(SingleAudience);
const contactAnswer = wrapped(SingleContact);
const importAnswer = wrapped(SingleImport);

/** What an operation answers with when it succeeds: JSON unless it is of another type. */
interface Success {
  status: number;
  /** Null is an empty answer. */
  schema: TSchema | null;
  type?: string;
  /** Types that can be asked for. */
  otherTypes?: string[];
}

export const ANSWERS: Record<OperationId, Success> = {
  listAudiences: { status: 200, schema: listOf(Audience, [AUDIENCE_EXAMPLE], `${HOST}/v1/audiences`) },
  createAudience: { status: 201, schema: audienceAnswer },
  getAudience: { status: 200, schema: audienceAnswer },
  renameAudience: { status: 200, schema: audienceAnswer },
  deleteAudience: { status: 204, schema: null },
  listContacts: {
    status: 200,
    schema: listOf(Contact, [CONTACT_EXAMPLE, OTHER_CONTACT_EXAMPLE], `${AUDIENCE_URL}/contacts`),
  },
  exportContacts: {
    status: 200,
    schema: ExportedContacts,
    type: EXPORT_TYPES.csv,
    otherTypes: [EXPORT_TYPES.ndjson, EXPORT_TYPES.xlsx],
  },
  createContact: { status: 201, schema: contactAnswer },
  upsertContacts: { status: 200, schema: wrapped(BulkOutcome) },
  getContact: { status: 200, schema: contactAnswer },
  updateContact: { status: 200, schema: contactAnswer },
  deleteContact: { status: 204, schema: null },
  createImport: { status: 202, schema: importAnswer },
  listImports: { status: 200, schema: listOf(Import, [IMPORT_EXAMPLE], `${AUDIENCE_URL}/imports`) },
  listAllImports: { status: 200, schema: listOf(Import, [IMPORT_EXAMPLE], `${HOST}/v1/imports`) },
  getImport: { status: 200, schema: importAnswer },
  listImportRows: {
    status: 200,
    schema: listOf(Verdict, [VERDICT_EXAMPLE], `${AUDIENCE_URL}/imports/${IMPORT_ID}/rows`),
  },
  getRefusedRows: { status: 200, schema: RefusedRows, type: 'text/csv; charset=utf-8' },
  followImport: { status: 200, schema: ImportEvents, type: 'text/event-stream' },
  runImport: { status: 202, schema: importAnswer },
  undoImport: { status: 202, schema: importAnswer },
  cancelImport: { status: 202, schema: importAnswer },
  getAccount: { status: 200, schema: wrapped(Account) },
};
