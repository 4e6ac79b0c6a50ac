/** The API description, OpenAPI 3.1, made from the table of operations, the schemas and the catalogue of errors. */
import { ERRORS, type ErrorCode, MusterError, problem } from '../core/errors.ts';
import { ContactInput } from './contact-schemas.ts';
import { errorJson } from './errors.ts';
import { EXPORT_QUERY } from './export-schemas.ts';
import { FILE_TYPES, FORM_TYPE } from './file-types.ts';
import { FORM_LOOKAHEAD } from './form.ts';
import { PATH, QUERY } from './list-schemas.ts';
import { errorsOf, OPERATIONS, type Operation, type OperationId } from './operations.ts';
import { ANSWERS, COMPONENTS, Errors, Health, REQUESTS } from './schemas.ts';

/** The parts of JSON Schema that the description uses. */
export interface JsonSchema {
  $ref?: string;
  type?: string | string[];
  description?: string;
  examples?: unknown[];
  default?: unknown;
  enum?: unknown[];
  format?: string;
  pattern?: string;
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
  minItems?: number;
  maxItems?: number;
  uniqueItems?: boolean;
  items?: JsonSchema;
  properties?: Record<string, JsonSchema>;
  required?: string[];
  additionalProperties?: boolean;
  anyOf?: JsonSchema[];
  /** The codes of the rules that a member can break. */
  'x-error-codes'?: ErrorCode[];
}

export interface Parameter {
  name: string;
  in: 'path' | 'query';
  required: boolean;
  description: string;
  schema: JsonSchema;
}

export interface Media {
  schema: JsonSchema;
  example?: unknown;
  examples?: Record<string, { summary: string; value: unknown }>;
}

type Content = Record<'application/json', Media>;
/** A file instead of JSON, by its media type. */
type FileContent = Record<string, { schema: JsonSchema }>;

/** The JSON that an operation takes; undefined when it takes none, or a file. */
export function jsonBodyOf({ requestBody }: OperationObject): Media | undefined {
  return (requestBody?.content as Partial<Content> | undefined)?.['application/json'];
}

export interface Answer {
  description: string;
  headers: Record<string, { $ref: string }>;
  content?: Partial<Content> & Record<string, Media>;
}

export interface OperationObject {
  operationId: string;
  tags: string[];
  summary: string;
  description?: string;
  security?: [];
  parameters?: Parameter[];
  requestBody?: { required: true; content: Content | FileContent };
  responses: Record<string, Answer | { $ref: string }>;
  'x-scope'?: string;
  /** Every code the operation can answer with. */
  'x-error-codes': ErrorCode[];
  /** Those that come inside a 200: with a row, which they refuse alone, or with an import that failed. */
  'x-row-error-codes'?: ErrorCode[];
}

export type Method = 'get' | 'post' | 'put' | 'delete';

/** Operations by their method. */
export interface PathItem extends Partial<Record<Method, OperationObject>> {
  /** Those of methods that the path does not have. */
  'x-error-codes'?: ErrorCode[];
}

export interface OpenApi {
  openapi: string;
  info: Record<string, unknown>;
  servers: { url: string; description: string }[];
  security: Record<string, string[]>[];
  tags: { name: string; description: string }[];
  paths: Record<string, PathItem>;
  components: {
    securitySchemes: Record<string, Record<string, string>>;
    headers: Record<string, { description: string; schema: JsonSchema }>;
    responses: Record<string, Answer>;
    schemas: Record<string, JsonSchema>;
  };
  /** The catalogue of errors. */
  'x-errors': { code: ErrorCode; status: number; message: string }[];
}

const ABOUT = `Audiences of phone contacts for messaging.

Bodies are JSON. One resource travels as \`{"data": {…}}\`, a list as \`{"data": […], "pagination": {…}}\`, refusals as \`{"errors": […]}\` with every broken rule. Each operation lists the codes it can answer with in \`x-error-codes\`; \`x-errors\` is the catalogue. A method that a path does not have is answered with 9004, a path that does not exist with 9003.`;

const TAGS = [
  { name: 'Audiences', description: 'Named lists of contacts for one channel.' },
  { name: 'Contacts', description: 'The people of an audience: a phone number, and what messages say of them.' },
  {
    name: 'Imports',
    description: 'Files on their way into an audience: rehearsed, run, undone, with a verdict for every row.',
  },
  { name: 'Accounts', description: 'The account a key belongs to.' },
  { name: 'Server', description: 'What machines ask of a server. Needs no key.' },
];

/** What a summary has no room for. */
const NOTES: Partial<Record<OperationId, string>> = {
  listAudiences: 'In the order of creation, oldest first.',
  createAudience: 'With its contacts it is created whole or not at all. A number that occurs twice is refused.',
  renameAudience: "Changes the name, which is all that can be changed. The audience's own name in other case is fine.",
  deleteAudience: 'It and its contacts are gone from every answer at once.',
  listContacts:
    'In the order of creation, oldest first, whether all or those that a search finds. A walk along the links returns every contact that exists throughout exactly once, whatever is created, changed or deleted meanwhile.',
  exportContacts:
    'In the order of creation, as the contacts are at one moment, packed by gzip when the client takes that. Importing the file into an empty audience gives the same contacts. In CSV an apostrophe goes before what a spreadsheet would run as a formula, and before numbers, of which it would lose digits; an import takes it away. An answer that breaks off is not whole: chunks that do not end say so.',
  createContact: 'A number that the audience has already is refused; the error names the contact that has it.',
  upsertContacts:
    'Answers 200 whatever becomes of the rows, with a result for each. The accepted rows are stored in one transaction; a number that occurs twice is applied in order.',
  updateContact: '`update_date` moves only when something really changes.',
  createImport: `The body is the file itself, as it is or packed by gzip (said with \`Content-Encoding\` or not); its rows are read after the answer. Poll or follow the import to see how far it is. A form has the file in its part \`file\`, and beside it a part for each parameter below, or all of them as a JSON object in the part \`options\`; behind a file of more than ${FORM_LOOKAHEAD / 1024 ** 2} MiB no part may follow. What a form says goes before the query. A file may have 2 GiB, or what the server's \`IMPORT_MAX_BYTES\` says.`,
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
  getAccount: 'Any other account is answered like a path that does not exist.',
};

const QUERIES: Partial<Record<OperationId, (keyof typeof QUERY)[]>> = {
  listAudiences: ['page_size', 'page_token', 'filter[channel]'],
  listContacts: ['page_size', 'page_token', 'filter[search]'],
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
  exportContacts: ['format', 'filter[search]'],
  listImports: ['page_size', 'page_token'],
  listAllImports: ['page_size', 'page_token'],
  listImportRows: ['page_size', 'page_token', 'status'],
};

const HEADERS = {
  'X-Request-Id': { description: "The request's id, which the server's log knows it by", schema: { type: 'string' } },
  'Retry-After': { description: 'Seconds to wait before trying again', schema: { type: 'integer', minimum: 0 } },
  'WWW-Authenticate': { description: 'How a key can be sent', schema: { type: 'string' } },
};

const HEADERS_OF: Record<number, (keyof typeof HEADERS)[]> = {
  401: ['WWW-Authenticate'],
  429: ['Retry-After'],
  503: ['Retry-After'],
};

/** Codes that are alone with their status and come from many operations: described once. */
const SHARED: readonly ErrorCode[] = [9001, 9002, 9005, 9006, 9008, 9500, 9503];

const ANSWERED: Record<number, string> = { 200: 'Done', 201: 'Created', 202: 'Accepted', 204: 'Deleted; no body' };
/** What an upload can be: the content decides how it is read, not its name. */
const FILE_BODY: NonNullable<OperationObject['requestBody']> = {
  required: true,
  content: {
    ...Object.fromEntries(FILE_TYPES.map((type) => [type, { schema: { type: 'string', format: 'binary' } }])),
    [FORM_TYPE]: {
      schema: {
        type: 'object',
        required: ['file'],
        properties: {
          options: { type: 'object', description: 'The parameters of the query, by their names' },
          file: { type: 'string', format: 'binary', description: 'The file' },
        },
      },
    },
  },
};
/** The moment in the examples of errors. */
const MOMENT = '2026-03-01 13:00:00';

/** The description as pretty JSON: the same text whenever schemas and table are the same. */
export function openapiText(): string {
  const schemas: object = COMPONENTS;
  const names = new Map(Object.entries(schemas).map(([name, schema]) => [schema, name]));
  const text = JSON.stringify(
    describe(),
    function (this: object, _key, value: unknown) {
      const name = this === schemas ? undefined : names.get(value);
      return name === undefined ? value : { $ref: `#/components/schemas/${name}` };
    },
    2,
  );
  return `${text}\n`;
}

/** The description as an object; named schemas are references in it. */
export const openapiDocument = (): OpenApi => JSON.parse(openapiText());

function describe(): OpenApi {
  const paths: Record<string, PathItem> = {};
  for (const [id, operation] of Object.entries(OPERATIONS) as [OperationId, Operation][]) {
    const path = operation.path.replace(/:(\w+)/g, '{$1}');
    const method = operation.method.toLowerCase() as Method;
    paths[path] ??= { 'x-error-codes': [9004] };
    paths[path][method] = describeOperation(id, operation, path);
  }
  return {
    openapi: '3.1.1',
    info: {
      title: 'Muster',
      version: '1.0.0',
      description: ABOUT,
      license: { name: 'Apache License 2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/', description: 'The server this description came from' }],
    security: [{ apiKey: [] }, { bearer: [] }],
    tags: TAGS,
    paths: {
      ...paths,
      ...signOfLife('getHealth', '/healthz', 'Ask whether the process lives'),
      ...signOfLife('getReadiness', '/readyz', 'Ask whether the store answers'),
    },
    components: {
      securitySchemes: {
        apiKey: { type: 'apiKey', in: 'header', name: 'X-Dexatel-Key', description: "The account's key" },
        bearer: { type: 'http', scheme: 'bearer', description: 'The same key, as a bearer token' },
      },
      headers: HEADERS,
      responses: Object.fromEntries(SHARED.map((code) => [`Error${code}`, refusal([code], 'POST', '/v1/audiences')])),
      schemas: COMPONENTS as Record<string, JsonSchema>,
    },
    'x-errors': catalogue(),
  };
}

function describeOperation(id: OperationId, operation: Operation, path: string): OperationObject {
  const rowCodes = rowCodesOf(id);
  const codes = errorsOf(operation);
  const answered = codes.filter((code) => code === 9013 || !rowCodes.includes(code));
  const { status, schema, type, otherTypes = [] } = ANSWERS[id];
  const request: JsonSchema | undefined = REQUESTS[id];
  const success: Answer = { description: ANSWERED[status]!, headers: headersOf(status) };
  if (schema !== null) success.content = type === undefined ? json(schema) : text(type, schema);
  for (const other of otherTypes) Object.assign(success.content!, text(other, { type: 'string', format: 'binary' }));
  return {
    operationId: id,
    tags: [operation.tag],
    summary: operation.summary,
    description: NOTES[id],
    parameters: parametersOf(id, operation),
    requestBody: id === 'createImport' ? FILE_BODY : request && { required: true, content: json(bodyOf(request)) },
    responses: { [status]: success, ...refusals(answered, operation.method, path, request) },
    'x-scope': operation.scope,
    'x-error-codes': codes,
    'x-row-error-codes': rowCodes.length > 0 ? rowCodes : undefined,
  };
}

/** Codes that come inside a 200: with a row of a bulk call, and with an import that failed. */
function rowCodesOf(id: OperationId): ErrorCode[] {
  if (id === 'getImport') return [9023, 9024];
  if (id !== 'upsertContacts') return [];
  const members: JsonSchema[] = Object.values<object>(ContactInput.properties);
  return [...new Set(members.flatMap((member) => member['x-error-codes'] ?? []))].sort((one, other) => one - other);
}

function parametersOf(id: OperationId, { path }: Operation): Parameter[] | undefined {
  const inPath = [...path.matchAll(/:(\w+)/g)].map(([, name]) => parameter('path', name!, PATH));
  const queries = id === 'exportContacts' ? { ...QUERY, ...EXPORT_QUERY } : QUERY;
  const inQuery = (QUERIES[id] ?? []).map((name) => parameter('query', name, queries));
  const all = [...inPath, ...inQuery];
  return all.length > 0 ? all : undefined;
}

function parameter(place: Parameter['in'], name: string, schemas: Record<string, JsonSchema>): Parameter {
  const { description, ...schema } = schemas[name]!;
  return { name, in: place, required: place === 'path', description: description!, schema };
}

function bodyOf(data: JsonSchema): JsonSchema {
  return { type: 'object', required: ['data'], properties: { data }, examples: [{ data: data.examples?.[0] }] };
}

function json(described: JsonSchema): Content {
  const { examples, ...schema } = described;
  const isNamed = Object.values<object>(COMPONENTS).includes(described);
  return { 'application/json': { schema: isNamed ? described : schema, example: examples?.[0] } };
}

/** An answer that is no JSON. */
function text(type: string, { examples, ...schema }: JsonSchema): Record<string, Media> {
  return { [type.split(';', 1)[0]!]: { schema, example: examples?.[0] } };
}

function headersOf(status: number): Answer['headers'] {
  const names = ['X-Request-Id', ...(HEADERS_OF[status] ?? [])];
  return Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]));
}

/** The answers that refuse, by their status. */
function refusals(
  codes: ErrorCode[],
  method: string,
  path: string,
  request?: JsonSchema,
): OperationObject['responses'] {
  const answers: OperationObject['responses'] = {};
  for (const [status, group] of Map.groupBy(codes, (code) => ERRORS[code].status)) {
    const [first] = group;
    const isShared = SHARED.includes(first!);
    answers[status] = isShared
      ? { $ref: `#/components/responses/Error${first}` }
      : refusal(group, method, path, request);
  }
  return answers;
}

/** An answer that refuses with any of these codes, with an example for each. */
function refusal(codes: ErrorCode[], method: string, path: string, request?: JsonSchema): Answer {
  const url = path.replace(/\{(\w+)\}/g, (_, name) => exampleId(name));
  const examples: Media['examples'] = {};
  const lines: string[] = [];
  for (const code of codes) {
    const place = request && placeOf(code, request, 'data');
    const broken = problem(code, place);
    if (code === 1360 && !place?.includes('[')) broken.contact_id = exampleId('contact_id');
    const envelope = JSON.parse(errorJson(new MusterError([broken]), method, url));
    envelope.errors[0].timestamp = MOMENT;
    examples[code] = { summary: broken.message, value: envelope };
    lines.push(`- \`${code}\` ${broken.message}`);
  }
  const content = { 'application/json': { schema: Errors as JsonSchema, examples } };
  return { description: lines.join('\n'), headers: headersOf(ERRORS[codes[0]!].status), content };
}

function exampleId(name: string): string {
  return String((PATH as Record<string, JsonSchema>)[name]!.examples![0]);
}

/** Where in a body a rule with this code is broken, as `data.contacts[3].number`; undefined when no member has it. */
function placeOf(code: ErrorCode, schema: JsonSchema, place: string): string | undefined {
  for (const [name, member] of Object.entries(schema.properties ?? {})) {
    const here = `${place}.${name}`;
    if (member['x-error-codes']?.includes(code)) return here;
    const inside = member.items && placeOf(code, member.items, `${here}[3]`);
    if (inside !== undefined) return inside;
  }
  return undefined;
}

function catalogue(): OpenApi['x-errors'] {
  const bodies: JsonSchema[] = [ContactInput, ...Object.values(REQUESTS)];
  return Object.entries(ERRORS).map(([key, { status }]) => {
    const code = Number(key) as ErrorCode;
    const place = bodies.map((body) => placeOf(code, body, 'data')).find((found) => found !== undefined);
    return { code, status, message: problem(code, place).message };
  });
}

function signOfLife(operationId: string, path: string, summary: string): Record<string, PathItem> {
  const codes: ErrorCode[] = [9500, 9503];
  const success: Answer = { description: 'Yes', headers: headersOf(200), content: json(Health) };
  const responses = { 200: success, ...refusals(codes, 'GET', path) };
  const get: OperationObject = {
    operationId,
    tags: ['Server'],
    summary,
    security: [],
    responses,
    'x-error-codes': codes,
  };
  return { [path]: { get } };
}
