import { randomFillSync } from 'node:crypto';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** The id in lower case, or undefined when the text is no UUID. Upper case is accepted. */
export function readId(text: string): string | undefined {
  const id = text.toLowerCase();
  return UUID.test(id) ? id : undefined;
}

/** The id one step behind (or before) an id in the order of ids. */
export function neighbourId(id: string, step: 1n | -1n): string {
  const hex = BigInt.asUintN(128, BigInt(`0x${id.replaceAll('-', '')}`) + step)
    .toString(16)
    .padStart(32, '0');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

/** The lowest id that can be made at a moment, in milliseconds since the epoch. */
export function firstIdOf(ms: number): string {
  const time = ms.toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-0000-0000-000000000000`;
}

// Random bytes are drawn in blocks: a call of the generator for each id costs more than the id.
const random = Buffer.alloc(8192);
let used = random.length;

function takeRandom(count: number): Buffer {
  if (used + count > random.length) {
    randomFillSync(random);
    used = 0;
  }
  used += count;
  return random.subarray(used - count, used);
}

/**
 * A maker of UUIDv7 (RFC 9562, section 5.7) whose ids sort by their making, even within a millisecond and when the clock
 * steps back: the 12 bits after the time are a counter, and a full counter borrows the next millisecond.
 */
export function makeIdMaker(): (after?: string) => string {
  let lastMs = 0;
  let counter = 0;
  let last: string | undefined;
  return (after) => {
    // An id made elsewhere (before a restart, by another process) moves the maker past it.
    if (after !== undefined && after !== last) {
      const ms = Number.parseInt(after.slice(0, 8) + after.slice(9, 13), 16);
      const count = Number.parseInt(after.slice(15, 18), 16);
      if (ms > lastMs || (ms === lastMs && count > counter)) {
        lastMs = ms;
        counter = count;
      }
    }
    const now = Date.now();
    if (now > lastMs) {
      lastMs = now;
      counter = takeRandom(1)[0]!; // a random start below 256 leaves room to count up
    } else if (++counter > 0xfff) {
      lastMs++;
      counter = 0;
    }
    const time = lastMs.toString(16).padStart(12, '0');
    const tail = takeRandom(8);
    tail[0] = (tail[0]! & 0x3f) | 0x80;
    const rest = tail.toString('hex');
    last = `${time.slice(0, 8)}-${time.slice(8)}-7${counter.toString(16).padStart(3, '0')}-${rest.slice(0, 4)}-${rest.slice(4)}`;
    return last;
  };
}

/** Makes an id that sorts after every other made in this process. */
export const makeId = makeIdMaker();
