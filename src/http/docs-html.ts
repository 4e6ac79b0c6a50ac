/** Text that is HTML already; any other text is escaped when it is put into a template. */
export class Html {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** What a template takes: false and undefined leave nothing. */
export type Part = Html | string | number | false | undefined | Part[];

/** A template that escapes whatever is put in: html`<p>${'a < b'}</p>` gives `<p>a &lt; b</p>`. */
export function html(markup: TemplateStringsArray, ...parts: Part[]): Html {
  return new Html(String.raw({ raw: markup }, ...parts.map(textOf)));
}

function textOf(part: Part): string {
  if (part instanceof Html) return part.text;
  if (Array.isArray(part)) return part.map(textOf).join('');
  return part === false || part === undefined ? '' : escapeHtml(String(part));
}

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character]!);
}

/** Text in which what stands between backticks is code. */
export function prose(text: string): Part {
  return text.split('`').map((piece, index) => (index % 2 === 1 ? html`<code>${piece}</code>` : piece));
}

/** A block of code that the keyboard can scroll. */
export function block(label: string, code: Part): Html {
  return html`<pre tabindex="0" role="group" aria-label="${label}"><code>${code}</code></pre>`;
}

const TOKEN = /("(?:[^"\\]|\\.)*")(:?)|\b(?:null|true|false|\d+)\b/g;

/** A value as JSON, its names and literals marked. */
export function json(value: unknown): Part {
  const text = JSON.stringify(value, null, 2);
  const parts: Part[] = [];
  let end = 0;
  for (const token of text.matchAll(TOKEN)) {
    const [all, string, colon] = token;
    const kind = string === undefined ? 'literal' : colon === ':' ? 'name' : 'string';
    parts.push(text.slice(end, token.index), html`<span class="${kind}">${string ?? all}</span>`, colon ?? '');
    end = token.index + all.length;
  }
  return [...parts, text.slice(end)];
}
