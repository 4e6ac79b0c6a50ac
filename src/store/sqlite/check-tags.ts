import type { Finding } from '../../core/store.ts';
import type { DatabaseSync } from './database.ts';

interface Tag {
  no: number;
  contacts_count: number;
}

/** Checks tags while contacts are walked through: that each is found by its tags, and at the end that nothing else is. */
export function makeTagCheck(db: DatabaseSync) {
  const find = db.prepare('SELECT no, contacts_count FROM tags WHERE audience_no = ? AND tag = ?');
  const marked = db.prepare(
    `SELECT (SELECT count(*) FROM contact_tags WHERE tag_no = ?1 AND no = ?2)
       + (SELECT count(*) FROM contact_tags_waiting WHERE no = ?2 AND tag_no = ?1) AS times`,
  );
  const counts = new Map<number, number>();
  const tags = new Map<string, Tag | undefined>();
  let audience = -1;

  function tagOf(audienceNo: number, tag: string): Tag | undefined {
    // Contacts come audience by audience.
    if (audience !== audienceNo) tags.clear();
    audience = audienceNo;
    if (!tags.has(tag)) tags.set(tag, find.get(audienceNo, tag) as Tag | undefined);
    return tags.get(tag);
  }

  return {
    /** What is wrong with a contact. */
    wrongWith(audienceNo: number, no: number, own: string[]): string | undefined {
      let wrong: string | undefined;
      for (const tag of own) {
        const its = tagOf(audienceNo, tag);
        const { times } = its === undefined ? { times: 0 } : (marked.get(its.no, no) as { times: number });
        if (its === undefined || times === 0) {
          wrong ??= `it is not found by its tag '${tag}'`;
          continue;
        }
        counts.set(its.no, (counts.get(its.no) ?? 0) + 1);
        if (times > 1) wrong ??= `it is found twice by its tag '${tag}'`;
      }
      return wrong;
    },

    /** After all contacts: tags with more contacts than have them. */
    rest(most: number): Finding[] {
      const findings: Finding[] = [];
      const all = db.prepare(
        `WITH waiting AS MATERIALIZED (SELECT tag_no, count(*) AS rows FROM contact_tags_waiting GROUP BY tag_no)
         SELECT t.no, t.tag, t.contacts_count,
           (SELECT count(*) FROM contact_tags WHERE tag_no = t.no) + coalesce(w.rows, 0) AS rows
         FROM tags AS t JOIN audiences AS a ON a.no = t.audience_no LEFT JOIN waiting AS w ON w.tag_no = t.no
         WHERE a.delete_date IS NULL`,
      );
      for (const row of all.iterate() as Iterable<Tag & { tag: string; rows: number }>) {
        if (findings.length >= most) return findings;
        const there = counts.get(row.no) ?? 0;
        const where = `tag ${row.tag}`;
        if (row.rows !== there)
          findings.push({ what: `${row.rows} contacts are found by it, ${there} have it`, where });
        else if (row.contacts_count !== there) {
          findings.push({ what: `the counter says ${row.contacts_count} contacts, ${there} have it`, where });
        }
      }
      return findings;
    },
  };
}
