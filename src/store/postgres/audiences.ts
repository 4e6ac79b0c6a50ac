import { nameKey } from '../../core/audiences.ts';
import { formatDate } from '../../core/dates.ts';
import { type Precondition, requireAudience } from '../../core/entity-tags.ts';
import { failure } from '../../core/errors.ts';
import type { Audience, Store } from '../../core/store.ts';
import { type Database, isTaken, type Query, reading, surely } from './database.ts';
import { countOf } from './fragments.ts';
import type { Write } from './idempotency.ts';
import { EVER_AFTER, EVER_BEFORE, idAt, idOrNobody } from './ids.ts';
import { insertAll, newContact } from './write-contacts.ts';

const SHOWN = 'id, account_id, name, channel, create_date, update_date';
type Shown = Omit<Audience, 'contacts_count'>;

/** @param purge says that an audience was deleted, whose contacts are to be removed. */
export function makeAudiences({ query }: Database, write: Write, purge: () => void): Store['audiences'] {
  /** How many contacts each of the audiences has; those without one are absent. */
  async function countAll(ids: string[], on = query): Promise<Map<string, number>> {
    const rows = ids.length === 0 ? [] : await on<{ audience_id: string; count: number }>(COUNTS, [ids]);
    return new Map(rows.map(({ audience_id, count }) => [audience_id, count]));
  }

  return {
    create: (accountId, { name, channel, contacts }, terms) =>
      write(terms, async (within) => {
        const account_id = idOrNobody(accountId);
        const [row] = await within<{ place: string }>(PLACE);
        const id = idAt(BigInt(row!.place));
        const now = formatDate();
        const made = await within(INSERT, [id, account_id, name, nameKey(name), channel, now]);
        if (made.length === 0) throw failure(1309);
        if (new Set(contacts.map((contact) => contact.number)).size < contacts.length) throw failure(1360);
        const rows = contacts.map((contact, index) => newContact(contact, BigInt(row!.place) + BigInt(index)));
        await insertAll(within, id, rows);
        return {
          id,
          account_id,
          name,
          channel,
          contacts_count: contacts.length,
          create_date: now,
          update_date: now,
        };
      }),

    get: (accountId, audienceId) =>
      reading(async () => {
        const [audience] = await query<Audience>(GET, [idOrNobody(audienceId), idOrNobody(accountId)]);
        if (audience === undefined) throw failure(1301);
        return audience;
      }),

    page: (accountId, slice, channel) =>
      reading(async () => {
        const isBack = slice.direction === 'before';
        const edge = slice.position ?? (isBack ? EVER_AFTER : EVER_BEFORE);
        const size = isBack ? slice.size : slice.size + 1;
        const text = isBack ? PAGE_BEFORE : PAGE_AFTER;
        const rows = await query<PageRow>(text, [idOrNobody(accountId), edge, size, channel ?? null]);
        const { total, has_next } = rows[0]!;
        const found = rows.filter(({ id }) => id !== null).map(({ total, has_next, ...audience }): Shown => audience);
        const hasNext = has_next ?? found.length > slice.size;
        const items = found.slice(0, slice.size);
        const counts = await countAll(items.map(({ id }) => id));
        return { items: items.map((each) => counted(each, counts)), hasNext, total };
      }),

    async rename(accountId, audienceId, name, terms) {
      const place = [idOrNobody(audienceId), idOrNobody(accountId)];
      const rename = async (on: Query): Promise<Audience> => {
        try {
          const [audience] = await on<Shown>(RENAME, [...place, name, nameKey(name), formatDate()]);
          if (audience === undefined) throw failure(1301);
          return counted(audience, await countAll([audience.id], on));
        } catch (error) {
          throw isTaken(error, 'audiences_name') ? failure(1309) : error;
        }
      };
      if (terms === undefined) return surely(() => rename(query));
      return write(terms, async (within) => {
        await holdAudience(within, place, terms.precondition);
        return rename(within);
      });
    },

    async delete(accountId, audienceId, terms) {
      const place = [idOrNobody(audienceId), idOrNobody(accountId)];
      if (terms === undefined) {
        await surely(async (isAgain) => {
          const gone = await query(DELETE, place);
          if (gone.length === 0 && !isAgain) throw failure(1301);
        });
      } else {
        await write(terms, async (within) => {
          await holdAudience(within, place, terms.precondition);
          await within(DELETE, place);
        });
      }
      purge();
    },
  };
}

/** Keeps an audience as it is until the transaction ends. Raises 1301, 9009. */
async function holdAudience(query: Query, place: string[], precondition: Precondition | undefined): Promise<void> {
  const [audience] = await query<Shown>(HOLD, place);
  if (audience === undefined) throw failure(1301);
  requireAudience({ ...audience, contacts_count: 0 }, precondition);
}

/** The audience with its count, members in the order every store has them in. */
function counted({ id, account_id, name, channel, ...dates }: Shown, counts: Map<string, number>): Audience {
  return { id, account_id, name, channel, contacts_count: counts.get(id) ?? 0, ...dates };
}

interface PageRow extends Shown {
  total: number;
  has_next: boolean | null;
}

const PLACE = 'SELECT muster_place((SELECT id FROM audiences ORDER BY id DESC LIMIT 1))::text AS place';

const INSERT = `
  INSERT INTO audiences (id, account_id, name, name_key, channel, create_date, update_date)
  VALUES ($1, $2, $3, $4, $5, $6, $6)
  ON CONFLICT (account_id, name_key) WHERE deleted_at IS NULL DO NOTHING
  RETURNING id`;

const GET = `SELECT id, account_id, name, channel, ${countOf('$1')} AS contacts_count, create_date, update_date FROM audiences WHERE id = $1 AND account_id = $2 AND deleted_at IS NULL`;

const HOLD = `SELECT ${SHOWN} FROM audiences WHERE id = $1 AND account_id = $2 AND deleted_at IS NULL FOR UPDATE`;

/** The name given again is no change. */
const RENAME = `
  UPDATE audiences SET name = $3, name_key = $4, update_date = CASE WHEN name = $3 THEN update_date ELSE $5 END
  WHERE id = $1 AND account_id = $2 AND deleted_at IS NULL
  RETURNING ${SHOWN}`;

/** Counts lie where their audiences' contacts do, and audiences everywhere: on a cluster no statement can ask for both. */
const COUNTS = `
  SELECT audience_id, sum(count)::float8 AS count FROM contact_counts WHERE audience_id = ANY($1::uuid[]) GROUP BY audience_id`;

const DELETE = `
  UPDATE audiences SET deleted_at = clock_timestamp()
  WHERE id = $1 AND account_id = $2 AND deleted_at IS NULL
  RETURNING id`;

const ALL = 'FROM audiences WHERE account_id = $1 AND deleted_at IS NULL AND ($4::text IS NULL OR channel = $4)';
const PAGE_AFTER = pageStatement('>', 'ASC', 'NULL::boolean');
const PAGE_BEFORE = pageStatement('<', 'DESC', `EXISTS (SELECT ${ALL} AND id >= $2)`);

/** The audiences of a page, each with what belongs to the whole page; an empty page is one row without an audience. */
function pageStatement(than: string, order: string, hasNext: string): string {
  return `
    WITH page AS (SELECT ${SHOWN} ${ALL} AND id ${than} $2 ORDER BY id ${order} LIMIT $3)
    SELECT page.*, whole.total, whole.has_next
    FROM (SELECT (SELECT count(*) ${ALL})::float8 AS total, ${hasNext} AS has_next) AS whole
    LEFT JOIN page ON true
    ORDER BY page.id`;
}
