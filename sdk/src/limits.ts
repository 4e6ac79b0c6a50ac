/** What a server takes, for who wants to check before asking. Lengths are counted in Unicode code points. */
export const LIMITS = {
  /** Characters of an audience's name. */
  audience_name: 45,
  /** Characters of a number, as it is typed. */
  number: 45,
  first_name: 32,
  last_name: 32,
  timestamp: 32,
  date: 70,
  /** Tags of a contact. */
  tags: 10,
  /** Characters of a tag. */
  tag: 32,
  /** Contacts in one call. */
  contacts: 1000,
  /** Characters of a search. */
  search: 100,
} as const;

const WORD = '[\\p{L}\\p{M}\\p{Nd}_-]+';
/** What an audience's name is made of. */
export const AUDIENCE_NAME = new RegExp(`^${WORD}(?: ${WORD})*$`, 'u');
