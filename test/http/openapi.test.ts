import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import Schema from 'typebox/schema';
import { CHANNELS, createAudience, MAX_NAME, renameAudience } from '../../src/core/audiences.ts';
import {
  MAX_CONTACTS,
  MAX_TAG_LENGTH,
  MAX_TAGS,
  readContact,
  readContactRows,
  TEXT_FIELDS,
} from '../../src/core/contact-fields.ts';
import { upsertContacts } from '../../src/core/contacts.ts';
import { createEdit } from '../../src/core/edits.ts';
import { ERRORS, type ErrorCode, MusterError, type Problem } from '../../src/core/errors.ts';
import type { Import } from '../../src/core/import-job.ts';
import { createKey } from '../../src/core/keys.ts';
import { MAX_NUMBER_LENGTH } from '../../src/core/number.ts';
import { MAX_PAGE_SIZE, readPageRequest } from '../../src/core/paging.ts';
import { MAX_SEARCH } from '../../src/core/search-text.ts';
import type { Audience, Key, RowFate, Store } from '../../src/core/store.ts';
import { ContactChange, ContactInput } from '../../src/http/contact-schemas.ts';
import { QUERY } from '../../src/http/list-schemas.ts';
import { jsonBodyOf, openapiDocument, openapiText } from '../../src/http/openapi.ts';
import type { Answer, JsonSchema, Media, Method, OperationObject } from '../../src/http/openapi-types.ts';
import { errorsOf, OPERATIONS, type Operation, type OperationId } from '../../src/http/operations.ts';

const SEED = 20260301;
const api = openapiDocument();

interface Described {
  path: string;
  method: Method;
  operation: OperationObject;
}

const described: Described[] = Object.entries(api.paths).flatMap(([path, item]) =>
  (['get', 'post', 'put', 'delete'] as const).flatMap((method) => {
    const operation = item[method];
    return operation === undefined ? [] : [{ path, method, operation }];
  }),
);
const ofTable = described.filter(({ path }) => path.startsWith('/v1/'));

/** Whether a value is as a schema of the document says, references and all. */
const fits = (schema: JsonSchema, value: unknown) =>
  Schema.Check({ ...schema, components: api.components } as object, value);

function answersOf({ responses }: OperationObject): [status: string, answer: Answer][] {
  return Object.entries(responses).map(([status, response]) => [
    status,
    '$ref' in response ? (lookUp(response.$ref) as Answer) : response,
  ]);
}

function lookUp(reference: string): unknown {
  assert.ok(reference.startsWith('#/'), reference);
  return reference
    .slice(2)
    .split('/')
    .reduce((place: unknown, key) => (place as Record<string, unknown>)[key], api);
}

/** Every object in a value, with the path to it. */
function* objectsIn(value: unknown, path = '#'): Generator<[string, Record<string, unknown>]> {
  if (typeof value !== 'object' || value === null) return;
  if (!Array.isArray(value)) yield [path, value as Record<string, unknown>];
  for (const [key, inner] of Object.entries(value)) yield* objectsIn(inner, `${path}/${key}`);
}

describe('openapi.json', () => {
  it('is what the table and the schemas give: npm run openapi', () => {
    assert.equal(readFileSync(new URL('../../openapi.json', import.meta.url), 'utf8'), openapiText());
  });

  it('is compared by npm run openapi -- --check', () => {
    const file = new URL('../../src/http/openapi-file.ts', import.meta.url).pathname;
    execFileSync(process.execPath, [file, '--check']);
  });
});

describe('the document', () => {
  it('is OpenAPI 3.1 in its structure', () => {
    assert.match(api.openapi, /^3\.1\.\d+$/);
    assert.ok(api.info.title);
    assert.ok(api.info.version);
    const tags = api.tags.map(({ name }) => name);
    const ids = new Set<string>();
    for (const { path, method, operation } of described) {
      const where = `${method} ${path}`;
      assert.ok(!ids.has(operation.operationId), where);
      ids.add(operation.operationId);
      assert.ok(operation.summary, where);
      for (const tag of operation.tags) assert.ok(tags.includes(tag), where);
      const parameters = operation.parameters ?? [];
      const inPath = parameters.filter((each) => each.in === 'path');
      const templated = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      assert.deepEqual(new Set(inPath.map(({ name }) => name)), new Set(templated), where);
      for (const each of inPath) assert.equal(each.required, true, where);
      for (const each of parameters) assert.ok(each.description && each.schema, where);
      for (const [status, answer] of answersOf(operation)) {
        assert.match(status, /^[2-5]\d\d$/, where);
        assert.ok(answer.description, where);
      }
    }
    for (const requirement of api.security) {
      for (const name of Object.keys(requirement)) assert.ok(name in api.components.securitySchemes, name);
    }
  });

  it('has no reference that leads nowhere and no component that nothing leads to', () => {
    const used = new Set<string>();
    for (const [path, { $ref }] of objectsIn(api)) {
      if ($ref === undefined) continue;
      assert.ok(lookUp($ref as string), path);
      used.add($ref as string);
    }
    for (const kind of ['schemas', 'responses', 'headers'] as const) {
      for (const name of Object.keys(api.components[kind])) {
        assert.ok(used.has(`#/components/${kind}/${name}`), name);
      }
    }
  });

  it('has schemas that are JSON Schema 2020-12', () => {
    const meta = Schema.Meta['https://json-schema.org/draft/2020-12/schema'];
    for (const [name, schema] of Object.entries(api.components.schemas)) assert.ok(Schema.Check(meta, schema), name);
  });

  it('describes each member of requests and answers', () => {
    for (const [path, { properties }] of objectsIn(api.components.schemas)) {
      if (typeof properties !== 'object') continue;
      for (const [name, member] of Object.entries(properties as Record<string, JsonSchema>)) {
        const { description } = member.$ref === undefined ? member : (lookUp(member.$ref) as JsonSchema);
        assert.ok(description, `${path}: ${name}`);
      }
    }
  });

  it('has every operation of the table, and no other below /v1', () => {
    const table = Object.entries(OPERATIONS).map(([id, { method, path }]) => `${id} ${method} ${path}`);
    const document = ofTable.map(({ path, method, operation }) => {
      return `${operation.operationId} ${method.toUpperCase()} ${path.replace(/\{(\w+)\}/g, ':$1')}`;
    });
    assert.deepEqual(document.sort(), table.sort());
  });

  it('asks for a key everywhere but where a machine asks for signs of life', () => {
    const open = described.filter(({ operation }) => operation.security?.length === 0).map(({ path }) => path);
    assert.deepEqual(open, ['/healthz', '/readyz']);
  });
});

describe('its errors', () => {
  it('are those of the catalogue, each with its status and message', () => {
    const catalogue = api['x-errors'];
    assert.deepEqual(new Map(catalogue.map(({ code, status }) => [code, status])), statuses());
    for (const { code, message } of catalogue) assert.ok(isMessageOf(code, message), message);
  });

  it('all come from somewhere: an operation, or a method that a path does not have', () => {
    const fromOperations = described.flatMap(({ operation }) => operation['x-error-codes']);
    const fromPaths = Object.values(api.paths).flatMap((item) => item['x-error-codes'] ?? []);
    assert.deepEqual(new Set([...fromOperations, ...fromPaths]), new Set(statuses().keys()));
  });

  for (const { operation } of ofTable) {
    const id = operation.operationId as OperationId;
    it(`of ${id} are those of the table, under their status, with an example each`, () => {
      const expected = errorsOf(OPERATIONS[id] as Operation);
      assert.deepEqual(operation['x-error-codes'], expected);
      const found: ErrorCode[] = [];
      for (const [status, answer] of answersOf(operation)) {
        for (const [key, { summary, value }] of Object.entries(answer.content?.['application/json']?.examples ?? {})) {
          const code = Number(key) as ErrorCode;
          found.push(code);
          assert.equal(ERRORS[code].status, Number(status), key);
          assert.ok(isMessageOf(code, summary), summary);
          assert.ok(answer.description.includes(`\`${code}\` ${summary}`), key);
          const [error, ...others] = (value as { errors: Record<string, unknown>[] }).errors;
          assert.deepEqual(others, []);
          assert.deepEqual([error!.code, error!.status, error!.message], [code, Number(status), summary]);
        }
      }
      const inRows = operation['x-row-error-codes'] ?? [];
      assert.deepEqual(new Set([...found, ...inRows]), new Set(expected));
    });
  }

  it('of members and parameters are among those of their operation', () => {
    for (const { operation } of described) {
      const body = jsonBodyOf(operation)?.schema;
      const schemas = [body, ...(operation.parameters ?? []).map(({ schema }) => schema)];
      for (const code of schemas.flatMap((schema) => memberCodes(schema))) {
        assert.ok(operation['x-error-codes'].includes(code), `${operation.operationId}: ${code}`);
      }
    }
  });

  function statuses(): Map<number, number> {
    return new Map(Object.entries(ERRORS).map(([code, { status }]) => [Number(code), status]));
  }

  function isMessageOf(code: ErrorCode, text: string): boolean {
    const [before, after] = ERRORS[code].message.split('{place}') as [string, string?];
    return after === undefined ? text.endsWith(before) : text.startsWith(before) && text.endsWith(after);
  }

  function memberCodes(schema: JsonSchema | undefined): ErrorCode[] {
    if (schema === undefined) return [];
    const target = schema.$ref === undefined ? schema : (lookUp(schema.$ref) as JsonSchema);
    const inner = [...Object.values(target.properties ?? {}), target.items];
    return [...(target['x-error-codes'] ?? []), ...inner.flatMap(memberCodes)];
  }
});

describe('its examples', () => {
  it('are as their schemas say', () => {
    let count = 0;
    const check = (where: string, schema: JsonSchema, value: unknown) => {
      count++;
      assert.ok(fits(schema, value), `${where}: ${JSON.stringify(value)}`);
    };
    for (const [path, object] of objectsIn(api.components.schemas)) {
      if (path.endsWith('/properties') || !Array.isArray(object.examples)) continue;
      for (const example of object.examples) check(path, object as JsonSchema, example);
    }
    for (const { operation } of described) {
      const id = operation.operationId;
      for (const { name, schema } of operation.parameters ?? []) {
        for (const example of schema.examples ?? []) check(`${id} ${name}`, schema, example);
      }
      const answers = answersOf(operation).map(([, answer]) => answer.content);
      for (const content of [operation.requestBody?.content, ...answers]) {
        const media: Media | undefined = content?.['application/json'];
        if (media?.example !== undefined) check(id, media.schema, media.example);
        for (const { value } of Object.values(media?.examples ?? {})) check(id, media!.schema, value);
      }
    }
    assert.ok(count > 200, `${count} examples`);
  });

  it('of requests are accepted by core, and a bulk call refuses the row its answer says', async () => {
    const requests: Record<string, (data: unknown) => unknown> = {
      createAudience: (data) => createAudience(taking, 'account', data, 'valid'),
      renameAudience: (data) => renameAudience(taking, 'account', 'audience', data),
      createContact: (data) => assert.deepEqual(problemsOf(data, true), []),
      updateContact: (data) => assert.deepEqual(problemsOf(data, false), []),
      upsertContacts: async (data) => {
        const outcome = await upsertContacts(taking, { account_id: '', audience_id: '' }, data, 'valid');
        assert.deepEqual({ data: outcome }, exampleAnswer('upsertContacts'));
      },
      editContacts: (data) => createEdit(taking, { account_id: '', audience_id: '' }, data),
      createKey: (data) => createKey(taking, { account_id: '', expire_date: null } as Key, data),
    };
    for (const { operation } of described) {
      const json = jsonBodyOf(operation);
      if (json === undefined) continue;
      const { example } = json;
      await requests[operation.operationId]!((example as { data: unknown }).data);
    }
  });

  function exampleAnswer(id: OperationId): unknown {
    const { operation } = described.find((each) => each.operation.operationId === id)!;
    return answersOf(operation)[0]![1].content!['application/json']!.example;
  }

  /** A store that takes whatever core lets through. */
  const taking = {
    keys: { create: async () => ({}) as Key },
    audiences: { create: async () => ({}) as Audience, rename: async () => ({}) as Audience },
    imports: {
      begin: async () => '1',
      queue: async () => ({ id: '1' }) as Import,
    },
    contacts: {
      async *export() {},
      upsert: async (_account: string, _audience: string, rows: unknown[]): Promise<RowFate[]> => {
        const answer = exampleAnswer('upsertContacts') as { data: { results: { id: string }[] } };
        return rows.map(() => ({ status: 'created', id: answer.data.results[0]!.id }));
      },
    },
  } as unknown as Store;
});

describe('its limits are those of core', () => {
  const number = '12025550150';
  const input = (contact: object) => Schema.Check(ContactInput, { number, ...contact });
  const change = (contact: object) => Schema.Check(ContactChange, contact);
  const codesOf = (contact: object) => problemsOf({ number, ...contact }, true).map(({ code }) => code);

  /** A text of so many code points, of several lengths in UTF-16, that is neither trimmed nor composed. */
  const textOf = (length: number) =>
    fc
      .array(fc.constantFrom('a', 'Z', '7', 'ø', 'Հ', '漢', '-', '👍', '𝒜'), { minLength: length, maxLength: length })
      .map((characters) => characters.join(''));

  for (const { name, alias, max, tooLong } of TEXT_FIELDS) {
    for (const member of alias === undefined ? [name] : [name, alias]) {
      it(`${member}: ${max} characters`, () => {
        fc.assert(
          fc.property(fc.integer({ min: 1, max }).chain(textOf), textOf(max), textOf(max + 1), (some, full, long) => {
            for (const text of [some, full]) {
              assert.ok(input({ [member]: text }) && change({ [member]: text }), text);
              assert.deepEqual(codesOf({ [member]: text }), [], text);
            }
            assert.ok(!input({ [member]: long }) && !change({ [member]: long }), long);
            assert.deepEqual(codesOf({ [member]: long }), [tooLong], long);
          }),
          { seed: SEED, numRuns: 50 },
        );
      });

      it(`${member}: text or null, nothing else`, () => {
        for (const value of [null, '']) {
          assert.ok(input({ [member]: value }));
          assert.deepEqual(codesOf({ [member]: value }), []);
        }
        for (const value of [1, true, [], {}]) {
          assert.ok(!input({ [member]: value }));
          assert.deepEqual(codesOf({ [member]: value }), [9013]);
        }
      });
    }
  }

  it('tags: how many, and how long', () => {
    const tags = (count: number, length: number) =>
      Array.from({ length: count }, (_, index) => String.fromCodePoint(0x1f600 + index).repeat(length));
    const cases: [unknown, ErrorCode[]][] = [
      [null, []],
      [[], []],
      [tags(MAX_TAGS, MAX_TAG_LENGTH), []],
      [tags(MAX_TAGS + 1, 1), [1359]],
      [tags(1, MAX_TAG_LENGTH + 1), [9013]],
      [[''], [9013]],
      [[1], [9013]],
      ['vip', [9013]],
    ];
    for (const [value, expected] of cases) {
      assert.deepEqual(codesOf({ tags: value }), expected, JSON.stringify(value));
      assert.equal(input({ tags: value }), expected.length === 0, JSON.stringify(value));
      assert.equal(change({ tags: value }), expected.length === 0, JSON.stringify(value));
    }
  });

  it('number: how long, and needed to create', () => {
    const spaced = (length: number) => `${number.slice(0, 1)}${' '.repeat(length - number.length)}${number.slice(1)}`;
    const cases: [object, ErrorCode[]][] = [
      [{ number: spaced(MAX_NUMBER_LENGTH) }, []],
      [{ number: spaced(MAX_NUMBER_LENGTH + 1) }, [1355]],
      [{ number: null }, [1353]],
      [{ number: '' }, [1353]],
      [{ number: 12025550150 }, [9013]],
    ];
    for (const [contact, expected] of cases) {
      assert.deepEqual(codesOf(contact), expected, JSON.stringify(contact));
      assert.equal(input(contact), expected.length === 0, JSON.stringify(contact));
      assert.equal(change(contact), expected.length === 0, JSON.stringify(contact));
    }
    assert.ok(!Schema.Check(ContactInput, {}) && Schema.Check(ContactChange, {}));
    assert.deepEqual([problemsOf({}, true).map(({ code }) => code), problemsOf({}, false)], [[1353], []]);
  });

  it('an audience: its name, its channel, its contacts', async () => {
    const { AudienceInput } = api.components.schemas;
    const audience = { name: 'a'.repeat(MAX_NAME), channel: 'SMS' };
    const cases: [object, ErrorCode[]][] = [
      ...CHANNELS.map((channel): [object, ErrorCode[]] => [{ channel }, []]),
      [{ channel: 'FAX' }, [1307]],
      [{ channel: undefined }, [1306]],
      [{ name: undefined }, [1303]],
      [{ name: '𝒜'.repeat(MAX_NAME) }, []],
      [{ name: '𝒜'.repeat(MAX_NAME + 1) }, [1305]],
      [{ contacts: [] }, []],
      [{ contacts: {} }, [9013]],
      [{ contacts: Array(MAX_CONTACTS + 1).fill({ number }) }, [1308]],
    ];
    for (const [members, expected] of cases) {
      const data = JSON.parse(JSON.stringify({ ...audience, ...members }));
      assert.deepEqual(await codesOfAudience(data), expected, JSON.stringify(members).slice(0, 100));
      assert.equal(fits(AudienceInput!, data), expected.length === 0, JSON.stringify(members).slice(0, 100));
    }
  });

  it('a list of contacts', () => {
    const { BulkInput } = api.components.schemas;
    for (const [count, expected] of [
      [MAX_CONTACTS, []],
      [MAX_CONTACTS + 1, [1308]],
    ] as const) {
      const contacts = Array(count).fill({ number });
      const problems: Problem[] = [];
      readContactRows(contacts, 'data.contacts', 'valid', problems);
      assert.deepEqual(
        problems.map(({ code }) => code),
        expected,
      );
      assert.equal(fits(BulkInput!, { contacts }), expected.length === 0);
    }
  });

  it('pages and searches', () => {
    for (const size of [0, 1, MAX_PAGE_SIZE, MAX_PAGE_SIZE + 1]) {
      const problems: Problem[] = [];
      readPageRequest({ page_size: String(size) }, 'scope', problems);
      assert.equal(Schema.Check(QUERY.page_size, size), problems.length === 0, String(size));
    }
    const search: JsonSchema = QUERY['filter[search]'];
    assert.equal(search.maxLength, MAX_SEARCH);
  });

  async function codesOfAudience(data: unknown): Promise<ErrorCode[]> {
    const store = { audiences: { create: async () => ({}) } } as unknown as Store;
    try {
      await createAudience(store, 'account', data, 'valid');
      return [];
    } catch (error) {
      if (!(error instanceof MusterError)) throw error;
      return error.problems.map(({ code }) => code);
    }
  }
});

function problemsOf(contact: unknown, needsNumber: boolean): Problem[] {
  const problems: Problem[] = [];
  readContact(contact, 'data', needsNumber, 'valid', problems);
  return problems;
}
