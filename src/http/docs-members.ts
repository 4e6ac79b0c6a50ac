/** Members and parameters on the documentation page: name, rule, meaning and codes. */
import type { ErrorCode } from '../core/errors.ts';
import { type Html, html, type Part, prose } from './docs-html.ts';
import type { JsonSchema, OpenApi, Parameter } from './openapi-types.ts';

export const errorLink = (code: ErrorCode) => html`<a href="#error-${code}"><code>${code}</code></a>`;

const TITLES = { path: 'Path', query: 'Query', header: 'Headers' };

/** The parameters of a kind, if there are any. */
export function parameterList(place: Parameter['in'], parameters: Parameter[]): Part {
  const ofPlace = parameters.filter((each) => each.in === place);
  if (ofPlace.length === 0) return undefined;
  const members = ofPlace.map(({ name, required, description, schema }) =>
    member(name, required && place !== 'path', { ...schema, description }, undefined),
  );
  return html`<h4>${TITLES[place]}</h4><dl class="members">${members}</dl>`;
}

/** The members of an object, those of objects inside folded away behind theirs. */
export function memberList(schema: JsonSchema, api: OpenApi): Part {
  const { anyOf, properties = {}, required = [], additionalProperties } = resolve(schema, api);
  if (anyOf) return anyOf.map((each) => [html`<p>${resolve(each, api).description}:</p>`, memberList(each, api)]);
  // Answers always hold every member: only in requests it is worth saying.
  const saysRequired = additionalProperties !== false;
  const members = Object.entries(properties).map(([name, raw]) => {
    const resolved = resolve(raw, api);
    const inner = resolve(resolved.items ?? resolved, api);
    const holdsMembers = inner.properties !== undefined || inner.anyOf !== undefined;
    const inside =
      holdsMembers &&
      html`<details><summary>Members of <code>${name}</code></summary>${memberList(inner, api)}</details>`;
    return member(name, saysRequired && required.includes(name), resolved, inside);
  });
  return html`<dl class="members">${members}</dl>`;
}

function member(name: string, isRequired: boolean, schema: JsonSchema, inside: Part): Html {
  const codes = schema['x-error-codes'] ?? [];
  const links = codes.map((code, index) => [index > 0 && ', ', errorLink(code)]);
  return html`<div>
<dt><code>${name}</code> <span class="rule">${ruleOf(schema)}</span>${isRequired && REQUIRED}</dt>
<dd>
${schema.description && prose(`${schema.description}.`)}
${codes.length > 0 && html`<span class="codes">Codes: ${links}</span>`}
${inside}
</dd>
</div>`;
}

const REQUIRED = html` <span class="required">required</span>`;

/** What a value must be, in words: `string, at most 32 characters, or null`. */
function ruleOf(schema: JsonSchema): string {
  const [type = 'object', ...others] = [schema.type ?? []].flat();
  const rules = [schema.enum === undefined ? (schema.format ?? NAMES[type] ?? type) : optionsOf(schema.enum)];
  rules.push(
    range(schema.minLength, schema.maxLength, ' characters'),
    range(schema.minItems, schema.maxItems, ' items'),
    range(schema.minimum, schema.maximum, ''),
  );
  if (type === 'array' && schema.items?.type !== undefined && !schema.items.properties) {
    rules.push(`each a ${ruleOf(schema.items)}`);
  }
  if (others.includes('null')) rules.push('or null');
  if (schema.default !== undefined) rules.push(`${schema.default} by default`);
  return rules.filter((rule) => rule !== '').join(', ');
}

const NAMES: Record<string, string> = { array: 'list', integer: 'number' };
/** Most options to be listed in words. */
const FEW = 5;

const optionsOf = (options: unknown[]) => (options.length > FEW ? typeof options[0] : `one of ${options.join(', ')}`);

function range(min: number | undefined, max: number | undefined, unit: string): string {
  if (max === undefined) return '';
  const most = max.toLocaleString('en') + unit;
  return min === undefined ? `at most ${most}` : `${min} to ${most}`;
}

function resolve(schema: JsonSchema, api: OpenApi): JsonSchema {
  return schema.$ref === undefined ? schema : api.components.schemas[nameIn(schema.$ref)]!;
}

/** The last part of a reference. */
export const nameIn = (reference: string) => reference.slice(reference.lastIndexOf('/') + 1);
