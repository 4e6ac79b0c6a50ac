/** What the API description says in words, and which operation takes which query. */
import { FORM_LOOKAHEAD } from './form.ts';
import type { HEADER, QUERY } from './list-schemas.ts';
import type { OperationId } from './operations.ts';

export const ABOUT = `Audiences of phone contacts for messaging.

Bodies are JSON. One resource travels as \`{"data": {…}}\`, a list as \`{"data": […], "pagination": {…}}\`, refusals as \`{"errors": […]}\` with every broken rule. Each operation lists the codes it can answer with in \`x-error-codes\`; \`x-errors\` is the catalogue. A method that a path does not have is answered with 9004, a path that does not exist with 9003.`;

export const TAGS = [
  { name: 'Audiences', description: 'Named lists of contacts for one channel.' },
  { name: 'Contacts', description: 'The people of an audience: a phone number, and what messages say of them.' },
  {
    name: 'Imports',
    description: 'Files on their way into an audience: rehearsed, run, undone, with a verdict for every row.',
  },
  { name: 'Figures', description: 'Counts that people would rather look at than read, all of them exact.' },
  { name: 'Keys', description: 'Who may come in for the account, and what they may do.' },
  { name: 'Accounts', description: 'The account a key belongs to.' },
  { name: 'Server', description: 'What machines ask of a server. Needs no key.' },
];

/** What a summary has no room for. */
export const NOTES: Partial<Record<OperationId, string>> = {
  listAudiences: 'In the order of creation, oldest first.',
  createAudience: 'With its contacts it is created whole or not at all. A number that occurs twice is refused.',
  renameAudience: "Changes the name, which is all that can be changed. The audience's own name in other case is fine.",
  deleteAudience: 'It and its contacts are gone from every answer at once.',
  listContacts:
    'In the order of creation, oldest first, whether all or those that a search and tags find. A walk along the links returns every contact that exists throughout exactly once, whatever is created, changed or deleted meanwhile.',
  exportContacts:
    'In the order of creation, as the contacts are at one moment, packed by gzip when the client takes that. Importing the file into an empty audience gives the same contacts. In CSV an apostrophe goes before what a spreadsheet would run as a formula, and before numbers, of which it would lose digits; an import takes it away. An answer that breaks off is not whole: chunks that do not end say so.',
  listTags: 'The most used first, up to 1,000.',
  createContact: 'A number that the audience has already is refused; the error names the contact that has it.',
  upsertContacts:
    'Answers 200 whatever becomes of the rows, with a result for each. The accepted rows are stored in one transaction; a number that occurs twice is applied in order.',
  editContacts:
    'A job as an import is, in the same lists and under the same paths: follow it, cancel it, undo it. The contacts are chosen at one moment, before the answer. One that would have too many tags is refused alone, one that is gone meanwhile is skipped.',
  updateContact: '`update_date` moves only when something really changes.',
  createImport: `The body is the file itself, as it is or packed by gzip (said with \`Content-Encoding\` or not); its rows are read after the answer. Poll or follow the import to see how far it is. A form has the file in its part \`file\`, and beside it a part for each parameter below, or all of them as a JSON object in the part \`options\`; behind a file of more than ${FORM_LOOKAHEAD / 1024 ** 2} MiB no part may follow. What a form says goes before the query. A file may have 2 GiB, or what the server's \`IMPORT_MAX_BYTES\` says.`,
  previewImport:
    'Nothing is kept and nothing changed. The body is a file as for an upload, or its beginning, said with `partial=true` (of a spreadsheet all of it is needed); 32 MiB at the most. The answer shows the first rows by column, and works without a column of numbers too: `likely_number` then names the column that looks like one.',
  listImports: 'The newest first.',
  listAllImports: 'The newest first.',
  listImportRows: 'In the order of the file. The verdicts of a dry run are those that a run at that moment would give.',
  getRefusedRows:
    'In the columns of the file, with a last column `reason` that says what to mend: correct the rows and upload the file as it is. An import that still runs gives the rows it has refused so far.',
  followImport:
    'Server-sent events: `progress` whenever the import has changed, at most twice a second, then `done` when it has ended. Each carries the import as `GET` gives it, without `data` around it. A comment every 15 seconds keeps the connection alive.',
  runImport: 'Works on the same stored file again, this time in earnest.',
  undoImport:
    'Contacts the import made are deleted, those it changed or removed are as before; what somebody else changed since is left alone and counted.',
  cancelImport: 'It stops within a second. What is done stays, is counted, and can be undone.',
  getGrowth: 'Oldest first, today last.',
  getCountries: 'Most contacts first.',
  getOverview: 'Of all audiences together, with the health of the store.',
  listKeys: 'In the order of creation, oldest first. No answer but that of making a key has a secret.',
  createKey: 'Its secret is in the answer, this once. A key makes none that lives longer than itself.',
  revokeKey:
    'From now on it is refused, and whoever signed in to the console with it is out. A key cannot revoke itself: make another one first.',
  getAccount: 'Any other account is answered like a path that does not exist.',
};

/** Headers that an operation looks at. What takes `If-None-Match` may answer 304. */
export const HEADERS_TAKEN: Partial<Record<OperationId, (keyof typeof HEADER)[]>> = {
  getAudience: ['If-None-Match'],
  renameAudience: ['If-Match'],
  deleteAudience: ['If-Match'],
  getContact: ['If-None-Match'],
  updateContact: ['If-Match'],
  deleteContact: ['If-Match'],
};

export const QUERIES: Partial<Record<OperationId, (keyof typeof QUERY)[]>> = {
  listAudiences: ['page_size', 'page_token', 'filter[channel]'],
  listContacts: ['page_size', 'page_token', 'filter[search]', 'filter[tag]'],
  createImport: [
    'file_name',
    'name',
    'dry_run',
    'mode',
    'max_removals',
    'on_conflict',
    'empty',
    'default_country',
    'tags',
    'mapping',
    'encoding',
    'format',
  ],
  previewImport: ['file_name', 'partial', 'mapping', 'encoding', 'format'],
  exportContacts: ['format', 'filter[search]', 'filter[tag]'],
  getGrowth: ['days'],
  listKeys: ['page_size', 'page_token'],
  listImports: ['page_size', 'page_token'],
  listAllImports: ['page_size', 'page_token'],
  listImportRows: ['page_size', 'page_token', 'status'],
};
