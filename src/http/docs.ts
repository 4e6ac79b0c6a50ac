/** The documentation page: HTML made on the server from the API description, without scripts. */
import type { ErrorCode } from '../core/errors.ts';
import { block, type Html, html, json, type Part, prose } from './docs-html.ts';
import { type Chapter, introduction } from './docs-introduction.ts';
import { errorLink, memberList, nameIn, parameterList } from './docs-members.ts';
import { jsonBodyOf, openapiDocument } from './openapi.ts';
import type { Answer, JsonSchema, Method, OpenApi, OperationObject } from './openapi-types.ts';

export { docsStyle } from './docs-style.ts';

interface Entry {
  path: string;
  method: Method;
  operation: OperationObject;
}

const METHODS: readonly Method[] = ['get', 'post', 'put', 'delete'];

const ICON =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Crect width='16' height='16' rx='4' fill='%23106b5b'/%3E%3Cpath d='M4 12V4l4 4 4-4v8' fill='none' stroke='%23fff' stroke-width='2'/%3E%3C/svg%3E";

/** The page, whole. */
export function docsPage(): string {
  const api = openapiDocument();
  const entries = Object.entries(api.paths).flatMap(([path, item]) =>
    METHODS.flatMap((method) => ({ path, method, operation: item[method]! })).filter(({ operation }) => operation),
  );
  const groups = api.tags.map((tag) => ({
    ...tag,
    entries: entries.filter(({ operation }) => operation.tags.includes(tag.name)),
  }));
  const chapters = introduction();
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="description" content="The API of Muster: audiences of phone contacts for messaging">
<title>Muster API</title>
<link rel="icon" href="${ICON}">
<link rel="stylesheet" href="/docs/style.css">
</head>
<body>
<a class="skip" href="#content">Skip to the content</a>
<header class="top">
<a class="brand" href="#content">Muster <span>API</span></a>
<a href="/openapi.json">openapi.json</a>
</header>
${navigation(chapters, groups)}
<main id="content" tabindex="-1">
<h1>Muster API</h1>
${chapters.map(chapterSection)}
${groups.map(
  ({ name, description, entries: own }) => html`
<section class="group">
<h2 id="${name}">${name}</h2>
<p>${description}</p>
${own.map((entry) => operationSection(entry, api))}
</section>`,
)}
${errorCatalogue(api, entries)}
</main>
</body>
</html>
`;
  return page.text;
}

type Group = { name: string; entries: Entry[] };

function navigation(chapters: Chapter[], groups: Group[]): Html {
  return html`<nav aria-label="Contents"><details>
<summary>Contents</summary>
<p>Introduction</p>
<ul>${chapters.map(({ id, title }) => html`<li><a href="#${id}">${title}</a></li>`)}</ul>
${groups.map(
  ({ name, entries }) => html`
<p><a href="#${name}">${name}</a></p>
<ul>${entries.map(
    ({ method, operation }) => html`
<li><a href="#${operation.operationId}">${badge(method)} <span>${shortTitle(operation)}</span></a></li>`,
  )}</ul>`,
)}
<p><a href="#errors">Errors</a></p>
</details></nav>`;
}

/** A summary up to its first comma: what the navigation has room for. */
const shortTitle = ({ summary }: OperationObject) => summary.split(', ', 1)[0]!;

const badge = (method: Method) => html`<span class="method ${method}">${method.toUpperCase()}</span>`;

function chapterSection({ id, title, text }: Chapter): Html {
  return html`<section class="chapter"><h2 id="${id}">${title}</h2>${text}</section>`;
}

function operationSection(entry: Entry, api: OpenApi): Html {
  const { path, method, operation } = entry;
  const id = operation.operationId;
  const { parameters = [], 'x-scope': scope } = operation;
  const body = jsonBodyOf(operation)?.schema.properties?.data;
  const [status, answer] = Object.entries(operation.responses)[0] as [string, Answer];
  const [type, media] = Object.entries(answer.content ?? {})[0] ?? [];
  const content = answer.content?.['application/json'];
  const example = content ? json(content.example) : media && String(media.example);
  return html`
<article class="operation" aria-labelledby="${id}">
<h3 id="${id}">${operation.summary}</h3>
<p class="endpoint">${badge(method)} <code>${breakable(path)}</code></p>
<div class="columns">
<div>
${operation.description && html`<p>${prose(operation.description)}</p>`}
${scope && html`<p class="scope">Needs a key with the scope <code>${scope}</code>${scope === 'read' && ' or more'}.</p>`}
${parameterList('path', parameters)}
${parameterList('query', parameters)}
${parameterList('header', parameters)}
${body && html`<h4>Members of <code>data</code></h4>${memberList(body, api)}`}
<h4>Answer</h4>
<p><code>${status}</code> ${answer.description}.${media && !content && html` <code>${type}</code>: ${prose(`${media.schema.description}.`)}`}</p>
${content && html`<details><summary>Members of the answer</summary>${memberList(content.schema, api)}</details>`}
</div>
<div class="examples">
${block('Example request', curl(entry))}
${block('Example answer', [html`<span class="status">${status}</span>`, example ? ['\n', example] : ' no body'])}
</div>
</div>
<h4 id="${id}-errors">Errors</h4>
${errorTable(operation, api, `${id}-errors`)}
</article>`;
}

/** A path that may break before each slash. */
const breakable = (path: string) => path.split(/(?=\/)/).map((piece) => [html`<wbr>`, piece]);

function curl({ path, method, operation }: Entry): string {
  const { parameters = [], requestBody, security } = operation;
  const exampleOf = (schema: JsonSchema) => String(schema.examples?.[0] ?? '');
  const inPath = new Map(parameters.map(({ name, schema }) => [name, exampleOf(schema)]));
  const json = jsonBodyOf(operation);
  // A file alone: what can be said of it beside is in the table of parameters.
  const isFile = requestBody !== undefined && json === undefined;
  const inQuery = isFile ? [] : parameters.filter((each) => each.in === 'query' && each.schema.examples);
  const option =
    inQuery.length > 0
      ? '-G '
      : method === 'get' || (requestBody && method === 'post')
        ? ''
        : `-X ${method.toUpperCase()} `;
  const lines = [`curl ${option}"$MUSTER_URL${path.replace(/\{(\w+)\}/g, (_, name) => inPath.get(name)!)}"`];
  if (security === undefined) lines.push('-H "X-Dexatel-Key: $MUSTER_KEY"');
  for (const { name, schema } of inQuery) lines.push(`--data-urlencode '${name}=${exampleOf(schema)}'`);
  if (isFile) {
    lines.push("-H 'Content-Type: text/csv'", "--data-binary '@contacts.csv'");
  } else if (json) {
    const body = JSON.stringify(json.example, null, 2);
    lines.push("-H 'Content-Type: application/json'", `-d '${body.replaceAll("'", "'\\''")}'`);
  }
  return lines.join(' \\\n  ');
}

function errorTable(operation: OperationObject, api: OpenApi, labelledBy: string): Html {
  const rows = Object.entries(operation.responses).flatMap(([status, response]) => {
    const answer = '$ref' in response ? api.components.responses[nameIn(response.$ref)]! : response;
    const examples = answer.content?.['application/json']?.examples ?? {};
    return Object.entries(examples).map(([code, { summary }]) => ({
      code: Number(code) as ErrorCode,
      status,
      summary,
    }));
  });
  const ofRows = (operation['x-row-error-codes'] ?? []).map((code) => {
    const { message } = api['x-errors'].find((error) => error.code === code)!;
    return { code, status: 'row', summary: message };
  });
  return html`<table aria-labelledby="${labelledBy}">
<thead><tr><th scope="col">Code</th><th scope="col">Status</th><th scope="col">Message</th></tr></thead>
<tbody>${[...rows, ...ofRows].map(
    ({ code, status, summary }) => html`
<tr><th scope="row">${errorLink(code)}</th><td>${status}</td><td>${summary}</td></tr>`,
  )}
</tbody>
</table>
${ofRows.length > 0 && html`<p>Status <em>row</em>: comes in the result of a row and refuses that row alone.</p>`}`;
}

function errorCatalogue(api: OpenApi, entries: Entry[]): Html {
  const keyed = entries.filter(({ operation }) => operation.security === undefined);
  return html`
<section class="group">
<h2 id="errors">Errors</h2>
<p>Every code, its HTTP status and its message. The message is for people and may tell more than this; programs look at
the code.</p>
<dl class="catalogue">${api['x-errors'].map(
    ({ code, status, message }) => html`
<div id="error-${code}"><dt><code>${code}</code> <span class="rule">${status}</span></dt>
<dd>${message}<br><span class="from">${answeredBy(code, keyed)}</span></dd></div>`,
  )}
</dl>
</section>`;
}

function answeredBy(code: ErrorCode, entries: Entry[]): Part {
  const from = entries.filter(({ operation }) => operation['x-error-codes'].includes(code));
  const writing = entries.filter(({ operation }) => operation['x-scope'] === 'write');
  if (code === 9003) return 'Any path that does not exist, and any account but your own';
  if (code === 9004) return 'Any path, for a method it does not have; Allow lists those it has';
  if (from.length === entries.length) return 'Every operation';
  if (from.length === writing.length && from.every((each) => writing.includes(each)))
    return 'Every operation that writes';
  return from.map(({ operation: { operationId, summary } }, index) => [
    index > 0 && ' · ',
    html`<a href="#${operationId}">${summary.split(', ', 1)[0]}</a>`,
  ]);
}
