/**
 * A server's store under many concurrent writes, until somebody kills it. Each writer says on standard output what it is
 * about to do, and that it was acknowledged, a line of JSON each. Every writer has contacts of its own and does one thing
 * at a time, so that whoever reads along knows what each contact must be: see crash.test.ts.
 */
import { writeSync } from 'node:fs';
import { documentId } from '../../src/core/contact-document.ts';
import type { ContactInput } from '../../src/core/contact-fields.ts';
import { openSqliteStore } from '../../src/store/sqlite/index.ts';
import { contactsOf, numberOf } from './contacts.ts';

/** What a writer does to contacts (`numbers` then have this tag and name, or are gone) or to an audience of its own. */
export type Step = { writer: number } & (
  | { kind: 'write'; audience: string; numbers: string[]; tag: string; name: string }
  | { kind: 'remove'; audience: string; numbers: string[] }
  | { kind: 'add audience'; audience: string; count: number }
  | { kind: 'drop audience'; audience: string }
);
/** A line of output. `ids` are those of the contacts written, in the order of `numbers`. */
export type Line = { begins: Step } | { acknowledged: number; ids?: string[] };

/** What the contacts' names are drawn from, so that searches have something to find. */
export const NAMES = ['Anahit', 'Borislav', 'Cölestine', 'Дарья'];

const WRITERS_EACH = 8;
const MOST_ROWS = 40;

async function main([directory, account, audienceIds, firstNumber]: string[]): Promise<void> {
  const store = openSqliteStore({ directory: directory!, role: 'server' });
  let number = Number(firstNumber);
  let writers = 0;
  let tags = 0;

  async function writeContacts(audience: string, writer: number): Promise<void> {
    /** Numbers and ids of the writer's contacts. */
    const own = new Map<string, string>();
    const isOwn = (each: string) => Number(each) % WRITERS_EACH === writer % WRITERS_EACH;
    const query = { direction: 'after' as const, size: 1000, needles: [], count: false };
    for (const contact of contactsOf(await store.contacts.page(account!, audience, query))) {
      if (isOwn(contact.number)) own.set(contact.number, contact.id);
    }
    const newNumber = (): string => {
      do number++;
      while (!isOwn(numberOf(number)));
      return numberOf(number);
    };

    for (;;) {
      const [taken] = pick([...own]) ?? [];
      const name = pick(NAMES)!;
      const tag = `${process.pid}.${writer}.${++tags}`;
      const contact = { first_name: name, timestamp: tag };
      const chance = Math.random();
      if (chance < 0.4 || taken === undefined) {
        const numbers = [newNumber()];
        say({ begins: { writer, kind: 'write', audience, numbers, tag, name } });
        const id = documentId(await store.contacts.create(account!, audience, { number: numbers[0]!, ...contact }));
        say({ acknowledged: writer, ids: [id] });
        own.set(numbers[0]!, id);
      } else if (chance < 0.6) {
        say({ begins: { writer, kind: 'write', audience, numbers: [taken], tag, name } });
        await store.contacts.update(account!, audience, own.get(taken)!, contact);
        say({ acknowledged: writer, ids: [own.get(taken)!] });
      } else if (chance < 0.8) {
        say({ begins: { writer, kind: 'remove', audience, numbers: [taken] } });
        await store.contacts.delete(account!, audience, own.get(taken)!);
        say({ acknowledged: writer });
        own.delete(taken);
      } else {
        const some = [...own.keys()].filter(() => Math.random() < 0.2).slice(0, MOST_ROWS / 2);
        const fresh = Array.from({ length: Math.ceil(Math.random() * (MOST_ROWS / 2)) }, newNumber);
        const numbers = [...some, ...fresh];
        say({ begins: { writer, kind: 'write', audience, numbers, tag, name } });
        const rows = numbers.map((each): ContactInput => ({ number: each, ...contact }));
        const fates = await store.contacts.upsert(account!, audience, rows, 'update');
        const ids = fates.map((fate) => (fate.status === 'refused' ? fate.problem.message : fate.id));
        say({ acknowledged: writer, ids });
        for (const [index, each] of numbers.entries()) own.set(each, ids[index]!);
      }
    }
  }

  async function writeAudiences(writer: number): Promise<void> {
    for (;;) {
      const name = `Passing ${process.pid} ${++tags}`;
      const contacts = Array.from({ length: 1 + (tags % 300) }, (_, n) => ({
        number: numberOf(n),
        first_name: 'Guest',
      }));
      say({ begins: { writer, kind: 'add audience', audience: name, count: contacts.length } });
      const { id } = await store.audiences.create(account!, { name, channel: 'SMS', contacts });
      say({ acknowledged: writer });
      // Some stay.
      if (Math.random() < 0.1) continue;
      say({ begins: { writer, kind: 'drop audience', audience: name } });
      await store.audiences.delete(account!, id);
      say({ acknowledged: writer });
    }
  }

  const writing = audienceIds!
    .split(',')
    .flatMap((audience) => Array.from({ length: WRITERS_EACH }, () => writeContacts(audience, writers++)));
  await Promise.all([...writing, writeAudiences(writers++)]);
}

/** Written before this returns: what is said is known, even if the next thing to happen is the end. */
function say(line: Line): void {
  let bytes = Buffer.from(`${JSON.stringify(line)}\n`);
  while (bytes.length > 0) {
    try {
      bytes = bytes.subarray(writeSync(1, bytes));
    } catch (error) {
      // The pipe is full: who reads it is behind.
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
    }
  }
}

function pick<T>(from: T[]): T | undefined {
  return from[Math.floor(Math.random() * from.length)];
}

if (import.meta.main) await main(process.argv.slice(2));
