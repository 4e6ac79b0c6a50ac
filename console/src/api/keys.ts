/** What is kept of answers, by name. Whoever changes something says with these what must be read again. */
export const keys = {
  session: ['session'] as const,
  overview: ['overview'] as const,
  audiences: ['audiences'] as const,
  audience: (id: string) => ['audiences', id] as const,
  growth: (audienceId: string) => ['audiences', audienceId, 'growth'] as const,
  tags: (audienceId: string) => ['audiences', audienceId, 'tags'] as const,
  contacts: (audienceId: string) => ['audiences', audienceId, 'contacts'] as const,
  contact: (audienceId: string, id: string) => ['audiences', audienceId, 'contact', id] as const,
  imports: ['imports'] as const,
  import: (audienceId: string, id: string) => ['imports', audienceId, id] as const,
  apiKeys: ['keys'] as const,
};
