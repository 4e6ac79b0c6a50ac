import { randomFillSync } from 'node:crypto';
import { readId } from '../../core/ids.ts';

/**
 * Contacts and audiences get their ids from the database's clock, the one that several processes have in common, each behind
 * the last there is: `muster_place` says where, and this makes ids of places, as `muster_id` does in the database.
 */
export function idAt(place: bigint, tail: string = randomTail()): string {
  const hex = place.toString(16).padStart(15, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-7${hex.slice(12)}-${tail.slice(0, 4)}-${tail.slice(4)}`;
}

const random = Buffer.alloc(8192);
let used = random.length;

/** Variant and random bits of an id, in hexadecimal. */
export function randomTail(): string {
  if (used === random.length) {
    randomFillSync(random);
    used = 0;
  }
  const tail = random.subarray(used, used + 8);
  used += 8;
  tail[0] = (tail[0]! & 0x3f) | 0x80;
  return tail.toString('hex');
}

/** The id as the database takes it; what is no id at all names nothing. */
export function idOrNobody(text: string): string {
  return readId(text) ?? NOBODY;
}

/** Ids that sort behind and before every other. */
export const EVER_AFTER = 'ffffffff-ffff-ffff-ffff-ffffffffffff';
export const EVER_BEFORE = '00000000-0000-0000-0000-000000000000';
/** An id that nothing has. */
export const NOBODY = EVER_BEFORE;
