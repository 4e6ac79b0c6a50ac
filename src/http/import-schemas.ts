/** The wire schemas of imports. */
import Type from 'typebox';
import { MAX_TAGS } from '../core/contact-fields.ts';
import { type EditAction, ROW_STATUSES } from '../core/import-job.ts';
import {
  IMPORT_EMPTY,
  IMPORT_FORMATS,
  IMPORT_MODES,
  IMPORT_ON_CONFLICT,
  MAX_IMPORT_NAME,
  MAX_REMOVALS,
} from '../core/imports.ts';
import {
  ACCOUNT_ID,
  AUDIENCE_ID,
  AUDIENCE_URL,
  CONTACT_ID,
  codes,
  count,
  date,
  exactly,
  IMPORT_ID,
  id,
  url,
} from './schema-parts.ts';

interface Types {
  string: string;
  integer: number;
}

const orNull = <Name extends keyof Types>(type: Name, description: string, example: Types[Name] | null) =>
  Type.Unsafe<Types[Name] | null>({ type: [type, 'null'], description, examples: [example] });

const oneOf = <const Value extends string>(values: readonly Value[], description: string, example: Value) =>
  Type.Enum([...values], { type: 'string', description, examples: [example] });

const IMPORT_URL = `${AUDIENCE_URL}/imports/${IMPORT_ID}`;
const MAPPING = { Mobile: 'number', Vorname: 'first_name' };

const undo = { deleted: 3, restored: 1, left_alone: 0 };

const EXAMPLE = {
  id: IMPORT_ID,
  account_id: ACCOUNT_ID,
  audience_id: AUDIENCE_ID,
  kind: 'file',
  action: null,
  name: 'spring.csv',
  status: 'completed',
  phase: 'apply',
  dry_run: false,
  mode: 'merge',
  on_conflict: 'update',
  empty: 'keep',
  default_country: 'DE',
  tags: ['spring'],
  max_removals: MAX_REMOVALS,
  file: { name: 'spring.csv', bytes: 2048, sha256: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08' },
  format: 'csv',
  encoding: 'utf-8',
  columns: ['Mobile', 'Vorname', 'Notiz'],
  mapping: MAPPING,
  ignored_columns: ['Notiz'],
  rows_total: 5,
  rows_done: 5,
  bytes_done: 2048,
  created: 3,
  updated: 1,
  unchanged: 0,
  skipped: 0,
  refused: 1,
  refused_by_code: { 1354: 1 },
  removed: 0,
  undo: null,
  error: null,
  create_date: '2026-03-01 13:00:00',
  start_date: '2026-03-01 13:00:00',
  finish_date: '2026-03-01 13:00:01',
  expire_date: '2026-03-08 13:00:01',
  is_expired: false,
};

const importMembers = {
  id: id('Given by the server; ids sort by creation', IMPORT_ID),
  account_id: id('The account it belongs to', ACCOUNT_ID),
  audience_id: id('The audience it goes to', AUDIENCE_ID),
  kind: oneOf(['file', 'edit'], 'A file that is imported, or an edit of many contacts', 'file'),
  action: Type.Unsafe<EditAction | null>({
    type: ['string', 'null'],
    description: 'What an edit does: `add_tags`, `remove_tags` or `delete`',
    examples: [null],
  }),
  name: orNull('string', "What it is called: the file's name unless another was given", 'spring.csv'),
  status: oneOf(
    ['queued', 'running', 'completed', 'failed', 'cancelled', 'undone'],
    'Where it stands. What waits or runs can be cancelled',
    'completed',
  ),
  phase: oneOf(
    ['rehearse', 'apply', 'remove', 'undo'],
    'What is or was done last: judging rows without changing anything, changing the audience, removing what the file has not, taking everything back',
    'apply',
  ),
  dry_run: Type.Boolean({ description: 'Whether it only says what a run would do', examples: [false] }),
  mode: oneOf(IMPORT_MODES, '`replace` removes what the file does not hold', 'merge'),
  on_conflict: oneOf(IMPORT_ON_CONFLICT, 'What rows do to contacts that exist', 'update'),
  empty: oneOf(IMPORT_EMPTY, 'What an empty cell does to a contact that exists', 'keep'),
  default_country: orNull('string', 'The country of numbers without one', 'DE'),
  tags: Type.Array(Type.String(), {
    maxItems: MAX_TAGS,
    description: "Added to every row's contact",
    examples: [['spring']],
  }),
  max_removals: Type.String({ description: 'The most a replacing run may remove', examples: [MAX_REMOVALS] }),
  file: exactly(
    {
      name: orNull('string', "The file's name", 'spring.csv'),
      bytes: count('Its size', 2048),
      sha256: Type.String({ description: 'SHA-256 of the file as it was sent', examples: [EXAMPLE.file.sha256] }),
    },
    'The file',
  ),
  format: Type.Unsafe<(typeof IMPORT_FORMATS)[number] | null>({
    type: ['string', 'null'],
    description: 'Found out, unless it was given',
    examples: ['csv'],
  }),
  encoding: orNull('string', 'Found out, unless it was given', 'utf-8'),
  columns: Type.Array(Type.String(), {
    description:
      "The file's columns in their order, as `mapping` names them; the cells of its rows are in the same order",
    examples: [['Mobile', 'Vorname', 'Notiz']],
  }),
  mapping: Type.Record(Type.String(), Type.String(), {
    description:
      'The columns that fill a field, and which: `full_name` is split into first and last name. A column without a name of its own is named by its place, as `#3`',
    examples: [MAPPING],
  }),
  ignored_columns: Type.Array(Type.String(), {
    description: 'The columns that fill nothing',
    examples: [['Notiz']],
  }),
  rows_total: orNull('integer', 'Rows of the file, once it was read to its end', 5),
  rows_done: count('Rows judged so far: the five fates add up to them, and with an edit those removed', 5),
  bytes_done: count('Bytes of the file read so far', 2048),
  created: count('Rows that made a contact', 3),
  updated: count('Rows that changed a contact', 1),
  unchanged: count('Rows that said what was known already', 0),
  skipped: count('Rows left out, since their contact exists', 0),
  refused: count('Rows that break a rule', 1),
  refused_by_code: Type.Record(Type.String(), Type.Integer(), {
    description: 'Refused rows by the code of their error',
    examples: [{ 1354: 1 }],
  }),
  removed: count(
    'Contacts removed since the file has not got them; of a dry run those that would be; those that an edit deleted',
    0,
  ),
  undo: Type.Unsafe<typeof undo | null>({
    type: ['object', 'null'],
    description:
      'What an undo did: contacts `deleted` that the import had made, `restored` to what they were, and `left_alone` since somebody else changed them after the import',
    examples: [undo],
  }),
  error: Type.Unsafe<{ code: number; message: string } | null>({
    type: ['object', 'null'],
    description: 'Why it failed: a code and a message',
    examples: [null],
  }),
  create_date: date('When the file was there'),
  start_date: orNull('string', 'When the work on it began', '2026-03-01 13:00:00'),
  finish_date: orNull('string', 'When it ended', '2026-03-01 13:00:01'),
  expire_date: orNull('string', 'Until when it can be run or undone', '2026-03-08 13:00:01'),
  is_expired: Type.Boolean({
    description: 'Whether its file, verdicts and undo data are gone',
    examples: [false],
  }),
};

export const Import = exactly(importMembers, 'A file on its way into an audience', EXAMPLE);

const links = {
  self: IMPORT_URL,
  audience: AUDIENCE_URL,
  rows: `${IMPORT_URL}/rows`,
  refused: `${IMPORT_URL}/refused.csv`,
  events: `${IMPORT_URL}/events`,
};

export const SingleImport = exactly(
  {
    ...importMembers,
    links: exactly(
      {
        self: url('The import', links.self),
        audience: url('Its audience', links.audience),
        rows: url('What became of its rows', links.rows),
        refused: url('Its refused rows as a file', links.refused),
        events: url('Its progress as server-sent events', links.events),
      },
      'Where to go from here',
    ),
  },
  'An import, with its links',
  { ...EXAMPLE, links },
);

export const ImportPreview = exactly(
  {
    format: oneOf(IMPORT_FORMATS, 'Found out, unless it was given', 'csv'),
    encoding: Type.String({ description: 'Found out, unless it was given', examples: ['utf-8'] }),
    separator: orNull('string', 'Between the cells of a table that is text', ';'),
    has_header: Type.Boolean({ description: 'Whether the columns have names', examples: [true] }),
    columns: Type.Array(
      exactly(
        {
          name: Type.String({ description: 'As `mapping` names it', examples: ['Mobile'] }),
          field: orNull('string', 'The field it fills', 'number'),
          samples: Type.Array(Type.String(), {
            description: 'Its cells in the first rows',
            examples: [['+1 202 555 0150']],
          }),
        },
        'A column',
      ),
      { description: "In the file's order" },
    ),
    likely_number: orNull(
      'string',
      'The column that looks like the one with the numbers, where none has its name',
      null,
    ),
  },
  'How a file would be read',
  {
    format: 'csv',
    encoding: 'utf-8',
    separator: ';',
    has_header: true,
    columns: [
      { name: 'Mobile', field: 'number', samples: ['+1 202 555 0150', '+44 7911 123456'] },
      { name: 'Notiz', field: null, samples: ['', 'calls back'] },
    ],
    likely_number: null,
  },
);

export const IMPORT_EXAMPLE = EXAMPLE;

export const VERDICT_EXAMPLE = {
  row: 4,
  line: 5,
  status: 'refused',
  number: null,
  contact_id: null,
  repeats_line: null,
  code: 1354,
  reason: 'scientific_notation',
  message: 'Scientific notation: the last digits are lost. Format the column as text and export it again',
  mended: [],
  cells: ['4.47912E+11', 'Søren'],
};

export const Verdict = exactly(
  {
    row: Type.Integer({ minimum: 1, description: "The row's number in the file", examples: [4] }),
    line: Type.Integer({ minimum: 1, description: 'The line where it begins', examples: [5] }),
    status: oneOf(
      [...ROW_STATUSES, 'removed'],
      'What became of it, or in a dry run would; an edit alone removes',
      'refused',
    ),
    number: orNull('string', 'E.164 digits; null when it is refused', '12025550150'),
    contact_id: orNull('string', 'The contact, while it exists', CONTACT_ID),
    repeats_line: orNull('integer', 'The earlier line with the same number', 2),
    code: orNull('integer', 'Which rule it breaks', 1354),
    reason: orNull('string', 'The same for machines, more exactly', 'scientific_notation'),
    message: orNull('string', "The same for the file's author", VERDICT_EXAMPLE.message),
    mended: Type.Array(Type.String(), {
      description: 'What was put right in the number',
      examples: [['apostrophe']],
    }),
    cells: Type.Array(Type.String(), {
      description: 'Its cells as the file has them; what is cut of long ones ends in an ellipsis',
      examples: [['4.47912E+11', 'Søren']],
    }),
  },
  'What became of a row',
  VERDICT_EXAMPLE,
);

export const RefusedRows = Type.String({
  description: 'CSV in the columns of the uploaded file, and a last column `reason`',
  examples: ['Mobile,Vorname,reason\r\n4.47912E+11,Søren,Scientific notation: the last digits are lost\r\n'],
});

export const ImportEvents = Type.String({
  description: 'Events `progress`, and `done` at the end, with the import as their data',
  examples: [`event: done\ndata: ${JSON.stringify({ id: IMPORT_ID, status: 'completed', '…': '…' })}\n\n`],
});

/** The query of an upload, and of verdicts. */
export const IMPORT_QUERY = {
  file_name: Type.String({
    description:
      "The file's name: its ending tells the format. Otherwise the header `Content-Disposition` or the part of a form names it",
    examples: ['spring.csv'],
  }),
  name: Type.String({
    maxLength: MAX_IMPORT_NAME,
    description: 'What to call the import',
    examples: ['Spring'],
    ...codes(9013),
  }),
  partial: Type.Boolean({
    default: false,
    description: 'Only the beginning of the file is sent',
    examples: [true],
    ...codes(9013),
  }),
  dry_run: Type.Boolean({
    default: false,
    description: 'Only judge the rows; the import can be run afterwards',
    examples: [true],
    ...codes(9013),
  }),
  mode: Type.Enum([...IMPORT_MODES], {
    type: 'string',
    default: 'merge',
    description: '`replace`: afterwards the audience holds exactly the contacts of the file',
    examples: ['merge'],
    ...codes(9013),
  }),
  max_removals: Type.String({
    default: MAX_REMOVALS,
    description: 'A replacing run that would remove more stops before it changes anything: contacts, or a part of them',
    examples: ['500'],
    ...codes(9013),
  }),
  on_conflict: Type.Enum([...IMPORT_ON_CONFLICT], {
    type: 'string',
    default: 'update',
    description: 'What rows do to contacts that exist',
    examples: ['update'],
    ...codes(9013),
  }),
  empty: Type.Enum([...IMPORT_EMPTY], {
    type: 'string',
    default: 'keep',
    description: 'What an empty cell does to a contact that exists',
    examples: ['keep'],
    ...codes(9013),
  }),
  default_country: Type.String({
    description: 'The country of numbers without one: two letters',
    examples: ['DE'],
    ...codes(9013),
  }),
  tags: Type.String({
    description: "Added to every row's contact, separated by commas",
    examples: ['spring,vip'],
    ...codes(9013),
  }),
  mapping: Type.String({
    description:
      'A JSON object of columns and the fields they fill, or `ignore`, where their names do not tell; `full_name` is split into first and last name. ' +
      'A column is named by its header, or by its place, from `#1`; when all are named by place and the first row holds a number there, the file has no header. ' +
      'A column can also be given as `mapping[Rufnummer 2]=number` (`#` is `%23` in a URL)',
    examples: ['{"Rufnummer 2":"number"}'],
    ...codes(9013),
  }),
  encoding: Type.String({
    description:
      'A label of the WHATWG Encoding Standard; otherwise it is found out: UTF-8, UTF-16 with or without a byte order mark, or Windows-1252',
    examples: ['windows-1251'],
    ...codes(9013),
  }),
  format: Type.Enum([...IMPORT_FORMATS], {
    type: 'string',
    description: 'Otherwise the name of the file tells, or its content',
    examples: ['csv'],
    ...codes(9013),
  }),
  status: Type.Enum([...ROW_STATUSES], {
    type: 'string',
    description: 'Only rows with this fate',
    examples: ['refused'],
    ...codes(9012),
  }),
};
