export type { Accounts, AudienceQuery, Audiences } from './audiences.ts';
export { type AudienceClient, Muster, type MusterOptions } from './client.ts';
export type {
  BulkSettings,
  ContactEdit,
  ContactQuery,
  ContactSelection,
  Contacts,
  ExportQuery,
} from './contacts.ts';
export type { Download } from './download.ts';
export { etagOf } from './entity-tags.ts';
export {
  AuthenticationError,
  ConflictError,
  ConnectionError,
  DuplicateContactError,
  IdempotencyKeyReusedError,
  ImportFailedError,
  MusterError,
  NotFoundError,
  PermissionError,
  PreconditionFailedError,
  ProtocolError,
  RateLimitError,
  ServerError,
  TimeoutError,
  UnavailableError,
  ValidationError,
} from './errors.ts';
export type * from './figures.ts';
export type { CallOptions, Retry } from './http.ts';
export type {
  EditAction,
  Import,
  ImportPreview,
  ImportRow,
  ImportSettings,
  ImportStatus,
  RowStatus,
  SingleImport,
} from './import-types.ts';
export type { AllImports, ImportEvent, ImportRowQuery, Imports, WaitOptions } from './imports.ts';
export type { Keys } from './keys.ts';
export { AUDIENCE_NAME, LIMITS } from './limits.ts';
export type { List, Page, PageQuery } from './list.ts';
export type * from './types.ts';
export type { FileSource, UploadOptions, UploadProgress } from './upload.ts';
export type { UpsertManyOptions, UpsertResult } from './upsert-many.ts';
