import type { Finding } from '../../core/store.ts';
import type { Query } from './database.ts';
import { gatherPostings } from './postings.ts';
import { LINES, type Line, netLines, READ_CHANGES, readSegments, type Segment, type WrittenLine } from './segments.ts';

/**
 * Checks that an audience's postings are what they have to be: those of its contacts, but for what the changes say of them. Each
 * segment's lists are made anew and compared, to the byte. @param query of a transaction that sees one moment.
 */
export async function checkPostings(query: Query, audienceId: string): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const segment of await readSegments(query, audienceId)) {
    const what = await wrongWith(query, audienceId, segment);
    const where = `contacts from ${segment.first_id} on of audience ${audienceId}`;
    if (what !== undefined) findings.push({ what, where });
  }
  return findings;
}

async function wrongWith(query: Query, audienceId: string, { segment, first_id, end }: Segment) {
  const range = [audienceId, first_id, end];
  const lines = await query<Line>(LINES, range);
  const changes = await query<WrittenLine>(READ_CHANGES, range);
  // Backwards: from what a contact is found by now to what its postings have.
  const now = lines.map(({ id, found_by }) => ({ id, before: null, after: found_by }));
  const undone = changes.map(({ id, before, after }) => ({ id, before: after, after: before }));
  const indexed = netLines([...now, ...undone]);

  const postings = gatherPostings();
  const ids = await query<{ id: string }>(IDS, [audienceId, segment]);
  for (const [slot, { id }] of ids.entries()) {
    const line = indexed.get(id)?.after;
    if (line !== undefined) postings.add(slot, line);
    indexed.delete(id);
  }
  const missing = [...indexed].find(([, { after }]) => after !== undefined);
  if (missing !== undefined) return `search does not find contact ${missing[0]}`;

  const lists = postings.lists();
  for (const { term, list } of await query<{ term: string; list: Uint8Array }>(LISTS, [audienceId, segment])) {
    const own = lists.get(term);
    lists.delete(term);
    if (own === undefined) return `search finds contacts by '${term}', which none has`;
    if (Buffer.compare(own, list) !== 0) return `search finds other contacts by '${term}' than have it`;
  }
  const [unlisted] = lists.keys();
  return unlisted === undefined ? undefined : `search does not find contacts by '${unlisted}'`;
}

const IDS = `
  SELECT encode(substr(ids, slot * 16 + 1, 16), 'hex')::uuid AS id
  FROM (SELECT ids || ''::bytea AS ids FROM contact_segments WHERE audience_id = $1 AND segment = $2) AS its,
    generate_series(0, length(ids) / 16 - 1) AS slot
  ORDER BY slot`;

const LISTS = 'SELECT term, list FROM contact_postings WHERE audience_id = $1 AND segment = $2';
