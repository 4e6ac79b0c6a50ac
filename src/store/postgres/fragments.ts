/** Parts that statements have in common. All of them take the audience as $1 and the account as $2. */

/** Whether the account has such an audience. */
export const IS_KNOWN = 'coalesce((SELECT account_id = $2 AND deleted_at IS NULL FROM audiences WHERE id = $1), false)';

/**
 * Common table expressions that add to the audience's count. Each transaction takes a slot that no other one holds, and makes
 * one when all are held: none waits for another's commit.
 * @param added a query of one column, which gives what to add, or no row.
 */
export function counting(added: string): string {
  return `added (count) AS (${added}),
    free_slot AS (SELECT slot FROM contact_counts WHERE audience_id = $1 LIMIT 1 FOR UPDATE SKIP LOCKED),
    counted AS (
      INSERT INTO contact_counts (audience_id, slot, count)
      SELECT $1, coalesce((SELECT slot FROM free_slot), (random() * 2147483647)::int), count FROM added
      ON CONFLICT (audience_id, slot) DO UPDATE SET count = contact_counts.count + excluded.count
    )`;
}

/** A common table expression that lets contacts be found. @param made one that gives their `id` and `found_by`. */
export function finding(made: string): string {
  return `found AS (INSERT INTO contact_changes (audience_id, id, after) SELECT $1, id, found_by FROM ${made})`;
}

/** The same for contacts that are no more. */
export function losing(gone: string): string {
  return `lost AS (INSERT INTO contact_changes (audience_id, id, before) SELECT $1, id, found_by FROM ${gone})`;
}

/** The same for contacts that change. @param changed one that gives their `id`, and what they were found by, and are now. */
export function refinding(changed: string): string {
  return `refound AS (
      INSERT INTO contact_changes (audience_id, id, before, after)
      SELECT $1, id, found_by_before, found_by FROM ${changed} WHERE found_by <> found_by_before
    )`;
}

/** A common table expression that notes the tags of contacts. @param made one that gives their `id` and `document`. */
export function tagging(made: string): string {
  return `tagged AS (
      INSERT INTO contact_tags (audience_id, tag, id)
      SELECT $1, tag, id FROM ${made}, muster_tags(document) AS tag ON CONFLICT DO NOTHING
    )`;
}

/** The same for contacts that are no more. */
export function untagging(gone: string): string {
  return withoutTags(`SELECT id, tag FROM ${gone}, muster_tags(document) AS tag`);
}

/** The same for contacts that change. @param changed one that gives their `id`, and the documents `before` and `after`. */
export function retagging(changed: string): string {
  const former = `SELECT id, tag FROM ${changed}, muster_tags(before) AS tag WHERE tag NOT IN (SELECT muster_tags(after))`;
  return `${withoutTags(former)}, tagged AS (
      INSERT INTO contact_tags (audience_id, tag, id)
      SELECT $1, tag, id FROM ${changed}, muster_tags(after) AS tag
      WHERE tag NOT IN (SELECT muster_tags(before)) ON CONFLICT DO NOTHING
    )`;
}

/** @param former a query of contacts by `id`, each with a `tag` that it has no more. */
function withoutTags(former: string): string {
  const rows = placed('contact_tags', 'tag = each.tag COLLATE "C" AND id = each.id', former);
  return `untagged AS (
      DELETE FROM contact_tags USING ${rows} AS its WHERE contact_tags.audience_id = $1 AND contact_tags.ctid = its.place
    )`;
}

/**
 * The rows of a query with the `place` of the table's row that belongs to each, for a statement that changes these: joined by their
 * keys, a plan from when the table was empty would read all that the audience has there, for every row again. Nobody else may
 * change them meanwhile: who does is not met.
 * @param key what the table's row and `each` have in common, beside the audience.
 */
export function placed(table: string, key: string, rows: string): string {
  return oneByOne(`
    SELECT each.*, found.ctid AS place FROM ${oneByOne(rows)} AS each,
      LATERAL (SELECT ctid FROM ${table} WHERE audience_id = $1 AND ${key} OFFSET 0) AS found`);
}

/** The rows of a query, of which the planner expects a tenth, so that it looks up what they are joined with: the limit is none. */
export function oneByOne(rows: string): string {
  return `(${rows} LIMIT (SELECT NULL::bigint))`;
}

/** The count of an audience. @param id an expression. */
export function countOf(id: string): string {
  return `(SELECT coalesce(sum(count), 0)::float8 FROM contact_counts WHERE audience_id = ${id})`;
}

/** The place in the order of ids behind all contacts of the audience. */
export const NEXT_PLACE = 'muster_place((SELECT id FROM contacts WHERE audience_id = $1 ORDER BY id DESC LIMIT 1))';

/**
 * A query that looks up the audience's contacts by their numbers, or by their ids, for each of the values of an array, $2. They
 * are looked up one by one whatever the planner thinks of the table: it may have grown since it was analysed.
 * @param holds whether they are held to the end of the transaction. Everybody holds contacts in the order of numbers, so that no
 *   two wait for each other: sort the numbers that are given; of ids this is done here.
 */
export function lookingUp(columns: string, by: 'number' | 'id', holds = false): string {
  const asked =
    by === 'number'
      ? 'unnest($2::text[]) AS asked (value)'
      : `(
          SELECT value FROM unnest($2::uuid[]) AS each (value),
            LATERAL (SELECT number FROM contacts WHERE audience_id = $1 AND id = value OFFSET 0) AS known
          ORDER BY number
        ) AS asked`;
  return `
    SELECT found.* FROM ${asked},
      LATERAL (
        SELECT ${columns} FROM contacts
        WHERE audience_id = $1 AND ${by} = asked.value OFFSET 0 ${holds ? 'FOR UPDATE' : ''}
      ) AS found`;
}

export type Line = string | number | boolean | null | undefined;

/**
 * A column of rows that are written together, one value a line, which is read on the other side by `fromLines`: much faster
 * than an array, whose values have to be quoted. No value may hold a line break: documents have it escaped, search texts and
 * numbers have none. An empty line is no value.
 */
export function toLines<Row>(rows: Row[], read: (row: Row) => Line): string {
  return rows.map(read).join('\n');
}

/** The column of a parameter as an array. */
export function fromLines(parameter: number, type: 'text' | 'uuid' | 'int' | 'boolean'): string {
  return `string_to_array($${parameter}, E'\\n', '')::${type}[]`;
}

/** Conditions that contacts have every tag. @param contacts the table that gives their `id`. */
export function havingTags(contacts: string, tags: string[], first: number): string {
  const condition = (_: string, index: number) =>
    ` AND EXISTS (SELECT FROM contact_tags AS its
        WHERE its.audience_id = $1 AND its.tag = $${first + index} AND its.id = ${contacts}.id)`;
  return tags.map(condition).join('');
}
