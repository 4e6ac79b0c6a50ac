import { randomBytes } from 'node:crypto';
import { readId } from '../../core/ids.ts';

/**
 * Contacts and audiences get their ids from the database's clock, the one that several processes have in common, each behind
 * the last there is: `muster_place` says where, and this makes ids of places, as `muster_id` does in the database.
 */
export function idAt(place: bigint, tail: string = randomTail()): string {
  const hex = place.toString(16).padStart(15, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-7${hex.slice(12)}-${tail.slice(0, 4)}-${tail.slice(4)}`;
}

const RANDOM_BYTES = 8192;
const TAIL = 16;
let random = '';
let used = 0;

/** Variant and random bits of an id, in hexadecimal. */
export function randomTail(): string {
  if (used === random.length) {
    random = randomBytes(RANDOM_BYTES).toString('hex');
    used = 0;
  }
  const variant = '89ab'[Number.parseInt(random[used]!, 16) % 4]!;
  const tail = variant + random.slice(used + 1, used + TAIL);
  used += TAIL;
  return tail;
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
