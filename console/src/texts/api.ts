export const api = {
  title: 'API',
  about: 'Everything that this console does goes through the API, and so can your programs.',
  view: {
    audiences: 'The audiences, by the API',
    contacts: (audience: string) => `The contacts of ${audience}, by the API`,
    hint: 'These lines give the same data as the view you came from.',
    hintFirst:
      'Open an audience, search or filter it, and choose “Export”, then “By the API” to see the lines for that view.',
  },
  languages: { curl: 'curl', sdk: 'TypeScript', cli: 'Command line' },
  copy: 'Copy',
  copied: 'Copied',
  needsKey: 'They take an API key from the variable MUSTER_KEY.',
  toKeys: 'Create a key',
  reference: {
    title: 'Reference',
    docs: 'Documentation',
    docsHint: 'Every operation, member, rule and error code, with examples.',
    openapi: 'OpenAPI 3.1',
    openapiHint: 'The same for machines: make a client in any language from it.',
    address: 'Address of this server',
  },
};
