import type { Database } from './database.ts';
import { EVER_AFTER } from './ids.ts';

/** How long an edge is used before it is looked for again, in milliseconds, and how many are kept. */
const LIFE = 300_000;
const MOST = 10_000;
/** Matches of a search that are gathered sooner than an edge pays. */
const FEW = 500;

/**
 * Knows how far from an audience's beginning a search has to gather what matches: the first page is nearly always found among the
 * first eighth of the contacts, and those behind need only be counted. A search is answered rightly whatever the edge is.
 */
export interface SearchEdges {
  /** The id up to which matches are gathered. */
  of(audienceId: string): string;
  /** Looks for the audience's edge, if so many matches make it worth while and it is not known. */
  learn(audienceId: string, total: number): void;
}

export function makeSearchEdges({ query }: Database): SearchEdges {
  const edges = new Map<string, { id: string; until: number }>();

  return {
    of: (audienceId) => edges.get(audienceId)?.id ?? EVER_AFTER,

    learn(audienceId, total) {
      const known = edges.get(audienceId);
      if (total < FEW || (known !== undefined && known.until > Date.now())) return;
      if (edges.size >= MOST) edges.clear();
      const edge = { id: known?.id ?? EVER_AFTER, until: Date.now() + LIFE };
      edges.set(audienceId, edge);
      query<{ id: string }>(EDGE, [audienceId]).then(
        ([row]) => {
          edge.id = row?.id ?? EVER_AFTER;
        },
        () => {
          // Searches go on without it.
        },
      );
    },
  };
}

const EDGE = `
  SELECT id FROM contacts WHERE audience_id = $1 ORDER BY id
  OFFSET (SELECT (sum(count) / 8)::bigint FROM contact_counts WHERE audience_id = $1) LIMIT 1`;
