/** The addresses of the pages: what `app.tsx` shows where. */
const id = encodeURIComponent;

export const routes = {
  overview: '/',
  audiences: '/audiences',
  audience: (audienceId: string) => `/audiences/${id(audienceId)}`,
  newImport: (audienceId: string) => `/audiences/${id(audienceId)}/import`,
  import: (audienceId: string, importId: string) => `/audiences/${id(audienceId)}/imports/${id(importId)}`,
  imports: '/imports',
  keys: '/keys',
  api: '/api',
  /** The lines that give a view of an audience. */
  apiOf: (audienceId: string, { search, tags }: { search: string; tags: string[] }) => {
    const query = new URLSearchParams({ audience: audienceId });
    if (search.trim() !== '') query.set('search', search);
    for (const tag of tags) query.append('tag', tag);
    return `/api?${query}`;
  },
};
