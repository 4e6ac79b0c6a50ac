import { PREFIX } from '../../core/calling-codes.ts';
import { failure } from '../../core/errors.ts';
import type { Store } from '../../core/store.ts';
import { type Database, type Query, reading } from './database.ts';
import { EVER_AFTER, idOrNobody } from './ids.ts';

/** Counts by ranges of indexes, audience by audience, of one moment. */
export function makeFigures({ transaction }: Database): Store['figures'] {
  /** Raises 1301. */
  function ofEach<Row>(
    accountId: string,
    audienceId: string | undefined,
    read: (query: Query, audience: string) => Promise<Row[]>,
  ): Promise<Row[]> {
    const wanted = audienceId === undefined ? null : idOrNobody(audienceId);
    return reading(() =>
      transaction(async (query) => {
        const found = await query<{ id: string }>(AUDIENCES, [idOrNobody(accountId), wanted]);
        if (wanted !== null && found.length === 0) throw failure(1301);
        const rows: Row[] = [];
        for (const { id } of found) rows.push(...(await read(query, id)));
        return rows;
      }, 'snapshot'),
    );
  }

  return {
    async created(accountId, audienceId, from) {
      const rows = await ofEach(accountId, audienceId, (query, audience) =>
        query<{ place: number; count: number }>(CREATED, [audience, from]),
      );
      // What comes before the first id has the place 0.
      const counts = [0, ...from.map(() => 0)];
      for (const { place, count } of rows) counts[place]! += count;
      return { total: counts.reduce((sum, count) => sum + count), counts: counts.slice(1) };
    },

    async prefixes(accountId, audienceId) {
      const rows = await ofEach(accountId, audienceId, (query, audience) =>
        query<{ prefix: string; count: number }>(PREFIXES, [audience]),
      );
      const counts = new Map<string, number>();
      for (const { prefix, count } of rows) counts.set(prefix, (counts.get(prefix) ?? 0) + count);
      return [...counts].sort(([one], [other]) => (one < other ? -1 : 1));
    },
  };
}

const AUDIENCES = `
  SELECT id FROM audiences WHERE account_id = $1 AND deleted_at IS NULL AND ($2::uuid IS NULL OR id = $2)`;

const CREATED = `
  SELECT place::int, (
      SELECT count(*)::float8 FROM contacts WHERE audience_id = $1 AND id >= low AND id < high
    ) AS count
  FROM (
    SELECT place, low, coalesce(lead(low) OVER (ORDER BY place), '${EVER_AFTER}') AS high
    FROM unnest($2::uuid[]) WITH ORDINALITY AS bound (low, place)
  ) AS bounds
  UNION ALL
  SELECT 0, coalesce(sum(count), 0)::float8 - (
      SELECT count(*)::float8 FROM contacts WHERE audience_id = $1 AND id >= ($2::uuid[])[1]
    )
  FROM contact_counts WHERE audience_id = $1`;

/** What sorts behind all numbers with a prefix; of a shorter number, behind itself. */
const BEHIND = `prefix || CASE WHEN length(prefix) < ${PREFIX} THEN '!' ELSE ':' END`;

/** From one prefix that is there to the next one: a group of all numbers would be sorted. */
const PREFIXES = `
  WITH RECURSIVE walk (prefix) AS (
    SELECT (SELECT left(number, ${PREFIX}) FROM contacts WHERE audience_id = $1 ORDER BY number LIMIT 1)
    UNION ALL
    SELECT (
      SELECT left(number, ${PREFIX}) FROM contacts WHERE audience_id = $1 AND number >= ${BEHIND} ORDER BY number LIMIT 1
    )
    FROM walk WHERE prefix IS NOT NULL
  )
  SELECT prefix, (
      SELECT count(*)::float8 FROM contacts WHERE audience_id = $1 AND number >= prefix AND number < ${BEHIND}
    ) AS count
  FROM walk WHERE prefix IS NOT NULL`;
