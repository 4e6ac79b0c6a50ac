/**
 * The contract suite: what every store must do, a file for each part in test/store/contract. It runs on all stores and
 * on the model that specifies them. Each test works in accounts of its own, so that a file's tests share one open store.
 */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { type Contact, readDocument } from '../../src/core/contact-document.ts';
import type { ContactChange, ContactDetails, ContactInput } from '../../src/core/contact-fields.ts';
import type { Audience, NewKey, Store } from '../../src/core/store.ts';
import { allContacts } from './contacts.ts';
import { ALL_STORES, type TestStore } from './stores.ts';

export const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
export const DATE = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/;

/** What a contact holds when only its number was given. */
export const EMPTY = { first_name: null, last_name: null, timestamp: null, date: null, tags: [] };
/** A contact with something in every field. */
export const FULL: ContactDetails = {
  number: '12025550150',
  first_name: 'Ana "A" \\ ü',
  last_name: 'Петросян',
  timestamp: 'soon\nafter',
  date: '2026-03-01',
  tags: ['vip', '東京'],
};

/** The store under test, with the calls that tests make most: on an audience, and with contacts instead of documents. */
export interface Under {
  readonly store: Store;
  reopen(): Promise<void>;
  openBeside(): Promise<Store>;
  heldContacts(): Promise<number>;
  create(audience: Audience, contact: ContactInput): Promise<Contact>;
  get(audience: Audience, id: string): Promise<Contact>;
  update(audience: Audience, id: string, change: ContactChange): Promise<Contact>;
  countOf(audience: Audience): Promise<number>;
  numbersOf(audience: Audience): Promise<string[]>;
}

/** Declares a part of the contract, for every store. */
export function describeStores(part: string, tests: (under: Under) => void): void {
  for (const kind of ALL_STORES) {
    describe(`${part} on ${kind.name}`, { skip: kind.skip }, () => {
      let opened: TestStore;
      before(async () => {
        opened = await kind.open();
      });
      after(() => opened.close());
      tests(handsOn(() => opened));
      test('the store is ready, and sound after all of this', async () => {
        await opened.store.ready();
        assert.deepEqual(await opened.store.check(), []);
      });
    });
  }
}

function handsOn(opened: () => TestStore): Under {
  const contacts = () => opened().store.contacts;
  return {
    get store() {
      return opened().store;
    },
    reopen: () => opened().reopen(),
    openBeside: () => opened().openBeside(),
    heldContacts: () => opened().heldContacts(),
    create: async (audience, contact) =>
      readDocument(await contacts().create(audience.account_id, audience.id, contact)),
    get: async (audience, id) => readDocument(await contacts().get(audience.account_id, audience.id, id)),
    update: async (audience, id, change) =>
      readDocument(await contacts().update(audience.account_id, audience.id, id, change)),
    countOf: async (audience) => (await opened().store.audiences.get(audience.account_id, audience.id)).contacts_count,
    numbersOf: async (audience) => (await allContacts(opened().store, audience)).map((contact) => contact.number),
  };
}

/** Asserts that two values hold the same; a driver's rows may be made of objects without a prototype. */
export function same(actual: unknown, expected: unknown, message?: string): void {
  assert.deepEqual(structuredClone(actual), structuredClone(expected), message);
}

let secrets = 0;

/** A key to make, unlike every other. */
export function newKey(accountId: string, more: Partial<NewKey> = {}): NewKey {
  const hash = createHash('sha256').update(`secret ${++secrets}`).digest();
  return {
    account_id: accountId,
    name: 'Key',
    prefix: 'muster_abcde',
    scope: 'write',
    expire_date: null,
    hash,
    ...more,
  };
}

/** What was said of a contact, without what the store gave it. */
export function details({ number, first_name, last_name, timestamp, date, tags }: Contact): ContactDetails {
  return { number, first_name, last_name, timestamp, date, tags };
}
