/** What store tests say again and again. */
import assert from 'node:assert/strict';
import { type Contact, readDocument } from '../../src/core/contact-document.ts';
import { formatDate } from '../../src/core/dates.ts';
import { type ErrorCode, MusterError, type Problem } from '../../src/core/errors.ts';
import type { Audience, ContactPage, Slice, Store } from '../../src/core/store.ts';

/** A UUID that nothing has. */
export const NOBODY = '00000000-0000-7000-8000-000000000000';

let names = 0;

/** An account and an audience of its own. */
export async function makeAudience(store: Store, name = `Audience ${++names}`): Promise<Audience> {
  const { id } = await store.accounts.create('Owner');
  return store.audiences.create(id, { name, channel: 'SMS', contacts: [] });
}

/** The nth of the tests' numbers: all of one length. */
export function numberOf(n: number): string {
  return String(12025550000 + n);
}

export const FROM_START: Slice = { direction: 'after', size: 1000 };

/** The contacts of a page. */
export function contactsOf({ documents }: Pick<ContactPage, 'documents'>): Contact[] {
  const listed: object[] = JSON.parse(`[${Buffer.from(documents)}]`);
  return listed.map((each) => {
    const { account_id, audience_id, ...contact } = readDocument(JSON.stringify(each)) as Contact &
      Record<string, unknown>;
    return contact as Contact;
  });
}

/** A page with its contacts instead of their bytes. */
export function shownPage({
  documents,
  ...page
}: ContactPage): Omit<ContactPage, 'documents'> & { contacts: Contact[] } {
  return { ...page, contacts: contactsOf({ documents }) };
}

/** All contacts of an audience that match, in order, read in pages of the largest size. */
export async function allContacts(store: Store, audience: Audience, needles: string[] = []): Promise<Contact[]> {
  const contacts: Contact[] = [];
  for (let position: string | undefined, hasNext = true; hasNext; position = contacts.at(-1)?.id) {
    const query = { ...FROM_START, position, needles, count: false };
    const page = await store.contacts.page(audience.account_id, audience.id, query);
    contacts.push(...contactsOf(page));
    hasNext = page.hasNext;
  }
  return contacts;
}

/** Asserts that an operation raises this one code; its problem. */
export async function raises(code: ErrorCode, operation: Promise<unknown>): Promise<Problem> {
  const error = await operation.then(
    (value) => assert.fail(`answered ${JSON.stringify(value)} instead of raising ${code}`),
    (error) => error,
  );
  if (!(error instanceof MusterError)) throw error;
  assert.deepEqual(
    error.problems.map((problem) => problem.code),
    [code],
  );
  return error.problems[0]!;
}

/** Waits until the dates that are given have changed since now. */
export async function nextSecond(): Promise<void> {
  const now = formatDate();
  await until(async () => formatDate() > now);
}

/** Waits for something that happens by itself; what never happens fails after half a minute, or as many milliseconds as are given. */
export async function until(isSo: () => Promise<boolean>, patience = 30_000): Promise<void> {
  const deadline = Date.now() + patience;
  while (!(await isSo())) {
    assert.ok(Date.now() < deadline, 'what was waited for did not happen');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
