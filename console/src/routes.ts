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
};
