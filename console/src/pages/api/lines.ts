/** The lines that give by the API what a view of the console shows. */

export interface ApiView {
  /** Absent: the list of audiences. */
  audienceId?: string;
  search: string;
  tags: string[];
}

export type Language = 'curl' | 'sdk' | 'cli';

/** A text in single quotes, as shells take it. */
const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

export function linesOf(view: ApiView, language: Language, origin: string): string {
  if (language === 'curl') return curl(view, origin);
  return language === 'sdk' ? sdk(view, origin) : cli(view);
}

function curl({ audienceId, search, tags }: ApiView, origin: string): string {
  const path = audienceId === undefined ? '/v1/audiences' : `/v1/audiences/${audienceId}/contacts`;
  const query = [...(search === '' ? [] : [`filter[search]=${search}`]), ...tags.map((tag) => `filter[tag]=${tag}`)];
  const lines = [
    `curl -G ${quoted(origin + path)}`,
    '-H "X-Dexatel-Key: $MUSTER_KEY"',
    ...query.map((each) => `--data-urlencode ${quoted(each)}`),
  ];
  return lines.join(' \\\n  ');
}

function sdk({ audienceId, search, tags }: ApiView, origin: string): string {
  const client = `import { Muster } from 'muster-sdk';

const muster = new Muster({ baseUrl: '${origin}', apiKey: process.env.MUSTER_KEY });
`;
  if (audienceId === undefined) {
    return `${client}for await (const audience of muster.audiences.list()) {
  console.log(audience.name, audience.contacts_count);
}`;
  }
  const filter = [
    ...(search === '' ? [] : [`search: ${JSON.stringify(search)}`]),
    ...(tags.length === 0 ? [] : [`tags: ${JSON.stringify(tags)}`]),
  ];
  const query = filter.length === 0 ? '' : `{ ${filter.join(', ')} }`;
  return `${client}const { contacts } = muster.audience('${audienceId}');
for await (const contact of contacts.list(${query})) {
  console.log(contact.number, contact.first_name, contact.last_name);
}`;
}

function cli({ audienceId, search, tags }: ApiView): string {
  if (audienceId === undefined) return 'muster audiences list';
  const words = search === '' ? ['list'] : ['search', quoted(search)];
  const filter = tags.flatMap((tag) => ['--tag', quoted(tag)]);
  return ['muster', 'contacts', ...words, '--audience', audienceId, ...filter, '--all'].join(' ');
}
