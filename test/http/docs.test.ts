import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ERRORS } from '../../src/core/errors.ts';
import { docsPage, docsStyle } from '../../src/http/docs.ts';
import { html, json, prose } from '../../src/http/docs-html.ts';
import { openapiDocument } from '../../src/http/openapi.ts';
import { OPERATIONS } from '../../src/http/operations.ts';

const page = docsPage();
const VOID = new Set(['meta', 'link', 'br', 'wbr', '!doctype']);

interface Tag {
  name: string;
  attributes: Map<string, string>;
  isEnd: boolean;
}

const tags: Tag[] = [...page.matchAll(/<(\/?)([!a-z][a-z0-9]*)((?:\s[^<>]*)?)>/g)].map(([, slash, name, rest]) => ({
  name: name!,
  isEnd: slash === '/',
  attributes: new Map([...rest!.matchAll(/([a-z-]+)="([^"]*)"/g)].map(([, key, value]) => [key!, value!])),
}));

const valuesOf = (attribute: string) => tags.flatMap(({ attributes }) => attributes.get(attribute) ?? []);

describe('the documentation page', () => {
  it('opens and closes its elements in order', () => {
    const open: string[] = [];
    for (const { name, isEnd } of tags) {
      if (VOID.has(name)) continue;
      if (isEnd) assert.equal(open.pop(), name);
      else open.push(name);
    }
    assert.deepEqual(open, []);
    // Whatever is no tag is escaped.
    assert.ok(!/[<>]/.test(page.replace(/<\/?[!a-z][a-z0-9]*(?:\s[^<>]*)?>/g, '')));
  });

  it('runs no script, has no style of its own and loads nothing but its style sheet', () => {
    for (const name of ['script', 'style', 'iframe', 'img', 'object', 'form']) {
      assert.ok(!tags.some((tag) => tag.name === name), name);
    }
    assert.ok(
      !tags.some(({ attributes }) => [...attributes.keys()].some((key) => key === 'style' || key.startsWith('on'))),
    );
    const loaded = tags.filter(({ name }) => name === 'link').map(({ attributes }) => attributes.get('href')!);
    assert.deepEqual(
      loaded.filter((href) => !href.startsWith('data:image/')),
      ['/docs/style.css'],
    );
    assert.ok(!/url\(|@import/.test(docsStyle));
  });

  it('has links that lead somewhere in it', () => {
    const ids = valuesOf('id');
    assert.equal(new Set(ids).size, ids.length);
    const targets = tags.filter(({ name }) => name === 'a').flatMap(({ attributes }) => attributes.get('href') ?? []);
    const outside = new Set(targets.filter((href) => !href.startsWith('#')));
    assert.deepEqual([...outside], ['/openapi.json']);
    for (const href of targets.filter((each) => each.startsWith('#'))) assert.ok(ids.includes(href.slice(1)), href);
    for (const id of valuesOf('aria-labelledby')) assert.ok(ids.includes(id), id);
  });

  it('can be found a way through: language, landmarks, one title, headings without a gap, a link past the contents', () => {
    assert.ok(tags.some(({ name, attributes }) => name === 'html' && attributes.get('lang') === 'en'));
    for (const name of ['main', 'nav', 'header', 'h1', 'title']) {
      assert.equal(tags.filter((tag) => tag.name === name && !tag.isEnd).length, 1, name);
    }
    const levels = tags.filter(({ name, isEnd }) => /^h\d$/.test(name) && !isEnd).map(({ name }) => Number(name[1]));
    for (const [index, level] of levels.entries()) assert.ok(index === 0 || level <= levels[index - 1]! + 1);
    const first = tags.find(({ name }) => name === 'a')!;
    assert.deepEqual([first.attributes.get('class'), first.attributes.get('href')], ['skip', '#content']);
  });

  it('tells of every operation, with its path, its members and a request', () => {
    const api = openapiDocument();
    for (const [id, { path, method, summary }] of Object.entries(OPERATIONS)) {
      const start = page.indexOf(`<article class="operation" aria-labelledby="${id}">`);
      const article = page.slice(start, page.indexOf('</article>', start));
      assert.ok(start > 0, id);
      const text = textOf(article);
      assert.ok(text.includes(summary), id);
      assert.ok(text.includes(`${method} ${path.replace(/:(\w+)/g, '{$1}')}`), id);
      assert.ok(text.includes('curl '), id);
      const operation = api.paths[path.replace(/:(\w+)/g, '{$1}')]![method.toLowerCase() as 'get']!;
      for (const { name } of operation.parameters ?? []) assert.ok(text.includes(name), `${id} ${name}`);
      for (const code of operation['x-error-codes'])
        assert.ok(article.includes(`href="#error-${code}"`), `${id} ${code}`);
    }
    for (const member of Object.keys(api.components.schemas.ContactInput!.properties!)) {
      assert.ok(page.includes(`<dt><code>${member}</code>`), member);
    }
  });

  it('lists every error', () => {
    for (const [code, { status }] of Object.entries(ERRORS)) {
      assert.ok(
        page.includes(`<div id="error-${code}"><dt><code>${code}</code> <span class="rule">${status}</span>`),
        code,
      );
    }
  });
});

describe('its colours', () => {
  const [light, dark] = docsStyle.split('prefers-color-scheme: dark').map(coloursOf) as [Colours, Colours];
  const pairs = [
    ['text', 'page'],
    ['text', 'pane'],
    ['text', 'code'],
    ['text', 'accent-soft'],
    ['soft', 'page'],
    ['soft', 'pane'],
    ['soft', 'accent-soft'],
    ['accent', 'page'],
    ['accent', 'pane'],
    ['accent', 'code'],
    ['accent', 'accent-soft'],
    ['delete', 'page'],
    ...['text', 'name', 'string', 'literal', 'soft'].map((each) => [`block-${each}`, 'block']),
    ...['get', 'post', 'put', 'delete'].map((each) => [each, `${each}-soft`]),
  ] as [string, string][];

  for (const [scheme, colours] of [
    ['light', light],
    ['dark', { ...light, ...dark }],
  ] as const) {
    it(`can be read by everybody in the ${scheme} scheme: contrast of 4.5 or more`, () => {
      for (const [front, back] of pairs) {
        const contrast = contrastOf(colours[front]!, colours[back]!);
        assert.ok(contrast >= 4.5, `${front} on ${back}: ${contrast.toFixed(2)}`);
      }
    });
  }

  type Colours = Record<string, string>;

  function coloursOf(style: string): Colours {
    return Object.fromEntries(
      [...style.matchAll(/--([a-z-]+): (#[0-9a-f]{6})/g)].map(([, name, value]) => [name, value]),
    );
  }

  /** WCAG 2.2, contrast ratio. */
  function contrastOf(one: string, other: string): number {
    const [dim, bright] = [luminanceOf(one), luminanceOf(other)].sort((a, b) => a - b) as [number, number];
    return (bright + 0.05) / (dim + 0.05);
  }

  function luminanceOf(colour: string): number {
    const [red, green, blue] = [1, 3, 5].map((at) => {
      const value = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
      return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
    }) as [number, number, number];
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  }
});

describe('html', () => {
  it('escapes what is put in, but for other templates', () => {
    const evil = `<script>"&'`;
    assert.equal(
      html`<p title="${evil}">${evil}</p>`.text,
      '<p title="&lt;script&gt;&quot;&amp;&#39;">&lt;script&gt;&quot;&amp;&#39;</p>',
    );
    assert.equal(html`${[html`<b>${1}</b>`, false, undefined, '&']}`.text, '<b>1</b>&amp;');
  });

  it('makes code of what stands between backticks, and marks JSON', () => {
    assert.equal(html`${prose('a `b<` c')}`.text, 'a <code>b&lt;</code> c');
    const name = '<span class="name">&quot;a&quot;</span>:';
    const list = '<span class="string">&quot;\\&quot;1&quot;</span>,\n    <span class="literal">null</span>';
    assert.equal(html`${json({ a: ['"1', null] })}`.text, `{\n  ${name} [\n    ${list}\n  ]\n}`);
  });
});

function textOf(markup: string): string {
  const text = markup.replace(/<[^>]+>/g, '');
  return text
    .replace(/&#39;/g, "'")
    .replace(/&quot;/g, '"')
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&amp;/g, '&');
}
