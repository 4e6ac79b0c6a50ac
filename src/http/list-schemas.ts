/** The wire schemas of lists: pages, queries and the ids in paths. */
import Type, { type TSchema } from 'typebox';
import { CHANNELS } from '../core/audiences.ts';
import { MAX_TAG_LENGTH, MAX_TAGS } from '../core/contact-fields.ts';
import { DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE } from '../core/paging.ts';
import { MAX_SEARCH } from '../core/search-text.ts';
import { FIGURE_QUERY } from './figure-schemas.ts';
import { MAX_IDEMPOTENCY_KEY } from './idempotency.ts';
import { IMPORT_QUERY } from './import-schemas.ts';
import {
  ACCOUNT_ID,
  AUDIENCE_ID,
  CONTACT_ID,
  codes,
  count,
  exactly,
  HOST,
  IMPORT_ID,
  KEY_ID,
  url,
  urlOrNull,
} from './schema-parts.ts';

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

export const listOf = (item: TSchema, examples: object[], list: string) =>
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
      'The place in the list, from the links of another page. Opaque, never expires, and good for the same list, filter and page size only. `last` is the last page, from which `links.previous` leads to the first',
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
  'filter[tag]': Type.Array(Type.String({ minLength: 1, maxLength: MAX_TAG_LENGTH }), {
    maxItems: MAX_TAGS,
    description: 'Only contacts with this tag, spelled exactly so; given several times, those with all of them',
    examples: [['vip']],
    ...codes(9012),
  }),
  ...IMPORT_QUERY,
  ...FIGURE_QUERY,
};

/** Headers of requests. */
export const HEADER = {
  'If-Match': Type.String({
    description:
      'Only if it has one of these ETags still, a list of them in their quotes, or `*`. Of an audience the count of its contacts is passed over',
    examples: ['"NmT1yW0fZb2gk3mUuxZQeA"'],
    ...codes(9009, 9013),
  }),
  'If-None-Match': Type.String({
    description: 'ETags that the caller has already: when it still has one of these the answer is 304, without a body',
    examples: ['"NmT1yW0fZb2gk3mUuxZQeA"'],
  }),
};

/** The header of requests that every write takes. */
export const IDEMPOTENCY_KEY = {
  'Idempotency-Key': Type.String({
    minLength: 1,
    maxLength: MAX_IDEMPOTENCY_KEY,
    pattern: '^[!-~]+$',
    description:
      'Chosen by the caller for this request, at random: it then takes effect once, however often it is sent. For 24 hours a repeat is given the first answer',
    examples: ['f3b0a7d2c4e811f0'],
    ...codes(9013, 9014),
  }),
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
  key_id: Type.String({
    format: 'uuid',
    description: "The key's id",
    examples: [KEY_ID],
    ...codes(9030, 9031),
  }),
  account_id: Type.String({
    format: 'uuid',
    description: "The id of the key's own account",
    examples: [ACCOUNT_ID],
    ...codes(9003),
  }),
};
