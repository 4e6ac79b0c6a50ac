/**
 * The wire schemas: what requests and answers look like, member by member, with rules, codes and examples. The API
 * description is made from them. Requests are checked by core, because each broken rule has a code of its own; limits
 * come from there, and tests tie the two together. Answers hold exactly the members listed here.
 */
import Type, { type TSchema } from 'typebox';
import { AUDIENCE_EXAMPLE, Audience, AudienceChange, AudienceInput, SingleAudience } from './audience-schemas.ts';
import { BulkInput, BulkOutcome, BulkResult, errorCode, errorMessage, existingContact } from './bulk-schemas.ts';
import {
  CONTACT_EXAMPLE,
  Contact,
  ContactChange,
  ContactInput,
  OTHER_CONTACT_EXAMPLE,
  SingleContact,
  Tag,
} from './contact-schemas.ts';
import { EditInput } from './edit-schemas.ts';
import { ExportedContacts } from './export-schemas.ts';
import { EXPORT_TYPES } from './export-types.ts';
import { CountryCount, GrowthDay, Overview } from './figure-schemas.ts';
import {
  IMPORT_EXAMPLE,
  Import,
  ImportEvents,
  ImportPreview,
  RefusedRows,
  SingleImport,
  VERDICT_EXAMPLE,
  Verdict,
} from './import-schemas.ts';
import { CreatedKey, KEY_EXAMPLE, Key, KeyInput } from './key-schemas.ts';
import { listOf, Pagination } from './list-schemas.ts';
import type { OperationId } from './operations.ts';
import {
  ACCOUNT_ID,
  AUDIENCE_ID,
  AUDIENCE_URL,
  date,
  everyOf,
  exactly,
  HOST,
  IMPORT_ID,
  id,
  wrapped,
} from './schema-parts.ts';

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
  Tag,
  BulkInput,
  BulkOutcome,
  BulkResult,
  EditInput,
  Import,
  SingleImport,
  ImportPreview,
  Verdict,
  GrowthDay,
  CountryCount,
  Overview,
  Key,
  CreatedKey,
  KeyInput,
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
  editContacts: EditInput,
  createKey: KeyInput,
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
  /** Whether it carries an `ETag`. */
  isTagged?: true;
}

export const ANSWERS: Record<OperationId, Success> = {
  listAudiences: { status: 200, schema: listOf(Audience, [AUDIENCE_EXAMPLE], `${HOST}/v1/audiences`) },
  createAudience: { status: 201, schema: audienceAnswer, isTagged: true },
  getAudience: { status: 200, schema: audienceAnswer, isTagged: true },
  renameAudience: { status: 200, schema: audienceAnswer, isTagged: true },
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
  listTags: { status: 200, schema: everyOf(Tag) },
  createContact: { status: 201, schema: contactAnswer, isTagged: true },
  upsertContacts: { status: 200, schema: wrapped(BulkOutcome) },
  getContact: { status: 200, schema: contactAnswer, isTagged: true },
  updateContact: { status: 200, schema: contactAnswer, isTagged: true },
  deleteContact: { status: 204, schema: null },
  editContacts: { status: 202, schema: importAnswer },
  previewImport: { status: 200, schema: wrapped(ImportPreview) },
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
  getGrowth: { status: 200, schema: everyOf(GrowthDay) },
  getCountries: { status: 200, schema: everyOf(CountryCount) },
  getOverview: { status: 200, schema: wrapped(Overview) },
  listKeys: { status: 200, schema: listOf(Key, [KEY_EXAMPLE], `${HOST}/v1/keys`) },
  createKey: { status: 201, schema: wrapped(CreatedKey) },
  revokeKey: { status: 204, schema: null },
  getAccount: { status: 200, schema: wrapped(Account) },
};
