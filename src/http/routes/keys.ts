import { createKey, listKeys, revokeKey } from '../../core/keys.ts';
import { type Context, dataOf, type Handler, readPath } from '../call.ts';
import { pageJson } from '../pagination.ts';

/** The handlers of the operations on an account's own keys. */
export function keyRoutes({ store }: Context) {
  const list: Handler = async ({ key, query, origin }) => {
    const { page_size, page_token } = query;
    const { items, walk } = await listKeys(store, key.account_id, { page_size, page_token });
    const json = Buffer.from(items.map((each) => JSON.stringify(each)).join(','));
    return { status: 200, json: pageJson(walk, json, `${origin}/v1/keys`, []) };
  };

  const create: Handler = async ({ key, body }) => {
    const made = await createKey(store, key, dataOf(body));
    return { status: 201, json: JSON.stringify({ data: made }) };
  };

  const revoke: Handler = async (call) => {
    await revokeKey(store, call.key, readPath(call).key_id);
    return { status: 204, json: undefined };
  };

  return { listKeys: list, createKey: create, revokeKey: revoke };
}
