/** The wire schemas of keys. */
import Type from 'typebox';
import { MAX_KEY_NAME, SCOPES } from '../core/keys.ts';
import { codes, date, exactly, id, KEY_ID } from './schema-parts.ts';

const dateOrNull = (description: string, example: string | null) =>
  Type.Unsafe<string | null>({ ...date(description), type: ['string', 'null'], examples: [example] });

const name = { minLength: 1, maxLength: MAX_KEY_NAME, examples: ['nightly job'] };
const scope = { type: 'string', examples: ['read'] };

const members = {
  id: id('Given by the server; ids sort by creation', KEY_ID),
  name: Type.String({ ...name, description: 'What the key is for' }),
  prefix: Type.String({ description: 'How its secret begins, to recognise it by', examples: ['muster_Ab3xY'] }),
  scope: Type.Enum([...SCOPES], { ...scope, description: '`write` may do everything, `read` only look' }),
  create_date: date('When the key was made'),
  last_use_date: dateOrNull('When it was last used, to the minute; `null` when it never was', '2026-03-01 13:00:00'),
  expire_date: dateOrNull('From when on it is refused; `null` is never', null),
};

export const KEY_EXAMPLE = {
  id: KEY_ID,
  name: 'nightly job',
  prefix: 'muster_Ab3xY',
  scope: 'read',
  create_date: '2026-02-01 10:00:00',
  last_use_date: '2026-03-01 13:00:00',
  expire_date: null,
};

export const Key = exactly(members, 'An API key, without its secret', KEY_EXAMPLE);

export const CreatedKey = exactly(
  {
    ...members,
    secret: Type.String({
      description: 'What goes into `X-Dexatel-Key`. It is shown this once, and kept nowhere',
      examples: ['muster_Ab3xYw7QkP2nV9sT4uB8cD1eF6gH0iJ5'],
    }),
  },
  'A key that was just made, with its secret',
  { ...KEY_EXAMPLE, last_use_date: null, secret: 'muster_Ab3xYw7QkP2nV9sT4uB8cD1eF6gH0iJ5' },
);

export const KeyInput = Type.Object(
  {
    name: Type.String({ ...name, description: 'What the key is for', ...codes(9013) }),
    scope: Type.Enum([...SCOPES], { ...scope, description: 'What the key may do', ...codes(9013) }),
    expire_date: Type.Optional(
      Type.Unsafe<string | null>({
        ...dateOrNull(
          'From when on it is refused; absent it lives as long as the key that makes it, and never longer',
          '2027-01-31 00:00:00',
        ),
        ...codes(9013),
      }),
    ),
  },
  {
    description: 'A key to make',
    examples: [{ name: 'nightly job', scope: 'read', expire_date: '2027-01-31 00:00:00' }],
  },
);
