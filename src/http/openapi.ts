/** The API description, OpenAPI 3.1, made from the table of operations, the schemas and the catalogue of errors. */
import { ERRORS, type ErrorCode, MusterError, problem } from '../core/errors.ts';
import { ContactInput } from './contact-schemas.ts';
import { errorJson } from './errors.ts';
import { EXPORT_QUERY } from './export-schemas.ts';
import { FILE_TYPES, FORM_TYPE } from './file-types.ts';
import { HEADER, IDEMPOTENCY_KEY, PATH, QUERY } from './list-schemas.ts';
import { ABOUT, HEADERS_TAKEN, NOTES, QUERIES, TAGS } from './openapi-texts.ts';
import type {
  Answer,
  Content,
  JsonSchema,
  Media,
  Method,
  OpenApi,
  OperationObject,
  Parameter,
  PathItem,
} from './openapi-types.ts';
import { errorsOf, isKeyed, OPERATIONS, type Operation, type OperationId, TAKES_FILE } from './operations.ts';
import { ANSWERS, COMPONENTS, Errors, Health, REQUESTS } from './schemas.ts';

/** The JSON that an operation takes; undefined when it takes none, or a file. */
export function jsonBodyOf({ requestBody }: OperationObject): Media | undefined {
  return (requestBody?.content as Partial<Content> | undefined)?.['application/json'];
}

const HEADERS = {
  'X-Request-Id': { description: "The request's id, which the server's log knows it by", schema: { type: 'string' } },
  'Retry-After': { description: 'Seconds to wait before trying again', schema: { type: 'integer', minimum: 0 } },
  ETag: {
    description: 'Stands for what is shown: it is another one when anything of it has changed',
    schema: { type: 'string', pattern: '^"[^"]*"$' },
  },
  'Idempotency-Key': { description: 'The key that came with the request', schema: { type: 'string' } },
  'Idempotent-Replayed': {
    description: '`true` when this is the answer to an earlier request of this key, given again; of a refusal too',
    schema: { type: 'string', enum: ['true'] },
  },
  'WWW-Authenticate': { description: 'How a key can be sent', schema: { type: 'string' } },
};

const HEADERS_OF: Record<number, (keyof typeof HEADERS)[]> = {
  401: ['WWW-Authenticate'],
  429: ['Retry-After'],
  503: ['Retry-After'],
};

/** Codes that have their status to themselves and come from many operations: described once. */
const SHARED: readonly ErrorCode[][] = [[9001], [9002, 9007], [9005], [9006], [9008], [9500], [9503]];

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
      responses: Object.fromEntries(
        SHARED.map((codes) => [`Error${codes[0]}`, refusal(codes, 'POST', '/v1/audiences')]),
      ),
      schemas: COMPONENTS as Record<string, JsonSchema>,
    },
    'x-errors': catalogue(),
  };
}

function describeOperation(id: OperationId, operation: Operation, path: string): OperationObject {
  const rowCodes = rowCodesOf(id);
  const codes = errorsOf(operation);
  const answered = codes.filter((code) => code === 9013 || !rowCodes.includes(code));
  const { status, schema, type, otherTypes = [], isTagged } = ANSWERS[id];
  const request: JsonSchema | undefined = REQUESTS[id];
  const success: Answer = {
    description: ANSWERED[status]!,
    headers: { ...headersOf(status, isTagged), ...replayHeaders(operation) },
  };
  if (schema !== null) success.content = type === undefined ? json(schema) : text(type, schema);
  for (const other of otherTypes) Object.assign(success.content!, text(other, { type: 'string', format: 'binary' }));
  return {
    operationId: id,
    tags: [operation.tag],
    summary: operation.summary,
    description: NOTES[id],
    parameters: parametersOf(id, operation),
    requestBody: TAKES_FILE.includes(id) ? FILE_BODY : request && { required: true, content: json(bodyOf(request)) },
    responses: { [status]: success, ...unchanged(id), ...refusals(answered, operation.method, path, request) },
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

function parametersOf(id: OperationId, operation: Operation): Parameter[] | undefined {
  const inPath = [...operation.path.matchAll(/:(\w+)/g)].map(([, name]) => parameter('path', name!, PATH));
  const queries = id === 'exportContacts' ? { ...QUERY, ...EXPORT_QUERY } : QUERY;
  const inQuery = (QUERIES[id] ?? []).map((name) => parameter('query', name, queries));
  const inHeader = (HEADERS_TAKEN[id] ?? []).map((name) => parameter('header', name, HEADER));
  if (isKeyed(operation)) inHeader.push(parameter('header', 'Idempotency-Key', IDEMPOTENCY_KEY));
  const all = [...inPath, ...inQuery, ...inHeader];
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

/** What an answer to a write says of its `Idempotency-Key`. */
function replayHeaders(operation: Operation): Answer['headers'] {
  const names = isKeyed(operation) ? ['Idempotency-Key', 'Idempotent-Replayed'] : [];
  return Object.fromEntries(names.map(headerNamed));
}

/** The answer to somebody who has it already. */
function unchanged(id: OperationId): OperationObject['responses'] {
  if (!HEADERS_TAKEN[id]?.includes('If-None-Match')) return {};
  return { 304: { description: 'Not changed; no body', headers: headersOf(304, true) } };
}

function headersOf(status: number, isTagged = false): Answer['headers'] {
  const names = ['X-Request-Id', ...(isTagged ? ['ETag'] : []), ...(HEADERS_OF[status] ?? [])];
  return Object.fromEntries(names.map(headerNamed));
}

function headerNamed(name: string): [string, { $ref: string }] {
  return [name, { $ref: `#/components/headers/${name}` }];
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
    const isShared = SHARED.some((codes) => codes.join() === group.join());
    answers[status] = isShared
      ? { $ref: `#/components/responses/Error${group[0]}` }
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
