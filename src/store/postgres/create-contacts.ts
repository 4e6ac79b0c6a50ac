import { type Contact, writeDocument } from '../../core/contact-document.ts';
import { type ContactInput, fillContact } from '../../core/contact-fields.ts';
import { formatDate } from '../../core/dates.ts';
import { failure, MusterError, type Problem, problem } from '../../core/errors.ts';
import type { Store } from '../../core/store.ts';
import { type Database, type Query, surely } from './database.ts';
import { counting, finding, fromLines, IS_KNOWN, NEXT_PLACE, tagging, toLines } from './fragments.ts';
import type { Write } from './idempotency.ts';
import { idOrNobody, NOBODY, randomTail } from './ids.ts';
import { foundBy } from './postings.ts';
import { OthersWereFaster } from './write-contacts.ts';

/** Statements under way for one audience; creates that come meanwhile go together with the next one, up to so many. */
const UNDER_WAY = 2;
const MOST_TOGETHER = 250;
/** Creates that may wait; one more is told to come again. */
const MOST_WAITING = 20_000;
/** Times a number is looked for that somebody takes or lets go of at the very moment. */
const ATTEMPTS = 20;

interface Given {
  tail: string;
  number: string;
  found_by: string;
  /** What follows the id in its document. */
  rest: string;
}

interface Waiting extends Given {
  attempts: number;
  resolve(document: string): void;
  reject(error: unknown): void;
}

interface Lane {
  place: [audienceId: string, accountId: string];
  underWay: number;
  waiting: Waiting[];
}

/**
 * Creates single contacts: one statement when there is little to do, and when there is much what waits shares the next one, its
 * commit and its disk.
 */
export function makeCreate({ query }: Database, write: Write): Store['contacts']['create'] {
  const lanes = new Map<string, Lane>();
  let waiting = 0;

  function enqueue(lane: Lane, each: Waiting): void {
    waiting++;
    lane.waiting.push(each);
    lanes.set(lane.place.join(), lane);
    if (lane.underWay < UNDER_WAY) void run(lane);
  }

  async function run(lane: Lane): Promise<void> {
    lane.underWay++;
    while (lane.waiting.length > 0) {
      const group = lane.waiting.splice(0, MOST_TOGETHER);
      waiting -= group.length;
      await createGroup(lane, group);
    }
    lane.underWay--;
    if (lane.underWay === 0 && lane.waiting.length === 0) lanes.delete(lane.place.join());
  }

  async function createGroup(lane: Lane, group: Waiting[]): Promise<void> {
    // In the order of numbers, as everybody: of two that insert the same numbers one waits, and not both for each other.
    group.sort((one, other) => (one.number < other.number ? -1 : 1));
    try {
      await surely(async (isAgain) => {
        const rows = await createAll(query, lane.place, group);
        for (const [index, each] of group.entries()) settle(lane, each, rows[index]!, isAgain);
      });
    } catch (error) {
      if (error instanceof MusterError) {
        // What waited behind it is not tried: it would wait for the database as long as this just did.
        const behind = lane.waiting.splice(0);
        waiting -= behind.length;
        for (const { reject } of group) reject(error);
        for (const { reject } of behind) reject(failure(9503));
      } else if (group.length > 1) {
        // One that crashes must not take the others with it.
        for (const each of group) await createGroup(lane, [each]);
      } else {
        group[0]!.reject(error);
      }
    }
  }

  function settle(lane: Lane, each: Waiting, created: Created, isAgain: boolean): void {
    const { is_known, made, document } = created;
    const id = idOf(created);
    if (!is_known) {
      each.reject(failure(1301));
    } else if (id === null) {
      // A contact with the number was made, or let go of, at this very moment.
      if (++each.attempts < ATTEMPTS) enqueue(lane, each);
      else each.reject(failure(9503));
    } else if ((made !== null || isAgain) && isOwn(id, each)) {
      each.resolve((made ?? document)!);
    } else {
      each.reject(new MusterError([conflictWith(id)]));
    }
  }

  return async (accountId, audienceId, input, terms) => {
    if (waiting >= MOST_WAITING) throw failure(9503);
    const place: Lane['place'] = [idOrNobody(audienceId), idOrNobody(accountId)];
    const contact = given(input);
    // What keeps its outcome is a transaction of its own.
    if (terms !== undefined) return write(terms, (within) => createOne(within, place, contact));
    return new Promise((resolve, reject) => {
      const lane = lanes.get(place.join()) ?? { place, underWay: 0, waiting: [] };
      enqueue(lane, { ...contact, attempts: 0, resolve, reject });
    });
  };
}

/** A contact as the statement takes it. */
function given(input: ContactInput): Given {
  const now = formatDate();
  const contact: Contact = { id: NOBODY, ...fillContact(input), create_date: now, update_date: now };
  const rest = writeDocument(contact).slice(IN_DOCUMENT + NOBODY.length);
  return { tail: randomTail(), number: contact.number, found_by: foundBy(contact), rest };
}

function createAll(query: Query, place: Lane['place'], contacts: Given[]): Promise<Created[]> {
  const values = [
    ...place,
    toLines(contacts, ({ tail }) => tail),
    toLines(contacts, ({ number }) => number),
    toLines(contacts, ({ found_by }) => found_by),
    toLines(contacts, ({ rest }) => rest),
  ];
  return query<Created>(CREATE, values);
}

/** Creates a contact inside a transaction; its document. Raises 1301, 1360. */
async function createOne(query: Query, place: Lane['place'], contact: Given): Promise<string> {
  const [created] = await createAll(query, place, [contact]);
  const id = idOf(created!);
  if (!created!.is_known) throw failure(1301);
  // Somebody made a contact with the number, or let go of one, at this very moment.
  if (id === null) throw new OthersWereFaster();
  if (created!.made === null) throw new MusterError([conflictWith(id)]);
  return created!.made;
}

/** The contact that has the number now; null when that cannot be said. */
function idOf({ made, holder }: Created): string | null {
  return made === null ? holder : made.slice(IN_DOCUMENT, IN_DOCUMENT + NOBODY.length);
}

/** Where the id stands in a document. */
const IN_DOCUMENT = '{"id":"'.length;

/** Of the random bits of an id nobody else has the same. */
function isOwn(id: string, { tail }: Given): boolean {
  return id.replaceAll('-', '').endsWith(tail);
}

export function conflictWith(contactId: string): Problem {
  return { ...problem(1360), contact_id: contactId };
}

interface Created {
  is_known: boolean;
  /** The document of the contact that was made with the number. */
  made: string | null;
  /** The contact that had the number before. */
  holder: string | null;
  document: string | null;
}

const CREATE = `
  WITH start AS MATERIALIZED (
    SELECT ${NEXT_PLACE} AS place WHERE ${IS_KNOWN}
  ), minted AS MATERIALIZED (
    SELECT muster_id(start.place + given.place, given.tail) AS id, given.number, given.found_by, given.rest
    FROM start,
      unnest(${fromLines(3, 'text')}, ${fromLines(4, 'text')}, ${fromLines(5, 'text')}, ${fromLines(6, 'text')})
        WITH ORDINALITY AS given (tail, number, found_by, rest, place)
  ), made AS (
    INSERT INTO contacts (audience_id, id, number, document, found_by)
    SELECT $1, id, number, '{"id":"' || id || rest, found_by FROM minted
    ON CONFLICT (audience_id, number) DO NOTHING
    RETURNING id, number, document, found_by
  ), ${finding('made')}, ${tagging('made')}, ${counting('SELECT count(*) FROM made HAVING count(*) > 0')}
  SELECT ${IS_KNOWN} AS is_known, made.document AS made, holder.id AS holder, holder.document
  FROM unnest(${fromLines(4, 'text')}) WITH ORDINALITY AS given (number, place)
  LEFT JOIN made ON made.number = given.number
  LEFT JOIN contacts AS holder ON holder.audience_id = $1 AND holder.number = given.number
  ORDER BY given.place`;
