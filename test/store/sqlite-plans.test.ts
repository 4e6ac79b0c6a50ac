/** How SQLite reads what is asked of the embedded store: a plan that sorts would hold an audience's documents in memory. */
import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { before, describe, test } from 'node:test';
import { contactRange } from '../../src/store/sqlite/database.ts';
import { exportStatement } from '../../src/store/sqlite/export.ts';
import { defineFound, makeFilter } from '../../src/store/sqlite/filter.ts';
import { migrate } from '../../src/store/sqlite/migrations.ts';

describe('an export reads documents in their order, without sorting them', () => {
  const db = new DatabaseSync(':memory:');
  before(() => {
    migrate(db);
    defineFound(db);
    db.exec(
      "INSERT INTO tags (audience_no, tag, contacts_count) VALUES (1, 'few', 10), (1, 'many', 1e6), (1, 'most', 2e6)",
    );
  });

  for (const [what, needles, tags] of [
    ['of all contacts', [], []],
    ['of those with a tag', [], ['many']],
    ['of those with two tags', [], ['many', 'most']],
    ['of those that a search finds', ['ana'], []],
    ['of those that two needles find', ['ana', 'łuk'], []],
    ['of those with a rare tag that a search finds', ['ana'], ['few']],
    ['of those with two frequent tags that a search finds', ['ana'], ['many', 'most']],
  ] as const) {
    test(what, () => {
      const source = makeFilter(db)({ no: 1, contacts_count: 3e6 }, { needles: [...needles], tags: [...tags] })!;
      const values = [...contactRange(1), null, null, ...source.values];
      const plan = db.prepare(`EXPLAIN QUERY PLAN ${exportStatement(source)}`).all(...values) as { detail: string }[];
      const steps = plan.map(({ detail }) => detail);
      assert.ok(steps.some((step) => /^(SEARCH|SCAN)/.test(step)));
      assert.deepEqual(
        steps.filter((step) => step.includes('TEMP B-TREE')),
        [],
      );
    });
  }
});
