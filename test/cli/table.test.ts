import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { formatTable } from '../../src/cli/table.ts';

const HEADER = ['ID', 'NUMBER', 'TAGS', 'MADE'];
const ROWS = [
  ['01a208a0-b808-703b-ad12-024c349960f9', '+447980533107', 'loyalty, black-friday', '2026-11-23 13:38:00'],
];
const longest = (table: string) => Math.max(...table.split('\n').map((line) => line.length));

describe('a table that is too wide', () => {
  it('loses of its long columns first, so that a number stays whole', () => {
    const table = formatTable(HEADER, ROWS, 50);
    assert.ok(longest(table) <= 50);
    assert.match(table, /\n01a208a0-… {2}\+447980533107 {2}/);
  });

  it('loses of every column when the long ones are not enough', () => {
    const table = formatTable(HEADER, ROWS, 30);
    assert.ok(longest(table) <= 30);
    assert.match(table, /\+44798?…/);
  });

  it('is not cut below four characters a column, nor without a width', () => {
    assert.equal(formatTable(HEADER, ROWS, 1).split('\n')[0], 'ID    NUM…  TAGS  MADE');
    assert.match(formatTable(HEADER, ROWS), /024c349960f9 {2}\+447980533107 {2}loyalty, black-friday/);
  });
});
