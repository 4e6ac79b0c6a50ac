/** What the wire schemas are put together from, and the made-up account their examples tell of. */
import Type, { type TProperties, type TSchema } from 'typebox';
import type { ErrorCode } from '../core/errors.ts';

/** The codes of the rules a member can break: said in the schema, so that descriptions can tell them. */
export const codes = (...list: ErrorCode[]) => ({ 'x-error-codes': list });

/** An answer's object: these members and no others. */
export function exactly<Members extends TProperties>(members: Members, description: string, example?: unknown) {
  const examples = example === undefined ? {} : { examples: [example] };
  return Type.Object(members, { additionalProperties: false, description, ...examples });
}

/** One resource as it travels. */
export const wrapped = <Data extends TSchema & { examples?: unknown[] }>(data: Data) =>
  Type.Object({ data }, { additionalProperties: false, examples: [{ data: data.examples?.[0] }] });

/** A list that is short enough to travel whole. */
export const everyOf = <Item extends TSchema & { examples?: unknown[] }>(item: Item) =>
  Type.Object({ data: Type.Array(item) }, { additionalProperties: false, examples: [{ data: [item.examples?.[0]] }] });

// A made-up account on one day in spring: what the examples tell of.
export const HOST = 'https://contacts.example.com';
export const ACCOUNT_ID = '019bb13c-a3e0-7000-8f3a-5c1d2e4b6a70';
export const AUDIENCE_ID = '019c1da2-bb50-7000-9b2c-3d4e5f607182';
export const CONTACT_ID = '019ca97b-f880-7000-a1b2-c3d4e5f60718';
export const OTHER_CONTACT_ID = '019ca97b-fc68-7000-b3c4-d5e6f7081929';
export const IMPORT_ID = '019ca980-1c40-7000-b5d6-e7f809182736';
export const KEY_ID = '019c18ff-2a80-7000-8d4e-5f6071829304';
export const ACCOUNT_URL = `${HOST}/v1/accounts/${ACCOUNT_ID}`;
export const AUDIENCE_URL = `${HOST}/v1/audiences/${AUDIENCE_ID}`;

export const id = (description: string, example: string) =>
  Type.String({
    format: 'uuid',
    pattern: '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$',
    description,
    examples: [example],
  });

export const date = (description: string) =>
  Type.String({
    pattern: '^\\d{4}-\\d{2}-\\d{2} \\d{2}:\\d{2}:\\d{2}$',
    description: `${description}. UTC, \`yyyy-MM-dd HH:mm:ss\``,
    examples: ['2026-03-01 13:00:00'],
  });

export const url = (description: string, example: string) =>
  Type.String({ format: 'uri', description, examples: [example] });

export const urlOrNull = (description: string, example: string | null) =>
  Type.Unsafe<string | null>({ type: ['string', 'null'], format: 'uri', description, examples: [example] });

export const count = (description: string, example: number) =>
  Type.Integer({ minimum: 0, description, examples: [example] });
