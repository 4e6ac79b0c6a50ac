/**
 * Every operation of the API on one page: where it is, which scope it needs, and the codes it can answer with beside
 * those of every operation. The app makes its routes from this table, openapi.ts the description.
 */
import type { ErrorCode } from '../core/errors.ts';
import type { Scope } from '../core/store.ts';

export interface Operation {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  path: string;
  scope: Scope;
  tag: 'Audiences' | 'Contacts' | 'Imports' | 'Figures' | 'Keys' | 'Accounts';
  summary: string;
  /** Whether it passes `Idempotency-Key` over, though it needs a key that may write. */
  isUnkeyed?: true;
  errors: readonly ErrorCode[];
}

const BODY = [1005, 1007, 9005, 9006, 9013] as const;
const PAGE = [9010, 9011, 9012] as const;
const AUDIENCE = [1301, 1302] as const;
const CONTACT = [...AUDIENCE, 1351, 1352] as const;

const IMPORT = [...AUDIENCE, 9020, 9021] as const;

const FIELDS = [1353, 1354, 1355, 1359, 1361, 1362, 1363, 1364] as const;

export const OPERATIONS = {
  listAudiences: {
    method: 'GET',
    path: '/v1/audiences',
    scope: 'read',
    tag: 'Audiences',
    summary: "List the account's audiences",
    errors: PAGE,
  },
  createAudience: {
    method: 'POST',
    path: '/v1/audiences',
    scope: 'write',
    tag: 'Audiences',
    summary: 'Create an audience, with up to 1,000 contacts, all or nothing',
    errors: [...BODY, 1303, 1304, 1305, 1306, 1307, 1308, 1309, ...FIELDS, 1360],
  },
  getAudience: {
    method: 'GET',
    path: '/v1/audiences/:audience_id',
    scope: 'read',
    tag: 'Audiences',
    summary: 'Read an audience',
    errors: AUDIENCE,
  },
  renameAudience: {
    method: 'PUT',
    path: '/v1/audiences/:audience_id',
    scope: 'write',
    tag: 'Audiences',
    summary: 'Rename an audience',
    errors: [...BODY, ...AUDIENCE, 1303, 1304, 1305, 1309, 9009],
  },
  deleteAudience: {
    method: 'DELETE',
    path: '/v1/audiences/:audience_id',
    scope: 'write',
    tag: 'Audiences',
    summary: 'Delete an audience and its contacts',
    errors: [...AUDIENCE, 9009],
  },
  listContacts: {
    method: 'GET',
    path: '/v1/audiences/:audience_id/contacts',
    scope: 'read',
    tag: 'Contacts',
    summary: "List or search an audience's contacts",
    errors: [...AUDIENCE, ...PAGE],
  },
  exportContacts: {
    method: 'GET',
    path: '/v1/audiences/:audience_id/contacts/export',
    scope: 'read',
    tag: 'Contacts',
    summary: "Download an audience's contacts as a file",
    errors: [...AUDIENCE, 9012, 9013],
  },
  listTags: {
    method: 'GET',
    path: '/v1/audiences/:audience_id/tags',
    scope: 'read',
    tag: 'Contacts',
    summary: "List an audience's tags",
    errors: AUDIENCE,
  },
  createContact: {
    method: 'POST',
    path: '/v1/audiences/:audience_id/contacts',
    scope: 'write',
    tag: 'Contacts',
    summary: 'Create a contact',
    errors: [...BODY, ...AUDIENCE, ...FIELDS, 1360],
  },
  upsertContacts: {
    method: 'POST',
    path: '/v1/audiences/:audience_id/contacts/bulk',
    scope: 'write',
    tag: 'Contacts',
    summary: 'Create or update up to 1,000 contacts, an answer for each',
    errors: [...BODY, ...AUDIENCE, 1308, ...FIELDS, 1360],
  },
  editContacts: {
    method: 'POST',
    path: '/v1/audiences/:audience_id/contacts/edits',
    scope: 'write',
    tag: 'Contacts',
    summary: 'Tag, untag or delete many contacts',
    errors: [...BODY, ...AUDIENCE, 1359],
  },
  getContact: {
    method: 'GET',
    path: '/v1/audiences/:audience_id/contacts/:contact_id',
    scope: 'read',
    tag: 'Contacts',
    summary: 'Read a contact',
    errors: CONTACT,
  },
  updateContact: {
    method: 'PUT',
    path: '/v1/audiences/:audience_id/contacts/:contact_id',
    scope: 'write',
    tag: 'Contacts',
    summary: 'Change what is given of a contact',
    errors: [...BODY, ...CONTACT, ...FIELDS, 1360, 9009],
  },
  deleteContact: {
    method: 'DELETE',
    path: '/v1/audiences/:audience_id/contacts/:contact_id',
    scope: 'write',
    tag: 'Contacts',
    summary: 'Delete a contact',
    errors: [...CONTACT, 9009],
  },
  createImport: {
    method: 'POST',
    path: '/v1/audiences/:audience_id/imports',
    scope: 'write',
    tag: 'Imports',
    summary: 'Upload a file of contacts',
    errors: [...AUDIENCE, 9005, 9006, 9013],
  },
  previewImport: {
    method: 'POST',
    path: '/v1/audiences/:audience_id/imports/preview',
    scope: 'write',
    tag: 'Imports',
    summary: 'See how a file would be read',
    isUnkeyed: true,
    errors: [...AUDIENCE, 9005, 9006, 9013, 9023],
  },
  listImports: {
    method: 'GET',
    path: '/v1/audiences/:audience_id/imports',
    scope: 'read',
    tag: 'Imports',
    summary: 'List an audience’s imports',
    errors: [...AUDIENCE, 9010, 9011],
  },
  listAllImports: {
    method: 'GET',
    path: '/v1/imports',
    scope: 'read',
    tag: 'Imports',
    summary: 'List the imports of all audiences',
    errors: [9010, 9011],
  },
  getImport: {
    method: 'GET',
    path: '/v1/audiences/:audience_id/imports/:import_id',
    scope: 'read',
    tag: 'Imports',
    summary: 'Read an import',
    errors: [...IMPORT, 9023, 9024],
  },
  listImportRows: {
    method: 'GET',
    path: '/v1/audiences/:audience_id/imports/:import_id/rows',
    scope: 'read',
    tag: 'Imports',
    summary: 'List what became of the rows',
    errors: [...IMPORT, ...PAGE, 9022],
  },
  getRefusedRows: {
    method: 'GET',
    path: '/v1/audiences/:audience_id/imports/:import_id/refused.csv',
    scope: 'read',
    tag: 'Imports',
    summary: 'Download the refused rows',
    errors: [...IMPORT, 9022],
  },
  followImport: {
    method: 'GET',
    path: '/v1/audiences/:audience_id/imports/:import_id/events',
    scope: 'read',
    tag: 'Imports',
    summary: 'Follow an import',
    errors: [...IMPORT],
  },
  runImport: {
    method: 'POST',
    path: '/v1/audiences/:audience_id/imports/:import_id/run',
    scope: 'write',
    tag: 'Imports',
    summary: 'Run an import that was rehearsed',
    errors: [...IMPORT, 9022],
  },
  undoImport: {
    method: 'POST',
    path: '/v1/audiences/:audience_id/imports/:import_id/undo',
    scope: 'write',
    tag: 'Imports',
    summary: 'Take back what an import changed',
    errors: [...IMPORT, 9022],
  },
  cancelImport: {
    method: 'POST',
    path: '/v1/audiences/:audience_id/imports/:import_id/cancel',
    scope: 'write',
    tag: 'Imports',
    summary: 'Stop an import',
    errors: [...IMPORT, 9022],
  },
  getGrowth: {
    method: 'GET',
    path: '/v1/audiences/:audience_id/growth',
    scope: 'read',
    tag: 'Figures',
    summary: 'See how an audience grew',
    errors: [...AUDIENCE, 9013],
  },
  getCountries: {
    method: 'GET',
    path: '/v1/audiences/:audience_id/countries',
    scope: 'read',
    tag: 'Figures',
    summary: "See the countries of an audience's numbers",
    errors: AUDIENCE,
  },
  getOverview: {
    method: 'GET',
    path: '/v1/overview',
    scope: 'read',
    tag: 'Figures',
    summary: 'See the account at a glance',
    errors: [],
  },
  listKeys: {
    method: 'GET',
    path: '/v1/keys',
    scope: 'read',
    tag: 'Keys',
    summary: "List the account's keys",
    errors: [9010, 9011],
  },
  createKey: {
    method: 'POST',
    path: '/v1/keys',
    scope: 'write',
    tag: 'Keys',
    summary: 'Make a key',
    // To give the answer again the secret would have to be stored.
    isUnkeyed: true,
    errors: BODY,
  },
  revokeKey: {
    method: 'DELETE',
    path: '/v1/keys/:key_id',
    scope: 'write',
    tag: 'Keys',
    summary: 'Revoke a key',
    isUnkeyed: true,
    errors: [9030, 9031, 9032],
  },
  getAccount: {
    method: 'GET',
    path: '/v1/accounts/:account_id',
    scope: 'read',
    tag: 'Accounts',
    summary: "Read the key's own account",
    errors: [9003],
  },
} as const satisfies Record<string, Operation>;

export type OperationId = keyof typeof OPERATIONS;

/** The operations whose body is a file, of whatever type and size. */
export const TAKES_FILE: readonly OperationId[] = ['createImport', 'previewImport'];

/** Whether an operation takes an `Idempotency-Key`. */
export function isKeyed({ scope, isUnkeyed }: Operation): boolean {
  return scope === 'write' && isUnkeyed !== true;
}

/** The codes an operation can answer with, those of every operation included. */
export function errorsOf(operation: Operation): ErrorCode[] {
  const everywhere: ErrorCode[] = [9001, 9008, 9500, 9503];
  // 9007 to those who come by a session's cookie.
  if (operation.scope === 'write') everywhere.push(9002, 9007);
  if (isKeyed(operation)) everywhere.push(9013, 9014);
  return [...new Set([...operation.errors, ...everywhere])].sort((one, other) => one - other);
}
