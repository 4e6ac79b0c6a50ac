import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { previewFile } from '../../src/files/preview.ts';

test('a look at a file in memory gives everybody else their turn, however long nothing is found', async () => {
  const file = Buffer.alloc(4 * 1024 * 1024, '\n');
  const source = {
    size: file.length,
    read: async (offset: number, length: number) => file.subarray(offset, offset + length),
  };
  let isOver = false;
  const look = previewFile(source, { format: 'csv', maxUnpacked: file.length }, false)
    .catch(() => {})
    .finally(() => {
      isOver = true;
    });
  let turns = 0;
  for (; !isOver; turns++) await nextTurn();
  await look;
  assert.ok(turns > 4, `${turns} turns for 16 pieces`);
});
