import { PREFIX } from '../../core/calling-codes.ts';
import { failure } from '../../core/errors.ts';
import type { PrefixCount, Store } from '../../core/store.ts';
import { type Database, type Query, reading } from './database.ts';
import { idOrNobody } from './ids.ts';

/** Counts that may take some time: on a connection of their own, each of one moment. */
export function makeFigures({ transaction }: Database): Store['figures'] {
  return {
    created: (accountId, audienceId, from) =>
      reading(() =>
        transaction(async (query) => {
          const audiences = await findAudiences(query, accountId, audienceId);
          const [sum] = await query<{ total: number }>(TOTAL, [audiences]);
          const rows = await query<{ place: number; count: number }>(CREATED, [audiences, from], {
            isPlannedAnew: true,
          });
          const counts = from.map(() => 0);
          for (const { place, count } of rows) counts[place - 1] = count;
          return { total: sum!.total, counts };
        }, 'snapshot'),
      ),

    prefixes: (accountId, audienceId) =>
      reading(() =>
        transaction(async (query) => {
          const audiences = await findAudiences(query, accountId, audienceId);
          const rows = await query<{ prefix: string; count: number }>(PREFIXES, [audiences], { isPlannedAnew: true });
          return rows.map(({ prefix, count }): PrefixCount => [prefix, count]);
        }, 'snapshot'),
      ),
  };
}

/** The account's audiences, or the one of them. Raises 1301. */
async function findAudiences(query: Query, accountId: string, audienceId: string | undefined): Promise<string[]> {
  const wanted = audienceId === undefined ? null : idOrNobody(audienceId);
  const rows = await query<{ id: string }>(AUDIENCES, [idOrNobody(accountId), wanted]);
  if (wanted !== null && rows.length === 0) throw failure(1301);
  return rows.map(({ id }) => id);
}

const AUDIENCES = `
  SELECT id FROM audiences WHERE account_id = $1 AND deleted_at IS NULL AND ($2::uuid IS NULL OR id = $2)`;

const TOTAL = `
  SELECT coalesce(sum(count), 0)::float8 AS total FROM contact_counts WHERE audience_id = ANY($1::uuid[])`;

const CREATED = `
  SELECT width_bucket(id, $2::uuid[]) AS place, count(*)::float8 AS count FROM contacts
  WHERE audience_id = ANY($1::uuid[]) AND id >= ($2::uuid[])[1] GROUP BY 1`;

const PREFIXES = `
  SELECT left(number, ${PREFIX}) AS prefix, count(*)::float8 AS count FROM contacts
  WHERE audience_id = ANY($1::uuid[]) GROUP BY 1 ORDER BY 1`;
